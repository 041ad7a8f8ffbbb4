# SPDX-License-Identifier: Apache-2.0
"""Attacks by pages: floods (6), PINs in messages (9), another's login (11), ids again (25), what is left in logs (28)."""
import json
import re
import unittest

import boundary
from agent_client import ORIGIN, Page, Refused, base64_text
from test_agent import AgentCase
from test_signing import form_data

assert boundary	# it finds the end-to-end tests' modules
OTHER = "https://other.example"
DOCUMENT = [{"content": base64_text(b"x"), "name": "gizli-dosya-adi.txt", "mediaType": "text/plain"}]


class Flood(AgentCase):
    options = {"allowed": (ORIGIN, OTHER)}

    def test_fifty_requests_at_once_open_one_dialog_and_others_are_served(self):
        self.agent.script("hang")
        pages = [self.page("https://flood.example") for _ in range(5)]
        for page in pages:
            for _ in range(10):
                page.send("agent.requestAccess", {})
        self.agent.wait_for("CONFIRM")
        reasons = []
        for page in pages:
            last = page.send("agent.info")
            while (answer := page.receive())["id"] != last:
                reasons.append(answer["error"]["data"]["reason"])
        self.assertEqual(reasons, ["busy"] * 46)	# one is shown, three wait
        self.assertEqual(self.agent.dialogs().count("CONFIRM"), 1)
        self.assertEqual(self.page(OTHER).call("agent.info")["grant"], "listed")


class Rate(AgentCase):
    options = {"settings": "requests-per-second = 5\n", "allowed": (ORIGIN, OTHER)}

    def test_a_site_that_asks_too_often_is_told_when_to_come_back_and_then_shut_out(self):
        page, other = self.page(), self.page(OTHER)
        for _ in range(40):
            page.call("agent.info")
        waits, pages = [], [self.page(), page]
        with self.assertRaises((ConnectionError, BrokenPipeError)) as ended:
            for number in range(200):	# over two connections: the site counts, not the connection
                try:
                    pages[number % 2].call("agent.info")
                except Refused as refused:
                    self.assertEqual(refused.reason, "rate_limited")
                    waits.append(refused.data["retryAfter"])
        self.assertEqual(ended.exception.args[0], 1008)
        self.assertEqual(sorted(waits), waits)
        self.assertGreater(len(waits), 40)
        self.assertEqual(other.call("agent.info")["grant"], "listed")


class Pins(AgentCase):
    def test_a_pin_in_a_message_is_refused_and_told_nobody(self):
        page = self.page()
        certificate, card = page.signer("rsa")["id"], page.call("card.list")["cards"][0]["id"]
        for name in ("pin", "PIN", "password", "puk"):
            for method, params in (("sign.document", {"certificate": certificate, "documents": DOCUMENT, "format": "cades"}),
                                   ("pin.verify", {"card": card}), ("pin.change", {"card": card}), ("agent.requestAccess", {})):
                self.assertEqual(page.refused(method, **params, **{name: "739158"})["reason"], "invalid_params", (method, name))
        self.assert_no_dialog()
        self.assertNotIn("739158", self.agent.log())


class Logins(AgentCase):
    options = {"allowed": (ORIGIN, OTHER)}

    def sign(self, page):
        """Signs; how often the PIN was asked for."""
        self.agent.forget_dialogs()
        page.call("sign.document", certificate=page.signer("rsa")["id"], documents=DOCUMENT, format="cades")
        return self.agent.dialogs().count("GETPIN")

    def test_a_login_serves_one_operation_of_one_page(self):
        first = self.page(ORIGIN)
        self.assertEqual(self.sign(first), 1)
        self.assertEqual(self.sign(self.page(OTHER)), 1)	# another site
        self.assertEqual(self.sign(first), 1)			# the same page again
        first.close()
        self.assertEqual(self.sign(self.page(ORIGIN)), 1)	# come back

    def test_two_sites_at_once_do_not_share_one(self):
        self.agent.script("hang")
        first, second = self.page(ORIGIN), self.page(OTHER)
        certificate = first.signer("rsa")["id"]
        request = {"certificate": certificate, "documents": DOCUMENT, "format": "cades"}
        first.send("sign.document", request)
        self.agent.wait_for("CONFIRM")
        theirs = second.send("sign.document", request)
        second.call("agent.info")
        self.assertEqual(self.agent.dialogs().count("CONFIRM"), 1)
        self.agent.forget_dialogs()
        self.agent.script("confirm ok", "pin 123456")
        first.close()
        second.answer(theirs)
        self.assertEqual([self.agent.dialogs().count(command) for command in ("CONFIRM", "GETPIN")], [1, 1])


class Again(AgentCase):
    def test_a_request_that_came_before_is_asked_for_again(self):
        """25: a message sent twice is two requests, each with its own consent; an id under way is not taken twice."""
        page = self.page()
        request = {"certificate": page.signer("rsa")["id"], "documents": DOCUMENT, "format": "cades"}
        for _ in range(2):
            self.agent.forget_dialogs()
            page.answer(page.send("sign.document", request, request_id=4711))
            self.assertIn("CONFIRM", self.agent.dialogs())
            self.assertIn("GETPIN", self.agent.dialogs())

    def test_a_proof_of_identity_is_for_its_origin_and_challenge(self):
        challenge = base64_text(b"c" * 32)
        proofs = {Page(self.agent.port, origin).call("agent.info", challenge=value)["identity"]["signature"]
                  for origin in (ORIGIN, "https://other.example") for value in (challenge, base64_text(b"d" * 32))}
        self.assertEqual(len(proofs), 4)


class Logs(AgentCase):
    def test_neither_numbers_nor_names_nor_contents_are_in_a_log(self):
        page = self.page()
        data = form_data("first-application")
        number = data["identityNumber"] if "identityNumber" in data else re.search(r'"(\d{11})"', json.dumps(data))[1]
        page.refused("form.sign", form="first-application", data=data, certificate="0" * 64)
        page.call("form.validate", form="first-application", data=data)
        page.call("certificate.list", filter={"identityNumber": number})
        page.call("sign.document", certificate=page.signer("rsa")["id"], documents=DOCUMENT, format="cades")
        page.refused("sign.document", certificate="f" * 64, documents=DOCUMENT, format="cades")
        audit = (self.agent.state / "imza-agent/audit.jsonl").read_text(encoding="utf-8")
        self.assertIn('"signed"', audit)
        for log in (self.agent.log(), audit):
            for secret in (number, "gizli-dosya-adi", DOCUMENT[0]["content"], "123456"):
                self.assertNotIn(secret, log)


if __name__ == "__main__":
    unittest.main()
