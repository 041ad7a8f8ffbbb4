# SPDX-License-Identifier: Apache-2.0
"""imza-agent browser: the policies that it writes below a folder that stands for the system, and what is left when it takes them away."""
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest
from concurrent.futures import ThreadPoolExecutor

from agent_client import BUILD

SITES = ["https://portal.example", "https://other.example:8443"]
CHROMIUMS = ["etc/opt/chrome/policies/managed", "etc/chromium/policies/managed", "etc/chromium-browser/policies/managed",
             "etc/opt/edge/policies/managed"]
FIREFOX = "etc/firefox/policies/policies.json"
ALLOWED = {"LoopbackNetworkAllowedForUrls": SITES, "LocalNetworkAccessAllowedForUrls": SITES}
SKIPPED = {"policies": {"LocalNetworkAccess": {"SkipDomains": ["portal.example", "other.example"]}}}
INSTITUTION = '{"policies": {\n  "DisableTelemetry": true,   "Homepage": {"URL": "https://kurum.example/ş"}\n}}\n'


class Browser(unittest.TestCase):
    def setUp(self):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="browser-"))
        self.addCleanup(shutil.rmtree, self.root)
        self.settings = self.root / "agent.conf"
        self.configure(*SITES, "http://localhost:8765")
        for folder in ("etc/opt", "var/lib"):
            (self.root / folder).mkdir(parents=True)

    def configure(self, *sites):
        self.settings.write_text("".join(f"allow-origin = {site}\n" for site in sites) + "language = en\n", encoding="utf-8")
        self.settings.chmod(0o644)

    def put(self, path, text=""):
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text, encoding="utf-8")

    def read(self, path):
        return json.loads((self.root / path).read_text(encoding="utf-8"))

    def browser(self, word, code=0):
        done = subprocess.run([BUILD / "agent/imza-agent", "--config", self.settings, "browser", word, "--root", self.root],
                              capture_output=True, text=True, check=False, env={**os.environ, "HOME": str(self.root / "home")}, umask=0o077)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout

    def tree(self):
        return {str(path.relative_to(self.root)): path.read_bytes() if path.is_file() else None for path in self.root.rglob("*")}

    def test_setup_writes_every_browser_s_policy_and_remove_leaves_no_trace(self):
        before = self.tree()
        self.browser("setup")
        for folder in CHROMIUMS:
            self.assertEqual(self.read(f"{folder}/imza-agent.json"), ALLOWED)
        self.assertEqual(self.read(FIREFOX), SKIPPED)
        for path in (*CHROMIUMS, "etc/firefox", "etc/firefox/policies"):
            self.assertEqual((self.root / path).stat().st_mode & 0o777, 0o755)
        for path in (f"{CHROMIUMS[0]}/imza-agent.json", FIREFOX):
            self.assertEqual((self.root / path).stat().st_mode & 0o777, 0o644)
        once = self.tree()
        self.browser("setup")
        self.assertEqual(self.tree(), once)
        self.browser("remove")
        self.assertEqual(self.tree(), before)
        self.browser("remove")
        self.assertEqual(self.tree(), before)

    def test_setup_follows_the_settings(self):
        self.browser("setup")
        self.configure(SITES[0])
        self.browser("setup")
        self.assertEqual(self.read(f"{CHROMIUMS[0]}/imza-agent.json")["LoopbackNetworkAllowedForUrls"], SITES[:1])
        self.assertEqual(self.read(FIREFOX)["policies"]["LocalNetworkAccess"]["SkipDomains"], ["portal.example"])
        self.configure()
        self.assertIn("no policy", self.browser("setup"))
        self.assertFalse((self.root / "etc/firefox").exists() or (self.root / CHROMIUMS[0]).exists())

    def test_the_institution_s_own_firefox_policies_stay(self):
        self.put(FIREFOX, INSTITUTION)
        before = self.tree()
        self.browser("setup")
        self.assertEqual(self.read(FIREFOX)["policies"], {**json.loads(INSTITUTION)["policies"], **SKIPPED["policies"]})
        self.browser("remove")
        self.assertEqual(self.tree(), before)

    def test_setups_at_once_come_one_after_the_other(self):
        self.put(FIREFOX, INSTITUTION)
        before = self.tree()
        with ThreadPoolExecutor() as pool:
            list(pool.map(self.browser, ["setup"] * 8))
        self.assertEqual(self.read(FIREFOX)["policies"], {**json.loads(INSTITUTION)["policies"], **SKIPPED["policies"]})
        self.browser("remove")
        self.assertEqual(self.tree(), before)

    def test_what_was_edited_since_stays_too(self):
        self.put(FIREFOX, '{"policies": {"LocalNetworkAccess": {"SkipDomains": ["other.example"], "Locked": true}}}')
        self.browser("setup")
        edited = self.read(FIREFOX)
        edited["policies"]["LocalNetworkAccess"]["SkipDomains"].append("third.example")
        edited["policies"]["DisablePocket"] = True
        self.put(FIREFOX, json.dumps(edited))
        self.browser("remove")
        self.assertEqual(self.read(FIREFOX), {"policies": {"LocalNetworkAccess": {
            "SkipDomains": ["other.example", "third.example"], "Locked": True}, "DisablePocket": True}})
        self.assertFalse((self.root / "var/lib/imza-agent").exists())

    def test_policies_that_can_t_be_added_to_are_told_and_left_alone(self):
        for path, text in ((FIREFOX, "{ no json"), (FIREFOX, '{"policies": []}'), (FIREFOX, '{"policies": {"LocalNetworkAccess": true}}'),
                           ("usr/lib/firefox-esr/distribution/policies.json", INSTITUTION),
                           (f"{CHROMIUMS[0]}/site.json", json.dumps({"LoopbackNetworkAllowedForUrls": ["https://a.example"]})),
                           (f"{CHROMIUMS[0]}/zz.json", json.dumps({"LoopbackNetworkBlockedForUrls": ["*"]}))):
            with self.subTest(path=path, text=text):
                self.put(path, text)
                before = self.tree()
                self.assertIn("the institution's own policy", self.browser("setup", 1))
                self.assertEqual((self.root / path).read_text(encoding="utf-8"), text)
                self.browser("remove")
                self.assertEqual(self.tree(), before)
                (self.root / path).unlink()
                for folder in (self.root / path).parents:
                    if folder in (self.root / "etc/opt", self.root / "etc", self.root):
                        break
                    folder.rmdir()

    def test_check_tells_what_each_browser_would_do(self):
        self.assertIn("no browser", self.browser("check"))
        for program in ("opt/google/chrome/chrome", "usr/bin/firefox-esr"):
            self.put(program)
        printed = self.browser("check", 1)
        for browser in ("Google Chrome", "Firefox"):
            for site in SITES:
                self.assertIn(f"{browser}: {site}: the user is asked\n", printed)
        self.assertNotIn("localhost", printed)
        self.browser("setup")
        self.assertNotIn("asked\n", self.browser("check").replace("without being asked\n", ""))
        self.put("var/lib/flatpak/app/org.mozilla.firefox/x")
        self.assertIn("org.mozilla.firefox: a Flatpak does not see policies", self.browser("check", 1))
        self.put(f"{CHROMIUMS[0]}/zz.json", json.dumps({"LoopbackNetworkBlockedForUrls": [SITES[0]]}))
        self.assertIn(f"Google Chrome: {SITES[0]}: a policy forbids it", self.browser("check", 1))

    def test_check_tells_when_the_policies_are_behind_the_settings(self):
        for program in ("opt/google/chrome/chrome", "usr/bin/firefox-esr"):
            self.put(program)
        self.browser("setup")
        self.browser("check")
        self.configure(SITES[0], "https://new.example")
        printed = self.browser("check", 1)
        for browser in ("Google Chrome", "Firefox"):
            self.assertIn(f"{browser}: https://new.example: the user is asked\n", printed)
            self.assertIn(f"{browser}: {SITES[1]}: no longer in the settings, still in the policy", printed)
            self.assertNotIn(f"{browser}: {SITES[0]}: no longer", printed)
        self.configure()
        self.assertIn(f"Firefox: {SITES[0]}: no longer in the settings", self.browser("check", 1))
        self.browser("setup")
        self.browser("check")

    def test_a_site_that_the_institution_lets_in_itself_is_not_called_left_over(self):
        self.put("opt/google/chrome/chrome")
        self.put(f"{CHROMIUMS[0]}/site.json", json.dumps({"LoopbackNetworkAllowedForUrls": [SITES[1]]}))
        self.configure(SITES[1])
        self.browser("check")
        self.configure()
        self.browser("check")

    @unittest.skipUnless(os.geteuid() == 0, "takes root to be nobody")
    def test_a_user_is_told_to_be_root(self):
        self.root.chmod(0o755)
        shutil.copy(BUILD / "agent/imza-agent", self.root / "imza-agent")
        done = subprocess.run([self.root / "imza-agent", "--config", self.settings, "browser", "setup", "--root", self.root],
                              capture_output=True, text=True, check=False, user="nobody", env={"PATH": os.environ["PATH"]})
        self.assertEqual(done.returncode, 1)
        self.assertIn("run it as root", done.stdout)


if __name__ == "__main__":
    unittest.main()
