# SPDX-License-Identifier: Apache-2.0
"""identity.prove: tokens are judged by Python's cryptography, which knows nothing of ours, as a portal's server would."""
import base64
import hashlib
import os
import unittest

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from agent_client import DEVELOPER_ORIGIN, ORIGIN, Agent, base64_text
from softhsm import module_path

ALGORITHMS = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}


def challenge():
    return base64_text(os.urandom(32))


def token_is_good(token, origin, nonce):
    """What a server does with a Web eID token, but for the certificate's own validation."""
    key = x509.load_der_x509_certificate(base64.b64decode(token["unverifiedCertificate"])).public_key()
    algorithm, signature = ALGORITHMS[token["algorithm"][2:]], base64.b64decode(token["signature"])
    digest = lambda text: hashlib.new(algorithm.name, text.encode()).digest()  # noqa: E731
    signed = digest(origin) + digest(nonce)
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, signed, padding.PKCS1v15(), algorithm)
        else:
            half = len(signature) // 2
            key.verify(encode_dss_signature(int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big")), signed, ec.ECDSA(algorithm))
        return True
    except InvalidSignature:
        return False


@unittest.skipUnless(module_path(), "SoftHSM is not installed")
class TestIdentityProve(unittest.TestCase):
    """The demo card: two signing certificates and one for logging in."""

    @classmethod
    def setUpClass(cls):
        cls.agent = Agent(allowed=(ORIGIN, DEVELOPER_ORIGIN))
        cls.agent.start()
        cls.addClassCleanup(cls.agent.close)

    def setUp(self):
        self.agent.script("confirm ok", "pin 123456")
        self.agent.forget_dialogs()
        self.page = self.agent.page()
        self.addCleanup(self.page.close)

    def login_id(self):
        return self.page.certificates(purpose="authentication")[0]["id"]

    def test_a_token_is_good_for_its_origin_and_challenge_only(self):
        nonce = challenge()
        token = self.page.call("identity.prove", challenge=nonce, certificate=self.login_id())["token"]
        self.assertEqual((token["format"], token["algorithm"]), ("web-eid:1.0", "ES384"))
        self.assertTrue(token_is_good(token, ORIGIN, nonce))
        self.assertFalse(token_is_good(token, "https://bank.example", nonce))
        self.assertFalse(token_is_good(token, ORIGIN + "/", nonce))
        self.assertFalse(token_is_good(token, ORIGIN, challenge()))

    def test_the_origin_is_the_browsers(self):
        other = self.agent.page(origin=DEVELOPER_ORIGIN)
        self.addCleanup(other.close)
        nonce = challenge()
        token = other.call("identity.prove", challenge=nonce, certificate=self.login_id())["token"]
        self.assertTrue(token_is_good(token, DEVELOPER_ORIGIN, nonce))
        self.assertFalse(token_is_good(token, ORIGIN, nonce))

    def test_the_dialog_names_site_and_person(self):
        self.page.call("identity.prove", challenge=challenge(), certificate=self.login_id())
        dialogs = self.agent.dialogs()
        for words in ("portal.example", "Çağla Şule Öğüt olarak oturum açılsın mı", "Oturum açmaya devam et"):
            self.assertIn(words, dialogs)

    def test_signing_certificates_do_not_log_in(self):
        for key_type in ("rsa", "ec"):
            refused = self.page.refused("identity.prove", challenge=challenge(), certificate=self.page.signer(key_type)["id"])
            self.assertEqual(refused["reason"], "certificate_unsuitable")
        self.assertEqual(self.agent.dialogs(), "")

    def test_log_in_certificates_do_not_sign(self):
        # Attack 12: the card could be made to log its holder in elsewhere.
        document = {"name": "belge.txt", "mediaType": "text/plain", "content": base64_text(b"merhaba")}
        hashed = {"algorithm": "sha384", "value": base64_text(hashlib.sha384(b"x").digest()), "label": "özet"}
        for method, params in (("sign.document", {"format": "cades", "documents": [document]}), ("sign.hash", {"hashes": [hashed]})):
            self.assertEqual(self.page.refused(method, certificate=self.login_id(), **params)["reason"], "certificate_unsuitable")
        self.assertEqual(self.agent.dialogs(), "")

    def test_no_consent_no_token(self):
        self.agent.script("confirm cancel")
        self.assertEqual(self.page.refused("identity.prove", challenge=challenge(), certificate=self.login_id())["reason"], "user_denied")
        self.agent.script("confirm ok", "pin 999999", "cancel")
        self.assertIn(self.page.refused("identity.prove", challenge=challenge(), certificate=self.login_id())["reason"],
                      ("pin_incorrect", "user_cancelled"))

    def test_each_is_in_the_audit_log(self):
        self.page.call("identity.prove", challenge=challenge(), certificate=self.login_id())
        line = (self.agent.state / "imza-agent/audit.jsonl").read_text(encoding="utf-8").splitlines()[-1]
        self.assertIn('"kind":"login"', line)


if __name__ == "__main__":
    unittest.main()
