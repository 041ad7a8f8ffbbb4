# SPDX-License-Identifier: Apache-2.0
"""imza-agent as a process with a token and a scripted pinentry, and a page's connection to it; every message is held against proto/."""
import base64
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import jsonschema
import referencing
import websocket

from patience import patient
from softhsm import SoftHsm, module_path

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("IMZA_BUILD", ROOT / "build"))
PROGRAMS = ("imza-agent", "imza-token", "imza-prompt", "imza-document", "imza-fetch")   # what an agent does not start without
ORIGIN = "https://portal.example"
DEVELOPER_ORIGIN = "http://localhost:8765"
PORTS = range(15070, 15080)
AT_ONCE = patient(3)   # seconds: without waiting for a dialog or a deadline, on however busy a machine; tests/bench measures


def _load(path):
    return json.loads((ROOT / "proto" / path).read_text(encoding="utf-8"))


_registry = referencing.Registry().with_resource(
    "types.json", referencing.Resource.from_contents(_load("types.json"), default_specification=referencing.jsonschema.DRAFT202012))


def _check(schema, instance):
    jsonschema.Draft202012Validator(schema, registry=_registry).validate(instance)


NOTHING = {"type": "object", "additionalProperties": False}


class Contract:
    """What proto/ says about answers and notifications."""

    methods = {f.stem: _load(f"methods/{f.name}") for f in (ROOT / "proto/methods").glob("*.json")}
    notifications = {f.stem: _load(f"notifications/{f.name}")["params"] for f in (ROOT / "proto/notifications").glob("*.json")}
    errors = {e["reason"]: e for e in _load("errors.json")["errors"]}
    detail = _load("errors.json")["detail"]

    @classmethod
    def answer(cls, method, message):
        assert message["jsonrpc"] == "2.0" and set(message) <= {"jsonrpc", "id", "result", "error"}, message
        if "result" in message:
            _check(cls.methods[method]["result"], message["result"])
        else:
            cls.error(method, message["id"], message["error"])

    @classmethod
    def error(cls, method, request_id, error):
        """method: what was asked, None if that is not known."""
        assert set(error) == {"code", "message", "data"}, error
        further = dict(error["data"])
        known = cls.errors[further.pop("reason")]
        assert known["reason"] in cls.reasons(method, request_id), f"{method} may not answer {known['reason']}"
        assert (error["code"], error["message"]) == (known["code"], known["message"]["en"]), error
        assert further.pop("message") == known["message"] and further.pop("remedy") == known["remedy"], error
        _check(cls.detail, further.pop("detail", ""))
        _check(known.get("data", NOTHING), further)

    @classmethod
    def reasons(cls, method, request_id):
        """What a request of this method may be refused with."""
        if request_id is None:
            return {"parse_error", "invalid_request"}
        common = {e["reason"] for e in cls.errors.values() if e.get("common")} - {"parse_error"}
        if method is None:
            return common
        if method not in cls.methods:
            return {"invalid_request", "method_not_found"}
        if cls.methods[method]["permission"] == "none":
            common.remove("origin_denied")
        return common - {"method_not_found"} | set(cls.methods[method]["errors"])

    @classmethod
    def notification(cls, message):
        assert set(message) == {"jsonrpc", "method", "params"}, message
        _check(cls.notifications[message["method"]], message["params"])


class Refused(Exception):
    """The error that a request was answered with."""

    def __init__(self, error):
        super().__init__(error["data"]["reason"])
        self.reason = error["data"]["reason"]
        self.data = error["data"]


class Page:
    """One WebSocket connection."""

    def __init__(self, port, origin=ORIGIN, host="127.0.0.1", **options):
        self.socket = websocket.create_connection(f"ws://{host}:{port}/", subprotocols=["imza.v1"], origin=origin, timeout=patient(30), **options)
        self.last_id = 0
        self.methods = {}
        self.notifications = []
        self.binary = []

    def close(self):
        self.socket.close()

    def send(self, method, params=None, request_id=None):
        self.last_id += 1
        request_id = self.last_id if request_id is None else request_id
        message = {"jsonrpc": "2.0", "id": request_id, "method": method}
        if params is not None:
            message["params"] = params
        self.methods[request_id] = method
        self.socket.send(json.dumps(message, ensure_ascii=False))
        return request_id

    def receive(self):
        """The next text message, held against the contract; binary frames are kept aside."""
        while True:
            opcode, data = self.socket.recv_data()
            if opcode == websocket.ABNF.OPCODE_BINARY:
                self.binary.append(data)
                continue
            if opcode == websocket.ABNF.OPCODE_CLOSE:
                raise ConnectionError(int.from_bytes(data[:2], "big") if data else None)
            message = json.loads(data)
            if "method" in message:
                Contract.notification(message)
                self.notifications.append(message)
                continue
            Contract.answer(self.methods.get(message["id"]), message)
            return message

    def answer(self, request_id):
        message = self.receive()
        assert message["id"] == request_id, message
        if "error" in message:
            raise Refused(message["error"])
        return message["result"]

    def call(self, method, **params):
        return self.answer(self.send(method, params))

    def refused(self, method, **params):
        """The error's data; the call must fail."""
        try:
            result = self.call(method, **params)
        except Refused as refused:
            return refused.data
        raise AssertionError(f"{method} was answered with {result}")

    # What a portal does, in short.

    def certificates(self, **search):
        return self.call("certificate.list", **({"filter": search} if search else {}))["certificates"]

    def signer(self, key_type, form=None):
        """A qualified certificate with such a key; for a renewal the one that ends soon (option renewal)."""
        found = self.certificates(qualified=True, valid=True)
        if form == "renewal":
            return next(c for c in found if c["status"] == "expiring")
        return max((c for c in found if c["key"]["type"] == key_type), key=lambda c: c["daysLeft"])

    def upload(self, content, name="belge.pdf", media_type="application/pdf", chunk=65536):
        handle = self.call("document.open", size=len(content), mediaType=media_type, name=name)["document"]
        for at in range(0, len(content), chunk):
            self.socket.send_binary(handle.to_bytes(4, "big") + content[at:at + chunk])
        return handle

    def download(self, document, **part):
        self.binary.clear()
        result = self.call("document.read", document=document, **part)
        assert all(frame[:4] == document.to_bytes(4, "big") for frame in self.binary)
        content = b"".join(frame[4:] for frame in self.binary)
        assert len(content) == result["length"]
        return content


class Agent:
    """The program, with folders of its own; use as a context manager."""

    def __init__(self, modules=None, extras=False, renewal=False, settings="", allowed=(ORIGIN,), token=True):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="imza-agent-"))
        self.runtime, self.state = self.folder / "run", self.folder / "state"
        self.runtime.mkdir(mode=0o700)
        self.token = SoftHsm(extras=extras, renewal=renewal) if token else None
        self.settings = "".join(f"module = {m}\n" for m in ([module_path()] if modules is None else modules))
        self.settings += "".join(f"allow-origin = {origin}\n" for origin in allowed)
        self.settings += f"developer-origin = {DEVELOPER_ORIGIN}\nhash-origin = {ORIGIN}\nlanguage = tr\ndialog-arm-ms = 0\nconsent-window = never\n"
        self.settings += f"pinentry = {self._pinentry()}\n{settings}"
        self.program = BUILD / "agent/imza-agent"
        self.process = self.port = None
        self.pages = []
        self.script("confirm ok", "pin 123456")

    def _pinentry(self):
        """The fake in a folder that nobody else can write."""
        path = self.folder / "pinentry"
        shutil.copy(ROOT / "tests/fakes/pinentry", path)
        path.chmod(0o755)
        return path

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.close()

    @property
    def config_path(self):
        return self.folder / "agent.conf"

    def configure(self):
        """Writes the settings file."""
        self.config_path.write_text(self.settings, encoding="utf-8")
        self.config_path.chmod(0o600)

    def environment(self):
        return {**os.environ, "XDG_RUNTIME_DIR": str(self.runtime), "XDG_STATE_HOME": str(self.state), "XDG_CACHE_HOME": str(self.folder / "cache"),
                **(self.token.env if self.token else self.no_token())}

    def no_token(self):
        """SoftHSM without a token: a user may not read the machine's own folder of tokens."""
        (self.folder / "tokens").mkdir(exist_ok=True)
        (self.folder / "softhsm2.conf").write_text(f"directories.tokendir = {self.folder}/tokens\n", encoding="utf-8")
        return {"SOFTHSM2_CONF": str(self.folder / "softhsm2.conf")}

    def start(self):
        self.configure()
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen([self.program, "--config", self.config_path], stdout=subprocess.PIPE, stderr=log,
                                            env=self.environment())
        line = self.process.stdout.readline().decode()
        assert line.startswith("ready on port "), line + self.log()
        self.port = int(line.split()[-1])

    @property
    def log_path(self):
        return self.folder / "agent.log"

    def log(self):
        return self.log_path.read_text(encoding="utf-8")

    def stop(self):
        """SIGTERM; the exit status."""
        for page in self.pages:
            page.close()
        self.pages.clear()
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(patient(20))
        self.process.stdout.close()
        return status

    def close(self):
        if not self.folder.exists():
            return
        status = self.stop() if self.process and self.process.poll() is None else 0
        log = self.log() if self.process else ""
        if self.token:
            self.token.close()
        shutil.rmtree(self.folder, ignore_errors=True)
        # What a sanitizer found in it or in a helper, a leak too, fails the test or class that had it; the crash of a module is no finding.
        if status != 0 or re.search("Sanitizer: (?!SEGV|ABRT|stack-overflow)|runtime error: ", log):
            raise AssertionError(f"imza-agent ended with {status}\n{log[-20000:]}")

    def page(self, origin=ORIGIN, **options):
        page = Page(self.port, origin, **options)
        self.pages.append(page)
        return page

    # The scripted user.

    def script(self, *lines):
        (self.runtime / "fake-pinentry").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def dialogs(self):
        """Every command that pinentry was given."""
        try:
            return (self.runtime / "fake-pinentry.log").read_text(encoding="utf-8")
        except FileNotFoundError:
            return ""

    def forget_dialogs(self):
        (self.runtime / "fake-pinentry.log").unlink(missing_ok=True)

    def wait_for(self, text, seconds=20):
        """Until pinentry has been given this."""
        end = time.monotonic() + patient(seconds)
        while text not in self.dialogs():
            if time.monotonic() > end:
                raise AssertionError(f"no {text}: {self.log()}")
            time.sleep(0.02)

    def family(self):
        """Name and number of the processes that the agent has started and that are still there, theirs included."""
        found, parents = {}, {self.process.pid}
        for _ in range(3):
            for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
                try:
                    name, rest = stat.read_text().rsplit(")", 1)
                except (FileNotFoundError, ProcessLookupError):
                    continue
                pid, parent = int(stat.parent.name), int(rest.split()[1])
                if parent in parents and pid not in parents:
                    parents.add(pid)
                    found[name.split("(", 1)[1]] = pid
        return found

    def children(self):
        return list(self.family())

    def wait_idle(self, seconds=3):
        """Until no dialog and no document job is left; token helpers stay."""
        end = time.monotonic() + patient(seconds)
        while any(not name.startswith("imza-token") for name in self.children()):
            if time.monotonic() > end:
                raise AssertionError(f"still there: {self.children()}")
            time.sleep(0.02)


def sample(form):
    """A made-up person's data for a form."""
    return json.loads((ROOT / f"proto/examples/forms/{form}.json").read_text(encoding="utf-8"))


def raw_handshake(port, lines, host="127.0.0.1"):
    """Sends these header lines as a GET; the status code, 0 for a closed connection."""
    with socket.create_connection((host, port), timeout=10) as connection:
        connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
        answer = connection.recv(4096)
    return int(answer.split()[1]) if answer.startswith(b"HTTP/") else 0


def open_files(pid):
    """What a process has open, as /proc names it."""
    names = []
    for entry in os.scandir(f"/proc/{pid}/fd"):
        try:
            names.append(os.readlink(entry.path))
        except FileNotFoundError:
            pass            # closed meanwhile
    return names


def base64_text(content):
    return base64.b64encode(content).decode()
