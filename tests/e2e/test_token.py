#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The program imza-token over its socket: with SoftHSM, and with fake modules that misbehave (tests/fakes/modules).

IMZA_BUILD is the build folder (build/ when unset).
"""
import array
import base64
import hashlib
import json
import os
import pathlib
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest

import softhsm
from patience import patient

BUILD = pathlib.Path(os.environ.get("IMZA_BUILD", softhsm.ROOT / "build")).resolve()
PROGRAM = BUILD / "agent/imza-token"
FAKES = BUILD / "tests/fakes/modules"
PIN = softhsm.PIN
ANSWER_SECONDS = patient(30)     # sanitizers are slow; a hang is still found


class Ended(Exception):
    """The program closed its socket."""


class Token:
    """The agent's side: starts imza-token with its socket as descriptor 3."""

    def __init__(self, module, env=None, arguments=()):
        """arguments: what imza-token gets beside the module's path."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        kept = ("PATH", "HOME", "LANG", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS")
        environment = {name: os.environ[name] for name in kept if name in os.environ}
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            ["/bin/bash", "-c", f'exec "$@" 3<&{theirs.fileno()}', "sh", str(PROGRAM), *(a for a in arguments if a == "--network"), str(module),
             *(str(a) for a in arguments if a != "--network")],
            pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=self.log, env={**environment, **(env or {})})
        theirs.close()
        self.socket = ours
        self.socket.settimeout(ANSWER_SECONDS)
        self.last_id = 0
        self.hello = self.receive()
        self.may_die = "error" in self.hello

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()
        try:
            code = self.process.wait(ANSWER_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        words = self.log_text()
        self.log.close()
        # A crash, a leak or a hang fails whichever test it happened in.
        if not self.may_die and (code != 0 or "Sanitizer" in words or "runtime error" in words):
            raise AssertionError(f"imza-token ended with {code}\n{words}")

    def read(self, count):
        data = b""
        while len(data) < count:
            try:
                part = self.socket.recv(count - len(data))
            except ConnectionResetError:
                part = b""
            if not part:
                raise Ended
            data += part
        return data

    def receive(self):
        return json.loads(self.read(int.from_bytes(self.read(4), "big")))

    def send(self, op, fds=(), **members):
        self.last_id += 1
        frame = json.dumps({"id": self.last_id, "op": op, **members}).encode()
        frame = len(frame).to_bytes(4, "big") + frame
        ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else []
        sent = self.socket.sendmsg([frame], ancillary)
        if sent < len(frame):
            self.socket.sendall(frame[sent:])

    def answer(self):
        """(events, the answer's frame)"""
        events = []
        while True:
            frame = self.receive()
            assert frame["id"] == self.last_id, frame
            if "event" not in frame:
                return events, frame
            events.append(frame)

    def call(self, op, fds=(), **members):
        self.send(op, fds, **members)
        return self.answer()

    def result(self, op, **members):
        _, frame = self.call(op, **members)
        assert "result" in frame, frame
        return frame["result"]

    def pins(self, op, *typed, **changes):
        """A pin_* request for the first token, a pipe for each thing typed (None: no pipes at all)."""
        first = self.result("tokens")["tokens"][0]
        pipes = []
        for text in typed:
            if text is None:
                continue
            reader, writer = os.pipe()
            os.write(writer, text.encode())
            os.close(writer)
            pipes.append(reader)
        try:
            return self.call(op, pipes, **{"slot": first["slot"], "serial": first["serial"], **changes})
        finally:
            for reader in pipes:
                os.close(reader)

    def send_sign(self, members, pin=PIN):
        """Sends a sign request with its PIN pipe; pin None: no pipe."""
        if pin is None:
            return self.send("sign", **members)
        reader, writer = os.pipe()
        os.write(writer, pin.encode())
        os.close(writer)
        try:
            return self.send("sign", [reader], **members)
        finally:
            os.close(reader)

    def sign(self, members, pin=PIN):
        self.send_sign(members, pin)
        return self.answer()

    def log_text(self):
        self.log.seek(0)
        return self.log.read().decode()


def sign_members(token, cka_id, key_type, digests, algorithm="sha256", **changes):
    """A right sign request for the first token of the module."""
    first = token.result("tokens")["tokens"][0]
    return {"slot": first["slot"], "serial": first["serial"], "ckaId": cka_id, "keyType": key_type, "digestAlgorithm": algorithm,
            "digests": [base64.b64encode(digest).decode() for digest in digests], **changes}


def digests_of(count, algorithm="sha256"):
    return [hashlib.new(algorithm, b"belge %d" % i).digest() for i in range(count)]


class TokenCase(unittest.TestCase):
    def assert_error(self, answer, reason):
        events, frame = answer
        self.assertIn("error", frame)
        self.assertEqual(frame["error"]["reason"], reason, frame)
        return frame["error"]

    def assert_signed(self, answer, certificate, key_type, digests, algorithm="sha256"):
        events, frame = answer
        self.assertIn("result", frame, frame)
        signatures = [base64.b64decode(text) for text in frame["result"]["signatures"]]
        self.assertEqual(len(signatures), len(digests))
        for digest, signature in zip(digests, signatures):
            self.assertTrue(softhsm.signature_is_right(certificate, key_type, algorithm, digest, signature))
        wrong = bytes([digests[0][0] ^ 1]) + digests[0][1:]
        self.assertFalse(softhsm.signature_is_right(certificate, key_type, algorithm, wrong, signatures[0]))

    def logins(self, answer):
        return [event["state"] for event in answer[0] if event["event"] == "login"]

    def assert_alive(self, token):
        self.assertIn("result", token.call("tokens")[1])

    def assert_ends(self, token):
        token.may_die = True
        with self.assertRaises(Ended):
            token.answer()
        return token.process.wait(ANSWER_SECONDS)


class PinCare(TokenCase):
    """pin_verify, pin_change, pin_unblock with a module that counts tries, and that ends where one too many is made."""

    def start(self, name="pin_locked", **settings):
        token = Token(FAKES / f"mod_{name}.so", {"MOD_TRIES": "3", **settings})
        self.addCleanup(token.__exit__)
        return token

    def assert_state(self, answer, state):
        self.assertIn("result", answer[1], answer[1])
        self.assertEqual(answer[1]["result"]["pin"]["state"], state)

    def test_a_right_pin_is_verified_and_logged_out(self):
        token = self.start()
        answer = token.pins("pin_verify", PIN)
        self.assert_state(answer, "ok")
        self.assertEqual(self.logins(answer), ["started", "done"])
        self.assert_state(token.pins("pin_verify", PIN), "ok")     # the module ends at a session closed without C_Logout

    def test_wrong_pins_count_one_each_and_the_third_locks(self):
        token = self.start()
        for reason, state in (("pin_incorrect", "low"), ("pin_incorrect", "final"), ("pin_locked", "locked")):
            self.assertEqual(self.assert_error(token.pins("pin_verify", "654321"), reason)["pin"]["state"], state)
        answer = token.pins("pin_verify", PIN)
        self.assert_error(answer, "pin_locked")
        self.assertEqual(self.logins(answer), [])

    def test_a_right_pin_resets_the_count(self):
        token = self.start(MOD_TRIES="1")
        self.assert_state(token.pins("pin_verify", PIN), "ok")

    def test_what_can_t_be_a_pin_spends_no_try(self):
        token = self.start(MOD_TRIES="1")
        for pin in ("12345", "123456789", "12345a", "12 456", "１２", "7" * 65):
            for op, typed in (("pin_verify", (pin,)), ("pin_change", (pin, "654321")), ("pin_change", (PIN, pin))):
                with self.subTest(pin=pin, op=op):
                    answer = token.pins(op, *typed)
                    self.assertEqual(self.assert_error(answer, "pin_policy")["pin"]["state"], "final")
                    self.assertEqual(self.logins(answer), [])
            answer = token.sign(sign_members(token, "0a", "ec", digests_of(1)), pin)
            self.assert_error(answer, "pin_policy")
            self.assertEqual(self.logins(answer), [])
        self.assert_state(token.pins("pin_verify", PIN), "ok")

    def test_a_changed_pin_is_the_one_that_counts(self):
        token = self.start()
        answer = token.pins("pin_change", PIN, "87654321")
        self.assert_state(answer, "ok")
        self.assertEqual(self.logins(answer), ["started", "done"] * 2)
        self.assert_error(token.pins("pin_verify", PIN), "pin_incorrect")
        self.assert_state(token.pins("pin_verify", "87654321"), "ok")

    def test_a_change_with_a_wrong_old_pin_costs_one_try_and_changes_nothing(self):
        token = self.start()
        self.assertEqual(self.assert_error(token.pins("pin_change", "999999", "87654321"), "pin_incorrect")["pin"]["state"], "low")
        self.assert_state(token.pins("pin_verify", PIN), "ok")

    def test_a_new_pin_that_the_card_refuses_leaves_the_old_one(self):
        token = self.start()
        self.assert_error(token.pins("pin_change", PIN, "666666"), "pin_policy")
        self.assert_error(token.pins("pin_unblock", "12345678", "666666"), "pin_policy")
        self.assert_state(token.pins("pin_verify", PIN), "ok")

    def test_the_puk_unblocks(self):
        token = self.start(MOD_TRIES="0")
        self.assert_error(token.pins("pin_verify", PIN), "pin_locked")
        self.assert_error(token.pins("pin_change", PIN, "654321"), "pin_locked")
        answer = token.pins("pin_unblock", "12345678", "654321")
        self.assert_state(answer, "ok")
        self.assertEqual(self.logins(answer), ["started", "done"] * 2)
        self.assert_state(token.pins("pin_verify", "654321"), "ok")

    def test_a_wrong_puk_is_told_apart_from_a_wrong_pin(self):
        token = self.start(MOD_TRIES="0")
        for reason in ("puk_incorrect", "puk_incorrect", "puk_locked"):
            self.assertEqual(self.assert_error(token.pins("pin_unblock", "00000000", "654321"), reason)["pin"]["state"], "locked")
        answer = token.pins("pin_unblock", None)     # known before anything is waited for
        self.assert_error(answer, "puk_locked")
        self.assertEqual(self.logins(answer), [])

    def test_a_wrong_puk_costs_no_try_of_the_pin(self):
        token = self.start()
        self.assertEqual(self.assert_error(token.pins("pin_unblock", "00000000", "654321"), "puk_incorrect")["pin"]["state"], "ok")
        self.assert_state(token.pins("pin_verify", PIN), "ok")

    def test_a_new_pin_of_the_wrong_form_spends_no_puk_try(self):
        token = self.start(MOD_TRIES="0", MOD_PUK_TRIES="1")
        for pin in ("1234", "abcdef", "123456789"):
            answer = token.pins("pin_unblock", "00000000", pin)
            self.assert_error(answer, "pin_policy")
            self.assertEqual(self.logins(answer), [])
        self.assert_state(token.pins("pin_unblock", "12345678", "654321"), "ok")

    def test_a_card_without_a_puk_says_so(self):
        self.assert_error(self.start(MOD_TRIES="0", MOD_NO_PUK="1").pins("pin_unblock", "12345678", "654321"), "not_supported")

    def test_a_keypad_needs_no_pipes(self):
        token = self.start("keypad")
        for op in ("pin_verify", "pin_change", "pin_unblock"):
            self.assert_state(token.pins(op, None), "ok")

    def test_nothing_typed_and_nothing_sent(self):
        token = self.start(MOD_TRIES="1")
        self.assert_error(token.pins("pin_verify", ""), "user_cancelled")
        self.assert_error(token.pins("pin_change", PIN, ""), "user_cancelled")
        self.assert_error(token.pins("pin_verify", None), "invalid_params")
        self.assert_error(token.pins("pin_change", PIN), "invalid_params")
        self.assert_error(token.pins("pin_unblock", "12345678"), "invalid_params")
        for changes in ({"serial": "0043"}, {"slot": 0}, {"slot": 99}):
            answer = token.pins("pin_verify", PIN, **changes)
            self.assertIn(answer[1]["error"]["reason"], ("not_found", "card_unsupported"))
            self.assertEqual(self.logins(answer), [])
        self.assert_error(token.pins("pin_verify", PIN, slot=-1), "invalid_params")
        self.assert_error(token.pins("pin_verify", PIN, serial=None), "invalid_params")
        self.assert_state(token.pins("pin_verify", PIN), "ok")


@unittest.skipUnless(softhsm.module_path(), "SoftHSM is not installed")
class PinCareWithSoftHsm(TokenCase):
    def test_verify_change_and_unblock(self):
        with softhsm.SoftHsm() as hsm, Token(hsm.module, hsm.env) as token:
            self.assertIn("result", token.pins("pin_verify", PIN)[1])
            self.assert_error(token.pins("pin_verify", "000000"), "pin_incorrect")
            self.assertIn("result", token.pins("pin_change", PIN, "11223344")[1])
            self.assert_error(token.pins("pin_verify", PIN), "pin_incorrect")
            self.assertIn("result", token.pins("pin_verify", "11223344")[1])
            self.assert_error(token.pins("pin_unblock", "00000000", "55667788"), "puk_incorrect")
            self.assertIn("result", token.pins("pin_unblock", softhsm.PUK, "55667788")[1])
            self.assertIn("result", token.pins("pin_verify", "55667788")[1])


@unittest.skipUnless(softhsm.module_path(), "SoftHSM is not installed")
class WithSoftHsm(TokenCase):
    @classmethod
    def setUpClass(cls):
        cls.hsm = softhsm.SoftHsm()
        cls.hsm.add_certificate("P-256", softhsm.P256_ID)
        cls.hsm.add_certificate("Anahtarsız", softhsm.NO_KEY_ID, with_key=False)

    @classmethod
    def tearDownClass(cls):
        cls.hsm.close()

    def setUp(self):
        self.token = Token(self.hsm.module, self.hsm.env)
        self.addCleanup(self.token.__exit__)

    def certificates(self):
        slot = self.token.result("tokens")["tokens"][0]["slot"]
        return {c["ckaId"]: c for c in self.token.result("certificates", slot=slot)["certificates"]}

    def der(self, cka_id):
        return base64.b64decode(self.certificates()[cka_id]["der"])

    def test_says_that_it_is_ready(self):
        self.assertEqual(self.token.hello["id"], 0)
        self.assertEqual(self.token.hello["event"], "ready")
        self.assertEqual(self.token.hello["module"]["manufacturer"], "SoftHSM")
        self.assertRegex(self.token.hello["module"]["version"], r"^\d+\.\d+$")

    def test_lists_only_the_initialised_token(self):
        tokens = self.token.result("tokens")["tokens"]
        self.assertEqual(len(tokens), 1)    # SoftHSM always has a blank one besides
        self.assertEqual(tokens[0]["label"], softhsm.LABEL)
        self.assertEqual(tokens[0]["manufacturer"], "SoftHSM project")
        self.assertEqual(tokens[0]["model"], "SoftHSM v2")
        self.assertRegex(tokens[0]["serial"], r"^[0-9a-f]{16}$")
        self.assertIn("SoftHSM slot", tokens[0]["slotDescription"])
        self.assertIs(tokens[0]["removable"], False)
        self.assertEqual(tokens[0]["pin"], {"state": "ok", "minLength": 4, "maxLength": 255, "keypad": False})

    def test_lists_certificates_without_login(self):
        certificates = self.certificates()
        self.assertEqual(set(certificates), {softhsm.RSA_ID, softhsm.EC_ID, softhsm.AUTHENTICATION_ID, softhsm.P256_ID, softhsm.NO_KEY_ID})
        pem = softhsm.run("openssl", "x509", "-in", str(self.hsm.folder / "signer-rsa.pem"), "-outform", "DER").stdout
        self.assertEqual(base64.b64decode(certificates[softhsm.RSA_ID]["der"]), pem)
        self.assertEqual(certificates[softhsm.EC_ID]["label"], "Nitelikli Sertifika (P-384)")
        self.assertIs(certificates[softhsm.EC_ID]["hasKey"], True)
        # Its private keys are hidden until login, so that nothing can be said of this one.
        self.assertIsNone(certificates[softhsm.NO_KEY_ID]["hasKey"])

    def test_signs_with_every_key_and_digest(self):
        for cka_id, key_type in ((softhsm.RSA_ID, "rsa"), (softhsm.EC_ID, "ec"), (softhsm.P256_ID, "ec")):
            for algorithm in ("sha256", "sha384", "sha512"):
                with self.subTest(key=cka_id, algorithm=algorithm):
                    digests = digests_of(2, algorithm)
                    answer = self.token.sign(sign_members(self.token, cka_id, key_type, digests, algorithm))
                    self.assertEqual(self.logins(answer), ["started", "done"])
                    self.assert_signed(answer, self.der(cka_id), key_type, digests, algorithm)

    def test_a_batch_of_a_hundred_tells_its_progress(self):
        digests = digests_of(100)
        answer = self.token.sign(sign_members(self.token, softhsm.RSA_ID, "rsa", digests))
        progress = [event for event in answer[0] if event["event"] == "progress"]
        self.assertEqual(self.logins(answer), ["started", "done"])
        self.assertGreaterEqual(len(progress), 1)
        self.assertEqual(progress[0]["done"], 1)
        self.assertTrue(all(event["total"] == 100 for event in progress))
        done = [event["done"] for event in progress]
        self.assertEqual(done, sorted(set(done)))
        self.assert_signed(answer, self.der(softhsm.RSA_ID), "rsa", digests)

    def test_a_thousand_digests_are_the_limit(self):
        members = sign_members(self.token, softhsm.P256_ID, "ec", digests_of(1000))
        start = time.monotonic()
        events, frame = self.token.sign(members)
        seconds = time.monotonic() - start
        self.assertEqual(len(frame["result"]["signatures"]), 1000)
        self.assertEqual(len(set(frame["result"]["signatures"])), 1000)
        progress = [event for event in events if event["event"] == "progress"]
        self.assertLessEqual(len(progress), 50 * seconds + 1)
        told = [signature for event in progress for signature in event["signatures"]]
        self.assertEqual(told, frame["result"]["signatures"][:len(told)])
        members["digests"].append(members["digests"][0])
        self.assert_error(self.token.sign(members), "too_large")

    def test_a_wrong_pin_is_told_and_the_next_is_tried(self):
        members = sign_members(self.token, softhsm.EC_ID, "ec", digests_of(1))
        answer = self.token.sign(members, "999999")
        error = self.assert_error(answer, "pin_incorrect")
        self.assertEqual(error["pin"]["state"], "low")
        self.assertIn("CKR_PIN_INCORRECT", error["detail"])
        self.assertEqual(self.logins(answer), ["started", "done"])
        self.assertIn("result", self.token.sign(members)[1])
        self.assertEqual(self.token.result("tokens")["tokens"][0]["pin"]["state"], "ok")

    def test_a_pin_of_wrong_length_spends_no_try(self):
        members = sign_members(self.token, softhsm.EC_ID, "ec", digests_of(1))
        for pin in ("123", "1" * 64, "1" * 65, "1" * 300):
            answer = self.token.sign(members, pin)
            if len(pin) == 64:      # SoftHSM takes up to 255
                self.assert_error(answer, "pin_incorrect")
                continue
            error = self.assert_error(answer, "pin_policy")
            self.assertEqual(error["pin"]["minLength"], 4)
            self.assertEqual(self.logins(answer), [])
        self.assertIn("result", self.token.sign(members)[1])

    def test_an_empty_pipe_is_a_cancelled_pin(self):
        answer = self.token.sign(sign_members(self.token, softhsm.EC_ID, "ec", digests_of(1)), "")
        self.assert_error(answer, "user_cancelled")
        self.assertEqual(self.logins(answer), [])

    def test_no_pipe_is_a_wrong_request(self):
        self.assert_error(self.token.sign(sign_members(self.token, softhsm.EC_ID, "ec", digests_of(1)), None), "invalid_params")

    def test_what_is_not_there_costs_no_login(self):
        for changes in ({"ckaId": "77"}, {"serial": "0000"}, {"slot": 4000000000}):
            with self.subTest(**changes):
                answer = self.token.sign({**sign_members(self.token, softhsm.EC_ID, "ec", digests_of(1)), **changes})
                self.assert_error(answer, "not_found")
                self.assertEqual(self.logins(answer), [])
        self.assert_error(self.token.call("certificates", slot=4000000000), "not_found")

    def test_a_certificate_without_its_key_is_not_found_after_login(self):
        answer = self.token.sign(sign_members(self.token, softhsm.NO_KEY_ID, "ec", digests_of(1)))
        self.assert_error(answer, "not_found")
        self.assertEqual(self.logins(answer), ["started", "done"])

    def test_a_key_of_another_type_is_not_found(self):
        self.assert_error(self.token.sign(sign_members(self.token, softhsm.EC_ID, "rsa", digests_of(1))), "not_found")

    def test_wrong_members_are_refused_before_any_login(self):
        good = sign_members(self.token, softhsm.EC_ID, "ec", digests_of(1))
        encoded = [base64.b64encode(bytes(length)).decode() for length in (0, 20, 31, 33, 48)]
        wrong = [{"digests": [text]} for text in encoded] + [
            {"digests": []}, {"digests": "x"}, {"digests": [7]}, {"digests": ["AAA"]}, {"digests": good["digests"] + encoded[:1]},
            {"digestAlgorithm": "sha1"}, {"digestAlgorithm": "none"}, {"digestAlgorithm": 256}, {"keyType": "dsa"}, {"keyType": None},
            {"ckaId": ""}, {"ckaId": "0"}, {"ckaId": "zz"}, {"ckaId": "00" * 257}, {"serial": None}, {"slot": -1}, {"slot": "0"}, {"slot": 0.5}]
        for changes in wrong:
            with self.subTest(**changes):
                answer = self.token.sign({**good, **changes})
                self.assert_error(answer, "invalid_params")
                self.assertEqual(self.logins(answer), [])
        self.assert_error(self.token.call("certificates"), "invalid_params")
        self.assert_error(self.token.call("format"), "method_not_found")
        self.assert_alive(self.token)

    def test_the_pin_may_come_late(self):
        members = sign_members(self.token, softhsm.P256_ID, "ec", digests_of(1))
        reader, writer = os.pipe()
        self.token.send("sign", [reader], **members)
        os.close(reader)
        os.write(writer, b"123")
        self.assertEqual(select.select([self.token.socket], [], [], 0.3)[0], [])
        os.write(writer, b"456")
        self.assertEqual(select.select([self.token.socket], [], [], 0.3)[0], [])
        os.close(writer)
        self.assertIn("result", self.token.answer()[1])

    def test_the_pin_is_in_no_frame_and_no_log(self):
        pin = "73519846"
        events, frame = self.token.sign(sign_members(self.token, softhsm.EC_ID, "ec", digests_of(1)), pin)
        self.assertNotIn(pin, json.dumps([events, frame]) + self.token.log_text())

    def test_it_ends_when_the_agent_does(self):
        self.token.socket.close()
        self.assertEqual(self.token.process.wait(ANSWER_SECONDS), 0)


class RefusedModules(TokenCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="token-test-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.inner = self.folder / "modules"
        self.inner.mkdir(mode=0o755)
        self.module = self.inner / "mod_ok.so"
        shutil.copyfile(FAKES / "mod_ok.so", self.module)
        self.module.chmod(0o755)

    def assert_refused(self, path, words):
        with Token(path) as token:
            self.assertEqual(token.hello["id"], 0)
            self.assertEqual(token.hello["error"]["reason"], "module_failed")
            self.assertIn(words, token.hello["error"]["detail"])
            self.assertNotEqual(token.process.wait(ANSWER_SECONDS), 0)

    def test_a_copy_and_a_link_to_it_are_taken(self):
        link = self.folder / "link.so"
        link.symlink_to(self.module)
        for path in (self.module, link):
            with Token(path) as token:
                self.assertEqual(token.hello.get("event"), "ready", token.hello)

    def test_a_missing_module(self):
        self.assert_refused(self.inner / "nothing.so", "no such file")

    def test_a_relative_path(self):
        self.assert_refused("mod_ok.so", "not absolute")

    def test_a_folder(self):
        self.assert_refused(self.inner, "not a regular file")

    def test_a_module_that_others_may_write(self):
        for mode in (0o757, 0o775):
            self.module.chmod(mode)
            self.assert_refused(self.module, "others may write")

    def test_a_module_in_a_folder_that_others_may_write(self):
        self.inner.chmod(0o777)
        self.assert_refused(self.module, "others may write to a folder")

    def test_a_library_that_is_no_module(self):
        library = next(line.split()[-1] for line in pathlib.Path("/proc/self/maps").read_text().splitlines() if "/libc.so." in line)
        self.assert_refused(library, "can't be loaded")

    def test_a_file_that_is_no_library(self):
        self.module.write_bytes(b"not a library\n")
        self.assert_refused(self.module, "can't be loaded")


class FakeModules(TokenCase):
    def start(self, name, **env):
        token = Token(FAKES / f"mod_{name}.so", env)
        self.addCleanup(token.__exit__)
        return token

    def members(self, token, count=1):
        return sign_members(token, "0a", "ec", digests_of(count))

    def der(self, token):
        return base64.b64decode(token.result("certificates", slot=1)["certificates"][0]["der"])

    def assert_works(self, token, count=1, pin=PIN):
        answer = token.sign(self.members(token, count), pin)
        self.assert_signed(answer, self.der(token), "ec", digests_of(count))
        return answer

    def test_ok(self):
        token = self.start("ok")
        self.assertEqual(token.hello["module"], {"manufacturer": "imza-agent tests", "description": "fake module", "version": "1.2"})
        self.assertEqual(token.result("tokens")["tokens"], [{
            "slot": 1, "slotDescription": "Sahte Okuyucu 00 00", "removable": True, "pukLocked": False, "label": "Sahte Kart İş",
            "manufacturer": "imza-agent tests", "model": "sahte", "serial": "0042", "pin": {"state": "ok", "minLength": 6, "maxLength": 8, "keypad": False}}])
        self.assertIs(token.result("certificates", slot=1)["certificates"][0]["hasKey"], True)
        self.assertEqual(self.logins(self.assert_works(token, 3)), ["started", "done"])
        self.assert_works(token)    # the session before was closed: mod_core has but one

    def test_rsa_on_a_card_without_it_costs_no_login(self):
        token = self.start("ok")
        answer = token.sign({**self.members(token), "keyType": "rsa"})
        self.assert_error(answer, "algorithm_unsupported")
        self.assertEqual(self.logins(answer), [])

    def test_three_wrong_pins_lock_and_a_fourth_login_is_not_tried(self):
        token = self.start("pin_locked", MOD_TRIES="3")
        members = self.members(token)
        for reason, state in (("pin_incorrect", "low"), ("pin_incorrect", "final"), ("pin_locked", "locked")):
            answer = token.sign(members, "654321")
            self.assertEqual(self.assert_error(answer, reason)["pin"]["state"], state)
            self.assertEqual(self.logins(answer), ["started", "done"])
        answer = token.sign(members)    # right, too late: the module would abort if it were sent
        self.assertEqual(self.assert_error(answer, "pin_locked")["pin"]["state"], "locked")
        self.assertEqual(self.logins(answer), [])
        self.assertEqual(token.result("tokens")["tokens"][0]["pin"]["state"], "locked")

    def test_a_locked_card_is_told_without_waiting_for_a_pin(self):
        token = self.start("pin_locked")
        self.assert_error(token.sign(self.members(token), None), "pin_locked")
        self.assert_alive(token)

    def test_a_right_pin_at_the_final_try_works(self):
        token = self.start("pin_locked", MOD_TRIES="1")
        self.assertEqual(token.result("tokens")["tokens"][0]["pin"]["state"], "final")
        self.assert_works(token)

    def test_pin_length_limits_of_the_token(self):
        token = self.start("pin_locked", MOD_TRIES="1")
        for pin in ("12345", "123456789"):
            answer = token.sign(self.members(token), pin)
            self.assertEqual(self.assert_error(answer, "pin_policy")["pin"], {"state": "final", "minLength": 6, "maxLength": 8, "keypad": False})
            self.assertEqual(self.logins(answer), [])
        self.assert_works(token)

    def test_the_kind_s_lengths_narrow_the_token_s(self):
        token = self.start("pin_locked", MOD_TRIES="1")
        for limits, pin in (((7, 8), "123456"), ((4, 5), None)):
            members = {**self.members(token), "pinLengths": {"minLength": limits[0], "maxLength": limits[1]}}
            if pin:
                answer = token.sign(members, pin)
                self.assertEqual(self.assert_error(answer, "pin_policy")["pin"], {"state": "final", "minLength": 7, "maxLength": 8, "keypad": False})
                self.assertEqual(self.logins(answer), [])
            else:       # 4 to 5 contradicts the token's 6 to 8: the token is right
                self.assertIn("result", token.sign(members)[1])

    def test_hang_ends_by_kill(self):
        for call in ("C_Login", "C_Sign", "C_GetSlotList", "C_OpenSession"):
            with self.subTest(call=call):
                token = self.start("ok")
                members = self.members(token)
                token = self.start("hang", MOD_CALL=call)
                token.send_sign(members) if call != "C_GetSlotList" else token.send("tokens")
                if call in ("C_Login", "C_Sign"):
                    self.assertEqual(token.receive()["state"], "started")
                if call == "C_Sign":
                    self.assertEqual(token.receive()["state"], "done")
                self.assertEqual(select.select([token.socket], [], [], 0.3)[0], [])
                token.process.send_signal(signal.SIGKILL)
                self.assertEqual(self.assert_ends(token), -signal.SIGKILL)

    def test_hang_while_ending_does_not_last(self):
        token = self.start("hang", MOD_CALL="C_Finalize")
        token.may_die = True
        token.socket.close()
        self.assertNotEqual(token.process.wait(ANSWER_SECONDS), 0)

    def test_crash_ends_the_process(self):
        members = self.members(self.start("ok"))
        for call, states in (("C_Login", ["started"]), ("C_Sign", ["started", "done"])):
            with self.subTest(call=call):
                token = self.start("crash", MOD_CALL=call)
                token.may_die = True
                token.send_sign(members)
                for state in states:
                    self.assertEqual(token.receive()["state"], state)
                self.assertNotEqual(self.assert_ends(token), 0)

    def test_lies_about_length(self):
        for call, length, reason in (
                ("C_Sign", 1000000, "module_failed"), ("C_Sign", 63, "module_failed"), ("C_Sign", 0, "module_failed"),
                ("C_Sign", -1, "module_failed"), ("C_Sign", 266, "module_failed"),
                ("C_FindObjects", 1000000, "module_failed"), ("C_GetMechanismList", 0, "module_failed")):
            with self.subTest(call=call, length=length):
                members = self.members(self.start("ok"))
                token = self.start("lies_about_length", MOD_CALL=call, MOD_LENGTH=str(length))
                self.assert_error(token.sign(members), reason)
                self.assert_alive(token)

    def test_lies_about_lists(self):
        token = self.start("lies_about_length", MOD_CALL="C_GetSlotList")
        self.assert_error(token.call("tokens"), "module_failed")
        token = self.start("lies_about_length", MOD_CALL="C_GetMechanismList")
        self.assert_works(token)    # the right mechanism is among those that it wrote
        token = self.start("lies_about_length", MOD_CALL="C_GetAttributeValue")
        self.assertEqual(token.result("certificates", slot=1), {"certificates": []})

    def test_slow_login(self):
        token = self.start("slow_login")
        start = time.monotonic()
        token.send_sign(self.members(token))
        self.assertEqual(token.receive()["state"], "started")
        self.assertLess(time.monotonic() - start, patient(1))
        self.assertEqual(token.receive()["state"], "done")
        self.assertGreater(time.monotonic() - start, 1.4)
        self.assertIn("result", token.answer()[1])

    def test_card_pulled_and_put_back(self):
        for call, count in (("C_Sign", "2"), ("C_Login", "1"), ("C_SignInit", "1"), ("C_GetAttributeValue", "2")):
            with self.subTest(call=call):
                token = self.start("card_pulled", MOD_CALL=call, MOD_COUNT=count)
                self.assert_error(token.sign(self.members(token, 3)), "card_removed")
                self.assertEqual(token.result("tokens"), {"tokens": []})
                self.assert_error(token.call("certificates", slot=2), "not_found")
                self.assertEqual(len(token.result("tokens")["tokens"]), 1)
                self.assert_works(token)

    def test_keypad(self):
        token = self.start("keypad")
        self.assertIs(token.result("tokens")["tokens"][0]["pin"]["keypad"], True)
        self.assertEqual(self.logins(self.assert_works(token, 2, pin=None)), ["started", "done"])
        self.assert_works(token)    # a pipe that came nevertheless is not read

    def test_args_bad(self):
        token = self.start("args_bad")
        self.assertEqual(token.hello.get("event"), "ready", token.hello)
        self.assert_works(token)

    def test_always_authenticate(self):
        token = self.start("always_auth")
        self.assertEqual(self.logins(self.assert_works(token, 3)), ["started", "done"] * 4)

    def test_a_failed_login_within_a_batch_is_not_tried_again(self):
        token = self.start("always_auth", MOD_WRONG_LOGIN="3")
        answer = token.sign(self.members(token, 5))
        self.assertEqual(self.assert_error(answer, "pin_incorrect")["pin"]["state"], "low")
        self.assertEqual(self.logins(answer), ["started", "done"] * 3)
        self.assert_works(token)

    def test_garbage_certificates_are_left_out(self):
        token = self.start("garbage_certificate")
        self.assertEqual(token.result("tokens")["tokens"][0]["label"], "\ufffdmza\ufffd Kart\ufffd")
        certificates = token.result("certificates", slot=1)["certificates"]
        self.assertEqual([c["ckaId"] for c in certificates], ["0a", ""])
        self.assertEqual(base64.b64decode(certificates[1]["der"]), bytes([0x30, 3, 2, 1, 5]))
        self.assertIs(certificates[1]["hasKey"], False)
        self.assert_works(token)

    def test_empty_card_beside_an_unknown_one(self):
        token = self.start("empty")
        self.assertEqual([t["slot"] for t in token.result("tokens")["tokens"]], [1])
        self.assertEqual(token.result("certificates", slot=1), {"certificates": []})
        self.assert_error(token.sign(self.members(token)), "not_found")
        self.assertEqual(self.start("empty", MOD_BLANK="1").result("tokens"), {"tokens": []})

    def test_answers_of_login(self):
        for rv, reason in ((0xa0, "pin_incorrect"), (0xa1, "pin_policy"), (0xa2, "pin_policy"), (0xa3, "pin_not_set"), (0xa4, "pin_locked"),
                           (0x102, "pin_not_set"), (0x50, "user_cancelled"), (0x32, "card_removed"), (0xe0, "card_removed"),
                           (0xb3, "card_removed"), (0x104, "busy"), (0x30, "module_failed"), (0x5, "module_failed"), (0x80000001, "module_failed")):
            with self.subTest(rv=hex(rv)):
                token = self.start("answers", MOD_RV=hex(rv), MOD_TIMES="1")
                answer = token.sign(self.members(token))
                error = self.assert_error(answer, reason)
                self.assertIn(f"(0x{rv:x})", error["detail"])
                self.assertEqual("pin" in error, reason in ("pin_incorrect", "pin_policy", "pin_locked"))
                self.assertEqual(self.logins(answer), ["started", "done"])    # one try, whatever came
                self.assert_works(token)

    def test_a_login_left_behind_is_ended_first(self):
        self.assert_works(self.start("answers", MOD_RV="0x100", MOD_TIMES="1"))

    def test_a_logout_that_fails_does_not_matter(self):
        self.assert_works(self.start("answers", MOD_CALL="C_Logout", MOD_RV="0x101"))

    def test_a_card_that_another_program_holds_is_waited_for(self):
        self.assert_works(self.start("answers", MOD_CALL="C_OpenSession", MOD_RV="0x30", MOD_TIMES="2"))
        token = self.start("answers", MOD_CALL="C_OpenSession", MOD_RV="0x30")
        self.assert_error(token.sign(self.members(token)), "module_failed")

    def test_a_module_that_lost_its_footing_is_started_anew(self):
        for rv in ("0x5", "0x190"):
            with self.subTest(rv=rv):
                token = self.start("answers", MOD_CALL="C_GetSlotList", MOD_RV=rv, MOD_TIMES="1")
                self.assertEqual(len(token.result("tokens")["tokens"]), 1)
                self.assertEqual(token.log_text().count("anew"), 1)
                token = self.start("answers", MOD_CALL="C_GetSlotList", MOD_RV=rv, MOD_TIMES="2")
                self.assert_error(token.call("tokens"), "module_failed")    # once, not for ever
                self.assertEqual(len(token.result("tokens")["tokens"]), 1)
        token = self.start("answers", MOD_CALL="C_Sign", MOD_RV="0x5", MOD_TIMES="1")
        self.assert_error(token.sign(self.members(token)), "module_failed")
        self.assert_works(token)
        self.assertEqual(token.log_text().count("anew"), 1)

    def test_initialize_answers(self):
        token = self.start("answers", MOD_CALL="C_Initialize", MOD_RV="0x191")
        self.assert_works(token)
        token = self.start("answers", MOD_CALL="C_Initialize", MOD_RV="0x5")
        self.assertEqual(token.hello["error"]["reason"], "module_failed")
        self.assertIn("CKR_GENERAL_ERROR", token.hello["error"]["detail"])


class BadPeers(TokenCase):
    def test_broken_frames_end_the_process(self):
        for data in (b"\xff\xff\xff\xff", b"\0\0\0\2[]", b"\0\0\0\3{}x", b"\0\0\0\x05\xff\xff\xff\xff\xff", b'\0\0\0\x08{"id":1}'):
            with self.subTest(data=data), Token(FAKES / "mod_ok.so") as token:
                token.socket.sendall(data)
                with self.assertRaises(Ended):
                    token.receive()
                self.assertEqual(token.process.wait(ANSWER_SECONDS), 0)

    def test_no_arguments_or_no_socket(self):
        self.assertEqual(subprocess.run([PROGRAM], capture_output=True, check=False).returncode, 2)
        self.assertEqual(subprocess.run([PROGRAM, FAKES / "mod_ok.so"], capture_output=True, check=False).returncode, 1)


if __name__ == "__main__":
    unittest.main()
