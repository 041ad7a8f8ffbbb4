# SPDX-License-Identifier: Apache-2.0
"""A small server that speaks the wire as the OpenRPC document says, and one thing wrong for each word that it is given.

wrong_server.py OPENRPC PORT ORIGIN [WORD...]; WRONG lists the words. Without one it passes the conformance checks.
"""
import hashlib
import json
import re
import socket
import struct
import sys
import threading
from base64 import b64encode

import jsonschema

from contract import Contract

# word: what is wrong then
WRONG = {
    "any-origin": "every Origin is let in",
    "any-host": "every Host is let in",
    "any-version": "WebSocket version 8 is answered with 101",
    "any-subprotocol": "a page that offers no subprotocol of ours is let in",
    "no-versions": "imza.versions is not known",
    "extension": "permessage-deflate is agreed on when it is offered",
    "any-path": "every path opens a WebSocket",
    "any-fetch": "Sec-Fetch-* is not looked at",
    "cors": "scripts of every origin may read the plain page",
    "talkative": "the plain page tells the version",
    "lenient-json": "numbers like NaN are taken",
    "duplicate-names": "a member's name may stand twice",
    "any-depth": "JSON may be deeper than the limit",
    "batches": "batches are answered",
    "silent": "a request without an id gets no answer",
    "any-id": "an id may be a fraction, a list or null",
    "text-ids": "ids come back as text",
    "without-id": "answers have no id",
    "twice": "every answer is sent twice",
    "envelope-members": "unknown members beside jsonrpc, id, method and params are ignored",
    "ignores-members": "unknown members of params are ignored",
    "no-schema": "params are not checked",
    "no-pointer": "invalid_params does not say where",
    "wrong-code": "method_not_found has the code -32600",
    "no-remedy": "errors have no remedy",
    "english": "an error's Turkish message is English",
    "other-reason": "reader.list is refused with a reason that it does not list",
    "more-result": "results have a member that no schema knows",
    "less-result": "results lack a member",
    "strangers": "every origin may do everything",
    "any-size": "messages above the limit are taken",
    "any-bytes": "text that is no UTF-8 is taken",
    "lost-frames": "binary frames without a document are ignored",
    "shared-handles": "a handle is good on every connection",
    "wrong-hash": "the hash of a document is of something else",
    "short-read": "document.read leaves out the last byte",
    "wrong-size": "a document of too few bytes is taken",
    "cancels-all": "operation.cancel says that it cancelled what is not there",
    "unasked": "notifications come without a subscription",
    "stalls": "a method without dialog is never answered",
}
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
MESSAGE_MAX, DEPTH_MAX = 1 << 20, 32
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


class Refuse(Exception):
    def __init__(self, reason, **data):
        super().__init__(reason)
        self.reason, self.data = reason, data


class Hangup(Exception):
    def __init__(self, code=None):
        super().__init__(code)
        self.code = code


class Server:
    def __init__(self, openrpc, origin, wrong=(), port=0):
        self.contract, self.origin, self.wrong = Contract(openrpc), origin, set(wrong)
        self.documents = {}		# shared-handles
        self.socket = socket.create_server(("127.0.0.1", port))
        self.port = self.socket.getsockname()[1]

    def start(self):
        threading.Thread(target=self.serve, daemon=True).start()
        return self

    def serve(self):
        while True:
            try:
                client, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=Connection(self, client).run, daemon=True).start()

    def stop(self):
        if self.socket.fileno() >= 0:
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()

    def example(self, method):
        """Of the answers in the document, the one to the shortest request."""
        return json.loads(json.dumps(min(self.contract.methods[method]["examples"], key=lambda one: len(str(one)))["result"]["value"]))


class Connection:
    def __init__(self, server, client):
        self.server, self.contract, self.wrong = server, server.contract, server.wrong
        self.socket, self.file = client, client.makefile("rb")
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.documents = server.documents if "shared-handles" in server.wrong else {}
        self.last_handle = 0
        self.allowed = False

    def run(self):
        try:
            self.socket.settimeout(10)
            if self.handshake():
                while True:
                    self.message(*self.receive())
        except Hangup as hangup:
            if hangup.code:
                self.send(CLOSE, struct.pack(">H", hangup.code))
        except (OSError, EOFError):
            pass
        finally:
            try:
                self.socket.shutdown(socket.SHUT_WR)
                self.socket.settimeout(0.2)
                while self.socket.recv(65536):
                    pass		# so that the close code is not lost in a reset
            except OSError:
                pass
            self.socket.close()

    # --- handshake ---

    def handshake(self):
        request, *lines = self.head()
        method, path, _ = request.split(" ", 2)
        headers = {}
        for name, _, value in (line.partition(":") for line in lines):
            headers[name.strip().lower()] = ", ".join(filter(None, (headers.get(name.strip().lower()), value.strip())))
        if "upgrade" not in headers:
            self.plain(method, path)
            return False
        status, protocol = self.judge(path, headers)
        if status != 101:
            self.respond(status, {"Sec-WebSocket-Version": "13"} if status == 426 else {})
            return False
        accept = b64encode(hashlib.sha1(headers["sec-websocket-key"].encode() + GUID).digest()).decode()
        more = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Accept": accept}
        if protocol:
            more["Sec-WebSocket-Protocol"] = protocol
        if "extension" in self.wrong and "sec-websocket-extensions" in headers:
            more["Sec-WebSocket-Extensions"] = headers["sec-websocket-extensions"]
        self.respond(101, more)
        self.allowed = headers.get("origin") == self.server.origin or "strangers" in self.wrong
        if protocol == self.contract.protocol["versions"]:
            self.send(TEXT, json.dumps({"protocols": [self.contract.protocol["subprotocol"]]}).encode())
            raise Hangup(1000)
        return True

    def head(self):
        lines = []
        while (line := self.file.readline(8192)) not in (b"\r\n", b""):
            lines.append(line.decode("latin-1").rstrip("\r\n"))
        if not lines:
            raise EOFError
        return lines

    def judge(self, path, headers):
        port = self.server.port
        if headers.get("sec-websocket-version") != "13" and "any-version" not in self.wrong:
            return 426, None
        if headers.get("host", "").lower() not in (f"127.0.0.1:{port}", f"localhost:{port}", f"[::1]:{port}") and "any-host" not in self.wrong:
            return 421, None
        fetch = headers.get("sec-fetch-mode", "websocket") == "websocket" and headers.get("sec-fetch-site") != "none"
        if not fetch and "any-fetch" not in self.wrong:
            return 403, None
        origin = re.fullmatch(r"https://[a-z0-9-]+(\.[a-z0-9-]+)*(:(?!443$)[1-9][0-9]{0,4})?", headers.get("origin", ""))
        if not origin and "any-origin" not in self.wrong:
            return 403, None
        if path != "/" and "any-path" not in self.wrong:
            return 400, None
        offered = re.split(r"[ ,\t]+", headers.get("sec-websocket-protocol", ""))
        known = [self.contract.protocol["subprotocol"]] + ([self.contract.protocol["versions"]] if "no-versions" not in self.wrong else [])
        chosen = next((name for name in known if name in offered), None)
        return (101 if chosen or "any-subprotocol" in self.wrong else 400), chosen

    def plain(self, method, path):
        status = 405 if method != "GET" else 200 if path == "/" else 404
        headers = {"Access-Control-Allow-Origin": "*"} if "cors" in self.wrong else {}
        body = "" if status != 200 else "agent 0.1.0 is running\n" if "talkative" in self.wrong else "the agent is running\n"
        self.respond(status, headers, body)

    def respond(self, status, headers, body=""):
        lines = [f"HTTP/1.1 {status} -", *(f"{name}: {value}" for name, value in headers.items())]
        lines += [f"Content-Length: {len(body)}", "Connection: close"] if status != 101 else []
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n" + body).encode())

    # --- frames ---

    def exactly(self, count):
        data = self.file.read(count)
        if len(data) < count:
            raise EOFError
        return data

    def frame(self):
        first, second = self.exactly(2)
        length = second & 127
        length = int.from_bytes(self.exactly(2 if length == 126 else 8), "big") if length > 125 else length
        if length > MESSAGE_MAX and "any-size" not in self.wrong:
            raise Hangup(1009)
        mask = self.exactly(4)
        data = self.exactly(length)
        number = int.from_bytes(data, "big") ^ int.from_bytes((mask * (length // 4 + 1))[:length], "big")
        return first >> 7, first & 15, number.to_bytes(length, "big")

    def receive(self):
        """(kind, bytes) of a whole message."""
        kind, content, last = 0, b"", False
        while not last:
            fin, opcode, data = self.frame()
            if opcode == CLOSE:
                raise Hangup(1000)
            if opcode == PING:
                self.send(PONG, data)
            if opcode in (0, TEXT, BINARY):
                kind, content, last = opcode or kind, content + data, bool(fin)
        return kind, content

    def send(self, opcode, data):
        length = len(data)
        head = bytes([length]) if length < 126 else b"\x7e" + struct.pack(">H", length) if length < 65536 else b"\x7f" + struct.pack(">Q", length)
        self.socket.sendall(bytes([0x80 | opcode]) + head + data)

    # --- messages ---

    def message(self, kind, content):
        if kind == BINARY:
            self.document_bytes(content)
            return
        try:
            text = content.decode(errors="replace" if "any-bytes" in self.wrong else "strict")
        except UnicodeDecodeError:
            raise Hangup(1007) from None
        request_id, answer = None, {}
        try:
            message = self.parse(text)
            if "batches" in self.wrong and isinstance(message, list) and message:
                message = message[0]
            request_id = self.id_of(message)
            if request_id is None and "silent" in self.wrong and isinstance(message, dict) and "id" not in message and "method" in message:
                return
            answer = {"result": self.request(message, request_id)}
        except Refuse as refuse:
            answer = {"error": self.error(refuse)}
        if answer == {"result": None}:
            return
        self.send_text({"jsonrpc": "2.0", "id": str(request_id) if "text-ids" in self.wrong and request_id is not None else request_id, **answer})

    def send_text(self, message):
        if "without-id" in self.wrong:
            message.pop("id", None)
        data = json.dumps(message, ensure_ascii=False).encode()
        for _ in range(2 if "twice" in self.wrong else 1):
            self.send(TEXT, data)

    def parse(self, text):
        def once(pairs):
            if len({name for name, _ in pairs}) < len(pairs) and "duplicate-names" not in self.wrong:
                raise ValueError
            return dict(pairs)

        def no_number(_):
            if "lenient-json" not in self.wrong:
                raise ValueError
            return 0

        depth, deepest = 0, 0
        for character in re.sub(r'"(?:[^"\\]|\\.)*"', "", text):
            depth += (character in "[{") - (character in "]}")
            deepest = max(deepest, depth)
        try:
            if deepest > (DEPTH_MAX if "any-depth" not in self.wrong else 500) or text.startswith("\ufeff"):
                raise ValueError
            message = json.loads(text, object_pairs_hook=once, parse_constant=no_number)
            json.dumps(message, ensure_ascii=False).encode()		# lone surrogates
        except (ValueError, RecursionError):
            raise Refuse("parse_error") from None
        if "\\u0000" in text:
            raise Refuse("parse_error")
        return message

    def id_of(self, message):
        request_id = message.get("id") if isinstance(message, dict) else None
        if "any-id" in self.wrong and request_id is not None:
            return request_id
        if isinstance(request_id, str) and 1 <= len(request_id) <= 64:
            return request_id
        return request_id if type(request_id) is int and 0 <= request_id < 1 << 53 else None

    def error(self, refuse):
        error = json.loads(json.dumps(self.contract.errors[refuse.reason]))
        error["data"].update(refuse.data)
        if refuse.reason == "invalid_params" and "no-pointer" in self.wrong:
            del error["data"]["pointer"]
        if "wrong-code" in self.wrong and refuse.reason == "method_not_found":
            error["code"] = -32600
        if "no-remedy" in self.wrong:
            del error["data"]["remedy"]
        if "english" in self.wrong:
            error["data"]["message"]["tr"] = error["data"]["message"]["en"]
        return error

    def request(self, message, request_id):
        if not isinstance(message, dict) or message.get("jsonrpc") != "2.0" or not isinstance(message.get("method"), str) or \
                not isinstance(message.get("params", {}), dict) or (request_id is None and "any-id" not in self.wrong):
            raise Refuse("invalid_request")
        if set(message) - {"jsonrpc", "id", "method", "params"} and "envelope-members" not in self.wrong:
            raise Refuse("invalid_request")
        method, params = message["method"], message.get("params", {})
        if method not in self.contract.methods:
            raise Refuse("method_not_found")
        if self.contract.permission(method) != "none" and not self.allowed:
            raise Refuse("origin_denied")
        self.check(method, params)
        return self.result(method, params)

    def check(self, method, params):
        schema = self.contract.methods[method]["x-params"]
        errors = list(self.contract.validator(schema).iter_errors(params))
        if "ignores-members" in self.wrong:
            errors = [error for error in errors if error.validator != "additionalProperties"]
        if not errors or "no-schema" in self.wrong:
            return
        pointer, keyword = place(min(errors, key=lambda error: (list(map(str, error.absolute_path)), error.validator == "uniqueItems")))
        raise Refuse("invalid_params", pointer=pointer, keyword=keyword, rule="is wrong.")

    # --- methods ---

    def result(self, method, params):
        if "stalls" in self.wrong and method == "card.list":
            return None
        if "other-reason" in self.wrong and method == "reader.list":
            raise Refuse("no_card")
        if "unasked" in self.wrong and method == "reader.list":
            example = self.contract.notifications["reader.removed"]["examples"][0]["params"]
            self.send_text({"jsonrpc": "2.0", "method": "reader.removed", "params": {one["name"]: one["value"] for one in example}})
        handler = getattr(self, method.replace(".", "_"), None)
        result = handler(params) if handler else self.server.example(method)
        if "more-result" in self.wrong:
            result["more"] = 1
        if "less-result" in self.wrong and result:
            result.popitem()
        return result

    def agent_info(self, _params):
        result = self.server.example("agent.info")
        result["features"].remove("identity")
        result["grant"] = "listed" if self.allowed else "none"
        return result

    def agent_requestAccess(self, _params):
        return {"grant": "listed" if self.allowed else "denied"}

    def agent_subscribe(self, params):
        return {"topics": params["topics"]}

    def certificate_list(self, _params):
        return {"certificates": []}

    def pin_status(self, _params):
        raise Refuse("not_found")

    def sign_document(self, _params):
        raise Refuse("not_found")

    form_sign = sign_hash = sign_document

    def form_describe(self, params):
        result = self.server.example("form.describe")
        if params.get("form") != result["id"]:
            raise Refuse("not_found")
        return result

    def form_validate(self, params):
        self.form_describe(params)
        empty = self.contract.methods["form.validate"]["examples"]
        return next(one for one in empty if one["result"]["value"]["valid"] == bool(params.get("data")))["result"]["value"].copy()

    def form_render(self, params):
        if not self.form_validate(params)["valid"]:
            raise Refuse("form_invalid", errors=self.form_validate(params)["errors"])
        return self.server.example("form.render")

    def operation_cancel(self, _params):
        return {"cancelled": "cancels-all" in self.wrong}

    # --- documents ---

    def document_open(self, params):
        self.last_handle += 1
        self.documents[self.last_handle] = [params.get("size"), b""]
        return {"document": self.last_handle}

    def document_bytes(self, frame):
        document = self.documents.get(int.from_bytes(frame[:4], "big")) if len(frame) >= 4 else None
        if (document is None or not self.allowed) and "lost-frames" not in self.wrong:
            raise Hangup(1008)
        if document is not None:
            document[1] += frame[4:]

    def content(self, params):
        if params.get("document") not in self.documents:
            raise Refuse("not_found")
        size, content = self.documents[params["document"]]
        if len(content) != size and ("wrong-size" not in self.wrong or len(content) > size):
            raise Refuse("document_invalid" if len(content) < size else "too_large")
        return content

    def document_read(self, params):
        content, offset = self.content(params), params.get("offset", 0)
        if offset > len(content):
            raise Refuse("invalid_params", pointer="/offset", keyword="maximum", rule="is beyond the end.")
        part = content[offset:][:params.get("length", len(content))]
        self.send(BINARY, params["document"].to_bytes(4, "big") + part[:len(part) - ("short-read" in self.wrong)])
        return {"offset": offset, "length": len(part)}

    def document_close(self, params):
        try:
            content = self.content(params)
        finally:
            self.documents.pop(params.get("document"), None)
        return {"size": len(content), "sha256": hashlib.sha256(content + (b"x" if "wrong-hash" in self.wrong else b"")).hexdigest()}


def place(error):
    """(pointer, keyword) of an error as base/schema tells it."""
    while error.validator in ("oneOf", "anyOf"):
        branches = {}
        for below in error.context:
            branches.setdefault(below.schema_path[0], []).append(below)
        of_the_type = [errors for errors in branches.values() if not any(one.validator == "type" and not one.path for one in errors)]
        if not of_the_type:
            break
        # The branch that was meant lacks the fewest members, and knows the most of those that are there.
        error = jsonschema.exceptions.best_match(min(of_the_type, key=lambda errors: (
            sum(one.validator == "required" for one in errors), sum(one.validator == "additionalProperties" for one in errors), len(errors))))
    path = list(error.absolute_path)
    if error.validator == "additionalProperties":
        path.append(sorted(set(error.instance) - set(error.schema.get("properties", {})))[0])
    if error.validator == "required":
        path.append(next(name for name in error.validator_value if name not in error.instance))
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path), error.validator


if __name__ == "__main__":
    if unknown := set(sys.argv[4:]) - set(WRONG):
        sys.exit(f"no such word: {', '.join(unknown)}")
    Server(sys.argv[1], sys.argv[3], sys.argv[4:], int(sys.argv[2])).serve()
