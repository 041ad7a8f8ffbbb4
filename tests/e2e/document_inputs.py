# SPDX-License-Identifier: Apache-2.0
"""PDF files for the tests of imza-document, each with the outcome it must have: other people's, derived by qpdf and pyHanko, hand-made.

`python3 document_inputs.py FOLDER` writes them out: seeds for the fuzzer.
"""
import gzip
import io
import re
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path

SIGNED, INVALID, LARGE, ENCRYPTED, LOCKED, DYNAMIC = ("signed", "document_invalid", "too_large", "document_encrypted", "document_locked",
                                                      "document_dynamic")

# --- from Debian -------------------------------------------------------------------------------------------------------

GOFPDF = Path("/usr/share/gocode/src/github.com/jung-kurt/gofpdf/pdf")
# pdfTeX (object streams), MiKTeX (tables), Apache FOP, LibreOffice and others, where their packages are installed.
DOCUMENTS = ["libtasn1-doc/libtasn1.pdf", "shared-mime-info/shared-mime-info-spec.pdf", "fontconfig/fontconfig-user.pdf.gz",
             "zlib1g-dev/crc-doc.1.0.pdf.gz"]
# A page with a token that is no PDF; qpdf warns of it too.
ODD = {"Fpdf_FileAnnotations.pdf": INVALID, "Fpdf_SetProtection.pdf": ENCRYPTED}


def debian():
    """(name, bytes, outcome) of files that we did not make."""
    for path in [Path("/usr/share/doc") / name for name in DOCUMENTS] + sorted(GOFPDF.glob("*.pdf")):
        if path.exists():
            data = path.read_bytes()
            yield path.name, gzip.decompress(data) if path.suffix == ".gz" else data, ODD.get(path.name, SIGNED)


def small():
    """A small real file with a table, pages and fonts."""
    return (GOFPDF / "Fpdf_AddPage.pdf").read_bytes()


def pdf_pages(count, title="Deneme", box=(595, 842)):
    """A file of some pages that differ; each has its number in large letters, and a blue box (#3366CC) that is 40 points wider."""
    kids = " ".join(f"{4 + 2 * i} 0 R" for i in range(count))
    bodies = ["<< /Type /Catalog /Pages 2 0 R >>", f"<< /Type /Pages /Kids [{kids}] /Count {count} /MediaBox [0 0 {box[0]} {box[1]}] >>",
              "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    for i in range(count):
        content = f"BT /F1 60 Tf 60 {box[1] - 120} Td (Sayfa {i + 1}) Tj ET\n0.2 0.4 0.8 rg 60 {box[1] - 260} {100 + 40 * i} 100 re f"
        bodies += [f"<< /Type /Page /Parent 2 0 R /Contents {5 + 2 * i} 0 R /Resources << /Font << /F1 3 0 R >> >> >>",
                   f"<< /Length {len(content)} >>\nstream\n{content}\nendstream"]
    bodies.append(f"<< /Title <feff{title.encode('utf-16-be').hex()}> >>")
    data, offsets = b"%PDF-1.7\n", []
    for number, body in enumerate(bodies, 1):
        offsets.append(len(data))
        data += f"{number} 0 obj\n{body}\nendobj\n".encode()
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    return data + (f"xref\n0 {len(bodies) + 1}\n0000000000 65535 f \n{table}trailer << /Size {len(bodies) + 1} /Root 1 0 R /Info {len(bodies)} 0 R >>\n"
                   f"startxref\n{len(data)}\n%%EOF\n").encode()


# --- by qpdf -----------------------------------------------------------------------------------------------------------

def qpdf(data, *options):
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "in.pdf", Path(folder) / "out.pdf"
        source.write_bytes(data)
        done = subprocess.run(["qpdf", *options, source, target], capture_output=True, timeout=60)
        if done.returncode not in (0, 3):
            raise AssertionError(done.stderr.decode())
        return target.read_bytes()


def derived():
    source = small()
    streams = "--object-streams=generate"
    yield "object streams", qpdf(source, streams), SIGNED
    yield "no object streams", qpdf(qpdf(source, streams), "--object-streams=disable"), SIGNED
    yield "linearized", qpdf(source, "--linearize"), SIGNED
    yield "linearized with object streams", qpdf(source, "--linearize", streams), SIGNED
    yield "qdf", qpdf(source, "--qdf"), SIGNED
    yield "qdf with object streams", qpdf(source, "--qdf", streams), SIGNED
    yield "uncompressed cross-reference stream", qpdf(source, "--compress-streams=n", streams), SIGNED
    yield "PDF 2.0", qpdf(source, "--force-version=2.0", streams), SIGNED
    for bits, options in (("40", ["--allow-weak-crypto"]), ("128", ["--allow-weak-crypto"]), ("256", [])):
        yield f"encrypted, {bits} bits", qpdf(source, *options, "--encrypt", "", "owner", bits, "--"), ENCRYPTED
        yield f"encrypted, {bits} bits, object streams", qpdf(source, *options, streams, "--encrypt", "user", "owner", bits, "--"), ENCRYPTED


# --- by hand -----------------------------------------------------------------------------------------------------------

PAGE = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>"
PAGES = "<</Type/Pages/Kids[3 0 R]/Count 1>>"


def objects(catalog="", page=PAGE, more=None, pages=PAGES):
    return {1: f"<</Type/Catalog/Pages 2 0 R{catalog}>>", 2: pages, 3: page, **(more or {})}


class Writer:
    """Writes objects and one cross-reference section a revision, as told, right or wrong."""

    def __init__(self, header=b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"):
        self.out, self.entries, self.previous = bytearray(header), {0: (0, 65535, "f")}, None

    def put(self, number, body, generation=0):
        self.entries[number] = (len(self.out), generation, "n")
        self.out += f"{number} {generation} obj\n".encode() + (body if isinstance(body, bytes) else body.encode()) + b"\nendobj\n"
        return self

    def put_all(self, bodies):
        for number, body in bodies.items():
            self.put(number, body)
        return self

    def stream(self, number, extra, data, length=None, generation=0):
        length = len(data) if length is None else length
        return self.put(number, f"<<{extra}/Length {length}>>\nstream\n".encode() + data + b"\nendstream", generation)

    def rows(self):
        numbers, runs = sorted(self.entries), []
        for number in numbers:
            if runs and runs[-1][-1] == number - 1:
                runs[-1].append(number)
            else:
                runs.append([number])
        return runs

    def size(self):
        return max(self.entries) + 1

    def table(self, trailer="/Root 1 0 R", size=None, end=True, eol="\r\n", prev=None):
        at = len(self.out)
        text = "xref\n"
        for run in self.rows():
            text += f"{run[0]} {len(run)}\n" + "".join("%010d %05d %s" % self.entries[n] + eol for n in run)
        prev = self.previous if prev is None else prev
        text += f"trailer\n<</Size {size or self.size()}{trailer}" + (f"/Prev {prev}" if prev is not None else "") + ">>\n"
        self.out += text.encode()
        return self.end(at) if end else at

    def xref_stream(self, number, trailer="/Root 1 0 R", widths=(1, 4, 2), encode=lambda data: ("", data), size=None, end=True, compressed=()):
        at = len(self.out)
        self.entries[number] = (at, 0, "n")
        for n, (stream, index) in dict(compressed).items():
            self.entries[n] = (stream, index, "c")
        rows = b"".join(b"".join(value.to_bytes(width, "big") for value, width in zip(({"f": 0, "n": 1, "c": 2}[kind], where, detail), widths))
                        for run in self.rows() for where, detail, kind in (self.entries[n] for n in run))
        index = " ".join(f"{run[0]} {len(run)}" for run in self.rows())
        extra, data = encode(rows)
        prev = f"/Prev {self.previous}" if self.previous is not None else ""
        self.stream(number, f"/Type/XRef/W[{' '.join(map(str, widths))}]/Index[{index}]/Size {size or self.size()}{trailer}{prev}{extra}", data)
        return self.end(at) if end else at

    def end(self, at, tail="%%EOF\n"):
        self.out += f"startxref\n{at}\n{tail}".encode()
        self.previous, self.entries = at, {}
        return self

    def bytes(self):
        return bytes(self.out)


def plain(*args, trailer="/Root 1 0 R", **members):
    return Writer().put_all(objects(*args, **members)).table(trailer).bytes()


def object_stream(bodies):
    head, body = "", ""
    for number, text in bodies.items():
        head += f"{number} {len(body)} "
        body += text + " "
    return head.encode() + body.encode(), len(head)


def with_object_stream(bodies, count=None, first=None, length=None, data=None, extra="", compressed=None):
    """Catalog, page tree and page in an object stream."""
    content, head = object_stream(bodies)
    content = content if data is None else data
    writer = Writer()
    writer.stream(10, f"/Type/ObjStm/N {len(bodies) if count is None else count}/First {head if first is None else first}{extra}", content, length)
    where = {n: (10, i) for i, n in enumerate(bodies)} if compressed is None else compressed
    return writer.xref_stream(11, compressed=where).bytes()


def png(kind, columns):
    """An encoder with one PNG predictor for every row."""
    def encode(data):
        rows, above = [], bytes(columns)
        for at in range(0, len(data), columns):
            row = data[at:at + columns]
            left, corner = bytes(1) + row[:-1], bytes(1) + above[:-1]

            def guess(i):
                a, b, c = left[i], above[i], corner[i]
                p = a + b - c
                paeth = min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]
                return (0, a, b, (a + b) // 2, paeth)[kind]
            rows.append(bytes([kind]) + bytes((byte - guess(i)) & 255 for i, byte in enumerate(row)))
            above = row
        return f"/Filter/FlateDecode/DecodeParms<</Predictor {10 + kind}/Columns {columns}>>", zlib.compress(b"".join(rows))
    return encode


def tiff(columns):
    def encode(data):
        rows = [data[at:at + columns] for at in range(0, len(data), columns)]
        rows = [bytes((byte - (row[i - 1] if i else 0)) & 255 for i, byte in enumerate(row)) for row in rows]
        return f"/Filter[/FlateDecode]/DecodeParms[<</Predictor 2/Columns {columns}>>]", zlib.compress(b"".join(rows))
    return encode


def bomb(count):
    """`count` zeros, deflated twice as small as zlib can."""
    packer = zlib.compressobj(9)
    return b"".join(packer.compress(bytes(1 << 20)) for _ in range(count >> 20)) + packer.flush()


def hybrid():
    writer = Writer().put_all({1: "<</Type/Catalog/Pages 2 0 R/AcroForm 5 0 R>>", 2: PAGES, 3: PAGE})
    content, head = object_stream({5: "<</Fields[6 0 R]/DA(x)>>", 6: "<</T(Imza4)/FT/Tx>>"})
    writer.stream(7, f"/Type/ObjStm/N 2/First {head}", content)
    table_entries = dict(writer.entries)
    writer.entries = {}
    at = writer.xref_stream(8, trailer="", compressed={5: (7, 0), 6: (7, 1)}, end=False, size=9)
    writer.entries = {**table_entries, 5: (0, 65535, "f"), 6: (0, 65535, "f"), 8: writer.entries[8]}
    return writer.table(f"/Root 1 0 R/XRefStm {at}").bytes()


def two_revisions():
    writer = Writer().put_all(objects()).table()
    return writer.put(3, PAGE.replace("200 200", "300 300")).table()


FORM = "/AcroForm<</Fields[]>>"
CATALOG, SIGNATURE_FIELD = "/AcroForm<</Fields[5 0 R]/SigFlags 3>>", "<</FT/Sig/T(a)/V 6 0 R/Lock 7 0 R>>"


def locked_by(signature="", lock="null", catalog=CATALOG):
    return plain(catalog, more={5: SIGNATURE_FIELD, 6: f"<</Type/Sig/Filter/X/Contents<00>{signature}>>", 7: lock})


def reference(method, parameters):
    return f"/Reference[<</Type/SigRef/TransformMethod/{method}/TransformParams<<{parameters}>>>>]"


def fields_multiplied(end):
    """Objects 5 to end: fields of which each stands nine times in the one before."""
    return {5: "<</Kids[6 0 R 6 0 R]>>", **{n: f"<</Kids[{' '.join([f'{n + 1} 0 R'] * 9)}]>>" for n in range(6, end)}, end: "<</T(a)>>"}


def handmade():
    yield "the smallest", plain(), SIGNED
    yield "with its ID and Info", plain(more={4: "<</Title(x)>>"}, trailer="/Root 1 0 R/Info 4 0 R/ID[<00ff>(\\)x)]"), SIGNED
    yield "a direct form", plain("/AcroForm <</Fields[] /DA (x>>y) /DR<</A[/B<</C/D>>]>>>>"), SIGNED
    yield "a form without fields", plain("/AcroForm<</DA(x)>>"), SIGNED
    yield "an indirect form", plain("/AcroForm 5 0 R", more={5: "<</Fields[6 0 R]>>", 6: "<</T(x)/FT/Tx>>"}), SIGNED
    yield "indirect fields", plain("/AcroForm 5 0 R", more={5: "<</Fields 6 0 R/SigFlags 1>>", 6: "[7 0 R]", 7: "<</T(x)/FT/Tx>>"}), SIGNED
    yield "indirect fields, flags set", plain("/AcroForm 5 0 R", more={5: "<</Fields 6 0 R/SigFlags 3>>", 6: "[]"}), SIGNED
    yield "a form that is null", plain("/AcroForm 9 0 R"), SIGNED
    yield "direct annotations", plain(page=PAGE[:-2] + "/Annots[5 0 R % a comment\n]>>", more={5: "<</Type/Annot/Subtype/Link/Rect[0 0 9 9]>>"}), SIGNED
    yield "indirect annotations", plain(page=PAGE[:-2] + "/Annots 5 0 R>>", more={5: "[]"}), SIGNED
    yield "annotations that are null", plain(page=PAGE[:-2] + "/Annots null>>"), SIGNED
    names = {5: "<</FT/Tx/T(Imza1)>>", 6: "<</FT/Tx/T<FEFF0049006D007A0061003700>>>", 7: "<</FT/Tx/T(\\111mza1\\\n2)>>", 8: "<</FT/Tx/T(Imza)>>"}
    yield "names like ours", plain("/AcroForm<</Fields[5 0 R 6 0 R 7 0 R 8 0 R]>>", more=names), SIGNED
    yield "escaped names", plain("/#41cro#46orm<</#46ields[5 0 R]>>", more={5: "<</FT/Tx/T(Imza1)>>"}), SIGNED
    yield "comments everywhere", plain("%c >>\n/AcroForm%c\n<<%(\n/Fields%[\n[%]\n]>>"), SIGNED
    yield "no line end at the end", plain()[:-1], SIGNED
    yield "spaces and zeros at the end", plain() + b"\r\n \0\0", SIGNED
    yield "rows of 19 bytes", Writer().put_all(objects()).table(eol="\n").bytes(), SIGNED
    yield "two revisions", two_revisions().bytes(), SIGNED
    yield "two revisions, a table and then a stream", Writer().put_all(objects()).table().put(3, PAGE).xref_stream(9).bytes(), SIGNED
    yield "two revisions, a stream and then a table", Writer().put_all(objects()).xref_stream(9).put(3, PAGE).table(size=10).bytes(), SIGNED
    yield "hybrid", hybrid(), SIGNED
    generations = Writer().put(1, "<</Type/Catalog/Pages 2 0 R/AcroForm 5 9 R>>", 7).put(2, PAGES.replace("3 0", "3 65535")).put(3, PAGE, 65535)
    yield "generations", generations.put(5, "<</Fields[]>>", 9).table("/Root 1 7 R").bytes(), SIGNED
    free = Writer().put_all(objects())
    free.entries.update({4: (0, 0, "n"), 5: (0, 1, "f"), 6: (0, 0, "f")})
    yield "free objects", free.table().bytes(), SIGNED
    yield "a gap in the numbers", plain(more={8_000_000: "<<>>"}), SIGNED
    tree = {2: "<</Type/Pages/Kids[4 0 R 5 0 R]/Count 1>>", 4: "<</Type/Pages/Kids[]/Count 0>>", 5: "<</Type/Pages/Kids[3 0 R]/Count 1/Parent 2 0 R>>"}
    yield "an empty branch before the first page", plain(more=tree), SIGNED
    yield "in an object stream", with_object_stream(objects()), SIGNED
    yield "in an object stream with a form", with_object_stream(objects("/AcroForm 5 0 R", more={5: "<</Fields 6 0 R>>", 6: "[]"})), SIGNED
    for kind in range(5):
        yield f"PNG predictor {kind}", Writer().put_all(objects()).xref_stream(9, encode=png(kind, 7)).bytes(), SIGNED
    yield "TIFF predictor", Writer().put_all(objects()).xref_stream(9, encode=tiff(7)).bytes(), SIGNED
    yield "wide and missing fields", Writer().put_all(objects()).xref_stream(9, widths=(8, 8, 8)).bytes(), SIGNED
    numbers = objects(more={n: "<<>>" for n in range(4, 3000)})
    yield "three thousand objects", Writer().put_all(numbers).table().bytes(), SIGNED
    yield "nested as deep as allowed", plain("/X" + "[" * 60 + "]" * 60), SIGNED
    yield "XFA that stays", plain("/NeedsRendering false/AcroForm<</Fields[]/XFA(x)>>"), SIGNED
    yield "usage rights", plain("/Perms<</UR3 5 0 R>>", more={5: f"<</Type/Sig{reference('UR3', '/P true')}>>"}), SIGNED

    yield "permits form filling", locked_by(reference("DocMDP", "/P 2")), SIGNED
    yield "permits annotations", locked_by(reference("DocMDP", "/P 3")), SIGNED
    yield "permits by default", locked_by(reference("DocMDP", "/V/1.2")), SIGNED
    yield "locks a field", locked_by(reference("FieldMDP", "/Action/Include/Fields[(a)(Imza1)]")), SIGNED
    yield "locks nothing before it is signed", plain(CATALOG, more={5: "<</FT/Sig/T(a)/Lock 7 0 R>>", 7: "<</Action/All/P 1>>"}), SIGNED
    yield "permits nothing", locked_by(reference("DocMDP", "/P 1")), LOCKED
    yield "permits nothing, said in Perms only", plain("/Perms<</DocMDP 6 0 R>>", more={6: f"<<{reference('DocMDP', '/P 1')}>>"}), LOCKED
    yield "locks all fields", locked_by(reference("FieldMDP", "/Action/All")), LOCKED
    yield "locks all but some fields", locked_by(reference("FieldMDP", "/Action/Exclude/Fields[(b)]")), LOCKED
    yield "a lock on all fields", locked_by(lock="<</Type/SigFieldLock/Action/All>>"), LOCKED
    yield "a lock that permits nothing", locked_by(lock="<</Type/SigFieldLock/Action/Include/Fields[(a)]/P 1>>"), LOCKED
    inherited = {5: "<</FT/Sig/T(a)/V 6 0 R/Kids[8 0 R]>>", 6: "<</Contents<>>>", 7: "<</Action/All>>", 8: "<</Lock 7 0 R/Parent 5 0 R>>"}
    yield "a lock in a widget", plain(CATALOG, more=inherited), LOCKED
    yield "XFA drawn by program", plain("/NeedsRendering true/AcroForm<</Fields[]/XFA[(a) 5 0 R]>>", more={5: "<<>>"}), DYNAMIC
    yield "the word Encrypt in an old trailer", Writer().put_all(objects(more={4: "<<>>"})).table("/Root 1 0 R/Encrypt 4 0 R").put(3, PAGE).table().bytes(), ENCRYPTED

    yield "empty", b"", INVALID
    yield "one byte", b"%", INVALID
    yield "text", b"no PDF\n" * 1000, INVALID
    yield "a header only", b"%PDF-1.7\n", INVALID
    yield "no header", plain().replace(b"%PDF-1.7", b"%PDX-1.7"), INVALID
    yield "junk before the header", Writer(b"junk\n%PDF-1.4\n").put_all(objects()).table().bytes(), INVALID
    yield "a byte order mark before the header", b"\xef\xbb\xbf" + plain(), INVALID
    yield "bytes after the end", plain() + b"<script>", INVALID
    yield "no end mark", plain().replace(b"%%EOF", b""), INVALID
    yield "startxref outside", Writer().put_all(objects()).end(99999).bytes(), INVALID
    yield "startxref elsewhere", Writer().put_all(objects()).end(15).bytes(), INVALID
    yield "startxref huge", Writer().put_all(objects()).end(10 ** 30).bytes(), INVALID
    writer = Writer().put_all(objects())
    yield "Prev to itself", writer.table(prev=len(writer.out)).bytes(), INVALID
    loop = Writer().put_all(objects())
    first = len(loop.out)
    loop.table(prev=0)
    second = len(loop.out)
    yield "Prev in a loop", loop.put(3, PAGE).table(prev=first).bytes().replace(b"/Prev 0", b"/Prev %d" % second), INVALID
    yield "Prev outside", Writer().put_all(objects()).table(prev=10 ** 9).bytes(), INVALID
    yield "Prev negative", plain(trailer="/Root 1 0 R/Prev -1"), INVALID
    yield "no Root", plain(trailer=""), INVALID
    yield "a Root that is missing", plain(trailer="/Root 9 0 R"), INVALID
    yield "a Root of another generation", plain(trailer="/Root 1 1 R"), INVALID
    yield "a Root that is no catalog", plain(trailer="/Root 2 0 R"), INVALID
    yield "a direct Root", plain(trailer="/Root<</Type/Catalog/Pages 2 0 R>>"), INVALID
    yield "Root twice", plain(trailer="/Root 1 0 R/Root 1 0 R"), INVALID
    yield "two forms", plain(FORM + FORM), INVALID
    yield "two forms, one with an escaped name", plain(FORM + "/Acro#46orm<<>>"), INVALID
    yield "Size too small", Writer().put_all(objects()).table(size=3).bytes(), INVALID
    wrong = Writer().put_all(objects(more={4: "<<>>"}))
    wrong.entries[4] = (wrong.entries[4][0] + 1, 0, "n")
    yield "an entry beside its object", wrong.table().bytes(), INVALID
    wrong = Writer().put_all(objects())
    wrong.entries[3] = (wrong.entries[3][0], 1, "n")
    yield "an entry of another generation", wrong.table().bytes(), INVALID
    wrong = Writer().put_all(objects())
    wrong.entries[1], wrong.entries[2] = wrong.entries[2], wrong.entries[1]
    yield "entries exchanged", wrong.table().bytes(), INVALID
    yield "rows cut", plain().replace(b"00000 n\r\ntrailer", b"00000 \r\ntrailer"), INVALID
    yield "a comment in the table", plain().replace(b"00000 n\r\ntrailer", b"00000%n\r\n n\r\ntrailer"), INVALID
    yield "no page", plain(pages="<</Type/Pages/Kids[]/Count 0>>"), INVALID
    yield "a page tree in a loop", plain(pages="<</Type/Pages/Kids[2 0 R]/Count 1>>"), INVALID
    yield "a direct page", plain(pages=f"<</Type/Pages/Kids[{PAGE}]/Count 1>>"), INVALID
    yield "fields in a loop", plain("/AcroForm<</Fields[5 0 R]>>", more={5: "<</T(a)/Kids[5 0 R]>>"}), INVALID
    yield "fields that multiply without end", plain("/AcroForm<</Fields[5 0 R]>>", more=fields_multiplied(20)), LARGE
    yield "fields that multiply to 130,000", plain("/AcroForm<</Fields[5 0 R]>>", more=fields_multiplied(11)), LARGE
    yield "fields that multiply to 1,500", plain("/AcroForm<</Fields[5 0 R]>>", more=fields_multiplied(9)), SIGNED
    yield "a form that is an array", plain("/AcroForm[]"), INVALID
    yield "fields that are the page's annotations", plain("/AcroForm<</Fields 5 0 R>>", page=PAGE[:-2] + "/Annots 5 0 R>>", more={5: "[]"}), INVALID
    yield "references in a loop", plain("/AcroForm 5 0 R", more={5: "6 0 R", 6: "5 0 R"}), INVALID
    yield "a broken object that nobody names", plain(more={4: "<<"}), SIGNED
    yield "a catalog that does not end", plain().replace(b"2 0 R>>", b"2 0 R >"), INVALID
    yield "a string that does not end", plain("/X(((").replace(b")", b" "), INVALID
    yield "a broken hex string", plain("/X<0x>"), INVALID
    yield "a stray token", plain("/X bogus"), INVALID
    yield "nested too deep", plain("/X" + "[" * 70 + "]" * 70), LARGE
    yield "nested a million times", plain("/X" + "[" * 1_000_000), LARGE
    yield "a catalog of 17 MiB", plain("/X(" + "x" * (17 << 20) + ")"), LARGE
    yield "numbers past the limit", Writer().put_all(objects(more={8_388_608: "<<>>"})).table().bytes(), LARGE
    yield "an object stream that inflates to 100 MiB", with_object_stream(objects(), data=bomb(100 << 20), extra="/Filter/FlateDecode"), LARGE
    yield "a cross-reference stream that inflates to 100 MiB", Writer().put_all(objects()).xref_stream(9, encode=lambda rows: ("/Filter/FlateDecode", bomb(100 << 20))).bytes(), LARGE
    yield "a damaged deflate stream", Writer().put_all(objects()).xref_stream(9, encode=lambda rows: ("/Filter/FlateDecode", zlib.compress(rows)[:-5])).bytes(), INVALID
    yield "a filter of its own", Writer().put_all(objects()).xref_stream(9, encode=lambda rows: ("/Filter/ASCIIHexDecode", rows.hex().encode())).bytes(), INVALID
    yield "two filters", Writer().put_all(objects()).xref_stream(9, encode=lambda rows: ("/Filter[/FlateDecode/FlateDecode]", zlib.compress(zlib.compress(rows)))).bytes(), INVALID
    yield "PNG rows cut", Writer().put_all(objects()).xref_stream(9, encode=lambda rows: ("/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 7>>", zlib.compress(rows + b"\2\0"))).bytes(), INVALID
    yield "an unknown PNG filter", Writer().put_all(objects()).xref_stream(9, encode=lambda rows: ("/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 7>>", zlib.compress(b"\5" * 8 * 6))).bytes(), INVALID
    yield "columns without end", Writer().put_all(objects()).xref_stream(9, encode=lambda rows: ("/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 4294967295/Colors 32>>", zlib.compress(rows))).bytes(), INVALID
    yield "more rows than there are", Writer().put_all(objects()).xref_stream(9, encode=lambda rows: ("", rows[:-3])).bytes(), INVALID
    yield "rows of no width", Writer().put_all(objects()).xref_stream(9).bytes().replace(b"/W[1 4 2]", b"/W[0 0 0]"), INVALID
    yield "a stream longer than the file", with_object_stream(objects(), length=10 ** 9), INVALID
    yield "a stream shorter than it says", with_object_stream(objects(), length=5), INVALID
    yield "an object stream whose length is in itself", with_object_stream({**objects(), 5: "200"}, length="5 0 R"), INVALID
    yield "an object stream with too many objects", with_object_stream(objects(), count=8_000_000), INVALID
    yield "an object stream with an offset outside", with_object_stream(objects(), first=10 ** 6), INVALID
    yield "an object stream in an object stream", with_object_stream(objects(), compressed={1: (10, 0), 2: (10, 1), 3: (1, 0)}), INVALID
    yield "an object at another's place in its stream", with_object_stream(objects(), compressed={1: (10, 1), 2: (10, 0), 3: (10, 2)}), INVALID
    yield "an index outside its object stream", with_object_stream(objects(), compressed={1: (10, 0), 2: (10, 1), 3: (10, 9)}), INVALID


# --- by pyHanko --------------------------------------------------------------------------------------------------------

def pyhanko_signer(signer):
    from asn1crypto import keys, x509
    from cryptography.hazmat.primitives import serialization
    from pyhanko.sign.signers import SimpleSigner
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    store = SimpleCertificateStore()
    store.register_multiple([x509.Certificate.load(c.public_bytes(serialization.Encoding.DER)) for c in signer.chain])
    key = signer.key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return SimpleSigner(signing_cert=x509.Certificate.load(signer.der()), signing_key=keys.PrivateKeyInfo.load(key), cert_registry=store)


def pyhanko_signed(signer, data, name="Imza1", lock=None, **members):
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import fields, signers

    writer, out = IncrementalPdfFileWriter(io.BytesIO(data)), io.BytesIO()
    fields.append_signature_field(writer, fields.SigFieldSpec(name, field_mdp_spec=lock))
    metadata = signers.PdfSignatureMetadata(field_name=name, md_algorithm="sha256", **members)
    signers.PdfSigner(metadata, pyhanko_signer(signer)).sign_pdf(writer, output=out)
    return out.getvalue()


def signed_before(signer):
    """Files that another program has signed or certified."""
    from pyhanko.sign import fields

    Permissions, Spec, Action = fields.MDPPerm, fields.FieldMDPSpec, fields.FieldMDPAction
    table, streams = small(), qpdf(small(), "--object-streams=generate")
    for kind, source in (("table", table), ("streams", streams)):
        yield f"signed by pyHanko, {kind}", pyhanko_signed(signer, source), SIGNED
    yield "certified, form filling", pyhanko_signed(signer, table, certify=True, docmdp_permissions=Permissions.FILL_FORMS), SIGNED
    yield "certified, annotations", pyhanko_signed(signer, streams, certify=True, docmdp_permissions=Permissions.ANNOTATE), SIGNED
    yield "certified, no changes", pyhanko_signed(signer, table, certify=True, docmdp_permissions=Permissions.NO_CHANGES), LOCKED
    yield "certified, no changes, streams", pyhanko_signed(signer, streams, certify=True, docmdp_permissions=Permissions.NO_CHANGES), LOCKED
    yield "signed, one field locked", pyhanko_signed(signer, table, lock=Spec(Action.INCLUDE, ["Imza1"])), SIGNED
    yield "signed, all fields locked", pyhanko_signed(signer, table, lock=Spec(Action.ALL)), LOCKED
    yield "signed, all but one locked", pyhanko_signed(signer, streams, lock=Spec(Action.EXCLUDE, ["x"])), LOCKED


def main(folder):
    for name, data, _ in [*debian(), *derived(), *handmade()]:
        if len(data) <= 40_000:
            (Path(folder) / re.sub(r"\W+", "-", name)).write_bytes(data)


if __name__ == "__main__":
    main(*sys.argv[1:])
