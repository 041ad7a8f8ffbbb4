# SPDX-License-Identifier: Apache-2.0
"""Signed files and their forged twins, for the tests of verification: PDFs with later revisions made by hand, CMS by asn1crypto.

`python3 verify_inputs.py cms|pdf FOLDER` writes them out: seeds for the fuzzers.
"""
import datetime
import hashlib
import os
import re
import sys
from pathlib import Path

import document_inputs as inputs
from asn1crypto import algos, cms, core, tsp, x509  # noqa: F401 (tsp tells cms about signingCertificateV2)
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from document_program import Authority, Program, Refused, memfd, sign


def verify(program, signed, content=None, roots=b""):
    """The op `verify` of imza-document."""
    fds = [memfd(signed), memfd(roots)] + ([memfd(content)] if content is not None else [])
    try:
        return program.call("verify", fds)
    finally:
        for fd in fds:
            os.close(fd)


# --- PDF ---------------------------------------------------------------------------------------------------------------

RANGE = re.compile(rb"/ByteRange \[0 (\d+) (\d+) (\d+) *\]")
PAGE = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>/Annots[6 0 R 7 0 R]>>"
TEXT = b"BT /F1 12 Tf 20 100 Td (Tutar: 100 TL) Tj ET"
OTHER_TEXT = b"BT /F1 12 Tf 20 100 Td (Tutar: 999 TL) Tj ET"


def document(catalog="", page=PAGE, more=None, form="/Fields[6 0 R 7 0 R]", trailer="/Root 1 0 R/Info 9 0 R"):
    """A page with text, a text field and an empty signature field."""
    writer = inputs.Writer()
    writer.put_all({1: f"<</Type/Catalog/Pages 2 0 R/AcroForm 8 0 R{catalog}>>", 2: "<</Type/Pages/Kids[3 0 R]/Count 1>>", 3: page})
    writer.stream(4, "", TEXT)
    writer.put_all({5: "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
                    6: "<</Type/Annot/Subtype/Widget/FT/Tx/T(ad)/F 4/Rect[20 20 100 40]/DA(/F1 12 Tf)/P 3 0 R>>",
                    7: "<</Type/Annot/Subtype/Widget/FT/Sig/T(onay)/F 132/Rect[0 0 0 0]/P 3 0 R>>",
                    8: f"<<{form}/DA(/F1 12 Tf)>>", 9: "<</Title(Belge)/Producer(elle)>>"})
    for number, body in (more or {}).items():
        if isinstance(body, tuple):
            writer.stream(number, *body)
        else:
            writer.put(number, body)
    return writer.table(trailer).bytes()


FILES_TRAILER = "/Root 1 0 R/Info 14 0 R"


def with_files(data="", receipt=""):
    """The same as a form of ours: with its data and a file. More of their /EF: what others may read in place of /F."""
    return document("/AF[10 0 R 12 0 R]", trailer=FILES_TRAILER, more={
        10: f"<</Type/Filespec/UF(form.json)/EF<</F 11 0 R{data}>>>>", 11: ("/Subtype/application#2Fjson", b'{"a":1}'), 14: "<</Subject(renewal 1)>>",
        12: f"<</Type/Filespec/UF(a.pdf)/XXImzaAttachment(bank-receipt)/EF<</F 13 0 R{receipt}>>>>", 13: ("/Subtype/application#2Fpdf", b"%PDF-")})


def later_files(signed):
    """(what, file): files of it that were changed after the signature."""
    yield "a file's content", Update(signed).stream(13, "/Subtype/application#2Fpdf", b"%PDF-2").done(FILES_TRAILER)
    yield "a file's name", Update(signed).put(12, "<</Type/Filespec/UF(b.pdf)/XXImzaAttachment(bank-receipt)/EF<</F 13 0 R>>>>").done(FILES_TRAILER)
    yield "another file in its place", Update(signed).stream(30, "", b"%PDF-2").put(12, "<</Type/Filespec/UF(a.pdf)/EF<</F 30 0 R>>>>").done(FILES_TRAILER)
    yield "a file more", Update(signed).put(1, objects_of(signed, 1)[-1].replace(b"/AF[10 0 R 12 0 R]", b"/AF[10 0 R 12 0 R 12 0 R]")).done(FILES_TRAILER)
    yield "a file less", Update(signed).put(1, objects_of(signed, 1)[-1].replace(b"/AF[10 0 R 12 0 R]", b"/AF[10 0 R]")).done(FILES_TRAILER)


class Update(inputs.Writer):
    """A further revision behind a file with a table."""

    def __init__(self, data):
        super().__init__(data if data.endswith(b"\n") else data + b"\n")
        self.entries = {}
        self.previous = int(re.findall(rb"startxref\s+(\d+)", data)[-1])
        self.size_before = max(int(size) for size in re.findall(rb"/Size (\d+)", data))

    def size(self):
        return max(self.size_before, max(self.entries, default=0) + 1)

    def done(self, trailer="/Root 1 0 R/Info 9 0 R"):
        return self.table(trailer).bytes()


def widget(name, more="", rect="0 0 0 0", kind="/FT/Sig"):
    return f"<</Type/Annot/Subtype/Widget{kind}/T({name})/F 132/Rect[{rect}]/P 3 0 R{more}>>"


def objects_of(data, number):
    """The bodies that an object has had, the newest last."""
    return [body.strip() for body in re.findall(rb"(?:^|\n)%d 0 obj\s(.*?)\sendobj" % number, data, re.S)]


def later(signed):
    """(name, bytes, changes): later revisions that are allowed after a signature of ours on document()."""
    page, form = objects_of(signed, 3)[-1].decode(), objects_of(signed, 8)[-1].decode()
    catalog = objects_of(signed, 1)[-1].decode()
    empty = Update(signed).put(30, widget("yeni"))
    empty.put(3, page.replace("/Annots [", "/Annots [30 0 R ") if False else re.sub(r"(/Annots ?\[[^\]]*)\]", r"\1 30 0 R]", page))
    empty.put(8, re.sub(r"(/Fields ?\[[^\]]*)\]", r"\1 30 0 R]", form))
    yield "an empty field", empty.done(), ["signature"]
    dss = Update(signed).put(1, catalog[:-2] + "/DSS 30 0 R/Extensions<</ESIC<</BaseVersion/1.7/ExtensionLevel 1>>>>>>").put(30, "<</Certs[31 0 R]>>")
    yield "validation data", dss.stream(31, "", b"x").done(), ["validation_data"]
    yield "its metadata", Update(signed).put(9, "<</Title(Belge)/Producer(baska)/ModDate(D:20261124083000Z)>>").done(), ["metadata"]
    yield "the same, rewritten", Update(signed).put(5, "<</Subtype/Type1 /BaseFont/Helv#65tica/Type/Font>>").done(), []
    yield "an object that nothing leads to", Update(signed).put(30, "<</A 1>>").done(), []


def attacks(signed):
    """(name, bytes): later revisions that must not pass."""
    page, form = objects_of(signed, 3)[-1].decode(), objects_of(signed, 8)[-1].decode()
    catalog, signature = objects_of(signed, 1)[-1].decode(), max(int(n) for n in re.findall(rb"\n(\d+) 0 obj\n<</Type /Sig", signed))
    field = signature + 1
    annotations = lambda more: re.sub(r"(/Annots ?\[[^\]]*)\]", rf"\1 {more}]", page)  # noqa: E731
    fields = lambda more: re.sub(r"(/Fields ?\[[^\]]*)\]", rf"\1 {more}]", form)  # noqa: E731

    # Replace: what is seen is another object of the same number.
    yield "the page's text is replaced", Update(signed).stream(4, "", OTHER_TEXT).done()
    yield "the page leads to another text", Update(signed).stream(30, "", OTHER_TEXT).put(3, page.replace("4 0 R", "30 0 R")).done()
    yield "a font is replaced", Update(signed).put(5, "<</Type/Font/Subtype/Type1/BaseFont/Symbol>>").done()
    yield "the page's size is changed", Update(signed).put(3, page.replace("200 200", "200 100")).done()
    yield "another page is put before", Update(signed).put(30, page).put(2, "<</Type/Pages/Kids[30 0 R 3 0 R]/Count 2>>").done()
    yield "the pages are others", Update(signed).put(30, "<</Type/Pages/Kids[3 0 R 3 0 R]/Count 2>>").put(1, catalog.replace("2 0 R", "30 0 R")).done()
    yield "another catalog", Update(signed).put(30, catalog).done("/Root 30 0 R/Info 9 0 R")
    yield "a program that runs at opening", Update(signed).put(1, catalog[:-2] + "/OpenAction<</S/JavaScript/JS(app.alert)>>>>").done()
    yield "the title is changed", Update(signed).put(9, "<</Title(Baska)/Producer(elle)>>").done()
    # Hide: something is laid over.
    yield "an annotation over the page", Update(signed).put(30, "<</Type/Annot/Subtype/Square/Rect[0 0 200 200]/IC[1 1 1]>>").put(
        3, annotations("30 0 R")).done()
    yield "a text field over the page", Update(signed).put(30, widget("ortu", "/V(999)", "0 0 200 200", "/FT/Tx")).put(
        3, annotations("30 0 R")).put(8, fields("30 0 R")).done()
    yield "an unsigned signature field that draws", Update(signed).stream(31, "/Subtype/Form/BBox[0 0 200 200]", b"1 g 0 0 200 200 re f").put(
        30, widget("ortu", "/AP<</N 31 0 R>>", "0 0 200 200")).put(3, annotations("30 0 R")).put(8, fields("30 0 R")).done()
    yield "a signature that draws and is in no form", Update(signed).stream(31, "/Subtype/Form/BBox[0 0 200 200]", b"1 g 0 0 200 200 re f").put(
        32, "<</Type/Sig/SubFilter/ETSI.CAdES.detached/ByteRange[0 0 0 0]/Contents<00>>>").put(
        30, widget("ortu", "/V 32 0 R/AP<</N 31 0 R>>", "0 0 200 200")).put(3, annotations("30 0 R")).done()
    yield "a time-stamp field that draws", Update(signed).stream(31, "/Subtype/Form/BBox[0 0 200 200]", b"1 g 0 0 200 200 re f").put(
        32, "<</Type/DocTimeStamp/SubFilter/ETSI.RFC3161/ByteRange[0 0 0 0]/Contents<00>>>").put(
        30, widget("ortu", "/V 32 0 R/AP<</N 31 0 R>>", "0 0 200 200")).put(3, annotations("30 0 R")).put(8, fields("30 0 R")).done()
    yield "a signature field with an action", Update(signed).put(30, widget("yeni", "/AA<</E<</S/JavaScript/JS(1)>>>>")).put(
        3, annotations("30 0 R")).put(8, fields("30 0 R")).done()
    yield "an annotation is taken away", Update(signed).put(3, re.sub(r"/Annots ?\[[^\]]*\]", "/Annots[7 0 R]", page)).done()
    yield "a field is hidden", Update(signed).put(6, objects_of(signed, 6)[-1].replace(b"/F 4", b"/F 2")).done()
    yield "a field is filled in", Update(signed).put(6, objects_of(signed, 6)[-1][:-2] + b"/V(Ali)>>").done()
    # The signature itself.
    yield "the signature's field is changed", Update(signed).put(field, objects_of(signed, field)[-1].replace(b"Imza1", b"Imza9")).done()
    yield "the signature is taken out of the form", Update(signed).put(8, re.sub(r"/Fields ?\[[^\]]*\]", "/Fields[6 0 R 7 0 R]", form)).done()
    yield "the signature's dictionary is rewritten", Update(signed).put(signature, objects_of(signed, signature)[-1]).done()
    yield "a second field with its name", Update(signed).put(30, widget("Imza1", f"/V {signature} 0 R")).put(3, annotations("30 0 R")).put(
        8, fields("30 0 R")).done()
    yield "a second field with its signature", Update(signed).put(30, widget("Imza8", f"/V {signature} 0 R")).put(3, annotations("30 0 R")).put(
        8, fields("30 0 R")).done()
    # Cross-references.
    yield "an object is freed", bytes(freed(signed, 5))
    yield "an object with another generation", Update(signed).put(5, "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>", 1).done()
    yield "a number leads into the signed bytes", pointed(signed, 5, signed.index(b"\n9 0 obj") + 1)
    yield "a number leads to an older revision", pointed(signed, 3, signed.index(b"\n3 0 obj") + 1)
    yield "cross-references that leave the signed ones out", whole_table(signed)


def freed(signed, number):
    update = Update(signed)
    update.entries[number] = (0, 1, "f")
    return update.done()


def pointed(signed, number, where):
    """A later table says that an object stands elsewhere in the signed bytes."""
    update = Update(signed)
    update.entries[number] = (where, 0, "n")
    return update.done()


def whole_table(signed):
    """A later revision that starts anew, without /Prev."""
    update = Update(signed)
    for number, at in re.findall(rb"(?:^|\n)((\d+) 0 obj)", signed):
        update.entries[int(at)] = (signed.rindex(b"\n" + number) + 1, 0, "n")
    update.previous = None
    return update.done()


def shadowed(kind):
    """(before, change): a document that was prepared before it was signed, and how it is changed after."""
    stream = ("/Type/XObject/Subtype/Form/BBox[0 0 200 200]", OTHER_TEXT)
    if kind == "an object that was left open":
        return document(page=PAGE.replace("4 0 R", "[4 0 R 40 0 R]")), lambda signed: Update(signed).stream(40, "", OTHER_TEXT).done()
    if kind == "the catalog as resources, a DSS as font":
        return (document(page=PAGE.replace("<</Font<</F1 5 0 R>>>>", "<</Font 1 0 R>>")),
                lambda signed: Update(signed).put(1, objects_of(signed, 1)[-1][:-2] + b"/DSS<</Type/Font/Subtype/Type3>>>>").done())
    if kind == "the catalog as resources, metadata as drawing":
        return (document(page=PAGE.replace("<</Font<</F1 5 0 R>>>>", "<</Font<</F1 5 0 R>>/XObject 1 0 R>>")),
                lambda signed: Update(signed).stream(40, *stream).put(1, objects_of(signed, 1)[-1][:-2] + b"/Metadata 40 0 R>>").done())
    if kind == "metadata as the page's text":
        xml = ("/Type/Metadata/Subtype/XML", TEXT)
        return (document("/Metadata 20 0 R", PAGE.replace("4 0 R", "20 0 R"), {20: xml}),
                lambda signed: Update(signed).stream(20, xml[0], OTHER_TEXT).done())
    if kind == "document information as resources":
        return (document(page=PAGE.replace("<</Font<</F1 5 0 R>>>>", "<</Font<</F1 5 0 R>>/XObject 9 0 R>>")),
                lambda signed: Update(signed).stream(40, *stream).put(9, "<</Title(Belge)/Producer 40 0 R>>").done())
    if kind == "a field as resources":
        return (document(page=PAGE.replace("<</Font<</F1 5 0 R>>>>", "<</Font<</F1 5 0 R>>/XObject 7 0 R>>")),
                lambda signed: Update(signed).stream(40, *stream).put(41, "<</Type/Sig/SubFilter/ETSI.CAdES.detached/ByteRange[0 0 0 0]/Contents<00>>>")
                .put(7, objects_of(signed, 7)[-1][:-2] + b"/V 41 0 R/AP 40 0 R>>").done())
    if kind == "an entry that stands there twice":
        twice = PAGE.replace("/Contents 4 0 R", "/Contents 4 0 R/Contents 20 0 R")
        return (document(page=twice, more={20: ("", OTHER_TEXT)}),
                lambda signed: Update(signed).put(3, objects_of(signed, 3)[-1].replace(b"/Contents 4 0 R", b"")).done())
    raise KeyError(kind)


SHADOWS = ["an object that was left open", "the catalog as resources, a DSS as font", "the catalog as resources, metadata as drawing",
           "metadata as the page's text", "document information as resources", "a field as resources", "an entry that stands there twice"]


# --- what the signature covers -----------------------------------------------------------------------------------------

def gap(signed):
    """Where the last signature's /Contents stands, with its brackets."""
    before, after, _ = map(int, RANGE.findall(signed)[-1])
    return before, after


def with_range(signed, text):
    at = list(RANGE.finditer(signed))[-1]
    new = b"/ByteRange [" + text.encode()
    return signed[:at.start()] + new.ljust(at.end() - at.start() - 1) + b"]" + signed[at.end():]


def with_cms(signed, der):
    """The last signature's CMS replaced; as long as the place for it."""
    before, after = gap(signed)
    return signed[:before + 1] + der.hex().upper().encode().ljust(after - before - 2, b"0") + signed[after - 1:]


def cms_of(signed):
    before, after = gap(signed)
    return cms.ContentInfo.load(bytes.fromhex(signed[before + 1:after - 1].decode())).dump()


def misranged(signed):
    """(name, bytes): the covered bytes are not all but the place of the signature."""
    before, after, rest = map(int, RANGE.findall(signed)[-1])
    yield "a byte more left out before", with_range(signed, f"0 {before - 1} {after} {rest}")
    yield "a byte more left out after", with_range(signed, f"0 {before} {after + 1} {rest - 1}")
    yield "the end left out", with_range(signed, f"0 {before} {after} {rest - 20}")
    yield "the beginning left out", with_range(signed, f"1 {before - 1} {after} {rest}")
    yield "a part twice", with_range(signed, f"0 {before} {before} {rest}")
    yield "beyond the end", with_range(signed, f"0 {before} {after} {rest + 1}")
    yield "three numbers", with_range(signed, f"0 {before} {after}")
    yield "negative", with_range(signed, f"0 {before} {after} -{rest}")
    yield "nothing", with_range(signed, "0 0 0 0")
    yield "bytes after the end", signed + b"\n%garbage\n"
    yield "trailing data in its place", with_cms(signed, cms_of(signed) + b"\0\0\1")
    yield "a second signature in its place", with_cms(signed, cms_of(signed) + cms_of(signed))
    # Universal signature forgery: what would be checked is not there.
    contents = signed[before:after]
    yield "no range", signed.replace(b"/ByteRange", b"/ByteRang_")
    yield "a range that is null", RANGE.sub(lambda found: b"/ByteRange null".ljust(len(found[0])), signed)
    for name, value in (("empty", b"<"), ("zeros", b"<" + b"0" * (len(contents) - 2)), ("null", b"null"), ("a reference to nothing", b"999 0 R")):
        value = value.ljust(len(contents) - 1) + b">" if value[:1] == b"<" else value.ljust(len(contents))
        yield f"a signature that is {name}", signed[:before] + value + signed[after:]
    yield "no signature", signed.replace(b"/Contents <", b"/Content_ <")


# --- CMS ---------------------------------------------------------------------------------------------------------------

class Cms:
    """A CMS SignedData of one signer, made with asn1crypto as told, right or wrong; the signed attributes in the order given."""

    def __init__(self, signer, content=b"icerik", digest="sha256", attached=True):
        self.signer, self.content, self.digest, self.attached = signer, content, digest, attached
        self.certificate = x509.Certificate.load(signer.der())
        self.certificates = [self.certificate]
        self.extra_certificates, self.without, self.more, self.unsigned = [], (), [], None
        self.ess_certificate, self.ess_digest, self.message_digest = self.certificate, None, None
        self.time = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
        self.signature, self.signature_algorithm, self.content_type = None, None, "data"

    def hash(self, data):
        return hashlib.new(self.digest, data).digest()

    def attributes(self):
        rows = {
            "content_type": {"type": "content_type", "values": [self.content_type]},
            "signing_time": {"type": "signing_time", "values": [cms.Time({"utc_time": core.UTCTime(self.time)})]},
            "message_digest": {"type": "message_digest", "values": [self.message_digest or self.hash(self.content)]},
            "signing_certificate_v2": {"type": "signing_certificate_v2", "values": [self.ess()]},
        }
        return cms.CMSAttributes([cms.CMSAttribute(row) for name, row in rows.items() if name not in self.without] + self.more)

    def ess(self):
        der = self.ess_certificate.dump()
        certificate_id = {"cert_hash": self.ess_digest or hashlib.sha256(der).digest()}
        return tsp.SigningCertificateV2({"certs": [tsp.ESSCertIDv2(certificate_id)]})

    def sign(self, data):
        return self.signer.sign_der(self.hash(data), self.digest)

    def signer_info(self):
        attributes = self.attributes()
        value = self.signature or self.sign(b"\x31" + attributes.dump()[1:])
        algorithm = self.signature_algorithm or ("rsassa_pkcs1v15" if isinstance(self.signer.key, rsa.RSAPrivateKey) else f"{self.digest}_ecdsa")
        info = {
            "version": "v1",
            "sid": cms.SignerIdentifier({"issuer_and_serial_number": cms.IssuerAndSerialNumber(
                {"issuer": self.certificate.issuer, "serial_number": self.certificate.serial_number})}),
            "digest_algorithm": algos.DigestAlgorithm({"algorithm": self.digest}),
            "signed_attrs": attributes,
            "signature_algorithm": algos.SignedDigestAlgorithm({"algorithm": algorithm}),
            "signature": value,
        }
        if self.unsigned is not None:
            info["unsigned_attrs"] = self.unsigned
        return cms.SignerInfo(info)

    def message(self, *others):
        """With the signers of other Cms objects beside this one's."""
        content = {"content_type": "data"}
        if self.attached:
            content["content"] = self.content
        signers = [self, *others]
        certificates = {c.dump(): c for one in signers for c in one.certificates + one.extra_certificates}
        return cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData({
            "version": "v1", "digest_algorithms": [algos.DigestAlgorithm({"algorithm": self.digest})],
            "encap_content_info": content, "certificates": list(certificates.values()),
            "signer_infos": [one.signer_info() for one in signers]})}).dump()


def is_unsigned_part(was, now, signer):
    """Whether two CMS differ where nothing is signed (RFC 5652): versions, the list of digests, the signer's name, others' certificates."""
    at = next(i for i, pair in enumerate(zip(was, now)) if pair[0] != pair[1])
    data = cms.ContentInfo.load(was, strict=False)["content"]
    info = data["signer_infos"][0]
    others = [c.dump() for c in data["certificates"] if c.dump() != signer.der()]
    parts = [data["version"].dump() + data["digest_algorithms"].dump(), info["version"].dump() + info["sid"].dump(), *others]
    return any(0 <= at - was.index(part) < len(part) for part in parts)


def tlv(tag, *parts):
    """An element of definite length."""
    body = b"".join(parts)
    if len(body) < 0x80:
        return bytes([tag, len(body)]) + body
    size = (len(body).bit_length() + 7) // 8
    return bytes([tag, 0x80 | size]) + len(body).to_bytes(size, "big") + body


def indefinite(tag, *parts):
    return bytes([tag, 0x80]) + b"".join(parts) + b"\0\0"


def in_ber(der, piece=1000):
    """A CMS as streaming programs write it: indefinite lengths outside, the content in pieces."""
    data = cms.ContentInfo.load(der)["content"]
    content = data["encap_content_info"]["content"].native
    pieces = [tlv(4, content[at:at + piece]) for at in range(0, len(content), piece)]
    inside = [data["version"].dump(), data["digest_algorithms"].dump(),
              indefinite(0x30, data["encap_content_info"]["content_type"].dump(), indefinite(0xa0, indefinite(0x24, *pieces))),
              data["certificates"].dump(), data["signer_infos"].dump()]
    return indefinite(0x30, core.ObjectIdentifier("1.2.840.113549.1.7.2").dump(), indefinite(0xa0, indefinite(0x30, *inside)))


def bombs():
    """(name, bytes): small files that would cost much."""
    yield "indefinite lengths in each other", b"\x30\x80" * 100_000
    yield "indefinite lengths in each other, closed", b"\x30\x80" * 50_000 + b"\0\0" * 50_000
    yield "sequences in each other", _nested(20_000)
    yield "octet strings in each other", indefinite(0x30, bytes.fromhex("06092a864886f70d010702"), indefinite(0xa0, indefinite(
        0x30, b"\2\1\1", b"\x31\0", indefinite(0x30, bytes.fromhex("06092a864886f70d010701"), indefinite(0xa0, b"\x24\x80" * 5000 + b"\0\0" * 5000)), b"\x31\0")))
    yield "millions of empty elements", indefinite(0x30, b"\4\0" * 6_000_000)
    yield "a length of everything", b"\x30\x84\xff\xff\xff\xff" + bytes(50)
    yield "a tag without an end", b"\x3f" + b"\xff" * 50
    yield "no end", b"\x30\x80\x06\x09"


def _nested(depth):
    data = b""
    for _ in range(depth):
        data = tlv(0x30, data)
    return data


def main(kind, folder):
    authority = Authority()
    keys = rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP256R1())
    signers = [authority.signer(key) for key in keys]
    rows = []
    if kind == "cms":
        for signer in signers:
            rows += [sign(signer, b"icerik"), sign(signer, b"icerik", packaging="detached"), in_ber(sign(signer, b"icerik"))]
        rows += [data for _, data in bombs() if len(data) < 20_000]
    else:
        signed = sign(signers[1], document(), format="pades")
        rows = [signed, sign(signers[0], signed, format="pades"), sign(signers[1], inputs.qpdf(inputs.small(), "--object-streams=generate"), format="pades")]
        rows += [data for _, data, _ in later(signed)] + [data for _, data in attacks(signed)] + [data for _, data in misranged(signed)]
        attached = sign(signers[1], with_files(), format="pades")
        rows += [attached, *(data for _, data in later_files(attached))]
        rows += [change(sign(signers[1], before, format="pades")) for before, change in map(shadowed, SHADOWS)]
    for data in rows:
        (Path(folder) / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)


if __name__ == "__main__":
    main(*sys.argv[1:])
