#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures the agent against C_Sign on the same token, in one run: python3 tests/bench/bench.py BUILD [--quick]. Judges nothing."""
import base64
import hashlib
import json
import os
import secrets
import signal
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
BUILD = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "build-demo").resolve()
QUICK = "--quick" in sys.argv
ORIGIN = "http://127.0.0.1:8765"
PIN = "123456"
MODULE = os.path.realpath("/usr/lib/softhsm/libsofthsm2.so")
BATCH = 100
IDLE_SECONDS = 5 if QUICK else 20


class Page:
    """As little of a WebSocket client as measuring takes: text frames, one call at a time."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=120)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer, self.id, self.bytes = b"", 0, {}
        key = base64.b64encode(secrets.token_bytes(16)).decode()
        self.socket.sendall((f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                             f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: imza.v1\r\n"
                             f"Origin: {ORIGIN}\r\n\r\n").encode())
        while b"\r\n\r\n" not in self.buffer:
            self.more()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        if not head.startswith(b"HTTP/1.1 101"):
            raise ConnectionError(head.decode())

    def more(self):
        data = self.socket.recv(65536)
        if not data:
            raise ConnectionError("the agent has closed the connection")
        self.buffer += data

    def take(self, size):
        while len(self.buffer) < size:
            self.more()
        data, self.buffer = self.buffer[:size], self.buffer[size:]
        return data

    def frame(self):
        first, length = self.take(2)
        if length > 125:
            length, = struct.unpack(">H" if length == 126 else ">Q", self.take(2 if length == 126 else 8))
        return first, self.take(length)

    def call(self, method, **params):
        self.id += 1
        self.send(json.dumps({"jsonrpc": "2.0", "id": self.id, "method": method, "params": params}).encode())
        while True:
            answer = json.loads(self.text())
            if answer.get("id") == self.id:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]

    def upload(self, content, name):
        document = self.call("document.open", size=len(content), mediaType="application/pdf", name=name)["document"]
        self.send(document.to_bytes(4, "big") + content, 0x82)
        return document

    def send(self, data, kind=0x81):
        mask = secrets.token_bytes(4)
        head = struct.pack(">BB", kind, 0x80 | len(data)) if len(data) < 126 else \
            struct.pack(">BBH", kind, 0xFE, len(data)) if len(data) < 65536 else struct.pack(">BBQ", kind, 0xFF, len(data))
        key = (mask * (len(data) // 4 + 1))[:len(data)]
        masked = (int.from_bytes(data, "big") ^ int.from_bytes(key, "big")).to_bytes(len(data), "big")
        self.socket.sendall(head + mask + masked)

    def text(self):
        text = b""
        while True:
            first, payload = self.frame()
            if first & 0x0F == 2:
                document = int.from_bytes(payload[:4], "big")
                self.bytes[document] = self.bytes.get(document, b"") + payload[4:]
            elif first & 0x0F in (0, 1):
                text += payload
                if first & 0x80:
                    return text


class Agent:
    """A private agent whose dialogs a script answers."""

    def __init__(self, folder):
        config = folder / "agent.conf"
        config.write_text(f"module = {MODULE}\ndeveloper-origin = {ORIGIN}\nhash-origin = {ORIGIN}\nlanguage = tr\nrequests-per-second = 0\n"
                          f"pinentry = {ROOT / 'installer/demo-pinentry'}\ndialog-arm-ms = 0\nconsent-window = never\n")
        env = {**os.environ, "SOFTHSM2_CONF": str(folder / "token/softhsm2.conf"), "XDG_STATE_HOME": str(folder),
               "XDG_RUNTIME_DIR": str(folder)}
        self.begin = time.perf_counter()
        self.process = subprocess.Popen([BUILD / "agent/imza-agent", "--config", config], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=open(folder / "agent.log", "ab"), env=env)
        for line in self.process.stdout:
            if line.startswith(b"ready on port "):
                self.port = int(line.split()[-1])
                return
        raise RuntimeError(f"the agent did not start: {(folder / 'agent.log').read_text()}")

    def family(self):
        """(pid, name) of the agent and of what it has started."""
        pids = [self.process.pid]
        for pid in pids:
            pids += map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
        return [(pid, Path(f"/proc/{pid}/comm").read_text().strip()) for pid in pids]

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(10)


def pss_kib(pid, kind="Pss"):
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith(kind + ":"):
                return int(line.split()[1])
    except PermissionError:
        pass                    # hardened processes show their memory to root only
    return None


def switches(pid):
    """Context switches of all threads."""
    total = 0
    for status in Path(f"/proc/{pid}/task").glob("*/status"):
        total += sum(int(line.split()[1]) for line in status.read_text().splitlines() if "ctxt_switches" in line)
    return total


class PeakMemory:
    """The most that the agent and all that it started held together, looked at every 20 ms."""

    def __init__(self, agent):
        self.agent, self.peak, self.over = agent, 0, threading.Event()
        self.thread = threading.Thread(target=self.watch)

    def watch(self):
        while not self.over.wait(0.02):
            try:
                self.peak = max(self.peak, sum(pss_kib(pid) or 0 for pid, _ in self.agent.family()))
            except (FileNotFoundError, ProcessLookupError):
                pass            # one has just ended

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()


def median_us(rounds, work):
    times = []
    for _ in range(rounds):
        begin = time.perf_counter()
        work()
        times.append((time.perf_counter() - begin) * 1e6)
    return statistics.median(times)


def row(name, value, unit, note=""):
    print(f"| {name} | {value:,.{0 if value >= 1000 else 2}f} {unit} | {note} |", flush=True)


def raw_sign(folder, cka_id):
    output = subprocess.run([BUILD / "tests/bench/raw_sign", MODULE, "Demo E-İmza", PIN, cka_id, "200" if QUICK else "500"], check=True,
                            capture_output=True, env={**os.environ, "SOFTHSM2_CONF": str(folder / "token/softhsm2.conf")}).stdout
    return json.loads(output)


def measure_start(folder):
    ready, first = [], []
    for _ in range(3 if QUICK else 15):
        agent = Agent(folder)
        ready.append((time.perf_counter() - agent.begin) * 1e3)
        Page(agent.port).call("agent.info")
        first.append((time.perf_counter() - agent.begin) * 1e3)
        agent.stop()
    row("start to listening", statistics.median(ready), "ms")
    row("start to first answer", statistics.median(first), "ms", "process start, WebSocket handshake, agent.info")


def measure_signatures(page, folder):
    rounds, signatures = (5 if QUICK else 40), 0
    certificates = page.call("certificate.list", filter={"purpose": "signature"})["certificates"]
    for certificate in sorted(certificates, key=lambda item: item["key"]["type"], reverse=True):
        kind = certificate["key"]["type"]
        name = "RSA-2048" if kind == "rsa" else "P-384"
        raw = raw_sign(folder, "01" if kind == "rsa" else "02")
        hashes = [{"algorithm": "sha256", "value": base64.b64encode(hashlib.sha256(bytes([i])).digest()).decode(), "label": f"{i}.pdf"}
                  for i in range(BATCH)]
        one = median_us(rounds, lambda: page.call("sign.hash", certificate=certificate["id"], hashes=hashes[:1]))
        batches = max(3, rounds // 8)
        many = median_us(batches, lambda: page.call("sign.hash", certificate=certificate["id"], hashes=hashes)) / BATCH
        signatures += rounds + batches * BATCH
        row(f"{name}: C_Sign in process", raw["sign_us"] / 1e3, "ms", "the floor of a signature in a batch")
        row(f"{name}: sign.hash, batch of {BATCH}, a signature", many / 1e3, "ms",
            f"{many / raw['sign_us']:.2f} x the floor, + {(many - raw['sign_us']) / 1e3:.2f} ms")
        row(f"{name}: login, C_Sign, logout in process", raw["operation_us"] / 1e3, "ms", "the floor of an operation")
        row(f"{name}: sign.hash, one hash, whole operation", one / 1e3, "ms",
            f"{one / raw['operation_us']:.2f} x the floor, + {(one - raw['operation_us']) / 1e3:.2f} ms; starts the prompt and two scripted dialogs")
    return signatures


def measure_list(page, folder):
    raw = raw_sign(folder, "01")["list_us"]
    listed = median_us(20 if QUICK else 300, lambda: page.call("certificate.list"))
    row("certificate.list, warm helper", listed / 1e3, "ms", f"C_FindObjects and the values in process: {raw / 1e3:.2f} ms; + {(listed - raw) / 1e3:.2f} ms")


def measure_many(page, agent):
    """Memory over many signatures: a leak of a few bytes each would show. Heaps and stacks, as others' use of the same libraries changes the PSS."""
    certificate = next(c for c in page.call("certificate.list", filter={"purpose": "signature"})["certificates"] if c["key"]["type"] == "ec")
    hashes = [{"algorithm": "sha256", "value": base64.b64encode(hashlib.sha256(bytes([i])).digest()).decode(), "label": f"{i}.pdf"} for i in range(BATCH)]
    batches, first, begin = (20 if QUICK else 100), None, time.perf_counter()
    for number in range(batches):
        page.call("sign.hash", certificate=certificate["id"], hashes=hashes)
        if number == batches // 10:
            first = [(pss_kib(pid, "Anonymous"), name) for pid, name in agent.family()]
    last = [(pss_kib(pid, "Anonymous"), name) for pid, name in agent.family()]
    if None in (size for size, _ in first + last):
        return
    grown = sum(size for size, _ in last) - sum(size for size, _ in first)
    row(f"memory grown over {(batches - batches // 10 - 1) * BATCH:,} signatures", grown, "KiB",
        f"{batches * BATCH:,} signatures in {time.perf_counter() - begin:.0f} s; " + ", ".join(f"{name} {size} KiB" for size, name in last))


def measure_form(page, folder):
    """The dialogs of the script are taken off as sign.hash shows them: nobody but it waits for the programs that it starts."""
    example = ROOT / "proto/examples/forms/first-application.json"
    certificates = page.call("certificate.list", filter={"purpose": "signature"})["certificates"]
    certificate = next(c["id"] for c in certificates if c["key"]["type"] == "rsa")
    data, digest = json.loads(example.read_text()), base64.b64encode(bytes(32)).decode()

    def sign():
        page.call("document.close", document=page.call("form.sign", form=example.stem, data=data, certificate=certificate)["document"])

    def render():
        page.call("document.close", document=page.call("form.render", form=example.stem, data=data)["document"])

    def dialogs():
        page.call("sign.hash", certificate=certificate, hashes=[{"algorithm": "sha256", "value": digest, "label": "x"}])

    rounds, raw = (3 if QUICK else 25), raw_sign(folder, "01")
    whole, page_alone, hashed = (median_us(rounds, work) for work in (sign, render, dialogs))
    of_dialogs = hashed - raw["operation_us"]
    row("form.render", page_alone / 1e3, "ms", "checks, page")
    row("form.sign, whole operation", whole / 1e3, "ms", f"checks, page, consent, PIN, PAdES B-B; {of_dialogs / 1e3:.1f} ms of it the scripted dialogs; "
        f"without them {(whole - of_dialogs - raw['sign_us']) / 1e3:.1f} ms beyond C_Sign")


def fetch(page, document):
    page.call("document.read", document=document)
    return page.bytes.pop(document)


def measure_verify(page, folder):
    """One signed form, by its handle, beside pdfsig's time for the same file (it starts a process too)."""
    example = ROOT / "proto/examples/forms/first-application.json"
    certificate = page.call("certificate.list", filter={"purpose": "signature"})["certificates"][0]["id"]
    signed = page.call("form.sign", form=example.stem, data=json.loads(example.read_text()), certificate=certificate)
    (folder / "signed.pdf").write_bytes(fetch(page, signed["document"]))

    def verify():
        page.call("signature.verify", document=signed["document"])

    def pdfsig():
        subprocess.run(["pdfsig", "-nocert", folder / "signed.pdf"], check=True, capture_output=True)

    turns = [(median_us(3, verify), median_us(3, pdfsig)) for _ in range(3 if QUICK else 7)]
    ratio = statistics.median(own / other for own, other in turns)
    row("signature.verify, one signed form", statistics.median(own for own, _ in turns) / 1e3, "ms", f"{ratio:.2f} times the time of pdfsig -nocert")
    page.call("document.close", document=signed["document"])


def measure_form_batch(agent, page, folder):
    """One consent, one PIN, many forms; beside as many bare C_Signs of the same run."""
    count = 100 if QUICK else 1000
    example = ROOT / "proto/examples/forms/first-application.json"
    content = fetch(page, page.call("form.render", form=example.stem, data=json.loads(example.read_text()))["document"])
    certificates = page.call("certificate.list", filter={"purpose": "signature"})["certificates"]
    certificate = next(c["id"] for c in certificates if c["key"]["type"] == "rsa")
    rates, peaks = [], []
    for _ in range(3):
        handles = [page.upload(content, f"form-{i}.pdf") for i in range(count)]
        raw = raw_sign(folder, "01")["sign_us"]
        with PeakMemory(agent) as memory:
            begin = time.perf_counter()
            result = page.call("sign.document", certificate=certificate, format="pades", partial=True, documents=[{"document": h} for h in handles])
            each = (time.perf_counter() - begin) * 1e6 / count
        rates.append((raw / each, each, raw))
        peaks.append(memory.peak / 1024)
        for handle in handles + [d["document"] for d in result["documents"]]:
            page.call("document.close", document=handle)
    ratio, each, raw = sorted(rates)[1]
    row(f"RSA-2048: sign.document, batch of {count} forms, a form", each / 1e3, "ms",
        f"{ratio:.2f} times the rate of C_Sign in process ({raw / 1e3:.2f} ms); {len(content) // 1024} KiB each, PAdES B-B, all of it")
    row(f"memory (PSS) at its highest in a batch of {count}", max(peaks), "MiB", "in turn " + ", ".join(f"{peak:.1f}" for peak in peaks))


def measure_call(page):
    """agent.info beside a bare libwebsockets echo of as many bytes, by the same client, in turn."""
    rounds, port = (200 if QUICK else 2000), 15069
    echo = subprocess.Popen([BUILD / "tests/bench/echo", str(port)], stdout=subprocess.PIPE)
    try:
        echo.stdout.readline()
        other = Page(port)
        text = json.dumps({"jsonrpc": "2.0", "id": 1, "result": page.call("agent.info")}).encode()

        def bounce():
            other.send(text)
            json.loads(other.text())

        turns = [(median_us(rounds // 5, lambda: page.call("agent.info")), median_us(rounds // 5, bounce)) for _ in range(5)]
        call, echoed = statistics.median(c for c, _ in turns), statistics.median(e for _, e in turns)
        row("a call (agent.info), round trip", call, "µs", f"a bare libwebsockets echo: {echoed:.1f} µs; parse, check, dispatch, answer: {call - echoed:+.1f} µs")
    finally:
        echo.kill()
        echo.wait()


def measure_upload(page, folder):
    """A document's way in, hashed and spooled, beside openssl dgst on the same bytes. Masked with zeros: the client costs little."""
    chunk, size = 65536, (64 if QUICK else 512) << 20
    piece = secrets.token_bytes(chunk)
    (folder / "document").write_bytes(piece * (size // chunk))

    def upload():
        document = page.call("document.open", size=size, mediaType="application/octet-stream", name="d")["document"]
        frame = struct.pack(">BBQ", 0x82, 0xFF, chunk + 4) + bytes(4) + document.to_bytes(4, "big") + piece
        for _ in range(size // chunk):
            page.socket.sendall(frame)
        page.call("document.close", document=document)

    def digest():
        subprocess.run(["openssl", "dgst", "-sha256", folder / "document"], check=True, capture_output=True)

    turns = [(median_us(1, upload), median_us(1, digest)) for _ in range(3 if QUICK else 5)]
    ratio = statistics.median(digested / uploaded for uploaded, digested in turns)
    row(f"upload and hash of {size >> 20} MiB", statistics.median(u for u, _ in turns) / 1e3, "ms", f"{ratio:.2f} times the speed of openssl dgst -sha256")


def measure_memory(agent, when):
    sizes = [(pss_kib(pid), name) for pid, name in agent.family()]
    if None in (size for size, _ in sizes):
        print(f"| memory (PSS), {when} | not measured | takes root: the processes are not dumpable |")
        return
    parts = ", ".join(f"{name} {size / 1024:.2f}" for size, name in sizes)
    row(f"memory (PSS), {when}", sum(size for size, _ in sizes) / 1024, "MiB", parts)


def measure_idle(agent):
    family = agent.family()
    before = {pid: switches(pid) for pid, _ in family}
    time.sleep(IDLE_SECONDS)
    woken = sum(switches(pid) - before[pid] for pid, _ in family)
    print(f"| wake-ups in {IDLE_SECONDS} s idle | {woken} | all threads of {', '.join(name for _, name in family)} |")


def main():
    # In memory, as $XDG_RUNTIME_DIR is after a login: there the agent keeps what pages send.
    with tempfile.TemporaryDirectory(prefix="imza-bench-", dir="/dev/shm") as name:
        folder = Path(name)
        subprocess.run([ROOT / "installer/demo-token", folder / "token", "--pin", PIN], check=True)
        print("| what | figure | note |\n| --- | --- | --- |")
        measure_start(folder)
        agent = Agent(folder)
        try:
            page = Page(agent.port)
            page.call("agent.requestAccess")
            measure_call(page)
            measure_upload(page, folder)
            page.call("certificate.list")
            measure_memory(agent, "one page, no signature yet")
            measure_list(page, folder)
            signatures = measure_signatures(page, folder)
            measure_many(page, agent)
            measure_form(page, folder)
            measure_verify(page, folder)
            measure_form_batch(agent, page, folder)
            time.sleep(2)
            measure_memory(agent, f"after {signatures} signatures")
            measure_idle(agent)
        finally:
            agent.stop()


if __name__ == "__main__":
    main()
