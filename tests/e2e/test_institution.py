# SPDX-License-Identifier: Apache-2.0
"""The institution's profile in a running agent: told to pages, refused by its pointer, never a reason not to sign."""
import json
import pathlib
import unittest

from agent_client import Agent, sample

DEMO = json.loads((pathlib.Path(__file__).resolve().parents[2] / "installer/demo-institution.json").read_text(encoding="utf-8"))


class Institution(unittest.TestCase):
    def agent(self, profile, mode=0o600):
        agent = Agent(modules=[], token=False)
        self.addCleanup(agent.close)
        path = agent.folder / "institution.json"
        if profile is not None:
            path.write_text(profile if isinstance(profile, str) else json.dumps(profile, ensure_ascii=False), encoding="utf-8")
            path.chmod(mode)
        agent.settings += f"institution = {path}\n"
        agent.start()
        return agent

    def test_a_good_profile_is_told_to_whoever_builds_a_form(self):
        page = self.agent(DEMO).page()
        self.assertEqual(page.call("form.describe", form="renewal")["institution"], DEMO)

    def test_a_wrong_profile_is_left_out_and_the_log_says_where(self):
        wrong_iban = {**DEMO, "account": {**DEMO["account"], "iban": "TR330006100519786457841327"}}
        for profile, mode, told in ((wrong_iban, 0o600, "/account/iban"), ({**DEMO, "colour": "red"}, 0o600, "/colour"), ("{", 0o600, "no JSON"),
                                    (None, 0o600, "no such file"), (DEMO, 0o666, "others may write"), (DEMO | {"x" * 300000: 1}, 0o600, "longer than")):
            with self.subTest(told):
                agent = self.agent(profile, mode)
                self.assertNotIn("institution", agent.page().call("form.describe", form="renewal"))
                self.assertIn("institution.json", agent.log())
                self.assertIn(told, agent.log())
                self.assertNotIn("TR3300", agent.log())

    def test_stale_prices_warn(self):
        page = self.agent({**DEMO, "prices": {**DEMO["prices"], "year": 2023}}).page()
        result = page.call("form.validate", form="card-reader-request", data=sample("card-reader-request"))
        self.assertEqual([(w["pointer"], w["code"]) for w in result["warnings"]], [("/payment/way", "stale_prices")])
        self.assertTrue(result["valid"])
        self.assertNotIn("warnings", page.call("form.validate", form="first-application", data=sample("first-application")))

    def test_this_year_s_prices_do_not(self):
        page = self.agent({**DEMO, "prices": {**DEMO["prices"], "year": 2200}}).page()
        self.assertNotIn("warnings", page.call("form.validate", form="card-reader-request", data=sample("card-reader-request")))


if __name__ == "__main__":
    unittest.main()
