#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compiles a catalogue into the program: po_to_header.py MSGFMT LANGUAGE.po OUT.h gives `language_turkish[]`, sorted by msgid.
msgfmt does the parsing and checking; fuzzy and missing entries end the build."""
import json
import os
import re
import struct
import subprocess
import sys
import tempfile


def catalogue(msgfmt, source):
    """msgid -> texts, one a plural form (gettext manual, "The Format of GNU MO Files")."""
    with tempfile.TemporaryDirectory() as folder:
        mo = os.path.join(folder, "mo")
        told = subprocess.run([msgfmt, "--check", "--statistics", "--endianness=little", "-o", mo, source], stderr=subprocess.PIPE,
                              text=True, check=False, env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"})
        if told.returncode != 0 or re.search("fuzzy|untranslated", told.stderr):
            sys.exit("%s: %s" % (source, told.stderr.strip()))
        with open(mo, "rb") as file:
            data = file.read()
    count, ids, texts = struct.unpack_from("<3I", data, 8)

    def entry(table, i):
        length, offset = struct.unpack_from("<2I", data, table + 8 * i)
        return data[offset:offset + length].decode("utf-8").split("\0")
    return {entry(ids, i)[0]: entry(texts, i) for i in range(count)}


def c_string(text):
    return json.dumps(text, ensure_ascii=False)


def main(msgfmt, source, target):
    entries = catalogue(msgfmt, source)
    entries.pop("", None)
    with open(target, "w", encoding="utf-8") as out:
        out.write("/* Made from agent/po/. */\nstatic const struct language_entry language_turkish[] = {\n")
        for msgid in sorted(entries, key=lambda text: text.encode("utf-8")):
            texts = entries[msgid]
            out.write("\t{ %s, { %s, %s } },\n" % (c_string(msgid), c_string(texts[0]), c_string(texts[-1])))
        out.write("};\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
