# SPDX-License-Identifier: Apache-2.0
"""Who gets in: handshakes with real statuses, and what plain HTTP gives."""
import json
import re

import websocket

from checks import check
from endpoint import ACCEPT, Failed


def statuses(endpoint, wanted, header, values):
    for value in values:
        status = endpoint.handshake(**{header: value})[0]
        if status != wanted:
            raise Failed(f"{header.replace('_', '-')} {value!r} was answered with {status}, not {wanted}")


@check("handshake: a page gets in")
def a_page_gets_in(endpoint):
    for name in ("127.0.0.1", "localhost", "LOCALHOST"):
        status, headers, _ = endpoint.handshake(Host=f"{name}:{endpoint.port}", Sec_WebSocket_Extensions="permessage-deflate")
        if status != 101 or headers.get("sec-websocket-accept") != ACCEPT:
            raise Failed(f"as {name}: {status} {headers}")
        if headers.get("sec-websocket-protocol") != endpoint.contract.protocol["subprotocol"]:
            raise Failed(f"as {name}: the subprotocol {headers.get('sec-websocket-protocol')}")
        if "sec-websocket-extensions" in headers:
            raise Failed(f"the extension {headers['sec-websocket-extensions']} was agreed on")


@check("handshake: another version of WebSocket is refused with 426")
def another_version(endpoint):
    for version in ("8", "0", "14", "13, 8", None):
        status, headers, _ = endpoint.handshake(Sec_WebSocket_Version=version)
        if status != 426 or headers.get("sec-websocket-version") != str(endpoint.contract.protocol["version"]):
            raise Failed(f"version {version}: {status}, Sec-WebSocket-Version {headers.get('sec-websocket-version')}")


@check("handshake: a subprotocol that is not there is refused with 400")
def another_subprotocol(endpoint):
    ours = endpoint.contract.protocol["subprotocol"]
    statuses(endpoint, 400, "Sec_WebSocket_Protocol", (None, "imza.v0", f"x{ours}", f"{ours}x", ours.upper(), ours.replace(".", ", ")))


@check("handshake: of several subprotocols ours is taken")
def one_of_several(endpoint):
    ours = endpoint.contract.protocol["subprotocol"]
    for offer in (f"imza.v99, {ours}", f"{ours},imza.v99", f"imza.v99, {ours}, {endpoint.contract.protocol['versions']}"):
        status, headers, _ = endpoint.handshake(Sec_WebSocket_Protocol=offer)
        if status != 101 or headers.get("sec-websocket-protocol") != ours:
            raise Failed(f"{offer}: {status} {headers.get('sec-websocket-protocol')}")


@check("handshake: a page of another version is told which there are")
def versions(endpoint):
    offer = ["imza.v99", endpoint.contract.protocol["versions"]]
    page = websocket.create_connection(endpoint.url, subprotocols=offer, origin=endpoint.origin, timeout=endpoint.seconds)
    try:
        message = json.loads(page.recv())
        opcode, _ = page.recv_data()
    except (websocket.WebSocketException, ValueError) as error:
        raise Failed(str(error)) from None
    finally:
        page.shutdown()
    if endpoint.contract.protocol["subprotocol"] not in message.get("protocols", []) or opcode != websocket.ABNF.OPCODE_CLOSE:
        raise Failed(f"{message}, then a frame of the kind {opcode}")


@check("handshake: an origin that is none of a secure page is refused with 403")
def another_origin(endpoint):
    bare = re.sub(r"^https://", "", endpoint.origin)
    statuses(endpoint, 403, "Origin", (
        None, "null", f"http://{bare}.conformance.example", endpoint.origin.upper(), f"{endpoint.origin}/", f"{endpoint.origin}.",
        "https://user@portal.example", f"{endpoint.origin}:443", "https://", "file://", "chrome-extension://abcdefgh",
        f"{endpoint.origin}%00.evil.example", f"{endpoint.origin}, {endpoint.origin}"))


@check("handshake: a host that is not this computer is refused with 421")
def another_host(endpoint):
    port = endpoint.port
    statuses(endpoint, 421, "Host", ("portal.example", f"portal.example:{port}", "127.0.0.1", f"127.0.0.1:{port + 1}", f"0.0.0.0:{port}",
                                     f"127.1:{port}", f"2130706433:{port}", f"localhost.:{port}", f"[::ffff:127.0.0.1]:{port}"))


@check("handshake: a request that is no page's WebSocket is refused with 403")
def fetch_metadata(endpoint):
    statuses(endpoint, 403, "Sec_Fetch_Mode", ("navigate", "cors", "no-cors"))
    statuses(endpoint, 403, "Sec_Fetch_Site", ("none",))
    statuses(endpoint, 101, "Sec_Fetch_Mode", ("websocket",))


@check("handshake: another path is refused with 400")
def another_path(endpoint):
    for path in ("/other", "/imza.v1", "/index.html"):
        status = endpoint.handshake(path=path)[0]
        if status != 400:
            raise Failed(f"{path} was answered with {status}")


@check("http: a person sees one line, a script nothing")
def plain_get(endpoint):
    host = f"Host: 127.0.0.1:{endpoint.port}"
    status, headers, body = endpoint.exchange(["GET / HTTP/1.1", host, f"Origin: {endpoint.origin}"])
    if status != 200 or body.count(b"\n") > 1 or len(body) > 100:
        raise Failed(f"GET / gives {status} and {len(body)} bytes")
    if re.search(rb"\d+\.\d+", body) or any(name in headers for name in ("server", "x-powered-by")):
        raise Failed("GET / tells a version or a name")
    for request, wanted in (("GET /other HTTP/1.1", 404), ("POST / HTTP/1.1", 405), ("OPTIONS / HTTP/1.1", 405)):
        status, more, _ = endpoint.exchange([request, host, f"Origin: {endpoint.origin}", "Content-Length: 0"])
        if status != wanted:
            raise Failed(f"{request} gives {status}, not {wanted}")
        headers |= more
    if cors := [name for name in headers if name.startswith("access-control-")]:
        raise Failed(f"headers that let scripts in: {', '.join(cors)}")
