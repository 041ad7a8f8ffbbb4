# SPDX-License-Identifier: Apache-2.0
"""Documents over the wire: binary frames both ways, limits, what goes wrong on the way, and memory that does not grow."""
import hashlib
import os
import pathlib
import struct
import subprocess
import time
import unittest

from agent_client import BUILD, Agent, base64_text, open_files
from test_agent import AgentCase

MIB = 1 << 20
SANITIZED = "asan" in BUILD.name


def resident(process):
    """Kibibytes."""
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))


def spool_files(agent):
    """What the agent holds open of its spool folder."""
    folder = str(agent.runtime / "imza-agent")
    return [name for name in open_files(agent.process.pid) if name.startswith(folder)]


def send_fast(page, document, content, chunk=65536):
    """Frames with a mask of zeros: the client's share of the work is next to nothing."""
    for at in range(0, len(content), chunk):
        piece = content[at:at + chunk]
        page.socket.sock.sendall(b"\x82\xff" + struct.pack(">Q", len(piece) + 4) + bytes(4) + document.to_bytes(4, "big") + piece)


class Documents(AgentCase):
    def open(self, page, size, name="a.bin"):
        return page.call("document.open", size=size, mediaType="application/octet-stream", name=name)["document"]

    def test_up_and_down_in_pieces_of_any_size(self):
        page = self.page()
        for size, chunk in ((0, 1), (1, 1), (10, 3), (300_000, 65_536), (3 * MIB + 7, MIB - 4)):
            with self.subTest(size=size):
                content = os.urandom(size)
                document = page.upload(content, "a.bin", "application/octet-stream", chunk)
                self.assertEqual(page.download(document), content)
                closed = page.call("document.close", document=document)
                self.assertEqual(closed, {"size": size, "sha256": hashlib.sha256(content).hexdigest()})

    def test_a_part_is_read(self):
        page = self.page()
        document = page.upload(bytes(range(100)), "a.bin", "application/octet-stream")
        self.assertEqual(page.download(document, offset=10, length=5), bytes(range(10, 15)))
        self.assertEqual(page.download(document, offset=90, length=500), bytes(range(90, 100)))
        self.assertEqual(page.download(document, offset=100), b"")
        self.assertEqual(page.refused("document.read", document=document, offset=101)["reason"], "invalid_params")

    def test_interleaved_uploads_do_not_mix(self):
        page = self.page()
        first, second = self.open(page, 6), self.open(page, 6)
        for a, b in ((b"ab", b"12"), (b"cd", b"34"), (b"ef", b"56")):
            page.socket.send_binary(first.to_bytes(4, "big") + a)
            page.socket.send_binary(second.to_bytes(4, "big") + b)
        self.assertEqual((page.download(first), page.download(second)), (b"abcdef", b"123456"))

    def test_a_binary_message_in_fragments_is_one_piece(self):
        import websocket
        page = self.page()
        document = self.open(page, 6)
        wire = document.to_bytes(4, "big") + b"abcdef"
        parts = [wire[:2], wire[2:5], wire[5:]]
        for i, part in enumerate(parts):
            opcode = websocket.ABNF.OPCODE_BINARY if i == 0 else websocket.ABNF.OPCODE_CONT
            page.socket.send_frame(websocket.ABNF(int(i == len(parts) - 1), 0, 0, 0, opcode, 1, part))
        self.assertEqual(page.download(document), b"abcdef")

    def test_too_many_bytes_are_told_when_it_is_used(self):
        page = self.page()
        document = self.open(page, 3)
        page.socket.send_binary(document.to_bytes(4, "big") + b"abcd")
        self.assertEqual(page.refused("document.read", document=document)["reason"], "too_large")
        self.assertEqual(page.refused("document.close", document=document)["reason"], "too_large")
        self.assertEqual(page.refused("document.close", document=document)["reason"], "not_found")

    def test_too_few_bytes_are_told_when_it_is_used(self):
        page = self.page()
        document = self.open(page, 3)
        page.socket.send_binary(document.to_bytes(4, "big") + b"ab")
        self.assertEqual(page.refused("document.read", document=document)["reason"], "document_invalid")
        self.assertEqual(page.refused("document.close", document=document)["reason"], "document_invalid")

    def test_a_frame_that_belongs_to_no_document_closes_the_connection(self):
        for frame in (b"", b"abc", b"\0\0\0\x63abc", b"\0\0\0\0"):
            with self.subTest(frame=frame):
                page = self.page()
                page.call("agent.info")
                page.socket.send_binary(frame)
                with self.assertRaises(ConnectionError) as caught:
                    page.receive()
                self.assertEqual(caught.exception.args[0], 1008)

    def test_a_stranger_s_bytes_close_the_connection(self):
        page = self.page("https://unknown.example")
        page.socket.send_binary(b"\0\0\0\x01abc")
        with self.assertRaises(ConnectionError):
            page.receive()

    def test_limits_are_kept_before_anything_is_spent(self):
        page = self.page()
        self.assertEqual(page.refused("document.open", size=512 * MIB + 1, mediaType="a/b", name="a")["reason"], "invalid_params")
        for _ in range(4):
            self.open(page, 512 * MIB)
        self.assertEqual(page.refused("document.open", size=1, mediaType="a/b", name="a")["reason"], "too_large")
        self.assertEqual(self.page().call("document.open", size=1, mediaType="a/b", name="a"), {"document": 1})

    @unittest.skipUnless(os.geteuid() == 0, "the agent shows to root only what it has open")
    def test_documents_are_gone_with_the_connection(self):
        page = self.page()
        page.upload(b"abc")
        self.open(page, 1000)
        self.assertEqual(len(spool_files(self.agent)), 2)
        self.assertTrue(all(name.endswith("(deleted)") for name in spool_files(self.agent)))
        page.close()
        end = time.monotonic() + 2
        while spool_files(self.agent) and time.monotonic() < end:
            time.sleep(0.02)
        self.assertEqual(spool_files(self.agent), [])

    def test_another_page_s_document_is_not_found(self):
        first, second = self.page(), self.page()
        document = first.upload(b"secret")
        self.assertEqual(second.refused("document.read", document=document)["reason"], "not_found")

    @unittest.skipIf(SANITIZED, "a sanitizer's memory is not the agent's")
    def test_a_large_document_leaves_memory_as_it_is(self):
        page = self.page()
        page.call("agent.info")
        before = resident(self.agent.process)
        content = os.urandom(MIB) * 512
        document = self.open(page, len(content))
        send_fast(page, document, content)
        self.assertEqual(page.call("document.close", document=document)["size"], len(content))
        self.assertLess(resident(self.agent.process) - before, 8 * 1024)

    @unittest.skipIf(SANITIZED, "a sanitizer's memory is not the agent's")
    def test_a_page_that_reads_slowly_leaves_memory_as_it_is(self):
        page = self.page()
        document = self.open(page, 64 * MIB)
        send_fast(page, document, bytes(64 * MIB))
        page.call("agent.info")
        before = resident(self.agent.process)
        request = page.send("document.read", {"document": document})
        time.sleep(0.5)
        self.assertLess(resident(self.agent.process) - before, 8 * 1024)
        page.binary.clear()
        self.assertEqual(page.answer(request)["length"], 64 * MIB)
        self.assertEqual(sum(len(frame) - 4 for frame in page.binary), 64 * MIB)

    def test_other_requests_are_answered_during_a_download(self):
        page = self.page()
        document = self.open(page, 16 * MIB)
        send_fast(page, document, bytes(16 * MIB))
        read, info = page.send("document.read", {"document": document}), page.send("agent.info")
        self.assertEqual([page.receive()["id"] for _ in range(2)], [info, read])

    def test_a_download_is_cancelled(self):
        page = self.page()
        document = self.open(page, 64 * MIB)
        send_fast(page, document, bytes(64 * MIB))
        read, cancel = page.send("document.read", {"document": document}), None
        cancel = page.send("operation.cancel", {"operation": read})
        answers = {m["id"]: m for m in (page.receive(), page.receive())}
        self.assertEqual(answers[read]["error"]["data"]["reason"], "user_cancelled")
        self.assertTrue(answers[cancel]["result"]["cancelled"])


@unittest.skipUnless(os.geteuid() == 0, "needs root to mount a small file system")
class FullDisk(unittest.TestCase):
    def test_a_full_disk_is_one_clear_error_and_the_agent_goes_on(self):
        agent = Agent(token=False)
        spool = agent.runtime / "imza-agent"
        spool.mkdir(mode=0o700)
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", spool], capture_output=True, check=False).returncode != 0:
            agent.close()
            self.skipTest("this machine lets nobody mount")
        try:
            agent.start()
            page = agent.page()
            document = page.call("document.open", size=2 * MIB, mediaType="a/b", name="a")["document"]
            for _ in range(2):
                page.socket.send_binary(document.to_bytes(4, "big") + bytes(MIB - 4))
            page.socket.send_binary(document.to_bytes(4, "big") + bytes(8))
            self.assertEqual(page.refused("document.close", document=document)["reason"], "storage_full")
            small = page.upload(b"small")
            self.assertEqual(page.download(small), b"small")
            self.assertEqual(page.refused("sign.document", certificate="0" * 64, format="cades", documents=[
                {"content": base64_text(bytes(700_000)), "name": "a", "mediaType": "a/b"},
                {"content": base64_text(bytes(1000)), "name": "b", "mediaType": "a/b"}])["reason"], "no_card")
        finally:
            agent.stop()
            subprocess.run(["umount", spool], check=True)
            agent.close()


if __name__ == "__main__":
    unittest.main()
