# SPDX-License-Identifier: Apache-2.0
"""What the tests of imza-document and imza-fetch share: the program on descriptor 3, a test authority with Turkish profiles, a card made of software."""
import array
import base64
import datetime
import hashlib
import json
import os
import resource
import socket
import struct
import subprocess
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, decode_dss_signature
from cryptography.x509.oid import NameOID, ObjectIdentifier
from patience import patient

# A batch holds two files a document open.
resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
BUILD = Path(os.environ.get("IMZA_BUILD", Path(__file__).resolve().parents[2] / "build"))
# With sanitizers the same bytes come out as without: what others say of these is asked once.
SANITIZED = "asan" in BUILD.name
SUPPRESSIONS = Path(__file__).with_name("toolkit.supp")
SECONDS = patient(60)


class Refused(Exception):
    """The program answered with an error; `reason` is its name in proto/errors.json."""

    def __init__(self, error):
        super().__init__(f"{error['reason']}: {error.get('detail', '')}")
        self.reason, self.detail = error["reason"], error.get("detail")


class Program:
    """One imza-document or imza-fetch, started with these arguments; use it in a `with`."""

    def __init__(self, *arguments, name="imza-document"):
        self.name, self.arguments = name, [str(argument) for argument in arguments]

    def __enter__(self):
        self.socket, theirs = socket.socketpair()
        self.socket.settimeout(SECONDS)
        self.log = open(os.memfd_create("log"), "w+b")
        self.process = subprocess.Popen(["/bin/bash", "-c", f'exec "$0" "$@" 3<&{theirs.fileno()} 0</dev/null 1>/dev/null', str(BUILD / "agent" / self.name),
                                         *self.arguments],
                                        pass_fds=[theirs.fileno()], stderr=self.log, env={**os.environ, "LSAN_OPTIONS": f"suppressions={SUPPRESSIONS}"})
        theirs.close()
        self.id = 0
        return self

    def __exit__(self, *unused):
        self.socket.close()
        try:
            self.code = self.process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.code = self.process.wait()
        self.log.seek(0)
        self.words = self.log.read().decode()
        self.log.close()
        # A sanitizer's report, a crash or a hang fails whichever test it happened in.
        if self.code != 0 and unused[0] in (None, Refused, EOFError):
            raise AssertionError(f"{self.name} ended with {self.code}\n{self.words}")

    def receive(self, count):
        data = b""
        while len(data) < count:
            piece = self.socket.recv(count - len(data))
            if not piece:
                raise EOFError(f"{self.name} has gone")
            data += piece
        return data

    def call(self, op, fds=(), **members):
        self.id += 1
        body = json.dumps({"id": self.id, "op": op, **members}).encode()
        message = struct.pack(">I", len(body)) + body
        control = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else []
        sent = self.socket.sendmsg([message], control)
        self.socket.sendall(message[sent:])
        answer = json.loads(self.receive(struct.unpack(">I", self.receive(4))[0]))
        if answer["id"] != self.id:
            raise AssertionError(f"answer to {answer['id']}, not {self.id}")
        if "error" in answer:
            raise Refused(answer["error"])
        return answer["result"]


# --- the authority -----------------------------------------------------------------------------------------------------

QC_STATEMENTS = ObjectIdentifier("1.3.6.1.5.5.7.1.3")
# QcCompliance, and law 5070's statement (2.16.792.1.61.0.1.5070.1.1).
STATEMENTS = bytes.fromhex("3019 3008 0606 0400 8e46 0101 300d 060b 6086 1801 3d00 01a7 4e01 01".replace(" ", ""))
NOTICE = "Bu sertifika yalnızca deneme içindir."


def name(common_name, **more):
    attributes = [x509.NameAttribute(NameOID.COUNTRY_NAME, "TR"), x509.NameAttribute(NameOID.COMMON_NAME, common_name)]
    return x509.Name(attributes + [x509.NameAttribute(getattr(NameOID, key), value) for key, value in more.items()])


def key_usage(**on):
    every = ["digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign",
             "encipher_only", "decipher_only"]
    return x509.KeyUsage(**{usage: usage in on for usage in every})


class Signer:
    """A certificate and the software card that holds its key."""

    def __init__(self, key, certificate, chain):
        self.key, self.certificate, self.chain = key, certificate, chain

    def der(self):
        return self.certificate.public_bytes(serialization.Encoding.DER)

    def request(self):
        return {"certificate": base64.b64encode(self.der()).decode(),
                "chain": [base64.b64encode(c.public_bytes(serialization.Encoding.DER)).decode() for c in self.chain]}

    def sign(self, digest, algorithm):
        """What imza-token gives: PKCS #1 v1.5, or r || s."""
        prehashed = Prehashed(getattr(hashes, algorithm.upper())())
        if isinstance(self.key, rsa.RSAPrivateKey):
            return self.key.sign(digest, padding.PKCS1v15(), prehashed)
        r, s = decode_dss_signature(self.key.sign(digest, ec.ECDSA(prehashed)))
        size = (self.key.curve.key_size + 7) // 8
        return r.to_bytes(size, "big") + s.to_bytes(size, "big")


    def sign_der(self, digest, algorithm):
        """The same as CMS wants it."""
        prehashed = Prehashed(getattr(hashes, algorithm.upper())())
        if isinstance(self.key, rsa.RSAPrivateKey):
            return self.key.sign(digest, padding.PKCS1v15(), prehashed)
        return self.key.sign(digest, ec.ECDSA(prehashed))


class Authority:
    """A root, an issuing authority, and signers of several kinds."""

    def __init__(self):
        now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
        self.begin, self.end = now - datetime.timedelta(hours=1), now + datetime.timedelta(days=1000)
        self.root_key, self.issuing_key = ec.generate_private_key(ec.SECP384R1()), ec.generate_private_key(ec.SECP384R1())
        root, issuing = name("TEST NES EC384 KÖK"), name("TEST NES EC384 ALT KÖK")
        usage = key_usage(key_cert_sign=True, crl_sign=True)
        self.root = self.issue(root, self.root_key, root, self.root_key, usage, ca=True)
        self.issuing = self.issue(issuing, self.issuing_key, root, self.root_key, usage, ca=True)

    def issue(self, subject, key, issuer, issuer_key, usage, ca=False, more=()):
        builder = (x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
                   .serial_number(x509.random_serial_number()).not_valid_before(self.begin).not_valid_after(self.end)
                   .add_extension(x509.BasicConstraints(ca, None), True)
                   .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
                   .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), False))
        if usage is not None:
            builder = builder.add_extension(usage, True)
        for extension in more:
            builder = builder.add_extension(extension, False)
        return builder.sign(issuer_key, hashes.SHA384())

    def signer(self, key, usage=key_usage(digital_signature=True, content_commitment=True)):
        subject = name("Çağla Şule Öğüt", SERIAL_NUMBER="10000000146", SURNAME="Öğüt", GIVEN_NAME="Çağla Şule")
        policies = x509.CertificatePolicies([x509.PolicyInformation(ObjectIdentifier("2.16.792.1.2.1.1.5.7.1.1"), [x509.UserNotice(None, NOTICE)])])
        more = [policies, x509.UnrecognizedExtension(QC_STATEMENTS, STATEMENTS)]
        return Signer(key, self.issue(subject, key, self.issuing.subject, self.issuing_key, usage, more=more), [self.issuing, self.root])

    def pem(self):
        return self.root.public_bytes(serialization.Encoding.PEM)


# --- a whole signature -------------------------------------------------------------------------------------------------

def memfd(content=b""):
    fd = os.memfd_create("document")
    with open(os.dup(fd), "wb") as file:
        file.write(content)
    return fd


def whole(fd):
    size = os.fstat(fd).st_size
    return os.pread(fd, size, 0)


def prepare(program, signer, source, output, job=1, **members):
    request = {"job": job, "format": "cades", "level": "B-B", "packaging": "attached", "name": "belge", "mediaType": "application/octet-stream",
               "digestAlgorithm": "sha256", **signer.request(), **members}
    return program.call("prepare", [source, output], **request)


def sign(signer, content, program=None, **members):
    """prepare and finish in one go; returns the output's bytes. Without a program it starts one of its own."""
    if program is None:
        with Program() as own:
            return sign(signer, content, own, **members)
    source, output = memfd(content), memfd()
    try:
        prepared = prepare(program, signer, source, output, **members)
        value = signer.sign(base64.b64decode(prepared["digest"]), prepared["digestAlgorithm"])
        finished = program.call("finish", job=members.get("job", 1), signature=base64.b64encode(value).decode())
        signed = whole(output)
        if finished["size"] != len(signed) or finished["sha256"] != hashlib.sha256(signed).hexdigest():
            raise AssertionError(f"the program says {finished}")
        return signed
    finally:
        os.close(source)
        os.close(output)
