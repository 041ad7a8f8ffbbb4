# SPDX-License-Identifier: Apache-2.0
"""A portal's server that signs manifests (proto/docs/types.md), made with Python's cryptography."""
import base64
import json
import secrets
import time

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from agent_client import ORIGIN


def base64url(content):
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


class Server:
    def __init__(self, origin=ORIGIN):
        self.origin = origin
        self.key = ed25519.Ed25519PrivateKey.generate()

    @property
    def setting(self):
        x = self.key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        return f"manifest-key = {self.origin} {base64url(x)}\n"

    def claims(self, **more):
        now = int(time.time())
        return {"origin": self.origin, "jti": secrets.token_urlsafe(16), "iat": now, "exp": now + 300,
                "purpose": {"tr": "Reçete onayı", "en": "Prescription"}, **more}

    def sign(self, claims, key=None, **header):
        parts = [{"alg": "EdDSA", "typ": "imza-manifest+jwt", **header}, claims]
        text = ".".join(base64url(json.dumps(part, ensure_ascii=False).encode()) for part in parts)
        return f"{text}.{base64url((key or self.key).sign(text.encode()))}"

    def manifest(self, **more):
        return self.sign(self.claims(**more))
