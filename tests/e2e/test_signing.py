# SPDX-License-Identifier: Apache-2.0
"""The main job through the whole way: page, consent, PIN, card, signed document; others' programs judge the result."""
import base64
import calendar
import hashlib
import json
import os
import shutil
import subprocess
import time
import unittest

import document_inputs
from agent_client import AT_ONCE, BUILD, ORIGIN, Agent, Refused, base64_text, sample
from judges import cms_content, pdf_is_good, pdf_is_refused
from softhsm import SoftHsm
from test_agent import AgentCase
from test_form_page import variants

FORMS = ("first-application", "renewal", "replacement", "pin-request", "card-reader-request", "individual-application")


def foreign_pdf():
    """A PDF that a Debian package ships and that we did not make."""
    contents = [content for _, content, outcome in document_inputs.debian() if outcome == document_inputs.SIGNED]
    return max(contents, key=len, default=None)


def day_in_turkey(seconds):
    return time.strftime("%Y-%m-%d", time.gmtime(seconds + 3 * 3600))


def form_data(form, signer=None):
    """The sample, dated so that it holds today: the renewal's certificate is the signer's, or ends in a month."""
    data = sample(form)
    data["applicationDate"] = day_in_turkey(time.time())
    if form == "renewal":
        ends = calendar.timegm(time.strptime(signer["notAfter"], "%Y-%m-%dT%H:%M:%SZ")) if signer else time.time() + 30 * 86400
        data["certificateEnd"] = day_in_turkey(ends)
    return data


class SigningCase(AgentCase):
    def setUp(self):
        super().setUp()
        self.chain = self.agent.token.folder / "chain.pem"

    def changed(self, content, at):
        broken = bytearray(content)
        broken[at] ^= 1
        return bytes(broken)


class Documents(SigningCase):
    def test_a_pdf_that_we_did_not_make_is_signed_with_each_key(self):
        content = foreign_pdf()
        if content is None:
            self.skipTest("no PDF of another maker on this machine")
        page = self.page()
        for key in ("rsa", "ec"):
            with self.subTest(key=key):
                handle = page.upload(content)
                result = page.call("sign.document", certificate=page.signer(key)["id"], documents=[{"document": handle}], format="pades",
                                   reason="Okudum, onaylıyorum", location="Ankara")["documents"][0]
                signed = page.download(result["document"])
                self.assertEqual((len(signed), hashlib.sha256(signed).hexdigest()), (result["size"], result["sha256"]))
                self.assertEqual(result["signer"]["commonName"], "Çağla Şule Öğüt")
                self.assertTrue(signed.startswith(content))
                self.assertTrue(pdf_is_good(signed, self.chain))
                self.assertTrue(pdf_is_refused(self.changed(signed, len(content) // 2), self.chain))
                self.assertEqual(page.call("document.close", document=result["document"])["sha256"], result["sha256"])
                self.assertEqual(page.refused("document.read", document=result["document"])["reason"], "not_found")

    def test_any_file_is_signed_as_cades_attached_and_detached(self):
        page = self.page()
        content = os.urandom(100_000)
        for key in ("rsa", "ec"):
            for packaging in ("attached", "detached"):
                with self.subTest(key=key, packaging=packaging):
                    result = page.call("sign.document", certificate=page.signer(key)["id"], format="cades", level="B-B", packaging=packaging,
                                       documents=[{"content": base64_text(content), "name": "veri.bin", "mediaType": "application/octet-stream"}])
                    document = result["documents"][0]
                    cms = base64.b64decode(document["content"])
                    self.assertEqual(document["name"], "veri.bin." + ("p7m" if packaging == "attached" else "p7s"))
                    outside = content if packaging == "detached" else None
                    self.assertEqual(cms_content(cms, self.chain, outside), content)
                    self.assertIsNone(cms_content(self.changed(cms, -1), self.chain, outside))
                    if outside:
                        self.assertIsNone(cms_content(cms, self.chain, self.changed(content, 5)))

    def test_the_user_sees_what_is_signed(self):
        page = self.page()
        content = b"icerik"
        page.call("sign.document", certificate=page.signer("rsa")["id"], format="cades",
                  documents=[{"content": base64_text(content), "name": "görülen.txt", "mediaType": "text/plain"}])
        dialogs = self.agent.dialogs()
        for text in (ORIGIN, "görülen.txt", hashlib.sha256(content).hexdigest()[:16], "Çağla Şule Öğüt"):
            self.assertIn(text, dialogs)
        self.assertEqual((dialogs.count("CONFIRM"), dialogs.count("GETPIN")), (1, 1))

    def test_the_audit_log_tells_what_was_asked_and_how_it_ended(self):
        log = self.agent.state / "imza-agent/audit.jsonl"
        log.unlink(missing_ok=True)
        page = self.page()
        certificate = page.signer("rsa")
        request = {"certificate": certificate["id"], "format": "cades",
                   "documents": [{"content": base64_text(b"gizli"), "name": "10000000146.txt", "mediaType": "text/plain"}]}
        page.call("sign.document", **request)
        self.agent.script("confirm cancel")
        page.refused("sign.document", **request)
        text = log.read_text(encoding="utf-8")
        entries = [json.loads(line) for line in text.splitlines()]
        self.assertEqual([e["result"] for e in entries], ["signed", "user_denied"])
        self.assertEqual([e["sha256"] for e in entries], [[hashlib.sha256(b"gizli").hexdigest()]] * 2)
        self.assertEqual({(e["origin"], e["certificate"], e["kind"]) for e in entries}, {(ORIGIN, certificate["id"], "document")})
        self.assertEqual(entries[1]["previous"], hashlib.sha256(text.splitlines()[0].encode()).hexdigest())
        self.assertNotIn("10000000146", text)
        self.assertNotIn("gizli", text)

    def test_a_batch_has_one_consent_and_one_pin(self):
        page = self.page()
        documents = [{"content": base64_text(b"%d" % i), "name": f"{i}.txt", "mediaType": "text/plain"} for i in range(40)]
        page.call("agent.subscribe", topics=["operations"])
        signed = page.call("sign.document", certificate=page.signer("ec")["id"], format="cades", documents=documents)["documents"]
        self.assertEqual([d["name"] for d in signed], [f"{i}.txt.p7m" for i in range(40)])
        for i in (0, 39):
            self.assertEqual(cms_content(base64.b64decode(signed[i]["content"]), self.chain), b"%d" % i)
        self.assertEqual(self.agent.dialogs().count("GETPIN"), 1)
        steps = [n["params"]["step"] for n in page.notifications]
        self.assertEqual(list(dict.fromkeys(steps)), ["preparing", "consent", "pin", "signing", "finishing"])

    def test_hashes_are_signed_for_a_listed_origin_only(self):
        page = self.page()
        digest = hashlib.sha384(b"x").digest()
        certificate = page.signer("ec")
        signature = page.call("sign.hash", certificate=certificate["id"],
                              hashes=[{"algorithm": "sha384", "value": base64_text(digest), "label": "özet"}])["signatures"][0]
        self.assertEqual((signature["name"], signature["hash"], len(base64.b64decode(signature["value"]))), ("ECDSA", "SHA-384", 96))
        raw = base64.b64decode(signature["value"])
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec, utils
        key = x509.load_der_x509_certificate(base64.b64decode(certificate["der"])).public_key()
        key.verify(utils.encode_dss_signature(int.from_bytes(raw[:48], "big"), int.from_bytes(raw[48:], "big")), digest,
                   ec.ECDSA(utils.Prehashed(hashes.SHA384())))
        self.assertIn("İçerik bu programca bilinmiyor", self.agent.dialogs())
        other = self.page("https://other.example")
        other.call("agent.requestAccess")
        self.assertEqual(other.refused("sign.hash", certificate=certificate["id"],
                                       hashes=[{"algorithm": "sha384", "value": base64_text(digest), "label": "x"}])["reason"], "origin_denied")

    def test_what_is_no_digest_is_not_signed(self):
        page = self.page()
        certificate = page.signer("rsa")["id"]
        self.agent.forget_dialogs()
        for algorithm, length in (("sha256", 20), ("sha256", 31), ("sha256", 33), ("sha384", 32), ("sha256", 51)):
            with self.subTest(algorithm=algorithm, length=length):
                hashes = [{"algorithm": algorithm, "value": base64_text(bytes(length)), "label": "x"}]
                self.assertEqual(page.refused("sign.hash", certificate=certificate, hashes=hashes)["reason"], "invalid_params")
        for algorithm in ("sha1", "md5", "none", "SHA256"):
            hashes = [{"algorithm": algorithm, "value": base64_text(bytes(20)), "label": "x"}]
            self.assertEqual(page.refused("sign.hash", certificate=certificate, hashes=hashes)["reason"], "invalid_params")
        self.assert_no_dialog()


class Forms(SigningCase):
    options = {"renewal": True}

    def test_each_form_is_filled_in_signed_and_accepted(self):
        page = self.page()
        self.assertLessEqual(set(FORMS), {f["id"] for f in page.call("form.catalog")["forms"]})
        for form in FORMS:
            for key in ("rsa", "ec"):
                with self.subTest(form=form, key=key):
                    signer = page.signer(key, form)
                    data = form_data(form, signer)
                    self.assertEqual(page.call("form.validate", form=form, data=data), {"valid": True, "errors": []})
                    result = page.call("form.sign", form=form, data=data, certificate=signer["id"])
                    signed = page.download(result["document"])
                    self.assertTrue(pdf_is_good(signed, self.chain))
                    self.assertTrue(pdf_is_refused(self.changed(signed, 2000), self.chain))
                    text = subprocess.run(["pdftotext", "-", "-"], input=signed, capture_output=True, check=True).stdout.decode()
                    self.assertIn("Öğüt", text)
                    # The box shows the signer's name as the certificate has it, and the page's origin.
                    self.assertIn(signer["subject"]["commonName"], text)
                    self.assertIn(ORIGIN, text)

    def test_each_procedure_is_filled_in_signed_and_accepted(self):
        """Family physician with receipt; lost, stolen, change of name, fault; a PIN's creation and unblocking; each way of paying and of invoice."""
        page = self.page()
        for form in FORMS:
            signer = page.signer("rsa", form)
            for number, data in enumerate(list(variants(form))[1:]):
                with self.subTest(form=form, variant=number):
                    dates = form_data(form, signer)
                    data.update({name: dates[name] for name in ("applicationDate", "certificateEnd") if name in data})
                    if "receipt" in data:
                        data["receipt"] = {**data["receipt"], "date": dates["applicationDate"]}
                    self.assertEqual(page.call("form.validate", form=form, data=data)["errors"], [])
                    signed = page.download(page.call("form.sign", form=form, data=data, certificate=signer["id"])["document"])
                    self.assertTrue(pdf_is_good(signed, self.chain))

    def test_a_form_is_signed_as_cades_around_its_page(self):
        page = self.page()
        data = form_data("pin-request")
        result = page.call("form.sign", form="pin-request", data=data, certificate=page.signer("ec")["id"], format="cades")
        self.assertEqual((result["name"], result["mediaType"]), ("pin-request.pdf.p7m", "application/pkcs7-mime"))
        signed = page.download(result["document"])
        content = cms_content(signed, self.chain)
        text = subprocess.run(["pdftotext", "-", "-"], input=content, capture_output=True, check=True).stdout.decode()
        self.assertIn(data["card"]["serialNumber"], text)
        self.assertIn("imza kutusu boş kalır", " ".join(text.split()))     # the signature is around it, not in its box
        self.assertIsNone(cms_content(self.changed(signed, signed.index(b"%PDF-") + 2000), self.chain))

    def test_the_consent_lists_the_form_s_fields(self):
        page = self.page()
        data = form_data("first-application")
        page.call("form.sign", form="first-application", data=data, certificate=page.signer("rsa")["id"])
        for value in (data["applicant"]["identityNumber"], data["applicant"]["surname"], ORIGIN):
            self.assertIn(value, self.agent.dialogs())

    def test_the_page_for_wet_signature_is_rendered_without_a_card_or_a_dialog(self):
        page = self.page()
        result = page.call("form.render", form="first-application", data=form_data("first-application"))
        content = page.download(result["document"])
        self.assertEqual(hashlib.sha256(content).hexdigest(), result["sha256"])
        self.assertTrue(content.startswith(b"%PDF-"))
        self.assert_no_dialog()

    def test_a_way_that_does_not_sign_here_gets_the_canonical_data(self):
        page = self.page()
        for form in FORMS:
            data = form_data(form)
            canonical = page.call("form.validate", form=form, data=data, canonical=True)["canonical"]
            self.assertEqual(canonical["data"], json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":")))
            self.assertEqual(canonical["sha256"], hashlib.sha256(canonical["data"].encode()).hexdigest())
            printed = page.download(page.call("form.render", form=form, data=data)["document"])
            text = subprocess.run(["pdftotext", "-", "-"], input=printed, capture_output=True, check=True).stdout.decode()
            self.assertIn(canonical["sha256"], text)
            self.assertNotIn("canonical", page.call("form.validate", form=form, data=data))
        del data["applicationDate"]
        self.assertNotIn("canonical", page.call("form.validate", form=form, data=data, canonical=True))
        self.assert_no_dialog()

    def test_a_way_that_does_not_sign_here_is_not_signed(self):
        page = self.page()
        certificate = page.signer("rsa")["id"]
        for form, way in (("first-application", "wet-signed"), ("pin-request", "e-approved"), ("individual-application", "wet-signed")):
            data = {**form_data(form), "way": way}
            refused = page.refused("form.sign", form=form, data=data, certificate=certificate)
            error, = refused["errors"]
            self.assertEqual((refused["reason"], error["pointer"], error["code"]), ("form_invalid", "/way", "not_signed_here"))
            self.assertIn("e-imzalıyı seçin", error["message"]["tr"])
            # Its own ways are there.
            self.assertTrue(page.call("form.validate", form=form, data=data, canonical=True)["canonical"]["sha256"])
            self.assertTrue(page.call("form.render", form=form, data=data)["document"])
        self.assert_no_dialog()

    def test_a_wrong_form_tells_all_its_errors_before_any_dialog(self):
        page = self.page()
        data = form_data("first-application")
        data["applicant"]["identityNumber"] = "10000000147"
        del data["applicant"]["surname"]
        errors = page.call("form.validate", form="first-application", data=data)["errors"]
        self.assertLessEqual({"/applicant/identityNumber", "/applicant/surname"}, {e["pointer"] for e in errors})
        refused = page.refused("form.sign", form="first-application", data=data, certificate=page.signer("rsa")["id"])
        self.assertEqual((refused["reason"], refused["errors"]), ("form_invalid", errors))
        self.assertEqual(page.refused("form.render", form="first-application", data=data)["reason"], "form_invalid")
        self.assertEqual(page.refused("form.describe", form="no-such-form")["reason"], "not_found")
        self.assert_no_dialog()

    def test_another_person_s_number_is_found_out_before_the_pin(self):
        page = self.page()
        data = form_data("first-application")
        data["applicant"]["identityNumber"] = "12345678950"
        self.assertEqual(page.refused("form.sign", form="first-application", data=data, certificate=page.signer("rsa")["id"])["reason"],
                         "identity_mismatch")
        self.assert_no_dialog()

    def test_another_name_warns_in_the_dialog_but_capitals_do_not(self):
        page = self.page()
        data = form_data("first-application")
        for given, surname, warns in (("Çağla Şule", "Öğüt", False), ("ÇAĞLA ŞULE", "ÖĞÜT", False), ("Çağla Şule", "Yıldız", True), ("Çağla", "Öğüt", True)):
            self.agent.forget_dialogs()
            data["applicant"].update(givenName=given, surname=surname)
            page.call("form.sign", form="first-application", data=data, certificate=page.signer("rsa")["id"])
            consent = " ".join(self.agent.dialogs().split("GETPIN")[0].replace("%0A", " ").split())
            self.assertEqual("DİKKAT: Formdaki ad" in consent, warns, consent)
            if warns:
                self.assertIn(f"DİKKAT: Formdaki ad ({given} {surname}) sertifikadaki addan farklı.", consent)

    def test_a_renewal_is_signed_with_the_certificate_that_it_names_and_no_other(self):
        page = self.page()
        ending, other = page.signer("ec", "renewal"), page.signer("rsa")

        def told(signer, **changes):
            refused = page.refused("form.sign", form="renewal", data={**form_data("renewal", ending), **changes}, certificate=signer["id"])
            self.assertEqual(refused["reason"], "form_invalid")
            return [(error["pointer"], error["code"]) for error in refused["errors"]]
        tomorrow, last_year = day_in_turkey(time.time() + 86400), day_in_turkey(time.time() - 365 * 86400)
        self.assertEqual(told(other), [("/certificateEnd", "certificate_end_differs")])
        self.assertEqual(told(ending, certificateEnd=tomorrow), [("/certificateEnd", "certificate_end_differs")])
        # What is right of a certificate that still holds for years is too early, whoever signs; nor is it signed for one that has ended.
        self.assertEqual(told(other, certificateEnd=form_data("renewal", other)["certificateEnd"]), [("/certificateEnd", "renewal_too_early")])
        # One that has ended is renewed on paper, and then nothing of it is signed here.
        self.assertEqual(told(other, certificateEnd=last_year), [("/certificateEnd", "certificate_ended")])
        self.assertEqual(told(other, way="wet-signed", certificateEnd=last_year), [("/way", "not_signed_here")])
        self.assert_no_dialog()

    def test_the_description_builds_the_form(self):
        for form in FORMS:
            described = self.page().call("form.describe", form=form)
            keys = set(described["texts"]["tr"])
            self.assertEqual(keys, set(described["texts"]["en"]))
            for section in described["layout"]["sections"]:
                self.assertIn(section["title"], keys)
                for field in section["fields"]:
                    self.assertIn(field["label"], keys)


class Refusals(SigningCase):
    options = {"extras": True}

    def sign(self, page, certificate, **changes):
        request = {"certificate": certificate, "format": "cades",
                   "documents": [{"content": base64_text(b"x"), "name": "x.txt", "mediaType": "text/plain"}], **changes}
        return page.send("sign.document", request)

    def reason(self, page, certificate, **changes):
        try:
            page.answer(self.sign(page, certificate, **changes))
        except Refused as refused:
            return refused.reason
        return None


    def test_a_certificate_that_may_not_sign_is_refused_at_once(self):
        page = self.page()
        certificates = page.certificates()
        for certificate in certificates:
            wanted = None if certificate["purposes"] == ["signature"] else "certificate_unsuitable"
            wanted = {"expired": "certificate_expired", "not_yet_valid": "certificate_not_yet_valid"}.get(certificate["status"], wanted)
            if wanted is None:
                continue
            started = time.monotonic()
            self.assertEqual(self.reason(page, certificate["id"]), wanted)
            self.assertLess(time.monotonic() - started, AT_ONCE)
        self.assertEqual(self.reason(page, "0" * 64), "not_found")
        self.assert_no_dialog()

    def test_a_renewal_with_a_certificate_that_has_ended_is_told_the_way_on_paper(self):
        page = self.page()
        ended = next(c for c in page.certificates() if c["status"] == "expired")
        refused = page.refused("form.sign", form="renewal", data=form_data("renewal"), certificate=ended["id"])
        error, = refused["errors"]
        self.assertEqual((refused["reason"], error["pointer"], error["code"]), ("form_invalid", "/certificateEnd", "certificate_ended"))
        self.assertIn("elle imzalayın", error["message"]["tr"])
        self.assertEqual(page.refused("form.sign", form="first-application", data=form_data("first-application"), certificate=ended["id"])["reason"],
                         "certificate_expired")
        self.assert_no_dialog()

    def test_what_is_not_offered_is_said(self):
        page = self.page()
        certificate = page.signer("rsa")["id"]
        self.agent.forget_dialogs()
        for changes in ({"format": "xades"}, {"format": "asic-e"}, {"format": "jades"}, {"level": "B-T"}, {"level": "B-LTA"}, {"profile": "P4"}):
            self.assertEqual(self.reason(page, certificate, **changes), "algorithm_unsupported")
        self.assert_no_dialog()

    def test_a_document_that_can_t_be_signed_is_found_out_before_any_dialog(self):
        page = self.page()
        certificate = page.signer("rsa")["id"]
        self.agent.forget_dialogs()
        for content, reason in ((b"not a pdf", "document_invalid"), (b"", "document_invalid"), (b"%PDF-1.7\n%%EOF\n", "document_invalid")):
            started = time.monotonic()
            self.assertEqual(self.reason(page, certificate, format="pades",
                                         documents=[{"content": base64_text(content), "name": "a.pdf", "mediaType": "application/pdf"}]), reason)
            self.assertLess(time.monotonic() - started, AT_ONCE)
        self.assertEqual(self.reason(page, certificate, documents=[{"document": 77}]), "not_found")
        half = page.call("document.open", size=10, mediaType="text/plain", name="yarım.txt")["document"]
        page.socket.send_binary(half.to_bytes(4, "big") + b"12345")
        self.assertEqual(self.reason(page, certificate, documents=[{"document": half}]), "document_invalid")
        page.socket.send_binary(half.to_bytes(4, "big") + b"1234567890")
        self.assertEqual(self.reason(page, certificate, documents=[{"document": half}]), "too_large")
        self.assert_no_dialog()

    def test_a_refused_consent_signs_nothing(self):
        self.agent.script("confirm cancel")
        page = self.page()
        self.assertEqual(self.reason(page, page.signer("rsa")["id"]), "user_denied")
        self.assertNotIn("GETPIN", self.agent.dialogs())

    def test_a_cancelled_pin_signs_nothing(self):
        self.agent.script("confirm ok", "pin cancel")
        page = self.page()
        self.assertEqual(self.reason(page, page.signer("rsa")["id"]), "user_cancelled")

    def test_a_dialog_that_nobody_answers_times_out(self):
        for lines in (("timeout",), ("confirm ok", "pin timeout")):
            self.agent.script(*lines)
            page = self.page()
            self.assertEqual(self.reason(page, page.signer("rsa")["id"]), "timeout")

    def test_without_a_display_it_is_said(self):
        self.agent.script("nodisplay")
        page = self.page()
        self.assertEqual(self.reason(page, page.signer("rsa")["id"]), "no_display")

    def test_a_wrong_pin_is_the_user_s_to_mend(self):
        self.agent.script("confirm ok", "pin 999999", "pin 123456")
        page = self.page()
        self.assertIsNone(self.reason(page, page.signer("rsa")["id"]))
        self.assertEqual(self.agent.dialogs().count("GETPIN"), 2)
        self.assertIn("SETERROR", self.agent.dialogs())

    def test_giving_up_after_a_wrong_pin_is_a_wrong_pin(self):
        self.agent.script("confirm ok", "pin 999999", "pin cancel")
        page = self.page()
        certificate = page.signer("rsa")["id"]
        with self.assertRaises(Refused) as caught:
            page.answer(self.sign(page, certificate))
        self.assertEqual(caught.exception.reason, "pin_incorrect")
        self.assertIn(caught.exception.data["pin"]["state"], ("ok", "low", "final"))
        # SoftHSM keeps "low" until a right one.
        self.agent.script("confirm ok", "pin 123456")
        self.assertIsNone(self.reason(page, certificate))

    def test_a_closed_tab_takes_the_dialog_with_it(self):
        for lines, seen in ((("hang",), "CONFIRM"), (("confirm ok", "pin hang"), "GETPIN")):
            self.agent.script(*lines)
            self.agent.forget_dialogs()
            page = self.page()
            self.sign(page, page.signer("rsa")["id"])
            self.agent.wait_for(seen)
            page.close()
            self.agent.wait_idle(2)

    def test_a_cancelled_operation_ends_at_each_dialog(self):
        for lines, seen in ((("hang",), "CONFIRM"), (("confirm ok", "pin hang"), "GETPIN")):
            self.agent.script(*lines)
            self.agent.forget_dialogs()
            page = self.page()
            request = self.sign(page, page.signer("rsa")["id"])
            self.agent.wait_for(seen)
            started = time.monotonic()
            cancel = page.send("operation.cancel", {"operation": request})
            answers = {m["id"]: m for m in (page.receive(), page.receive())}
            self.assertLess(time.monotonic() - started, AT_ONCE)
            self.assertEqual(answers[request]["error"]["data"]["reason"], "user_cancelled")
            self.assertTrue(answers[cancel]["result"]["cancelled"])
            self.agent.wait_idle(2)

    def test_a_prompt_that_dies_has_not_been_answered(self):
        self.agent.script("confirm ok", "pin crash")
        page = self.page()
        self.assertIn(self.reason(page, page.signer("rsa")["id"]), ("no_display", "user_cancelled", "internal"))

    def test_the_pin_is_in_no_log(self):
        pin = "739158"
        with Agent() as agent:
            agent.token.close()
            agent.stop()
            agent.token = SoftHsm(pin=pin)
            agent.start()
            agent.script("confirm ok", f"pin {pin}")
            page = agent.page()
            page.call("sign.document", certificate=page.signer("rsa")["id"], format="cades",
                      documents=[{"content": base64_text(b"x"), "name": "x.txt", "mediaType": "text/plain"}])
            self.assertNotIn(pin, agent.log())


FAKES = BUILD.resolve() / "tests/fakes/modules"


class FakeModuleCase(unittest.TestCase):
    """Cards that misbehave, each in its own agent."""

    def agent(self, name, more="", **settings):
        agent = Agent(modules=[], token=False, settings=more)
        self.addCleanup(agent.close)
        module = agent.folder / f"mod_{name}.so"
        shutil.copy(FAKES / module.name, module)
        module.chmod(0o700)
        (agent.folder / (module.name + ".settings")).write_text("".join(f"{k}={v}\n" for k, v in settings.items()), encoding="ascii")
        agent.settings += f"module = {module}\n"
        agent.start()
        return agent


class FakeModules(FakeModuleCase):
    def sign(self, page):
        certificate = page.certificates(purpose="signature")[0]["id"]
        return page.call("sign.document", certificate=certificate, format="cades",
                         documents=[{"content": base64_text(b"x"), "name": "x.txt", "mediaType": "text/plain"}])

    def test_three_wrong_pins_lock_and_a_locked_card_is_not_asked_about(self):
        agent = self.agent("pin_locked", MOD_TRIES=3)
        agent.script("confirm ok", "pin 999999")
        page = agent.page()
        with self.assertRaises(Refused) as caught:
            self.sign(page)
        self.assertEqual((caught.exception.reason, caught.exception.data["pin"]["state"]), ("pin_locked", "locked"))
        agent.forget_dialogs()
        with self.assertRaises(Refused) as caught:
            self.sign(page)
        self.assertEqual(caught.exception.reason, "pin_locked")
        self.assertEqual(agent.dialogs(), "")

    def test_a_keypad_reader_gets_no_pin_from_us(self):
        agent = self.agent("keypad")
        agent.script("confirm ok")
        self.assertEqual(len(self.sign(agent.page())["documents"]), 1)
        self.assertNotIn("GETPIN", agent.dialogs())

    def test_a_death_in_login_is_not_tried_again(self):
        agent = self.agent("crash")
        page = agent.page()
        with self.assertRaises(Refused) as caught:
            self.sign(page)
        self.assertEqual(caught.exception.reason, "pin_state_unknown")
        self.assertEqual(agent.dialogs().count("GETPIN"), 1)
        time.sleep(0.4)
        self.assertEqual(len(page.call("card.list")["cards"]), 1)

    def test_a_module_that_hangs_is_killed_and_the_next_request_works(self):
        agent = self.agent("hang", MOD_CALL="C_Sign")
        agent.script("confirm ok", "pin 123456")
        page = agent.page()
        certificate = page.certificates(purpose="signature")[0]["id"]
        request = page.send("sign.document", {"certificate": certificate, "format": "cades",
                                              "documents": [{"content": base64_text(b"x"), "name": "x.txt", "mediaType": "text/plain"}]})
        end = time.monotonic() + 5
        while "GETPIN" not in agent.dialogs():
            self.assertLess(time.monotonic(), end)
            time.sleep(0.02)
        time.sleep(0.3)
        cancel = page.send("operation.cancel", {"operation": request})
        answers = {m["id"]: m for m in (page.receive(), page.receive())}
        self.assertEqual(answers[request]["error"]["data"]["reason"], "user_cancelled")
        self.assertTrue(answers[cancel]["result"]["cancelled"])
        agent.wait_idle()
        time.sleep(0.3)
        self.assertEqual(len(page.call("card.list")["cards"]), 1)

    def test_a_card_pulled_while_it_signs(self):
        agent = self.agent("card_pulled", MOD_COUNT=1)
        with self.assertRaises(Refused) as caught:
            self.sign(agent.page())
        self.assertEqual(caught.exception.reason, "card_removed")
        agent.wait_idle()


if __name__ == "__main__":
    unittest.main()
