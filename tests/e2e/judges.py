# SPDX-License-Identifier: Apache-2.0
"""Other people's programs that say whether a signature is good: pdfsig, pyHanko, openssl."""
import asyncio
import io
import logging
import pathlib
import subprocess
import tempfile

from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

logging.getLogger("pyhanko").setLevel(logging.CRITICAL)
logging.getLogger("pyhanko_certvalidator").setLevel(logging.CRITICAL)


def certificates(path):
    """Every certificate of a PEM file."""
    end = "-----END CERTIFICATE-----\n"
    parts = [part + end for part in pathlib.Path(path).read_text(encoding="ascii").split(end) if "BEGIN" in part]
    with tempfile.TemporaryDirectory() as folder:
        found = []
        for part in parts:
            file = pathlib.Path(folder, "c.pem")
            file.write_text(part, encoding="ascii")
            found.append(load_cert_from_pemder(str(file)))
    return found


def pdfsig(content):
    """What pdfsig prints of a PDF."""
    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        file.write(content)
        file.flush()
        return subprocess.run(["pdfsig", "-nocert", file.name], capture_output=True, text=True, check=False).stdout


def pyhanko(content, chain):
    """pyHanko's status of the last signature of a PDF, its chain taken from the PEM file `chain` and its root trusted."""
    return _status(PdfFileReader(io.BytesIO(content)).embedded_signatures[-1], chain)


def _status(signature, chain):
    authorities = certificates(chain)
    roots = [c for c in authorities if c.self_issued]
    context = ValidationContext(trust_roots=roots, other_certs=authorities, allow_fetching=False, revocation_mode="soft-fail")
    return asyncio.run(async_validate_pdf_signature(signature, signer_validation_context=context))


def pdf_is_good(content, chain):
    """Both accept the last signature, and it covers the whole file."""
    printed = pdfsig(content)
    if "Signature Validation: Signature is Valid." not in printed or "Total document signed" not in printed:
        return False
    status = pyhanko(content, chain)
    return bool(status.intact and status.valid and status.trusted and status.coverage.name == "ENTIRE_FILE" and status.bottom_line)


def pdf_signatures_are_good(content, chain, count):
    """Both accept each of its signatures, and take what came after a signature for further signatures only."""
    if pdfsig(content).count("Signature Validation: Signature is Valid.") != count:
        return False
    signatures = PdfFileReader(io.BytesIO(content)).embedded_signatures
    statuses = [_status(signature, chain) for signature in signatures]
    return len(statuses) == count and all(s.intact and s.valid and s.trusted and s.bottom_line for s in statuses)


def pdf_is_refused(content, chain):
    """Neither accepts it."""
    if "Signature is Valid." in pdfsig(content):
        return False
    try:
        status = pyhanko(content, chain)
    except Exception:  # whatever pyHanko says of a broken file, it is no acceptance
        return True
    return not (status.intact and status.valid)


def cms_content(cms, chain, content=None):
    """openssl's word on a CMS with CAdES attributes: the content that it covers, or None when it is refused."""
    with tempfile.TemporaryDirectory() as folder:
        message, detached, out = (pathlib.Path(folder, name) for name in ("cms", "content", "out"))
        message.write_bytes(cms)
        command = ["openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", message, "-CAfile", chain, "-purpose", "any",
                   "-out", out]
        if content is not None:
            detached.write_bytes(content)
            command += ["-content", detached]
        if subprocess.run(command, capture_output=True, check=False).returncode != 0:
            return None
        return out.read_bytes()
