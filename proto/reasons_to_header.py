#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes document/verdict.h's X-macro list from proto/verification/reasons.json: reasons_to_header.py REASONS.json OUT.h"""
import json
import sys


def main(source, target):
    with open(source, encoding="utf-8") as file:
        causes = [reason["cause"] for reason in json.load(file)["reasons"]]
    with open(target, "w", encoding="utf-8") as out:
        out.write("/* Made from proto/verification/reasons.json: X(ENUM, \"cause\") */\n#define REASON_LIST(X) \\\n")
        out.writelines(f'\tX(REASON_{cause.upper()}, "{cause}") \\\n' for cause in causes)
        out.write("\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
