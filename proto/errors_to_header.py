#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes base/err.h's X-macro list from proto/errors.json: errors_to_header.py ERRORS.json OUT.h"""
import json
import sys


def c_string(text):
    return json.dumps(text, ensure_ascii=False)


def main(source, target):
    with open(source, encoding="utf-8") as file:
        errors = json.load(file)["errors"]
    with open(target, "w", encoding="utf-8") as out:
        out.write("/* Made from proto/errors.json: X(ENUM, \"reason\", code, retry, tr, en, remedy_tr, remedy_en) */\n")
        out.write("#define ERR_LIST(X) \\\n")
        for e in errors:
            out.write("\tX(ERR_%s, %s, %d, %d, %s, %s, %s, %s) \\\n" % (
                e["reason"].upper(), c_string(e["reason"]), e["code"], e["retry"],
                c_string(e["message"]["tr"]), c_string(e["message"]["en"]),
                c_string(e["remedy"]["tr"]), c_string(e["remedy"]["en"])))
        out.write("\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
