# SPDX-License-Identifier: Apache-2.0
"""A batch that is answered document by document: bad ones among good, a card that goes, a stop in the middle, and going on without signing twice."""
import base64
import hashlib
import json
import os
import signal
import subprocess
import time
import unittest

from agent_client import ORIGIN, Refused
from judges import cms_content, pdf_is_good, pdf_signatures_are_good
from test_cards import PIN, CardCase
from test_signing import FORMS, FakeModuleCase, SigningCase, form_data


def content(i):
    return b"belge %d" % i


class Batches:
    """What the tests of batches share."""

    def upload_all(self, page, count, name="{}.txt"):
        return [page.upload(content(i), name.format(i), "text/plain") for i in range(count)]

    def batch(self, page, certificate, handles, **more):
        return page.call("sign.document", **self.request(certificate, handles, **more))

    @staticmethod
    def request(certificate, handles, **more):
        return {"certificate": certificate, "format": "cades", "partial": True, "documents": [{"document": h} for h in handles], **more}

    def reasons(self, result):
        return {f["index"]: f["error"]["data"]["reason"] for f in result.get("failed", [])}

    def indexes(self, result, earlier=None):
        return [d["index"] for d in result["documents"] if earlier is None or d.get("earlier", False) == earlier]


class Partial(Batches, SigningCase):
    options = {"renewal": True}

    def test_a_bad_one_among_a_hundred_does_not_lose_the_others(self):
        page = self.page()
        good = page.download(page.call("form.render", form="renewal", data=form_data("renewal"))["document"])
        encrypted = good.replace(b"/Root ", b"/Encrypt 1 0 R /Root ", 1)
        bad = {3: b"no PDF at all", 50: good[:len(good) // 2], 77: b"", 98: encrypted}
        handles = [page.upload(bad.get(i, good), f"{i}.pdf") for i in range(100)]
        page.call("document.close", document=handles[60])
        handles[61] = page.call("document.open", size=10, mediaType="application/pdf", name="half.pdf")["document"]
        result = self.batch(page, page.signer("rsa")["id"], handles, format="pades")
        self.assertEqual(self.reasons(result), {3: "document_invalid", 50: "document_invalid", 60: "not_found", 61: "document_invalid",
                                                77: "document_invalid", 98: "document_invalid"})
        self.assertEqual(self.indexes(result), [i for i in range(100) if i not in self.reasons(result)])
        self.assertFalse(any("earlier" in d for d in result["documents"]))
        for at in (0, 57, -1):
            signed = page.download(result["documents"][at]["document"])
            self.assertTrue(signed.startswith(good) and pdf_is_good(signed, self.chain))
        shown = self.agent.dialogs()
        self.assertEqual(shown.count("GETPIN"), 1)
        self.assertIn("94 belge", shown)
        self.assertIn("DİKKAT: Sitenin imzalanmasını istediği 6 belge imzalanamıyor", shown.replace("%0A", " "))
        self.assertNotIn("• 3.pdf", shown)

    def test_without_partial_it_is_all_or_none(self):
        page = self.page()
        handles = [page.upload(c, "x.pdf") for c in (b"no PDF", b"none either")]
        request = {**self.request(page.signer("rsa")["id"], handles, format="pades"), "partial": False}
        self.assertEqual(page.refused("sign.document", **request)["reason"], "document_invalid")
        del request["partial"]
        self.assertEqual(page.refused("sign.document", **request)["reason"], "document_invalid")

    def test_nothing_that_can_be_signed_opens_no_dialog(self):
        page = self.page()
        certificate = page.signer("rsa")["id"]
        self.agent.forget_dialogs()
        result = self.batch(page, certificate, [page.upload(b"no PDF", "x.pdf"), 4_000_000], format="pades")
        self.assertEqual((result["documents"], self.reasons(result)), ([], {0: "document_invalid", 1: "not_found"}))
        self.assert_no_dialog()

    def test_a_refusal_is_the_whole_batch_s(self):
        page = self.page()
        handles = self.upload_all(page, 3)
        certificate = page.signer("rsa")["id"]
        for script, reason in ((["confirm cancel"], "user_denied"), (["confirm ok", "pin cancel"], "user_cancelled"),
                               (["confirm ok", "pin 999999", "pin cancel"], "pin_incorrect")):
            self.agent.script(*script)
            self.assertEqual(page.refused("sign.document", **self.request(certificate, handles))["reason"], reason)
        self.agent.script("confirm ok", "pin 123456")
        self.assertEqual(len(self.batch(page, certificate, handles)["documents"]), 3)

    def test_inline_and_stored_documents_may_stand_together(self):
        page = self.page()
        entries = [{"document": page.upload(b"a", "a.txt", "text/plain")},
                   {"content": base64.b64encode(b"b").decode(), "name": "b.txt", "mediaType": "text/plain"}, {"document": 77777}]
        result = page.call("sign.document", certificate=page.signer("ec")["id"], format="cades", partial=True, documents=entries)
        self.assertEqual((self.indexes(result), self.reasons(result)), ([0, 1], {2: "not_found"}))
        self.assertEqual(cms_content(base64.b64decode(result["documents"][1]["content"]), self.chain), b"b")
        self.assertEqual(cms_content(page.download(result["documents"][0]["document"]), self.chain), b"a")

    def test_a_handle_that_stands_twice_is_refused(self):
        page = self.page()
        handle = page.upload(b"a", "a.txt", "text/plain")
        refused = page.refused("sign.document", **self.request(page.signer("ec")["id"], [handle, handle]))
        self.assertEqual((refused["reason"], refused["pointer"]), ("invalid_params", "/documents/1/document"))

    def test_what_was_signed_comes_back_and_is_not_signed_again(self):
        page = self.page()
        handles = self.upload_all(page, 10)
        certificate = page.signer("rsa")["id"]
        first = self.batch(page, certificate, handles[:6])
        self.assertEqual(self.indexes(first, earlier=False), list(range(6)))
        self.agent.forget_dialogs()
        again = self.batch(page, certificate, handles)
        self.assertIn("4 belge", self.agent.dialogs())
        self.assertEqual((self.indexes(again, earlier=True), self.indexes(again, earlier=False)), (list(range(6)), [6, 7, 8, 9]))
        for before, after in zip(first["documents"], again["documents"]):
            self.assertEqual({**before, "earlier": True}, after)
        self.agent.forget_dialogs()
        self.assertEqual(self.indexes(self.batch(page, certificate, handles), earlier=True), list(range(10)))
        self.assert_no_dialog()
        # A result that the page has let go can't come back, and is not made anew.
        page.call("document.close", document=again["documents"][2]["document"])
        last = self.batch(page, certificate, handles)
        self.assertEqual((self.reasons(last), len(last["documents"])), ({2: "already_signed"}, 9))
        self.assert_no_dialog()
        # Another certificate, format or packaging is another signature; and so is a document that was sent anew.
        for more in ({"certificate": page.signer("ec")["id"]}, {"packaging": "detached"}):
            self.assertEqual(self.indexes(page.call("sign.document", **{**self.request(certificate, handles[:2]), **more}), earlier=False), [0, 1])
        self.assertEqual(self.indexes(self.batch(page, certificate, self.upload_all(page, 2)), earlier=False), [0, 1])

    def test_a_document_is_in_one_batch_at_a_time(self):
        page = self.page()
        handles = self.upload_all(page, 2)
        certificate = page.signer("rsa")["id"]
        self.agent.script("hang")
        request = page.send("sign.document", self.request(certificate, handles))
        self.agent.wait_for("CONFIRM")
        result = self.batch(page, certificate, handles)
        self.assertEqual((result["documents"], self.reasons(result)), ([], {0: "busy", 1: "busy"}))
        page.send("operation.cancel", {"operation": request})
        answers = [page.receive(), page.receive()]
        self.assertEqual([m["error"]["data"]["reason"] for m in answers if m["id"] == request], ["user_cancelled"])
        self.agent.script("confirm ok", "pin 123456")
        self.assertEqual(len(self.batch(page, certificate, handles)["documents"]), 2)

    def test_a_document_program_that_dies_costs_its_own_documents_only(self):
        """Large batches are shared by two; what one had prepared goes with it."""
        page = self.page()
        handles = self.upload_all(page, 10)
        certificate = page.signer("rsa")["id"]
        for partial in (True, False):
            self.agent.script("slow 1500", "confirm ok", "pin 123456")
            self.agent.forget_dialogs()
            request = page.send("sign.document", self.request(certificate, handles, partial=partial))
            self.agent.wait_for("CONFIRM")
            os.kill(self.agent.family()["imza-document"], signal.SIGKILL)
            if not partial:
                with self.assertRaises(Refused) as caught:
                    page.answer(request)
                self.assertEqual(caught.exception.reason, "internal")
                continue
            result = page.answer(request)
            self.assertEqual(set(self.reasons(result).values()), {"internal"})
            self.assertEqual(len(self.indexes(result)), 5)
            again = self.batch(page, certificate, handles)
            self.assertEqual((len(self.indexes(again, earlier=True)), len(self.indexes(again, earlier=False))), (5, 5))

    def test_there_must_be_room_for_what_comes_of_it(self):
        page = self.page()
        handles = [page.call("document.open", size=0, mediaType="text/plain", name="x.txt")["document"] for _ in range(2199)]
        certificate = page.signer("rsa")["id"]
        self.agent.forget_dialogs()
        self.assertEqual(page.refused("sign.document", **self.request(certificate, handles[:2]))["reason"], "busy")
        self.assert_no_dialog()

    def test_an_officer_countersigns_what_applicants_have_signed(self):
        """The signed forms go into one batch; both signatures stay good, by pdfsig's and pyHanko's word."""
        page = self.page()
        signers, officer = {form: page.signer("rsa", form) for form in FORMS}, page.signer("ec")["id"]
        signed = [page.call("form.sign", form=form, data=form_data(form, signer), certificate=signer["id"])["document"]
                  for form, signer in signers.items()]
        self.agent.forget_dialogs()
        result = self.batch(page, officer, signed, format="pades", reason="Uygundur")
        self.assertEqual(self.agent.dialogs().count("GETPIN"), 1)
        for handle, document in zip(signed, result["documents"]):
            before, after = page.download(handle), page.download(document["document"])
            self.assertTrue(after.startswith(before))
            self.assertTrue(pdf_signatures_are_good(after, self.chain, 2))
            text = subprocess.run(["pdftotext", "-", "-"], input=after, capture_output=True, check=True).stdout.decode()
            boxes = 2 if "Kurum yetkilisinin imzası" in text else 1
            self.assertEqual(text.count(ORIGIN), boxes)
            self.assertEqual(page.call("signature.verify", document=document["document"])["signatures"][0]["changes"],
                             ["signature", "signature_appearance"][:boxes])


class Interrupted(Batches, FakeModuleCase):
    """Cards that go in the middle."""

    def certificate(self, page):
        return page.certificates(purpose="signature")[0]["id"]

    def assert_good(self, page, result, handles):
        for document in result["documents"]:
            signed = page.download(document["document"])
            self.assertEqual(hashlib.sha256(signed).hexdigest(), document["sha256"])
            self.assertIn(content(document["index"]), signed)
        self.assertLessEqual(len(result["documents"]), len(handles))

    def test_a_card_that_is_pulled_keeps_what_it_signed_and_the_rest_goes_on_later(self):
        agent = self.agent("card_pulled", MOD_COUNT=437)
        page = agent.page()
        page.call("agent.subscribe", topics=["operations"])
        handles = self.upload_all(page, 500)
        result = self.batch(page, self.certificate(page), handles)
        self.assertEqual(self.indexes(result), list(range(436)))
        self.assertEqual(self.reasons(result), {i: "card_removed" for i in range(436, 500)})
        self.assert_good(page, result, handles)
        entry = json.loads((agent.state / "imza-agent/audit.jsonl").read_text(encoding="utf-8").splitlines()[-1])
        self.assertEqual((entry["result"], entry["made"], len(entry["signed"])), ("card_removed", 436, 500))
        signing = [n["params"] for n in page.notifications if n["params"]["step"] == "signing"]
        self.assertTrue(all(s["total"] == 500 for s in signing))
        self.assertEqual([s["done"] for s in signing], sorted(s["done"] for s in signing))
        agent.forget_dialogs()
        agent.script("confirm ok", "pin 123456")
        self.assertEqual(page.refused("certificate.list")["reason"], "no_card")     # it is back at the next look
        again = self.batch(page, self.certificate(page), handles)
        self.assertEqual((self.indexes(again, earlier=True), self.indexes(again, earlier=False)), (list(range(436)), list(range(436, 500))))
        self.assertIn("64 belge", agent.dialogs())
        self.assertEqual(agent.dialogs().count("GETPIN"), 1)
        self.assert_good(page, again, handles)

    def test_a_card_that_is_pulled_before_its_first_signature_is_one_error(self):
        agent = self.agent("card_pulled", MOD_COUNT=1)
        page = agent.page()
        refused = page.refused("sign.document", **self.request(self.certificate(page), self.upload_all(page, 3)))
        self.assertEqual(refused["reason"], "card_removed")

    def test_all_or_none_gives_nothing_when_the_card_goes(self):
        agent = self.agent("card_pulled", MOD_COUNT=3)
        page = agent.page()
        request = self.request(self.certificate(page), self.upload_all(page, 5))
        del request["partial"]
        self.assertEqual(page.refused("sign.document", **request)["reason"], "card_removed")

    def test_a_stop_gives_back_what_is_signed(self):
        agent = self.agent("slow_login", MOD_CALL="C_Sign", MOD_MS=50)
        page = agent.page()
        page.call("agent.subscribe", topics=["operations"])
        certificate, handles = self.certificate(page), self.upload_all(page, 40)
        request = page.send("sign.document", self.request(certificate, handles))
        while not any(n["params"]["step"] == "signing" and n["params"]["done"] >= 3 for n in page.notifications):
            page.call("agent.info")
            time.sleep(0.02)
        cancel = page.send("operation.cancel", {"operation": request})
        answers = {m["id"]: m["result"] for m in (page.receive(), page.receive())}
        self.assertEqual(answers[cancel], {"cancelled": True})
        result = answers[request]
        done = len(result["documents"])
        self.assertTrue(3 <= done < 40, done)
        self.assertEqual(self.indexes(result), list(range(done)))
        self.assertEqual(self.reasons(result), {i: "user_cancelled" for i in range(done, 40)})
        self.assert_good(page, result, handles)
        agent.wait_idle()

    def test_a_stop_gives_nothing_back_that_can_t_be_logged_where_it_has_to_be(self):
        agent = self.agent("slow_login", "require-audit-log = yes\n", MOD_CALL="C_Sign", MOD_MS=50)
        page = agent.page()
        page.call("agent.subscribe", topics=["operations"])
        request = page.send("sign.document", self.request(self.certificate(page), self.upload_all(page, 40)))
        while not any(n["params"]["step"] == "signing" and n["params"]["done"] >= 3 for n in page.notifications):
            page.call("agent.info")
            time.sleep(0.02)
        log = agent.state / "imza-agent/audit.jsonl"
        log.unlink()
        log.mkdir()
        page.send("operation.cancel", {"operation": request})
        answers = {m["id"]: m for m in (page.receive(), page.receive())}
        self.assertEqual(answers[request]["error"]["data"]["reason"], "audit_unavailable")
        agent.wait_idle()
        # And it is found out before anybody is asked again.
        agent.forget_dialogs()
        self.assertEqual(page.refused("sign.document", **self.request(self.certificate(page), self.upload_all(page, 1)))["reason"], "audit_unavailable")
        self.assertEqual(agent.dialogs(), "")

    def test_a_stop_before_the_first_signature_discards_all(self):
        agent = self.agent("slow_login", MOD_MS=3000)
        page = agent.page()
        request = page.send("sign.document", self.request(self.certificate(page), self.upload_all(page, 3)))
        agent.wait_for("GETPIN")
        page.send("operation.cancel", {"operation": request})
        answers = [page.receive(), page.receive()]
        self.assertEqual([m["error"]["data"]["reason"] for m in answers if m["id"] == request], ["user_cancelled"])


class RealCard(Batches, CardCase):
    """A card in a reader, by OpenSC's driver: it keeps its key when its program is ended, so what was signed counts for the next request."""

    def half_signed(self, page, certificate, handles, reason):
        """The result of a batch that was ended so after its third signature; the card takes a tenth of a second for each."""
        self.card.order("slow 100 87")
        page.notifications.clear()
        request = page.send("sign.document", self.request(certificate, handles))
        while not any(n["params"]["step"] == "signing" and n["params"]["done"] >= 3 for n in page.notifications):
            page.call("agent.info")
            time.sleep(0.01)
        answers = 1
        if reason == "card_removed":
            self.card.remove()
        else:
            page.send("operation.cancel", {"operation": request})
            answers = 2
        result = {m["id"]: m for m in [page.receive() for _ in range(answers)]}[request]["result"]
        self.card.order("slow 0")
        return result

    def test_a_batch_that_was_stopped_or_lost_its_card_goes_on_and_signs_nothing_twice(self):
        page = self.page("operations")
        certificate = self.certificate(page, "9d")
        for reason in ("user_cancelled", "card_removed"):
            with self.subTest(reason):
                handles = self.upload_all(page, 12)
                first = self.half_signed(page, certificate, handles, reason)
                done = len(first["documents"])
                self.assertTrue(3 <= done < 12, done)
                self.assertEqual((self.indexes(first), self.reasons(first)), (list(range(done)), {i: reason for i in range(done, 12)}))
                if reason == "card_removed":
                    self.card.insert()
                self.agent.script("confirm ok", "pin " + PIN)
                self.agent.forget_dialogs()
                mark = len([c for c in self.card.log() if c[0] == "87"])
                second = self.batch(page, certificate, handles)
                self.assertEqual((self.indexes(second, earlier=True), self.indexes(second, earlier=False)), (list(range(done)), list(range(done, 12))))
                self.assertEqual(len([c for c in self.card.log() if c[0] == "87"]) - mark, 12 - done)
                self.assertIn(f"{12 - done} belge", self.agent.dialogs())
                for document in second["documents"]:
                    self.assertIn(content(document["index"]), page.download(document["document"]))


if __name__ == "__main__":
    unittest.main()
