# SPDX-License-Identifier: Apache-2.0
"""Faults of a workstation, made one by one: the right check names each of them, and no other check does."""
import contextlib
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import unittest

from agent_client import BUILD, PORTS, PROGRAMS, ROOT, Agent, Contract, _check
from softhsm import module_path

CHECKS = {check["id"]: check for check in json.loads((ROOT / "proto/health/checks.json").read_text(encoding="utf-8"))["checks"]}
FAKES = BUILD / "tests/fakes/modules"
# Runs a command where nobody else listens: a network of its own, with the loopback interface up.
ALONE = """
import fcntl, os, socket, struct, subprocess, sys
with socket.socket() as s:
    fcntl.ioctl(s, 0x8914, struct.pack("16sh", b"lo", 0x49))
held = []
def hold(port, host="127.0.0.1", family=socket.AF_INET):
    s = socket.socket(family)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind((host, port))
    s.listen()
    held.append(s)
exec(sys.argv[1])
sys.exit(subprocess.run(sys.argv[2:], check=False).returncode)
"""


def alone(setup, command):
    return ["unshare", "--net", sys.executable, "-c", ALONE, setup, *map(str, command)]


def qc_statements():
    """What makes a Turkish certificate a qualified one."""
    def oid(text):
        parts = [int(part) for part in text.split(".")]
        body = b""
        for part in [parts[0] * 40 + parts[1], *parts[2:]]:
            septets = [part & 0x7f]
            while part := part >> 7:
                septets.append(part & 0x7f | 0x80)
            body += bytes(reversed(septets))
        return b"\x06" + bytes([len(body)]) + body

    def sequence(content):
        return b"\x30" + bytes([len(content)]) + content

    return sequence(b"".join(sequence(oid(text)) for text in ("0.4.0.1862.1.1", "2.16.792.1.61.0.1.5070.1.1"))).hex()


class Workstation:
    """An agent's settings and folders, and a system folder that holds no browser and no reader; use as a context manager."""

    def __init__(self, **options):
        self.agent = Agent(**options)
        self.program = BUILD / "agent/imza-agent"
        self.root = self.agent.folder / "root"
        (self.root / "sys/bus/usb/devices").mkdir(parents=True)
        (self.root / "usr/sbin").mkdir(parents=True)
        self.touch("usr/sbin/pcscd", mode=0o755)
        self.env = {"PCSCLITE_CSOCK_NAME": str(self.agent.folder / "nobody"), "DISPLAY": ":0"}
        self.setup = ""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.agent.close()

    def touch(self, path, text="", mode=0o644):
        path = self.root / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(mode)

    def command(self, *arguments):
        self.agent.configure()
        command = [self.program, "--config", self.agent.config_path, "doctor", "--root", self.root, *arguments]
        env = {**{k: v for k, v in self.agent.environment().items() if not k.startswith("SSH_")}, **self.env}
        return subprocess.run(alone(self.setup, command), capture_output=True, text=True, timeout=90, check=False,
                              env={k: v for k, v in env.items() if v is not None})

    def doctor(self, *arguments):
        """The result of a run."""
        done = self.command("--json", *arguments)
        assert done.stdout, done.stderr
        result = json.loads(done.stdout)
        assert done.returncode == ["ok", "warning", "failed"].index(result["status"]), (done.returncode, result["status"])
        return result

    def statuses(self, *arguments):
        return {check["id"]: check["status"] for check in self.doctor(*arguments)["checks"]}

    def bad(self, *arguments):
        return {id: status for id, status in self.statuses(*arguments).items() if status in ("warning", "failed")}


def healthy():
    return Workstation(allowed=())


@unittest.skipUnless(os.geteuid() == 0, "needs a network of its own")
class HealthCase(unittest.TestCase):
    maxDiff = None
    # What is so on the machine that runs the tests, whatever the workstation: its clock, and nothing but a software token.
    USUAL = {"pcsc_service": "warning", "agent_running": "warning"}

    def assert_bad(self, workstation, expected, *arguments, without=()):
        found = workstation.bad(*arguments)
        found.pop("clock_synchronised", None)
        self.assertEqual(found, {**{k: v for k, v in self.USUAL.items() if k not in without}, **expected})


class Run(HealthCase):
    def test_a_healthy_workstation(self):
        with healthy() as w:
            self.assert_bad(w, {})
            result = w.doctor()
            self.assertGreaterEqual(sum(check["status"] == "ok" for check in result["checks"]), 30)

    def test_every_check_is_told_once_as_the_contract_says(self):
        with healthy() as w:
            for arguments in ((), ("--deep",)):
                result = w.doctor(*arguments)
                _check(Contract.methods["reader.health"]["result"], result)
                self.assertEqual([check["id"] for check in result["checks"]], list(CHECKS))
                for check in result["checks"]:
                    self.assertEqual("remedy" in check, check["status"] in ("warning", "failed"), check)
                    self.assertTrue(check["measured"] or check["status"] == "skipped", check)

    def test_a_run_takes_no_second_and_logs_in_nowhere(self):
        with healthy() as w:
            checks = {check["id"]: check for check in w.doctor("--deep")["checks"]}
            self.assertEqual(checks["signing_way"]["status"], "ok")
            self.assertLess(int(re.search(r"(\d+) ms", checks["signing_way"]["measured"])[1]), 1000)
            self.assertEqual(checks["pin_tries"]["status"], "ok")

    def test_nothing_personal_is_told(self):
        with healthy() as w:
            folder = w.agent.folder / "bundle"
            done = w.command("--deep", "--bundle", folder, "--metrics", w.agent.folder / "m.prom")
            texts = [done.stdout, (w.agent.folder / "m.prom").read_text(encoding="utf-8")]
            texts += [path.read_text(encoding="utf-8") for path in folder.iterdir()]
            for text in texts:
                for word in ("10000000146", "Çağla", "Öğüt", "123456"):
                    self.assertNotIn(word, text)

    def test_turkish_and_english(self):
        with healthy() as w:
            self.assertIn("Bir kart ya da belirteç takılı.", w.command().stdout)
            w.agent.settings = w.agent.settings.replace("language = tr", "language = en")
            self.assertIn("A card or token is in.", w.command().stdout)


class Module(HealthCase):
    """The same card driver, broken in one way at a time."""

    # The fake's certificate is no qualified one.
    USUAL = {**HealthCase.USUAL, "certificate_qualified": "warning"}

    @contextlib.contextmanager
    def station(self, name="mod_ok", **settings):
        with Workstation(modules=[], token=False, allowed=()) as w:
            self.module = w.agent.folder / "libkart.so"
            shutil.copy(FAKES / f"{name}.so", self.module)
            self.module.chmod(0o644)
            pathlib.Path(f"{self.module}.settings").write_text("".join(f"{k}={v}\n" for k, v in settings.items()), encoding="utf-8")
            w.agent.settings += f"module = {self.module}\n"
            yield w

    # Without any token the software one no longer excuses that the service is stopped.
    NO_TOKEN = {"pcsc_service": "failed"}

    def broken(self, w, check, *arguments, status="failed"):
        self.assert_bad(w, {**self.NO_TOKEN, check: status}, *arguments, without=["certificate_qualified"])

    def test_a_good_one(self):
        with self.station() as w:
            self.assert_bad(w, {})

    def test_without_a_setting_what_is_installed_is_taken(self):
        with Workstation(modules=[], token=False, allowed=()) as w:
            check = next(check for check in w.doctor()["checks"] if check["id"] == "module_configured")
            self.assertEqual(check["status"], "failed" if check["measured"] == "0 modules" else "ok")

    def test_missing(self):
        with self.station() as w:
            self.module.unlink()
            self.broken(w, "module_present")

    def test_writable_by_others(self):
        with self.station() as w:
            self.module.chmod(0o666)
            self.broken(w, "module_trusted")

    def test_of_another_machine(self):
        with self.station() as w:
            content = bytearray(self.module.read_bytes())
            content[18:20] = (8).to_bytes(2, sys.byteorder)     # EM_MIPS
            self.module.write_bytes(content)
            self.broken(w, "module_architecture")

    def test_of_32_bit(self):
        with self.station() as w:
            content = bytearray(self.module.read_bytes())
            content[4] = 1
            self.module.write_bytes(content)
            self.broken(w, "module_architecture")

    def test_no_library_at_all(self):
        with self.station() as w:
            self.module.write_text("setup.exe", encoding="utf-8")
            self.broken(w, "module_architecture")

    def test_a_library_that_is_no_driver(self):
        with self.station() as w:
            source = w.agent.folder / "empty.c"
            source.write_text("int nothing;\n", encoding="utf-8")
            subprocess.run(["cc", "-shared", "-fPIC", "-o", self.module, source], check=True)
            self.module.chmod(0o644)
            self.broken(w, "module_loads")

    def test_crashing_at_its_start(self):
        with self.station("mod_crash", MOD_CALL="C_Initialize") as w:
            self.broken(w, "module_stable")

    def test_crashing_when_asked(self):
        with self.station("mod_crash", MOD_CALL="C_GetSlotList") as w:
            self.broken(w, "module_stable")

    def test_hanging(self):
        with self.station("mod_hang", MOD_CALL="C_GetSlotList") as w:
            self.broken(w, "module_answers")

    def test_answering_with_an_error(self):
        with self.station("mod_answers", MOD_CALL="C_GetSlotList", MOD_RV="0x30") as w:
            self.broken(w, "module_answers")

    def test_not_starting(self):
        with self.station("mod_answers", MOD_CALL="C_Initialize", MOD_RV="0x30") as w:
            self.broken(w, "module_starts")

    def test_refusing_arguments_is_no_fault(self):
        with self.station("mod_args_bad") as w:
            self.assert_bad(w, {})

    def test_an_old_copy_elsewhere(self):
        with self.station() as w:
            w.touch("usr/lib/akis/libkart.so", "an old one")
            self.assert_bad(w, {"module_versions": "warning"})

    def test_the_pin_locked(self):
        with self.station("mod_pin_locked") as w:
            self.assert_bad(w, {"pin_locked": "failed"})

    def test_the_puk_locked(self):
        with self.station("mod_pin_locked", MOD_TRIES=3, MOD_PUK_TRIES=0) as w:
            self.assert_bad(w, {"puk_locked": "warning"})
        with self.station("mod_pin_locked", MOD_TRIES=0, MOD_PUK_TRIES=0) as w:
            self.assert_bad(w, {"puk_locked": "failed"})

    def test_the_pin_not_set(self):
        for to_be_changed in (0, 1):
            with self.station("mod_pin_not_set", MOD_TO_BE_CHANGED=to_be_changed) as w:
                self.assert_bad(w, {"pin_set": "failed"})

    def test_few_tries_left(self):
        with self.station("mod_pin_locked", MOD_TRIES=2) as w:
            self.assert_bad(w, {"pin_tries": "warning"})

    def test_one_try_left(self):
        with self.station("mod_pin_locked", MOD_TRIES=1) as w:
            self.assert_bad(w, {"pin_tries": "warning"})

    def test_a_card_without_certificates(self):
        with self.station("mod_empty") as w:
            self.assert_bad(w, {"certificate_present": "failed"}, without=["certificate_qualified"])

    def test_a_certificate_that_is_none(self):
        with self.station("mod_garbage_certificate") as w:
            self.assert_bad(w, {"certificate_readable": "warning"})

    def test_no_card(self):
        with self.station("mod_empty", MOD_BLANK=1) as w:
            self.assert_bad(w, self.NO_TOKEN, without=["certificate_qualified"])

    def test_one_bad_module_beside_a_good_one(self):
        with self.station() as w:
            w.agent.settings += "module = /nonexistent/libakisp11.so\n"
            self.assert_bad(w, {"module_present": "failed"})

    def test_a_login_is_never_tried(self):
        """mod_pin_locked ends its process when C_Login is called; a keypad would ask by itself."""
        with self.station("mod_pin_locked", MOD_TRIES=3) as w:
            statuses = w.statuses("--deep")
            self.assertEqual((statuses["signing_way"], statuses["module_stable"]), ("ok", "ok"))
        with self.station("mod_keypad") as w:
            self.assertEqual(w.statuses("--deep")["signing_way"], "skipped")


@unittest.skipUnless(module_path(), "needs SoftHSM")
class Certificate(HealthCase):
    """A token with the one certificate that a fault needs."""

    def station(self, keep):
        w = Workstation(allowed=(), extras=True)
        self.addCleanup(w.agent.close)
        for number in ("01", "02", "03", "04", "05"):
            if number not in keep:
                for kind in ("cert", "privkey", "pubkey"):
                    with contextlib.suppress(subprocess.CalledProcessError):
                        w.agent.token.tool("--delete-object", "--type", kind, "--id", number)
        return w

    def add(self, w, days, key_id, *extensions):
        token = w.agent.token
        key, pem, der = (token.folder / f"own.{end}" for end in ("key", "pem", "der"))
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", str(days),
                        "-utf8", "-subj", "/CN=Sınama Kişisi/serialNumber=12345678950", "-keyout", key, "-out", pem,
                        "-addext", "keyUsage=critical,digitalSignature,nonRepudiation", "-addext", "1.3.6.1.5.5.7.1.3=DER:" + qc_statements(),
                        *extensions], check=True, capture_output=True)
        subprocess.run(["openssl", "x509", "-in", pem, "-outform", "DER", "-out", der], check=True)
        identifier = ["--id", key_id] if key_id else []
        token.tool("--write-object", str(der), "--type", "cert", "--label", "own", *identifier)

    def test_expired(self):
        self.assert_bad(self.station(["03", "04"]), {"certificate_expired": "failed"})

    def test_not_yet_valid(self):
        self.assert_bad(self.station(["03", "05"]), {"certificate_started": "failed"})

    def test_of_the_wrong_kind(self):
        self.assert_bad(self.station(["03"]), {"certificate_kind": "failed"})

    def test_none(self):
        self.assert_bad(self.station([]), {"certificate_present": "failed"})

    def test_an_expired_one_beside_a_good_one_is_the_renewal(self):
        self.assert_bad(self.station(["02", "04"]), {"certificate_renewed": "warning"})

    def test_expiring(self):
        w = self.station([])
        self.add(w, 30, "0d")
        self.assert_bad(w, {"certificate_expiring": "warning"})

    def test_without_its_key(self):
        w = self.station([])
        self.add(w, 365, None)
        self.assert_bad(w, {"certificate_key": "failed"})

    def test_without_its_key_the_way_is_closed(self):
        w = self.station([])
        self.add(w, 365, None)
        self.assertEqual(w.statuses("--deep")["signing_way"], "failed")


class Service(HealthCase):
    def test_not_installed(self):
        with healthy() as w:
            (w.root / "usr/sbin/pcscd").unlink()
            self.assert_bad(w, {"pcsc_installed": "warning"}, without=["pcsc_service"])

    def test_a_socket_that_nobody_listens_on(self):
        with healthy() as w, socket.socket(socket.AF_UNIX) as dead:
            dead.bind(w.env["PCSCLITE_CSOCK_NAME"])
            self.assert_bad(w, {"pcsc_service": "failed"})

    def test_a_service_that_does_not_answer(self):
        with healthy() as w, socket.socket(socket.AF_UNIX) as silent:
            silent.bind(w.env["PCSCLITE_CSOCK_NAME"])
            silent.listen(8)
            self.assert_bad(w, {"pcsc_speed": "failed"}, without=["pcsc_service"])

    def test_a_remote_session(self):
        with healthy() as w:
            w.env["XRDP_SESSION"] = "1"
            self.assert_bad(w, {"session_local": "warning"})


class Program(HealthCase):
    def test_settings_with_an_error(self):
        with healthy() as w:
            w.agent.settings += "colour = blue\n"
            found = w.bad()
            self.assertEqual(found["settings"], "failed")

    def test_settings_that_others_can_write(self):
        with healthy() as w:
            w.agent.configure = lambda: (w.agent.config_path.write_text("", encoding="utf-8"), w.agent.config_path.chmod(0o666))
            self.assertEqual(w.bad()["settings"], "failed")

    def test_no_pinentry(self):
        with healthy() as w:
            (w.agent.folder / "pinentry").unlink()
            self.assert_bad(w, {"pinentry": "failed"})

    def test_a_pinentry_that_others_can_write(self):
        with healthy() as w:
            (w.agent.folder / "pinentry").chmod(0o777)
            self.assert_bad(w, {"pinentry": "failed"})

    def test_no_display(self):
        with healthy() as w:
            w.env["DISPLAY"] = None
            self.assert_bad(w, {"display": "warning"})

    def test_every_port_taken(self):
        with healthy() as w:
            w.setup = f"for port in range({PORTS.start}, {PORTS.stop}): hold(port)"
            self.assert_bad(w, {"agent_ports": "failed"})

    def test_some_ports_taken_is_no_fault(self):
        with healthy() as w:
            w.setup = "hold(15070); hold(15071)"
            self.assert_bad(w, {})

    def test_another_user_on_a_port(self):
        with healthy() as w:
            w.setup = ("import signal\nready, told = os.pipe()\nholder = os.fork()\nif holder == 0:\n os.setuid(65534); hold(15070); os.write(told, b'x'); signal.pause()\n"
                       "os.read(ready, 1); import atexit; atexit.register(os.kill, holder, signal.SIGKILL)")
            self.assert_bad(w, {"agent_other_user": "warning"})

    def agents(self, w, count):
        """So many agents before the doctor runs, in its network."""
        w.agent.configure()
        return (f"agents = [subprocess.Popen([{str(BUILD / 'agent/imza-agent')!r}, '--config', {str(w.agent.config_path)!r}], "
                f"stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) for _ in range({count})]\n[a.stdout.readline() for a in agents]\n"
                "import atexit; atexit.register(lambda: [(a.terminate(), a.wait()) for a in agents])")

    def test_a_running_agent_and_a_second_one(self):
        with healthy() as w:
            w.setup = self.agents(w, 1)
            self.assert_bad(w, {}, without=["agent_running"])
            w.setup = self.agents(w, 2)
            self.assert_bad(w, {"agent_single": "warning"}, without=["agent_running"])

    def test_a_state_folder_that_others_can_read(self):
        with healthy() as w:
            (w.agent.state / "imza-agent").mkdir(parents=True, mode=0o700)
            (w.agent.state / "imza-agent").chmod(0o755)
            self.assert_bad(w, {"state_folder": "warning"})

    def test_a_state_folder_that_is_none(self):
        with healthy() as w:
            w.agent.state.mkdir(exist_ok=True)
            (w.agent.state / "imza-agent").write_text("", encoding="utf-8")
            self.assert_bad(w, {"state_folder": "failed"})

    def test_a_damaged_store(self):
        with healthy() as w:
            (w.agent.state / "imza-agent").mkdir(parents=True, mode=0o700)
            (w.agent.state / "imza-agent/origins.json").write_text('{"https://a', encoding="utf-8")
            self.assert_bad(w, {"origins_store": "warning"})

    def test_no_runtime_folder(self):
        with healthy() as w, tempfile.TemporaryDirectory() as home:
            w.env.update(XDG_RUNTIME_DIR=None, HOME=home)
            self.assert_bad(w, {"runtime_folder": "warning"})

    def test_a_full_disk(self):
        with healthy() as w:
            subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m,mode=700", "tmpfs", w.agent.runtime], check=True)
            self.addCleanup(subprocess.run, ["umount", w.agent.runtime], check=True)
            self.assert_bad(w, {"disk_space": "failed"})
            subprocess.run(["umount", w.agent.runtime], check=True)
            subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m,mode=700", "tmpfs", w.agent.runtime], check=True)
            self.assert_bad(w, {"disk_space": "warning"})

    def test_a_proxy_without_exceptions(self):
        with healthy() as w:
            w.env.update(https_proxy="http://proxy.example:3128", no_proxy="localhost")
            self.assert_bad(w, {"proxy_loopback": "warning"})
            w.env.update(no_proxy="localhost,127.0.0.1")
            self.assert_bad(w, {})


class Reader(HealthCase):
    """USB as sysfs tells it."""

    def plug(self, w, name, power="on", vendor="072f"):
        for attribute, value in (("idVendor", vendor), ("idProduct", "9000"), ("power/control", power)):
            w.touch(f"sys/bus/usb/devices/{name}/{attribute}", value + "\n")

    def test_a_reader_that_may_be_suspended(self):
        with healthy() as w:
            self.plug(w, "1-1")
            self.assert_bad(w, {})
            self.plug(w, "1-1", power="auto")
            self.assert_bad(w, {"reader_power": "warning"})

    def test_another_device_is_none(self):
        with healthy() as w:
            self.plug(w, "1-1", power="auto", vendor="046d")
            self.assertEqual(w.statuses()["reader_power"], "skipped")
            w.touch("sys/bus/usb/devices/1-1:1.0/bInterfaceClass", "0b\n")
            self.assertEqual(w.statuses()["reader_power"], "warning")


class Browser(HealthCase):
    PORTAL = "https://portal.example:8443"

    def station(self, program):
        w = Workstation(allowed=(self.PORTAL,))
        self.addCleanup(w.agent.close)
        w.touch(program, mode=0o755)
        return w

    def test_chromium_and_its_relatives(self):
        for check, program, folder in (("browser_chrome", "opt/google/chrome/chrome", "etc/opt/chrome/policies/managed"),
                                       ("browser_chromium", "usr/bin/chromium", "etc/chromium/policies/managed"),
                                       ("browser_edge", "opt/microsoft/msedge/msedge", "etc/opt/edge/policies/managed")):
            with self.subTest(check=check):
                w = self.station(program)
                self.assert_bad(w, {check: "warning"})
                w.touch(f"{folder}/imza.json", json.dumps({"LoopbackNetworkAllowedForUrls": [self.PORTAL]}))
                self.assert_bad(w, {})
                w.touch(f"{folder}/zz.json", json.dumps({"LoopbackNetworkBlockedForUrls": ["*"]}))
                self.assert_bad(w, {check: "failed"})
                w.touch(f"{folder}/zz.json", json.dumps({"LoopbackNetworkAllowedForUrls": ["https://other.example"]}))
                self.assert_bad(w, {check: "warning"})
                w.touch(f"{folder}/zz.json", "{")
                self.assert_bad(w, {check: "warning"})

    def test_a_policy_that_is_behind_the_settings(self):
        w = self.station("opt/google/chrome/chrome")
        w.touch("etc/opt/chrome/policies/managed/imza-agent.json", json.dumps({"LoopbackNetworkAllowedForUrls": [self.PORTAL, "https://old.example"]}))
        self.assert_bad(w, {"browser_chrome": "warning"})
        w.touch("etc/opt/chrome/policies/managed/imza-agent.json", json.dumps({"LoopbackNetworkAllowedForUrls": [self.PORTAL]}))
        self.assert_bad(w, {})

    def test_firefox(self):
        w = self.station("usr/bin/firefox")
        self.assert_bad(w, {"browser_firefox": "warning"})
        w.touch("etc/firefox/policies/policies.json", json.dumps({"policies": {"LocalNetworkAccess": {"SkipDomains": ["portal.example"]}}}))
        self.assert_bad(w, {})

    def test_flatpak(self):
        w = self.station("var/lib/flatpak/app/org.mozilla.firefox/current")
        self.assert_bad(w, {"browser_sandboxed": "warning"})


class Files(HealthCase):
    def test_metrics_are_text_that_prometheus_reads(self):
        with healthy() as w:
            path = w.agent.folder / "imza.prom"
            w.command("--metrics", path)
            text = path.read_text(encoding="utf-8")
            self.assertTrue(text.endswith("# EOF\n"))
            self.assertEqual(path.stat().st_mode & 0o777, 0o644)
            typed = set()
            for line in text.splitlines()[:-1]:
                if line.startswith("# TYPE"):
                    typed.add(re.fullmatch(r"# TYPE (\w+) gauge", line)[1])
                elif not line.startswith("# HELP"):
                    name = re.fullmatch(r'([a-z_0-9]+)(\{[a-z]+="([^"\\\n]|\\.)*"\})? -?[0-9.e+]+', line)
                    self.assertIn(name and name[1], typed, line)
            self.assertRegex(text, r'imza_agent_check\{id="card_present"\} 0\n')
            self.assertRegex(text, r'imza_agent_certificate_not_after_seconds\{certificate="certificate [0-9a-f]{8}"\} \d{10}\n')

    def test_a_bundle(self):
        with healthy() as w:
            w.env["HOME"] = str(w.agent.folder)
            path = w.agent.folder / "report.tar"
            w.command("--bundle", path)
            listed = subprocess.run(["tar", "-tf", path], capture_output=True, text=True, check=True).stdout.split()
            self.assertEqual(listed, [f"imza-agent-report/{name}" for name in ("report.json", "system.txt", "settings.conf")])
            report = subprocess.run(["tar", "-xOf", path, listed[0]], capture_output=True, text=True, check=True).stdout
            _check(Contract.methods["reader.health"]["result"], json.loads(report))
            settings = subprocess.run(["tar", "-xOf", path, listed[2]], capture_output=True, text=True, check=True).stdout
            self.assertIn("pinentry = ~/pinentry", settings)
            self.assertNotIn(str(w.agent.folder), report + settings)

    def test_what_can_t_be_written_fails(self):
        with healthy() as w:
            for option in ("--bundle", "--metrics"):
                self.assertEqual(w.command(option, "/nonexistent/report.tar").returncode, 2)


class OverTheWire(unittest.TestCase):
    def test_a_page_asks_the_running_agent(self):
        with Agent() as agent:
            page = agent.page()
            for params in ({}, {"deep": True}):
                checks = {check["id"]: check for check in page.call("reader.health", **params)["checks"]}
                self.assertEqual(list(checks), list(CHECKS))
                self.assertEqual(checks["agent_running"]["status"], "ok")
                self.assertEqual(checks["agent_loopback"]["status"], "ok")
                self.assertEqual(checks["network_hosts"]["status"], "skipped")
                self.assertEqual(checks["signing_way"]["status"], "ok" if params else "skipped")

    def test_one_reader(self):
        with Agent() as agent:
            page = agent.page()
            reader = next(r for r in page.call("reader.list")["readers"] if r["kind"] == "software")
            checks = {check["id"]: check for check in page.call("reader.health", reader=reader["id"])["checks"]}
            self.assertEqual(checks["card_present"]["status"], "ok")
            self.assertEqual(page.refused("reader.health", reader="ACS ACR39U")["reason"], "not_found")

    def test_a_cancelled_run_and_a_page_that_leaves(self):
        with Agent() as agent:
            page = agent.page()
            for _ in range(5):
                request = page.send("reader.health", {"deep": True})
                page.send("operation.cancel", {"operation": request})
                page.receive()
                page.receive()
            page.send("reader.health", {"deep": True})
            page.close()
            agent.page().call("reader.health")
            self.assertIsNone(agent.process.poll(), agent.log())

    def test_a_stranger_may_not_ask(self):
        with Agent() as agent:
            self.assertEqual(agent.page("https://unknown.example").refused("reader.health")["reason"], "origin_denied")

    def test_an_agent_that_was_replaced_says_so(self):
        with tempfile.TemporaryDirectory() as folder:
            for name in PROGRAMS:
                shutil.copy(BUILD / "agent" / name, folder)
            agent = Agent(token=False, modules=[])
            self.addCleanup(agent.close)
            agent.program = pathlib.Path(folder) / "imza-agent"
            agent.start()
            page = agent.page()
            status = lambda: {c["id"]: c["status"] for c in page.call("reader.health")["checks"]}["agent_current"]
            self.assertEqual(status(), "ok")
            agent.program.unlink()
            self.assertEqual(status(), "warning")


if __name__ == "__main__":
    unittest.main()
