# SPDX-License-Identifier: Apache-2.0
"""Where a PIN is once it was used: nowhere. Reads the programs' memory (root only: they are not dumpable), every frame to the page, logs, files."""
import base64
import os
import pathlib
import shutil
import unittest

from agent_client import BUILD, ORIGIN, Agent, Page
from softhsm import SoftHsm, module_path
from test_prompt import memory
from test_signing import form_data

FAKES = BUILD.resolve() / "tests/fakes/modules"
PIN, NEW_PIN, WRONG_PIN, PUK, NEW_BY_PUK = "73915846", "82640971", "59318264", "40718293", "61937052"
MARK = "iz-5d2f81c7e0"      # goes the same way as a page's words do: the search finds that


def forms_of(secret):
    """As bytes, as UTF-16, as hex and as base64 at each of its three places."""
    plain = secret.encode()
    yield plain
    yield secret.encode("utf-16-le")
    yield plain.hex().encode()
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + plain)
        yield encoded[(before * 8 + 5) // 6:len(encoded) - 4]


def found_in(data, *secrets):
    return [f"{secret} as {form!r}" for secret in secrets for form in forms_of(secret) if form in data]


class RecordedPage(Page):
    """Keeps every byte that comes from the agent."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.heard = b""
        receive = self.socket.recv_data

        def recorded():
            opcode, data = receive()
            self.heard += data + b"\n"
            return opcode, data
        self.socket.recv_data = recorded


@unittest.skipUnless(os.geteuid() == 0, "reading the programs' memory takes root")
class Memory(unittest.TestCase):
    def start(self, module=None, pin=PIN, puk=PUK):
        self.agent = Agent(modules=[] if module else None, token=False)
        self.addCleanup(self.agent.close)
        if module:
            path = self.agent.folder / f"mod_{module}.so"
            shutil.copy(FAKES / path.name, path)
            path.chmod(0o700)
            self.agent.settings += f"module = {path}\n"
        else:
            self.agent.token = SoftHsm(pin=pin, puk=puk)
        self.agent.settings += "pin-pause-seconds = 0\n"
        self.agent.start()
        page = RecordedPage(self.agent.port, ORIGIN)
        self.agent.pages.append(page)
        page.call("agent.subscribe", topics=["operations", "cards", "readers"])
        return page

    def process(self, name):
        """The process id of the agent's only child of this name."""
        found = []
        for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
            try:
                title, rest = stat.read_text().rsplit(")", 1)
            except (FileNotFoundError, ProcessLookupError):
                continue
            if title.split("(", 1)[1] == name and int(rest.split()[1]) == self.agent.process.pid:
                found.append(int(stat.parent.name))
        self.assertEqual(len(found), 1)
        return found[0]

    def assert_nowhere(self, page, *secrets):
        """In the agent, its logs, its files, and what the page heard."""
        self.agent.wait_idle()
        held = memory(self.agent.process.pid)
        self.assertIn(MARK.encode(), held, "the search does not see the agent's memory")
        self.assertEqual(found_in(held, *secrets), [])
        self.assertIn(b'"result"', page.heard)
        self.assertEqual(found_in(page.heard, *secrets), [])
        self.assertEqual(found_in(self.agent.log().encode(), *secrets), [])
        self.assertEqual(found_in(self.agent.dialogs().encode(), *secrets), [])
        for folder in (self.agent.state, self.agent.runtime / "imza-agent"):
            for path in folder.rglob("*"):
                if path.is_file():
                    self.assertEqual(found_in(path.read_bytes(), *secrets), [], path)

    def assert_not_in_the_card_s_process(self, *secrets):
        held = memory(self.process("imza-token"))
        self.assertIn(b"imza-token", held)
        self.assertEqual(found_in(held, *secrets), [])

    def documents(self):
        return [{"content": base64.b64encode(MARK.encode()).decode(), "name": f"{MARK}.txt", "mediaType": "text/plain"}]

    @unittest.skipUnless(module_path(), "SoftHSM is not installed")
    def test_after_signatures_with_softhsm(self):
        page = self.start()
        # Wrong first, then right: both were typed.
        self.agent.script("confirm ok", f"pin {WRONG_PIN}", f"pin {PIN}")
        page.call("sign.document", certificate=page.signer("rsa")["id"], format="cades", documents=self.documents())
        self.agent.script("confirm ok", f"pin {PIN}")
        signed = page.call("form.sign", form="first-application", data=form_data("first-application"), certificate=page.signer("ec")["id"])
        self.assertEqual(found_in(page.download(signed["document"]), PIN, WRONG_PIN), [])
        page.call("pin.verify", card=page.call("card.list")["cards"][0]["id"])
        page.send("agent.requestAccess", {"reason": MARK})
        page.receive()
        self.assert_nowhere(page, PIN, WRONG_PIN)
        # All of the process: SoftHSM's own heap too, which wipes what it was given.
        self.assert_not_in_the_card_s_process(PIN, WRONG_PIN)

    @unittest.skipUnless(module_path(), "SoftHSM is not installed")
    def test_after_a_change_and_the_puk_with_softhsm(self):
        page = self.start()
        card = page.call("card.list")["cards"][0]["id"]
        self.agent.script(f"pin {PIN}", f"pin {NEW_PIN}", f"pin {NEW_PIN}")
        page.call("pin.change", card=card)
        self.agent.script("confirm ok", f"pin {PUK}", f"pin {NEW_BY_PUK}", f"pin {NEW_BY_PUK}")
        page.call("pin.unblock", card=card)
        page.refused("document.close", document=77)
        page.call("document.open", size=1, mediaType="text/plain", name=f"{MARK}.txt")
        self.assert_nowhere(page, PIN, NEW_PIN, PUK, NEW_BY_PUK)
        self.assert_not_in_the_card_s_process(PIN, NEW_PIN, PUK, NEW_BY_PUK)

    def test_our_own_part_of_the_card_s_process_keeps_nothing(self):
        """With a module that copies nothing of a wrong PIN, whatever is found would be ours."""
        page = self.start("ok")
        card = page.call("card.list")["cards"][0]["id"]
        self.agent.script(f"pin {WRONG_PIN}", "pin cancel")
        self.assertEqual(page.refused("pin.verify", card=card)["reason"], "pin_incorrect")
        self.agent.script(f"pin {PIN}", f"pin {NEW_PIN}", f"pin {NEW_PIN}", "pin cancel")
        self.assertEqual(page.refused("pin.change", card=card)["reason"], "pin_incorrect")
        self.agent.script("confirm ok", f"pin {PUK}", f"pin {NEW_PIN}", f"pin {NEW_PIN}", "pin cancel")
        self.assertEqual(page.refused("pin.unblock", card=card)["reason"], "puk_incorrect")
        page.call("document.open", size=1, mediaType="text/plain", name=f"{MARK}.txt")
        self.assert_nowhere(page, WRONG_PIN, PIN, NEW_PIN, PUK)
        self.assert_not_in_the_card_s_process(WRONG_PIN, PIN, NEW_PIN, PUK)

    def test_the_search_would_find_it(self):
        """The PIN of the fake card is in its module, in clear."""
        self.start("ok").call("card.list")
        self.assertNotEqual(found_in(memory(self.process("imza-token")), "123456"), [])
        for form in forms_of(PIN):
            self.assertTrue(found_in(b"x" + form + b"y", PIN))
        for before in range(3):
            self.assertTrue(found_in(base64.b64encode(bytes(before) + PIN.encode() + b"more"), PIN))

    def test_no_program_can_leave_a_core_file(self):
        page = self.start("ok")
        page.call("card.list")
        for pid in (self.agent.process.pid, self.process("imza-token")):
            limits = pathlib.Path(f"/proc/{pid}/limits").read_text(encoding="ascii")
            line = next(line for line in limits.splitlines() if line.startswith("Max core file size"))
            self.assertEqual(line.split()[4:6], ["0", "0"])


if __name__ == "__main__":
    unittest.main()
