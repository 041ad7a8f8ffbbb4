#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the table of settings readable: `doc.py TABLE man TEMPLATE OUT`, `doc.py TABLE conf TEMPLATE OUT`, `doc.py TABLE readme README [--check]`; TABLE is the program config_doc."""
import json
import pathlib
import re
import subprocess
import sys
import textwrap

BEGIN, END = "<!-- settings: made by agent/config/doc.py from agent/config/keys.c -->", "<!-- /settings -->"


def notes(row):
    """What a reader must know beside the sentence of the table."""
    words = [f"default {row['initial']}"] if row["initial"] else []
    words += ["may repeat"] * row["list"] + ["a user may set it, too"] * row["user"]
    return words + ([f"unreadable: {row['strictest']}"] if row["strictest"] else [])


def roff(text):
    return re.sub(r"(?m)^([.'])", r"\\&\1", text.replace("\\", r"\e").replace("-", r"\-"))


def man(rows):
    return "\n".join(f".TP\n.BR {roff(row['name'])} \" = \\fI{roff(row['value'])}\\fR\"\n"
                     f"{roff(row['doc'])}{roff(' (' + '; '.join(notes(row)) + ')') if notes(row) else ''}" for row in rows)


def conf(rows):
    """A settings file in which everything is a remark."""
    return "\n".join("\n".join(textwrap.wrap(f"{row['doc']}{' (' + '; '.join(notes(row)) + ')' if notes(row) else ''}", 100, initial_indent="# ",
                                             subsequent_indent="# ")) + f"\n#{row['name']} = {row['initial']}\n" for row in rows)


def markdown(rows):
    lines = ["| key | value | what it is for |", "| --- | --- | --- |"]
    for row in rows:
        value = row["value"].replace("|", "` or `") if "|" in row["value"] else row["value"]
        lines.append(f"| `{row['name']}` | `{value}` | {row['doc']}{' ' + '; '.join(notes(row)).capitalize() + '.' if notes(row) else ''} |")
    return "\n".join(lines)


def main():
    table, kind, path, *rest = sys.argv[1:]
    rows = json.loads(subprocess.run([table], check=True, capture_output=True).stdout)
    text = pathlib.Path(path).read_text(encoding="utf-8")
    if kind in ("man", "conf"):
        pathlib.Path(rest[0]).write_text(text.replace("@KEYS@", {"man": man, "conf": conf}[kind](rows)), encoding="utf-8")
        return 0
    before, _, after = text.partition(BEGIN)
    made = before + BEGIN + "\n" + markdown(rows) + "\n" + END + after.partition(END)[2]
    if rest == ["--check"]:
        print("TAP version 13\n1..1")
        print(("ok" if made == text else "not ok") + " 1 - the README's table of settings is the one in keys.c")
        if made != text:
            print(f"# run: agent/config/doc.py {table} readme {path}")
        return 0
    pathlib.Path(path).write_text(made, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
