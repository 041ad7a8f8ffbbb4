# SPDX-License-Identifier: Apache-2.0
"""imza-agent config, and an agent whose settings lie in several files, one of them broken."""
import json
import os
import subprocess
import unittest

from agent_client import BUILD, ORIGIN, ROOT, Agent, base64_text

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
            lines = done.stdout.splitlines()
            self.assertEqual([line.split(": ")[0] for line in lines[:4]], [f"{broken}:1", f"{broken}:3", f"{broken}:4", str(opened)])
            # What the file that was left out may have said.
            self.assertTrue(lines[4:] and all(line.startswith(f"{opened}: ") for line in lines[4:]), lines)
        self.agent.put("conf.d/60-open.conf", "language = en\n")
        self.assertEqual(self.agent.config("check", broken).returncode, 1)
        self.assertEqual(self.agent.config("check", "/nonexistent").returncode, 1)
        self.assertIn("there is no such key", self.agent.config("check").stdout)

    def test_a_line_without_effect_is_told_and_is_no_mistake(self):
        self.agent.put("policy.d/10.conf", f"allow-origin = {OTHER}\n")
        done = self.agent.config("check")
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stdout, r"imza-agent\.conf:\d+: allow-origin: ")


    def test_check_finds_what_is_named_in_vain(self):
        profile = self.agent.put("institution.json", (ROOT / "installer/demo-institution.json").read_text(encoding="utf-8"))
        site = self.agent.put("conf.d/50-site.conf", f"institution = {profile}\nforms-dir = {ROOT}/proto/forms\n")
        done = self.agent.config("check")
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        profile.chmod(0o666)
        self.assertIn(f"{site}:1: institution: {profile}: dosya root'un ya da sizin olmalı", self.agent.config("check").stdout)
        self.agent.put("institution.json", '{"name": 5}')
        done = self.agent.config("check")
        self.assertEqual(done.returncode, 1)
        self.assertTrue(done.stdout.startswith(f"{profile}: kurum profili okunamadı: /name: "), done.stdout)
        profile.unlink()
        self.agent.put("conf.d/50-site.conf", f"institution = {profile}\ntrust-dir = /nonexistent\nforms-dir = {site}\nmodule = /nonexistent.so\n")
        done = self.agent.config("check")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(sorted(done.stdout.splitlines()), [
            f"{site}:1: institution: {profile}: böyle bir dosya yok", f"{site}:2: trust-dir: /nonexistent: böyle bir klasör yok",
            f"{site}:3: forms-dir: {site}: böyle bir klasör yok", f"{site}:4: module: /nonexistent.so: böyle bir dosya yok"])
        # The agent of a fleet is its users', and it is root that checks.
        if os.geteuid() == 0:
            self.agent.put("conf.d/50-site.conf", "", 0o600)
            done = self.agent.config("check")
            self.assertEqual((done.returncode, done.stdout), (1, f"{site}: yalnız root okuyabiliyor; kullanıcıların e-imza aracısı okuyamaz\n"))


class Shut(unittest.TestCase):
    """What narrows and can't be read counts as the strictest, and the page is told where."""

    def start(self, text, **options):
        agent = FolderAgent(**{"token": False, **options})
        self.addCleanup(agent.close)
        self.site = agent.put("conf.d/50-site.conf", text)
        agent.start()
        return agent

    def test_a_denial_that_can_t_be_read_is_for_every_site_that_it_may_name(self):
        for text, shut in ((f"deny-origin = {ORIGIN}/\n", (ORIGIN, OTHER)), (f"deny-orgin = {OTHER}\n", (OTHER,))):
            agent = self.start(f"allow-origin = {OTHER}\n{text}")
            self.assertIn(f"{self.site}:2: ", agent.log())
            for origin in (ORIGIN, OTHER):
                page = agent.page(origin)
                self.assertEqual(page.call("agent.info")["grant"], "denied" if origin in shut else "listed")
                if origin not in shut:
                    page.call("form.catalog")
                    continue
                self.assertEqual(page.call("agent.requestAccess")["grant"], "denied")
                for method in ("certificate.list", "form.catalog"):
                    refused = page.refused(method)
                    self.assertEqual(refused["reason"], "origin_denied")
                    self.assertTrue(refused["detail"].startswith(f"{self.site}:2: deny-origin "), refused["detail"])
                settings = next(check for check in page.call("reader.health")["checks"] if check["id"] == "settings")
                self.assertEqual(settings["status"], "failed")
                self.assertIn(f"{self.site}:2: ", settings["measured"])
            # Whom nobody has allowed opens no dialog and is not told what our files are called.
            stranger = agent.page("https://stranger.example")
            if ORIGIN in shut:
                self.assertEqual(stranger.call("agent.requestAccess")["grant"], "denied")
                self.assertEqual(agent.dialogs(), "")
            self.assertNotIn("detail", stranger.refused("reader.health"))
            done = agent.config("check")
            self.assertEqual(done.returncode, 1)
            self.assertIn(f"{self.site}:2: deny-origin okunamadı", done.stdout)

    def test_a_file_that_can_t_be_read_shuts_every_site(self):
        agent = FolderAgent(token=False)
        self.addCleanup(agent.close)
        site = agent.put("conf.d/50-site.conf", "language = en\n", 0o666)
        agent.start()
        refused = agent.page().refused("certificate.list")
        self.assertEqual(refused["reason"], "origin_denied")
        self.assertTrue(refused["detail"].startswith(f"{site}: deny-origin "), refused["detail"])

    def test_listed_only_in_another_language_lets_listed_ones_in_only(self):
        agent = self.start("listed-origins-only = evet\n")
        self.assertEqual(agent.page().call("agent.info")["grant"], "listed")
        with self.assertRaises(Exception) as refused:
            agent.page(OTHER)
        self.assertIn("403", str(refused.exception))

    def test_a_rule_of_manifests_that_can_t_be_read_lets_nothing_be_signed(self):
        agent = self.start(f"allow-origin = {OTHER}\nmanifest-key = {ORIGIN} AAAA\n", token=True)
        hashes = {"format": "cades", "documents": [{"content": base64_text(b"x"), "name": "x.txt", "mediaType": "text/plain"}]}
        page = agent.page()
        certificate = page.signer("ec")["id"]
        self.assertIs(page.call("agent.info")["manifest"], True)
        for manifest, reason in (({}, "manifest_required"), ({"manifest": "a.b.c"}, "manifest_invalid")):
            refused = page.refused("sign.document", certificate=certificate, **hashes, **manifest)
            self.assertEqual(refused["reason"], reason)
            self.assertTrue(refused["detail"].startswith(f"{self.site}:2: manifest-key "), refused["detail"])
        self.assertEqual(agent.dialogs(), "")
        agent.script("confirm ok", "pin 123456")
        self.assertEqual(len(agent.page(OTHER).call("sign.document", certificate=certificate, **hashes)["documents"]), 1)

    def test_an_unreadable_module_is_no_reason_to_load_another(self):
        agent = self.start("module = akisp11.so\n", modules=[])
        self.assertEqual([line for line in agent.log().splitlines() if "module found" in line], [])
        checks = {check["id"]: check["status"] for check in agent.page().call("reader.health")["checks"]}
        self.assertEqual(checks["settings"], "failed")
        self.assertNotEqual(checks["module_configured"], "ok")


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

    def test_a_line_of_another_encoding_is_told_to_the_page(self):
        agent = FolderAgent(token=False)
        self.addCleanup(agent.close)
        broken = agent.put("conf.d/50-broken.conf", "")
        broken.write_bytes("yönetici = ğ\n".encode("iso-8859-9") + "dili = değil\n".encode() + b"deny-origin https://a.example " + "ğ".encode() * 90)
        agent.start()
        settings = next(check for check in agent.page().call("reader.health")["checks"] if check["id"] == "settings")
        self.assertIn(f"{broken}:1: there is no such key: y?netici; ", settings["measured"])
        self.assertIn(f"{broken}:3: ", settings["measured"])

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
