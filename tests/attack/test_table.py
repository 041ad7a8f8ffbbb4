# SPDX-License-Identifier: Apache-2.0
"""The table in README.md: all thirty attacks are there, and each test that it names is where it says; so is what without-defence takes out."""
import importlib.machinery
import importlib.util
import pathlib
import re
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ATTACKS = 30


def rows():
    """Number and [(file, [test])] of each row."""
    for line in (HERE / "README.md").read_text(encoding="utf-8").splitlines():
        if found := re.match(r"\| (\d+) \| [^|]+ \| (.+) \|$", line):
            groups = re.findall(r"`([^`]+)` ([^`]+)", re.sub(r" \([^)]*\)", "", found[2]))
            yield int(found[1]), [(HERE.parent / file, [name.strip(" ;") for name in names.split(",") if name.strip(" ;")]) for file, names in groups]


class Table(unittest.TestCase):
    def test_every_attack_has_a_test_and_every_test_is_there(self):
        table = dict(rows())
        self.assertEqual(list(table), list(range(1, ATTACKS + 1)))
        for number, groups in table.items():
            self.assertTrue(groups, f"attack {number} has no test")
            for file, names in groups:
                text = file.read_text(encoding="utf-8")
                for name in names:
                    begin = f"def {name}(" if file.suffix == ".py" else f"\n{name}(void)" if file.suffix == ".c" else name
                    self.assertIn(begin, text, f"attack {number}: {file.name} has no {name}")

    def test_what_without_defence_takes_out_is_there(self):
        loader = importlib.machinery.SourceFileLoader("without_defence", str(HERE / "without-defence"))
        script = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
        loader.exec_module(script)
        for _, defence, file, old, _, (folder, test) in script.DEFENCES:
            self.assertIn(old, (script.ROOT / file).read_text(encoding="utf-8"), defence)
            module, _, name = test.split(".")
            self.assertIn(f"def {name}(", (HERE.parent / folder / f"{module}.py").read_text(encoding="utf-8"), defence)


if __name__ == "__main__":
    unittest.main()
