# SPDX-License-Identifier: Apache-2.0
"""What the attacks share: the end-to-end tests' agent, handshakes byte by byte, and agents of other users."""
import json
import os
import pathlib
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/e2e"))

from agent_client import BUILD, PROGRAMS  # found by the line above

# A page of another user, in Python's own library alone: prints the status of a handshake with each port, 0 for none.
KNOCK = """
import json, socket, sys
host, origin, statuses = sys.argv[1], sys.argv[2], []
for port in map(int, sys.argv[3:]):
    status = 0
    try:
        with socket.create_connection((host, port), timeout=5) as s:
            s.sendall((f"GET / HTTP/1.1\\r\\nHost: 127.0.0.1:{port}\\r\\nOrigin: {origin}\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\n"
                       "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\\r\\nSec-WebSocket-Version: 13\\r\\nSec-WebSocket-Protocol: imza.v1\\r\\n\\r\\n").encode())
            answer = s.recv(4096)
            status = int(answer.split()[1]) if answer.startswith(b"HTTP/") else 0
    except OSError:
        pass
    statuses.append(status)
print(json.dumps(statuses))
"""


def as_user(uid):
    """How subprocess starts a program as this user, who needs no account."""
    return {"user": uid, "group": uid, "extra_groups": []}


def knock(ports, *, uid=None, origin="https://portal.example", host="127.0.0.1", inside=()):
    """The statuses of a page's handshakes with these ports: as another user, or through a command that enters another network."""
    command = [*inside, "/usr/bin/python3", "-c", KNOCK, host, origin, *map(str, ports)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True, cwd="/", **(as_user(uid) if uid is not None else {}))
    return json.loads(done.stdout)


class UserAgent:
    """An agent of a user who has a number and folders and nothing else; use as a context manager. Needs root."""

    def __init__(self, uid, settings=""):
        self.uid, self.settings, self.process, self.port = uid, settings, None, None
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=f"imza-user-{uid}-"))

    def __enter__(self):
        # The build tree may lie where another user can't go; a copy that root owns is as trustworthy as an installed program.
        self.folder.chmod(0o755)
        (self.folder / "bin").mkdir()
        for name in PROGRAMS:
            shutil.copy(BUILD / "agent" / name, self.folder / "bin" / name)
        for name in ("home", "run", "state"):
            path = self.folder / name
            path.mkdir(mode=0o700)
            os.chown(path, self.uid, self.uid)
        config = self.folder / "agent.conf"
        config.write_text(f"module = /nonexistent/module.so\npinentry = /bin/false\nconsent-window = never\n{self.settings}", encoding="utf-8")
        config.chmod(0o644)
        environment = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": str(self.folder / "home"), "XDG_RUNTIME_DIR": str(self.folder / "run"),
                       "XDG_STATE_HOME": str(self.folder / "state"), "XDG_CACHE_HOME": str(self.folder / "home/.cache"),
                       "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "")}
        with open(self.folder / "log", "wb") as log:
            self.process = subprocess.Popen([self.folder / "bin/imza-agent", "--config", config], env=environment, cwd="/", stdout=subprocess.PIPE,
                                            stderr=log, **as_user(self.uid))
        line = self.process.stdout.readline().decode()
        if not line.startswith("ready on port "):
            self.__exit__()
            raise AssertionError(f"the agent of user {self.uid} did not start")
        self.port = int(line.split()[-1])
        return self

    def log(self):
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(20)
        self.process.stdout.close()
        shutil.rmtree(self.folder)


def frame(opcode, payload, *, final=True, masked=True, length=None, reserved=0):
    """A WebSocket frame (RFC 6455 section 5.2) that may lie about its length."""
    length = len(payload) if length is None else length
    head = bytes([(0x80 if final else 0) | reserved << 4 | opcode])
    mask = 0x80 if masked else 0
    if length < 126:
        head += bytes([mask | length])
    elif length < 65536:
        head += bytes([mask | 126]) + struct.pack(">H", length)
    else:
        head += bytes([mask | 127]) + struct.pack(">Q", length)
    return head + (b"\0\0\0\0" if masked else b"") + payload


def opened(port, origin="https://portal.example"):
    """A socket on which the handshake is over."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=10)
    connection.sendall((f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: {origin}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: imza.v1\r\n\r\n").encode())
    answer = b""
    while b"\r\n\r\n" not in answer:
        part = connection.recv(4096)
        if not part:
            break
        answer += part
    assert b" 101 " in answer, answer
    return connection


def close_code(connection):
    """The code of the close frame that comes; 0 when the connection ends without one."""
    received = b""
    try:
        while True:
            part = connection.recv(65536)
            if not part:
                break
            received += part
            if received[0] == 0x88 and len(received) >= 4:
                return int.from_bytes(received[2:4], "big")
    except ConnectionError:
        pass
    return 0
