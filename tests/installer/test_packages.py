# SPDX-License-Identifier: Apache-2.0
"""The packages as files: the same bytes from another folder, no complaint of Debian's own checkers, every program hardened."""
import os
import pathlib
import tempfile
import unittest

from root import ROOT, run

PACKAGES = pathlib.Path(os.environ.get("IMZA_PACKAGES", ROOT / "build/deb"))


class Packages(unittest.TestCase):
    def test_they_are_reproducible(self):
        """IMZA_PACKAGES_AGAIN is a folder with packages that were built in another one; without it they are built here."""
        with tempfile.TemporaryDirectory(prefix="elsewhere-") as folder:
            again = os.environ.get("IMZA_PACKAGES_AGAIN")
            if again is None:
                again = folder
                run(ROOT / "installer/build-deb", "--out", folder, "--in", pathlib.Path(folder, "a/longer/way"),
                    env={**os.environ, "TZ": "Pacific/Chatham", "LANG": "tr_TR.UTF-8"})
            names = sorted(path.name for path in PACKAGES.glob("*.deb"))
            self.assertEqual(sorted(path.name for path in pathlib.Path(again).glob("*.deb")), names)
            for name in names:
                self.assertEqual((PACKAGES / name).read_bytes(), pathlib.Path(again, name).read_bytes(), name)

    def test_debian_s_checkers_find_nothing(self):
        self.assertEqual(run("lintian", "--allow-root", "--fail-on", "error,warning", *PACKAGES.glob("*.changes")), "")
        run("appstreamcli", "validate", "--no-net", ROOT / "installer/desktop/org.imza_agent.Agent.metainfo.xml")
        for path in (ROOT / "installer/desktop").glob("*.desktop"):
            self.assertEqual(run("desktop-file-validate", path), "")

    def test_every_program_is_hardened_and_names_no_folder_of_the_build(self):
        with tempfile.TemporaryDirectory() as folder:
            run("dpkg-deb", "-x", next(PACKAGES.glob("imza-agent_*.deb")), folder)
            programs = [pathlib.Path(folder, "usr/bin/imza-agent"), *pathlib.Path(folder, "usr/libexec/imza-agent").glob("imza-*")]
            self.assertGreaterEqual(len(programs), 4)
            for program in programs:
                with self.subTest(program.name):
                    header, dynamic = run("readelf", "-hlW", program), run("readelf", "-dW", program)
                    symbols = run("readelf", "--dyn-syms", "-W", program)
                    self.assertRegex(header, r"Type:\s+DYN")
                    self.assertIn("GNU_RELRO", header)
                    self.assertRegex(header, r"GNU_STACK.* RW ")
                    self.assertRegex(dynamic, r"BIND_NOW|Flags:.*NOW")
                    self.assertNotRegex(dynamic, "RPATH|RUNPATH")
                    self.assertIn("__stack_chk_fail", symbols)
                    self.assertRegex(symbols, r"__\w+_chk@")
                    self.assertNotIn(str(ROOT), program.read_bytes().decode("latin-1"))


if __name__ == "__main__":
    unittest.main()
