# SPDX-License-Identifier: Apache-2.0
"""The virtual card's keys and certificates: a made-up person's, from the demo authority (installer/demo-token)."""
import atexit
import datetime
import functools
import pathlib
import shutil
import subprocess
import tempfile

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

ROOT = pathlib.Path(__file__).resolve().parents[2]
SUBJECT = "/C=TR/serialNumber=10000000146/SN=Öğüt/GN=Çağla Şule/CN=Çağla Şule Öğüt"
# PIV key: CKA_ID that OpenSC gives it, what it is for, kind.
KEYS = {
    "9a": ("01", "authentication", ("EC", "P-256")),
    "9c": ("02", "qualified", ("RSA", "2048")),         # asks for the PIN before each signature
    "9d": ("03", "qualified", ("EC", "P-256")),
    "82": ("05", "qualified", ("EC", "P-384")),
}


def run(*command, **options):
    return subprocess.run([str(word) for word in command], check=True, capture_output=True, **options)


def issue(folder, authority, key):
    """A key and its certificate for a place of the card."""
    _, purpose, kind = KEYS[key]
    ca = authority / "ca"
    pem, request, certificate = (folder / (key + end) for end in (".pem", ".csr", ".crt"))
    options = {"RSA": "rsa_keygen_bits:", "EC": "ec_paramgen_curve:"}
    run("openssl", "genpkey", "-algorithm", kind[0], "-pkeyopt", options[kind[0]] + kind[1], "-out", pem)
    run("openssl", "req", "-new", "-utf8", "-key", pem, "-subj", SUBJECT, "-out", request)
    run("openssl", "x509", "-req", "-sha384", "-in", request, "-CA", ca / "issuing.pem", "-CAkey", ca / "issuing.key", "-days", "700",
        "-extfile", ca / "ca.cnf", "-extensions", purpose, "-set_serial", str(0x1000 + int(key, 16)), "-out", certificate)
    run("openssl", "x509", "-in", certificate, "-outform", "DER", "-out", folder / (key + ".der"))


@functools.cache
def made(keys):
    """A folder with an authority and these keys, made once a process; not to be changed."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="rigcard-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    run(ROOT / "installer/demo-token", folder / "authority", "--keep-ca")
    for key in keys:
        issue(folder, folder / "authority", key)
    return folder


class CardFiles:
    """A folder for piv_card, and the chain that its certificates end in. Without an authority of its own, those of the same keys are the same."""

    def __init__(self, authority=None, keys=tuple(KEYS)):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="rigcard-"))
        self.authority = authority or self.folder / "authority"
        self.chain = self.authority / "chain.pem"
        if authority is None:
            shutil.copytree(made(keys), self.folder, dirs_exist_ok=True)
        else:
            for key in keys:
                issue(self.folder, authority, key)

    def redate(self, key, first, last):
        """The same certificate, valid from the first to the last of these days from today."""
        path = self.folder / (key + ".der")
        old = x509.load_der_x509_certificate(path.read_bytes())
        issuer = serialization.load_pem_private_key((self.authority / "ca/issuing.key").read_bytes(), None)
        now = datetime.datetime.now(datetime.timezone.utc)
        builder = x509.CertificateBuilder(old.issuer, old.subject, old.public_key(), old.serial_number,
                                          now + datetime.timedelta(days=first), now + datetime.timedelta(days=last))
        for extension in old.extensions:
            builder = builder.add_extension(extension.value, extension.critical)
        path.write_bytes(builder.sign(issuer, hashes.SHA384()).public_bytes(serialization.Encoding.DER))

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)
