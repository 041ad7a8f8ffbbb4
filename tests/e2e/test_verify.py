# SPDX-License-Identifier: Apache-2.0
"""signature.verify and imza-agent verify: all that the agent signs is valid here, and what the verdict says to portals and to people."""
import json
import os
import pathlib
import shutil
import tempfile
import unittest

import document_inputs
from agent_client import Agent
from test_commands import command
from test_signing import FORMS, form_data


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        (cls.folder / "trust").mkdir(mode=0o700)
        cls.agent = Agent(renewal=True, settings=f"trust-dir = {cls.folder / 'trust'}\n")
        cls.addClassCleanup(cls.agent.close)
        shutil.copy(cls.agent.token.folder / "chain.pem", cls.folder / "trust" / "chain.pem")
        cls.agent.start()

    def setUp(self):
        self.agent.script("confirm ok", "pin 123456")
        self.page = self.agent.page()

    def sign(self, content, key="rsa", media_type="application/pdf", **members):
        handle = self.page.upload(content, media_type=media_type)
        members = {"format": "pades", **members}
        signed = self.page.call("sign.document", certificate=self.page.signer(key)["id"], documents=[{"document": handle}], **members)
        return self.page.download(signed["documents"][0]["document"])

    def verify(self, content, detached=None):
        params = {"document": self.page.upload(content)}
        if detached is not None:
            params["content"] = self.page.upload(detached)
        return self.page.call("signature.verify", **params)


class Signed(Case):
    def test_every_form_signed_with_each_key_is_valid_and_tells_its_data(self):
        for number, form in enumerate(FORMS):
            with self.subTest(form=form):
                certificate = self.page.signer(("rsa", "ec")[number % 2], form)
                data = form_data(form, certificate)
                signed = self.page.call("form.sign", form=form, data=data, certificate=certificate["id"])
                # As it is: the signed document is verified by its handle, without being sent around.
                found = self.page.call("signature.verify", document=signed["document"])
                self.assertEqual((found["format"], found["status"], found["timeStamps"]), ("pades", "valid", 0))
                signature, = found["signatures"]
                self.assertEqual((signature["status"], signature["reasons"], signature["level"], signature["missing"], signature["coverage"],
                                  signature["changes"], signature["revocation"], signature["timeSource"], signature["qualified"]),
                                 ("valid", [], "B-B", [], "whole_document", [], "not_checked", "claimed", True))
                self.assertEqual(signature["time"], signed["time"])
                self.assertEqual(signature["signer"], {name: value for name, value in certificate.items() if name not in ("card", "recommended")})
                self.assertEqual((signature["form"]["id"], signature["form"]["data"]), (form, data))

    def test_two_signers_of_one_pdf_are_both_valid(self):
        first = self.sign(document_inputs.small())
        found = self.verify(self.sign(first, "ec"))
        self.assertEqual(found["status"], "valid")
        self.assertEqual([(s["field"], s["coverage"], s["changes"]) for s in found["signatures"]],
                         [("Imza1", "revision", ["signature"]), ("Imza2", "whole_document", [])])
        self.assertEqual([s["revision"] for s in found["signatures"]], [found["revisions"] - 1, found["revisions"]])

    def test_cades_attached_and_detached(self):
        content = os.urandom(300_000)
        for key in ("rsa", "ec"):
            attached = self.sign(content, key, format="cades")
            detached = self.sign(content, key, format="cades", packaging="detached")
            for found in (self.verify(attached), self.verify(detached, content)):
                self.assertEqual((found["format"], found["status"], found["signatures"][0]["level"]), ("cades", "valid", "B-B"))
            alone = self.verify(detached)
            self.assertEqual((alone["status"], alone["signatures"][0]["reasons"][0]["cause"], alone["signatures"][0]["coverage"]),
                             ("indeterminate", "content_missing", "none"))
            other = self.verify(detached, content + b" ")
            self.assertEqual((other["status"], other["signatures"][0]["reasons"][0]["code"]), ("invalid", "HASH_FAILURE"))
            self.assertEqual(other["signatures"][0]["reasons"][0]["text"]["tr"],
                             "İmzalanan içerik sonradan değiştirilmiş: özeti imzadaki özet değil.")


class Refusals(Case):
    def refused(self, signed, **more):
        return self.page.refused("signature.verify", document=self.page.upload(signed), **more)["reason"]

    def test_what_holds_no_signature_is_one_error(self):
        for content, reason in ((document_inputs.small(), "no_signature"), (b"metin", "document_invalid"), (b"", "document_invalid"),
                                (b"<a/>", "algorithm_unsupported"), (b"PK\3\4...", "algorithm_unsupported"), (b'{"a":1}', "algorithm_unsupported"),
                                (b"-----BEGIN CMS-----", "document_invalid"), (b"%PDF-1.7\n", "document_invalid"), (b"\x30\x80" * 50, "too_large")):
            with self.subTest(content=content[:20]):
                self.assertEqual(self.refused(content), reason)

    def test_content_that_nobody_asked_for_is_refused(self):
        for signed in (self.sign(b"veri", format="cades"), self.sign(document_inputs.small())):
            self.assertEqual(self.refused(signed, content=self.page.upload(b"veri")), "document_invalid")

    def test_unknown_documents(self):
        self.assertEqual(self.page.refused("signature.verify", document=4711)["reason"], "not_found")
        self.assertEqual(self.refused(b"0", content=4711), "not_found")

    def test_features_say_what_is_checked(self):
        features = self.page.call("agent.info")["features"]
        self.assertEqual([f for f in features if f.startswith("verify.")], ["verify.cades.B-B", "verify.pades.B-B"])

    def test_nobody_is_trusted_without_roots(self):
        signed = self.sign(b"veri", format="cades")
        (self.folder / "trust" / "chain.pem").rename(self.folder / "away.pem")
        try:
            found = self.verify(signed)
        finally:
            (self.folder / "away.pem").rename(self.folder / "trust" / "chain.pem")
        signature = found["signatures"][0]
        self.assertEqual((found["status"], [r["code"] for r in signature["reasons"]], signature["qualified"]),
                         ("indeterminate", ["NO_CERTIFICATE_CHAIN_FOUND"], False))
        self.assertTrue(signature["signer"]["qualified"])


class Command(Case):
    def run_verb(self, *words, **environment):
        return command(self.agent, "verify", *words, **environment)

    def file(self, content, name="belge"):
        path = self.folder / name
        path.write_bytes(content)
        return path

    def test_exit_codes_and_words(self):
        signed = self.sign(b"veri", format="cades", packaging="detached")
        path, content, other = self.file(signed, "belge.p7s"), self.file(b"veri", "veri"), self.file(b"baska", "baska")
        done = self.run_verb(path, "--content", content)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        for words in ("İmza 1: GEÇERLİ", "Çağla Şule Öğüt", "nitelikli", "imzalayanın bildirdiği", "iptal durumu denetlenmedi"):
            self.assertIn(words, done.stdout)
        self.assertNotIn("10000000146", done.stdout)
        done = self.run_verb(path, "--content", other)
        self.assertEqual(done.returncode, 1)
        self.assertIn("GEÇERSİZ", done.stdout)
        self.assertIn("(HASH_FAILURE)", done.stdout)
        done = self.run_verb(path)
        self.assertEqual(done.returncode, 2)
        self.assertIn("BELİRSİZ", done.stdout)

    def test_json_is_the_wire_s_result(self):
        path = self.file(self.sign(document_inputs.small()), "belge.pdf")
        done = self.run_verb("--json", path)
        self.assertEqual(done.returncode, 0)
        self.assertEqual(json.loads(done.stdout)["status"], "valid")

    def test_what_can_t_be_verified_is_2(self):
        for words in ([], ["a", "b"], ["--loud", "a"], ["--content"], [self.folder / "nothing"], [self.folder],
                      [self.file(document_inputs.small(), "unsigned.pdf")]):
            with self.subTest(words=words):
                done = self.run_verb(*words)
                self.assertEqual((done.returncode, done.stdout), (2, ""))
                self.assertNotEqual(done.stderr, "")

    def test_english(self):
        path = self.file(self.sign(b"veri", format="cades"), "belge.p7m")
        settings, self.agent.settings = self.agent.settings, self.agent.settings.replace("language = tr", "language = en")
        try:
            done = self.run_verb(path)
        finally:
            self.agent.settings = settings
        self.assertIn("Signature 1: VALID", done.stdout)
        self.assertIn("revocation was not checked", done.stdout)


if __name__ == "__main__":
    unittest.main()
