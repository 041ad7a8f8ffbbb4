#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the colour profile that a form's page carries: sRGB (IEC 61966-2-1) as a matrix and curve profile of ICC.1:2001-04: srgb_profile.py OUT.h"""
import struct
import sys

# Of the primaries and the white point as the profile connection space has them: adapted to D50 (ICC.1:2001-04 Annex A).
WHITE = (0.96420, 1.00000, 0.82491)
RED, GREEN, BLUE = (0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.71410)
POINTS = 256


def fixed(value):
    return struct.pack(">i", round(value * 65536))


def xyz(values):
    return b"XYZ \0\0\0\0" + b"".join(map(fixed, values))


def linear(value):
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def curve():
    return b"curv\0\0\0\0" + struct.pack(f">I{POINTS}H", POINTS, *(round(linear(i / (POINTS - 1)) * 65535) for i in range(POINTS)))


def description(text):
    return b"desc\0\0\0\0" + struct.pack(">I", len(text) + 1) + text + b"\0" + bytes(4 + 4 + 2 + 1 + 67)


def text(content):
    return b"text\0\0\0\0" + content + b"\0"


def profile():
    same = curve()
    tags = [(b"desc", description(b"sRGB")), (b"cprt", text(b"No copyright, use freely")), (b"wtpt", xyz(WHITE)), (b"rXYZ", xyz(RED)),
            (b"gXYZ", xyz(GREEN)), (b"bXYZ", xyz(BLUE)), (b"rTRC", same), (b"gTRC", same), (b"bTRC", same)]
    table, data, places = struct.pack(">I", len(tags)), b"", {}
    start = 128 + 4 + 12 * len(tags)
    for name, content in tags:
        if content not in places:
            data += bytes(-len(data) % 4)
            places[content] = start + len(data)
            data += content
        table += name + struct.pack(">II", places[content], len(content))
    data += bytes(-len(data) % 4)
    header = struct.pack(">I4sI4s4s4s6H4s4sIII8sI", start + len(data), b"\0\0\0\0", 0x02400000, b"mntr", b"RGB ", b"XYZ ", 2026, 1, 1, 0, 0, 0, b"acsp",
                         b"\0\0\0\0", 0, 0, 0, bytes(8), 0) + b"".join(map(fixed, WHITE))
    return header + bytes(128 - len(header)) + table + data


def main(target):
    data = profile()
    with open(target, "w", encoding="ascii") as out:
        out.write("/* Made by srgb_profile.py. */\nstatic const unsigned char srgb_profile[] = {")
        for i, byte in enumerate(data):
            out.write(("\n\t" if i % 24 == 0 else "") + "%d," % byte)
        out.write("\n};\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
