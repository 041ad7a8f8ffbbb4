# SPDX-License-Identifier: Apache-2.0
"""The packages as files: the same bytes from another folder, no complaint of Debian's own checkers, every program hardened."""
import os
import pathlib
import tempfile
import unittest

from elsewhere import build_elsewhere
from root import ROOT, run

PACKAGES = pathlib.Path(os.environ.get("IMZA_PACKAGES", ROOT / "build/deb"))


class Packages(unittest.TestCase):
    def test_they_are_reproducible_by_another_user_elsewhere(self):
        """IMZA_PACKAGES_AGAIN is a folder with what elsewhere.py made; without it, it is made here."""
        with tempfile.TemporaryDirectory() as folder:
            again = os.environ.get("IMZA_PACKAGES_AGAIN")
            if again is None:
                again = folder
                build_elsewhere(again)
            names = sorted(path.name for path in PACKAGES.glob("*.deb"))
            self.assertEqual(sorted(path.name for path in pathlib.Path(again).glob("*.deb")), names)
            for name in names:
                self.assertEqual((PACKAGES / name).read_bytes(), pathlib.Path(again, name).read_bytes(), name)

    def test_the_compiler_was_given_every_flag_that_hardens(self):
        # -fPIE is asked for where it links, too, which meson leaves to -pie: what came of it is looked at below.
        self.assertEqual(run("blhc", "--all", "--ignore-flag=-fPIE", PACKAGES / "work/build.log"), "")

    def test_debian_s_checkers_find_nothing(self):
        self.assertEqual(run("lintian", "--allow-root", "--fail-on", "error,warning", *PACKAGES.glob("*.changes")), "")
        run("appstreamcli", "validate", "--no-net", ROOT / "installer/desktop/org.imza_agent.Agent.metainfo.xml")
        with tempfile.TemporaryDirectory() as folder:
            run("dpkg-deb", "-x", next(PACKAGES.glob("imza-agent_*.deb")), folder)
            entries = sorted(pathlib.Path(folder).rglob("*.desktop"))
            self.assertEqual([path.parent.name for path in entries], ["autostart", "applications"])
            self.assertEqual(run("desktop-file-validate", *entries), "")

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
