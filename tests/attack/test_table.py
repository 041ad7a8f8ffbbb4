# SPDX-License-Identifier: Apache-2.0
"""The table in README.md: all thirty attacks are there, and each test that it names is where it says."""
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


if __name__ == "__main__":
    unittest.main()
