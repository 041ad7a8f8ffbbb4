# SPDX-License-Identifier: Apache-2.0
"""The agent over a real WebSocket: who gets in, what is answered, what bad input ends in. Signing is in test_signing.py."""
import base64
import os
import pathlib
import re
import socket
import subprocess
import time
import unittest

import websocket
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils

from agent_client import AT_ONCE, BUILD, DEVELOPER_ORIGIN, ORIGIN, Agent, Refused, open_files, raw_handshake

UNKNOWN = "https://unknown.example"


class AgentCase(unittest.TestCase):
    """One agent for the whole class; each test leaves it idle."""

    options = {}

    @classmethod
    def setUpClass(cls):
        cls.agent = Agent(**cls.options)
        cls.addClassCleanup(cls.agent.close)
        cls.agent.start()

    def setUp(self):
        self.agent.script("confirm ok", "pin 123456")
        self.agent.forget_dialogs()

    def tearDown(self):
        for page in self.agent.pages:
            page.close()
        self.agent.pages.clear()
        self.agent.wait_idle()
        self.assertIsNone(self.agent.process.poll(), self.agent.log())

    def page(self, origin=ORIGIN, **options):
        return self.agent.page(origin, **options)

    def assert_no_dialog(self):
        self.assertEqual(self.agent.dialogs(), "")


class Handshake(AgentCase):
    def lines(self, **changes):
        headers = {
            "Host": f"127.0.0.1:{self.agent.port}", "Origin": ORIGIN, "Upgrade": "websocket", "Connection": "Upgrade",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Protocol": "imza.v1",
        }
        path = changes.pop("path", "/")
        for name, value in changes.items():
            name = name.replace("_", "-")
            if value is None:
                del headers[name]
            else:
                headers[name] = value
        return [f"GET {path} HTTP/1.1"] + [f"{k}: {v}" for k, v in headers.items()]

    def status(self, host="127.0.0.1", **changes):
        started = time.monotonic()
        status = raw_handshake(self.agent.port, self.lines(**changes), host)
        self.assertLess(time.monotonic() - started, AT_ONCE)
        return status

    def test_a_page_gets_in_on_both_addresses(self):
        self.assertEqual(self.status(), 101)
        self.assertEqual(self.status(Host=f"localhost:{self.agent.port}"), 101)
        self.assertEqual(self.status(Host=f"LOCALHOST:{self.agent.port}"), 101)
        if socket.has_ipv6 and os.path.exists("/proc/net/if_inet6"):
            self.assertEqual(self.status(host="::1", Host=f"[::1]:{self.agent.port}"), 101)

    def test_an_origin_that_is_none_of_a_secure_page_is_refused(self):
        for origin in (None, "null", "http://portal.example", "https://Portal.example", "https://portal.example.", "https://portal.example/",
                       "https://user@portal.example", "https://portal.example:443", "https://portal.example:0", "https://portal.example:99999",
                       "https://", "https://a..b", "file://", "chrome-extension://abcdefgh", "https://portal.example%00.evil",
                       "https://portal.example, https://portal.example", "https://pörtal.example", "https://" + "a" * 300 + ".example"):
            with self.subTest(origin=origin):
                self.assertEqual(self.status(Origin=origin.encode("utf-8").decode("latin-1") if origin else None), 403)

    def test_two_origin_headers_are_refused(self):
        self.assertEqual(raw_handshake(self.agent.port, self.lines() + [f"Origin: {ORIGIN}"]), 403)

    def test_a_developer_origin_is_exact(self):
        self.assertEqual(self.status(Origin=DEVELOPER_ORIGIN), 101)
        self.assertEqual(self.status(Origin=DEVELOPER_ORIGIN + "0"), 403)

    def test_a_rebinding_host_is_refused(self):
        port = self.agent.port
        for host in ("rebind.evil.example", f"rebind.evil.example:{port}", "127.0.0.1", f"127.0.0.1:{port + 1}", f"0.0.0.0:{port}",
                     f"127.1:{port}", f"2130706433:{port}", f"[::ffff:127.0.0.1]:{port}", f"localhost.:{port}", f"0x7f.0.0.1:{port}"):
            with self.subTest(host=host):
                self.assertEqual(self.status(Host=host), 421)

    def test_another_version_or_protocol_is_told(self):
        self.assertEqual(self.status(Sec_WebSocket_Version="8"), 426)
        self.assertEqual(self.status(Sec_WebSocket_Version=None), 426)
        self.assertEqual(self.status(Sec_WebSocket_Protocol="imza.v2"), 400)
        self.assertEqual(self.status(Sec_WebSocket_Protocol="ximza.v1"), 400)
        self.assertEqual(self.status(Sec_WebSocket_Protocol=None), 400)
        self.assertEqual(self.status(Sec_WebSocket_Protocol="imza.v2, imza.v1"), 101)
        self.assertEqual(self.status(path="/other"), 400)

    def test_a_page_of_another_version_learns_ours(self):
        connection = websocket.create_connection(f"ws://127.0.0.1:{self.agent.port}/", subprotocols=["imza.v9", "imza.versions"], origin=UNKNOWN)
        self.addCleanup(connection.close)
        self.assertEqual(connection.getsubprotocol(), "imza.versions")
        self.assertEqual(connection.recv(), '{"protocols":["imza.v1"]}')
        opcode, data = connection.recv_data()
        self.assertEqual((opcode, int.from_bytes(data[:2], "big")), (websocket.ABNF.OPCODE_CLOSE, 1000))
        both = websocket.create_connection(f"ws://127.0.0.1:{self.agent.port}/", subprotocols=["imza.v1", "imza.versions"], origin=UNKNOWN)
        self.addCleanup(both.close)
        self.assertEqual(both.getsubprotocol(), "imza.v1")

    def test_sec_fetch_metadata_must_fit_when_it_comes(self):
        self.assertEqual(self.status(Sec_Fetch_Mode="websocket", Sec_Fetch_Site="cross-site"), 101)
        self.assertEqual(self.status(Sec_Fetch_Mode="navigate"), 403)
        self.assertEqual(self.status(Sec_Fetch_Mode="websocket", Sec_Fetch_Site="none"), 403)

    def test_a_browser_gets_one_line_and_nothing_else(self):
        with socket.create_connection(("127.0.0.1", self.agent.port), timeout=5) as connection:
            connection.sendall(f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{self.agent.port}\r\n\r\n".encode())
            answer = b""
            while part := connection.recv(4096):
                answer += part
        self.assertTrue(answer.startswith(b"HTTP/1.1 200"))
        self.assertTrue(answer.endswith(b"\r\n\r\nimza-agent is running\n"))
        self.assertNotIn(b"Access-Control", answer)
        self.assertNotIn(b"0.1", answer.replace(b"HTTP/1.1", b""))
        self.assertEqual(raw_handshake(self.agent.port, ["GET /secret HTTP/1.1", "Host: x"]), 404)
        self.assertEqual(raw_handshake(self.agent.port, ["POST / HTTP/1.1", "Host: x", "Content-Length: 0"]), 405)

    def test_a_silent_connection_may_speak_late(self):
        with socket.create_connection(("127.0.0.1", self.agent.port), timeout=10) as connection:
            time.sleep(1)
            connection.sendall(("\r\n".join(self.lines()) + "\r\n\r\n").encode())
            self.assertIn(b" 101 ", connection.recv(4096))

    def test_many_silent_connections_do_not_keep_a_page_out(self):
        silent = [socket.create_connection(("127.0.0.1", self.agent.port)) for _ in range(150)]
        self.assertEqual(self.status(), 101)
        for connection in silent:
            connection.close()

    def test_a_tls_handshake_is_closed(self):
        with socket.create_connection(("127.0.0.1", self.agent.port), timeout=5) as connection:
            connection.sendall(b"\x16\x03\x01\x00\x05hello")
            try:
                self.assertEqual(connection.recv(100), b"")
            except ConnectionResetError:
                pass

    @unittest.skipUnless(os.geteuid() == 0, "the agent shows to root only what it has open")
    def test_only_loopback_is_listened_on(self):
        inodes = {name[8:-1] for name in open_files(self.agent.process.pid) if name.startswith("socket:[")}
        listening = []
        for table in ("tcp", "tcp6"):
            for line in pathlib.Path(f"/proc/net/{table}").read_text(encoding="ascii").splitlines()[1:]:
                parts = line.split()
                if parts[3] == "0A" and parts[9] in inodes:
                    listening.append(parts[1].split(":")[0])
        self.assertIn("0100007F", listening)
        self.assertLessEqual(set(listening), {"0100007F", "00000000000000000000000001000000"})


@unittest.skipUnless(os.geteuid() == 0, "needs root to act as another user")
class OtherUser(AgentCase):
    def test_another_users_program_is_closed_at_the_door(self):
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
            try:
                with socket.create_connection(("127.0.0.1", self.agent.port), timeout=5) as connection:
                    connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                    os.write(writer, connection.recv(100) or b"closed")
            except ConnectionError:
                os.write(writer, b"closed")
            os._exit(0)
        os.waitpid(child, 0)
        self.assertEqual(os.read(reader, 100), b"closed")
        os.close(reader)
        os.close(writer)
        self.assertEqual(self.page().call("agent.info")["version"], "0.1.0")


class Messages(AgentCase):
    def error(self, page, text):
        """What a raw message is answered with, at once."""
        started = time.monotonic()
        page.socket.send(text)
        message = page.receive()
        self.assertLess(time.monotonic() - started, AT_ONCE)
        return message["id"], message["error"]["data"]

    def test_what_is_no_request_is_refused(self):
        page = self.page()
        for text, reason in (
                ("", "parse_error"), ("{", "parse_error"), ("nope", "parse_error"), ('{"a":1,"a":2}', "parse_error"),
                ("[" * 10000, "parse_error"), ('{"jsonrpc":"2.0","id":1,"method":"agent.info"}x', "parse_error"),
                ("[]", "invalid_request"), ("1", "invalid_request"), ("{}", "invalid_request"),
                ('[{"jsonrpc":"2.0","id":1,"method":"agent.info"}]', "invalid_request"),
                ('{"jsonrpc":"1.0","id":1,"method":"agent.info"}', "invalid_request"),
                ('{"jsonrpc":"2.0","method":"agent.info"}', "invalid_request"),
                ('{"jsonrpc":"2.0","id":null,"method":"agent.info"}', "invalid_request"),
                ('{"jsonrpc":"2.0","id":1.5,"method":"agent.info"}', "invalid_request"),
                ('{"jsonrpc":"2.0","id":"' + "x" * 65 + '","method":"agent.info"}', "invalid_request"),
                ('{"jsonrpc":"2.0","id":{},"method":"agent.info"}', "invalid_request")):
            with self.subTest(text=text[:60]):
                self.assertEqual(self.error(page, text)[1]["reason"], reason)
        self.assertEqual(page.call("agent.info")["grant"], "listed")

    def test_an_id_that_could_be_read_is_answered(self):
        page = self.page()
        self.assertEqual(self.error(page, '{"jsonrpc":"2.0","id":"a","method":7}')[0], "a")
        request_id, data = self.error(page, '{"jsonrpc":"2.0","id":"b","method":"agent.info","extra":1}')
        self.assertEqual((request_id, data["reason"]), ("b", "invalid_request"))
        self.assertEqual(self.error(page, '{"jsonrpc":"2.0","id":9,"method":"agent.info","params":[]}')[1]["reason"], "invalid_request")

    def test_an_unknown_method_and_wrong_params_are_told_with_their_place(self):
        page = self.page()
        self.assertEqual(page.refused("agent.nothing")["reason"], "method_not_found")
        data = page.refused("sign.document", certificate="0" * 64, format="pades", documents=[{"document": "one"}])
        self.assertEqual((data["reason"], data["pointer"]), ("invalid_params", "/documents/0/document"))
        data = page.refused("agent.info", pin="123456")
        self.assertEqual((data["reason"], data["pointer"]), ("invalid_params", "/pin"))
        self.assertEqual(page.refused("sign.document", certificate="0" * 64, format="pades", documents=[], pin="1")["reason"], "invalid_params")
        self.assert_no_dialog()

    def test_a_message_over_the_limit_closes_with_1009(self):
        page = self.page()
        page.socket.send(" " * (1 << 20) + " ")
        with self.assertRaises((ConnectionError, websocket.WebSocketException, OSError)) as caught:
            page.receive()
        if isinstance(caught.exception, ConnectionError) and caught.exception.args:
            self.assertIn(caught.exception.args[0], (1009, 104, 32))

    def test_text_that_is_no_utf8_closes_the_connection(self):
        page = self.page()
        page.socket.send_frame(websocket.ABNF.create_frame(b"\xff\xfe{}", websocket.ABNF.OPCODE_TEXT))
        with self.assertRaises((ConnectionError, websocket.WebSocketException)):
            page.receive()

    def test_a_request_in_fragments_is_put_together(self):
        page = self.page()
        text = b'{"jsonrpc":"2.0","id":1,"method":"agent.info"}'
        page.methods[1] = "agent.info"
        page.socket.send_frame(websocket.ABNF(0, 0, 0, 0, websocket.ABNF.OPCODE_TEXT, 1, text[:10]))
        page.socket.send_frame(websocket.ABNF(0, 0, 0, 0, websocket.ABNF.OPCODE_CONT, 1, text[10:20]))
        page.socket.ping()
        page.socket.send_frame(websocket.ABNF(1, 0, 0, 0, websocket.ABNF.OPCODE_CONT, 1, text[20:]))
        self.assertIn("result", page.receive())

    def test_an_id_under_way_is_not_taken_twice(self):
        self.agent.script("hang")
        page = self.page(UNKNOWN)
        page.send("agent.requestAccess", {}, 5)
        page.send("agent.info", {}, 5)
        message = page.receive()
        self.assertEqual((message["id"], message["error"]["data"]["reason"]), (None, "invalid_request"))


class Access(AgentCase):
    def test_an_unknown_origin_may_ask_and_nothing_else(self):
        page = self.page(UNKNOWN)
        self.assertEqual(page.call("agent.info")["grant"], "none")
        for method, params in (("reader.list", {}), ("card.list", {}), ("certificate.list", {}), ("form.catalog", {}),
                               ("document.open", {"size": 1, "mediaType": "text/plain", "name": "a"}), ("agent.subscribe", {"topics": ["cards"]})):
            self.assertEqual(page.refused(method, **params)["reason"], "origin_denied")
        self.assert_no_dialog()

    def test_allowed_once_holds_for_the_connection(self):
        page = self.page(UNKNOWN)
        self.assertEqual(page.call("agent.requestAccess", reason="Başvuru formu")["grant"], "once")
        self.assertIn("https://unknown.example", self.agent.dialogs())
        self.assertIn("Başvuru formu", self.agent.dialogs())
        self.assertEqual(len(page.call("card.list")["cards"]), 1)
        self.assertEqual(self.page(UNKNOWN).call("agent.info")["grant"], "none")

    def test_allowed_always_holds_after_a_restart(self):
        self.agent.script("confirm notok")
        page = self.page("https://always.example")
        self.assertEqual(page.call("agent.requestAccess")["grant"], "always")
        self.agent.stop()
        self.agent.start()
        self.assertEqual(self.page("https://always.example").call("agent.info")["grant"], "always")
        self.assertEqual(self.page("https://always.example.evil.example").call("agent.info")["grant"], "none")
        self.assertEqual((self.agent.state / "imza-agent/origins.json").stat().st_mode & 0o777, 0o600)

    def test_refused_is_not_asked_again_on_this_connection(self):
        self.agent.script("confirm cancel")
        page = self.page(UNKNOWN)
        self.assertEqual(page.call("agent.requestAccess")["grant"], "denied")
        self.agent.forget_dialogs()
        self.assertEqual(page.call("agent.requestAccess")["grant"], "denied")
        self.assert_no_dialog()
        self.assertEqual(page.refused("card.list")["reason"], "origin_denied")

    def test_an_origin_in_the_message_counts_for_nothing(self):
        page = self.page(UNKNOWN)
        self.assertEqual(page.refused("agent.requestAccess", origin=ORIGIN)["reason"], "invalid_params")

    def test_a_listed_origin_is_not_asked_about(self):
        self.assertEqual(self.page().call("agent.requestAccess")["grant"], "listed")
        self.assert_no_dialog()

    def test_the_dialog_goes_with_the_page(self):
        self.agent.script("hang")
        page = self.page(UNKNOWN)
        page.send("agent.requestAccess", {})
        self.agent.wait_for("CONFIRM")
        page.close()
        self.agent.wait_idle(2)

    def test_one_dialog_at_a_time(self):
        self.agent.script("hang")
        first, second = self.page(UNKNOWN), self.page("https://other.example")
        request = first.send("agent.requestAccess", {})
        self.agent.wait_for("CONFIRM")
        waiting = second.send("agent.requestAccess", {})
        self.assertEqual(second.call("agent.info")["grant"], "none")
        self.assertEqual(self.agent.dialogs().count("CONFIRM"), 1)
        self.agent.script("confirm ok")
        self.assertTrue(self._cancel(first, request))
        self.assertEqual(second.answer(waiting)["grant"], "once")

    def origins_asked(self):
        """The sites that dialogs were opened for, in their order."""
        return re.findall("SETDESC (https://[a-z0-9.]+)%0A", self.agent.dialogs())

    def test_sites_come_in_turn(self):
        # Each page asks once: what counts is whose it is. One that asks for much does not keep the others waiting.
        self.agent.script("hang")
        sites = {name: f"https://{name}.example" for name in ("much", "second", "third")}
        first = self.page(sites["much"])
        request = first.send("agent.requestAccess", {})
        self.agent.wait_for("CONFIRM")
        later = []
        for name in ("much", "much", "much", "second", "third", "second"):
            page = self.page(sites[name])
            later.append((page, page.send("agent.requestAccess", {})))
            page.call("agent.info")
        self.assertEqual(self.page(sites["much"]).refused("agent.requestAccess")["reason"], "busy")
        self.agent.script("confirm cancel")
        self._cancel(first, request)
        for page, sent in later:
            self.assertEqual(page.answer(sent)["grant"], "denied")
        self.assertEqual(self.origins_asked(), [sites[name] for name in ("much", "second", "third", "much", "second", "much", "much")])

    def test_one_that_waits_can_be_taken_back_and_goes_with_its_page(self):
        self.agent.script("hang")
        first, second, third = (self.page(f"https://{name}.example") for name in ("one", "two", "three"))
        request = first.send("agent.requestAccess", {})
        self.agent.wait_for("CONFIRM")
        waiting = second.send("agent.requestAccess", {})
        third.send("agent.requestAccess", {})
        self.assertTrue(self._cancel(second, waiting))
        third.close()
        self.agent.script("confirm ok")
        self._cancel(first, request)
        self.agent.wait_idle()
        self.assertEqual(self.origins_asked(), ["https://one.example"])

    def test_progress_says_that_it_waits(self):
        self.agent.script("hang")
        first, page = self.page("https://one.example"), self.page()
        page.call("agent.subscribe", topics=["operations"])
        certificate = page.signer("rsa")["id"]
        request = first.send("agent.requestAccess", {})
        self.agent.wait_for("CONFIRM")
        sent = page.send("sign.document", {"certificate": certificate, "format": "cades",
                                           "documents": [{"content": "eA==", "name": "not.txt", "mediaType": "text/plain"}]})
        end = time.monotonic() + 20
        while not any(note["params"].get("step") == "waiting" for note in page.notifications):
            self.assertLess(time.monotonic(), end)
            page.call("agent.info")
        self.agent.script("confirm cancel")
        self._cancel(first, request)
        with self.assertRaises(Refused):
            page.answer(sent)
        steps = [note["params"]["step"] for note in page.notifications if note["method"] == "operation.progress"]
        self.assertEqual(steps[steps.index("waiting"):], ["waiting", "consent"])

    def _cancel(self, page, request):
        cancel = page.send("operation.cancel", {"operation": request})
        answers = {m["id"]: m for m in (page.receive(), page.receive())}
        self.assertEqual(answers[request]["error"]["data"]["reason"], "user_cancelled")
        return answers[cancel]["result"]["cancelled"]



class Identity(AgentCase):
    """The key by which a page knows this user's agent again."""

    def proof(self, page, challenge):
        return page.call("agent.info", challenge=base64.b64encode(challenge).decode())["identity"]

    def verify(self, proof, origin, challenge):
        raw = base64.b64decode(proof["signature"])
        signature = utils.encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
        serialization.load_der_public_key(base64.b64decode(proof["publicKey"])).verify(
            signature, b"imza-agent identity 1\0" + origin.encode() + b"\0" + challenge, ec.ECDSA(hashes.SHA256()))

    def test_it_proves_its_key_for_origin_and_challenge(self):
        challenge = os.urandom(32)
        proof = self.proof(self.page(UNKNOWN), challenge)
        self.verify(proof, UNKNOWN, challenge)
        for origin, other in ((ORIGIN, challenge), (UNKNOWN, os.urandom(32))):
            with self.assertRaises(InvalidSignature):
                self.verify(proof, origin, other)
        self.assertNotIn("identity", self.page().call("agent.info"))

    def test_the_key_stays_and_is_the_user_s_alone(self):
        before = self.proof(self.page(), bytes(16))["publicKey"]
        self.agent.stop()
        self.agent.start()
        self.assertEqual(self.proof(self.page(), bytes(16))["publicKey"], before)
        key = self.agent.state / "imza-agent/identity.key"
        self.assertEqual(key.stat().st_mode & 0o777, 0o600)
        self.agent.stop()
        key.write_bytes(b"damaged")
        self.agent.start()
        self.assertNotEqual(self.proof(self.page(), bytes(16))["publicKey"], before)

    def test_a_challenge_of_another_size_is_refused(self):
        page = self.page()
        for size in (0, 15, 67, 1000):
            self.assertEqual(page.refused("agent.info", challenge=base64.b64encode(bytes(size)).decode())["pointer"], "/challenge")


class Lists(AgentCase):
    options = {"extras": True}

    def test_the_software_token_is_a_reader_and_a_card(self):
        page = self.page()
        readers = page.call("reader.list")["readers"]
        cards = page.call("card.list")["cards"]
        self.assertEqual([r["kind"] for r in readers if r["kind"] == "software"], ["software"])
        self.assertEqual([c["label"] for c in cards], ["Demo E-İmza"])
        self.assertEqual(cards[0]["reader"], readers[-1]["id"])
        self.assertEqual(page.call("pin.status", card=cards[0]["id"])["pin"]["state"], "ok")
        self.assertEqual(page.refused("pin.status", card="nothing")["reason"], "not_found")

    def test_certificates_say_what_they_are_for(self):
        certificates = self.page().certificates()
        self.assertEqual([c["recommended"] for c in certificates], [True] + [False] * (len(certificates) - 1))
        best = certificates[0]
        self.assertEqual((best["subject"]["commonName"], best["subject"]["serialNumber"]), ("Çağla Şule Öğüt", "10000000146"))
        self.assertTrue(best["qualified"])
        self.assertEqual(best["status"], "valid")
        self.assertEqual({c["status"] for c in certificates}, {"valid", "expired", "not_yet_valid"})
        self.assertEqual([c["purposes"] for c in certificates if not c["qualified"]], [["authentication"]])

    def test_the_filter_is_kept(self):
        page = self.page()
        everything = page.certificates()
        self.assertEqual(len(page.certificates(purpose="authentication")), 1)
        self.assertEqual(len(page.certificates(identityNumber="12345678950")), 0)
        self.assertEqual(len(page.certificates(identityNumber="10000000146")), len(everything))
        self.assertEqual({c["status"] for c in page.certificates(valid=True)}, {"valid"})
        self.assertEqual(len(page.certificates(issuer="Nobody")), 0)


class NoCard(AgentCase):
    options = {"token": False}

    def test_no_card_is_said(self):
        page = self.page()
        self.assertEqual(page.call("card.list")["cards"], [])
        self.assertEqual(page.refused("certificate.list")["reason"], "no_card")


class MissingModule(AgentCase):
    options = {"modules": ["/usr/lib/no-such-module.so"], "token": False}

    def test_a_missing_module_is_one_error_and_readers_are_listed(self):
        page = self.page()
        started = time.monotonic()
        self.assertEqual(page.refused("card.list")["reason"], "module_failed")
        self.assertEqual(page.refused("certificate.list")["reason"], "module_failed")
        self.assertLess(time.monotonic() - started, AT_ONCE)
        self.assertIn(page.call("reader.list")["service"], ("running", "unavailable"))


class StartAndStop(unittest.TestCase):
    def test_sigterm_tells_the_pages_and_leaves_nothing(self):
        with Agent() as agent:
            page, busy = agent.page(), agent.page(UNKNOWN)
            agent.script("hang")
            request = busy.send("agent.requestAccess", {})
            page.call("card.list")
            agent.pages.clear()
            self.assertEqual(agent.process.poll(), None)
            started = time.monotonic()
            self.assertEqual(agent.stop(), 0)
            self.assertLess(time.monotonic() - started, 3)
            with self.assertRaises(ConnectionError) as caught:
                page.receive()
            self.assertEqual(caught.exception.args[0], 1001)
            self.assertEqual([n["method"] for n in page.notifications], ["agent.stopping"])
            answer = busy.receive()
            self.assertEqual((answer["id"], answer["error"]["data"]["reason"]), (request, "user_cancelled"))
            self.assertEqual(agent.children(), [])
            self.assertEqual(sorted(p.name for p in (agent.runtime / "imza-agent").iterdir()), [])

    def test_a_second_agent_takes_the_next_port(self):
        with Agent() as first, Agent() as second:
            self.assertNotEqual(first.port, second.port)
            self.assertEqual(second.page().call("agent.info")["grant"], "listed")

    def test_a_bad_setting_is_named_by_its_line(self):
        for line in ("colour = red", "language = de", "pinentry = relative/path", "module", "dialog-seconds = 12x"):
            with self.subTest(line=line):
                agent = Agent(settings=line + "\n", token=False)
                self.addCleanup(agent.close)
                with self.assertRaises(AssertionError):
                    agent.start()
                self.assertRegex(agent.log(), r"agent\.conf:\d+: ")
                self.assertEqual(agent.process.wait(5), 1)
                agent.process.stdout.close()

    def test_settings_that_others_can_write_are_refused(self):
        agent = Agent(token=False)
        self.addCleanup(agent.close)
        config = agent.folder / "open.conf"
        config.write_text(agent.settings, encoding="utf-8")
        config.chmod(0o666)
        result = subprocess.run([BUILD / "agent/imza-agent", "--config", config], capture_output=True, timeout=10)
        self.assertEqual(result.returncode, 1)
        self.assertIn(b"nobody else may write it", result.stderr)

    def test_help_and_version(self):
        self.assertIn(b"Usage:", subprocess.run([BUILD / "agent/imza-agent", "--help"], capture_output=True, check=True).stdout)
        self.assertIn(b"0.1.0", subprocess.run([BUILD / "agent/imza-agent", "--version"], capture_output=True, check=True).stdout)
        self.assertEqual(subprocess.run([BUILD / "agent/imza-agent", "--nothing"], capture_output=True).returncode, 2)


if __name__ == "__main__":
    unittest.main()
