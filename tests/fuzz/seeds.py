#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the first inputs of every fuzz target: python3 tests/fuzz/seeds.py FOLDER makes FOLDER/TARGET/*, out of proto/, the data files and tests."""
import base64
import hashlib
import json
import pathlib
import struct
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "proto/examples"


def messages():
    """The requests of proto/examples, a line each."""
    for path in sorted(EXAMPLES.glob("*/*.json")):
        data = path.read_bytes()
        if path.parent.name in ("ok", "bad"):
            try:
                yield json.dumps(json.loads(data), ensure_ascii=False).encode()
            except ValueError:
                yield data.replace(b"\n", b" ")


def request(method, number=1, **params):
    return json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}).encode()


def dispatch():
    yield from messages()
    binary = b"\x01" + struct.pack(">I", 1) + b"bytes of a document"
    yield b"\n".join([request("document.open", 1, size=19, mediaType="text/plain", name="a.txt"), binary, request("document.read", 2, document=1),
                      request("document.close", 3, document=1)])
    yield b"\n".join([request("agent.subscribe", topics=["readers", "cards", "operations"]), request("operation.cancel", 2, operation=1)])
    yield b"\n".join(list(messages())[:12])


def certificates():
    """A qualified person's (RSA, P-384), one for log-in, the chain, and a self-signed one with QC statements of both encodings."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        subprocess.run([ROOT / "installer/demo-token", folder, "--extras", "--keep-ca"], check=True, capture_output=True)
        for path in sorted(folder.rglob("*.pem")):
            text = path.read_text(encoding="ascii", errors="replace")
            for part in text.split("-----BEGIN CERTIFICATE-----")[1:]:
                yield base64.b64decode("".join(part.split("-----END")[0].split()))


def frames():
    def frame(value):
        text = value if isinstance(value, bytes) else json.dumps(value).encode()
        return struct.pack(">I", len(text)) + text

    ready = frame({"id": 0, "event": "ready", "module": {"manufacturer": "a", "description": "b", "version": "1"}})
    yield b"\x01" + ready + frame({"id": 1, "event": "progress", "done": 1}) + frame({"id": 1, "result": {}}) + frame({"id": 2, "result": {"x": [1]}})
    yield b"\x01" + ready + frame({"id": 1, "error": {"reason": "pin_incorrect", "detail": "x", "pin": {"state": "low"}}}) + frame({"id": 1, "result": {}})
    yield b"\x01" + frame({"id": 0, "error": {"reason": "module_failed"}})
    yield b"\x01" + ready + struct.pack(">I", 0xffffffff)
    yield b"\x00" + frame({"id": 1, "op": "tokens"}) + frame({"id": 2, "op": "fail"}) + frame({"id": 0, "op": "x"})
    yield b"\x00" + frame({"id": 1, "op": "sign", "digests": ["AA=="] * 3}) + frame(b"{") + frame(b"")
    yield b"\x00" + struct.pack(">I", 5) + b"{}"


def pinentry():
    yield b"OK Pleased to meet you\n" + b"OK\n" * 5 + b"D gtk2\nOK\nOK\nOK\nD 123456\nOK\n"
    yield b"OK\n" + b"ERR 83886254 Unknown option\n" * 5 + b"D qt\nOK\nOK\nERR 83886194 Not confirmed\nERR 83886179 Operation cancelled\n"
    yield b"OK\n" + b"OK\n" * 6 + b"OK\nS ERROR gtk2.Timeout 83886142\nERR 83886142 Timeout\nS PIN_REPEATED\nD 12%2534%0A\nD 56\nOK\n"
    yield b"OK\n" + b"OK\n" * 6 + b"OK\nOK\nD " + b"1" * 80 + b"\nOK\n"
    # libassuan tells of END as of data that is none.
    yield b"OK\n" + b"OK\n" * 5 + b"D gtk2\nOK\nOK\nOK\nD 123\nEND\nD 456\nOK\n"
    yield b"OK\n# a comment\nINQUIRE QUALITY 12\nOK\nEND\nBYE\n"


def files():
    settings = "module = /usr/lib/akis/libakisp11.so\nallow-origin = https://portal.example\nlanguage = tr\ndialog-seconds = 90\n# remark\n\nkey =\n"
    yield b"s" + settings.encode()
    yield b"smanifest-key https://portal.example AAAA\ndeny-orgin = https://portal.example\nrequire-audit-log = ja\n[module]\ntrust-dir = x\n"
    for path in sorted((ROOT / "agent/data/cards.d").glob("*.json")):
        yield b"k" + path.read_bytes()
    yield b"i" + (ROOT / "installer/demo-institution.json").read_bytes()
    for number, name in enumerate(("form.json", "schema.json", "layout.json", "texts.json")):
        for path in sorted((ROOT / "proto/forms").glob(f"*/{name}"))[:3]:
            yield b"%d" % number + path.read_bytes()
    yield b'o{"https://portal.example":true,"https://other.example:8443":true}'
    yield b"o[]"
    yield b'n{"%s":9000000000000,"x":{}}' % (b"ab" * 32)
    for atr in ("3B9F968131FE458065544320201231C073F621808105B3", "3B951381018073FF01000B", "3BFF1100008131FE4D8025A00000005657444B3333300600D0"):
        yield b"a" + atr.encode()


def manifests():
    """That of proto/examples, its claims alone, and claims for hashes and for a form."""
    text = json.loads((EXAMPLES / "ok/sign.document.manifest.json").read_text(encoding="utf-8"))["params"]["manifest"]
    yield text.encode()
    yield text.rpartition(".")[0].encode()
    payload = base64.urlsafe_b64decode(text.split(".")[1] + "==")
    yield payload
    claims = json.loads(payload)
    del claims["documents"]
    for more in ({"hashes": [{"algorithm": "sha256", "value": "942vQwVZ8BFuD3TxMFwlw5ki7+CaXJY5RdtbgcyN3Mw="}]},
                 {"form": {"id": "renewal", "version": 1, "sha256": "0" * 64}},
                 {"form": {"id": "renewal", "version": 1, "sha256": "", "attachments": [{"id": "x", "sha256": "0" * 64}]}}, {"documents": ["0" * 64] * 40}):
        yield json.dumps({**claims, **more}, ensure_ascii=False).encode()


def made(program, *arguments):
    """What a program of tests/e2e writes into a folder."""
    with tempfile.TemporaryDirectory() as name:
        subprocess.run([sys.executable, ROOT / "tests/e2e" / program, *arguments, name], capture_output=True, check=True)
        yield from (path.read_bytes() for path in sorted(pathlib.Path(name).iterdir()))


TARGETS = {"certificate": certificates, "cms_verify": lambda: made("verify_inputs.py", "cms"), "dispatch": dispatch, "files": files,
           "frame": frames, "json_schema": messages, "manifest": manifests, "pdf": lambda: made("document_inputs.py"),
           "pdf_verify": lambda: made("verify_inputs.py", "pdf"), "pinentry": pinentry, "revocation": lambda: made("revocation_pki.py")}
MEMORY = ("certificate", "cms_verify", "dispatch", "files", "frame", "json_schema", "manifest", "pdf", "pdf_verify", "revocation")  # these run out of memory when an input says so (fuzz.h)


def main():
    folder = pathlib.Path(sys.argv[1])
    for target, seeds in TARGETS.items():
        (folder / target).mkdir(parents=True, exist_ok=True)
        for number, seed in enumerate(seeds()):
            variants = [seed] + ([b"\xff" + struct.pack(">H", number) + seed] if target in MEMORY else [])
            for variant in variants:
                (folder / target / hashlib.sha1(variant).hexdigest()).write_bytes(variant)


if __name__ == "__main__":
    main()
