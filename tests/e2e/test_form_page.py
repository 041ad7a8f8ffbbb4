# SPDX-License-Identifier: Apache-2.0
"""imza-document's op render: a form's page holds every value, whole and in the right letters, and the same request gives the same bytes."""
import hashlib
import html
import io
import itertools
import json
import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path
from xml.etree import ElementTree

from cryptography.hazmat.primitives.asymmetric import ec
from document_program import SANITIZED, Authority, Program, Refused, memfd, sign, whole
from pyhanko.pdf_utils.reader import PdfFileReader

PROTO = Path(__file__).resolve().parents[2] / "proto"
FORMS = ("first-application", "renewal", "replacement", "pin-request", "card-reader-request", "individual-application")
INSTITUTION = {"name": "Örnek İl Sağlık Müdürlüğü", "unit": "Bilgi Sistemleri ve e-İmza Birimi"}
PROFILE = json.loads((PROTO.parent / "installer/demo-institution.json").read_text())
TIME = "2026-11-24T08:30:00Z"
LEFT, RIGHT, HEIGHT = 48, 595.276 - 48, 841.89


def form(name):
    """What form.describe gives."""
    folder = PROTO / "forms" / name
    parts = {part: json.loads((folder / f"{part}.json").read_text()) for part in ("form", "schema", "layout", "texts")}
    return {key: parts["form"][key] for key in ("id", "version", "title")} | {key: parts[key] for key in ("schema", "layout", "texts")}


def example(name):
    return json.loads((PROTO / "examples/forms" / f"{name}.json").read_text())


def variants(name):
    """The example, and what else the form can hold: together they fill in every field."""
    receipt = {"bank": "Örnek Bankası A.Ş.", "date": "2026-11-20", "amount": 413.5, "number": "2026/118-4"}
    invoices = {"person": {"kind": "person", "name": "Çağla Şule Öğüt", "identityNumber": "10000000146", "address": "Işıklar Mahallesi\nAnkara"},
                "company": {"kind": "company", "name": "Örnek Hastanesi", "taxNumber": "1234567890", "taxOffice": "Çankaya", "address": "Ankara"}}
    changes = {
        "replacement": [
            {"reason": "stolen"},
            {"reason": "name-change", "callCentre": None, "formerName": {"givenName": "Çağla", "surname": "Yıldız"}},
            {"reason": "fault", "callCentre": None, "fault": {"description": "Okuyucu kartı tanıyor,\nimza sırasında hata veriyor."}}],
        "pin-request": [{"request": "pin-creation", "cause": None}],
        "card-reader-request": [{"payment": {"way": "bank"}, "receipt": receipt, "invoice": invoices["person"]}],
        "individual-application": [{"payment": {"way": "card"}, "receipt": None, "invoice": invoices["company"]}],
    }
    physician = {"employment": {**example(name).get("employment", {}), "kind": "family-physician"}, "receipt": receipt}
    yield example(name)
    for change in changes.get(name, [physician]):
        yield {key: value for key, value in {**example(name), **change}.items() if value is not None}


def physician(name):
    """The last variant: for an application of staff, the family physician's with a receipt."""
    return list(variants(name))[-1]


def with_scan(name):
    """The same, saying that the scan of the receipt is attached."""
    data = physician(name)
    return {**data, "receipt": {**data["receipt"], "scanAttached": True}}


def longest(name, data=None):
    """The same with the longest values that the schema takes, in wide letters and without a place to break."""
    data, description = json.loads(json.dumps(data or physician(name))), form(name)
    letters = "ĞŞİÇÖÜWğışçöümIM"

    def fill(value, schema, path):
        for key, property_ in schema["properties"].items():
            if "properties" in property_:
                if key in value:
                    fill(value[key], property_, path + [key])
            elif key not in value and path[:1] == ["invoice"]:
                continue    # belongs to the other kind of invoice
            elif property_.get("$ref", "").rsplit("/")[-1] in ("name", "line"):
                value[key] = (letters * 20)[len(path):][:property_["maxLength"]]
            elif property_.get("$ref", "").endswith("/code"):
                value[key] = "W" * property_["maxLength"]
            elif property_.get("$ref", "").endswith("/lines"):
                size = property_["maxLength"]
                value[key] = "\n".join((letters * 20)[line:][:size // 6 - 1] for line in range(6))
    fill(data, description["schema"], [])
    data["applicant" if "applicant" in data else "recipient"]["email"] = "w" * 60 + "@" + "ww." * 17 + "example"
    return data


def tool(name, *arguments, pdf):
    """Runs a program on the PDF; returns its standard output."""
    with open(os.memfd_create(name), "w+b") as file:
        file.write(pdf)
        file.flush()
        path = f"/proc/self/fd/{file.fileno()}"
        return subprocess.run([name, *[path if word == "PDF" else word for word in arguments]], pass_fds=[file.fileno()], check=True,
                              capture_output=True, timeout=60).stdout.decode()


def squeezed(text):
    return re.sub(r"\s", "", text)


def words(pdf):
    """(page, left, top, right, bottom, text) of each word."""
    for number, page in enumerate(tool("pdftotext", "-bbox", "PDF", "-", pdf=pdf).split("<page ")[1:], 1):
        for box in re.finditer(r'<word xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)">(.*?)</word>', page):
            yield (number, *map(float, box.groups()[:4]), html.unescape(box.group(5)))


def shown(data, description, language):
    """The texts that the page must show of the data, by the layout."""
    months = "January February March April May June July August September October November December".split()
    for section in description["layout"]["sections"]:
        for field in section["fields"]:
            value = data
            for key in field["pointer"][1:].split("/"):
                value = value.get(key) if isinstance(value, dict) else None
            texts = description["texts"][language]
            if value is None:
                continue
            if field["widget"] == "choice":
                yield "☒ " + next(texts[option["label"]] for option in field["options"] if option["value"] == value)
            elif field["widget"] == "checkbox":
                yield ("☒" if value else "☐") + texts[field["label"]]
            elif field["widget"] == "date":
                year, month, day = value.split("-")
                yield f"{int(day)} {months[int(month) - 1]} {year}" if language == "en" else f"{day}.{month}.{year}"
            elif field["widget"] == "number":
                yield str(value) if isinstance(value, int) else f"{value:.2f}".replace(".", "," if language == "tr" else ".")
            else:
                yield str(value)


class FormPage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.program = Program()
        cls.program.__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.program.__exit__(None, None, None)

    def render(self, name, data=None, language="tr", program=None, institution=INSTITUTION, files=(), **members):
        """files: (name, media type, content) of each attachment."""
        output, *_ = fds = [memfd(), *(memfd(content) for _, _, content in files)]
        try:
            attachments = [{"id": "bank-receipt", "name": file, "mediaType": kind, "sha256": hashlib.sha256(content).hexdigest()} for file, kind, content in files]
            request = {"form": form(name), "data": example(name) if data is None else data, "institution": institution, "language": language,
                       "time": TIME, **({"attachments": attachments} if files else {}), **members}
            result = (program or self.program).call("render", fds, **request)
            pdf = whole(output)
            self.assertEqual(result["size"], len(pdf))
            self.assertEqual(result["sha256"], hashlib.sha256(pdf).hexdigest())
            self.pages, self.place = result["pages"], result["signature"]
            return pdf
        except Refused:
            self.assertEqual(os.fstat(output).st_size, 0)
            raise
        finally:
            for fd in fds:
                os.close(fd)

    def test_every_value_and_text_is_on_the_page_in_both_languages(self):
        for name in FORMS:
            for language in ("tr", "en"):
                for data in [*variants(name), *(longest(name, data) for data in variants(name))]:
                    with self.subTest(name, language=language):
                        description = form(name)
                        pdf = self.render(name, data, language)
                        if SANITIZED:
                            continue
                        text = squeezed(tool("pdftotext", "-layout", "PDF", "-", pdf=pdf))
                        raw = squeezed(tool("pdftotext", "-raw", "PDF", "-", pdf=pdf))
                        texts = description["texts"][language]
                        for value in [*shown(data, description, language), description["title"][language], INSTITUTION["name"], INSTITUTION["unit"],
                                      *(texts[key] for key in description["layout"]["declaration"]), texts["signature"]]:
                            self.assertTrue(squeezed(value) in text or squeezed(value) in raw, value)

    def test_a_word_that_is_broken_gets_no_hyphen(self):
        """A hyphen that the layout adds is in no text, so the picture is looked at: letters of upright strokes, and nothing that lies."""
        data = example(FORMS[0])
        data["delivery"]["address"] = "l" * 300
        data["employment"]["title"] = "l" * 40 + "-" + "l" * 19
        pdf = self.render(FORMS[0], data)
        lines = [word for word in words(pdf) if word[5].startswith("llllll")]
        longest_run = {}
        for _, left, top, _, bottom, text in lines:
            box = ["-x", left * 4, "-y", top * 4, "-W", (RIGHT - left) * 4 - 12 if "-" not in text else 600, "-H", (bottom - top) * 4]
            picture = self.picture(pdf, *(str(round(word)) if isinstance(word, float) else str(word) for word in box))
            runs = [len(run) for row in picture for run in re.findall(rb"[\0-\x60]+", row)]
            longest_run["-" in text] = max(longest_run.get("-" in text, 0), *runs)
        self.assertGreaterEqual(len(lines), 3)
        self.assertLess(longest_run[False], 8)
        self.assertGreater(longest_run[True], 8, "the hyphen that was typed is there, and this test sees hyphens")

    def picture(self, pdf, *box):
        """Rows of grey bytes at 4 dots a point."""
        with open(os.memfd_create("pdf"), "w+b") as file:
            file.write(pdf)
            file.flush()
            image = subprocess.run(["pdftoppm", "-gray", "-r", "288", *box, f"/proc/self/fd/{file.fileno()}"], pass_fds=[file.fileno()], check=True,
                                   capture_output=True, timeout=60).stdout
        _, width, height, _, _ = re.match(rb"(P5)\s(\d+)\s(\d+)\s(\d+)(\s)", image).groups()
        dots = image[-int(width) * int(height):]
        return [dots[row * int(width):][:int(width)] for row in range(int(height))]

    @unittest.skipIf(SANITIZED, "the same pages as in the other tests, for others' programs to look at")
    def test_no_word_leaves_the_frame_or_covers_another(self):
        for name in FORMS:
            for data in [*variants(name), *(longest(name, data) for data in variants(name))]:
                with self.subTest(name):
                    seen = sorted(words(self.render(name, data)), key=lambda word: (word[0], word[2]))
                    self.assertGreater(len(seen), 50)
                    for page, left, top, right, bottom, text in seen:
                        self.assertTrue(LEFT - 1 <= left and right <= RIGHT + 1 and 20 <= top and bottom <= HEIGHT - 15, text)
                    for i, a in enumerate(seen):
                        # From top to bottom: the others begin below it.
                        for b in itertools.takewhile(lambda b: b[0] == a[0] and b[2] < a[4], seen[i + 1:]):
                            across = min(a[3], b[3]) - max(a[1], b[1])
                            down = min(a[4], b[4]) - max(a[2], b[2])
                            # Boxes of letters are higher than the letters: neighbouring lines touch.
                            self.assertFalse(across > 1 and down > 4, f"{a[5]} covers {b[5]}")

    def test_each_page_has_its_number_and_the_digest_of_the_data(self):
        for name, data in ((FORMS[0], example(FORMS[0])), (FORMS[1], longest(FORMS[1]))):
            with self.subTest(name):
                pdf = self.render(name, data)
                canonical = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
                pages = tool("pdftotext", "-layout", "PDF", "-", pdf=pdf).split("\f")[:-1]
                self.assertEqual(len(pages), self.pages)
                self.assertIn(f"Pages:           {self.pages}\n", tool("pdfinfo", "PDF", pdf=pdf))
                for number, page in enumerate(pages, 1):
                    self.assertIn(f"Sayfa {number} / {self.pages}", page)
                    self.assertIn(f"Form verisinin SHA-256 özeti: {hashlib.sha256(canonical).hexdigest()}", page)
                    self.assertIn(f"{name}, sürüm 1", page)

    def test_the_examples_fit_on_one_page(self):
        for name in FORMS:
            for language in ("tr", "en"):
                for data in variants(name):
                    self.render(name, data, language, institution=PROFILE)
                    self.assertEqual(self.pages, 1, (name, language, data))

    def test_fonts_are_embedded_and_no_other_than_dejavu_sans(self):
        lines = tool("pdffonts", "PDF", pdf=self.render(FORMS[0], longest(FORMS[0]))).splitlines()[2:]
        self.assertGreater(len(lines), 1)
        for line in lines:
            self.assertRegex(line, r"^[A-Z]{6}\+DejaVuSans(-Bold)? .* yes yes yes ")

    def test_the_same_request_gives_the_same_bytes(self):
        once = self.render(FORMS[0])
        self.assertEqual(once, self.render(FORMS[0]))
        self.render(FORMS[1], language="en")
        self.assertEqual(once, self.render(FORMS[0]))
        for _ in range(3):
            with Program() as program:
                self.assertEqual(once, self.render(FORMS[0], program=program))
        data = example(FORMS[0])
        data["applicant"]["surname"] = "Öğütçü"
        self.assertNotEqual(once, self.render(FORMS[0], data))
        self.assertNotEqual(once, self.render(FORMS[0], time="2026-11-24T08:30:01Z"))

    def test_the_file_is_sound_and_says_what_it_is(self):
        for name in FORMS:
            pdf = self.render(name, physician(name))
            self.assertIn("No syntax or stream encoding errors found", tool("qpdf", "--check", "PDF", pdf=pdf))
            info = tool("pdfinfo", "-isodates", "PDF", pdf=pdf)
            for line in (f"Title:           {form(name)['title']['tr']}", f"Author:          {INSTITUTION['name']}", "Creator:         imza-agent",
                         "CreationDate:    2026-11-24T08:30:00Z", "JavaScript:      no", "Page size:       595.276 x 841.89 pts (A4)"):
                self.assertIn(line, info)

    def test_the_page_is_one_for_archives(self):
        """PDF/A-3b by what it says of itself; tests/interop/verapdf/run has it judged as a whole. The headings and texts are tagged, in their order."""
        for name in FORMS:
            for language in ("tr", "en"):
                pdf = self.render(name, language=language, institution={"name": "A & B <Hastanesi>"})
                reader = PdfFileReader(io.BytesIO(pdf))
                metadata = ElementTree.fromstring(reader.root["/Metadata"].data)
                said = {element.tag.rsplit("}")[-1]: "".join(element.itertext()).strip() for element in metadata.iter()}
                self.assertEqual((said["part"], said["conformance"], said["CreateDate"]), ("3", "B", TIME))
                self.assertEqual((said["title"], said["creator"], said["language"]), (form(name)["title"][language], "A & B <Hastanesi>", language))
                intent = reader.root["/OutputIntents"][0]
                self.assertEqual((intent["/S"], intent["/DestOutputProfile"].data[36:40]), ("/GTS_PDFA1", b"acsp"))
                self.assertEqual((str(reader.root["/Lang"])[:2], reader.root["/MarkInfo"]["/Marked"]), (language, True))
                self.assertEqual(reader.root["/AF"][0]["/AFRelationship"], "/Data")
                self.assertEqual(len(reader.trailer["/ID"]), 2)
                if SANITIZED or language != "tr":
                    continue    # the tags are the same, and looking at them takes a second
                structure = tool("pdfinfo", "-struct-text", "PDF", pdf=pdf)
                self.assertIn(f'H1 (block)\n  "{form(name)["title"][language]}"', structure)
                self.assertGreater(structure.count("H2 (block)"), 3)

    @unittest.skipIf(SANITIZED, "the same pages as in the other tests, for others' programs to look at")
    def test_a_scan_of_the_paper_finds_its_data(self):
        """The code is read from a picture of 200 dots an inch, on roomy and dense pages and on the last of several."""
        for name in FORMS:
            for data in (example(name), physician(name), longest(name)):
                with self.subTest(name):
                    pdf = self.render(name, data)
                    with tempfile.TemporaryDirectory() as folder:
                        tool("pdftoppm", "-gray", "-r", "200", "-f", str(self.pages), "PDF", f"{folder}/scan", pdf=pdf)
                        scan, = Path(folder).iterdir()
                        said = subprocess.run(["zbarimg", "--raw", "-q", scan], check=True, capture_output=True, timeout=60).stdout.decode()
                    canonical = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
                    self.assertEqual(said, f"imza-form:{name}:1:{hashlib.sha256(canonical).hexdigest()}\n")

    def attached(self, pdf):
        """The one attachment, as poppler takes it out."""
        self.assertRegex(tool("pdfdetach", "-list", "PDF", pdf=pdf), r"^1 embedded files\n1: form\.json\n$")
        with tempfile.TemporaryDirectory() as folder:
            tool("pdfdetach", "-save", "1", "-o", f"{folder}/form.json", "PDF", pdf=pdf)
            return Path(folder, "form.json").read_bytes()

    def test_the_data_is_attached_for_whoever_receives_the_form(self):
        signer = Authority().signer(ec.generate_private_key(ec.SECP384R1()))
        for name in FORMS:
            for data in [*variants(name), longest(name)]:
                with self.subTest(name):
                    pdf = self.render(name, data)
                    canonical = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
                    self.assertEqual(self.attached(pdf), canonical)
                    self.assertIn(hashlib.sha256(canonical).hexdigest(), tool("pdftotext", "PDF", "-", pdf=pdf))
            signed = sign(signer, pdf, self.program, format="pades")
            self.assertEqual(self.attached(signed), canonical)
            self.assertIn("Signature is Valid", tool("pdfsig", "-nocert", "PDF", pdf=signed))
            catalog = tool("qpdf", "--show-object=trailer", "PDF", pdf=signed)
            root = re.search(r"/Root (\d+) 0 R", catalog).group(1)
            self.assertRegex(tool("qpdf", f"--show-object={root}", "PDF", pdf=signed), r"/AF \[ \d+ 0 R \]")
            number = re.search(r"/AF \[ (\d+) 0 R \]", tool("qpdf", f"--show-object={root}", "PDF", pdf=signed)).group(1)
            self.assertIn("/AFRelationship /Data", tool("qpdf", f"--show-object={number}", "PDF", pdf=signed))

    def with_files(self, *files, **members):
        """The family physician's page with these attached."""
        return self.render(FORMS[0], with_scan(FORMS[0]), files=files, **members)

    def taken_out(self, pdf):
        """{name: content} of all that is attached, as poppler takes it out."""
        with tempfile.TemporaryDirectory() as folder:
            tool("pdfdetach", "-saveall", "-o", folder, "PDF", pdf=pdf)
            return {path.name: path.read_bytes() for path in Path(folder).iterdir()}

    def test_attachments_are_named_on_the_page_and_come_out_as_they_went_in(self):
        big = b"\x89PNG\r\n\x1a\n" + os.urandom(3 << 20)
        files = [("dekont ğüşİ.pdf", "application/pdf", b"%PDF-1.4 endstream endobj\n"), ("resim.PNG", "image/png", big), ("bos", "image/jpeg", b"\xff\xd8\xff")]
        pdf = self.with_files(*files, electronic=True)
        self.assertEqual(pdf, self.with_files(*files, electronic=True))
        self.assertEqual({name: content for name, content in self.taken_out(pdf).items() if name != "form.json"},
                         {"dekont ğüşİ.pdf": files[0][2], "resim.PNG": big, "bos.jpg": files[2][2]})
        text = squeezed(tool("pdftotext", "-layout", "PDF", "-", pdf=pdf))
        for name, _, content in files:
            self.assertIn(squeezed(f"{name if name != 'bos' else 'bos.jpg'},{len(content)}baytSHA-256:{hashlib.sha256(content).hexdigest()}"), text)
        self.assertIn("No syntax or stream encoding errors found", tool("qpdf", "--check", "PDF", pdf=pdf))
        reader = PdfFileReader(io.BytesIO(pdf))
        for file, (_, kind, content) in zip(list(reader.root["/AF"])[1:], files):
            file = file.get_object()
            stream = file["/EF"]["/F"]
            self.assertEqual((file["/AFRelationship"], file["/XXImzaAttachment"], file["/Desc"]), ("/Supplement", "bank-receipt", "Banka dekontu"))
            self.assertEqual((stream["/Subtype"], stream["/Params"]["/Size"], bytes(stream["/Params"]["/CheckSum"].original_bytes)),
                             ("/" + kind, len(content), hashlib.md5(content).digest()))
            self.assertEqual(stream.data, content)

    def test_a_signed_page_is_verified_with_its_attachments_and_takes_a_countersignature(self):
        authority = Authority()
        applicant, officer = authority.signer(ec.generate_private_key(ec.SECP384R1())), authority.signer(ec.generate_private_key(ec.SECP384R1()))
        content = b"%PDF-1.7\n" + os.urandom(100000)
        seen = {"language": "tr", "origin": "https://portal.example", "offset": 10800}
        signed = sign(applicant, self.with_files(("dekont.pdf", "application/pdf", content), electronic=True), self.program, format="pades",
                      appearance={**self.place, **seen})
        both = sign(officer, signed, self.program, format="pades", appearance=seen)
        for pdf, count in ((signed, 1), (both, 2)):
            self.assertEqual(tool("pdfsig", "-nocert", "PDF", pdf=pdf).count("Signature is Valid"), count)
            self.assertEqual(self.taken_out(pdf)["dekont.pdf"], content)
            verdicts = self.program.call("verify", [memfd(pdf), memfd(authority.pem())])["signatures"]
            self.assertEqual([(verdict["reasons"], verdict["form"]["attachments"]) for verdict in verdicts],
                             [([], [{"name": "dekont.pdf", "id": "bank-receipt", "mediaType": "application/pdf", "size": len(content),
                                     "sha256": hashlib.sha256(content).hexdigest()}])] * count)

    def test_names_of_attachments_are_harmless_and_differ(self):
        names = {"a\u202efdp.exe": "a_fdp.exe.pdf", "form.json": "form.json.pdf", "x.pdf": "x.pdf", "病院🙂.pdf": "___.pdf", "g\u0306.pdf": "ğ.pdf",
                 "CON:*?<>|\".pdf": "CON_______.pdf", ".gizli": "_gizli.pdf"}
        pdf = self.with_files(*[(name, "application/pdf", b"%PDF-") for name in names])
        self.assertEqual(set(self.taken_out(pdf)), {"form.json", *names.values()})
        same = self.with_files(*[(name, "application/pdf", b"%PDF-" + bytes([i])) for i, name in enumerate(("ç.pdf", "ç.pdf", "Ç.PDF"))])
        self.assertEqual({name: content[-1] for name, content in self.taken_out(same).items() if name != "form.json"}, {"ç.pdf": 0, "ç-2.pdf": 1, "Ç-3.PDF": 2})

    def test_attachments_that_do_not_fit_the_request_are_refused(self):
        file = ("x.pdf", "application/pdf", b"%PDF-")
        said = {"id": "bank-receipt", "name": "x", "mediaType": "application/pdf", "sha256": hashlib.sha256(b"%PDF-").hexdigest()}
        for files, more in (([file], {"attachments": []}), ([], {"attachments": [said]}), ([file], {"attachments": [said, said]}), ([file] * 9, {}),
                            ([("x.exe", "application/x-msdownload", b"MZ")], {}),
                            *(([file], {"attachments": [{**said, member: wrong}]}) for member, wrong in (("sha256", "0" * 64), ("id", "other"), ("name", None), ("mediaType", "")))):
            with self.subTest(str(more)), self.assertRaises(Refused) as refused:
                self.with_files(*files, **more)
            self.assertEqual(refused.exception.reason, "invalid_params")

    def test_names_in_a_foreign_file_are_told_without_what_misleads(self):
        page = self.with_files(("dekont.pdf", "application/pdf", b"%PDF-"))
        foreign = page.replace(b"(dekont.pdf)", b"(/../../a.b)").replace(b"(bank-receipt)", b"(BANK receipt)").replace(b"/application#2Fpdf", b"/APPLICATION#2FPDF")
        self.assertEqual(len(page), len(foreign))
        signed = sign(Authority().signer(ec.generate_private_key(ec.SECP384R1())), foreign, self.program, format="pades")
        attachment, = self.program.call("verify", [memfd(signed), memfd()])["signatures"][0]["form"]["attachments"]
        self.assertEqual(attachment, {"name": "_.._.._a.b", "size": 5, "sha256": hashlib.sha256(b"%PDF-").hexdigest()})

    def test_the_page_takes_a_signature(self):
        signer = Authority().signer(ec.generate_private_key(ec.SECP384R1()))
        for name in FORMS:
            pdf = self.render(name)
            signed = sign(signer, pdf, self.program, format="pades")
            self.assertTrue(signed.startswith(pdf))
            said = tool("pdfsig", "-nocert", "PDF", pdf=signed)
            self.assertIn("Signature is Valid", said)
            self.assertIn("Total document signed", said)

    def test_a_section_without_data_is_left_out(self):
        title = form(FORMS[0])["texts"]["tr"]["section.receipt"]
        self.assertNotIn(title, tool("pdftotext", "PDF", "-", pdf=self.render(FORMS[0])))
        self.assertIn(title, tool("pdftotext", "PDF", "-", pdf=self.render(FORMS[0], physician(FORMS[0]))))

    def test_an_institution_may_be_unknown_or_named_in_both_languages(self):
        for institution in ({}, {"name": ""}, None):
            self.assertNotIn("Müdürlüğü\n", tool("pdftotext", "PDF", "-", pdf=self.render(FORMS[0], institution=institution)).split("Nitelikli")[0])
        both = {"name": {"tr": "Örnek Kurum", "en": "Example Institution"}, "unit": {"tr": "Birim", "en": "Unit"}}
        self.assertIn("Example Institution", tool("pdftotext", "PDF", "-", pdf=self.render(FORMS[0], language="en", institution=both)))

    def test_account_price_and_call_centre_stand_where_they_are_needed(self):
        account = ["Ücretin yatırılacağı hesap: Örnek Şehir Hastanesi Döner Sermaye İşletmesi", "Örnek Vergi Dairesi, vergi no 1234567890", "IBAN TR33 0006 1005 1978 6457 8413 26",
                   "Ücret (2026), 3 yıllık nitelikli elektronik sertifika: 413,50 TL"]
        call = ["Çağrı merkezi: 444 5 576, destek@hastane.example"]
        for name, data, wanted in (
                ("first-application", physician("first-application"), account), ("renewal", physician("renewal"), account),
                ("replacement", example("replacement"), account + call), ("replacement", physician("replacement"), account),
                ("pin-request", example("pin-request"), call + ["https://e-imza.hastane.example/pin"]),
                ("card-reader-request", example("card-reader-request"), ["Ücret (2026), kart okuyucu: 150 TL"]),
                ("individual-application", example("individual-application"), account[3:]), ("first-application", example("first-application"), [])):
            with self.subTest(name):
                text = squeezed(tool("pdftotext", "-raw", "PDF", "-", pdf=self.render(name, data, institution=PROFILE)))
                for line in account + call:
                    self.assertEqual(squeezed(line) in text, line in wanted, line)
                for line in wanted:
                    self.assertIn(squeezed(line), text)
                self.assertNotIn("yılınaaittir", text)

    def test_prices_of_a_past_year_say_so(self):
        said = squeezed("Bu ücret 2026 yılına aittir; güncelini kurumun biriminden öğrenin.")
        for time, stale in (("2026-12-31T20:59:59Z", False), ("2026-12-31T21:00:00Z", True), ("2027-06-01T00:00:00Z", True)):
            pdf = self.render("renewal", physician("renewal"), institution=PROFILE, time=time)
            self.assertEqual(said in squeezed(tool("pdftotext", "-raw", "PDF", "-", pdf=pdf)), stale, time)

    def test_a_value_longer_than_a_page_goes_on_on_the_next(self):
        data = example(FORMS[0])
        numbers = [f"satır{number}ğüşİ" for number in range(1500)]
        data["delivery"]["address"] = " ".join(numbers)
        pdf = self.render(FORMS[0], data)
        self.assertGreater(self.pages, 3)
        self.assertEqual(re.findall(r"satır\d+ğüşİ", tool("pdftotext", "-raw", "PDF", "-", pdf=pdf)), numbers)
        for page, left, top, right, bottom, text in words(pdf):
            self.assertTrue(right <= RIGHT + 1 and bottom <= HEIGHT - 15, text)
        data["delivery"]["district"] = " ".join(numbers[:700])
        data["delivery"]["province"] = "\n".join(numbers[700:])
        text = tool("pdftotext", "-raw", "PDF", "-", pdf=self.render(FORMS[0], data))
        self.assertEqual(sorted(re.findall(r"satır\d+ğüşİ", text)), sorted(numbers * 2))

    def test_pages_without_end_are_too_large(self):
        data = example(FORMS[0])
        data["delivery"]["address"] = "a\n" * 5000
        with self.assertRaises(Refused) as refused:
            self.render(FORMS[0], data)
        self.assertEqual(refused.exception.reason, "too_large")

    def test_what_the_page_cannot_show_is_refused(self):
        for text in ("a\u202eb", "a\u2066b", "a\u200bb", "a\u00adb", "a\u0007b", "a\u0085b", "g\u0306", "\u2028", "病院", "🙂", "\ue000", "a\ufeff",
                     "a\ufe0f", "\U000e0041"):
            data = example(FORMS[0])
            data["employment"]["title"] = text
            with self.subTest(ascii(text)), self.assertRaises(Refused) as refused:
                self.render(FORMS[0], data)
            self.assertEqual(refused.exception.reason, "form_invalid")

    def test_a_request_without_its_parts_is_refused(self):
        for missing in ({"form": {}}, {"form": {"id": "x"}}, {"data": None}, {"data": []}, {"language": "de"}, {"language": None}, {"time": None}):
            with self.subTest(str(missing)), self.assertRaises(Refused) as refused:
                self.render(FORMS[0], **missing) if "data" not in missing else self.program.call(
                    "render", [os.memfd_create("output")], form=form(FORMS[0]), institution={}, language="tr", time=TIME, **missing)
            self.assertEqual(refused.exception.reason, "invalid_params")
        with self.assertRaises(Refused) as refused:
            self.program.call("render", form=form(FORMS[0]), data=example(FORMS[0]), institution={}, language="tr", time=TIME)
        self.assertEqual(refused.exception.reason, "invalid_params")


if __name__ == "__main__":
    unittest.main()
