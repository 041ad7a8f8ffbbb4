# SPDX-License-Identifier: Apache-2.0
"""
The packages in a fresh Debian 12: install, log in, sign, upgrade, sign, remove, purge; each test goes on where the one before ended.  As root,
in a network namespace of its own (tests/run does that); IMZA_PACKAGES is the folder with the packages.
"""
import contextlib
import json
import os
import pathlib
import re
import shutil
import socket
import sys
import tempfile
import time
import unittest

import websocket

from repack import CONFIGURATION, POWER_CUT, repacked
from root import ROOT, System, prepared

sys.path.insert(0, str(ROOT / "tests/e2e"))
from agent_client import ORIGIN, Page   # noqa: E402  (only there once the path is)
import document_inputs   # noqa: E402
from judges import pdf_is_good   # noqa: E402
from softhsm import SoftHsm, module_path   # noqa: E402

PACKAGES = pathlib.Path(os.environ.get("IMZA_PACKAGES", ROOT / "build/deb"))


@contextlib.contextmanager
def as_user(uid):
    """Sockets that are made in here are this user's, as the agent sees it."""
    os.seteuid(uid)
    try:
        yield
    finally:
        os.seteuid(0)


class Installer(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.package = next(PACKAGES.glob("imza-agent_*.deb"))
        cls.system = cls.enterClassContext(System(prepared(cls.package)))
        cls.token = cls.enterClassContext(SoftHsm())
        cls.work = cls.enterClassContext(tempfile.TemporaryDirectory())
        cls.before = cls.system.files()

    # --- what a user does ---

    def log_in(self, user):
        """A desktop login of someone who has a token and a pinentry that answers."""
        system = self.system
        system.log_in(user)
        home = system / "home" / user
        shutil.copytree(self.token.folder, home / "token", dirs_exist_ok=True)
        (home / "token/softhsm2.conf").write_text(f"directories.tokendir = /home/{user}/token/tokens\n", encoding="utf-8")
        system.run("chown", "-R", f"{user}:{user}", f"/home/{user}/token")
        system.run("sh", "-c", r'printf "confirm ok\npin 123456\n" >"$XDG_RUNTIME_DIR/fake-pinentry"', user=user)
        system.systemctl(user, "set-environment", f"SOFTHSM2_CONF=/home/{user}/token/softhsm2.conf")

    def page(self, user, port, origin=ORIGIN):
        with as_user(self.system.uid(user)):
            page = Page(port, origin)
        self.addCleanup(page.close)
        return page

    def assert_signs(self, user, port):
        page = self.page(user, port)
        signed = page.call("sign.document", certificate=page.signer("rsa")["id"], format="pades", documents=[{
            "document": page.upload(document_inputs.small())}])["documents"][0]
        self.assertTrue(pdf_is_good(page.download(signed["document"]), self.token.folder / "chain.pem"))

    def agents_of(self, user):
        uid = self.system.uid(user)
        return {pid: path for pid, (owner, path) in self.system.processes().items() if owner == uid}

    def wait_for(self, question, seconds=10):
        for _ in range(seconds * 20):
            if question():
                return
            time.sleep(0.05)
        self.fail("it did not come about")

    def status(self):
        """What dpkg knows of the package: its state and version."""
        return self.system.run("dpkg-query", "-W", "-f", "${db:Status-Status} ${Version}", "imza-agent")

    def displays(self, user):
        """Of each agent of the user, its DISPLAY."""
        found = []
        for pid in self.agents_of(user):
            with contextlib.suppress(OSError):
                environment = pathlib.Path(self.system / f"proc/{pid}/environ").read_text(encoding="utf-8").split("\0")
                found += [line.partition("=")[2] for line in environment if line.startswith("DISPLAY=")]
        return found

    def autostart(self, user, **environment):
        """What an X session without systemd's help does: a program of Debian's own starts the entries of /etc/xdg/autostart."""
        self.system.run("sh", "-c", "exec dex --autostart --environment XFCE >/dev/null 2>&1", user=user, **environment)

    # --- the way of a package ---

    def test_0_no_room_to_install_leaves_nothing(self):
        system, name = self.system, self.package.name
        shutil.copy(self.package, system / "packages")
        with system.without_room("/usr/libexec/imza-agent", "100k"):
            code, printed = system.fails("dpkg", "-i", f"/packages/{name}")
        self.assertIn("No space left on device", printed)
        self.assertEqual(code, 1)
        self.assertEqual(self.status(), "not-installed ")
        (system / "packages" / name).unlink()
        after = system.files()
        self.assertEqual({path for path in self.before.keys() | after.keys() if self.before.get(path) != after.get(path)}, set())

    def test_1_install(self):
        system = self.system
        drop_in = system / "etc/imza-agent/conf.d/50-site.conf"
        drop_in.parent.mkdir(parents=True)
        drop_in.write_text(f"module = {module_path()}\nallow-origin = {ORIGIN}\npinentry = /usr/local/bin/pinentry\ndialog-arm-ms = 0\n"
                           "language = tr\n", encoding="utf-8")
        shutil.copy(ROOT / "tests/fakes/pinentry", system / "usr/local/bin/pinentry")
        (system / "usr/local/bin/pinentry").chmod(0o755)
        self.log_in("ayse")
        self.assertIn("1 newly installed", system.install(self.package))
        self.assertTrue(self.status().startswith("installed "))
        for unit, target in (("socket", "sockets"), ("service", "graphical-session")):
            self.assertTrue(os.path.lexists(system / f"etc/systemd/user/{target}.target.wants/imza-agent.{unit}"))
        shown = system.run("imza-agent", "config", "show", "--origin")
        self.assertIn(f"allow-origin = {ORIGIN}\t# /etc/imza-agent/conf.d/50-site.conf:2\n", shown)
        self.assertEqual(system.run("imza-agent", "--version").split()[0], "imza-agent")
        self.assertEqual(system.run("sh", "-c", "dpkg -V imza-agent"), "")

    def test_2_who_is_logged_in_without_a_display_has_an_agent(self):
        self.assertEqual(self.system.show("ayse", "imza-agent.socket", "ActiveState"), "active")
        self.assertEqual(self.agents_of("ayse"), {})
        self.assertEqual(self.page("ayse", 15070).call("agent.info")["grant"], "listed")
        self.assertEqual(len(self.agents_of("ayse")), 1)
        listening = self.system.run("ss", "-H", "-ltn").splitlines()
        self.assertEqual({line.split()[3] for line in listening}, {"127.0.0.1:15070", "[::1]:15070"})

    def test_3_it_signs(self):
        self.assert_signs("ayse", 15070)

    def test_3a_without_the_card_reader_service_it_works_and_doctor_says_what_is_missing(self):
        code, printed = self.system.fails("sh", "-c", "imza-agent doctor --json 2>/dev/null", user="ayse")
        checks = {check["id"]: check for check in json.loads(printed)["checks"]}
        self.assertEqual(code, 2)
        self.assertEqual(checks["pcsc_service"]["status"], "failed")
        self.assertTrue(checks["pcsc_service"]["remedy"]["tr"])
        self.assertEqual(checks["agent_running"]["status"], "ok")

    def test_3b_its_user_sets_tls_up(self):
        self.system.run("imza-agent", "tls", "setup", user="ayse")
        self.assertIn("imza-agent", self.system.run("certutil", "-L", "-d", "sql:/home/ayse/.pki/nssdb", user="ayse"))

    def test_3c_an_x_session_without_a_graphical_target_has_one_agent_that_knows_its_display(self):
        self.log_in("fatma")
        self.assertEqual(self.system.show("fatma", "imza-agent.socket", "ActiveState"), "failed")
        for display in (":5", ":6"):    # the second time as after a log-off that the user's services outlived
            self.autostart("fatma", DISPLAY=display)
            self.wait_for(lambda: self.displays("fatma") == [display])
            self.wait_for(lambda: "127.0.0.1:15071" in self.system.run("ss", "-H", "-ltn"))
        self.assert_signs("fatma", 15071)
        self.system.systemctl("fatma", "stop", "imza-agent.service")
        self.system.systemctl("fatma", "mask", "imza-agent.service")     # who has switched it off is not given one
        self.autostart("fatma", DISPLAY=":5")
        self.system.systemctl("fatma", "unmask", "imza-agent.service")
        self.assertEqual(self.agents_of("fatma"), {})

    def test_3d_an_x_session_without_a_service_manager_has_one_agent(self):
        self.system.run("useradd", "-m", "can")
        for _ in range(2):
            self.autostart("can", XDG_RUNTIME_DIR="", DISPLAY=":5")
            self.wait_for(lambda: "127.0.0.1:15071" in self.system.run("ss", "-H", "-ltn"))
        time.sleep(1)       # for a second one that there must not be
        (pid,) = self.agents_of("can")
        self.system.run("kill", pid)
        self.wait_for(lambda: self.agents_of("can") == {})

    def test_4_a_login_beside_it_gets_an_agent_on_the_next_port(self):
        self.system.start_desktop("fatma")
        self.wait_for(lambda: "127.0.0.1:15071" in self.system.run("ss", "-H", "-ltn"))
        self.assert_signs("fatma", 15071)
        self.assert_signs("ayse", 15070)
        for user, port in (("fatma", 15070), ("ayse", 15071)):
            with self.assertRaises((OSError, websocket.WebSocketException)):
                self.page(user, port)

    def test_5_a_desktop_that_ends_and_comes_again_has_a_new_agent(self):
        first = self.agents_of("fatma")
        self.system.systemctl("fatma", "stop", "test-session.target")
        self.wait_for(lambda: self.agents_of("fatma") == {})
        self.system.systemctl("fatma", "set-environment", "DISPLAY=:7")
        self.system.systemctl("fatma", "start", "test-session.target")
        self.wait_for(lambda: self.agents_of("fatma") != {})
        self.assertFalse(self.agents_of("fatma").keys() & first.keys())
        self.assertEqual(self.displays("fatma"), [":7"])
        self.assert_signs("fatma", 15071)

    def test_5b_a_user_who_logs_off_and_on_disturbs_no_other(self):
        other = self.agents_of("fatma")
        self.system.log_out("ayse")
        self.assertEqual(self.agents_of("ayse"), {})
        self.assert_signs("fatma", 15071)
        self.log_in("ayse")
        self.assert_signs("ayse", 15070)
        self.assertEqual(self.agents_of("fatma"), other)

    def test_6_an_agent_that_is_killed_comes_again(self):
        pid = next(iter(self.agents_of("ayse")))
        self.system.run("kill", "-SEGV", pid)
        self.wait_for(lambda: self.agents_of("ayse").keys() - {pid})
        self.assert_signs("ayse", 15070)

    def test_6a_ports_that_are_all_taken_are_named(self):
        system = self.system
        system.run("install", "-d", "-m", "700", "-o", "can", f"/run/user/{system.uid('can')}")
        with contextlib.ExitStack() as stack:
            for port in range(15072, 15080):
                stack.enter_context(socket.create_server(("127.0.0.1", port)))
            code, printed = system.fails("imza-agent", "run", user="can")
        self.assertEqual(code, 1)
        self.assertIn("ports 15070 to 15079 are all taken", printed)

    def test_6b_a_home_that_is_read_only_is_named(self):
        system = self.system
        system.run("mount", "-t", "tmpfs", "-o", "ro", "tmpfs", "/home/can")
        code, printed = system.fails("imza-agent", "run", user="can")
        system.run("umount", "/home/can")
        self.assertEqual(code, 1)
        self.assertIn("/home/can/.local/state/imza-agent: ", printed)

    def test_6c_settings_with_wrong_permissions_or_lines_are_named(self):
        system = self.system
        drop_in = system / "etc/imza-agent/conf.d/60-test.conf"
        for mode, text in ((0o600, ""), (0o666, ""), (0o644, "no-such-key = 1\n")):
            drop_in.write_text(text, encoding="utf-8")
            drop_in.chmod(mode)
            code, printed = system.fails("imza-agent", "config", "check", user="can")
            self.assertEqual(code, 1)
            self.assertIn("/etc/imza-agent/conf.d/60-test.conf:", printed)
            self.assertIn(f"allow-origin = {ORIGIN}\n", system.run("imza-agent", "config", "show", user="can"))   # the rest holds
        drop_in.unlink()
        system.run("imza-agent", "config", "check", user="can")

    def test_6d_browsers_policies_follow_the_settings(self):
        system = self.system
        policy = system / "etc/chromium/policies/managed/imza-agent.json"
        drop_in = system / "etc/imza-agent/conf.d/60-test.conf"

        def allows(*sites):
            return policy.exists() and json.loads(policy.read_text(encoding="utf-8"))["LoopbackNetworkAllowedForUrls"] == [ORIGIN, *sites]

        system.install(next(PACKAGES.glob("imza-agent-browser-policy_*.deb")))
        self.assertTrue(allows())
        self.assertTrue(os.path.lexists(system / "etc/systemd/system/paths.target.wants/imza-agent-browser-policy.path"))
        # There is no system manager in here: root's own watches with the same units.
        system.log_in("root")
        system.systemctl("root", "link", *(f"/lib/systemd/system/imza-agent-browser-policy.{kind}" for kind in ("path", "service")))
        system.systemctl("root", "start", "imza-agent-browser-policy.path")
        drop_in.write_text("allow-origin = https://second.example\n", encoding="utf-8")
        self.wait_for(lambda: allows("https://second.example"))
        self.wait_for(lambda: system.show("root", "imza-agent-browser-policy.service", "ActiveState") == "inactive")
        drop_in.unlink()
        self.wait_for(allows)
        system.log_out("root")
        system.run("apt-get", "-q", "-y", "purge", "imza-agent-browser-policy")
        self.assertFalse(policy.exists())

    def test_6e_an_agent_that_a_broken_lock_keeps_from_starting_starts_by_itself_once_it_is_mended(self):
        locked = self.system / "etc/imza-agent/policy.d/50-test.conf"
        locked.write_text("no-such-key = 1\n", encoding="utf-8")
        self.system.systemctl("ayse", "restart", "imza-agent.service")
        self.wait_for(lambda: self.system.show("ayse", "imza-agent.service", "SubState") == "auto-restart")
        locked.unlink()
        self.assert_signs("ayse", 15070)

    def test_7_an_upgrade_keeps_the_administrators_edits_and_replaces_running_agents(self):
        edited = (self.system / CONFIGURATION).read_text(encoding="utf-8") + "dialog-seconds = 90\n"
        (self.system / CONFIGURATION).write_text(edited, encoding="utf-8")
        before = self.system.processes()
        self.assertEqual(len(before), 2)
        self.system.install(repacked(self.package, "0.9.0", self.work), options=("-o", "Dpkg::Options::=--force-confold"))
        self.assertEqual((self.system / CONFIGURATION).read_text(encoding="utf-8"), edited)
        self.assertTrue((self.system / (CONFIGURATION + ".dpkg-dist")).exists())
        self.wait_for(lambda: len(self.system.processes().keys() - before.keys()) == 2)
        after = self.system.processes()
        self.assertFalse(before.keys() & after.keys())
        self.assertEqual({path for _, path in after.values()}, {"/usr/bin/imza-agent"})
        self.assert_signs("ayse", 15070)
        self.assert_signs("fatma", 15071)

    def test_7b_no_room_to_upgrade_leaves_the_old_version_at_work(self):
        system, newer = self.system, repacked(self.package, "0.9.1", self.work)
        shutil.copy(newer, system / "packages")
        before = system.processes()
        size = sum(path.stat().st_blocks * 512 for path in (system / "usr/libexec/imza-agent").iterdir()) // 1024 + 40
        with system.without_room("/usr/libexec/imza-agent", f"{size}k"):
            _, printed = system.fails("dpkg", "--force-confold", "-i", f"/packages/{newer.name}")
        self.assertIn("No space left on device", printed)
        self.assertEqual(self.status(), "installed 0.9.0")
        self.assertEqual(system.run("sh", "-c", "dpkg -V imza-agent | grep -v ' c /etc/' || :"), "")
        self.assertEqual(system.processes(), before)
        self.assert_signs("ayse", 15070)

    def test_8_an_upgrade_that_the_power_cut_short_is_finished_by_dpkg_configure(self):
        system = self.system
        for version, script in (("0.9.2", "preinst"), ("0.9.3", "postinst")):
            with self.subTest(script):
                package = repacked(self.package, version, self.work, **{script: POWER_CUT})
                shutil.copy(package, system / "packages")
                system.fails("dpkg", "--force-confold", "-i", f"/packages/{package.name}")
                self.assertNotEqual(self.status(), f"installed {version}")
                self.assert_signs("ayse", 15070)
                if script == "preinst":     # nothing was unpacked: it begins anew
                    system.run("dpkg", "--force-confold", "--unpack", f"/packages/{package.name}")
                    self.assertEqual(self.status(), f"unpacked {version}")
                    self.assert_signs("ayse", 15070)
                system.run("dpkg", "--force-confold", "--configure", "-a")
                self.assertEqual(self.status(), f"installed {version}")
                self.assertIn("dialog-seconds = 90\n", (system / CONFIGURATION).read_text(encoding="utf-8"))
                self.assert_signs("ayse", 15070)
                (system / "run/power-cut").unlink(missing_ok=True)

    def test_8a_an_upgrade_that_fails_is_mended_by_a_later_version(self):
        system, broken = self.system, repacked(self.package, "0.9.4", self.work, postinst="exit 1\n")
        shutil.copy(broken, system / "packages")
        system.fails("dpkg", "--force-confold", "-i", f"/packages/{broken.name}")
        self.assertEqual(self.status(), "half-configured 0.9.4")
        self.assert_signs("ayse", 15070)
        system.install(repacked(self.package, "0.9.5", self.work), options=("-o", "Dpkg::Options::=--force-confold"))
        self.assertEqual(self.status(), "installed 0.9.5")
        self.assert_signs("ayse", 15070)

    def test_8b_an_older_package_is_refused_and_nothing_changes(self):
        system, older = self.system, f"/packages/{self.package.name}"
        before, files = system.processes(), system.files()
        apt = ("apt-get", "-q", "-y", "--no-install-recommends", "install")
        self.assertIn("without --allow-downgrades", system.fails(*apt, older)[1])
        for command in ((*apt, "--allow-downgrades", older), ("dpkg", "--force-confold", "-i", older)):
            self.assertIn("is older than the 0.9.5 that is installed", system.fails(*command)[1])
            self.assertEqual(self.status(), "installed 0.9.5")
        self.assertEqual((system.processes(), system.files()), (before, files))
        self.assert_signs("ayse", 15070)
        # Where it was removed first, it is meant.
        system.run("dpkg-deb", "-e", older, "/tmp/older")
        system.run("sh", "/tmp/older/preinst", "install", "0.9.5", "0.1.0")

    def test_8d_what_the_administrator_has_switched_off_stays_off(self):
        system, units = self.system, ("imza-agent.socket", "imza-agent.service")
        system.run("systemctl", "--global", "disable", *units)
        system.install(repacked(self.package, "0.9.6", self.work), options=("-o", "Dpkg::Options::=--force-confold"))
        self.log_in("can")
        self.autostart("can", DISPLAY=":5")
        self.assertEqual([system.show("can", unit, "ActiveState") for unit in units], ["inactive", "inactive"])
        self.assertEqual(self.agents_of("can"), {})
        system.run("systemctl", "--global", "enable", *units)

    def test_9_removal_and_purge(self):
        system = self.system
        self.assertEqual(len(system.processes()), 2)
        system.run("apt-get", "-q", "-y", "remove", "imza-agent")
        self.autostart("fatma", DISPLAY=":7")   # its entry is a settings file, and stays until the package is purged
        self.assertEqual(system.processes(), {})
        self.assertEqual(system.run("ss", "-H", "-ltn"), "")
        self.assertTrue((system / CONFIGURATION).exists())
        # No browser trusts the authority that a user had made, and the store that was made for it is gone.
        self.assertFalse((system / "home/ayse/.pki/nssdb/cert9.db").exists())
        self.assertFalse((system / "home/ayse/.local/state/imza-agent/tls").exists())
        for user, port in (("ayse", 15070), ("fatma", 15071)):
            with self.assertRaises(OSError), as_user(system.uid(user)):
                socket.create_connection(("127.0.0.1", port), 2)
        system.run("apt-get", "-q", "-y", "purge", "imza-agent")
        # The administrator's own file stays, as Debian's policy has it; nothing else.
        self.assertEqual(sorted(p.name for p in (system / "etc/imza-agent").rglob("*") if p.is_file()), ["50-site.conf"])
        shutil.rmtree(system / "etc/imza-agent")
        (system / "usr/local/bin/pinentry").unlink()
        after = system.files()
        expected = {"etc/passwd", "etc/shadow", "etc/group", "etc/gshadow", "etc/subuid", "etc/subgid",
                    *(f"etc/{name}-" for name in ("passwd", "shadow", "group", "gshadow", "subuid", "subgid"))}   # the users of this test
        different = {path for path in self.before.keys() | after.keys() if self.before.get(path) != after.get(path)}
        self.assertEqual(different - expected, set())


if __name__ == "__main__":
    unittest.main()
