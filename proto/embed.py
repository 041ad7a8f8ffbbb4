#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compiles files into the agent: embed.py ROOT OUT.c FILE... gives `embedded_files[]`, named by their path below ROOT, sorted."""
import os
import sys


def main(root, target, *files):
    names = sorted((os.path.relpath(f, root), f) for f in files)
    with open(target, "w", encoding="ascii") as out:
        out.write('#include "base/embedded.h"\n\n')
        for i, (_, path) in enumerate(names):
            with open(path, "rb") as file:
                data = file.read()
            out.write("static const unsigned char file%d[] = {" % i)
            for k, byte in enumerate(data + b"\0"):
                out.write(("\n\t" if k % 24 == 0 else "") + "%d," % byte)
            out.write("\n};\n")
        out.write("\nconst struct embedded_file embedded_files[] = {\n")
        for i, (name, _) in enumerate(names):
            out.write('\t{ "%s", (const char *)file%d, sizeof(file%d) - 1 },\n' % (name, i, i))
        out.write("};\nconst size_t embedded_files_count = %d;\n" % len(names))


if __name__ == "__main__":
    main(*sys.argv[1:])
