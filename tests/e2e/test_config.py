# SPDX-License-Identifier: Apache-2.0
"""imza-agent config, and an agent whose settings lie in several files, one of them broken."""
import json
import os
import subprocess
import unittest

from agent_client import BUILD, ORIGIN, Agent

OTHER = "https://other.example"


class FolderAgent(Agent):
    """Its settings are a folder like /etc/imza-agent."""

    @property
    def config_path(self):
        return self.folder / "etc"

    def put(self, name, text, mode=0o644):
        path = self.config_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(mode)
        return path

    def configure(self):
        self.put("imza-agent.conf", self.settings)

    def config(self, *words, path=None, **environment):
        return subprocess.run([BUILD / "agent/imza-agent", "--config", path or self.config_path, "config", *map(str, words)],
                              capture_output=True, text=True, timeout=20, check=False,
                              env={**os.environ, "LC_ALL": "C.UTF-8", "XDG_CONFIG_HOME": str(self.folder / "home"), **environment})


class Config(unittest.TestCase):
    def setUp(self):
        self.agent = FolderAgent(modules=[], token=False)
        self.addCleanup(self.agent.close)
        self.agent.configure()

    def test_show_prints_each_value_and_its_place(self):
        drop_in = self.agent.put("conf.d/50-site.conf", f"# the site\nallow-origin = {OTHER}\n")
        locked = self.agent.put("policy.d/10.conf", "dialog-seconds = 30\n")
        done = self.agent.config("show", "--origin")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        lines = done.stdout.splitlines()
        self.assertIn(f"allow-origin = {OTHER}\t# {drop_in}:2", lines)
        self.assertIn(f"dialog-seconds = 30\t# {locked}:1 (kilitli)", lines)
        self.assertIn("pin-pause-seconds = 300\t# yerleşik", lines)
        self.assertEqual(self.agent.config("show", "allow-origin").stdout, f"allow-origin = {ORIGIN}\nallow-origin = {OTHER}\n")

    def test_what_show_prints_is_a_settings_file(self):
        printed = self.agent.config("show").stdout
        path = self.agent.put("again.conf", printed)
        self.assertEqual(self.agent.config("show", path=path).stdout, printed)
        self.assertEqual(self.agent.config("check", path).returncode, 0)

    def test_check_finds_every_mistake_with_its_line(self):
        self.assertEqual(self.agent.config("check").returncode, 0)
        broken = self.agent.put("conf.d/50-site.conf", "colour = blue\n\nlanguage = fr\nno equals sign\n")
        opened = self.agent.put("conf.d/60-open.conf", "language = en\n", 0o666)
        for path, words in ((None, ("check",)), ("/nonexistent", ("check", self.agent.config_path))):
            done = self.agent.config(*words, path=path)
            self.assertEqual((done.returncode, done.stderr), (1, ""))
            self.assertEqual([line.split(": ")[0] for line in done.stdout.splitlines()], [f"{broken}:1", f"{broken}:3", f"{broken}:4", str(opened)])
        self.agent.put("conf.d/60-open.conf", "language = en\n")
        self.assertEqual(self.agent.config("check", broken).returncode, 1)
        self.assertEqual(self.agent.config("check", "/nonexistent").returncode, 1)
        self.assertIn("there is no such key", self.agent.config("check").stdout)

    def test_a_line_without_effect_is_told_and_is_no_mistake(self):
        self.agent.put("policy.d/10.conf", f"allow-origin = {OTHER}\n")
        done = self.agent.config("check")
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stdout, r"imza-agent\.conf:\d+: allow-origin: ")


class Running(unittest.TestCase):
    def test_a_broken_drop_in_leaves_the_rest(self):
        agent = FolderAgent(token=False)
        self.addCleanup(agent.close)
        agent.put("conf.d/10-good.conf", f"allow-origin = {OTHER}\n")
        broken = agent.put("conf.d/50-broken.conf", f"alow-origin = {OTHER}\nallow-origin = https://third.example\n")
        agent.start()
        self.assertIn(f"{broken}:1: ", agent.log())
        for origin in (ORIGIN, OTHER, "https://third.example"):
            self.assertEqual(agent.page(origin).call("agent.info")["grant"], "listed")
        checks = agent.page().call("reader.health")["checks"]
        settings = next(check for check in checks if check["id"] == "settings")
        self.assertEqual(settings["status"], "warning")
        self.assertIn(f"{broken}:1: ", settings["measured"])
        doctor = subprocess.run([agent.program, "--config", agent.config_path, "doctor", "--json"], capture_output=True, timeout=60,
                                check=False, env=agent.environment())
        settings = next(check for check in json.loads(doctor.stdout)["checks"] if check["id"] == "settings")
        self.assertEqual(settings["status"], "warning")
        self.assertIn(f"{broken}:1: ", settings["measured"])

    def test_a_broken_lock_keeps_it_from_starting(self):
        agent = FolderAgent(token=False)
        self.addCleanup(agent.close)
        locked = agent.put("policy.d/10.conf", "alow-origin =\n")
        with self.assertRaises(AssertionError):
            agent.start()
        self.assertIn(f"{locked}:1: ", agent.log())
        self.assertEqual(agent.process.wait(5), 1)
        agent.process.stdout.close()

    def test_a_locked_list_admits_no_other_site(self):
        agent = FolderAgent(token=False)
        self.addCleanup(agent.close)
        agent.put("policy.d/10.conf", f"allow-origin = {OTHER}\n")
        agent.start()
        self.assertEqual(agent.page(ORIGIN).call("agent.info")["grant"], "none")
        self.assertEqual(agent.page(OTHER).call("agent.info")["grant"], "listed")


if __name__ == "__main__":
    unittest.main()
