# SPDX-License-Identifier: Apache-2.0
"""The Ansible role in a fresh Debian 12: as written by its rules, installs, configures, checks, changes nothing the second time, removes."""
import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

from playbook import ENVIRONMENT, ROLES, play
from root import ROOT, System, prepared

PACKAGES = pathlib.Path(os.environ.get("IMZA_PACKAGES", ROOT / "build/deb"))
SITES = ["https://portal.example", "https://other.example:8443"]
MODULE = "/usr/lib/softhsm/libsofthsm2.so"


class Role(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        agent = next(PACKAGES.glob("imza-agent_*.deb"))
        cls.packages = [str(agent), str(next(PACKAGES.glob("imza-agent-browser-policy_*.deb")))]
        cls.system = cls.enterClassContext(System(prepared(agent)))
        cls.work = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.before = cls.system.files()

    def play(self, code=0, **variables):
        """Runs the role; what each counter of the recap says."""
        done = play(self.system, self.work, {
            "imza_agent_packages": self.packages, "imza_agent_origins": SITES, "imza_agent_modules": [MODULE],
            "imza_agent_institution": str(ROOT / "installer/demo-institution.json"), "imza_agent_locked": {"pin-pause-seconds": 600},
            "imza_agent_settings": {"language": "en"}, "imza_agent_doctor_worst": 2, **variables})
        self.assertEqual(done.returncode, code, done.stdout[-4000:] + done.stderr[-2000:])
        return {name: int(number) for name, number in re.findall(r"(\w+)=(\d+)", done.stdout.split("PLAY RECAP")[-1])}

    def test_1_it_is_written_by_the_rules(self):
        done = subprocess.run(["ansible-lint", "--offline", "-q", "--profile", "production", "."], cwd=ROLES, capture_output=True, text=True,
                              check=False, env=ENVIRONMENT)
        self.assertEqual((done.returncode, done.stdout), (0, ""), done.stderr)

    def test_2_it_installs_and_configures(self):
        self.play()
        shown = self.system.run("imza-agent", "config", "show", "--origin")
        for line in (*(f"allow-origin = {site}" for site in SITES), f"module = {MODULE}", "institution = /etc/imza-agent/institution.json",
                     "language = en"):
            self.assertRegex(shown, re.escape(line) + r"\t# /etc/imza-agent/conf.d/50-ansible.conf:\d+\n")
        self.assertRegex(shown, r"pin-pause-seconds = 600\t# /etc/imza-agent/policy.d/50-ansible.conf:\d+ \(locked\)\n")
        policy = json.loads((self.system / "etc/opt/chrome/policies/managed/imza-agent.json").read_text(encoding="utf-8"))
        self.assertEqual(policy["LoopbackNetworkAllowedForUrls"], SITES)

    def test_3_a_second_time_changes_nothing(self):
        self.assertEqual(self.play()["changed"], 0)

    def test_4_a_changed_list_reaches_the_browsers_and_a_sick_workstation_fails_the_role(self):
        self.play(code=2, imza_agent_origins=SITES[:1], imza_agent_doctor_worst=0)   # the machine has no card reader service
        policy = json.loads((self.system / "etc/opt/chrome/policies/managed/imza-agent.json").read_text(encoding="utf-8"))
        self.assertEqual(policy["LoopbackNetworkAllowedForUrls"], SITES[:1])

    def test_5_a_wrong_setting_fails_the_role(self):
        self.play(code=2, imza_agent_settings={"langauge": "en"})

    def test_6_it_removes_all_of_it(self):
        self.play(imza_agent_state="absent")
        after = self.system.files()
        different = {path for path in self.before.keys() | after.keys() if self.before.get(path) != after.get(path)}
        self.assertEqual(different, set())


if __name__ == "__main__":
    unittest.main()
