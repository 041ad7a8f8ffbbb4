# SPDX-License-Identifier: Apache-2.0
"""What the tests of imza-prompt share: the program on descriptor 3, a pinentry that answers from a script, requests made up."""
import array
import json
import os
import shutil
import socket
import struct
import subprocess
import tempfile
import time
import urllib.parse
from pathlib import Path

from patience import patient

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("IMZA_BUILD", ROOT / "build"))
PROGRAM = BUILD / "agent" / "imza-prompt"
FAKE = ROOT / "tests" / "fakes" / "pinentry"
SECONDS = patient(30)
ORIGIN = "https://basvuru.hastane.example"


class Refused(Exception):
    """The program answered with an error; `reason` is its name in proto/errors.json."""

    def __init__(self, error):
        super().__init__(error["reason"])
        self.reason, self.error = error["reason"], error


class Prompt:
    """One imza-prompt with a runtime folder of its own; use it in a `with`."""

    def __init__(self, script="", pinentry=None, arm_ms=0, flavor=None, windows=False, **environment):
        self.folder = Path(tempfile.mkdtemp(prefix="imza-prompt-"))
        self.pinentry = pinentry or FAKE
        self.arguments = [str(PROGRAM.with_name("imza-window") if windows else PROGRAM), str(self.pinentry)] + ([] if arm_ms is None else [str(arm_ms)])
        self.environment = {"PATH": "/usr/bin:/bin", "HOME": str(self.folder), "XDG_RUNTIME_DIR": str(self.folder), **environment}
        self.script(script)
        if flavor:
            (self.folder / "fake-pinentry.flavor").write_text(flavor)

    def script(self, text):
        (self.folder / "fake-pinentry").write_text(text + "\n")

    def __enter__(self):
        self.socket, theirs = socket.socketpair()
        self.socket.settimeout(SECONDS)
        self.log_file = open(self.folder / "stderr", "w+b")
        self.process = subprocess.Popen(["/bin/bash", "-c", f'exec "$@" 3<&{theirs.fileno()} 0</dev/null 1>/dev/null', "sh", *self.arguments],
                                        pass_fds=[theirs.fileno()], stderr=self.log_file,
                                        env={**self.environment, **{name: value for name, value in os.environ.items() if "SAN_OPTIONS" in name}})
        theirs.close()
        self.id = 0
        return self

    def __exit__(self, kind, *unused):
        self.socket.close()
        try:
            code = self.process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        words = self.words()
        self.log_file.close()
        shutil.rmtree(self.folder)
        # A sanitizer's report, a crash or a hang fails whichever test it happened in; -9 is a test's own doing.
        if code not in (0, -9) and kind in (None, Refused):
            raise AssertionError(f"imza-prompt ended with {code}\n{words}")

    def words(self):
        """What the program logged."""
        return (self.folder / "stderr").read_text(errors="replace")

    def send(self, op, fds=(), **members):
        self.id += 1
        body = json.dumps({"id": self.id, "op": op, **{"language": "tr", "origin": ORIGIN, "timeout": 20, **members}}).encode()
        control = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else []
        message = struct.pack(">I", len(body)) + body
        sent = self.socket.sendmsg([message], control)
        self.socket.sendall(message[sent:])

    def receive(self):
        def exactly(count):
            data = b""
            while len(data) < count:
                piece = self.socket.recv(count - len(data))
                if not piece:
                    raise EOFError("imza-prompt has gone")
                data += piece
            return data
        answer = json.loads(exactly(struct.unpack(">I", exactly(4))[0]))
        if answer["id"] != self.id:
            raise AssertionError(f"answer to {answer['id']}, not {self.id}")
        if "error" in answer:
            raise Refused(answer["error"])
        return answer["result"]

    def call(self, op, fds=(), **members):
        self.send(op, fds, **members)
        return self.receive()

    def pin(self, **members):
        """Asks for a PIN over a pipe: (answer or reason, the bytes that came)."""
        ours, theirs = os.pipe()
        try:
            self.send("pin", [theirs], **pin_request(**members))
            os.close(theirs)
            theirs = None
            try:
                answer = self.receive()["answer"]
            except Refused as refused:
                answer = refused.reason
            return answer, read_all(ours)
        finally:
            os.close(ours)
            if theirs is not None:
                os.close(theirs)

    def care(self, op, **members):
        """pin_verify, pin_change or pin_unblock over two pipes: (answer or reason, what came by the first, by the second)."""
        pipes = [os.pipe(), os.pipe()]
        open_ends = {end for pipe in pipes for end in pipe}
        try:
            self.send(op, [writer for _, writer in pipes], **care_request(**members))
            for _, writer in pipes:
                os.close(writer)
                open_ends.remove(writer)
            try:
                answer = self.receive()["answer"]
            except Refused as refused:
                answer = refused.reason
            return (answer, *(read_all(reader) for reader, _ in pipes))
        finally:
            for end in open_ends:
                os.close(end)

    # --- what the fake pinentry was told

    def commands(self):
        try:
            return (self.folder / "fake-pinentry.log").read_text().splitlines()
        except FileNotFoundError:
            return []

    def told(self, command):
        """The texts of every such command, as the signer reads them."""
        return [urllib.parse.unquote(line[len(command) + 1:]) for line in self.commands() if line.startswith(command + " ")]

    def wait_for(self, command, count=1):
        end = time.monotonic() + SECONDS
        while sum(line.split(" ")[0] == command for line in self.commands()) < count:
            if time.monotonic() > end:
                raise AssertionError(f"no {command} within {SECONDS} s: {self.commands()}")
            time.sleep(0.01)


def read_all(fd):
    data = b""
    while piece := os.read(fd, 4096):
        data += piece
    return data


def children(pid):
    """Process ids whose parent is pid."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(fields[1]) == pid and fields[0] != "Z":
                found.append(int(entry.name))
    return found


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def summary(kind="document", documents=None, owner="Çağla Şule Öğüt", **more):
    if documents is None:
        documents = [{"name": "Başvuru formu.pdf", "size": 186777, "sha256": "0123456789abcdef" * 4}]
    return {"kind": kind, "documents": documents,
            "certificate": {"owner": owner, "issuer": "TEST NES EC384 ALT KÖK", "notAfter": "2027-12-31T09:00:00Z"},
            "card": "AKIS", "reader": "ACS ACR39U ICC Reader 00 00", **more}


def pin_request(state="ok", minimum=6, maximum=8, keypad=False, **members):
    return {"summary": summary(), "pin": {"state": state, "minLength": minimum, "maxLength": maximum, "keypad": keypad}, **members}


def care_request(state="ok", minimum=6, maximum=8, keypad=False, **members):
    return {"card": "AKIS", "reader": "ACS ACR39U ICC Reader 00 00",
            "pin": {"state": state, "minLength": minimum, "maxLength": maximum, "keypad": keypad}, **members}


def certificate(number, owner="Çağla Şule Öğüt", **more):
    return {"id": f"{number:064x}", "owner": owner, "issuer": "TEST NES EC384 ALT KÖK", "notAfter": f"203{number}-12-31T09:00:00Z",
            "card": "AKIS", "reader": "ACS ACR39U ICC Reader 00 00", **more}
