# SPDX-License-Identifier: Apache-2.0
"""imza-document's verify, CMS files: what we, openssl and others make is valid; each broken twin is refused, by openssl too where it looks."""
import datetime
import hashlib
import os
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

import verify_inputs as inputs
from asn1crypto import algos, cms, core, tsp, x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from document_program import Authority, Program, Refused, key_usage, memfd, sign
from judges import cms_content
from patience import patient

CONTENT = "Başvuru: 100 TL".encode()


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.program = cls.enterClassContext(Program())
        cls.authority = Authority()
        cls.keys = {"rsa": rsa.generate_private_key(65537, 2048), "p256": ec.generate_private_key(ec.SECP256R1()),
                    "p384": ec.generate_private_key(ec.SECP384R1()), "p521": ec.generate_private_key(ec.SECP521R1())}
        cls.signers = {name: cls.authority.signer(key) for name, key in cls.keys.items()}
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        cls.roots = cls.authority.pem() + cls.authority.issuing.public_bytes(serialization.Encoding.PEM)
        cls.chain = cls.folder / "chain.pem"
        cls.chain.write_bytes(cls.roots)

    def result(self, signed, content=None, roots=None):
        return inputs.verify(self.program, signed, content, self.roots if roots is None else roots)

    def reasons(self, signed, content=None, roots=None):
        """The causes of every signature; a refusal's reason as it is."""
        try:
            return [signature["reasons"] for signature in self.result(signed, content, roots)["signatures"]]
        except Refused as refused:
            return refused.reason

    def openssl_accepts(self, signed, content=None):
        return cms_content(signed, self.chain, content) is not None

    def check(self, signed, expected, openssl, content=None):
        """Our causes (of the only signature), and whether openssl accepts; None: it does not look."""
        found = self.reasons(signed, content)
        self.assertEqual(found, [expected] if isinstance(expected, list) else expected)
        if openssl is not None:
            self.assertEqual(self.openssl_accepts(signed, content), openssl, "openssl")


class Valid(Case):
    def test_what_we_sign(self):
        for name, signer in self.signers.items():
            for digest in ("sha256", "sha384", "sha512"):
                with self.subTest(key=name, digest=digest):
                    self.check(sign(signer, CONTENT, digestAlgorithm=digest), [], True)
                    self.check(sign(signer, CONTENT, digestAlgorithm=digest, packaging="detached"), [], True, CONTENT)

    def openssl_sign(self, name, *options):
        key, certificate, content, out = (self.folder / file for file in ("key", "certificate", "content", "out"))
        key.write_bytes(self.keys[name].private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
        certificate.write_bytes(self.signers[name].certificate.public_bytes(serialization.Encoding.PEM))
        content.write_bytes(CONTENT)
        subprocess.run(["openssl", "cms", "-sign", "-binary", "-in", content, "-signer", certificate, "-inkey", key, "-outform", "DER", "-out", out,
                        "-md", "sha256", *options], check=True, capture_output=True)
        return out.read_bytes()

    def test_what_openssl_signs(self):
        for name, options in (("rsa", []), ("p256", []), ("rsa", ["-keyopt", "rsa_padding_mode:pss"]), ("rsa", ["-md", "sha512"]),
                              ("rsa", ["-keyid"]), ("p384", ["-nosmimecap"]), ("rsa", ["-keyopt", "rsa_padding_mode:pss", "-keyopt", "rsa_pss_saltlen:32"])):
            with self.subTest(key=name, options=options):
                self.check(self.openssl_sign(name, "-cades", "-nodetach", *options), [], True)
                self.check(self.openssl_sign(name, "-cades", *options), [], True, CONTENT)
                # Streamed: indefinite lengths, the content in pieces. The tool can't do that with PSS.
                if "rsa_padding_mode:pss" not in options:
                    self.check(self.openssl_sign(name, "-cades", "-nodetach", "-stream", *options), [], True)

    def test_pieces_and_indefinite_lengths(self):
        content = os.urandom(5000)
        for piece in (1, 7, 1000, 4096, 5000):
            self.check(inputs.in_ber(sign(self.signers["rsa"], content), piece), [], True)

    def test_an_empty_content(self):
        self.check(sign(self.signers["p256"], b""), [], True)
        self.check(sign(self.signers["p256"], b"", packaging="detached"), [], True, b"")

    def test_several_signers_are_each_told(self):
        one, two = inputs.Cms(self.signers["rsa"], CONTENT), inputs.Cms(self.signers["p384"], CONTENT, "sha384")
        found = self.result(one.message(two))["signatures"]
        self.assertEqual([s["reasons"] for s in found], [[], []])
        self.assertEqual(sorted(s["digestAlgorithm"] for s in found), ["sha256", "sha384"])

    def test_counter_signatures_and_time_stamps_are_counted(self):
        one = inputs.Cms(self.signers["rsa"], CONTENT)
        other = inputs.Cms(self.signers["p256"], one.signer_info()["signature"].native)
        stamp = cms.ContentInfo({"content_type": "signed_data", "content": cms.ContentInfo.load(other.message())["content"]})
        one.unsigned = cms.CMSAttributes([cms.CMSAttribute({"type": "counter_signature", "values": [other.signer_info()]}),
                                          cms.CMSAttribute({"type": "signature_time_stamp_token", "values": [stamp]})])
        signature, = self.result(one.message())["signatures"]
        self.assertEqual((signature["reasons"], signature["counterSignatures"], signature["timeStamps"]), ([], 1, 1))

    def test_what_the_result_tells(self):
        signed = sign(self.signers["rsa"], CONTENT)
        signature, = self.result(signed)["signatures"]
        claimed = cms.ContentInfo.load(signed)["content"]["signer_infos"][0]["signed_attrs"]
        time_ = next(a["values"][0].native for a in claimed if a["type"].native == "signing_time")
        self.assertEqual(signature["time"], time_.strftime("%Y-%m-%dT%H:%M:%SZ"))
        self.assertEqual((signature["bound"], signature["anchored"], signature["missing"], signature["coverage"]), (True, True, [], "whole_document"))

    def test_memory_stays_flat(self):
        content = os.urandom(1 << 20) * 200
        signed = sign(self.signers["p256"], content)
        with Program() as program:
            self.assertEqual(inputs.verify(program, signed, None, self.roots)["signatures"][0]["reasons"], [])
            status = Path(f"/proc/{program.process.pid}/status").read_text(encoding="ascii")
        if "asan" not in str(os.environ.get("IMZA_BUILD", "")):
            peak = int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1])
            self.assertLess(peak, 80_000, "KiB at the most")


class Twins(Case):
    """One thing wrong at a time."""

    def changed(self, signed, part):
        at = signed.index(part) + len(part) - 1
        return signed[:at] + bytes([signed[at] ^ 1]) + signed[at + 1:]

    def test_one_changed_byte(self):
        for name in ("rsa", "p256"):
            signed = sign(self.signers[name], CONTENT)
            info = cms.ContentInfo.load(signed)["content"]["signer_infos"][0]
            digest = next(a for a in info["signed_attrs"] if a["type"].native == "message_digest")
            ess = next(a for a in info["signed_attrs"] if a["type"].native == "signing_certificate_v2")
            time_ = next(a for a in info["signed_attrs"] if a["type"].native == "signing_time")
            certificate = x509.Certificate.load(self.signers[name].der())
            for part, expected in ((CONTENT, ["content_changed"]), (digest["values"][0].native, ["content_changed", "signature_wrong"]),
                                   (ess["values"][0]["certs"][0]["cert_hash"].native, ["signature_wrong", "certificate_differs"]),
                                   (info["signature"].native, ["signature_wrong"]),
                                   (certificate.signature, ["certificate_differs", "chain_missing"]),
                                   (time_["values"][0].chosen.contents[:-1], ["signature_wrong"])):
                with self.subTest(key=name, expected=expected):
                    self.check(self.changed(signed, part), expected, False)
            detached = sign(self.signers[name], CONTENT, packaging="detached")
            self.check(detached, ["content_changed"], False, CONTENT[:-1] + b"X")

    def test_any_changed_byte(self):
        """Never valid, never a crash; what is no part of what is signed is left out."""
        signed = sign(self.signers["p256"], CONTENT)
        with Program() as program:
            for at in range(0, len(signed), 2):
                changed = signed[:at] + bytes([signed[at] ^ 1 << at % 8]) + signed[at + 1:]
                try:
                    found = inputs.verify(program, changed, None, self.roots)["signatures"][0]["reasons"]
                except Refused as refused:
                    self.assertIn(refused.reason, ("document_invalid", "algorithm_unsupported", "too_large", "no_signature"))
                    continue
                if not found:
                    self.assertTrue(inputs.is_unsigned_part(signed, changed, self.signers["p256"]), at)

    def twin(self, name="rsa", content=CONTENT, **members):
        """A CMS with something other than it should be."""
        made = inputs.Cms(self.signers[name], content)
        for member, value in members.items():
            setattr(made, member, value)
        return made

    def test_the_generator_makes_good_ones(self):
        for name in ("rsa", "p256"):
            self.check(self.twin(name).message(), [], True)
            self.check(self.twin(name, attached=False).message(), [], True, CONTENT)

    def test_wrong_signed_attributes(self):
        other = x509.Certificate.load(self.signers["p384"].der())
        v1 = cms.CMSAttribute({"type": "signing_certificate", "values": [tsp.SigningCertificate(
            {"certs": [{"cert_hash": hashlib.sha1(self.signers["rsa"].der()).digest()}]})]})
        twice = cms.CMSAttribute({"type": "content_type", "values": ["data"]})
        for members, expected, openssl in (
                ({"ess_certificate": other}, ["certificate_differs"], False),
                ({"ess_digest": bytes(32)}, ["certificate_differs"], False),
                ({"without": ("signing_certificate_v2",)}, ["certificate_not_bound"], False),
                ({"without": ("signing_certificate_v2",), "more": [v1]}, ["certificate_bound_by_sha1"], None),
                ({"without": ("message_digest",)}, ["attributes_missing"], False),
                ({"without": ("content_type",)}, ["attributes_missing"], False),
                ({"message_digest": bytes(32)}, ["content_changed"], False),
                # RFC 5652 11.1 wants them equal; openssl does not look.
                ({"content_type": "signed_data"}, ["content_type_wrong"], True),
                ({"more": [twice]}, ["attributes_malformed"], None)):
            with self.subTest(members=members):
                self.check(self.twin(**members).message(), expected, openssl)
        self.assertEqual(self.result(self.twin(without=("signing_time",)).message())["signatures"][0]["missing"], ["signing_time"])

    def test_no_signed_attributes_at_all(self):
        made = self.twin()
        data = cms.ContentInfo.load(made.message())
        info = data["content"]["signer_infos"][0]
        info["signed_attrs"] = None
        info["signature"] = self.signers["rsa"].sign_der(hashlib.sha256(CONTENT).digest(), "sha256")
        # openssl takes a CMS without attributes even where it is told to check CAdES: nothing would bind the certificate.
        self.check(data.dump(True), ["attributes_missing"], True)

    def test_a_second_signer_that_is_wrong(self):
        wrong = self.twin("p256", signature=b"\x30\x06\2\1\1\2\1\1")
        message = self.twin().message(wrong)
        self.assertEqual(sorted(self.reasons(message)), [[], ["signature_wrong"]])
        self.assertFalse(self.openssl_accepts(message))

    def test_weak_algorithms(self):
        self.check(self.twin(digest="sha1").message(), ["digest_not_allowed"], True)
        # Named as SHA-512, hashed with SHA-256; and an RSA signature under an ECDSA name.
        self.check(self.twin(signature_algorithm="sha512_rsa").message(), ["algorithm_not_allowed"], None)
        self.check(self.twin(signature_algorithm="sha256_ecdsa").message(), ["algorithm_not_allowed"], None)
        for key in (rsa.generate_private_key(65537, 1024), ec.generate_private_key(ec.SECP224R1()), ec.generate_private_key(ec.SECP256K1())):
            signer = self.authority.signer(key)
            found = self.reasons(inputs.Cms(signer, CONTENT).message())[0]
            self.assertIn("key_not_allowed", found)

    def test_certificates_that_may_not_sign(self):
        usages = {"a log-in key": key_usage(digital_signature=True), "an encryption key": key_usage(key_encipherment=True), "no usage": None}
        for what, usage in usages.items():
            with self.subTest(what):
                signer = self.authority.signer(self.keys["rsa"], usage)
                self.assertIn("usage_wrong", self.reasons(inputs.Cms(signer, CONTENT).message())[0])
        authority = inputs.Cms(self.signers["rsa"], CONTENT)
        authority.signer.key, kept = self.authority.issuing_key, authority.signer.key
        try:
            authority.certificate = authority.ess_certificate = x509.Certificate.load(
                self.authority.issuing.public_bytes(serialization.Encoding.DER))
            authority.certificates, authority.signature_algorithm = [authority.certificate], "sha256_ecdsa"
            self.assertEqual(self.reasons(authority.message()), [["usage_wrong", "chain_rules"]])
        finally:
            authority.signer.key = kept

    def dated(self, begin, end):
        """A signer whose certificate holds from and to these days, counted from now."""
        own = Authority.__new__(Authority)
        own.__dict__.update(self.authority.__dict__)
        now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
        own.begin, own.end = now + datetime.timedelta(days=begin), now + datetime.timedelta(days=end)
        return own.signer(self.keys["rsa"])

    def signed_at(self, signer, days):
        made = inputs.Cms(signer, CONTENT)
        made.time += datetime.timedelta(days=days)
        return made.message()

    def test_certificates_out_of_date(self):
        expired, future = self.dated(-20, -10), self.dated(10, 20)
        self.check(self.signed_at(expired, 0), ["expired_at_signing"], False)
        # Nothing proves that it was signed while it was good.
        self.check(self.signed_at(expired, -15), ["expired_since"], False)
        self.check(self.signed_at(expired, -25), ["not_yet_valid_at_signing", "expired_since"], False)
        self.check(self.signed_at(future, 0), ["not_yet_valid_at_signing"], False)
        good = self.dated(-1, 100)
        self.check(self.signed_at(good, 0), [], True)
        self.check(self.signed_at(good, 2), ["time_in_future"], True)

    def test_chains(self):
        signed = sign(self.signers["rsa"], CONTENT)
        self.assertEqual(self.reasons(signed, roots=b""), [["chain_missing"]])
        other = Authority()
        self.assertEqual(self.reasons(signed, roots=other.pem()), [["chain_missing"]])
        # A certificate that only says that it comes from our authority.
        forged = Authority()
        forged.issuing = self.authority.issuing
        self.assertEqual(self.reasons(sign(forged.signer(self.keys["p256"]), CONTENT)), [["chain_missing"]])

    def test_a_certificate_that_is_not_there(self):
        made = self.twin()
        made.certificates = [x509.Certificate.load(self.signers["p384"].der())]
        self.check(made.message(), ["certificate_missing"], False)

    def test_two_certificates_with_one_name_and_number(self):
        """The signature is bound to one of them; which comes first does not matter."""
        signer = self.signers["rsa"]
        made = inputs.Cms(signer, CONTENT)
        der = bytearray(signer.der())
        der[-1] ^= 1
        forged = x509.Certificate.load(bytes(der))
        for certificates in ([forged, made.certificate], [made.certificate, forged]):
            made.certificates = certificates
            self.assertEqual(self.reasons(made.message()), [[]])


class Hostile(Case):
    def test_bombs_are_refused_at_once(self):
        for name, data in inputs.bombs():
            with self.subTest(name), Program() as program:
                begin = time.monotonic()
                with self.assertRaises(Refused) as refused:
                    inputs.verify(program, data)
                self.assertIn(refused.exception.reason, ("document_invalid", "too_large"))
                self.assertLess(time.monotonic() - begin, patient(10))

    def test_cut_anywhere(self):
        signed = inputs.in_ber(sign(self.signers["p256"], CONTENT))
        with Program() as program:
            for size in range(0, len(signed), 7):
                with self.assertRaises(Refused) as refused:
                    inputs.verify(program, signed[:size])
                self.assertEqual(refused.exception.reason, "document_invalid")

    def test_bytes_behind(self):
        self.assertEqual(self.reasons(sign(self.signers["rsa"], CONTENT) + b"\0"), "document_invalid")

    def test_signed_attributes_that_are_not_der(self):
        """Other readers would re-encode them, and see another signature."""
        made = inputs.Cms(self.signers["p256"], CONTENT)
        signed = made.message()
        info = cms.ContentInfo.load(signed)["content"]["signer_infos"][0]
        attributes = info["signed_attrs"].dump()
        body = attributes[attributes.index(b"\x30"):]
        loose = inputs.indefinite(0xa0, body)
        parts = [info["version"].dump(), info["sid"].dump(), info["digest_algorithm"].dump(), loose, info["signature_algorithm"].dump(),
                 info["signature"].dump()]
        data = cms.ContentInfo.load(signed)["content"]
        whole = inputs.tlv(0x30, core.ObjectIdentifier("1.2.840.113549.1.7.2").dump(), inputs.tlv(0xa0, inputs.tlv(
            0x30, data["version"].dump(), data["digest_algorithms"].dump(), data["encap_content_info"].dump(), data["certificates"].dump(),
            inputs.tlv(0x31, inputs.tlv(0x30, *parts)))))
        self.assertEqual(self.reasons(whole)[0][0], "attributes_malformed")

    def test_too_many(self):
        one = inputs.Cms(self.signers["p256"], CONTENT)
        message = one.message(*[one] * 64)
        self.assertEqual(self.reasons(message), "too_large")
        self.assertEqual(self.reasons(one.message(*[one] * 63)), [[]] * 64)

    def test_keys_of_kinds_that_we_do_not_take(self):
        key = ed25519.Ed25519PrivateKey.generate()
        signer = self.authority.signer(key)
        made = inputs.Cms(self.signers["rsa"], CONTENT)
        made.certificate = made.ess_certificate = x509.Certificate.load(signer.der())
        made.certificates = [made.certificate]
        found, = self.reasons(made.message())
        self.assertEqual(found, ["algorithm_not_allowed", "key_not_allowed"])

    def test_descriptors_that_are_missing(self):
        with Program() as program:
            for fds in ([], [memfd(b"")]):
                with self.assertRaises(Refused):
                    program.call("verify", fds)


if __name__ == "__main__":
    unittest.main()
