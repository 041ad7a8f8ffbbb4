# SPDX-License-Identifier: Apache-2.0
"""The agent passes the conformance checks; a server with one thing wrong fails the check that is about it."""
import pathlib
import re
import subprocess
import sys
import unittest

import runner
import wrong_server
from endpoint import Skipped

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/e2e"))
from agent_client import ORIGIN, Agent  # noqa: E402

OPENRPC = ROOT / "proto/openrpc.json"
# What each word of wrong_server.WRONG must fail: part of a check's name.
FAILS = {
    "any-origin": "handshake: an origin", "any-host": "handshake: a host", "any-version": "handshake: another version of WebSocket",
    "any-subprotocol": "handshake: a subprotocol", "no-versions": "handshake: a page of another version", "extension": "handshake: a page gets in",
    "any-path": "handshake: another path", "any-fetch": "handshake: a request that is no page's", "cors": "http: a person",
    "talkative": "http: a person", "lenient-json": "what is no JSON", "duplicate-names": "stands twice", "any-depth": "levels up to the limit",
    "batches": "a batch", "silent": "a request without an id", "any-id": "what is no id", "text-ids": "the endpoint answers",
    "without-id": "the endpoint answers", "twice": "one answer for each", "envelope-members": "members that a request does not have",
    "ignores-members": "sign.document: members that it does not know", "no-schema": "document.open: bad params", "no-pointer": "form.sign: bad params",
    "wrong-code": "an unknown method", "no-remedy": "what is no request", "english": "what is no request", "other-reason": "reader.list: good params",
    "more-result": "card.list: good params", "less-result": "card.list: good params", "strangers": "card.list: a stranger",
    "any-size": "a message of the allowed size", "any-bytes": "no UTF-8", "lost-frames": "documents: a frame without",
    "shared-handles": "documents: a handle is of its connection", "wrong-hash": "documents: what goes up", "short-read": "documents: what goes up",
    "wrong-size": "too few and too many", "cancels-all": "operation.cancel: what is not", "unasked": "nothing comes unasked",
    "stalls": "card.list: good params",
}


def command(port, *more):
    """The runner as a program: (exit code, output)."""
    run = subprocess.run([sys.executable, ROOT / "tests/conformance/run", "--openrpc", OPENRPC, "--url", f"ws://127.0.0.1:{port}/",
                          "--origin", ORIGIN, *more], capture_output=True, text=True, check=False, timeout=120)
    return run.returncode, run.stdout + run.stderr


class OurAgent(unittest.TestCase):
    def test_it_passes_every_check(self):
        with Agent() as agent:
            agent.script("confirm ok", "pin 123456")
            code, output = command(agent.port, "--pin-is-scripted")
            self.assertIsNone(agent.process.poll(), agent.log())
        self.assertEqual(code, 0, output)
        passed, skipped = map(int, re.search(r"^conformance: (\d+) passed, 0 failed, (\d+) skipped$", output, re.M).groups())
        self.assertGreater(passed, 110)
        self.assertEqual(skipped, 1, output)		# agent.requestAccess has a check of its own

    def test_without_a_script_no_dialog_comes_up(self):
        with Agent() as agent:
            code, output = command(agent.port)
            self.assertEqual((code, agent.dialogs()), (0, ""), output)

    def test_it_passes_without_a_card(self):
        with Agent(token=False, modules=[]) as agent:
            code, output = command(agent.port, "--pin-is-scripted")
        self.assertEqual(code, 0, output)


class WrongServers(unittest.TestCase):
    def server(self, *wrong):
        server = wrong_server.Server(OPENRPC, ORIGIN, wrong).start()
        self.addCleanup(server.stop)
        return server

    def failures(self, server, only="", seconds=10):
        """seconds: for an answer; little where what is missing is the answer."""
        outcomes = runner.run(OPENRPC, f"ws://127.0.0.1:{server.port}/", ORIGIN, seconds=seconds, only=only)
        return {name: outcome for name, outcome in outcomes if outcome is not None and not isinstance(outcome, Skipped)}

    def test_with_nothing_wrong_it_passes_every_check(self):
        self.assertEqual(self.failures(self.server()), {})

    def test_each_wrong_thing_fails_its_check(self):
        self.assertEqual(set(FAILS), set(wrong_server.WRONG))
        for word, check in FAILS.items():
            with self.subTest(word=word):
                failures = self.failures(self.server(word), re.escape(check), seconds=1)
                self.assertEqual([name for name in failures if check in name], list(failures))
                self.assertNotEqual(failures, {}, wrong_server.WRONG[word])

    def test_one_wrong_thing_does_not_fail_the_rest(self):
        for word in ("cors", "wrong-hash"):
            with self.subTest(word=word):
                self.assertEqual(len(self.failures(self.server(word))), 1)

    def test_the_program_says_so(self):
        code, output = command(self.server("wrong-code").port)
        self.assertEqual(code, 1)
        self.assertRegex(output, r"(?m)^not ok \d+ - messages: an unknown method")
        self.assertRegex(output, r"(?m)^conformance: \d+ passed, 1 failed, \d+ skipped$")

    def test_who_is_not_there_fails(self):
        server = self.server()
        server.stop()
        code, output = command(server.port, "--seconds", "1")
        self.assertEqual(code, 1)
        self.assertIn("conformance: 0 passed, 1 failed", output)


if __name__ == "__main__":
    unittest.main()
