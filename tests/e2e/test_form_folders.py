# SPDX-License-Identifier: Apache-2.0
"""An institution's own forms and versions in a running agent, from folders that the settings name, as far as the signature."""
import json
import shutil
import subprocess
import unittest

from agent_client import ROOT, Agent
from judges import pdf_is_good
from test_signing import form_data


class FormFolders(unittest.TestCase):
    def setUp(self):
        self.agent = Agent(renewal=True)
        self.addCleanup(self.agent.close)
        self.folder = self.agent.folder / "forms.d"
        self.folder.mkdir(mode=0o700)
        self.agent.settings += f"forms-dir = {self.folder}\n"

    def copy(self, source, name=None, **changes):
        """A built-in form's folder under that name, form.json changed."""
        target = self.folder / (name or source)
        shutil.copytree(ROOT / "proto/forms" / source, target)
        target.chmod(0o700)
        for file in target.iterdir():
            file.chmod(0o600)
        self.change(target / "form.json", **{"id": target.name, **changes})
        return target

    def change(self, path, **changes):
        path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), **changes}, ensure_ascii=False), encoding="utf-8")

    def test_a_new_form_is_listed_and_signed(self):
        self.copy("renewal", "duty-renewal", title={"tr": "Nöbet Yenileme", "en": "Duty Renewal"})
        self.agent.start()
        page = self.agent.page()
        self.assertIn("duty-renewal", [form["id"] for form in page.call("form.catalog")["forms"]])
        signer = page.signer("ec", "renewal")
        result = page.call("form.sign", form="duty-renewal", data=form_data("renewal", signer), certificate=signer["id"])
        signed = page.download(result["document"])
        self.assertTrue(pdf_is_good(signed, self.agent.token.folder / "chain.pem"))
        text = subprocess.run(["pdftotext", "-", "-"], input=signed, capture_output=True, check=True).stdout.decode()
        self.assertIn("Nöbet Yenileme", text)
        # Its rules are the form's own, as that of the certificate that is renewed.
        refused = page.refused("form.sign", form="duty-renewal", data=form_data("renewal", signer), certificate=page.signer("rsa")["id"])
        self.assertEqual([(error["pointer"], error["code"]) for error in refused["errors"]], [("/certificateEnd", "certificate_end_differs")])

    def test_a_new_version_replaces_the_old_one_that_still_signs_by_name(self):
        self.copy("renewal", version=2, title={"tr": "Yeni Yenileme", "en": "New Renewal"})
        self.agent.start()
        page = self.agent.page()
        listed = [form for form in page.call("form.catalog")["forms"] if form["id"] == "renewal"]
        self.assertEqual([form["version"] for form in listed], [2])
        signer = page.signer("ec", "renewal")
        data, certificate = form_data("renewal", signer), signer["id"]
        for version, footer in ((None, "renewal, sürüm 2"), (2, "renewal, sürüm 2"), (1, "renewal, sürüm 1")):
            named = {} if version is None else {"version": version}
            self.assertEqual(page.call("form.describe", form="renewal", **named)["version"], version or 2)
            self.assertTrue(page.call("form.validate", form="renewal", data=data, **named)["valid"])
            for document in (page.call("form.render", form="renewal", data=data, **named)["document"],
                             page.call("form.sign", form="renewal", data=data, certificate=certificate, **named)["document"]):
                text = subprocess.run(["pdftotext", "-", "-"], input=page.download(document), capture_output=True, check=True).stdout.decode()
                self.assertIn(footer, text)

    def test_a_version_that_is_not_there_is_refused_by_name(self):
        self.agent.start()
        page = self.agent.page()
        data, certificate = form_data("renewal"), page.signer("rsa")["id"]
        for method, more in (("form.describe", {}), ("form.validate", {"data": data}), ("form.render", {"data": data}),
                             ("form.sign", {"data": data, "certificate": certificate})):
            refused = page.refused(method, form="renewal", version=7, **more)
            self.assertEqual((refused["reason"], refused["detail"]), ("not_found", "form renewal has no version 7"))
            self.assertEqual(page.refused(method, form="no-such-form", **more)["detail"], "form no-such-form is not known")
        self.assertEqual(self.agent.dialogs(), "")

    def test_a_broken_form_is_left_out_and_the_log_says_where(self):
        self.copy("renewal", "good-one")
        self.change(self.copy("renewal", "bad-version") / "form.json", version="2")
        self.change(self.copy("renewal", "bad-layout") / "layout.json", declaration=["no.such.text"])
        self.change(self.copy("renewal", "bad-schema") / "schema.json", type="objekt")
        (self.copy("renewal", "bad-json") / "texts.json").write_text("{", encoding="utf-8")
        (self.copy("renewal", "bad-mode") / "schema.json").chmod(0o666)
        (self.copy("renewal", "bad-file") / "layout.json").unlink()
        self.agent.start()
        listed = {form["id"] for form in self.agent.page().call("form.catalog")["forms"]}
        self.assertIn("good-one", listed)
        self.assertIn("first-application", listed)
        self.assertFalse([form for form in listed if form.startswith("bad")])
        log = self.agent.log()
        for said in ("bad-version/form.json: /version: ", "bad-layout/layout.json: /declaration/0: ", "bad-schema/schema.json", "bad-json/texts.json: /: ",
                     "bad-mode/schema.json: others may write to it", "bad-file/layout.json: there is no such file"):
            self.assertIn(said, log)


if __name__ == "__main__":
    unittest.main()
