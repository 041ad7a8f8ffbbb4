# SPDX-License-Identifier: Apache-2.0
"""certificate.validate through the agent: whom it trusts by its folders, what it hears, what it tells the page."""
import base64
import contextlib
import datetime
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import threading
import time
import unittest

from asn1crypto import cms as cms_syntax
from cryptography import x509
from cryptography.x509 import ocsp

import document_inputs
import inject
from agent_client import BUILD, Agent, base64_text
from judges import cms_content, pdf_is_good
from revocation_pki import Pki, Server, hours, late_server, now
from softhsm import AUTHENTICATION_ID, EC_ID, LABEL, RSA_ID, SoftHsm, module_path, run

HOLD, COMPROMISE = x509.ReasonFlags.certificate_hold, x509.ReasonFlags.key_compromise


class Card(SoftHsm):
    """A token with a leaf of a Pki, its key, and the authority's certificate without a key; and nothing else."""

    def __init__(self):
        super().__init__()
        for number in (RSA_ID, EC_ID, AUTHENTICATION_ID):
            for kind in ("cert", "privkey", "pubkey"):
                with contextlib.suppress(subprocess.CalledProcessError):
                    self.tool("--delete-object", "--type", kind, "--id", number)

    def put(self, party, key_id, authority=None):
        key, der = self.folder / "leaf.key", self.folder / "leaf.der"
        key.write_bytes(party.key_pem())
        der.write_bytes(party.der())
        run("softhsm2-util", "--import", str(key), "--token", LABEL, "--label", "leaf", "--id", key_id, "--pin", self.pin, env={**os.environ, **self.env})
        self.tool("--write-object", str(der), "--type", "cert", "--id", key_id, "--label", "leaf")
        if authority:
            der.write_bytes(authority.der())
            self.tool("--write-object", str(der), "--type", "cert", "--id", "f0", "--label", "authority")
        return hashlib.sha256(party.der()).hexdigest()


@unittest.skipUnless(module_path(), "SoftHSM is not installed")
class TestValidate(unittest.TestCase):
    """One card, one authority, one server that answers as it is told."""

    @classmethod
    def setUpClass(cls):
        cls.server = Server()
        cls.server.__enter__()
        cls.addClassCleanup(cls.server.__exit__)
        cls.pki = Pki(root_crl=[cls.server.url("/root.crl")])
        cls.server.routes["/root.crl"] = cls.pki.crl(issuer=cls.pki.root)
        cls.leaf = cls.pki.leaf(ocsp_urls=[cls.server.url("/ocsp")])
        cls.trust = pathlib.Path(tempfile.mkdtemp(prefix="trust-"))
        cls.addClassCleanup(lambda: subprocess.run(["rm", "-rf", cls.trust], check=True))
        cls.agent = Agent(token=False, settings=f"trust-dir = {cls.trust}\nfetch-host = 127.0.0.1\n")
        cls.agent.token = Card()
        cls.id = cls.agent.token.put(cls.leaf, "a1", cls.pki.sub)
        cls.agent.__enter__()
        cls.addClassCleanup(cls.agent.close)

    def setUp(self):
        self.good()
        self.trusted(self.pki.root)
        self.page = self.agent.page()
        self.addCleanup(self.page.close)

    def good(self):
        self.server.routes["/ocsp"] = self.pki.ocsp(self.leaf)

    def forget(self):
        for file in (self.agent.folder / "cache/imza-agent/revocation").iterdir():
            file.unlink()

    def trusted(self, *parties):
        for file in self.trust.iterdir():
            file.unlink()
        for number, party in enumerate(parties):
            (self.trust / f"{number}.pem").write_bytes(party.pem())

    def validate(self, **params):
        result = self.page.call("certificate.validate", certificate=self.id, **params)
        self.codes = [reason["code"] for reason in result["reasons"]]
        return result

    def test_a_good_one(self):
        self.forget()
        result = self.validate()
        # The authority in between came from the card; only the root is in the trust folder.
        self.assertEqual((result["status"], self.codes, result["anchored"], result["qualified"]), ("valid", [], True, False))
        self.assertEqual([link["subject"]["commonName"] for link in result["chain"]], ["Çağla Öğüt", "ALT KÖK", "KÖK"])
        self.assertEqual([link.get("revocation", {}).get("source") for link in result["chain"]], ["ocsp", "crl", None])
        self.server.asked.clear()
        again = self.validate()
        self.assertEqual((again["status"], self.server.asked), ("valid", []))
        self.assertTrue(again["chain"][0]["revocation"]["cached"])

    def test_revoked_and_suspended(self):
        for code, reason in (("SUSPENDED", HOLD), ("REVOKED", COMPROMISE)):
            self.forget()
            self.server.routes["/ocsp"] = self.pki.ocsp(self.leaf, ocsp.OCSPCertStatus.REVOKED, reason)
            result = self.validate()
            self.assertEqual((result["status"], self.codes), ("invalid", [code]))
            self.assertEqual(set(result["reasons"][0]["text"]), {"tr", "en"})
        self.assertEqual(self.validate(at=(now() - hours(20)).strftime("%Y-%m-%dT%H:%M:%SZ"))["status"], "valid")
        self.forget()

    def test_the_network_never_hides_the_chain(self):
        self.forget()
        del self.server.routes["/ocsp"]
        result = self.validate()
        self.assertEqual((result["status"], self.codes, result["anchored"], len(result["chain"])), ("indeterminate", ["TRY_LATER"], True, 3))
        self.assertEqual(result["chain"][0]["revocation"]["attempts"][0]["problem"], "http_status")

    def test_a_change_of_the_folder_is_seen(self):
        self.assertEqual(self.validate()["status"], "valid")
        self.trusted()
        result = self.validate()
        self.assertEqual((result["status"], self.codes), ("indeterminate", ["NO_CERTIFICATE_CHAIN_FOUND", "NO_TRUST_ANCHORS"]))
        self.trusted(Pki().root)
        self.assertEqual((self.validate()["status"], self.codes), ("indeterminate", ["NO_CERTIFICATE_CHAIN_FOUND"]))
        # A certificate that anybody could have put there is nobody's.
        self.trusted(self.pki.root)
        (self.trust / "0.pem").chmod(0o666)
        self.assertEqual(self.validate()["status"], "indeterminate")

    def test_what_cannot_be_asked(self):
        tomorrow = (now() + datetime.timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
        refused = self.page.refused("certificate.validate", certificate=self.id, at=tomorrow)
        self.assertEqual((refused["reason"], refused["pointer"]), ("invalid_params", "/at"))
        self.assertEqual(self.page.refused("certificate.validate", certificate="0" * 64)["reason"], "not_found")

    def check_signed(self):
        """PDF and CMS of this card are good for those who know only the root."""
        root = self.agent.folder / "root.pem"
        root.write_bytes(self.pki.root.pem())
        pdf = self.page.call("sign.document", certificate=self.id, format="pades", documents=[
            {"name": "belge.pdf", "mediaType": "application/pdf", "content": base64_text(document_inputs.small())}])["documents"][0]
        self.assertTrue(pdf_is_good(base64.b64decode(pdf["content"]), root))
        cms = self.page.call("sign.document", certificate=self.id, format="cades", documents=[
            {"name": "belge.txt", "mediaType": "text/plain", "content": base64_text(b"merhaba")}])["documents"][0]
        self.assertEqual(cms_content(base64.b64decode(cms["content"]), root), b"merhaba")
        signed = cms_syntax.ContentInfo.load(base64.b64decode(cms["content"]))["content"]
        return {certificate.chosen.dump() for certificate in signed["certificates"]}

    def test_the_chain_goes_into_signatures(self):
        # The authority in between is on the card, the root is in the trust folder: it stays out.
        self.assertEqual(self.check_signed(), {self.leaf.der(), self.pki.sub.der()})
        # A stranger of the same name is not the issuer.
        self.trusted(Pki().sub, self.pki.root)
        self.assertEqual(self.check_signed(), {self.leaf.der(), self.pki.sub.der()})

    def restart(self, policy):
        """The same agent under another policy."""
        before = self.agent.settings
        self.agent.stop()
        self.agent.settings += f"require-valid-certificate = {policy}\n"
        try:
            self.agent.start()
        finally:
            self.agent.settings = before
        self.page = self.agent.page()

    def sign_refused(self):
        """The reason of each way to sign; no dialog was shown for it."""
        self.agent.forget_dialogs()
        document = {"name": "belge.txt", "mediaType": "text/plain", "content": base64_text(b"merhaba")}
        reasons = {self.page.refused("sign.document", certificate=self.id, format="cades", documents=[document])["reason"],
                   self.page.refused("sign.hash", certificate=self.id, hashes=[
                       {"algorithm": "sha256", "value": base64_text(bytes(32)), "label": "özet"}])["reason"]}
        self.assertEqual(self.agent.dialogs(), "")
        self.assertEqual(len(reasons), 1)
        return reasons.pop()

    def test_a_policy_refuses_before_any_dialog(self):
        self.addCleanup(self.restart, "no")
        self.forget()
        self.restart("revocation")
        for reason, expected in ((HOLD, "certificate_suspended"), (COMPROMISE, "certificate_revoked")):
            self.forget()
            self.server.routes["/ocsp"] = self.pki.ocsp(self.leaf, ocsp.OCSPCertStatus.REVOKED, reason)
            self.assertEqual(self.sign_refused(), expected)
        # What is known is known, without asking.
        self.restart("chain")
        self.server.asked.clear()
        self.assertEqual((self.sign_refused(), self.server.asked), ("certificate_revoked", []))
        self.forget()
        self.good()
        self.assertEqual(self.check_signed(), {self.leaf.der(), self.pki.sub.der()})
        self.assertEqual(self.server.asked, [])
        self.trusted(Pki().root)
        self.assertEqual(self.sign_refused(), "certificate_untrusted")
        self.trusted(self.pki.root)
        self.restart("revocation")
        del self.server.routes["/ocsp"]
        self.assertEqual(self.sign_refused(), "revocation_unavailable")
        self.good()
        self.check_signed()

    def doctor(self, *arguments):
        """What the health check says of trust; `skipped` is what was not asked."""
        done = subprocess.run([self.agent.program, "--config", self.agent.config_path, "doctor", "--json", *arguments], capture_output=True,
                              check=False, timeout=60, env=self.agent.environment())
        checks = {check["id"]: check["status"] for check in json.loads(done.stdout)["checks"]}
        return [checks[name] for name in ("certificate_trusted", "certificate_revoked", "certificate_suspended", "clock_agrees", "revocation_answers")]

    def test_the_health_check_tells_the_same(self):
        self.forget()
        self.assertEqual(self.doctor(), ["ok", "skipped", "skipped", "skipped", "skipped"])
        self.assertEqual(self.doctor("--deep"), ["ok"] * 5)
        # A page's run asks nobody, and knows what was heard before.
        self.server.asked.clear()
        found = {check["id"]: check["status"] for check in self.page.call("reader.health", deep=True)["checks"]}
        self.assertEqual((found["certificate_revoked"], found["revocation_answers"], self.server.asked), ("ok", "skipped", []))
        for reason, expected in ((HOLD, ["ok", "ok", "failed"]), (COMPROMISE, ["ok", "failed", "ok"])):
            self.forget()
            self.server.routes["/ocsp"] = self.pki.ocsp(self.leaf, ocsp.OCSPCertStatus.REVOKED, reason)
            self.assertEqual(self.doctor("--deep"), [*expected, "ok", "ok"])
        self.forget()
        del self.server.routes["/ocsp"]
        self.assertEqual(self.doctor("--deep"), ["ok", "skipped", "skipped", "skipped", "warning"])
        self.server.routes["/ocsp"] = late_server(self.pki.ocsp(self.leaf))
        self.assertEqual(self.doctor("--deep"), ["ok", "ok", "ok", "failed", "ok"])
        self.forget()
        self.trusted(Pki().root)
        self.assertEqual(self.doctor("--deep"), ["warning"] + ["skipped"] * 4)
        self.trusted()
        self.assertEqual(self.doctor("--deep"), ["skipped"] * 5)

    def asking(self):
        """imza-fetch's process while it waits for an answer; it comes when the event that is returned, too, is set."""
        self.forget()
        waiting = threading.Event()
        self.server.routes["/ocsp"] = lambda handler, body: waiting.wait(20)
        self.server.asked.clear()
        self.page.send("certificate.validate", {"certificate": self.id})
        deadline = time.monotonic() + 10
        while "/ocsp" not in self.server.asked and time.monotonic() < deadline:
            time.sleep(0.01)
        return self.agent.family()["imza-fetch"], waiting

    def test_the_one_that_asks_servers_tries_what_is_forbidden(self):
        if "asan" in BUILD.name or not inject.POSSIBLE:
            self.skipTest("takes walls, root and x86-64")
        fetch, waiting = self.asking()
        with inject.Injected(fetch) as process:
            for wanted, *call in (("EPERM", "ptrace", 16, os.getpid(), 0, 0), ("EPERM", "execve", b"/bin/true", 0, 0), ("EPERM", "kill", os.getppid(), 0),
                                  ("EPERM", "listen", 0, 1), ("EPERM", "socket", 17, 3, 0), ("EPERM", "mmap", 0, 4096, 5, 0x22, -1, 0),
                                  ("EACCES", "openat", -1, b"/etc/passwd", os.O_RDONLY), ("EACCES", "openat", -1, b"/tmp/x", os.O_CREAT | os.O_WRONLY, 0o600)):
                self.assertEqual(process.call(*call), wanted, call)
            self.assertIsInstance(process.call("openat", -1, b"/etc/hosts", os.O_RDONLY), int)
            self.assertIsInstance(process.call("socket", 2, 1, 0), int)
        self.page.close()
        self.agent.wait_idle()
        waiting.set()

    def test_the_one_that_asks_servers_has_nothing_to_read_documents_with(self):
        """And the one that reads them nothing to ask servers with."""
        needed = {name: subprocess.run(["ldd", BUILD / "agent" / name], check=True, capture_output=True, text=True).stdout for name in ("imza-fetch", "imza-document")}
        self.assertIn("libcurl", needed["imza-fetch"])
        self.assertNotIn("cairo", needed["imza-fetch"])
        self.assertIn("cairo", needed["imza-document"])
        self.assertNotIn("libcurl", needed["imza-document"])

    def test_a_call_that_is_cancelled_leaves_nothing(self):
        _, waiting = self.asking()
        self.page.close()
        self.agent.wait_idle()
        waiting.set()


@unittest.skipUnless(module_path(), "SoftHSM is not installed")
class TestDemo(unittest.TestCase):
    """The demo's own authority, trusted as installer/demo does it."""

    def test_its_certificates_are_valid(self):
        with Server() as server:
            agent = Agent(token=False, settings=f"fetch-host = 127.0.0.1:{server.port}\n")
            agent.token = SoftHsm(where=f"http://127.0.0.1:{server.port}")
            (agent.folder / "trust").mkdir(mode=0o700)
            shutil.copy(agent.token.folder / "chain.pem", agent.folder / "trust")
            agent.settings += f"trust-dir = {agent.folder}/trust\n"
            server.routes.update({f"/{file.name}": file.read_bytes() for file in (agent.token.folder / "crls").iterdir()})
            with agent:
                page = agent.page()
                for key_type in ("rsa", "ec"):
                    result = page.call("certificate.validate", certificate=page.signer(key_type)["id"])
                    self.assertEqual((result["status"], result["reasons"], result["qualified"], len(result["chain"])), ("valid", [], True, 3))
                command = [agent.program, "--config", agent.config_path, "list", "--validate"]
                listed = subprocess.run([*command, "--json"], capture_output=True, check=True, timeout=60, env=agent.environment()).stdout
                self.assertEqual([c["validation"]["status"] for c in json.loads(listed)["certificates"]], ["valid"] * 3)
                (agent.folder / "trust/chain.pem").unlink()
                listed = subprocess.run(command, capture_output=True, check=True, timeout=60, env=agent.environment()).stdout.decode()
                self.assertEqual((listed.count("bilinemiyor"), listed.count("güvenilen hiçbir kök sertifika tanımlı değil")), (3, 3))


if __name__ == "__main__":
    unittest.main()
