#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Breaks copies of proto/: the program that the build runs must refuse each (TAP). test_check_schemas.py CHECK-SCHEMAS NAME..."""
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent
PROGRAM, *NAMES = sys.argv[1:]


def nothing(_):
    pass


def member(*path, **values):
    """A change: these members are set in the object at path."""
    def change(json_file):
        for step in path:
            json_file = json_file[step]
        json_file.update(values)
    return change


def error(reason, change):
    return lambda file: change(next(row for row in file["errors"] if row["reason"] == reason))


# (name, file, change, what must stand in the complaint; None: it must pass)
CASES = [
    ("an unchanged copy passes", "types.json", nothing, None),
    ("an unknown keyword in params", "methods/document.open.json", member("params", "properties", "size", maximun=5), 'keyword "maximun"'),
    ("an unknown keyword in a result", "methods/document.open.json", member("result", unevaluatedProperties=False), "unevaluatedProperties"),
    ("an unknown keyword in a notification", "notifications/card.removed.json", member("params", require=[]), 'keyword "require"'),
    ("an unknown keyword in a type", "types.json", member("$defs", "line", maxlength=1), 'keyword "maxlength"'),
    ("an unknown keyword in an error's data", "errors.json", error("pin_incorrect", member("data", requires=[])), 'keyword "requires"'),
    ("an unknown keyword in a form", "forms/renewal/schema.json", member(contentMediaType="text/plain"), "contentMediaType"),
    ("an unknown format in a form", "forms/renewal/schema.json", member(format="tckm"), "tckm"),
    ("a reference to a type that is not there", "methods/document.close.json",
     member("params", "properties", "document", **{"$ref": "types.json#/$defs/handel"}), "types.json#/$defs/handel"),
    ("a reference to a file that is not there", "errors.json",
     error("form_invalid", member("data", "properties", "errors", items={"$ref": "type.json#/$defs/formError"})), "type.json#/$defs/formError"),
    ("a reference within types.json", "types.json", member("$defs", "card", "properties", pin={"$ref": "#/$defs/pin"}), "#/$defs/pin"),
    ("a pattern that is none", "types.json", member("$defs", "sha256", pattern="^[0-9"), "pattern"),
    ("a keyword's value of the wrong kind", "types.json", member("$defs", "line", maxLength="200"), "maxLength"),
    ("a method without a result", "methods/document.close.json", lambda file: file.pop("result"), "methods/document.close.json#/result"),
]


def problem_of(file, change, expected):
    with tempfile.TemporaryDirectory() as folder:
        copy, stamp = Path(folder) / "proto", Path(folder) / "stamp.h"
        for name in NAMES:
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, copy / name)
        content = json.loads((copy / file).read_text(encoding="utf-8"))
        change(content)
        (copy / file).write_text(json.dumps(content), encoding="utf-8")
        run = subprocess.run([PROGRAM, stamp, copy, *NAMES], capture_output=True, text=True, check=False)
        if expected is None:
            return None if run.returncode == 0 and stamp.exists() else run.stderr
        if run.returncode == 0 or stamp.exists():
            return "it passed"
        return None if expected in run.stderr else run.stderr


def main():
    print(f"1..{len(CASES)}")
    failed = 0
    for number, (name, *case) in enumerate(CASES, 1):
        problem = problem_of(*case)
        failed += problem is not None
        if problem is not None:
            print(f"# {problem.strip()}")
        print(f"{'ok' if problem is None else 'not ok'} {number} - {name}")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
