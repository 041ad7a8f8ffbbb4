# SPDX-License-Identifier: Apache-2.0
"""What is being checked: how it is reached, raw handshakes, and connections that note whatever goes against the contract."""
import base64
import hashlib
import json
import os
import socket
import urllib.parse

import websocket

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
ACCEPT = base64.b64encode(hashlib.sha1(KEY.encode() + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()).decode()


LEFT_OUT = object()


class Failed(Exception):
    """A check found something."""


class Skipped(Exception):
    """A check has nothing to look at here."""


class Closed(Exception):
    """The endpoint closed the connection, with this code (None: without one)."""

    def __init__(self, code):
        super().__init__(f"the connection was closed with {code}")
        self.code = code


class Endpoint:
    def __init__(self, contract, url, origin, scripted=False, seconds=5):
        self.contract, self.url, self.origin, self.scripted, self.seconds = contract, url, origin, scripted, seconds
        parts = urllib.parse.urlsplit(url)
        self.host, self.port = parts.hostname, parts.port
        self.stranger = f"https://conformance-{os.urandom(4).hex()}.example"
        self.info = {}

    def connect(self, origin=None):
        return Connection(self, origin or self.origin)

    def exchange(self, lines):
        """Sends these lines as a request's head; (status, headers, body), status 0: closed without an answer."""
        with socket.create_connection((self.host, self.port), timeout=self.seconds) as connection:
            connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
            answer = b""
            try:
                while b"\r\n\r\n" not in answer and (part := connection.recv(4096)):
                    answer += part
                head, _, body = answer.partition(b"\r\n\r\n")
                while head[9:12] != b"101" and (part := connection.recv(4096)):
                    body += part
            except OSError:
                if b"\r\n\r\n" not in answer:
                    return 0, {}, b""
        first, *rest = head.decode("latin-1").split("\r\n")
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in rest)}
        return (int(first.split()[1]) if first.startswith("HTTP/") else 0), headers, body

    def handshake(self, path="/", **changes):
        """A WebSocket handshake with changed headers (None: left out); as exchange()."""
        headers = {"Host": f"{self.host}:{self.port}", "Origin": self.origin, "Upgrade": "websocket", "Connection": "Upgrade",
                   "Sec-WebSocket-Key": KEY, "Sec-WebSocket-Version": str(self.contract.protocol["version"]),
                   "Sec-WebSocket-Protocol": self.contract.protocol["subprotocol"]}
        headers |= {name.replace("_", "-"): value for name, value in changes.items()}
        return self.exchange([f"GET {path} HTTP/1.1"] + [f"{name}: {value}" for name, value in headers.items() if value is not None])


class Connection:
    """One WebSocket. `problems` is what the endpoint sent against the contract meanwhile."""

    def __init__(self, endpoint, origin):
        self.endpoint, self.contract = endpoint, endpoint.contract
        self.problems, self.notifications, self.binary = [], [], []
        self.asked = {}		# id to method, of what has not been answered
        self.topics = {"always"}
        self.last_id = 0
        self.socket = websocket.create_connection(endpoint.url, subprotocols=[self.contract.protocol["subprotocol"]], origin=origin,
                                                  timeout=endpoint.seconds, http_no_proxy=["127.0.0.1", "localhost", "::1"])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.shutdown()

    # --- out ---

    def send_text(self, text):
        self.socket.send(text)

    def send_frame(self, opcode, data, fin=1):
        self.socket.send_frame(websocket.ABNF(fin, 0, 0, 0, opcode, 1, data))

    def send_bytes(self, document, content):
        self.socket.send_binary(document.to_bytes(4, "big") + content)

    def send(self, method, params=LEFT_OUT, request_id=None):
        if request_id is None:
            self.last_id += 1
            request_id = self.last_id
        self.asked[json.dumps(request_id)] = method
        message = {"jsonrpc": "2.0", "id": request_id, "method": method, **({} if params is LEFT_OUT else {"params": params})}
        self.send_text(json.dumps(message, ensure_ascii=False))
        return request_id

    # --- in ---

    def receive(self):
        """The next answer; notifications and binary frames are kept aside."""
        while True:
            try:
                opcode, data = self.socket.recv_data()
            except websocket.WebSocketTimeoutException:
                raise Failed(f"no answer within {self.endpoint.seconds} s") from None
            except (websocket.WebSocketException, OSError):
                raise Closed(None) from None
            if opcode == websocket.ABNF.OPCODE_CLOSE:
                raise Closed(int.from_bytes(data[:2], "big") if len(data) >= 2 else None)
            if opcode == websocket.ABNF.OPCODE_BINARY:
                self.binary.append(data)
                continue
            message = json.loads(data)
            if isinstance(message, dict) and "method" in message:
                self._notified(message)
                continue
            return self._answered(message)

    def _notified(self, message):
        self.notifications.append(message)
        problem = self.contract.notification_problem(message)
        if problem is None and self.contract.notifications[message["method"]]["x-topic"] not in self.topics:
            problem = f"{message['method']} came, which this connection did not subscribe to"
        if problem:
            self.problems.append(problem)

    def _answered(self, message):
        key = json.dumps(message.get("id")) if isinstance(message, dict) else ""
        method = self.asked.pop(key, None)
        if method is None and key != "null":
            self.problems.append(f"an answer that nobody waits for: {str(message)[:200]}")
            return message
        problem = self.contract.answer_problem(method, message)
        if problem:
            self.problems.append(f"{method or 'a message'}: {problem}")
        elif method == "agent.subscribe" and "result" in message:
            self.topics = {"always", *message["result"]["topics"]}
        return message

    def answer(self, request_id):
        message = self.receive()
        while isinstance(message, dict) and json.dumps(message.get("id")) != json.dumps(request_id) and self.problems:
            message = self.receive()	# a stray one has been noted
        if not isinstance(message, dict) or json.dumps(message.get("id")) != json.dumps(request_id):
            raise Failed(f"the answer to {request_id!r} has the id {message.get('id')!r}" if isinstance(message, dict) else f"{message!r}")
        return message

    def ask(self, method, params=LEFT_OUT, request_id=None):
        return self.answer(self.send(method, params, request_id))

    def result(self, method, **params):
        message = self.ask(method, params)
        if "result" not in message:
            raise Failed(f"{method} was refused with {reason_of(message)}")
        return message["result"]

    def refused(self, method, reason, **params):
        """The error's data."""
        return expect(self.ask(method, params), reason, f"{method} {str(params)[:80]}")

    def raw(self, text, reason, request_id=None):
        """A message that must be refused so."""
        if request_id is not None:
            self.asked[json.dumps(request_id)] = ""	# no method is known
        self.send_text(text)
        message = self.receive()
        expect(message, reason, text[:80])
        if json.dumps(message.get("id")) != json.dumps(request_id):
            raise Failed(f"{text[:80]}: answered with the id {message.get('id')!r}")

    def closes(self, code, what):
        """The endpoint must now close with this code."""
        try:
            while True:
                self.receive()
        except Closed as closed:
            # A reset in the middle of what we still send takes the code away.
            if closed.code not in (code, None):
                raise Failed(f"{what} closed the connection with {closed.code}, not {code}") from None
            if closed.code is None and code == 1007:
                raise Failed(f"{what} ended the connection without {code}") from None
        except Failed:
            raise Failed(f"{what} did not close the connection") from None

    def finish(self):
        """Nothing may be left to come."""
        self.result("agent.info")
        if self.asked:
            self.problems.append(f"never answered: {', '.join(self.asked)}")


def reason_of(message):
    error = message.get("error") if isinstance(message, dict) else None
    return error["data"].get("reason") if isinstance(error, dict) and isinstance(error.get("data"), dict) else None


def expect(message, reason, what):
    if "result" in message:
        raise Failed(f"{what}: answered with a result, not {reason}")
    if reason_of(message) != reason:
        raise Failed(f"{what}: refused with {reason_of(message)}, not {reason}")
    return message["error"]["data"]
