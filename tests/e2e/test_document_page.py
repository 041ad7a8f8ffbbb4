# SPDX-License-Identifier: Apache-2.0
"""imza-document's pictures of pages: the same that pdftoppm draws, from inside the sandbox; and what can't be drawn."""
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

import document_inputs
from document_program import Program, Refused


def drawn_by_poppler(pdf, page, width):
    """(width, height, bytes), by the program itself."""
    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        file.write(pdf)
        file.flush()
        ppm = subprocess.run(["pdftoppm", "-f", str(page), "-l", str(page), "-scale-to-x", str(width), "-scale-to-y", "-1", file.name],
                             capture_output=True, check=True).stdout
    magic, size, deepest, pixels = ppm.split(b"\n", 3)
    assert (magic, deepest) == (b"P6", b"255")
    return (*map(int, size.split()), pixels)


class Pages(unittest.TestCase):
    def draw(self, program, pdf, page=1, width=400):
        """The result, and what came into the file."""
        with open(os.memfd_create("pdf"), "w+b", 0) as file, open(os.memfd_create("picture"), "w+b", 0) as picture:
            file.write(pdf)
            result = program.call("page", [os.open(f"/proc/self/fd/{file.fileno()}", os.O_RDONLY | os.O_CLOEXEC), picture.fileno()], page=page, width=width)
            return result, os.pread(picture.fileno(), 1 << 26, 0)

    def refused(self, reason, program, pdf, **members):
        with self.assertRaises(Refused) as raised:
            self.draw(program, pdf, **members)
        self.assertEqual(raised.exception.reason, reason)

    def test_a_page_is_what_pdftoppm_draws(self):
        pdf = document_inputs.pdf_pages(3)
        with Program("pages") as program:
            for page, width in ((1, 400), (2, 400), (3, 1200), (1, 100), (3, 2400)):
                result, pixels = self.draw(program, pdf, page, width)
                wide, high, expected = drawn_by_poppler(pdf, page, width)
                self.assertEqual(result, {"pages": 3, "width": wide, "height": high, "flawed": False})
                self.assertEqual(pixels, expected)
                self.assertGreater(len(set(pixels)), 1, "an empty page")
            self.assertNotEqual(self.draw(program, pdf, 1)[1], self.draw(program, pdf, 2)[1])

    def test_what_the_document_says_of_its_pages_counts_for_nothing(self):
        pdf = document_inputs.pdf_pages(2, title="x\nPages: 1\nPages:           1")
        with Program("pages") as program:
            self.assertEqual(self.draw(program, pdf)[0]["pages"], 2)

    def test_what_is_no_pdf_is_an_error_and_the_next_one_is_drawn(self):
        good = document_inputs.pdf_pages(1)
        with Program("pages") as program:
            for bad in (b"", b"not a PDF", b"%PDF-1.7\n%%EOF", good[:100]):
                self.refused("document_invalid", program, bad)
                self.assertEqual(self.draw(program, good)[0]["pages"], 1)

    def test_mistakes_in_a_page_are_told(self):
        pdf = document_inputs.pdf_pages(1).replace(b"BT /F1", b"QQ /F1")
        with Program("pages") as program:
            self.assertTrue(self.draw(program, pdf)[0]["flawed"])

    def test_numbers_are_checked(self):
        pdf = document_inputs.pdf_pages(2)
        with Program("pages") as program:
            for members in ({"page": 0}, {"page": 3}, {"page": -1}, {"page": 10**12}, {"width": 99}, {"width": 2401}, {"page": "1"}):
                self.refused("invalid_params", program, pdf, **members)
            with self.assertRaises(Refused) as raised:
                program.call("page", page=1, width=400)
            self.assertEqual(raised.exception.reason, "invalid_params")

    def test_a_strip_of_paper_is_too_large(self):
        with Program("pages") as program:
            self.refused("too_large", program, document_inputs.pdf_pages(1, box=(10, 14000)), width=1000)

    def test_it_reads_nothing_else_and_each_mode_has_its_ops(self):
        with Program("pages") as program:
            self.draw(program, document_inputs.pdf_pages(1))
            for op in ("prepare", "render", "verify", "finish", "validate"):
                with self.assertRaises(Refused) as raised:
                    program.call(op)
                self.assertEqual(raised.exception.reason, "method_not_found")
            status = Path(f"/proc/{program.process.pid}/status").read_text()
            if "asan" not in program.process.args[3]:
                self.assertIn("Seccomp:\t2", status)
        with Program() as program:
            with self.assertRaises(Refused) as raised:
                program.call("page", page=1, width=400)
            self.assertEqual(raised.exception.reason, "method_not_found")


if __name__ == "__main__":
    unittest.main()
