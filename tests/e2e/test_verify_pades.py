# SPDX-License-Identifier: Apache-2.0
"""imza-document's verify, PDF: what we and pyHanko sign is valid; forged coverage and later revisions are not; pyHanko and pdfsig judge too."""
import asyncio
import hashlib
import io
import logging
import os
import re
import time
import unittest
from pathlib import Path

import document_inputs
import verify_inputs as inputs
from asn1crypto import cms, core, keys, x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509 import ExtendedKeyUsage
from cryptography.x509.oid import ExtendedKeyUsageOID
from document_program import Authority, Program, Refused, key_usage, name, sign
from judges import pdfsig
from patience import patient
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import fields, signers, timestamps
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

PADES = SigSeedSubFilter.PADES


def setUpModule():
    logging.disable(logging.CRITICAL)


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.program = cls.enterClassContext(Program())
        cls.authority = Authority()
        cls.rsa = cls.authority.signer(rsa.generate_private_key(65537, 2048))
        cls.p256 = cls.authority.signer(ec.generate_private_key(ec.SECP256R1()))
        cls.roots = cls.authority.pem()
        cls.signed = sign(cls.p256, inputs.document(), format="pades")

    def result(self, signed):
        return inputs.verify(self.program, signed, None, self.roots)

    def reasons(self, signed):
        """The causes of every signature; a refusal's reason as it is."""
        try:
            return [signature["reasons"] for signature in self.result(signed)["signatures"]]
        except Refused as refused:
            return refused.reason

    def refused(self, signed):
        found = self.reasons(signed)
        return isinstance(found, str) or (found != [] and any(found))

    def pyhanko_accepts(self, signed):
        """Whether pyHanko takes every signature, with what was done to the file since."""
        context = ValidationContext(trust_roots=[x509.Certificate.load(self.authority.root.public_bytes(Encoding.DER))])
        try:
            found = PdfFileReader(io.BytesIO(signed)).embedded_regular_signatures
            statuses = [asyncio.run(async_validate_pdf_signature(signature, signer_validation_context=context)) for signature in found]
        except Exception:  # whatever it says of a broken file, it is no acceptance
            return False
        return bool(statuses) and all(s.bottom_line and s.coverage.name in ("ENTIRE_FILE", "ENTIRE_REVISION") for s in statuses)

    def both_accept(self, signed, changes=None):
        found = self.result(signed)["signatures"]
        self.assertEqual([signature["reasons"] for signature in found], [[]] * len(found))
        if changes is not None:
            self.assertEqual(found[0]["changes"], changes)
        self.assertTrue(self.pyhanko_accepts(signed), "pyHanko")


class Valid(Case):
    def test_what_we_sign(self):
        sources = {"table": document_inputs.small(), "streams": document_inputs.qpdf(document_inputs.small(), "--object-streams=generate"),
                   "linearized": document_inputs.qpdf(document_inputs.small(), "--linearize"), "form": inputs.document()}
        for name, source in sources.items():
            with self.subTest(source=name):
                one = sign(self.rsa, source, format="pades", reason="Uygundur: ğüşıöç")
                self.both_accept(one, [])
                two = sign(self.p256, one, format="pades", digestAlgorithm="sha512")
                self.both_accept(two, ["signature"])
                three = sign(self.rsa, two, format="pades")
                self.both_accept(three, ["signature"])
                found = self.result(three)
                self.assertEqual([s["revision"] for s in found["signatures"]], list(range(found["revisions"] - 2, found["revisions"] + 1)))
                self.assertEqual([s["coverage"] for s in found["signatures"]], ["revision", "revision", "whole_document"])

    def test_what_pyhanko_signs(self):
        for subfilter, missing in ((PADES, []), (None, ["cades"])):
            with self.subTest(subfilter=subfilter):
                members = {"subfilter": subfilter} if subfilter else {}
                one = document_inputs.pyhanko_signed(self.rsa, document_inputs.small(), **members)
                self.both_accept(one)
                self.assertEqual(self.result(one)["signatures"][0]["missing"], missing)
                # Ours and theirs on one document, either way round.
                self.both_accept(sign(self.p256, one, format="pades"), ["signature"])
                self.both_accept(document_inputs.pyhanko_signed(self.rsa, self.signed, name="baska", **members), ["signature", "metadata"])

    def test_the_fields_of_documents_that_were_certified(self):
        for name, data, _ in document_inputs.signed_before(self.p256):
            with self.subTest(input=name):
                self.both_accept(data, [])

    def test_an_empty_field_that_was_there_is_signed_after(self):
        writer, out = IncrementalPdfFileWriter(io.BytesIO(self.signed)), io.BytesIO()
        metadata = signers.PdfSignatureMetadata(field_name="onay", md_algorithm="sha256", subfilter=PADES)
        signers.PdfSigner(metadata, document_inputs.pyhanko_signer(self.rsa)).sign_pdf(writer, output=out)
        self.both_accept(out.getvalue(), ["signature", "metadata"])

    def test_a_signature_that_is_seen_is_told(self):
        writer, out = IncrementalPdfFileWriter(io.BytesIO(self.signed)), io.BytesIO()
        fields.append_signature_field(writer, fields.SigFieldSpec("gorunen", box=(20, 20, 120, 60)))
        metadata = signers.PdfSignatureMetadata(field_name="gorunen", md_algorithm="sha256", subfilter=PADES)
        signers.PdfSigner(metadata, document_inputs.pyhanko_signer(self.rsa)).sign_pdf(writer, output=out)
        self.both_accept(out.getvalue(), ["signature", "signature_appearance", "metadata"])

    def test_time_stamps_and_validation_data_after_the_signature(self):
        root = x509.Certificate.load(self.authority.root.public_bytes(Encoding.DER))
        issuing = x509.Certificate.load(self.authority.issuing.public_bytes(Encoding.DER))
        writer, out = IncrementalPdfFileWriter(io.BytesIO(self.signed)), io.BytesIO()
        signers.PdfTimeStamper(self.stamper()).timestamp_pdf(writer, "sha256", ValidationContext(trust_roots=[root], other_certs=[issuing]), output=out)
        found = self.result(out.getvalue())
        self.assertEqual((found["timeStamps"], found["signatures"][0]["reasons"]), (1, []))
        self.assertIn("time_stamp", found["signatures"][0]["changes"])

    def stamper(self):
        """A time-stamp authority inside pyHanko."""
        key, authority = rsa.generate_private_key(65537, 2048), self.authority
        usage = ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        certificate = authority.issue(name("TEST ZD"), key, authority.issuing.subject, authority.issuing_key, key_usage(digital_signature=True),
                                      more=[usage])
        private = keys.PrivateKeyInfo.load(key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))
        return timestamps.DummyTimeStamper(tsa_cert=x509.Certificate.load(certificate.public_bytes(Encoding.DER)), tsa_key=private)

    def test_later_revisions_that_add_what_they_may(self):
        for name, data, changes in inputs.later(self.signed):
            with self.subTest(revision=name):
                found = self.result(data)["signatures"][0]
                self.assertEqual((found["reasons"], found["changes"], found["coverage"]), ([], changes, "revision"))

    def test_line_ends_behind_the_end(self):
        found = self.result(self.signed + b"\n")["signatures"][0]
        self.assertEqual((found["reasons"], found["coverage"], found["changes"]), ([], "revision", []))

    def test_memory_stays_flat(self):
        writer = document_inputs.Writer().put_all(document_inputs.objects())
        writer.stream(4, "", os.urandom(1 << 20) * 200)
        signed = sign(self.p256, writer.table().bytes(), format="pades")
        with Program() as program:
            self.assertEqual(inputs.verify(program, signed, None, self.roots)["signatures"][0]["reasons"], [])
            status = Path(f"/proc/{program.process.pid}/status").read_text(encoding="ascii")
        if "asan" not in str(os.environ.get("IMZA_BUILD", "")):
            self.assertLess(int(re.search(r"VmHWM:\s+(\d+)", status).group(1)), 80_000, "KiB at the most")


class Forged(Case):
    def test_later_revisions_that_change_what_they_may_not(self):
        """Shadow attacks: hide, replace, hide and replace; the same name, the cross-references."""
        # pyHanko does not look at these: what it checks is in the brackets.
        lenient = {"the title is changed",                                          # document information may change as it likes
                   "cross-references that leave the signed ones out",              # the objects are the same, if read from there
                   "another catalog",                                              # a copy of it
                   "an unsigned signature field that draws", "a signature field with an action", "a field is hidden",   # of form fields
                   "a field is filled in"}                                         # allowed unless certified otherwise
        for name, data in inputs.attacks(self.signed):
            with self.subTest(attack=name):
                self.assertTrue(self.refused(data), self.reasons(data))
                if name not in lenient:
                    self.assertFalse(self.pyhanko_accepts(data), "pyHanko")

    def test_files_that_changed_after_the_signature(self):
        signed = sign(self.p256, inputs.with_files(), format="pades")
        whole, = self.result(signed)["signatures"]
        file = {"name": "a.pdf", "id": "bank-receipt", "mediaType": "application/pdf", "size": 5, "sha256": hashlib.sha256(b"%PDF-").hexdigest()}
        self.assertEqual((whole["reasons"], whole["form"]), ([], {"id": "renewal", "version": 1, "data": {"a": 1}, "attachments": [file]}))
        for name, data in inputs.later_files(signed):
            with self.subTest(name):
                found, = self.result(data)["signatures"]
                self.assertEqual(found["reasons"], ["changed_after"])
                self.assertEqual(found["form"], whole["form"])  # what was signed, not what was made of it

    def test_files_that_differ_by_who_reads_them(self):
        """qpdf takes /UF, poppler /F: neither is told for what the file is."""
        for more, expected in (({"receipt": "/UF 13 0 R"}, {"size": 5, "sha256": hashlib.sha256(b"%PDF-").hexdigest()}),
                               ({"receipt": "/UF 4 0 R"}, {}), ({"receipt": "/Mac 4 0 R"}, {}), ({"data": "/UF 4 0 R"}, None)):
            with self.subTest(more):
                form = self.result(sign(self.p256, inputs.with_files(**more), format="pades"))["signatures"][0].get("form")
                self.assertEqual(form and form["attachments"], None if expected is None else
                                 [{"name": "a.pdf", "id": "bank-receipt", "mediaType": "application/pdf", **expected}])

    def test_documents_that_were_prepared_before_they_were_signed(self):
        for name in inputs.SHADOWS:
            with self.subTest(shadow=name):
                before, change = inputs.shadowed(name)
                signed = sign(self.p256, before, format="pades")
                self.assertEqual(self.reasons(signed), [[]])
                self.assertTrue(self.refused(change(signed)), self.reasons(change(signed)))

    def test_other_coverage(self):
        for name, data in inputs.misranged(self.signed):
            with self.subTest(coverage=name):
                self.assertTrue(self.refused(data), self.reasons(data))
                # The file goes on behind what is signed, or the CMS in its place: pyHanko's reading is wider.
                if name not in ("bytes after the end", "trailing data in its place", "a second signature in its place"):
                    self.assertFalse(self.pyhanko_accepts(data))

    def test_one_changed_byte(self):
        """In the document, in the update, in the signature: pdfsig and pyHanko say the same."""
        before, after = inputs.gap(self.signed)
        info = cms.ContentInfo.load(inputs.cms_of(self.signed))["content"]["signer_infos"][0]
        value = before + 1 + self.signed[before + 1:after].index(info["signature"].native.hex().upper().encode()) + 40
        attribute = before + 1 + self.signed[before + 1:after].index(info["signed_attrs"][-1].dump().hex().upper().encode()) + 60
        for name, at in (("header", 7), ("text", self.signed.index(b"100 TL")), ("time", self.signed.index(b"/M (D:") + 10), ("update", after + 5),
                         ("value", value), ("attribute", attribute)):
            with self.subTest(part=name):
                new = b"0123456789ABCDEF"[b"0123456789ABCDEF".index(self.signed[at]) ^ 1] if before < at < after else self.signed[at] ^ 1
                changed = self.signed[:at] + bytes([new]) + self.signed[at + 1:]
                self.assertTrue(self.refused(changed))
                self.assertFalse(self.pyhanko_accepts(changed))
                self.assertNotIn("Signature is Valid.", pdfsig(changed))

    def test_any_changed_byte(self):
        """Never valid, never a crash; but for the zeros that fill the place of the signature up, and its letters' case."""
        before, after = inputs.gap(self.signed)
        filled = before + 1 + 2 * len(inputs.cms_of(self.signed))
        with Program() as program:
            for at in [*range(0, before, 5), *range(before, filled, 23), *range(after - 1, len(self.signed), 3)]:
                changed = self.signed[:at] + bytes([self.signed[at] ^ 1 << at % 8]) + self.signed[at + 1:]
                try:
                    found = inputs.verify(program, changed, None, self.roots)["signatures"]
                except Refused as refused:
                    self.assertIn(refused.reason, ("document_invalid", "document_encrypted", "too_large", "no_signature", "algorithm_unsupported"))
                    continue
                if not any(signature["reasons"] for signature in found):
                    was = bytes.fromhex(self.signed[before + 1:after - 1].decode())
                    now = bytes.fromhex(changed[before + 1:after - 1].decode())
                    self.assertTrue(was == now or inputs.is_unsigned_part(was, now, self.p256), at)

    def test_a_certifying_signature_is_obeyed(self):
        permissions = fields.MDPPerm
        filled = {}
        for permission in (permissions.NO_CHANGES, permissions.FILL_FORMS, permissions.ANNOTATE):
            certified = document_inputs.pyhanko_signed(self.rsa, inputs.document(), certify=True, docmdp_permissions=permission, subfilter=PADES)
            field = inputs.objects_of(certified, 6)[-1]
            fill = inputs.Update(certified).put(6, field[:-2] + b"/V(Ali)>>").done(self.trailer(certified))
            filled[permission] = (certified, fill)
            self.assertEqual(self.reasons(certified), [[]])
        for permission in (permissions.FILL_FORMS, permissions.ANNOTATE):
            found = self.result(filled[permission][1])["signatures"][0]
            self.assertEqual((found["reasons"], found["changes"]), ([], ["form_filling"]))
        self.assertEqual(self.reasons(filled[permissions.NO_CHANGES][1]), [["changes_forbidden"]])
        # Nor a further signature; validation data may come all the same.
        certified = filled[permissions.NO_CHANGES][0]
        catalog = inputs.objects_of(certified, 1)[-1]
        dss = inputs.Update(certified).put(1, catalog[:-2] + b"/DSS<</Certs[]>>>>").done(self.trailer(certified))
        self.assertEqual(self.reasons(dss), [[]])
        page, form = inputs.objects_of(certified, 3)[-1], inputs.objects_of(certified, 8)[-1]
        more = inputs.Update(certified).put(60, inputs.widget("yeni"))
        more.put(3, re.sub(rb"(/Annots ?\[[^\]]*)\]", rb"\1 60 0 R]", page)).put(8, re.sub(rb"(/Fields ?\[[^\]]*)\]", rb"\1 60 0 R]", form))
        self.assertEqual(self.reasons(more.done(self.trailer(certified))), [["changes_forbidden"]])

    def test_locked_fields_are_not_filled_in(self):
        """pyHanko reads which fields are locked; we do not, and refuse."""
        lock = fields.FieldMDPSpec(fields.FieldMDPAction.INCLUDE, ["ad"])
        certified = document_inputs.pyhanko_signed(self.rsa, inputs.document(), certify=True, docmdp_permissions=fields.MDPPerm.FILL_FORMS,
                                                   lock=lock, subfilter=PADES)
        field = inputs.objects_of(certified, 6)[-1]
        self.assertEqual(self.reasons(inputs.Update(certified).put(6, field[:-2] + b"/V(Ali)>>").done(self.trailer(certified))), [["changes_forbidden"]])

    def trailer(self, signed):
        """Root and Info as the last trailer has them."""
        root, info = re.findall(rb"/Root (\d+) 0 R", signed)[-1].decode(), re.findall(rb"/Info (\d+) 0 R", signed)
        return f"/Root {root} 0 R" + (f"/Info {info[-1].decode()} 0 R" if info else "")

    def test_the_cms_of_a_pdf(self):
        """Twins of the signature itself: each is put into the place of a good one."""
        before, after, rest = map(int, inputs.RANGE.findall(self.signed)[-1])
        content = self.signed[:before] + self.signed[after:after + rest]

        def message(*others, **members):
            made = inputs.Cms(self.p256, content, attached=False)
            made.without, made.certificates = ("signing_time",), made.certificates + chain
            for member, value in members.items():
                setattr(made, member, value)
            return made.message(*others)

        def twin(*others, **members):
            return inputs.with_cms(self.signed, message(*others, **members))

        chain = [x509.Certificate.load(c.public_bytes(Encoding.DER)) for c in self.p256.chain]
        other = inputs.Cms(self.rsa, content, attached=False)
        inside = cms.ContentInfo.load(message())["content"].dump()
        ber = inputs.indefinite(0x30, core.ObjectIdentifier("1.2.840.113549.1.7.2").dump(), inputs.indefinite(0xa0, inside))
        for name_, data, expected, opinion in (
                ("as it should be", twin(), [], True),
                ("the content inside", twin(attached=True), ["signature_malformed"], False),
                ("two signers", twin(other), ["signer_count"], False),
                ("another certificate's hash", twin(ess_digest=bytes(32)), ["certificate_differs"], False),
                ("not bound", twin(without=("signing_time", "signing_certificate_v2")), ["certificate_not_bound"], None),
                ("SHA-1", twin(digest="sha1"), ["digest_not_allowed"], False),
                ("another digest", twin(message_digest=bytes(32)), ["content_changed"], False),
                ("garbage", inputs.with_cms(self.signed, b"garbage"), ["signature_malformed"], False),
                ("in BER", inputs.with_cms(self.signed, ber), ["signature_malformed"], None)):
            with self.subTest(twin=name_):
                self.assertEqual(self.reasons(data), [expected])
                if opinion is not None:
                    self.assertEqual(self.pyhanko_accepts(data), opinion, "pyHanko")

    def test_kinds_of_signatures(self):
        for kind, expected in (("adbe.x509.rsa_sha1", ["kind_unknown"]), ("adbe.pkcs7.sha1", ["kind_unknown"]), ("Baska", ["kind_unknown"])):
            data = self.signed.replace(b"/SubFilter /ETSI.CAdES.detached", f"/SubFilter /{kind}".encode().ljust(31))
            self.assertEqual(self.reasons(data), [expected])
        # A time-stamp of the whole document alone is no signature.
        data = self.signed.replace(b"/SubFilter /ETSI.CAdES.detached", b"/SubFilter /ETSI.RFC3161".ljust(31))
        self.assertEqual(self.reasons(data), "no_signature")

    def test_a_signature_moved_to_another_document(self):
        other = sign(self.p256, inputs.document(page=inputs.PAGE.replace("200 200", "300 300")), format="pades")
        self.assertEqual(self.reasons(inputs.with_cms(other, inputs.cms_of(self.signed))), [["content_changed"]])


class Hostile(Case):
    def test_damaged_files_are_one_error_each(self):
        for name, data, outcome in document_inputs.handmade():
            with self.subTest(input=name):
                begin = time.monotonic()
                found = self.reasons(data)
                # Some have a dictionary that is no signature.
                self.assertTrue(found == [["kind_unknown", "range_wrong"]] or
                                found in ("no_signature", "document_invalid", "document_encrypted", "too_large"), found)
                self.assertLess(time.monotonic() - begin, patient(10))

    def test_names_that_are_too_long(self):
        for name, expected in (("a" * 3000, [["changed_after"]]), ("\u00fc" * 4000, "too_large"), ("a" * 5000, "too_large")):
            field = f"<</Type/Annot/Subtype/Widget/FT/Tx/T({name})/F 4/Rect[0 0 0 0]>>".encode("latin-1")
            form = re.sub(rb"(/Fields ?\[)", rb"\g<1>40 0 R ", inputs.objects_of(self.signed, 8)[-1])
            self.assertEqual(self.reasons(inputs.Update(self.signed).put(40, field).put(8, form).done()), expected)

    def test_many_signatures(self):
        data = self.signed
        with Program() as program:
            for _ in range(8):
                data = sign(self.p256, data, program, format="pades")
            found = inputs.verify(program, data, None, self.roots)
        self.assertEqual([signature["reasons"] for signature in found["signatures"]], [[]] * 9)


if __name__ == "__main__":
    unittest.main()
