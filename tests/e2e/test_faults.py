# SPDX-License-Identifier: Apache-2.0
"""Load and faults from outside: crowds of connections, helpers killed at each step, jumping clocks, folders that can't be written."""
import json
import os
import pathlib
import resource
import shutil
import signal
import socket
import subprocess
import threading
import time
import unittest

import websocket

from agent_client import BUILD, ORIGIN, Agent, Refused, base64_text, raw_handshake
from softhsm import module_path

FAKES = BUILD.resolve() / "tests/fakes/modules"
FAKETIME = pathlib.Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1")
PIN = "123456"


def sign_start(page, certificate):
    return page.send("sign.document", {"certificate": certificate, "format": "cades",
                                       "documents": [{"content": base64_text(b"x"), "name": "x.txt", "mediaType": "text/plain"}]})


def outcome(page, request):
    """signed, or the reason of the one error."""
    try:
        return "signed" if page.answer(request)["documents"] else "nothing"
    except Refused as refused:
        return refused.reason


# What counts here is not memory errors, and sanitizers would make it long.
SANITIZED = "asan" in BUILD.name


@unittest.skipIf(SANITIZED or not module_path(), "needs SoftHSM, and no sanitizers")
class Crowd(unittest.TestCase):
    """A page that is at work while others only hold connections."""

    def setUp(self):
        limit = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit[1], limit[1]))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, limit)
        self.agent = Agent()
        self.addCleanup(self.agent.close)
        self.agent.start()
        self.open = []
        self.addCleanup(lambda: [connection.close() for connection in self.open])

    def connect(self, text=b""):
        connection = socket.create_connection(("127.0.0.1", self.agent.port), timeout=10)
        self.open.append(connection)
        if text:
            connection.sendall(text)
        return connection

    def memory(self):
        text = pathlib.Path(f"/proc/{self.agent.process.pid}/smaps_rollup").read_text(encoding="ascii")
        return sum(int(line.split()[1]) for line in text.splitlines() if line.startswith(("Private_Dirty:", "Private_Clean:")))

    def sign(self, page):
        certificate = page.signer("ec")["id"]
        self.agent.script("confirm ok", "pin " + PIN)
        return outcome(page, sign_start(page, certificate))

    def test_a_thousand_connections_that_do_nothing_do_not_hinder_a_page(self):
        page = self.agent.page()
        self.assertEqual(self.sign(page), "signed")
        before = self.memory()
        for _ in range(500):
            self.connect()
        # Handshakes that never end, each at another place.
        head = f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{self.agent.port}\r\nUpgrade: websocket\r\n".encode()
        for i in range(500):
            self.connect(head[:1 + i % len(head)])
        self.assertEqual(self.sign(page), "signed")
        self.assertLess(self.memory() - before, 8192)
        other = self.newcomer()
        self.assertEqual(self.sign(other), "signed")

    def newcomer(self):
        """A page that comes now: refused connections are tried again, as the client does."""
        end = time.monotonic() + 15
        while True:
            try:
                return self.agent.page()
            except (OSError, websocket.WebSocketException) as refused:
                if time.monotonic() > end:
                    raise AssertionError("no page gets in") from refused
                time.sleep(0.1)

    def test_one_site_can_t_take_all_connections(self):
        lines = ["GET / HTTP/1.1", f"Host: 127.0.0.1:{self.agent.port}", "Upgrade: websocket", "Connection: Upgrade",
                 "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Protocol: imza.v1"]
        refused = 0
        for _ in range(100):
            connection = self.connect(("\r\n".join([*lines, "Origin: https://crowd.example"]) + "\r\n\r\n").encode())
            refused += b" 503 " in connection.recv(4096)
        self.assertEqual(refused, 36)
        self.assertEqual(raw_handshake(self.agent.port, [*lines, f"Origin: {ORIGIN}"]), 101)
        self.assertEqual(self.sign(self.agent.page()), "signed")
        # As many come in again once they have gone.
        for connection in self.open:
            connection.close()
        self.open.clear()
        end = time.monotonic() + 5
        while raw_handshake(self.agent.port, [*lines, "Origin: https://crowd.example"]) != 101:
            self.assertLess(time.monotonic(), end)
            time.sleep(0.05)

    def test_a_hundred_pages_at_once(self):
        origins = [f"https://portal{number}.example" for number in range(10)]
        agent = Agent(allowed=[ORIGIN, *origins])
        self.addCleanup(agent.close)
        agent.start()
        pages = [agent.page(origins[number % 10]) for number in range(100)]
        answers = []

        def work(page):
            answers.append(len(page.certificates()))
            answers.append(page.call("agent.info")["version"])
        threads = [threading.Thread(target=work, args=(page,)) for page in pages]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        self.assertEqual(len(answers), 200)
        self.assertEqual({answer for answer in answers if isinstance(answer, int)}, {3})
        # All of them want to sign: each gets its one answer, and those that came in time for the dialog are signed.
        agent.script("confirm ok", "pin " + PIN)
        certificate = pages[0].signer("ec")["id"]
        requests = [(page, sign_start(page, certificate)) for page in pages]
        ends = [outcome(page, request) for page, request in requests]
        self.assertIn("signed", ends)
        self.assertLessEqual(set(ends), {"signed", "busy", "rate_limited"})
        self.assertEqual(outcome(pages[7], sign_start(pages[7], certificate)), "signed")


class Killed(unittest.TestCase):
    """SIGKILL of each helper at each step: one answer, and the next signature works."""

    # What is answered when the helper dies at that step; signed: it was not needed any more.
    EXPECTED = {
        ("consent", "imza-prompt"): {"no_display", "user_cancelled", "internal"},
        ("consent", "imza-document"): {"internal", "document_invalid"},
        ("consent", "imza-token"): {"signed", "module_failed"},
        ("pin", "imza-prompt"): {"no_display", "user_cancelled", "internal"},
        ("pin", "imza-document"): {"internal", "document_invalid"},
        ("pin", "imza-token"): {"signed", "module_failed"},
        ("login", "imza-prompt"): {"signed", "internal", "user_cancelled", "no_display"},
        ("login", "imza-document"): {"internal", "document_invalid"},
        ("login", "imza-token"): {"pin_state_unknown"},
        ("sign", "imza-document"): {"internal", "document_invalid"},
        ("sign", "imza-token"): {"module_failed"},
    }

    def station(self, call):
        agent = Agent(modules=[], token=False, settings="pin-pause-seconds = 0\ndialog-pause-seconds = 0\n")
        self.addCleanup(agent.close)
        agent.module = agent.folder / "mod_slow_login.so"
        shutil.copy(FAKES / agent.module.name, agent.module)
        agent.module.chmod(0o700)
        agent.go = agent.runtime / "fake-pinentry.go"
        self.hold(agent, call)
        agent.settings += f"module = {agent.module}\n"
        agent.start()
        return agent

    @staticmethod
    def hold(agent, call, module=False):
        """From here on the user waits with an answer that is on hold, and the module, too, where that is wanted."""
        agent.go.unlink(missing_ok=True)
        pathlib.Path(f"{agent.module}.settings").write_text(f"MOD_CALL={call}\nMOD_MS=0\nMOD_HOLD={int(module)}\n", encoding="ascii")

    def reach(self, agent, step, call, held):
        """Waits until the signature has come to that step; held: how often the module had told that it holds."""
        if step in ("consent", "pin"):
            agent.wait_for("CONFIRM" if step == "consent" else "GETPIN")
            return
        end = time.monotonic() + 20
        while agent.log().count(f"holds {call}") == held:
            self.assertLess(time.monotonic(), end, agent.log())
            time.sleep(0.02)

    def test_each_helper_at_each_step(self):
        agents = {}
        for (step, name), expected in self.EXPECTED.items():
            call = "C_Sign" if step == "sign" else "C_Login"
            agent = agents.get(call) or agents.setdefault(call, self.station(call))
            with self.subTest(step=step, name=name):
                page = agent.page()
                certificate = page.certificates(purpose="signature")[0]["id"]
                agent.forget_dialogs()
                # Who misses the helper only later goes on with the user's answer.
                slow = name != "imza-prompt"
                agent.script(*{"consent": ("hold", "confirm ok", "pin " + PIN) if slow else ("confirm hang",),
                               "pin": ("confirm ok", "hold", "pin " + PIN) if slow else ("confirm ok", "pin hang")}
                             .get(step, ("confirm ok", "pin " + PIN)))
                held = agent.log().count(f"holds {call}")
                self.hold(agent, call, step in ("login", "sign"))
                request = sign_start(page, certificate)
                self.reach(agent, step, call, held)
                pid = agent.family().get(name)
                if pid is None:
                    self.assertEqual(name, "imza-prompt")   # it has done its part and is gone
                else:
                    os.kill(pid, signal.SIGKILL)
                self.hold(agent, call)
                agent.go.touch()
                self.assertIn(outcome(page, request), expected, agent.log()[-1500:])
                agent.script("confirm ok", "pin " + PIN)
                # The fake card has another certificate in each process.
                certificate = page.certificates(purpose="signature")[0]["id"]
                self.assertEqual(outcome(page, sign_start(page, certificate)), "signed", agent.log()[-1500:])
                page.close()
                agent.wait_idle(5)


@unittest.skipIf(SANITIZED or not FAKETIME.exists() or not module_path(), "needs faketime and SoftHSM, and no sanitizers")
class Clock(unittest.TestCase):
    """The computer's clock jumps under a running agent; its monotonic clock goes on."""

    def test_certificates_follow_the_clock_and_deadlines_do_not(self):
        agent = Agent()
        self.addCleanup(agent.close)
        wall = agent.folder / "wall"
        wall.write_text("+0", encoding="ascii")
        wrapper = agent.folder / "wrapper"
        wrapper.write_text(f"#!/bin/sh\nexec env LD_PRELOAD={FAKETIME} FAKETIME_TIMESTAMP_FILE={wall} FAKETIME_NO_CACHE=1 FAKETIME_DONT_FAKE_MONOTONIC=1 "
                           f"FAKETIME_DISABLE_SHM=1 {agent.program} \"$@\"\n", encoding="utf-8")
        wrapper.chmod(0o700)
        agent.program = wrapper
        agent.start()
        page = agent.page()
        certificate = page.signer("ec")["id"]
        for jump, expected in (("+0", "signed"), ("+2d", "signed"), ("+20y", "certificate_expired"), ("-20y", "certificate_not_yet_valid"), ("+0", "signed")):
            with self.subTest(jump=jump):
                wall.write_text(jump, encoding="ascii")
                agent.script("confirm ok", "pin " + PIN)
                begin = time.monotonic()
                self.assertEqual(outcome(page, sign_start(page, certificate)), expected, agent.log()[-1500:])
                self.assertLess(time.monotonic() - begin, 20)
        # A dialog that is open while the clock jumps neither ends by it nor stays for ever.
        agent.forget_dialogs()
        agent.script("slow 600", "confirm ok", "pin " + PIN)
        request = sign_start(page, certificate)
        agent.wait_for("CONFIRM")
        wall.write_text("+1d", encoding="ascii")
        self.assertEqual(outcome(page, request), "signed", agent.log()[-1500:])


@unittest.skipUnless(os.geteuid() == 0 and module_path(), "needs root to mount, and SoftHSM")
class Folders(unittest.TestCase):
    def mounted(self, agent, folder, options):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], capture_output=True, check=False).returncode != 0:
            self.skipTest("this machine lets nobody mount")
        self.addCleanup(subprocess.run, ["umount", "-l", folder], check=True)

    def test_a_home_that_can_t_be_written_is_told(self):
        agent = Agent()
        self.addCleanup(agent.close)
        self.mounted(agent, agent.state, "ro,mode=700")
        agent.configure()
        done = subprocess.run([agent.program, "--config", agent.config_path], capture_output=True, text=True, env=agent.environment(), timeout=20, check=False)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn(str(agent.state / "imza-agent"), done.stderr)

    def test_a_full_spool_ends_a_signature_and_room_mends_it(self):
        agent = Agent()
        self.addCleanup(agent.close)
        spool = agent.runtime / "imza-agent"
        self.mounted(agent, spool, "size=256k,mode=700")
        agent.start()
        page = agent.page()
        certificate = page.signer("ec")["id"]
        fill = spool / "fill"
        self.fill(fill)
        self.assertEqual(outcome(page, sign_start(page, certificate)), "storage_full", agent.log()[-1500:])
        fill.unlink()
        self.assertEqual(outcome(page, sign_start(page, certificate)), "signed", agent.log()[-1500:])

    def fill(self, path):
        with open(path, "ab", buffering=0) as file:
            try:
                while file.write(bytes(4096)):
                    pass
            except OSError:
                pass

    def entries(self, agent):
        return [json.loads(line)["result"] for line in (agent.state / "imza-agent/audit.jsonl").read_text(encoding="utf-8").splitlines()]

    def test_where_the_log_is_required_nothing_is_signed_without_it(self):
        agent = Agent(settings="require-audit-log = yes\n")
        self.addCleanup(agent.close)
        self.mounted(agent, agent.state, "size=64k,mode=700")
        agent.start()
        page = agent.page()
        certificate = page.signer("ec")["id"]
        fill = agent.state / "fill"
        self.fill(fill)
        agent.forget_dialogs()
        self.assertEqual(outcome(page, sign_start(page, certificate)), "audit_unavailable")
        self.assertEqual(agent.dialogs(), "")
        fill.unlink()
        self.assertEqual(outcome(page, sign_start(page, certificate)), "signed", agent.log()[-1500:])
        # The disk fills up while the user is at the dialog: the room was kept.
        agent.script("confirm ok", "slow 500", "pin " + PIN)
        request = sign_start(page, certificate)
        agent.wait_for("CONFIRM")
        self.fill(fill)
        self.assertEqual(outcome(page, request), "signed", agent.log()[-1500:])
        self.assertEqual(self.entries(agent), ["signed", "signed"])
        fill.unlink()
        # It can't be written after all: what the card has made is kept back.
        for partial in (False, True):
            agent.script("confirm ok", "slow 500", "pin " + PIN)
            agent.forget_dialogs()
            request = page.send("sign.document", {"certificate": certificate, "format": "cades", "partial": partial, "documents": [
                {"content": base64_text(b"%d" % i), "name": "x.txt", "mediaType": "text/plain"} for i in range(3)]})
            agent.wait_for("GETPIN")
            subprocess.run(["mount", "-o", "remount,ro", agent.state], check=True)
            self.assertEqual(outcome(page, request), "audit_unavailable", agent.log()[-1500:])
            subprocess.run(["mount", "-o", "remount,rw", agent.state], check=True)
        agent.script("confirm ok", "pin " + PIN)
        self.assertEqual(outcome(page, sign_start(page, certificate)), "signed", agent.log()[-1500:])
        self.assertEqual(self.entries(agent), ["signed"] * 3)

    def test_a_full_state_folder_does_not_go_unnoticed(self):
        """Without the setting a doctor can sign, and the agent's own log says that it is not in the audit log."""
        agent = Agent()
        self.addCleanup(agent.close)
        self.mounted(agent, agent.state, "size=64k,mode=700")
        agent.start()
        page = agent.page()
        certificate = page.signer("ec")["id"]
        self.fill(agent.state / "fill")
        self.assertEqual(outcome(page, sign_start(page, certificate)), "signed")
        self.assertIn("the audit log can't be written: No space left on device", agent.log())


class NoDisplay(unittest.TestCase):
    @unittest.skipUnless(os.access("/usr/bin/pinentry-gtk-2", os.X_OK) and module_path(), "needs pinentry-gtk2 and SoftHSM")
    def test_a_real_pinentry_without_display_or_bus_is_one_clear_error(self):
        agent = Agent()
        self.addCleanup(agent.close)
        agent.settings = agent.settings.replace(str(agent.folder / "pinentry"), "/usr/bin/pinentry-gtk-2")
        environment = agent.environment
        agent.environment = lambda: {k: v for k, v in environment().items() if k not in ("DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS")}
        agent.start()
        page = agent.page()
        data = None
        try:
            page.answer(sign_start(page, page.signer("ec")["id"]))
        except Refused as refused:
            data = refused.data
        self.assertEqual(data["reason"], "no_display")
        self.assertTrue(data["remedy"]["tr"])


if __name__ == "__main__":
    unittest.main()
