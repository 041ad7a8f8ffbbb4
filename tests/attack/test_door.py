# SPDX-License-Identifier: Apache-2.0
"""Attacks on the way in: origins by the administrator's word (1), other networks (3), frames that lie (14), crowds at the door (15)."""
import os
import pathlib
import socket
import subprocess
import time
import unittest

from boundary import close_code, frame, knock, opened
from agent_client import DEVELOPER_ORIGIN, ORIGIN, Agent
from test_agent import AgentCase

UNKNOWN = "https://unknown.example"


class ListedOnly(AgentCase):
    options = {"settings": "listed-origins-only = yes\ndeny-origin = https://denied.example\nallow-origin = https://denied.example\n"}

    def test_an_origin_that_is_not_listed_does_not_even_connect(self):
        origins = [ORIGIN, DEVELOPER_ORIGIN, UNKNOWN, "https://portal.example.evil.com", "https://portal.example:8443", "https://sub.portal.example",
                   "https://ortal.example", "https://portal.exampl", "https://denied.example"]
        statuses = [knock([self.agent.port], origin=origin)[0] for origin in origins]
        self.assertEqual(statuses, [101, 101] + [403] * 7)
        self.assert_no_dialog()


class Networks(AgentCase):
    def test_only_loopback_listens(self):
        lines = subprocess.run(["ss", "-ltnH", f"sport = :{self.agent.port}"], capture_output=True, text=True, check=True).stdout.splitlines()
        addresses = {line.split()[3].rsplit(":", 1)[0] for line in lines}
        self.assertIn("127.0.0.1", addresses)
        self.assertLessEqual(addresses, {"127.0.0.1", "[::1]"})

    @unittest.skipUnless(os.geteuid() == 0, "making networks needs root")
    def test_another_network_does_not_get_in(self):
        """Two hosts on one wire: the agent's and another, which also tries to have its packets taken for the loopback's."""
        other, wire = f"imza-{os.getpid()}", f"iw{os.getpid()}"

        def ip(*words):
            subprocess.run(["ip", *words], check=True, capture_output=True)

        ip("netns", "add", other)
        self.addCleanup(ip, "netns", "delete", other)
        ip("link", "add", wire, "type", "veth", "peer", "name", "eth0", "netns", other)
        ip("address", "add", "192.0.2.1/24", "dev", wire)
        ip("link", "set", wire, "up")
        for words in (("address", "add", "192.0.2.2/24", "dev", "eth0"), ("link", "set", "eth0", "up"), ("link", "set", "lo", "up")):
            ip("-n", other, *words)
        inside = ["ip", "netns", "exec", other]
        self.assertEqual(knock([self.agent.port], inside=inside), [0])	# its own loopback
        self.assertEqual(knock([self.agent.port], host="192.0.2.1", inside=inside), [0])
        ip("-n", other, "address", "delete", "127.0.0.1/8", "dev", "lo")
        ip("-n", other, "route", "add", "127.0.0.1/32", "via", "192.0.2.1", "table", "local")
        self.assertEqual(knock([self.agent.port], inside=inside), [0])
        with socket.create_server(("192.0.2.1", 0)) as server:	# the wire itself works
            with subprocess.Popen([*inside, "/usr/bin/python3", "-c", f"import socket; socket.create_connection(('192.0.2.1', {server.getsockname()[1]}), 5)"]):
                server.settimeout(10)
                server.accept()[0].close()
        self.assertEqual(knock([self.agent.port]), [101])


class Frames(AgentCase):
    """Each lie ends its own connection, with the code that RFC 6455 has for it; memory stays, and a page beside it goes on."""

    def resident(self):
        for line in pathlib.Path(f"/proc/{self.agent.process.pid}/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmRSS"):
                return int(line.split()[1]) * 1024
        raise AssertionError("no VmRSS")

    def test_frames_that_lie_are_closed_and_cost_nothing(self):
        page = self.page()
        before = self.resident()
        cases = {
            "a length of 2^63": (frame(1, b"", length=1 << 63), {0, 1002, 1009}),
            "a length of 2^62": (frame(1, b"x" * 10, length=1 << 62), {1009}),
            "16 MiB and 1 byte": (frame(1, b"x" * 10, length=(16 << 20) + 1), {1009}),
            "binary of 16 MiB and 1 byte": (frame(2, b"x" * 10, length=(16 << 20) + 1), {1009}),
            "a ping in two fragments": (frame(9, b"x", final=False), {1002, 0}),
            "a ping of 126 bytes": (frame(9, b"x" * 126), {1002, 0}),
            "a continuation of nothing": (frame(0, b"x"), {1002, 0}),
            "reserved bits": (frame(1, b"x", reserved=7), {1002, 0}),
            "an unknown opcode": (frame(3, b"x"), {1002, 0}),
            "text that is no UTF-8": (frame(1, b"\xff\xfe"), {1007}),
        }
        for name, (content, codes) in cases.items():
            with self.subTest(name), opened(self.agent.port) as connection:
                connection.sendall(content)
                connection.settimeout(15)
                self.assertIn(close_code(connection), codes)
        # A mask is for proxies that would cache what a page sends (RFC 6455 section 10.3); libwebsockets 4.1 reads a frame without one like any other,
        # newer ones close (section 5.1).
        with opened(self.agent.port) as connection:
            connection.sendall(frame(1, b"\0" * 100, masked=False))
            answer = connection.recv(65536)
            self.assertTrue(b"parse_error" in answer or (answer[:1], answer[2:4]) == (b"\x88", b"\x03\xea"), answer)
        self.assertEqual(page.call("agent.info")["protocols"], ["imza.v1"])
        self.assertLess(self.resident() - before, 8 << 20)

    def test_json_that_was_made_to_hurt_is_one_error_each(self):
        page = self.page()
        deep = 10_000
        for text in ("[" * deep + "]" * deep, '{"a":' * deep + "1" + "}" * deep, '{"jsonrpc":"2.0","id":1,"id":2,"method":"agent.info"}',
                     '{"jsonrpc":"2.0","id":1,"method":"agent.info","params":{},"params":{"challenge":"x"}}',
                     '{"jsonrpc":"2.0","id":1e999999,"method":"agent.info"}', '{"jsonrpc":"2.0","id":1,"method":"agent.info\\u0000x"}',
                     '{"jsonrpc":"2.0","id":' + "9" * 100_000 + ',"method":"agent.info"}', '{"jsonrpc":"2.0","id":1,"method":"agent.info"} x'):
            with self.subTest(text[:60]):
                page.socket.send(text)
                message = page.socket.recv()
                self.assertIn('"error"', message)
        self.assertEqual(page.call("agent.info")["protocols"], ["imza.v1"])


class Crowds(unittest.TestCase):
    def test_a_thousand_idle_and_a_hundred_slow_connections_keep_no_page_out(self):
        with Agent(token=False, modules=[]) as agent:
            held = []
            try:
                for number in range(1000):
                    held.append(socket.create_connection(("127.0.0.1", agent.port), timeout=10))
                    if number % 10 == 0:
                        held[-1].sendall(b"GET / HTTP/1.1\r\nHost: 127")
                begin = time.monotonic()
                page = agent.page()
                self.assertEqual(page.call("agent.info")["protocols"], ["imza.v1"])
                self.assertLess(time.monotonic() - begin, 5)
                descriptors = len(os.listdir(f"/proc/{agent.process.pid}/fd"))
                self.assertLess(descriptors, 600)	# those who say nothing are let go
            finally:
                for connection in held:
                    connection.close()

    def test_no_more_pages_than_there_is_room_for_and_room_again_when_they_go(self):
        with Agent(token=False, modules=[]) as agent:
            pages = []
            try:
                while len(pages) < 300:
                    if knock([agent.port])[0] != 101:
                        break
                    pages += [opened(agent.port) for _ in range(64)]
            except AssertionError as refusal:	# in the middle of a round
                self.assertIn(" 503 ", str(refusal))
            self.assertLess(len(pages), 300)
            self.assertEqual(knock([agent.port]), [503])
            for page in pages:
                page.close()
            for _ in range(50):
                if (status := knock([agent.port])[0]) == 101:
                    break
                time.sleep(0.1)
            self.assertEqual(status, 101)


class Libraries(unittest.TestCase):
    def test_a_page_and_the_environment_name_no_library(self):
        """17: what the session's environment names is in none of the helpers; a page has no word for a module's path."""
        agent = Agent()
        self.addCleanup(agent.close)
        evil = str(agent.folder / "evil")
        names = ("LD_LIBRARY_PATH", "GCONV_PATH", "OPENSSL_CONF", "OPENSSL_MODULES", "OPENSSL_ENGINES", "P11_KIT_MODULE_PATH", "GTK_PATH",
                 "GTK_MODULES", "GIO_EXTRA_MODULES", "GDK_PIXBUF_MODULE_FILE", "FONTCONFIG_FILE", "XDG_DATA_DIRS", "PYTHONPATH", "BASH_ENV")
        session = agent.environment()
        agent.environment = lambda: {**session, **dict.fromkeys(names, evil)}
        agent.start()
        page = agent.page()
        self.assertEqual(page.refused("card.list", module="/tmp/evil.so")["reason"], "invalid_params")
        certificate = page.signer("rsa")["id"]
        self.assertEqual(page.refused("sign.hash", certificate=certificate, module="/tmp/evil.so", hashes=[
            {"algorithm": "SHA-256", "value": "A" * 43 + "=", "label": "x"}])["reason"], "invalid_params")
        agent.script("confirm hang")
        page.send("sign.document", {"certificate": certificate, "format": "cades", "documents": [
            {"content": "eA==", "name": "a.txt", "mediaType": "text/plain"}]})
        agent.wait_for("CONFIRM")
        family = agent.family()
        self.assertLessEqual({"imza-token", "imza-prompt", "imza-document"}, family.keys())
        self.assertIn(evil.encode(), pathlib.Path(f"/proc/{agent.process.pid}/environ").read_bytes())
        for name, pid in family.items():
            self.assertNotIn(evil.encode(), pathlib.Path(f"/proc/{pid}/environ").read_bytes(), name)


if __name__ == "__main__":
    unittest.main()
