# SPDX-License-Identifier: Apache-2.0
"""imza-document's prepare with an appearance: the page shows who signed, when, with what and where; every judge accepts it, countersigned too."""
import io
import os
import re
import unittest
import warnings

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from document_program import Refused, Signer, key_usage, memfd, sign, whole
from pyhanko.pdf_utils.reader import PdfFileReader
from test_form_page import INSTITUTION, TIME, example, form, longest, physician, tool, words
from test_verify_pades import Case

ORIGIN = "https://e-imza.saglik.example"
ISSUER = "TEST NES EC384 ALT KÖK"
REPLACEMENT = "\ufffd"


class Pictures(Case):
    def page(self, form_name="pin-request", language="tr", data=None):
        """(PDF, the place of its signature)."""
        output = memfd()
        try:
            result = self.program.call("render", [output], form=form(form_name), data=data or example(form_name), institution=INSTITUTION,
                                       language=language, time=TIME, electronic=True)
            return whole(output), result["signature"]
        finally:
            os.close(output)

    def sign(self, signer, pdf, place, **members):
        appearance = {**place, "language": "tr", "origin": ORIGIN, "offset": 10800, **members}
        return sign(signer, pdf, self.program, format="pades", appearance=appearance)

    def named(self, subject, issuer=ISSUER):
        """A signer with any name, of an authority with any name."""
        key, usage = ec.generate_private_key(ec.SECP256R1()), key_usage(content_commitment=True)
        with warnings.catch_warnings(action="ignore"):
            subject, of = (x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text, _validate=False)]) for text in (subject, issuer))
        issuing = self.authority.issue(of, self.authority.issuing_key, self.authority.root.subject, self.authority.root_key,
                                       key_usage(key_cert_sign=True, crl_sign=True), ca=True)
        return Signer(key, self.authority.issue(subject, key, of, self.authority.issuing_key, usage), [issuing, self.authority.root])

    def widgets(self, signed):
        fields = PdfFileReader(io.BytesIO(signed)).root["/AcroForm"]["/Fields"]
        fields = [fields[i] for i in range(len(fields))]
        return [([float(corner) for corner in field["/Rect"]], "/AP" in field) for field in fields]

    def in_box(self, signed, place):
        """The words that stand in the box, in their order."""
        left, bottom, right, top = place["rectangle"]
        return [word for word in words(signed) if word[0] == place["page"] and left <= word[1] and word[3] <= right + 0.01 and
                841.89 - top - 1 <= word[2] and word[4] <= 841.89 - bottom + 1]

    def text(self, signed, place):
        return " ".join(word[5] for word in sorted(self.in_box(signed, place), key=lambda word: (round(word[2]), word[1])))

    def accepted(self, signed, count=1):
        self.both_accept(signed)
        self.assertEqual(tool("pdfsig", "-nocert", "PDF", pdf=signed).count("Signature is Valid"), count)
        self.assertIn("No syntax or stream encoding errors found", tool("qpdf", "--check", "PDF", pdf=signed))

    def test_the_box_shows_signer_time_certificate_and_origin(self):
        time = {"tr": r"Zaman \(beyan\) (\d\d\.\d\d\.\d{4}) (\d\d):(\d\d:\d\d) \(UTC\+03:00\) · \d\d\.\d\d\.\d{4} (\d\d):(\d\d:\d\d) UTC",
                "en": r"Claimed time (\d{4}-\d\d-\d\d) (\d\d):(\d\d:\d\d) \(UTC\+03:00\) · \d{4}-\d\d-\d\d (\d\d):(\d\d:\d\d) UTC"}
        for language in ("tr", "en"):
            # A wide box and a narrow one, which has the time once; a page with room, and one without.
            for signer, form_name, wide in ((self.rsa, "individual-application", True), (self.rsa, "pin-request", False), (self.p256, "renewal", False)):
                with self.subTest(language=language, form=form_name):
                    pdf, place = self.page(form_name, language, physician(form_name))
                    signed = self.sign(signer, pdf, place, language=language)
                    self.assertTrue(signed.startswith(pdf))
                    self.accepted(signed)
                    text, serial = self.text(signed, place), f"{signer.certificate.serial_number:X}"
                    serial = serial if len(serial) % 2 == 0 else "0" + serial
                    self.assertIn("Çağla Şule Öğüt", text)
                    self.assertIn(f"{serial[:6]}…{serial[-6:]} · {ISSUER}", text)
                    self.assertIn(ORIGIN, text)
                    self.assertRegex(text, time[language].split(" · ")[0])
                    found = re.search(time[language], text)
                    self.assertEqual(found is not None, wide)
                    if wide:
                        local, minutes, utc, the_same = found.groups()[1:]
                        self.assertEqual(((int(utc) + 3) % 24, the_same), (int(local), minutes))
                    (rectangle, drawn), = self.widgets(signed)
                    self.assertTrue(drawn)
                    for is_at, should in zip(rectangle, place["rectangle"]):
                        self.assertAlmostEqual(is_at, should, delta=0.01)

    def test_the_file_stays_one_for_archives(self):
        pdf, place = self.page()
        signed = self.sign(self.rsa, pdf, place)
        lines = tool("pdffonts", "PDF", pdf=signed).splitlines()[2:]
        self.assertGreater(len(lines), len(tool("pdffonts", "PDF", pdf=pdf).splitlines()[2:]))
        for line in lines:
            self.assertRegex(line, r"^[A-Z]{6}\+DejaVuSans(-Bold)? .* yes yes yes ")
        field = PdfFileReader(io.BytesIO(signed)).root["/AcroForm"]["/Fields"][0]
        self.assertEqual(field["/F"], 132)
        self.assertEqual(list(field["/AP"]), ["/N"])
        picture = field["/AP"]["/N"]
        self.assertNotIn("/Group", picture)
        states, fonts = picture["/Resources"]["/ExtGState"], picture["/Resources"]["/Font"]
        for state in (states[key] for key in states):
            self.assertNotIn("/SMask", state)
            self.assertEqual({float(state.get(key, 1)) for key in ("/CA", "/ca")}, {1.0})
        for font in (fonts[key] for key in fonts):
            self.assertIn("/ToUnicode", font)
            if font["/Subtype"] == "/Type0":
                self.assertEqual(font["/DescendantFonts"][0]["/CIDToGIDMap"], "/Identity")

    def test_a_form_of_several_pages_is_signed_where_the_box_is(self):
        pdf, place = self.page("renewal", "tr", longest("renewal"))
        self.assertGreater(place["page"], 1)
        signed = self.sign(self.p256, pdf, place)
        self.accepted(signed)
        self.assertIn("Çağla Şule Öğüt", self.text(signed, place))

    def test_who_signs_after_covers_nothing(self):
        pdf, place = self.page()
        once = self.sign(self.rsa, pdf, place)
        # Asked for the same place, or for none.
        for twice in (self.sign(self.p256, once, place), sign(self.p256, once, self.program, format="pades", reason="Uygundur")):
            self.accepted(twice, 2)
            self.assertEqual(self.result(twice)["signatures"][0]["changes"], ["signature"])
            self.assertEqual([drawn for _, drawn in self.widgets(twice)], [True, False])
            self.assertEqual(self.widgets(twice)[1][0], [0, 0, 0, 0])
            self.assertEqual(self.text(twice, place), self.text(once, place))

    def countersign(self, signer, signed):
        """Where the file keeps a place, if it does."""
        return sign(signer, signed, self.program, format="pades", reason="Uygundur",
                    appearance={"language": "tr", "origin": "https://kurum.example", "offset": 10800})

    def test_a_countersignature_is_seen_in_the_box_that_the_form_keeps_for_it(self):
        for form_name, data in (("pin-request", None), ("renewal", longest("renewal")), ("replacement", None), ("first-application", None)):
            with self.subTest(form=form_name):
                pdf, place = self.page(form_name, "tr", data)
                once = self.sign(self.rsa, pdf, place)
                twice = self.countersign(self.p256, once)
                self.accepted(twice, 2)
                self.assertEqual(self.result(twice)["signatures"][0]["changes"], ["signature", "signature_appearance"])
                (first, _), (second, drawn) = self.widgets(twice)
                self.assertTrue(drawn)
                self.assertGreater(second[0], first[2])     # beside the first, in the same row
                self.assertAlmostEqual(second[1], first[1], delta=1)
                self.assertEqual(self.text(twice, place), self.text(once, place))
                kept = {"page": place["page"], "rectangle": second}
                self.assertEqual(self.text(once, kept), "")
                self.assertIn("https://kurum.example", self.text(twice, kept))
                # Nobody is seen there but the first who countersigns.
                thrice = self.countersign(self.rsa, twice)
                self.accepted(thrice, 3)
                self.assertEqual([drawn for _, drawn in self.widgets(thrice)], [True, True, False])
                self.assertEqual(self.text(thrice, kept), self.text(twice, kept))

    def test_where_no_place_is_kept_a_countersignature_is_invisible(self):
        pdf, place = self.page()
        kept = re.search(rb"/Countersignature \[(1 \d+ \d+ \d+ \d+)\]", pdf)
        numbers = [int(number) for number in kept.group(1).split()]

        def with_place(*numbers):
            text = " ".join(map(str, numbers)).encode()
            self.assertLessEqual(len(text), len(kept.group(1)))
            return pdf[:kept.start(1)] + text.ljust(len(kept.group(1))) + pdf[kept.end(1):]
        individual, its_place = self.page("individual-application")
        self.assertNotIn(b"/Countersignature", individual)
        cases = [(individual, its_place), (with_place(0, *numbers[1:]), place), (with_place(1, 0, 0, 595, 842), place), (with_place(1, 9, 9, 400, 60), place),
                 (with_place(1, 9, 9, 60, 150), place), (with_place(1, 60, 60, 9, 9), place), (with_place(1, 9, 9, 99), place),
                 (with_place(1, -9, 9, 60, 60), place), (pdf.replace(b"/Private <<", b"/Privat  <<"), place)]
        for number, (page, where) in enumerate(cases):
            with self.subTest(number):
                twice = self.countersign(self.p256, self.sign(self.rsa, page, where))
                self.accepted(twice, 2)
                self.assertEqual([drawn for _, drawn in self.widgets(twice)], [True, False])
        # Nor is the first signature seen there, and the applicant's box is for the applicant.
        self.assertEqual([drawn for _, drawn in self.widgets(self.countersign(self.rsa, pdf))], [False])
        # A page that is not there.
        with self.assertRaises(Refused) as refused:
            self.countersign(self.p256, self.sign(self.rsa, with_place(9, 9, 9, 60, 60), place))
        self.assertEqual(refused.exception.reason, "document_invalid")

    def picture(self, signed):
        """The content of the first field's appearance."""
        return PdfFileReader(io.BytesIO(signed)).root["/AcroForm"]["/Fields"][0]["/AP"]["/N"].data

    def test_what_has_no_room_is_cut_where_one_sees_it(self):
        pdf, place = self.page()
        signed = self.sign(self.named("Ğ" * 64, "Ü" * 64), pdf, place, origin="https://" + "ı" * 120 + ".example")
        self.accepted(signed)
        # An ellipsis is drawn for three lines' ends; who reads with a program still gets what it stands for.
        self.assertEqual(self.picture(signed).count(b"/ActualText"), 3)
        for text in ("Ğ" * 64, "Ü" * 64, "ı" * 120 + ".example"):
            self.assertIn(text, self.text(signed, place))
        self.assertNotIn(b"/ActualText", self.picture(self.sign(self.named("Ali Öz", "Kök"), pdf, place)))

    def test_letters_that_deceive_are_not_drawn(self):
        pdf, place = self.page()
        signer = self.named("Ayşe\u202eelA\u200b\x07\nY 漢 أحمد S\u0327ahin", "Kök\u2066\x1b[2J")
        signed = self.sign(signer, pdf, place, origin="https://a\u202eb.example")
        # pyHanko takes no such name.
        self.assertEqual(self.reasons(signed), [[]])
        self.assertIn("Signature is Valid", tool("pdfsig", "-nocert", "PDF", pdf=signed))
        text = self.text(signed, place)
        self.assertIn(f"Ayşe{REPLACEMENT}elA{REPLACEMENT * 3}Y {REPLACEMENT} {REPLACEMENT * 4} Şahin", text)
        self.assertIn(f"Kök{REPLACEMENT * 2}[2J", text)
        self.assertIn(f"https://a{REPLACEMENT}b.example", text)

    def test_the_same_signer_and_time_give_the_same_picture(self):
        pdf, place = self.page()

        def picture():
            signed = self.sign(self.rsa, pdf, place)
            update = signed[len(pdf):]
            return re.search(rb"/M \(D:(\d+)Z\)", update).group(1), re.sub(rb"/Contents <[0-9A-F]+>|/ID \[.*?\]", b"", update, flags=re.DOTALL)
        first = picture()
        for _ in range(10):
            second = picture()
            if second[0] == first[0]:
                break
            first = second
        self.assertEqual(first, second)

    def test_without_a_place_a_signature_is_invisible(self):
        pdf, place = self.page()
        signed = sign(self.rsa, pdf, self.program, format="pades")
        self.accepted(signed)
        self.assertEqual(self.widgets(signed), [([0, 0, 0, 0], False)])
        self.assertNotIn("Çağla", self.text(signed, place))

    def test_a_place_that_is_none_is_refused(self):
        pdf, place = self.page()
        left, bottom, right, top = place["rectangle"]
        wrong = [{"rectangle": corners} for corners in (None, [], [left, bottom, right], [right, bottom, left, top], [left, bottom, right, bottom],
                                                        [-1, bottom, right, top], [left, bottom, 1e9, top], ["0", bottom, right, top])]
        wrong += [{"page": page} for page in (0, -1, 1 << 40, None)] + [{"language": None}, {"origin": None}, {"offset": 1 << 20}]
        for members in wrong:
            with self.subTest(members), self.assertRaises(Refused) as refused:
                self.sign(self.rsa, pdf, place, **members)
            self.assertEqual(refused.exception.reason, "invalid_params")
        with self.assertRaises(Refused) as refused:
            self.sign(self.rsa, pdf, place, page=2)
        self.assertEqual(refused.exception.reason, "document_invalid")
        # The program goes on.
        self.accepted(self.sign(self.rsa, pdf, place))

    def test_only_a_page_for_electronic_signing_says_that_its_box_is_filled_in(self):
        output = memfd()
        self.program.call("render", [output], form=form("renewal"), data=example("renewal"), institution=INSTITUTION, language="tr", time=TIME)
        self.assertIn("Tarih:", tool("pdftotext", "PDF", "-", pdf=whole(output)))
        self.assertIn("kutusu boş kalır", tool("pdftotext", "PDF", "-", pdf=whole(output)))
        os.close(output)
        self.assertNotIn("Tarih:", tool("pdftotext", "PDF", "-", pdf=self.page("renewal")[0]))
        self.assertNotIn("boş kalır", tool("pdftotext", "PDF", "-", pdf=self.page("renewal")[0]))


# Its name shall not bring it here as a test of its own.
del Case


if __name__ == "__main__":
    unittest.main()
