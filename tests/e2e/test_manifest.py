# SPDX-License-Identifier: Apache-2.0
"""Manifests of the portal's server: what they let through, what they stop before any dialog, and that each opens one."""
import hashlib
import json
import subprocess
import time
import unittest

from cryptography.hazmat.primitives.asymmetric import ed25519

from agent_client import ORIGIN, Agent, base64_text
from manifests import Server, base64url
from test_signing import SigningCase, form_data

OTHER = "https://other.example"     # allowed, without a rule
SERVER, NEXT = Server(), Server()
PURPOSE = "Sitenin sunucusunun doğruladığı amaç: Reçete onayı"


def digest(content):
    return hashlib.sha256(content).hexdigest()


def inline(content, name="a.txt"):
    return {"content": base64_text(content), "name": name, "mediaType": "text/plain"}


class ManifestCase(SigningCase):
    options = {"settings": SERVER.setting + NEXT.setting, "allowed": (ORIGIN, OTHER)}

    def setUp(self):
        super().setUp()
        self.portal = self.page()
        self.certificate = self.portal.signer("ec")["id"]

    def sign(self, contents=(b"icerik",), page=None, **more):
        return (page or self.portal).call("sign.document", certificate=self.certificate, format="cades",
                                          documents=[inline(content) for content in contents], **more)

    def refused(self, contents=(b"icerik",), method="sign.document", **more):
        """Why, and that nobody was asked."""
        if method == "sign.document":
            more |= {"format": "cades", "documents": [inline(content) for content in contents]}
        data = self.portal.refused(method, certificate=self.certificate, **more)
        self.assertTrue(data.get("detail"))
        self.assert_no_dialog()
        return data["reason"]

    def said(self):
        """The dialogs' words, as they were before they were broken into lines."""
        return " ".join(self.agent.dialogs().replace("%0A", " ").split())


class Right(ManifestCase):
    def test_the_page_is_told_whether_it_has_to_bring_one(self):
        self.assertIs(self.portal.call("agent.info")["manifest"], True)
        self.assertIn("sign.manifest", self.portal.call("agent.info")["features"])
        self.assertNotIn("manifest", self.page(OTHER).call("agent.info"))

    def test_documents_that_the_server_means_are_signed_and_its_purpose_is_shown(self):
        self.sign(manifest=SERVER.manifest(documents=[digest(b"icerik")]))
        self.assertIn(PURPOSE, self.said())
        self.assertEqual(self.agent.dialogs().count("CONFIRM"), 1)

    def test_either_key_of_the_origin_will_do(self):
        for server in (SERVER, NEXT):
            claims = server.claims(documents=[digest(b"icerik")])
            self.assertEqual(len(self.sign(manifest=server.sign(claims, kid="2026"))["documents"]), 1)

    def test_the_signature_by_its_full_name(self):
        self.sign(manifest=SERVER.sign(SERVER.claims(documents=[digest(b"icerik")]), alg="Ed25519"))
        self.assertIn(PURPOSE, self.said())

    def test_a_batch_and_a_batch_that_goes_on(self):
        contents = [b"%d" % i for i in range(40)]
        handles = [self.portal.upload(content, f"{i}.txt", "text/plain") for i, content in enumerate(contents)]
        request = {"certificate": self.certificate, "format": "cades", "partial": True}
        def ask(count):
            return self.portal.call("sign.document", **request, documents=[{"document": h} for h in handles[:count]],
                                    manifest=SERVER.manifest(documents=[digest(c) for c in contents[:count]]))
        self.assertEqual(len(ask(30)["documents"]), 30)
        self.assertIn(PURPOSE, self.said())
        self.agent.forget_dialogs()
        self.assertEqual([d.get("earlier", False) for d in ask(40)["documents"]], [True] * 30 + [False] * 10)
        self.assertIn("10 belge", self.said())
        # One whose bytes nobody has is not signed, and does not keep the others from it.
        self.portal.call("document.close", document=handles[3])
        result = ask(40)
        self.assertEqual([f["index"] for f in result["failed"]], [3])

    def test_hashes(self):
        hashes = [{"algorithm": "sha256", "value": base64_text(hashlib.sha256(b"%d" % i).digest())} for i in range(3)]
        request = {"method": "sign.hash", "hashes": [{**entry, "label": "Sözleşme"} for entry in hashes]}
        for wrong in (hashes[:2], hashes[::-1], hashes + hashes[:1]):
            self.assertEqual(self.refused(manifest=SERVER.manifest(hashes=wrong), **request), "manifest_mismatch")
        self.assertEqual(self.refused(manifest=SERVER.manifest(documents=[digest(b"%d" % i) for i in range(3)]), **request), "manifest_mismatch")
        self.assertEqual(self.refused(**request), "manifest_required")
        self.portal.call(request.pop("method"), certificate=self.certificate, manifest=SERVER.manifest(hashes=hashes), **request)
        self.assertIn(PURPOSE, self.said())

    def test_a_form_is_named_by_its_data(self):
        data = form_data("pin-request")
        request = {"form": "pin-request", "data": data}
        canonical = self.portal.call("form.validate", **request, canonical=True)["canonical"]["sha256"]
        version = next(f["version"] for f in self.portal.call("form.catalog")["forms"] if f["id"] == "pin-request")
        named = {"id": "pin-request", "version": version, "sha256": canonical}
        for wrong in ({"sha256": digest(b"")}, {"version": version + 1}, {"id": "renewal"}):
            self.assertEqual(self.refused(method="form.sign", **request, manifest=SERVER.manifest(form=named | wrong)), "manifest_mismatch")
        self.assertEqual(self.refused(method="form.sign", **request), "manifest_required")
        # A form that nobody knows is that first, with a manifest for it or without.
        for unknown in ({"form": "no-such-form"}, {"version": version + 1}):
            for manifest in ({}, {"manifest": SERVER.manifest(form=named)}):
                self.assertEqual(self.refused(method="form.sign", **request | unknown, **manifest), "not_found")
        changed = {**request, "data": {**data, "applicationDate": "2026-01-02"}}
        self.assertEqual(self.refused(method="form.sign", **changed, manifest=SERVER.manifest(form=named)), "manifest_mismatch")
        claims = SERVER.claims(form=named)
        self.portal.call("form.sign", certificate=self.certificate, **request, manifest=SERVER.sign(claims))
        self.assertIn(PURPOSE, self.said())
        # The log says which form and which manifest, and nothing that is in them.
        log = (self.agent.state / "imza-agent/audit.jsonl").read_text(encoding="utf-8")
        entry = json.loads(log.splitlines()[-1])
        self.assertEqual((entry["kind"], entry["form"], entry["manifest"]), ("form", {"id": "pin-request", "version": version}, claims["jti"]))
        self.assertFalse(any(text in log for text in (data["applicant"]["identityNumber"], data["applicant"]["surname"], "Reçete")))
        shown = subprocess.run([self.agent.program, "--config", self.agent.config_path, "audit"], capture_output=True, text=True, check=True,
                               env=self.agent.environment()).stdout
        self.assertRegex(shown.splitlines()[-1], rf"  form pin-request {version}, 1, [0-9a-f]{{16}}, manifest {claims['jti']}$")

    def test_without_a_rule_nothing_of_it_is_looked_at_or_shown(self):
        page = self.page(OTHER)
        for text in (SERVER.manifest(documents=[digest(b"x")]), "no.manifest.at-all"):
            self.sign(page=page, manifest=text)
            self.assertNotIn("amaç", self.said())
        self.assertEqual(page.refused("sign.document", certificate=self.certificate, format="cades", documents=[inline(b"a")],
                                      manifest="a b")["reason"], "invalid_params")


class Wrong(ManifestCase):
    def test_none(self):
        self.assertEqual(self.refused(), "manifest_required")

    def test_another_key_or_no_signature(self):
        claims = SERVER.claims(documents=[digest(b"icerik")])
        text = SERVER.sign(claims)
        head, _, _ = text.rpartition(".")
        none = base64url(json.dumps({"alg": "none", "typ": "imza-manifest+jwt"}).encode()) + "." + text.split(".")[1] + "."
        jwk = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
        for wrong in (SERVER.sign(claims, key=ed25519.Ed25519PrivateKey.generate()), SERVER.sign(claims, alg="none"), none, none + "AAAA",
                      SERVER.sign(claims, alg="HS256"), SERVER.sign(claims, alg="Ed448"), SERVER.sign(claims, typ="JWT"), SERVER.sign(claims, crit=["b64"], b64=False),
                      SERVER.sign(claims, jwk=jwk), SERVER.sign(claims, jku="https://evil.example"), SERVER.sign(claims, x5c=["AA"]),
                      head + ".", head, text + "A", text[:-1], "a.b.c", head + "." + base64url(bytes(64))):
            with self.subTest(wrong[:60]):
                self.assertEqual(self.refused(manifest=wrong), "manifest_invalid")

    def test_other_documents(self):
        two = [b"bir", b"iki"]
        names = [digest(content) for content in two]
        for wrong in (names[:1], names[::-1], names + [digest(b"uc")], [names[0], digest(b"iki ")], [names[0]] * 2):
            self.assertEqual(self.refused(two, manifest=SERVER.manifest(documents=wrong)), "manifest_mismatch")
        self.assertEqual(self.refused(two[:1], manifest=SERVER.manifest(documents=names)), "manifest_mismatch")

    def test_another_origin(self):
        for origin in (OTHER, ORIGIN + ":444", ORIGIN + "/"):
            self.assertEqual(self.refused(manifest=SERVER.manifest(documents=[digest(b"icerik")], origin=origin)), "manifest_mismatch")

    def test_another_time(self):
        now = int(time.time())
        for iat, exp, reason in ((now - 300, now - 70, "manifest_expired"), (now + 120, now + 300, "manifest_expired"),
                                 (now, now + 601, "manifest_invalid"), (now, now, "manifest_invalid"), (0, now + 60, "manifest_invalid")):
            self.assertEqual(self.refused(manifest=SERVER.manifest(documents=[digest(b"icerik")], iat=iat, exp=exp)), reason)

    def test_a_purpose_that_deceives(self):
        for purpose in ("", "a" * 201, "iyi\u202eksıra", "iki\nsatır", "görün\u200bmez", "sol\u200esağ", "a\u2066b"):
            for language, other in (("tr", "en"), ("en", "tr")):
                text = SERVER.manifest(documents=[digest(b"icerik")], purpose={language: purpose, other: "iyi"})
                self.assertEqual(self.refused(manifest=text), "manifest_invalid")

    def test_the_same_again(self):
        text = SERVER.manifest(documents=[digest(b"icerik")])
        self.agent.script("confirm cancel")
        self.assertEqual(self.portal.refused("sign.document", certificate=self.certificate, format="cades", documents=[inline(b"icerik")],
                                             manifest=text)["reason"], "user_denied")
        self.agent.forget_dialogs()
        self.assertEqual(self.refused(manifest=text), "manifest_replayed")
        # On another connection, under another id and after a restart of the agent, too.
        self.agent.stop()
        self.agent.start()
        self.portal = self.page()
        self.assertEqual(self.refused(manifest=text), "manifest_replayed")
        self.agent.script("confirm ok", "pin 123456")
        self.sign(manifest=SERVER.manifest(documents=[digest(b"icerik")]))

    def test_two_at_once_with_the_same_open_one_dialog(self):
        text = SERVER.manifest(documents=[digest(b"icerik")])
        self.agent.script("slow 300", "confirm ok", "pin 123456")
        ids = [self.portal.send("sign.document", {"certificate": self.certificate, "format": "cades", "documents": [inline(b"icerik")],
                                                  "manifest": text}) for _ in range(2)]
        answers = {message["id"]: message for message in (self.portal.receive(), self.portal.receive())}
        self.assertEqual(sorted(answers), ids)
        self.assertEqual([a["error"]["data"]["reason"] for a in answers.values() if "error" in a], ["manifest_replayed"])
        self.assertEqual(self.agent.dialogs().count("CONFIRM"), 1)

    def test_what_is_wrong_otherwise_uses_none_up(self):
        text = SERVER.manifest(documents=[digest(b"icerik")])
        self.assertEqual(self.portal.refused("sign.document", certificate="0" * 64, format="cades", documents=[inline(b"icerik")],
                                             manifest=text)["reason"], "not_found")
        self.sign(manifest=text)


class Settings(unittest.TestCase):
    def test_a_rule_with_a_mistake_is_named_with_its_line(self):
        with Agent(token=False) as agent:
            bad = agent.folder / "bad.conf"
            for wrong in (ORIGIN, f"{ORIGIN} AAAA", f"portal.example {'A' * 43}", f"{ORIGIN} {'A' * 43}="):
                bad.write_text(f"language = en\nmanifest-key = {wrong}\n", encoding="utf-8")
                bad.chmod(0o600)
                done = subprocess.run([agent.program, "--config", bad, "config", "check"], capture_output=True, text=True, check=False,
                                      env=agent.environment())
                self.assertNotEqual(done.returncode, 0)
                self.assertIn(f"{bad}:2: manifest-key", done.stdout + done.stderr)
            bad.write_text(SERVER.setting, encoding="utf-8")
            subprocess.run([agent.program, "--config", bad, "config", "check"], check=True, capture_output=True, env=agent.environment())


if __name__ == "__main__":
    unittest.main()
