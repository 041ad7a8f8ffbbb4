# SPDX-License-Identifier: Apache-2.0
"""imza-document, PAdES B-B: other people's PDFs, derived and hand-made ones; pdfsig, qpdf, pyHanko and openssl judge the result."""
import base64
import io
import logging
import os
import re
import subprocess
import tempfile
import time
import unittest
import warnings
from pathlib import Path

import document_inputs as inputs
from asn1crypto import cms, tsp, x509  # noqa: F401 (tsp tells cms about signingCertificateV2)
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from document_program import SANITIZED, Authority, Program, Refused, memfd, prepare, sign, whole
from patience import patient
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

# Predictors that pyHanko has not; qpdf, pdfsig and openssl have to do.
WITHOUT_PYHANKO = {"PNG predictor 3", "PNG predictor 4", "TIFF predictor"}
RANGE = re.compile(rb"/ByteRange \[0 (\d+) (\d+) (\d+) *\]")


def setUpModule():
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.authority = Authority()
        cls.rsa = cls.authority.signer(rsa.generate_private_key(65537, 2048))
        cls.p384 = cls.authority.signer(ec.generate_private_key(ec.SECP384R1()))
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        (cls.folder / "ca.pem").write_bytes(cls.authority.pem())

    def file(self, data, name="file.pdf"):
        path = self.folder / name
        path.write_bytes(data)
        return path

    def run_tool(self, *command):
        return subprocess.run(command, capture_output=True, timeout=120)

    def qpdf_says(self, data):
        return self.run_tool("qpdf", "--check", self.file(data)).returncode

    def pdfsig_accepts(self, data, count=1):
        said = self.run_tool("pdfsig", "-nocert", self.file(data)).stdout.decode(errors="replace")
        return said.count("Signature is Valid") == count and "Total document signed" in said

    def pyhanko_says(self, data):
        """For every signature: (intact, valid, trusted and undisturbed, coverage)."""
        trust = ValidationContext(trust_roots=[x509.Certificate.load(self.authority.root.public_bytes(Encoding.DER))])
        signatures = PdfFileReader(io.BytesIO(data), strict=False).embedded_regular_signatures
        statuses = [validate_pdf_signature(signature, trust) for signature in signatures]
        return [(status.intact, status.valid, status.bottom_line, status.coverage.name) for status in statuses]

    def openssl_accepts(self, data):
        """The CMS alone, over the byte range that the last signature names."""
        before, after, rest = map(int, RANGE.findall(data)[-1])
        der = bytes.fromhex(data[before + 1:after - 1].decode())
        der = cms.ContentInfo.load(der).dump()
        content = self.file(data[:before] + data[after:after + rest], "content")
        return self.run_tool("openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", self.file(der, "der"), "-content", content,
                             "-CAfile", self.folder / "ca.pem", "-purpose", "any", "-out", os.devnull).returncode == 0

    def check(self, original, signed, earlier=0, pyhanko=True):
        self.assertTrue(signed.startswith(original), "the original bytes changed")
        before, after, rest = map(int, RANGE.findall(signed)[-1])
        self.assertEqual((signed[before:before + 1], signed[after - 1:after], after + rest), (b"<", b">", len(signed)))
        if SANITIZED:
            return
        self.assertLessEqual(self.qpdf_says(signed), self.qpdf_says(original), "qpdf is less content than before")
        self.assertTrue(self.pdfsig_accepts(signed, earlier + 1), "pdfsig")
        if not pyhanko:
            self.assertTrue(self.openssl_accepts(signed))
            return
        said = self.pyhanko_says(signed)
        self.assertEqual([status[:3] for status in said], [(True, True, True)] * (earlier + 1), "pyHanko")
        self.assertEqual(said[-1][3], "ENTIRE_FILE")

    def outcome(self, data, program=None, signer=None):
        try:
            return inputs.SIGNED, sign(signer or self.p384, data, program, format="pades")
        except Refused as refused:
            return refused.reason, refused.detail

    def judge(self, rows, earlier=0):
        with Program() as program:
            for name, data, expected in rows:
                with self.subTest(input=name):
                    begin = time.monotonic()
                    outcome, result = self.outcome(data, program)
                    self.assertLess(time.monotonic() - begin, patient(4))
                    self.assertEqual(outcome, expected, result)
                    if outcome == inputs.SIGNED:
                        self.check(data, result, earlier, name not in WITHOUT_PYHANKO)


class Inputs(Case):
    def test_files_that_others_made(self):
        rows = list(inputs.debian())
        self.assertGreaterEqual(len(rows), 30, "install golang-github-jung-kurt-gofpdf-dev")
        self.judge(rows)

    def test_files_that_qpdf_derived(self):
        self.judge(inputs.derived())

    def test_hand_made_files(self):
        self.judge(inputs.handmade())

    def test_files_that_are_signed_already(self):
        self.judge(inputs.signed_before(self.p384), earlier=1)

    def test_a_file_cut_anywhere(self):
        """Cut, a file is refused, or it is what it was before an update; then that is signed."""
        signed = sign(self.rsa, inputs.small(), format="pades")
        for name, data in (("table", inputs.small()), ("streams", inputs.qpdf(inputs.small(), "--object-streams=generate")),
                           ("linearized", inputs.qpdf(inputs.small(), "--linearize")), ("revisions", inputs.two_revisions().bytes()),
                           ("signed", signed)):
            with Program() as program:
                for size in sorted({*range(0, len(data), 97), *range(max(0, len(data) - 60), len(data))}):
                    with self.subTest(file=name, size=size):
                        outcome, result = self.outcome(data[:size], program)
                        self.assertIn(outcome, (inputs.SIGNED, inputs.INVALID), result)
                        if outcome == inputs.SIGNED:
                            self.assertIn(b"%%EOF", data[:size].rstrip()[-5:])
                            self.assertTrue(SANITIZED or self.pdfsig_accepts(result, result.count(b"/ByteRange")))

    def test_a_file_with_any_byte_changed(self):
        """Never a crash or a hang; what is signed still opens for others as it did before."""
        data = inputs.plain("/AcroForm<</Fields[]>>")
        with Program() as program:
            for at in range(len(data)):
                for value in (data[at] ^ 1, data[at] ^ 0x80, 0x20, 0xff):
                    changed = data[:at] + bytes([value]) + data[at + 1:]
                    outcome, result = self.outcome(changed, program)
                    self.assertIn(outcome, (inputs.SIGNED, inputs.INVALID, inputs.LARGE), (at, value))
                    if outcome == inputs.SIGNED:
                        self.assertTrue(result.startswith(changed))


class Signatures(Case):
    def test_each_key_and_digest(self):
        for signer, digest in ((self.rsa, "sha256"), (self.rsa, "sha512"), (self.p384, "sha384"), (self.p384, "sha256")):
            with self.subTest(digest=digest):
                signed = sign(signer, inputs.small(), format="pades", digestAlgorithm=digest)
                self.check(inputs.small(), signed)
                self.assertTrue(self.openssl_accepts(signed))

    def test_one_changed_byte_is_noticed(self):
        for signer in (self.rsa, self.p384):
            signed = sign(signer, inputs.small(), format="pades")
            before, after, _ = map(int, RANGE.findall(signed)[-1])
            info = cms.ContentInfo.load(bytes.fromhex(signed[before + 1:after - 1].decode()))["content"]["signer_infos"][0]
            attributes, value = info["signed_attrs"][-1].dump(), info["signature"].native

            def digit(part):
                """Where the last hex digit of these bytes stands in the file."""
                return before + 1 + signed[before + 1:after].index(part.hex().upper().encode()) + 2 * len(part) - 1

            def changed(at):
                digits = b"0123456789ABCDEF"
                new = digits[digits.index(signed[at]) ^ 1] if before < at < after else signed[at] ^ 1
                return signed[:at] + bytes([new]) + signed[at + 1:]

            places = {"header": 7, "page": signed.index(b"/Page"), "signing time": signed.index(b"/M (D:") + 10, "update": after + 5,
                      "attributes": digit(attributes), "value": digit(value)}
            for what, at in places.items():
                with self.subTest(part=what):
                    self.assertFalse(self.pdfsig_accepts(changed(at)))
                    self.assertFalse(self.openssl_accepts(changed(at)))

    def test_the_dictionary_and_the_attributes_are_those_of_the_baseline(self):
        texts = {"reason": "Başvurunun imzalanması: ğüşıöçİ 𝄞", "location": "Ankara (merkez) \\"}
        with Program() as program:
            source, output = memfd(inputs.small()), memfd()
            prepared = prepare(program, self.rsa, source, output, format="pades", **texts)
            value = self.rsa.sign(base64.b64decode(prepared["digest"]), "sha256")
            program.call("finish", job=1, signature=base64.b64encode(value).decode())
        reader = PdfFileReader(io.BytesIO(whole(output)))
        signature = reader.embedded_signatures[0]
        dictionary, field = signature.sig_object, signature.sig_field
        self.assertEqual(set(dictionary), {"/Type", "/Filter", "/SubFilter", "/M", "/Reason", "/Location", "/ByteRange", "/Contents"})
        self.assertEqual((dictionary["/Filter"], dictionary["/SubFilter"]), ("/Adobe.PPKLite", "/ETSI.CAdES.detached"))
        self.assertEqual((dictionary["/Reason"], dictionary["/Location"]), (texts["reason"], texts["location"]))
        self.assertEqual(dictionary["/M"], "D:" + re.sub(r"\W|T", "", prepared["time"].replace("Z", "")) + "Z")
        self.assertEqual((field["/F"], list(field["/Rect"]), field["/T"], field["/FT"]), (132, [0, 0, 0, 0], "Imza1", "/Sig"))
        self.assertEqual(reader.root["/AcroForm"]["/SigFlags"], 3)
        annotations = reader.root["/Pages"]["/Kids"][0]["/Annots"]
        self.assertIn(field.container_ref, [annotations.raw_get(i).reference for i in range(len(annotations))])
        attributes = {a["type"].native for a in signature.signer_info["signed_attrs"]}
        self.assertEqual(attributes, {"content_type", "message_digest", "signing_certificate_v2"})
        self.assertEqual(signature.signer_info["signature_algorithm"]["algorithm"].native, "rsassa_pkcs1v15")

    def test_a_second_signature_keeps_the_first(self):
        for name, data in (("table", inputs.small()), ("streams", inputs.qpdf(inputs.small(), "--object-streams=generate")), ("hybrid", inputs.hybrid())):
            with self.subTest(kind=name):
                once = sign(self.rsa, data, format="pades")
                twice = sign(self.p384, once, format="pades")
                self.check(once, twice, earlier=1)
                thrice = sign(self.rsa, twice, format="pades")
                self.check(twice, thrice, earlier=2)
                names = [signature.field_name for signature in PdfFileReader(io.BytesIO(thrice), strict=False).embedded_signatures]
                self.assertEqual(len(set(names)), 3)

    def test_pages_look_as_before(self):
        original, signed = self.folder / "before", self.folder / "after"
        data = inputs.small()
        for prefix, content in ((original, data), (signed, sign(self.p384, data, format="pades"))):
            self.assertEqual(self.run_tool("pdftoppm", "-r", "40", self.file(content), prefix).returncode, 0)
        pages = sorted(self.folder.glob("before*.ppm"))
        self.assertTrue(pages)
        for page in pages:
            self.assertEqual(page.read_bytes(), (self.folder / page.name.replace("before", "after")).read_bytes())

    def test_free_names_are_used(self):
        rows = {name: data for name, data, _ in inputs.handmade() if name in ("names like ours", "locks a field", "hybrid")}
        for name, expected in (("names like ours", "Imza13"), ("locks a field", "Imza2"), ("hybrid", "Imza5")):
            signature = PdfFileReader(io.BytesIO(sign(self.p384, rows[name], format="pades")), strict=False).embedded_signatures[-1]
            self.assertEqual(signature.field_name, expected)

    def test_a_card_that_answers_garbage_leaves_an_empty_file(self):
        with Program() as program:
            source, output = memfd(inputs.small()), memfd()
            prepare(program, self.p384, source, output, format="pades")
            with self.assertRaises(Refused) as caught:
                program.call("finish", job=1, signature=base64.b64encode(bytes(96)).decode())
            self.assertEqual((caught.exception.reason, whole(output)), ("module_failed", b""))

    def test_a_refused_file_leaves_an_empty_output(self):
        for data in (b"", inputs.small()[:-9], inputs.plain("/X" + "[" * 70 + "]" * 70)):
            with Program() as program:
                output = memfd()
                with self.assertRaises(Refused):
                    prepare(program, self.p384, memfd(data), output, format="pades")
                self.assertEqual(whole(output), b"")

    def test_long_chains_and_texts(self):
        key = ec.generate_private_key(ec.SECP384R1())
        chain = [self.authority.issue(self.authority.issuing.subject, key, self.authority.root.subject, self.authority.root_key, None) for _ in range(6)]
        signer = self.authority.signer(key)
        signer.chain = [*signer.chain, *chain]
        self.check(inputs.small(), sign(signer, inputs.small(), format="pades", reason="ş" * 200, location="\n" * 200))
        with self.assertRaises(Refused) as caught:
            sign(signer, inputs.small(), format="pades", reason="x" * 5000)
        self.assertEqual(caught.exception.reason, "invalid_params")


if __name__ == "__main__":
    unittest.main()
