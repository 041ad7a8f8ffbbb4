# SPDX-License-Identifier: Apache-2.0
"""Bad input is the point: bad examples, messages cut anywhere, 10,000 mutations of good ones: an answer or a closed connection each."""
import json
import random
import unittest

import jsonschema
import websocket

from agent_client import ROOT, Contract, Page
from test_agent import AgentCase
from test_documents import SANITIZED, resident

SECONDS = 1 if not SANITIZED else 10	# without a word while something waits for an answer
AT_ONCE = 16				# requests under way
MUTATIONS = 10_000
A_CONNECTION = 500			# messages
CUTS = 60				# of one message


def examples(kind):
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted((ROOT / "proto/examples" / kind).glob("*.json"))}


def message(example, request_id):
    return json.dumps({"jsonrpc": "2.0", "id": request_id, "method": example["method"], "params": example["params"]}, ensure_ascii=False).encode()


class Silence(AssertionError):
    """Something was never answered."""


class Sender:
    """Sends raw messages, some at once, and counts one outcome for each; opens a new connection when one is closed or has been used long."""

    def __init__(self, agent):
        self.agent, self.page, self.used = agent, None, 0
        self.waiting = {}		# id as JSON to methods, of those under way that a reader of JSON would know
        self.sent = []			# what has no outcome yet
        self.results = self.errors = self.closed = 0
        self.reasons = {}

    def open(self):
        self.page = Page(self.agent.port)
        self.page.socket.settimeout(SECONDS)
        self.used = 0

    def close(self):
        if self.page is not None:
            self.page.socket.shutdown()
        self.page = None
        self.waiting.clear()
        self.sent.clear()

    def send(self, data):
        """One message; what is no UTF-8 must close the connection by itself."""
        try:
            data.decode()
        except UnicodeDecodeError:
            self.settle()
            self._send(data)
            self.settle(must_close=True)
            return
        self._send(data)
        if len(self.sent) >= AT_ONCE:
            self.settle()

    def _send(self, data):
        if self.page is None or self.used >= A_CONNECTION:
            self.settle()
            self.close()
            self.open()
        try:
            # 1e6 and 1000000 are the same number.
            sent = json.loads(data, parse_float=lambda text: int(float(text)) if float(text).is_integer() else float(text))
            method = sent.get("method")
            self.waiting.setdefault(json.dumps(sent["id"]), []).append(method if isinstance(method, str) else None)
        except (ValueError, OverflowError, KeyError, AttributeError, RecursionError):
            pass
        self.used += 1
        self.sent.append(data)
        self.page.socket.send_frame(websocket.ABNF.create_frame(data, websocket.ABNF.OPCODE_TEXT))

    def settle(self, must_close=False):
        """Until everything that was sent has its outcome."""
        while self.sent:
            try:
                opcode, data = self.page.socket.recv_data()
            except websocket.WebSocketTimeoutException:
                raise Silence(f"nothing came for {SECONDS} s; waiting: {self.sent[-AT_ONCE:]}") from None
            except (websocket.WebSocketException, OSError):
                opcode, data = websocket.ABNF.OPCODE_CLOSE, b""
            if opcode == websocket.ABNF.OPCODE_CLOSE:
                self.closed += len(self.sent)
                self.close()
                return
            if opcode == websocket.ABNF.OPCODE_TEXT:
                self._answered(json.loads(data))
        self.waiting.clear()
        if must_close:
            raise AssertionError("text that is no UTF-8 was answered")

    def _answered(self, answer):
        if "method" in answer:
            Contract.notification(answer)
            return
        self.sent.pop(0)
        if "error" in answer:
            self.errors += 1
            reason = answer["error"]["data"]["reason"]
            self.reasons[reason] = self.reasons.get(reason, 0) + 1
        else:
            self.results += 1
        # A mutated id may be that of another message that is under way.
        problems = []
        for method in self.waiting.get(json.dumps(answer["id"]), [None]):
            try:
                Contract.answer(method, answer)
                return
            except (AssertionError, KeyError, jsonschema.ValidationError) as problem:
                problems.append(problem)
        raise AssertionError(f"{answer} is no answer: {problems}")

    def finish(self):
        self.settle()
        self.close()


# --- mutations ---------------------------------------------------------------------------------------------------------

NASTY = ["null", "true", "[]", "{}", '""', "0", "-0", "-1", "1.5", "1e308", "1e999", "9007199254740993", "-9223372036854775809",
         "[[[[[[]]]]]]", '"\\u0000"', '"\\ud800"', '"\\ud83d\\ude00"', '"' + "x" * 5000 + '"', '"' + "ş" * 300 + '"', "[" * 40 + "]" * 40,
         '{"a":1,"a":2}', '"../../etc/passwd"', '"\\u202e"', '"a\\nb"', '"%s%n"', "[" + "0," * 2000 + "0]"]
BYTES = [b"{", b"}", b"[", b"]", b'"', b"\\", b",", b":", b"0", b"-", b"e", b"\0", b"\xff", b"\xc0\x80", b"\xed\xa0\x80",
         b"\xf4\x90\x80\x80", b"\xe2\x80\xae", b"\x7f", b" " * 1000, b"\n", b"\\u0000", b"\\ud800", b"\xef\xbb\xbf"]
NAMES = ["pin", "origin", "", "a/b", "İ", "x" * 300]


def places(value, path=()):
    """The paths of all values in a JSON value."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, below in items:
        yield from places(below, path + (key,))


def with_value(text, path, raw):
    """The JSON text with the value at path replaced by raw text."""
    value = json.loads(text)
    mark = "\x01mark\x01"
    if not path:
        return raw.encode()
    target = value
    for step in path[:-1]:
        target = target[step]
    target[path[-1]] = mark
    return json.dumps(value, ensure_ascii=False).replace(json.dumps(mark), raw).encode()


def without(text, path):
    value = json.loads(text)
    target = value
    for step in path[:-1]:
        target = target[step]
    del target[path[-1]]
    return json.dumps(value, ensure_ascii=False).encode()


def mutated(chance, text, other):
    """The message with one seeded change: of its bytes, or of its JSON."""
    kind = chance.randrange(14)
    if kind == 0:
        at = chance.randrange(len(text))
        text = text[:at] + bytes([text[at] ^ 1 << chance.randrange(8)]) + text[at + 1:]
    elif kind == 1:
        at = chance.randrange(len(text) + 1)
        text = text[:at] + chance.choice(BYTES) + text[at:]
    elif kind == 2:
        at = chance.randrange(len(text))
        text = text[:at] + text[at + chance.randrange(1, 30):]
    elif kind == 3:
        at, end = sorted((chance.randrange(len(text)), chance.randrange(len(text))))
        text = text[:end] + text[at:end] + text[end:]
    elif kind == 4:
        text = text[:chance.randrange(len(text))] + other[chance.randrange(len(other)):]
    else:
        # Mostly below params: the envelope is soon told.
        every = list(places(json.loads(text)))
        deep = [path for path in every if len(path) > 1]
        path = chance.choice(deep if deep and chance.randrange(4) else every)
        if kind == 5 and path:
            text = without(text, path)
        elif kind in (6, 7):
            inside = {path: value for path in every if isinstance(value := at_path(text, path), dict)}
            path = chance.choice(list(inside)[1:] or list(inside))
            text = with_value(text, path, json.dumps({**inside[path], chance.choice(NAMES): 1}, ensure_ascii=False))
        elif kind in (8, 9):
            text = with_value(text, path, json.dumps(chance.choice(list(json.loads(other).values())), ensure_ascii=False))
        else:
            text = with_value(text, path, chance.choice(NASTY))
    return text


def at_path(text, path):
    value = json.loads(text)
    for step in path:
        value = value[step]
    return value


class BadInput(AgentCase):
    options = {"settings": "requests-per-second = 0\n"}

    def setUp(self):
        super().setUp()
        # Whoever gets as far as a dialog finds a user who wants none.
        self.agent.script("confirm cancel", "pin cancel")
        self.sender = Sender(self.agent)
        self.addCleanup(self.sender.close)

    def assert_well(self):
        self.assertIsNone(self.agent.process.poll(), self.agent.log()[-3000:])
        self.assertEqual(self.page().call("agent.info")["grant"], "listed")

    def test_every_bad_example_is_refused_with_its_place(self):
        page = self.page()
        bad = examples("bad")
        for name, example in bad.items():
            with self.subTest(name=name):
                data = page.refused(example["method"], **example["params"]) if isinstance(example["params"], dict) else None
                if data is None:
                    page.methods["x"] = example["method"]
                    page.socket.send(message(example, "x").decode())
                    self.assertEqual(page.receive()["error"]["data"]["reason"], "invalid_request")
                else:
                    self.assertEqual((data["reason"], data["pointer"], data["keyword"]), ("invalid_params", example["pointer"], example["keyword"]))
        self.assertGreater(len(bad), 100)
        self.assert_no_dialog()
        self.assert_well()

    def test_a_message_cut_anywhere_is_refused(self):
        chance = random.Random(1)
        sent = 0
        for number, example in enumerate(examples("ok").values()):
            whole = message(example, number)
            cuts = range(len(whole)) if len(whole) <= CUTS else sorted(chance.sample(range(len(whole)), CUTS))
            for cut in cuts:
                self.sender.send(whole[:cut])
                sent += 1
        self.sender.finish()
        self.assertEqual(self.sender.results, 0)
        self.assertEqual(set(self.sender.reasons), {"parse_error"})
        self.assertEqual(self.sender.errors + self.sender.closed, sent)
        self.assert_no_dialog()
        self.assert_well()

    def test_ten_thousand_mutations(self):
        chance = random.Random(20261124)
        by_method = {}
        for example in examples("ok").values():
            by_method.setdefault(example["method"], []).append(example)
        methods = sorted(by_method)
        memory = None
        for number in range(1, MUTATIONS + 1):
            one, other = (message(chance.choice(by_method[chance.choice(methods)]), number) for _ in range(2))
            self.sender.send(mutated(chance, one, other))
            if number == 1000:
                self.sender.finish()
                self.agent.wait_idle(10)
                memory = resident(self.agent.process)
        self.sender.finish()
        self.agent.wait_idle(10)
        sender = self.sender
        self.assertEqual(sender.results + sender.errors + sender.closed, MUTATIONS)
        for reason in ("parse_error", "invalid_request", "method_not_found", "invalid_params", "not_found", "form_invalid"):
            self.assertIn(reason, sender.reasons)
        self.assertNotIn("internal", sender.reasons)
        self.assertGreater(sender.results, MUTATIONS // 50)
        self.assert_well()
        if not SANITIZED:
            self.assertLessEqual(resident(self.agent.process), memory + 2048)


if __name__ == "__main__":
    unittest.main()
