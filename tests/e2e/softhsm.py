# SPDX-License-Identifier: Apache-2.0
"""A SoftHSM token with a made-up signer's certificates (installer/demo-token), for tests; and openssl's word on signatures."""
import atexit
import functools
import glob
import os
import pathlib
import shutil
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
LABEL = "Demo E-İmza"
PIN, PUK = "123456", "12345678"
RSA_ID, EC_ID, AUTHENTICATION_ID, P256_ID, NO_KEY_ID = "01", "02", "03", "0b", "0c"


def module_path():
    """libsofthsm2.so, or None: then the tests that need it are skipped."""
    for pattern in ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/*/softhsm/libsofthsm2.so", "/usr/lib64/pkcs11/libsofthsm2.so"):
        for path in glob.glob(pattern):
            return path
    return None


def run(*command, **options):
    return subprocess.run(command, check=True, capture_output=True, **options)


@functools.cache
def made(*options):
    """A folder with a token of these options, made once a process; not to be changed."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="softhsm-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    run(str(ROOT / "installer/demo-token"), str(folder), *options)
    return folder


class SoftHsm:
    """A token in a folder of its own: use as a context manager, or call close(). Those of the same options have the same keys."""

    def __init__(self, pin=PIN, extras=False, renewal=False, puk=PUK, where=None):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="softhsm-"))
        self.module = module_path()
        self.pin = pin
        more = (["--extras"] if extras else []) + (["--renewal"] if renewal else []) + (["--where", where] if where else [])
        model, settings = made("--pin", pin, "--puk", puk, *more), self.folder / "softhsm2.conf"
        shutil.copytree(model, self.folder, dirs_exist_ok=True)
        settings.write_text(settings.read_text().replace(str(model), str(self.folder)))
        self.env = {"SOFTHSM2_CONF": str(settings)}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def tool(self, *arguments):
        """pkcs11-tool, logged in."""
        return run("pkcs11-tool", "--module", self.module, "--token-label", LABEL, "--login", "--pin", self.pin, *arguments,
                   env={**os.environ, **self.env})

    def add_certificate(self, name, key_id, curve="prime256v1", with_key=True):
        """A self-signed P-256 certificate under key_id, its key beside it or not; its PEM file."""
        key, pem, der = (self.folder / (name + end) for end in (".key", ".pem", ".der"))
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:" + curve, "-nodes", "-days", "30", "-utf8",
            "-subj", "/CN=Sınama Kişisi", "-keyout", str(key), "-out", str(pem))
        run("openssl", "x509", "-in", str(pem), "-outform", "DER", "-out", str(der))
        if with_key:
            pkcs8 = run("openssl", "pkcs8", "-topk8", "-nocrypt", "-in", str(key)).stdout
            key.write_bytes(pkcs8)
            run("softhsm2-util", "--import", str(key), "--token", LABEL, "--label", name, "--id", key_id, "--pin", self.pin,
                env={**os.environ, **self.env})
        self.tool("--write-object", str(der), "--type", "cert", "--id", key_id, "--label", name)
        return pem


def der_integer(data):
    data = data.lstrip(b"\0") or b"\0"
    if data[0] & 0x80:
        data = b"\0" + data
    return b"\x02" + bytes([len(data)]) + data


def ecdsa_der(signature):
    """r || s as the SEQUENCE that openssl reads."""
    half = len(signature) // 2
    body = der_integer(signature[:half]) + der_integer(signature[half:])
    return b"\x30" + (b"" if len(body) < 0x80 else b"\x81") + bytes([len(body)]) + body


def signature_is_right(certificate_der, key_type, algorithm, digest, signature):
    """Whether openssl finds signature (RSASSA-PKCS1-v1_5, or r || s) right for the digest."""
    with tempfile.TemporaryDirectory() as folder:
        files = {name: os.path.join(folder, name) for name in ("certificate", "digest", "signature")}
        contents = {"certificate": certificate_der, "digest": digest, "signature": ecdsa_der(signature) if key_type == "ec" else signature}
        for name, path in files.items():
            pathlib.Path(path).write_bytes(contents[name])
        padding = ["-pkeyopt", "rsa_padding_mode:pkcs1", "-pkeyopt", "digest:" + algorithm] if key_type == "rsa" else []
        return subprocess.run(["openssl", "pkeyutl", "-verify", "-certin", "-keyform", "DER", "-inkey", files["certificate"],
                               "-in", files["digest"], "-sigfile", files["signature"], *padding],
                              capture_output=True, check=False).returncode == 0
