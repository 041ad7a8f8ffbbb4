# SPDX-License-Identifier: Apache-2.0
"""
What installer/build-repository makes, over HTTP to apt in a fresh Debian 12: it installs and upgrades; what was tampered with, signed by somebody else, out
of date or older than what is installed is refused (attack 22 of tests/attack).
"""
import contextlib
import functools
import http.server
import os
import pathlib
import shutil
import tempfile
import threading
import unittest

from playbook import play
from repack import repacked
from root import ROOT, System, prepared, run

PACKAGES = pathlib.Path(os.environ.get("IMZA_PACKAGES", ROOT / "build/deb"))
SOURCES = "Types: deb\nURIs: {}\nSuites: ./\nSigned-By: /etc/apt/keyrings/imza-agent.asc\n"


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


class Repository(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        package = next(PACKAGES.glob("imza-agent_*.deb"))
        cls.work = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.system = cls.enterClassContext(System(prepared(package)))
        cls.environment = {**os.environ, "GNUPGHOME": str(cls.work / "keys"), "LC_ALL": "C.UTF-8"}
        (cls.work / "keys").mkdir(mode=0o700)
        cls.addClassCleanup(run, "gpgconf", "--kill", "all", env=cls.environment)
        for who in ("kurum", "other"):
            run("faketime", "10 days ago", "gpg", "--batch", "--passphrase", "", "--quick-generate-key", f"{who}@kurum.example", "ed25519", "sign", env=cls.environment)
        run("gpgconf", "--kill", "all", env=cls.environment)
        shutil.copytree(PACKAGES, cls.work / "packages", ignore=shutil.ignore_patterns("work", "*-dbgsym*"))
        cls.served = cls.work / "served"
        cls.build()
        cls.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=cls.served))
        cls.addClassCleanup(cls.server.server_close)
        cls.addClassCleanup(cls.server.shutdown)
        threading.Thread(target=cls.server.serve_forever, daemon=True).start()
        # The institution's computers know nothing but this repository.
        (cls.system / "etc/apt/sources.list").unlink(missing_ok=True)
        (cls.system / "etc/apt/sources.list.d/imza-agent.sources").write_text(SOURCES.format(f"http://127.0.0.1:{cls.server.server_port}/"), encoding="utf-8")
        (cls.system / "etc/apt/keyrings").mkdir(exist_ok=True)
        shutil.copy(cls.served / "imza-agent.asc", cls.system / "etc/apt/keyrings")

    @classmethod
    def build(cls, *options, before=(), key="kurum@kurum.example"):
        run(*before, ROOT / "installer/build-repository", "--key", key, "--in", cls.work / "packages", "--out", cls.served, *options, env=cls.environment)

    @classmethod
    def publish(cls, version):
        """Another version comes beside what is there."""
        for old in (cls.work / "packages").glob("imza-agent_*.deb"):
            old.unlink()
        shutil.copy(repacked(next(PACKAGES.glob("imza-agent_*.deb")), version, cls.work), cls.work / "packages")
        cls.build()

    @contextlib.contextmanager
    def changed(self):
        """What is done to the repository in here is undone afterwards."""
        kept = self.work / "kept"
        shutil.copytree(self.served, kept)
        try:
            yield
        finally:
            shutil.rmtree(self.served)
            kept.rename(self.served)

    def apt(self, *words):
        return self.system.run("apt-get", "-q", "-y", "--no-install-recommends", "-o", "Dpkg::Options::=--force-confold", *words)

    def apt_fails(self, *words):
        return self.system.fails("apt-get", "-q", "-y", "-o", "APT::Update::Error-Mode=any", "-o", "Dpkg::Options::=--force-confold", *words)[1]

    def installed(self):
        return self.system.run("dpkg-query", "-W", "-f", "${db:Status-Status} ${Version}", "imza-agent")

    def test_1_apt_installs_from_it(self):
        self.apt("update")
        self.apt("install", "imza-agent", "imza-agent-browser-policy")
        self.assertEqual(self.installed(), "installed 0.1.0")

    def test_2_apt_upgrades_from_it(self):
        self.publish("0.9.0")
        self.apt("update")
        self.apt("upgrade")
        self.assertEqual(self.installed(), "installed 0.9.0")

    def test_3_apt_refuses_a_package_that_was_tampered_with(self):
        with self.changed():
            self.publish("0.9.1")
            self.apt("update")
            package = self.served / "imza-agent_0.9.1_amd64.deb"
            content = bytearray(package.read_bytes())
            content[-100] ^= 1
            package.write_bytes(content)
            self.assertRegex(self.apt_fails("upgrade"), "Hash Sum mismatch")
            self.assertEqual(self.installed(), "installed 0.9.0")

    def test_4_apt_refuses_a_list_of_packages_that_was_tampered_with(self):
        with self.changed():
            for name in ("Packages", "InRelease"):
                with self.subTest(name):
                    path = self.served / name
                    path.write_text(path.read_text(encoding="utf-8").replace("imza-agent", "imza-agenT"), encoding="utf-8")
                    (self.served / "Packages.gz").unlink(missing_ok=True)
                    shutil.rmtree(self.system / "var/lib/apt/lists")
                    self.assertRegex(self.apt_fails("update"), "Hash Sum mismatch|BADSIG|invalid")

    def test_5_apt_refuses_what_somebody_else_signed_or_nobody(self):
        with self.changed():
            self.build(key="other@kurum.example")
            self.assertRegex(self.apt_fails("update"), "NO_PUBKEY")
            (self.served / "InRelease").unlink()
            self.assertRegex(self.apt_fails("update"), "Release file|not signed")
        self.apt("update")

    def test_6_apt_refuses_a_list_that_is_out_of_date(self):
        with self.changed():
            shutil.rmtree(self.system / "var/lib/apt/lists")
            self.build("--days", "2", before=("faketime", "5 days ago"))
            self.assertRegex(self.apt_fails("update"), "expired")

    def test_7_apt_refuses_an_older_package(self):
        self.apt("update")
        older = ("install", "imza-agent=0.1.0")
        self.assertIn("downgraded", self.apt_fails(*older))
        self.assertIn("is older than the 0.9.0 that is installed", self.apt_fails("--allow-downgrades", *older))
        with self.changed():    # an old list, signed by the right key, comes again
            (self.served / "imza-agent_0.9.0_amd64.deb").unlink()
            self.build(before=("faketime", "5 days ago"))
            self.apt("update")
            self.assertIn("0.9.0", self.system.run("apt-cache", "madison", "imza-agent"))     # what it had seen before still counts
            self.apt("dist-upgrade")
        self.assertEqual(self.installed(), "installed 0.9.0")

    def test_8_the_ansible_role_installs_from_it(self):
        self.apt("purge", "imza-agent", "imza-agent-browser-policy")
        (self.system / "etc/apt/keyrings/imza-agent.asc").unlink()
        address = f"http://127.0.0.1:{self.server.server_port}/"
        done = play(self.system, self.work, {"imza_agent_repository": address, "imza_agent_repository_key": str(self.served / "imza-agent.asc"),
                                             "imza_agent_origins": ["https://portal.example"], "imza_agent_doctor_worst": 2})
        self.assertEqual(done.returncode, 0, done.stdout[-4000:] + done.stderr[-2000:])
        self.assertEqual(self.installed(), "installed 0.9.0")
        self.system.run("dpkg-query", "-W", "imza-agent-browser-policy")


if __name__ == "__main__":
    unittest.main()
