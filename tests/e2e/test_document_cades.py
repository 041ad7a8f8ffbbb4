# SPDX-License-Identifier: Apache-2.0
"""imza-document, CAdES B-B: openssl and pyHanko's CMS code judge what the real program writes."""
import base64
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

from asn1crypto import cms, tsp  # noqa: F401 (tsp tells cms about signingCertificateV2)
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from document_program import Authority, Program, Refused, Signer, key_usage, memfd, prepare, sign, whole

CONTENT = "Başvuru: İğdeli çörek, ğüşıöç.\n".encode() * 50


class Cades(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.authority = Authority()
        cls.rsa = cls.authority.signer(rsa.generate_private_key(65537, 2048))
        cls.p384 = cls.authority.signer(ec.generate_private_key(ec.SECP384R1()))
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.ca = Path(cls.folder.name) / "ca.pem"
        cls.ca.write_bytes(cls.authority.pem())

    def verify(self, signed, detached=None):
        """Whether openssl accepts it, with the signing-certificate attribute checked; gives the content."""
        path, content, out = (Path(self.folder.name) / part for part in ("signed.p7m", "content", "out"))
        path.write_bytes(signed)
        command = ["openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", path, "-CAfile", self.ca, "-purpose", "any", "-out", out]
        if detached is not None:
            content.write_bytes(detached)
            command += ["-content", content]
        done = subprocess.run(command, capture_output=True, timeout=60)
        self.said = done.stderr.decode(errors="replace")
        return out.read_bytes() if done.returncode == 0 else None

    def test_every_key_and_digest_attached_and_detached(self):
        keys = {"rsa-2048": self.rsa, "rsa-3072": self.authority.signer(rsa.generate_private_key(65537, 3072)), "p-384": self.p384,
                "p-256": self.authority.signer(ec.generate_private_key(ec.SECP256R1())),
                "p-521": self.authority.signer(ec.generate_private_key(ec.SECP521R1()))}
        for key, signer in keys.items():
            for digest in ("sha256", "sha384", "sha512"):
                with self.subTest(key=key, digest=digest):
                    attached = sign(signer, CONTENT, digestAlgorithm=digest)
                    self.assertEqual(self.verify(attached), CONTENT, self.said)
                    detached = sign(signer, CONTENT, digestAlgorithm=digest, packaging="detached")
                    self.assertEqual(self.verify(detached, CONTENT), CONTENT, self.said)
                    self.assertLess(len(detached), len(attached) - len(CONTENT) + 16)

    def test_the_signed_attributes_are_those_of_the_baseline(self):
        for signer, digest in ((self.rsa, "sha256"), (self.p384, "sha384")):
            with Program() as program:
                source, output = memfd(CONTENT), memfd()
                prepared = prepare(program, signer, source, output, digestAlgorithm=digest)
                value = signer.sign(base64.b64decode(prepared["digest"]), digest)
                program.call("finish", job=1, signature=base64.b64encode(value).decode())
            info = cms.ContentInfo.load(whole(output), strict=True)
            data = info["content"]
            self.assertEqual(info.dump(force=True), whole(output), "not DER")
            self.assertEqual(data["version"].native, "v1")
            self.assertEqual(len(data["signer_infos"]), 1)
            self.assertEqual({c.chosen.dump() for c in data["certificates"]}, {signer.der(), *(c.public_bytes(Encoding.DER) for c in signer.chain)})
            attributes = {a["type"].native: a["values"] for a in data["signer_infos"][0]["signed_attrs"]}
            self.assertEqual(set(attributes), {"content_type", "message_digest", "signing_time", "signing_certificate_v2"})
            self.assertEqual(attributes["signing_time"][0].native.strftime("%Y-%m-%dT%H:%M:%SZ"), prepared["time"])
            certificate = attributes["signing_certificate_v2"][0]["certs"][0]
            self.assertEqual(certificate["hash_algorithm"]["algorithm"].native, digest)
            self.assertEqual(certificate["issuer_serial"]["serial_number"].native, signer.certificate.serial_number)

    def test_one_changed_byte_is_noticed(self):
        for signer in (self.rsa, self.p384):
            signed = sign(signer, CONTENT)
            info = cms.ContentInfo.load(signed)["content"]["signer_infos"][0]
            attributes = {a["type"].native: a.dump() for a in info["signed_attrs"]}
            ends = {"content": signed.index(CONTENT) + len(CONTENT), "value": signed.rindex(info["signature"].native) + len(info["signature"].native)}
            ends.update({name: signed.rindex(der) + len(der) for name, der in attributes.items()})
            self.assertIsNotNone(self.verify(signed))
            for what, end in ends.items():
                with self.subTest(part=what):
                    self.assertIsNone(self.verify(signed[:end - 1] + bytes([signed[end - 1] ^ 1]) + signed[end:]))

    def test_an_empty_document_and_odd_lengths(self):
        for size in (0, 1, 127, 128, 255, 256, 65535, 65536, 300_000):
            with self.subTest(size=size):
                content = os.urandom(size)
                self.assertEqual(self.verify(sign(self.p384, content)), content, self.said)

    def test_a_batch_in_one_process(self):
        with Program() as program:
            files = [(memfd(CONTENT + bytes([i])), memfd()) for i in range(200)]
            digests = [prepare(program, self.p384, *pair, job=i)["digest"] for i, pair in enumerate(files)]
            for i, digest in reversed(list(enumerate(digests))):
                value = self.p384.sign(base64.b64decode(digest), "sha256")
                program.call("finish", job=i, signature=base64.b64encode(value).decode())
            for i in (0, 99, 199):
                self.assertEqual(self.verify(whole(files[i][1])), CONTENT + bytes([i]))
        for pair in files:
            for fd in pair:
                os.close(fd)


class Limits(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.p384 = Authority().signer(ec.generate_private_key(ec.SECP384R1()))

    def test_a_large_document_takes_no_memory(self):
        for members in ({}, {"packaging": "detached"}):
            with Program() as program:
                source, output = memfd(), memfd()
                os.truncate(source, 128 << 20)
                digest = prepare(program, self.p384, source, output, **members)["digest"]
                value = self.p384.sign(base64.b64decode(digest), "sha256")
                program.call("finish", job=1, signature=base64.b64encode(value).decode())
                status = Path(f"/proc/{program.process.pid}/status").read_text()
            peak = int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) << 10
            allowed = (200 if "asan" in str(os.environ.get("IMZA_BUILD")) else 32) << 20
            self.assertLess(peak, allowed)
            os.close(source)
            os.close(output)

    def test_a_batch_has_a_thousand_documents(self):
        with Program() as program:
            pairs = [(memfd(b"x"), memfd()) for _ in range(1001)]
            for i, pair in enumerate(pairs[:1000]):
                prepare(program, self.p384, *pair, job=i)
            with self.assertRaises(Refused) as caught:
                prepare(program, self.p384, *pairs[1000], job=1000)
            self.assertEqual(caught.exception.reason, "too_large")
            for pair in pairs:
                for fd in pair:
                    os.close(fd)


class Refusals(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.authority = Authority()
        cls.p384 = cls.authority.signer(ec.generate_private_key(ec.SECP384R1()))
        cls.rsa = cls.authority.signer(rsa.generate_private_key(65537, 2048))

    def refused(self, reason, run, *args, **members):
        with self.assertRaises(Refused) as caught:
            run(*args, **members)
        self.assertEqual(caught.exception.reason, reason)

    def test_unsuitable_certificates(self):
        key = ec.generate_private_key(ec.SECP384R1())
        for usage in (None, key_usage(digital_signature=True), key_usage(key_agreement=True), key_usage(key_encipherment=True)):
            self.refused("certificate_unsuitable", sign, self.authority.signer(key, usage), CONTENT)
        ca = self.authority.issue(self.authority.issuing.subject, key, self.authority.root.subject, self.authority.root_key,
                                  key_usage(content_commitment=True, key_cert_sign=True), ca=True)
        self.refused("certificate_unsuitable", sign, Signer(key, ca, []), CONTENT)
        der = bytearray(self.p384.der())
        for broken in (der[:-1], der + b"\0", b"\x30\x80" + der[4:] + b"\0\0", b"\x30\x84\xff\xff\xff\xff" + der[4:]):
            self.refused("certificate_unsuitable", sign, self.p384, CONTENT, certificate=base64.b64encode(broken).decode())
            self.refused("certificate_unsuitable", sign, self.p384, CONTENT, chain=[base64.b64encode(broken).decode()])

    def test_weak_or_unknown_algorithms(self):
        for digest in ("sha1", "md5", "none", "SHA256", "", None, 256):
            self.refused("algorithm_unsupported", sign, self.p384, CONTENT, digestAlgorithm=digest)
        for key in (rsa.generate_private_key(65537, 1024), ec.generate_private_key(ec.SECP256K1()), ec.generate_private_key(ec.SECP224R1()),
                    ec.generate_private_key(ec.BrainpoolP384R1())):
            self.refused("algorithm_unsupported", sign, self.authority.signer(key), CONTENT)

    def test_requests_that_the_agent_never_makes(self):
        for members, reason in (({"format": "xades"}, "not_supported"), ({"format": None}, "not_supported"), ({"level": "B-T"}, "not_supported"),
                                ({"packaging": "enveloped"}, "invalid_params"), ({"certificate": "?"}, "invalid_params"),
                                ({"certificate": "A" * 200_000}, "invalid_params"), ({"certificate": None}, "invalid_params"),
                                ({"chain": [self.p384.request()["certificate"]] * 9}, "invalid_params"), ({"chain": [1]}, "invalid_params"),
                                ({"job": -1}, "invalid_params"), ({"job": 1.5}, "invalid_params"), ({"job": "1"}, "invalid_params")):
            with self.subTest(members=str(members)[:60]):
                self.refused(reason, sign, self.p384, CONTENT, **members)
        with Program() as program:
            self.refused("method_not_found", program.call, "nothing")
            self.refused("invalid_params", program.call, "prepare", job=1, format="cades", level="B-B")
            source, output = memfd(CONTENT), memfd(b"not empty")
            self.refused("invalid_params", prepare, program, self.p384, source, output)
            pipe = os.pipe()
            self.refused("invalid_params", prepare, program, self.p384, pipe[0], memfd())
            self.refused("invalid_params", prepare, program, self.p384, source, pipe[1])

    def test_a_job_number_belongs_to_one_document_and_one_signature(self):
        with Program() as program:
            source, output = memfd(CONTENT), memfd()
            self.refused("not_found", program.call, "finish", job=1, signature="AAAA")
            digest = prepare(program, self.p384, source, output)["digest"]
            self.refused("invalid_params", prepare, program, self.p384, source, memfd())
            value = base64.b64encode(self.p384.sign(base64.b64decode(digest), "sha256")).decode()
            program.call("finish", job=1, signature=value)
            self.refused("not_found", program.call, "finish", job=1, signature=value)
            self.assertGreater(len(whole(output)), len(CONTENT))

    def test_a_card_that_answers_garbage_leaves_an_empty_file(self):
        for signer in (self.rsa, self.p384):
            good = len(signer.sign(bytes(32), "sha256"))
            other = self.authority.signer(ec.generate_private_key(ec.SECP384R1()) if signer is self.p384 else rsa.generate_private_key(65537, 2048))
            for make, reason in ((lambda d: b"", "module_failed"), (lambda d: bytes(good), "module_failed"), (lambda d: b"\xff" * good, "module_failed"),
                                 (lambda d: signer.sign(d, "sha256")[:-1], "module_failed"), (lambda d: signer.sign(d, "sha256") + b"\0", "module_failed"),
                                 (lambda d: signer.sign(bytes(32), "sha256"), "module_failed"), (lambda d: other.sign(d, "sha256"), "module_failed"),
                                 (lambda d: bytes(100_000), "module_failed"), (lambda d: None, "invalid_params")):
                with Program() as program:
                    source, output = memfd(CONTENT), memfd()
                    value = make(base64.b64decode(prepare(program, signer, source, output)["digest"]))
                    self.refused(reason, program.call, "finish", job=1,
                                 signature="*" if value is None else base64.b64encode(value).decode())
                    self.assertEqual(whole(output), b"")
                    self.refused("not_found", program.call, "finish", job=1, signature="AAAA")

    def test_an_input_that_changes_in_between(self):
        with Program() as program:
            source, output = memfd(CONTENT), memfd()
            digest = prepare(program, self.p384, source, output)["digest"]
            os.pwrite(source, b"X", 5)
            value = base64.b64encode(self.p384.sign(base64.b64decode(digest), "sha256")).decode()
            self.refused("internal", program.call, "finish", job=1, signature=value)
            self.assertEqual(whole(output), b"")

    def test_a_document_over_the_limit(self):
        with Program() as program:
            source = memfd()
            os.truncate(source, (512 << 20) + 1)
            for kind in ("cades", "pades"):
                self.refused("too_large", prepare, program, self.p384, source, memfd(), format=kind)


if __name__ == "__main__":
    unittest.main()
