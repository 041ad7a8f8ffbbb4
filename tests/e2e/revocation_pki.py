# SPDX-License-Identifier: Apache-2.0
"""Three levels of certificates that name OCSP responders and CRLs, the answers that those may give, and loopback servers that give them."""
import datetime
import http.server
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from document_program import key_usage, name

NAME = ocsp.OCSPResponderEncoding.NAME
PEM, DER = serialization.Encoding.PEM, serialization.Encoding.DER


def now():
    return datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)


def hours(count):
    return datetime.timedelta(hours=count)


class Party:
    """A certificate and its key."""

    def __init__(self, certificate, key):
        self.certificate, self.key = certificate, key

    @property
    def serial(self):
        return self.certificate.serial_number

    def der(self):
        return self.certificate.public_bytes(DER)

    def pem(self):
        return self.certificate.public_bytes(PEM)

    def key_pem(self):
        return self.key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


class Pki:
    """Root, sub authority, and leaves on demand; names what it is told to name."""

    @staticmethod
    def key():
        return ec.generate_private_key(ec.SECP256R1())

    def __init__(self, root_crl=()):
        self.root = self.issue("KÖK", None, ca=True)
        self.sub = self.issue("ALT KÖK", self.root, ca=True, crl=root_crl)

    def issue(self, common_name, issuer, ca=False, ocsp_urls=(), crl=(), more=(), begin=None, end=None, usage=None):
        key = self.key()
        subject = name(common_name)
        begin, end = begin or now() - hours(48), end or now() + hours(24 * 300)
        usage = usage or (key_usage(key_cert_sign=True, crl_sign=True) if ca else key_usage(digital_signature=True, content_commitment=True))
        signer = issuer.key if issuer else key
        builder = (x509.CertificateBuilder().subject_name(subject).issuer_name(issuer.certificate.subject if issuer else subject)
                   .public_key(key.public_key()).serial_number(x509.random_serial_number()).not_valid_before(begin).not_valid_after(end)
                   .add_extension(x509.BasicConstraints(ca, None), True).add_extension(usage, True)
                   .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False))
        if ocsp_urls:
            builder = builder.add_extension(x509.AuthorityInformationAccess(
                [x509.AccessDescription(AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier(url)) for url in ocsp_urls]), False)
        if crl:
            builder = builder.add_extension(x509.CRLDistributionPoints(
                [x509.DistributionPoint([x509.UniformResourceIdentifier(url)], None, None, None) for url in crl]), False)
        for extension in more:
            builder = builder.add_extension(extension, False)
        return Party(builder.sign(signer, hashes.SHA256()), key)

    def leaf(self, **options):
        return self.issue("Çağla Öğüt", self.sub, **options)

    def responder(self, nocheck=True, purpose=ExtendedKeyUsageOID.OCSP_SIGNING, issuer=None):
        """One whom the sub authority has named for OCSP answers."""
        more = [x509.ExtendedKeyUsage([purpose])] + ([x509.OCSPNoCheck()] if nocheck else [])
        return self.issue("OCSP", issuer or self.sub, more=more, usage=key_usage(digital_signature=True))

    def trusted(self):
        return self.root.pem() + self.sub.pem()

    # --- answers ---

    def crl(self, revoked=(), issuer=None, signer=None, begin=None, end=None, more=()):
        """revoked: (party, reason or None) each."""
        issuer = issuer or self.sub
        builder = (x509.CertificateRevocationListBuilder().issuer_name(issuer.certificate.subject).last_update(begin or now() - hours(1))
                   .next_update(end or now() + hours(24)))
        for party, reason in revoked:
            entry = x509.RevokedCertificateBuilder().serial_number(party.serial).revocation_date(now() - hours(5))
            if reason is not None:
                entry = entry.add_extension(x509.CRLReason(reason), False)
            builder = builder.add_revoked_certificate(entry.build())
        for extension, critical in more:
            builder = builder.add_extension(extension, critical)
        return builder.sign((signer or issuer).key, hashes.SHA256()).public_bytes(DER)

    def ocsp(self, party, status=ocsp.OCSPCertStatus.GOOD, reason=None, signer=None, begin=None, end=None, revoked_at=None, nonce=None,
             certificates=(), responder=ocsp.OCSPResponderEncoding.HASH):
        revoked = status == ocsp.OCSPCertStatus.REVOKED
        begin = begin or now() - datetime.timedelta(minutes=1)
        builder = (ocsp.OCSPResponseBuilder().add_response(
            cert=party.certificate, issuer=self.sub.certificate, algorithm=hashes.SHA1(), cert_status=status, this_update=begin,
            next_update=end or begin + hours(2), revocation_time=(revoked_at or now() - hours(5)) if revoked else None, revocation_reason=reason)
            .responder_id(responder, (signer or self.sub).certificate))
        if certificates:
            builder = builder.certificates([c.certificate for c in certificates])
        if nonce is not None:
            builder = builder.add_extension(x509.OCSPNonce(nonce), False)
        return builder.sign((signer or self.sub).key, hashes.SHA256()).public_bytes(DER)


class Server:
    """HTTP on 127.0.0.1; `routes` maps a path to bytes, or to a function of (handler, body) that answers by itself."""

    def __init__(self, routes=None):
        self.routes, self.asked = dict(routes or {}), []
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                server.asked.append(self.path)
                content = server.routes.get(self.path)
                if content is None:
                    self.send_error(404)
                elif callable(content):
                    content(self, body)
                else:
                    give(self, content)

            do_GET = do_POST = answer

            def log_message(self, *unused):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)

    def url(self, path, host="127.0.0.1"):
        return f"http://{host}:{self.port}{path}"

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def give(handler, content, status=200, **headers):
    handler.send_response(status)
    for key, value in headers.items():
        handler.send_header(key.replace("_", "-"), value)
    handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    handler.wfile.write(content)


def late_server(content):
    """A route that gives content and has a clock that is far behind."""
    def answer(handler, body):
        handler.date_time_string = lambda timestamp=None: "Mon, 02 Nov 2020 10:00:00 GMT"
        give(handler, content)
    return answer


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class OpensslResponder:
    """`openssl ocsp` as the responder of a Pki's sub authority; `states` maps a Party to V (good) or R,reason (revoked)."""

    def __init__(self, pki, states, signer=None):
        self.folder = Path(tempfile.mkdtemp(prefix="ocsp-"))
        self.port = free_port()
        signer = signer or pki.sub
        for file, content in (("ca.pem", pki.sub.pem()), ("signer.pem", signer.pem()), ("signer.key", signer.key_pem())):
            (self.folder / file).write_bytes(content)
        end = (now() + hours(24 * 300)).strftime("%y%m%d%H%M%SZ")
        since = (now() - hours(5)).strftime("%y%m%d%H%M%SZ")
        lines = []
        for party, state in states.items():
            letter, _, reason = state.partition(",")
            serial = f"{party.serial:X}"
            serial = serial if len(serial) % 2 == 0 else "0" + serial
            lines.append(f"{letter}\t{end}\t{since + ',' + reason if letter == 'R' else ''}\t{serial}\tunknown\t/CN=x\n")
        (self.folder / "index.txt").write_text("".join(lines), encoding="ascii")

    def url(self):
        return f"http://127.0.0.1:{self.port}/"

    def __enter__(self):
        self.process = subprocess.Popen(
            ["openssl", "ocsp", "-index", self.folder / "index.txt", "-port", str(self.port), "-CA", self.folder / "ca.pem", "-rsigner",
             self.folder / "signer.pem", "-rkey", self.folder / "signer.key", "-nmin", "60"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        # "ACCEPT [::]:PORT PID=..."; a connection that asks nothing would keep it busy.
        self.process.stdout.readline()
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        shutil.rmtree(self.folder)


class FuzzedPki(Pki):
    """The names, numbers and keys of tests/fuzz/fuzz_revocation.c."""

    def __init__(self):
        self.count = 0
        super().__init__()

    def key(self):
        self.count += 1
        return ec.derive_private_key(1000 + self.count, ec.SECP256R1())

    def issue(self, common_name, issuer, **options):
        made = super().issue(common_name, issuer, **options)
        # Only names, keys and numbers stand in answers.
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
        builder = (x509.CertificateBuilder().subject_name(subject).issuer_name(issuer.certificate.subject if issuer else subject)
                   .public_key(made.key.public_key()).serial_number(self.count).not_valid_before(now()).not_valid_after(now() + hours(24)))
        return Party(builder.sign((issuer or made).key, hashes.SHA256()), made.key)


def main(folder):
    """Seeds for fuzz_revocation; they are fresh for ten years."""
    pki, later = FuzzedPki(), now() + hours(24 * 3650)
    leaf = pki.issue("Çağla", pki.sub)
    point = x509.IssuingDistributionPoint(None, None, True, False, None, False, False)
    seeds = {"ocsp_unsuccessful": ocsp.OCSPResponseBuilder.build_unsuccessful(ocsp.OCSPResponseStatus.TRY_LATER).public_bytes(DER),
             "crl_good": pki.crl(end=later), "crl_scope": pki.crl(end=later, more=[(point, True)]),
             "crl_delta": pki.crl(end=later, more=[(x509.DeltaCRLIndicator(1), True)]),
             "ocsp_delegated": pki.ocsp(leaf, end=later, responder=NAME, signer=leaf, certificates=[leaf])}
    for status in ocsp.OCSPCertStatus:
        seeds[f"ocsp_{status.name}"] = pki.ocsp(leaf, status, end=later, responder=NAME, nonce=bytes(16))
    for reason in (x509.ReasonFlags.key_compromise, x509.ReasonFlags.certificate_hold):
        seeds[f"crl_{reason.name}"] = pki.crl([(leaf, reason)], end=later)
    Path(folder).mkdir(parents=True, exist_ok=True)
    for name_of_seed, content in seeds.items():
        (Path(folder) / name_of_seed).write_bytes(content)


if __name__ == "__main__":
    main(sys.argv[1])
