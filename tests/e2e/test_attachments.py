# SPDX-License-Identifier: Apache-2.0
"""A family physician's application with its bank receipt: data and file, page, consent, PIN, signed; taken out again by others' programs."""
import hashlib
import io
import json
import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from pyhanko.pdf_utils.reader import PdfFileReader

from agent_client import BUILD, ROOT, Agent
from judges import pdf_is_good
from manifests import Server
from test_form_page import tool
from test_signing import SigningCase, form_data

FORM = "first-application"
JPEG, PNG, PDF = b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"%PDF-1.7\n"
MAX = 10 << 20


def physician_data(scan=True, form=FORM):
    data = form_data(form)
    data["employment"]["kind"] = "family-physician"
    data["receipt"] = {"bank": "Örnek Bankası A.Ş.", "date": data["applicationDate"], "amount": 413.5, "number": "2026/118-4"}
    return {**data, "receipt": {**data["receipt"], "scanAttached": True}} if scan else data


def files_of(pdf):
    with tempfile.TemporaryDirectory() as folder:
        tool("pdfdetach", "-saveall", "-o", folder, "PDF", pdf=pdf)
        return {path.name: path.read_bytes() for path in Path(folder).iterdir()}


class Attachments(SigningCase):
    def setUp(self):
        super().setUp()
        self.portal = self.page()

    def attach(self, content=PDF + b"dekont", name="dekont.pdf", kind="application/pdf", of="bank-receipt"):
        return {"id": of, "document": self.portal.upload(content, name, kind)}

    def sign(self, attachments, data=None, **more):
        return self.portal.call("form.sign", form=FORM, data=data or physician_data(), certificate=self.portal.signer("ec")["id"], attachments=attachments, **more)

    def refused(self, attachments, data=None, method="form.render"):
        more = {"certificate": self.portal.signer("ec")["id"]} if method == "form.sign" else {}
        return self.portal.refused(method, form=FORM, data=data or physician_data(), attachments=attachments, **more)

    def errors(self, *arguments, **more):
        refused = self.refused(*arguments, **more)
        self.assertEqual(refused["reason"], "form_invalid")
        return {error["pointer"]: error["code"] for error in refused["errors"]}

    def test_a_receipt_goes_through_the_whole_way_and_a_countersignature_leaves_it_whole(self):
        content = PNG + os.urandom(2 << 20)
        sha256 = hashlib.sha256(content).hexdigest()
        result = self.sign([self.attach(content, "dekont ğ.png", "image/png")])
        signed = self.portal.download(result["document"])
        self.assertEqual(hashlib.sha256(signed).hexdigest(), result["sha256"])
        self.assertTrue(pdf_is_good(signed, self.chain))
        self.assertEqual(files_of(signed)["dekont ğ.png"], content)
        self.assertIn(sha256, tool("pdftotext", "PDF", "-", pdf=signed))
        dialogs = self.agent.dialogs()
        for said in ("Banka dekontu", "dekont ğ.png", "2,0 MB", sha256[:16]):
            self.assertIn(said, dialogs)
        both = self.portal.call("sign.document", certificate=self.portal.signer("ec")["id"], documents=[{"document": result["document"]}], format="pades")
        both = both["documents"][0]["document"]
        self.assertTrue(pdf_is_good(self.portal.download(both), self.chain))
        self.assertEqual(files_of(self.portal.download(both))["dekont ğ.png"], content)
        for signature in self.portal.call("signature.verify", document=both)["signatures"]:
            self.assertEqual(signature["form"]["attachments"],
                             [{"name": "dekont ğ.png", "id": "bank-receipt", "mediaType": "image/png", "size": len(content), "sha256": sha256}])
        path = self.agent.folder / "signed.pdf"
        path.write_bytes(signed)
        said = subprocess.run([BUILD / "agent/imza-agent", "--config", self.agent.config_path, "verify", path], env=self.agent.environment(), capture_output=True,
                              text=True, check=False, timeout=60).stdout
        self.assertIn(f"  ek: dekont ğ.png\n    {len(content)} bayt, SHA-256 {sha256}\n", said)
        entry = json.loads((self.agent.state / "imza-agent/audit.jsonl").read_text().splitlines()[-2])
        self.assertEqual((entry["kind"], entry["attachments"]), ("form", [sha256]))
        self.assertNotIn("dekont", json.dumps(entry))

    def test_the_dialog_has_the_name_that_stands_in_the_pdf(self):
        signed = self.portal.download(self.sign([self.attach(name="dekont.exe")])["document"])
        self.assertIn("dekont.exe.pdf", files_of(signed))
        self.assertIn("dekont.exe.pdf", self.agent.dialogs())
        self.assertIn("dekont.exe.pdf", tool("pdftotext", "PDF", "-", pdf=signed))

    def test_a_page_for_the_pen_and_a_cades_signature_carry_it_too(self):
        content = JPEG + os.urandom(50_000)
        attached = self.attach(content, "dekont.jpg", "image/jpeg")
        page = self.portal.download(self.portal.call("form.render", form=FORM, data=physician_data(), attachments=[attached])["document"])
        self.assertEqual(files_of(page)["dekont.jpg"], content)
        signed = self.portal.download(self.sign([attached], format="cades")["document"])
        self.assertIn(content, signed)
        # The document is the page's all the same.
        self.assertEqual(self.portal.download(attached["document"]), content)

    def test_data_without_a_scan_is_signed_as_before(self):
        for attachments in ({}, {"attachments": []}):
            signed = self.portal.call("form.sign", form=FORM, data=physician_data(scan=False), certificate=self.portal.signer("ec")["id"], **attachments)
            self.assertEqual(list(files_of(self.portal.download(signed["document"]))), ["form.json"])

    def test_what_does_not_fit_the_form_is_told_at_its_place(self):
        receipt = "/attachments/bank-receipt"
        staff = form_data(FORM)
        for attachments, data, wrong in (
                ([], physician_data(), {receipt: "attachment_missing"}),
                ([self.attach()], physician_data(scan=False), {"/receipt/scanAttached": "attachment_unstated"}),
                ([self.attach(of="other")], physician_data(), {"/attachments/other": "attachment_unknown", receipt: "attachment_missing"}),
                ([self.attach()], staff, {receipt: "not_applicable"}),
                ([self.attach(PNG + b"x")], None, {receipt: "attachment_type"}),
                ([self.attach(b"\n" + PDF)], None, {receipt: "attachment_type"}),
                ([self.attach(b"")], None, {receipt: "attachment_type"}),
                ([self.attach(PNG[:7], kind="image/png")], None, {receipt: "attachment_type"}),
                ([self.attach(b"MZ\x90\0", "kur.exe", "application/octet-stream")], None, {receipt: "attachment_type"}),
                ([self.attach(b"GIF89a", "a.gif", "image/gif")], None, {receipt: "attachment_type"}),
                ([self.attach(PDF + bytes(MAX))], None, {receipt: "attachment_large"}),
                ([self.attach()], {**physician_data(), "reason": "x"}, {"/reason": "not_an_option"})):
            self.assertEqual(self.errors(attachments, data), wrong)
        # A form that takes none at all.
        refused = self.portal.refused("form.render", form="pin-request", data=form_data("pin-request"), attachments=[self.attach()])
        self.assertEqual([(error["pointer"], error["code"]) for error in refused["errors"]], [(receipt, "attachment_unknown")])
        self.assertEqual(refused["errors"][0]["message"]["tr"], "Bu form böyle bir ek almıyor.")
        # form.sign says the same, before anybody is asked.
        self.agent.forget_dialogs()
        self.assertEqual(self.errors([], physician_data(), method="form.sign"), {receipt: "attachment_missing"})
        self.assertEqual(self.errors([self.attach(PNG)], method="form.sign"), {receipt: "attachment_type"})
        self.assertEqual(self.agent.dialogs(), "")
        # Exactly as large as allowed.
        self.sign([self.attach(PDF + bytes(MAX - len(PDF)))])

    def test_documents_that_are_not_there_or_not_whole_are_refused(self):
        refused = self.refused([{"id": "bank-receipt", "document": 4000}])
        self.assertEqual((refused["reason"], refused["detail"]), ("not_found", "document 4000 is not open"))
        half = self.portal.call("document.open", size=10, name="dekont.pdf", mediaType="application/pdf")["document"]
        self.assertEqual(self.refused([{"id": "bank-receipt", "document": half}])["reason"], "document_invalid")
        twice = self.refused([self.attach(), self.attach()])
        self.assertEqual((twice["reason"], twice["pointer"], twice["keyword"]), ("invalid_params", "/attachments/1/id", "uniqueItems"))
        other = self.agent.page()
        theirs = self.attach()["document"] + 100
        self.assertEqual(other.refused("form.render", form=FORM, data=physician_data(), attachments=[{"id": "bank-receipt", "document": theirs}])["reason"], "not_found")

    def test_a_document_that_the_page_closes_meanwhile_is_attached_all_the_same(self):
        attached = self.attach()
        request = self.portal.send("form.sign", {"form": FORM, "data": physician_data(), "certificate": self.portal.signer("ec")["id"], "attachments": [attached]})
        self.portal.call("document.close", document=attached["document"])
        signed = self.portal.download(self.portal.answer(request)["document"])
        self.assertEqual(files_of(signed)["dekont.pdf"], PDF + b"dekont")

    def test_a_name_may_have_as_many_turkish_letters_as_others(self):
        page = self.portal.call("form.render", form=FORM, data=physician_data(), attachments=[self.attach(name="ğ" * 255)])
        self.assertEqual(set(files_of(self.portal.download(page["document"]))), {"form.json", "ğ" * 94 + ".pdf"})
        for kind, name in (("pades", "ğ" * 240 + "-signed.pdf"), ("cades", "ğ" * 250 + ".p7m")):
            signed = self.portal.call("sign.document", certificate=self.portal.signer("ec")["id"], format=kind, documents=[
                {"document": self.portal.upload(self.portal.download(page["document"]), "ğ" * 251 + ".pdf", "application/pdf")}])
            self.assertEqual(signed["documents"][0]["name"], name)

    def test_a_refused_consent_signs_nothing(self):
        self.agent.script("confirm cancel")
        self.assertEqual(self.refused([self.attach()], method="form.sign")["reason"], "user_denied")


class Institution(unittest.TestCase):
    """A form of forms.d with attachments of its own."""

    def setUp(self):
        self.own = Agent()
        self.addCleanup(self.own.close)
        folder = self.own.folder / "forms.d"
        shutil.copytree(ROOT / "proto/forms/pin-request", folder / "two-files")
        kinds = [{"id": "front", "label": "signature", "need": "required", "mediaTypes": ["image/jpeg"], "sizeMax": 30 << 20},
                 {"id": "back", "label": "signature", "mediaTypes": ["image/jpeg", "application/pdf"], "sizeMax": 30 << 20}]
        for part, change in (("form", {"id": "two-files"}), ("layout", {"attachments": kinds})):
            path = folder / "two-files" / f"{part}.json"
            path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
        for path in [folder, *folder.rglob("*")]:
            path.chmod(0o700 if path.is_dir() else 0o600)
        self.server = Server()
        self.own.settings += f"forms-dir = {folder}\n{self.server.setting}"
        self.own.start()
        self.portal = self.own.page()
        self.request = {"form": "two-files", "data": form_data("pin-request")}

    def attach(self, of, content):
        return {"id": of, "document": self.portal.upload(content, f"{of}.jpg", "image/jpeg")}

    def test_it_is_described_wanted_limited_and_covered_by_the_manifest(self):
        described = self.portal.call("form.describe", form="two-files")["layout"]["attachments"]
        self.assertEqual([kind["id"] for kind in described], ["front", "back"])
        refused = self.portal.refused("form.render", **self.request)
        self.assertEqual([(error["pointer"], error["code"]) for error in refused["errors"]], [("/attachments/front", "attachment_missing")])
        # Together they are too large although each is not.
        large = JPEG + bytes((17 << 20) - len(JPEG))
        both = [self.attach("front", large), self.attach("back", large)]
        refused = self.portal.refused("form.render", **self.request, attachments=both)
        self.assertEqual((refused["reason"], refused["detail"]), ("too_large", "the attachments have 35651584 bytes, and may have 33554432 together"))
        # The manifest names each of them, or none is signed.
        contents = {"front": JPEG + b"1", "back": JPEG + b"2"}
        attachments = [self.attach(of, content) for of, content in contents.items()]
        named = [{"id": of, "sha256": hashlib.sha256(content).hexdigest()} for of, content in contents.items()]
        canonical = self.portal.call("form.validate", **self.request, canonical=True)["canonical"]["sha256"]
        form = {"id": "two-files", "version": 1, "sha256": canonical}
        certificate = self.portal.signer("ec")["id"]
        for wrong in ({}, {"attachments": named[:1]}, {"attachments": named[::-1]}, {"attachments": [named[0], {**named[1], "sha256": "0" * 64}]}):
            refused = self.portal.refused("form.sign", **self.request, certificate=certificate, attachments=attachments,
                                          manifest=self.server.manifest(form={**form, **wrong}))
            self.assertEqual(refused["reason"], "manifest_mismatch")
        self.assertEqual(self.own.dialogs(), "")
        signed = self.portal.call("form.sign", **self.request, certificate=certificate, attachments=attachments,
                                  manifest=self.server.manifest(form={**form, "attachments": named}))
        pdf = self.portal.download(signed["document"])
        self.assertEqual({name: content for name, content in files_of(pdf).items() if name != "form.json"}, {f"{of}.jpg": content for of, content in contents.items()})
        self.assertEqual([str(file.get_object()["/XXImzaAttachment"]) for file in list(PdfFileReader(io.BytesIO(pdf)).root["/AF"])[1:]], ["front", "back"])


del SigningCase

if __name__ == "__main__":
    unittest.main()
