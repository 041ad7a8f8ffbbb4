# SPDX-License-Identifier: Apache-2.0
"""What takes more than one message: documents in frames, forms, cancelling, signing."""
import base64
import hashlib
import os

from checks import connected, verdict
from endpoint import Failed, Skipped


def opened(page, size):
    return page.result("document.open", size=size, mediaType="application/octet-stream", name="belge.bin")["document"]


def uploaded(page, content, chunk=65536):
    document = opened(page, len(content))
    for at in range(0, len(content), chunk):
        page.send_bytes(document, content[at:at + chunk])
    return document


def downloaded(page, document, **part):
    page.binary.clear()
    result = page.result("document.read", document=document, **part)
    if any(frame[:4] != document.to_bytes(4, "big") for frame in page.binary):
        raise Failed("a frame without the document's handle")
    content = b"".join(frame[4:] for frame in page.binary)
    if len(content) != result["length"]:
        raise Failed(f"{len(content)} bytes came, {result['length']} were told")
    return content


@connected("documents: what goes up comes down, and its hash is told")
def there_and_back(_endpoint, page):
    for size, chunk in ((0, 1), (1, 1), (1000, 7), (300_000, 65_536)):
        content = os.urandom(size)
        document = uploaded(page, content, chunk)
        if downloaded(page, document) != content:
            raise Failed(f"{size} bytes came back changed")
        if page.result("document.close", document=document) != {"size": size, "sha256": hashlib.sha256(content).hexdigest()}:
            raise Failed(f"{size} bytes: size or hash is wrong")
        page.refused("document.read", "not_found", document=document)
    page.finish()


@connected("documents: a part is read, none beyond the end")
def parts(_endpoint, page):
    document = uploaded(page, bytes(range(100)))
    for part, wanted in (({"offset": 10, "length": 5}, range(10, 15)), ({"offset": 90, "length": 500}, range(90, 100)), ({"offset": 100}, ())):
        if downloaded(page, document, **part) != bytes(wanted):
            raise Failed(f"{part} gives other bytes")
    if page.refused("document.read", "invalid_params", document=document, offset=101)["pointer"] != "/offset":
        raise Failed("an offset beyond the end is not named by its place")
    page.finish()


@connected("documents: uploads may mix")
def mixed(_endpoint, page):
    first, second = opened(page, 6), opened(page, 6)
    for a, b in ((b"ab", b"12"), (b"cd", b"34"), (b"ef", b"56")):
        page.send_bytes(first, a)
        page.send_bytes(second, b)
    if (downloaded(page, first), downloaded(page, second)) != (b"abcdef", b"123456"):
        raise Failed("they came back mixed")
    page.finish()


@connected("documents: too few and too many bytes are told when it is used")
def wrong_size(_endpoint, page):
    for content, reason in ((b"ab", "document_invalid"), (b"abcd", "too_large")):
        document = opened(page, 3)
        page.send_bytes(document, content)
        page.refused("document.read", reason, document=document)
        page.refused("document.close", reason, document=document)
        page.refused("document.close", "not_found", document=document)
    page.finish()


@connected("documents: a handle is of its connection alone")
def own_handles(endpoint, page):
    document = uploaded(page, b"abc")
    with endpoint.connect() as other:
        other.refused("document.read", "not_found", document=document)
        other.refused("document.close", "not_found", document=document)
        verdict(other)
    page.finish()


@connected("documents: a frame without a document closes the connection")
def lost_frames(endpoint, page):
    page.finish()
    for frame in (b"\0\0\0\x63abc", b"\0\0\0\0", b"abc", b""):
        with endpoint.connect() as other:
            other.finish()
            other.socket.send_binary(frame)
            other.closes(1008, f"the binary frame {frame!r}")


@connected("documents: a stranger's frame closes the connection", "stranger")
def strange_frame(_endpoint, page):
    page.finish()
    page.send_bytes(1, b"abc")
    page.closes(1008, "a stranger's binary frame")


@connected("operation.cancel: what is not under way is not cancelled")
def cancel(_endpoint, page):
    for operation in (4711, "nothing", 0):
        if page.result("operation.cancel", operation=operation) != {"cancelled": False}:
            raise Failed(f"{operation!r} was cancelled, which nobody had asked for")
    request = page.send("operation.cancel", {"operation": page.last_id + 1})
    if page.answer(request).get("result") != {"cancelled": False}:
        raise Failed("a request cancelled itself")
    page.finish()


@connected("forms: each form of the catalogue is described and checked")
def forms(_endpoint, page):
    catalog = page.result("form.catalog")["forms"]
    for form in catalog:
        described = page.result("form.describe", form=form["id"])
        if any(described[name] != form[name] for name in ("id", "version", "title")):
            raise Failed(f"{form['id']} is described as another form")
        if set(described["texts"]) != {"tr", "en"} or set(described["texts"]["tr"]) != set(described["texts"]["en"]):
            raise Failed(f"{form['id']} has not the same texts in both languages")
        for section in described["layout"]["sections"]:
            for key in [section["title"]] + [field["label"] for field in section.get("fields", [])]:
                if key not in described["texts"]["tr"]:
                    raise Failed(f"{form['id']} has no text for {key}")
        checked = page.result("form.validate", form=form["id"], data={})
        if checked["valid"] or not checked["errors"]:
            raise Failed(f"{form['id']} is valid without any data")
        if page.refused("form.render", "form_invalid", form=form["id"], data={})["errors"] != checked["errors"]:
            raise Failed(f"{form['id']}: form.render tells other errors than form.validate")
    for method in ("form.describe", "form.validate", "form.render"):
        page.refused(method, "not_found", form="no-such-form", **({} if method == "form.describe" else {"data": {}}))
    page.finish()


@connected("identity: the challenge is answered with the agent's key")
def identity(endpoint, page):
    if "identity" not in endpoint.info["features"]:
        raise Skipped("agent.info lists no identity")
    try:
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import ec, utils
    except ModuleNotFoundError:
        raise Skipped("no Python package cryptography") from None
    keys = set()
    for challenge in (os.urandom(16), os.urandom(32), os.urandom(66)):
        proof = page.result("agent.info", challenge=base64.b64encode(challenge).decode())["identity"]
        keys.add(proof["publicKey"])
        raw = base64.b64decode(proof["signature"])
        signature = utils.encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
        key = serialization.load_der_public_key(base64.b64decode(proof["publicKey"]))
        try:
            key.verify(signature, b"imza-agent identity 1\0" + endpoint.origin.encode() + b"\0" + challenge, ec.ECDSA(hashes.SHA256()))
        except Exception:	# InvalidSignature
            raise Failed("the signature does not fit") from None
    if len(keys) != 1:
        raise Failed("the key changes")
    page.finish()


def signing(page):
    """A request that signs with the first certificate that can."""
    listed = page.ask("certificate.list", {"filter": {"purpose": "signature", "valid": True}})
    certificates = listed.get("result", {}).get("certificates")
    if not certificates:
        raise Skipped("no card with a certificate that signs")
    document = {"content": base64.b64encode(b"conformance").decode(), "name": "conformance.txt", "mediaType": "text/plain"}
    return {"certificate": certificates[0]["id"], "format": "cades", "documents": [document]}


@connected("signing: a document is signed, or refused for one of the reasons")
def sign(endpoint, page):
    if not endpoint.scripted:
        raise Skipped("needs --pin-is-scripted")
    request = signing(page)
    signed = page.ask("sign.document", request).get("result")
    if signed and [document["name"] for document in signed["documents"]] != ["conformance.txt.p7m"]:
        raise Failed(f"it came back as {signed['documents'][0]['name']}")
    page.finish()
    if page.notifications:
        raise Failed("progress was told to who had not subscribed")


@connected("signing: progress is told to who subscribed")
def progress(endpoint, page):
    if not endpoint.scripted:
        raise Skipped("needs --pin-is-scripted")
    page.result("agent.subscribe", topics=["operations"])
    request = page.send("sign.document", signing(page), "the-operation")
    signed = page.answer(request)
    if "result" in signed and not page.notifications:
        raise Failed("no progress was told")
    for notification in page.notifications:
        if notification["params"]["operation"] != "the-operation":
            raise Failed("progress of another operation was told")
    page.finish()
