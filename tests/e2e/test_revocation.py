# SPDX-License-Identifier: Apache-2.0
"""imza-fetch: chains, OCSP answers and CRLs of every kind; and attack 26 of the design: addresses that a certificate may not send us to."""
import base64
import gzip
import os
import shutil
import tempfile
import time
import unittest
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from document_program import Program, Refused, memfd
from patience import patient
from revocation_pki import OpensslResponder, Pki, Server, free_port, give, hours, late_server, now

GOOD, REVOKED, UNKNOWN = ocsp.OCSPCertStatus.GOOD, ocsp.OCSPCertStatus.REVOKED, ocsp.OCSPCertStatus.UNKNOWN
KEY_COMPROMISE, HOLD = x509.ReasonFlags.key_compromise, x509.ReasonFlags.certificate_hold
REVOKED_ENTRIES = [("REVOKED", KEY_COMPROMISE, "revoked", "keyCompromise"), ("SUSPENDED", HOLD, "suspended", "certificateHold")]


def base64_text(content):
    return base64.b64encode(content).decode()


class Case(unittest.TestCase):
    """A server, authorities whose root CRL it gives, and one validation at a time."""

    def setUp(self):
        self.cache = Path(tempfile.mkdtemp(prefix="revocation-"))
        self.addCleanup(shutil.rmtree, self.cache)
        self.server = Server()
        self.server.__enter__()
        self.addCleanup(self.server.__exit__)
        self.pki = Pki(root_crl=[self.server.url("/root.crl")])
        self.server.routes["/root.crl"] = self.pki.crl(issuer=self.pki.root)

    def validate(self, leaf, trusted=None, hosts=("127.0.0.1",), cache=True, **members):
        anchors = memfd(self.pki.trusted() if trusted is None else trusted)
        try:
            with Program(*([self.cache] if cache else []), name="imza-fetch") as program:
                result = program.call("validate", [anchors], certificate=base64_text(leaf.der()), hosts=list(hosts), **members)
        finally:
            os.close(anchors)
        self.codes = [reason["code"] for reason in result["reasons"]]
        self.status = result["status"]
        self.revocation = result["chain"][0].get("revocation", {})
        self.problems = [attempt["problem"] for attempt in self.revocation.get("attempts", [])]
        return result

    def ocsp_leaf(self, answer=None, **options):
        """A leaf whose OCSP address gives this answer (bytes, or a function of the leaf)."""
        leaf = self.pki.leaf(ocsp_urls=[self.server.url("/ocsp")], **options)
        self.server.routes["/ocsp"] = answer(leaf) if answer else self.pki.ocsp(leaf)
        return leaf

    def crl_leaf(self, make, **options):
        leaf = self.pki.leaf(crl=[self.server.url("/sub.crl")], **options)
        self.server.routes["/sub.crl"] = make(leaf)
        return leaf

    def check_unknown(self, problem):
        """Nothing is known, the chain is told all the same, and this is why."""
        self.assertEqual((self.status, self.codes, self.problems), ("indeterminate", ["TRY_LATER"], [problem]))
        self.assertEqual(self.revocation["status"], "unknown")


class TestOcsp(Case):
    """OCSP answers (RFC 6960)."""

    def test_the_real_responder_of_openssl(self):
        port_holder = {}
        good, bad, held, unknown = (self.pki.leaf(ocsp_urls=[f"http://127.0.0.1:{port_holder.setdefault('port', free_port())}/"]) for _ in range(4))
        responder = OpensslResponder(self.pki, {good: "V", bad: "R,keyCompromise", held: "R,certificateHold"})
        responder.port = port_holder["port"]
        with responder:
            result = self.validate(good)
            self.assertEqual((self.status, self.codes, self.problems), ("valid", [], []))
            self.assertEqual(self.revocation["source"], "ocsp")
            self.assertEqual([entry["anchor"] for entry in result["chain"]], [False, False, True])
            self.assertEqual(result["chain"][1]["revocation"]["source"], "crl")
            self.validate(bad)
            self.assertEqual((self.status, self.codes, self.revocation["reason"]), ("invalid", ["REVOKED"], "keyCompromise"))
            self.assertLess(self.revocation["revokedAt"], now().isoformat())
            self.validate(held)
            self.assertEqual((self.status, self.codes, self.revocation["status"]), ("invalid", ["SUSPENDED"], "suspended"))
            self.validate(unknown)
            self.check_unknown("unknown_certificate")

    def test_delegated_responders(self):
        for label, responder, code in (("named", self.pki.responder(), []), ("revocable", self.pki.responder(nocheck=False), ["RESPONDER_NOT_CHECKED"])):
            with self.subTest(label):
                leaf = self.ocsp_leaf(lambda leaf, r=responder: self.pki.ocsp(leaf, signer=r, certificates=[r]))
                self.validate(leaf)
                self.assertEqual((self.status, self.codes), ("valid", code))
        stranger = Pki()
        for label, responder, problem in (
                ("of another purpose", self.pki.responder(purpose=ExtendedKeyUsageOID.CLIENT_AUTH), "responder_not_authorised"),
                ("named by the root, not by the issuer", self.pki.responder(issuer=self.pki.root), "responder_not_authorised"),
                ("another leaf", self.pki.leaf(), "responder_not_authorised"),
                ("a stranger's", stranger.responder(), "responder_not_authorised")):
            with self.subTest(label):
                leaf = self.ocsp_leaf(lambda leaf, r=responder: self.pki.ocsp(leaf, signer=r, certificates=[r]))
                self.validate(leaf)
                self.check_unknown(problem)

    def test_answers_that_are_not_believed(self):
        other = self.pki.leaf()
        cases = {
            "wrong_certificate": lambda leaf: self.pki.ocsp(other),
            "stale": lambda leaf: self.pki.ocsp(leaf, begin=now() - hours(5), end=now() - hours(1)),
            "not_yet_valid": lambda leaf: self.pki.ocsp(leaf, begin=now() + hours(1)),
            "nonce_mismatch": lambda leaf: self.pki.ocsp(leaf, nonce=b"0123456789abcdef"),
            "bad_signature": lambda leaf: self.pki.ocsp(leaf)[:-3] + b"\0\0\0",
            "malformed": lambda leaf: b"\x30\x03\x0a\x01\x00" + b"garbage",
            "responder_refused": lambda leaf: ocsp.OCSPResponseBuilder.build_unsuccessful(
                ocsp.OCSPResponseStatus.TRY_LATER).public_bytes(Encoding.DER),
        }
        for problem, make in cases.items():
            with self.subTest(problem):
                self.validate(self.ocsp_leaf(make))
                self.check_unknown(problem)

    def test_crl_helps_where_ocsp_does_not(self):
        leaf = self.pki.leaf(ocsp_urls=[self.server.url("/gone")], crl=[self.server.url("/sub.crl")])
        self.server.routes["/sub.crl"] = self.pki.crl()
        self.validate(leaf)
        self.assertEqual((self.status, self.revocation["source"], self.problems), ("valid", "crl", ["http_status"]))

    def test_a_revocation_after_the_time_asked_for(self):
        leaf = self.ocsp_leaf(lambda leaf: self.pki.ocsp(leaf, REVOKED, KEY_COMPROMISE, revoked_at=now() - hours(5)))
        self.validate(leaf, at=int((now() - hours(6)).timestamp()))
        self.assertEqual((self.status, self.codes, self.revocation["status"]), ("valid", [], "revoked"))
        self.validate(leaf, at=int((now() - hours(4)).timestamp()))
        self.assertEqual((self.status, self.codes), ("invalid", ["REVOKED"]))

    def test_an_expired_certificate_is_not_vouched_for(self):
        leaf = self.ocsp_leaf(begin=now() - hours(40), end=now() - hours(10))
        self.validate(leaf)
        self.assertEqual((self.status, self.codes), ("invalid", ["EXPIRED"]))
        self.validate(leaf, at=int((now() - hours(20)).timestamp()))
        self.assertEqual((self.status, self.codes), ("indeterminate", ["REVOCATION_OUT_OF_BOUNDS_NO_POE"]))

    def test_a_wrong_clock_is_told(self):
        leaf = self.ocsp_leaf(lambda leaf: late_server(self.pki.ocsp(leaf)))
        result = self.validate(leaf)
        self.assertEqual((self.status, self.codes), ("valid", ["CLOCK_WRONG"]))
        self.assertGreater(abs(result["clockOff"]), 300)


class TestCrl(Case):
    """Certificate revocation lists (RFC 5280 section 5)."""

    def test_good_revoked_suspended(self):
        self.validate(self.crl_leaf(lambda leaf: self.pki.crl()), cache=False)
        self.assertEqual((self.status, self.codes, self.revocation["source"]), ("valid", [], "crl"))
        for code, reason, status, word in REVOKED_ENTRIES:
            with self.subTest(code):
                self.validate(self.crl_leaf(lambda leaf, r=reason: self.pki.crl([(leaf, r)])), cache=False)
                self.assertEqual((self.status, self.codes, self.revocation["status"], self.revocation["reason"]), ("invalid", [code], status, word))

    def test_a_revoked_authority(self):
        self.server.routes["/root.crl"] = self.pki.crl([(self.pki.sub, KEY_COMPROMISE)], issuer=self.pki.root)
        self.validate(self.crl_leaf(lambda leaf: self.pki.crl()))
        self.assertEqual((self.status, self.codes), ("invalid", ["REVOKED_CA_NO_POE"]))

    def test_lists_that_are_not_believed(self):
        stranger = Pki()
        point = lambda **on: x509.IssuingDistributionPoint(**{**dict(  # noqa: E731
            full_name=None, relative_name=None, only_contains_user_certs=False, only_contains_ca_certs=False, only_some_reasons=None,
            indirect_crl=False, only_contains_attribute_certs=False), **on})
        elsewhere = point(full_name=[x509.UniformResourceIdentifier("http://other.example/")])
        cases = [
            ("stale", {"begin": now() - hours(50), "end": now() - hours(1)}),
            ("not_yet_valid", {"begin": now() + hours(1)}),
            ("bad_signature", {"signer": stranger.sub}),
            ("delta", {"more": [(x509.DeltaCRLIndicator(1), True)]}),
            ("indirect", {"more": [(point(indirect_crl=True), True)]}),
            ("scope", {"more": [(point(only_contains_ca_certs=True), True)]}),
            ("scope", {"more": [(elsewhere, True)]}),
            ("critical_extension", {"more": [(x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\0"), True)]}),
            ("scope", {"issuer": self.pki.root}),
        ]
        for problem, options in cases:
            with self.subTest(problem, **{key: str(value)[:60] for key, value in options.items()}):
                self.validate(self.crl_leaf(lambda leaf, o=options: self.pki.crl(**o)), cache=False)
                self.check_unknown(problem)
        for content in (b"", b"garbage", self.pki.crl() + b"\0"):
            with self.subTest(content=content[:10]):
                self.validate(self.crl_leaf(lambda leaf, c=content: c), cache=False)
                self.check_unknown("malformed")

    def test_a_certificate_that_names_nobody(self):
        self.validate(self.pki.leaf())
        self.assertEqual((self.status, self.codes, self.revocation["problem"]), ("indeterminate", ["TRY_LATER"], "no_address"))


class TestCache(Case):
    """What has been asked once."""

    def test_a_second_call_asks_nobody(self):
        leaf = self.ocsp_leaf()
        self.validate(leaf)
        self.assertFalse(self.revocation["cached"])
        self.server.asked.clear()
        self.validate(leaf)
        self.assertEqual((self.status, self.revocation["cached"], self.server.asked), ("valid", True, []))
        self.assertEqual({file.stat().st_mode & 0o777 for file in self.cache.iterdir()}, {0o600})

    def test_an_old_answer_is_asked_for_again(self):
        leaf = self.ocsp_leaf()
        self.validate(leaf)
        for file in self.cache.iterdir():
            os.utime(file, (time.time() - 4000,) * 2)
        self.server.asked.clear()
        self.validate(leaf)
        self.assertEqual((self.status, self.server.asked), ("valid", ["/ocsp"]))

    def test_a_revocation_is_final(self):
        # An old "good" that a man in the middle kept must not undo what we know.
        leaf = self.ocsp_leaf(lambda leaf: self.pki.ocsp(leaf, REVOKED, KEY_COMPROMISE))
        self.validate(leaf)
        self.server.routes["/ocsp"] = self.pki.ocsp(leaf)
        for file in self.cache.iterdir():
            os.utime(file, (time.time() - 4000,) * 2)
        self.validate(leaf)
        self.assertEqual((self.status, self.codes), ("invalid", ["REVOKED"]))

    def test_garbage_in_the_cache_is_nothing(self):
        leaf = self.ocsp_leaf()
        self.validate(leaf)
        for file in self.cache.iterdir():
            file.write_bytes(b"garbage")
        self.validate(leaf)
        self.assertEqual((self.status, self.revocation["cached"]), ("valid", False))

    def test_offline_only_what_is_kept_counts(self):
        leaf = self.ocsp_leaf()
        self.validate(leaf, offline=True)
        self.assertEqual((self.status, set(self.problems), self.server.asked), ("indeterminate", {"offline"}, []))
        self.validate(leaf)
        self.validate(leaf, offline=True)
        self.assertEqual(self.status, "valid")


class TestAttack26(Case):
    """Requests that a certificate would have us make (SSRF), and answers that would exhaust us."""

    def check_refused(self, url, problem="address_refused", hosts=()):
        """Neither as OCSP address nor as that of a list."""
        trusted = Pki()
        self.pki = trusted
        leaf = trusted.leaf(ocsp_urls=[url], crl=[url])
        self.validate(leaf, hosts=hosts)
        self.assertEqual((self.status, self.problems), ("indeterminate", [problem, problem]), url)

    def test_addresses_of_this_machine_and_network(self):
        port = self.server.port
        for host in ("127.0.0.1", "localhost", "[::1]", "0.0.0.0", "127.1", "2130706433", "0x7f000001", "[::ffff:127.0.0.1]", "169.254.169.254",
                     "10.0.0.1", "192.168.1.1", "172.16.0.1", "100.64.0.1", "[fe80::1]", "[fd00::1]", "224.0.0.1", "255.255.255.255"):
            with self.subTest(host):
                self.check_refused(f"http://{host}:{port}/")
        self.assertEqual(self.server.asked, [])

    def test_other_schemes(self):
        for url in ("file:///etc/passwd", "ldap://127.0.0.1/cn=x?certificateRevocationList", "ftp://127.0.0.1/", "gopher://127.0.0.1/", "dict://127.0.0.1/",
                    "http://user:pw@127.0.0.1/", "https:", "//127.0.0.1/", "http://"):
            with self.subTest(url):
                self.check_refused(url, "scheme_refused", hosts=["127.0.0.1"])

    def test_a_listed_host_is_asked_and_its_port_counts(self):
        leaf = self.ocsp_leaf()
        self.validate(leaf, hosts=[f"127.0.0.1:{self.server.port}"])
        self.assertEqual(self.status, "valid")
        shutil.rmtree(self.cache)
        self.cache.mkdir()
        self.validate(leaf, hosts=[f"127.0.0.1:{self.server.port + 1}"])
        self.assertEqual((self.status, self.problems), ("indeterminate", ["address_refused"]))

    def test_redirects(self):
        port = self.server.port
        other = Server({"/": b"never"})
        with other:
            for target, problem in (("file:///etc/passwd", "redirect_refused"), ("ftp://127.0.0.1/", "redirect_refused"),
                                    (f"http://localhost:{other.port}/", "address_refused"), ("http://169.254.169.254/", "address_refused"),
                                    (f"http://127.0.0.1:{port}/ocsp", "redirect_refused")):
                with self.subTest(target):
                    leaf = self.ocsp_leaf(lambda leaf, t=target: lambda handler, body: give(handler, b"", 302, Location=t))
                    self.validate(leaf, cache=False)
                    self.check_unknown(problem)
            self.assertEqual(other.asked, [])
        # A server may send us on to where its certificate could have.
        leaf = self.ocsp_leaf(lambda leaf: lambda handler, body: give(handler, b"", 302, Location="/moved"))
        self.server.routes["/moved"] = self.pki.ocsp(leaf)
        self.validate(leaf)
        self.assertEqual(self.status, "valid")

    def test_an_unanchored_certificate_makes_no_request(self):
        leaf = self.ocsp_leaf()
        for trusted in (b"", self.pki.sub.pem(), Pki().trusted()):
            result = self.validate(leaf, trusted=trusted)
            self.assertEqual((self.status, self.codes, result["anchored"]), ("indeterminate", ["NO_CERTIFICATE_CHAIN_FOUND"], False))
        self.assertEqual(self.server.asked, [])

    def test_huge_answers(self):
        sent = []

        def endless(handler, body):
            handler.send_response(200)
            handler.end_headers()
            try:
                for _ in range(10000):
                    handler.wfile.write(b"\x30" * 65536)
                    sent.append(65536)
            except OSError:
                pass

        self.validate(self.ocsp_leaf(lambda leaf: endless))
        self.check_unknown("too_large")
        self.assertLess(sum(sent), 64 << 20)
        self.validate(self.ocsp_leaf(lambda leaf: lambda handler, body: give(handler, b"x" * (1 << 20))))
        self.check_unknown("too_large")

    def test_a_gzip_bomb_stays_packed(self):
        bomb = gzip.compress(bytes(64 << 20))
        self.assertLess(len(bomb), 128 << 10)
        self.validate(self.ocsp_leaf(lambda leaf: lambda handler, body: give(handler, bomb, Content_Encoding="gzip")))
        self.check_unknown("malformed")

    def test_slow_and_silent_servers(self):
        def drip(handler, body):
            handler.send_response(200)
            handler.end_headers()
            try:
                for _ in range(600):
                    handler.wfile.write(b"0")
                    time.sleep(0.1)
            except OSError:
                pass

        start = time.monotonic()
        self.validate(self.ocsp_leaf(lambda leaf: drip), seconds=3)
        # What is left for the authority above depends on the machine.
        self.assertEqual((self.status, set(self.codes), self.problems), ("indeterminate", {"TRY_LATER"}, ["timeout"]))
        self.assertLess(time.monotonic() - start, patient(40))

    def test_nobody_there(self):
        leaf = self.pki.leaf(ocsp_urls=[f"http://127.0.0.1:{free_port()}/", "http://no-such-host.invalid/"])
        self.validate(leaf)
        self.assertEqual((self.status, self.problems), ("indeterminate", ["unreachable", "unreachable"]))

    def test_a_proxy_is_not_asked_for_our_own_network(self):
        asked = []

        def proxy(handler, body):
            asked.append(handler.path)
            give(handler, self.pki.ocsp(leaf))

        leaf = self.pki.leaf(ocsp_urls=["http://ocsp.example/x", "http://10.0.0.1/"])
        self.server.routes["http://ocsp.example/x"] = proxy
        self.validate(leaf, proxy=f"http://127.0.0.1:{self.server.port}", hosts=["127.0.0.1"])
        self.assertEqual((self.status, asked), ("valid", ["http://ocsp.example/x"]))
        leaf = self.pki.leaf(ocsp_urls=["http://10.0.0.1/"])
        self.validate(leaf, proxy=f"http://127.0.0.1:{self.server.port}", hosts=["127.0.0.1"])
        self.check_unknown("address_refused")

    def test_one_that_fetches_parses_no_documents_and_the_other_way_round(self):
        with Program(name="imza-fetch") as program:
            for op in ("prepare", "finish", "render", "verify"):
                with self.assertRaises(Refused) as refused:
                    program.call(op)
                self.assertEqual(refused.exception.reason, "method_not_found", op)
        with Program() as program:
            with self.assertRaises(Refused) as refused:
                program.call("validate", certificate="")
            self.assertEqual(refused.exception.reason, "method_not_found")


if __name__ == "__main__":
    unittest.main()
