# SPDX-License-Identifier: Apache-2.0
"""Hostile documents of kinds that nothing here reads (27): XML, ZIP and JSON are told from PDF and CMS, and refused unread."""
import io
import socket
import unittest
import zipfile

import boundary
from agent_client import base64_text
from test_agent import AgentCase

assert boundary	# it finds the end-to-end tests' modules
SIGNATURE = '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo><ds:Reference URI="#a"/></ds:SignedInfo></ds:Signature>'


def zipped(**files):
    """A ZIP file, as ASiC containers are."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def documents(port):
    """(name, bytes): what would hurt somebody who read it; port is where an external entity would be fetched from."""
    entities = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10}">' for i in range(1, 12))
    yield "a document type", b"<!DOCTYPE a><a/>"
    yield "entities in entities", f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY e0 "x">{entities}]><a>&e11;</a>'.encode()
    yield "an entity that is a file", b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>'
    yield "an entity that is fetched", f'<!DOCTYPE a [<!ENTITY % e SYSTEM "http://127.0.0.1:{port}/e"> %e;]><a/>'.encode()
    yield "XInclude", b'<a xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="file:///etc/passwd" parse="text"/></a>'
    yield "a signature wrapped round other content", f'<a><b ID="b">other</b><c><b ID="a">signed</b></c>{SIGNATURE}</a>'.encode()
    yield "behind a byte order mark", b"\xef\xbb\xbf<!DOCTYPE a><a/>"
    yield "a bomb in a container", zipped(mimetype="application/vnd.etsi.asic-e+zip", bomb=bytes(50 << 20))
    yield "a path out of a container", zipped(**{"../../../tmp/imza-agent-out": "x", "META-INF/signatures.xml": SIGNATURE})
    yield "JSON in JSON", b'{"a":' * 100_000


class Unread(AgentCase):
    def test_xml_containers_and_json_are_one_error_each_and_nothing_is_fetched(self):
        page = self.page()
        certificate = page.signer("rsa")["id"]
        with socket.create_server(("127.0.0.1", 0)) as server:
            server.settimeout(0)
            for name, content in documents(server.getsockname()[1]):
                document = page.upload(content)
                requests = [("algorithm_unsupported", form, {"document": document}) for form in ("xades", "asic-e", "jades")]
                requests.append(("document_invalid", "pades", {"content": base64_text(content[:9000]), "name": "a.pdf", "mediaType": "application/pdf"}))
                with self.subTest(name):
                    self.assertEqual(page.refused("signature.verify", document=document)["reason"], "algorithm_unsupported")
                    for reason, form, given in requests:
                        self.assertEqual(page.refused("sign.document", certificate=certificate, format=form, documents=[given])["reason"], reason, form)
                page.call("document.close", document=document)
            with self.assertRaises(BlockingIOError):
                server.accept()
        self.assert_no_dialog()


if __name__ == "__main__":
    unittest.main()
