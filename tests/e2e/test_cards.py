# SPDX-License-Identifier: Apache-2.0
"""Cards and readers as a page sees them: a real pcscd, OpenSC's own driver and the virtual card of tests/rig."""
import contextlib
import glob
import hashlib
import json
import os
import pathlib
import shutil
import sys
import threading
import time
import unittest

import websocket

from agent_client import ROOT, Agent, Refused, base64_text
from judges import cms_content, pdf_is_good
from softhsm import module_path
from test_signing import form_data

sys.path.insert(0, str(ROOT / "tests/rig"))
import card_files  # noqa: E402
import rig as rigs  # noqa: E402

PIN, WRONG_PIN = "123456", "999999"
MODULES = "/usr/share/p11-kit/modules"
READER = "Rig Okuyucu (RIG001) 00 00"


def opensc():
    """opensc-pkcs11.so, or None."""
    return next(iter(glob.glob("/usr/lib/*/opensc-pkcs11.so")), None)


class RigToken:
    """What Agent wants of a token: where the programs find it."""

    def __init__(self, rig):
        self.env = rig.env

    def close(self):
        pass


class CardCase(unittest.TestCase):
    """A service, a card in reader 1 and an agent for the whole class; each test leaves them as they were."""

    readers = (1,)

    @classmethod
    def setUpClass(cls):
        why = rigs.available() or (None if opensc() else "opensc-pkcs11 is not installed")
        if why:
            raise unittest.SkipTest(why)
        cls.files = card_files.CardFiles()
        cls.addClassCleanup(cls.files.close)
        cls.rig = rigs.Rig(cls.readers)
        cls.addClassCleanup(cls.rig.close)
        cls.rig.start()
        cls.agent = cls.agent_new()
        cls.agent.start()

    @classmethod
    def agent_new(cls, modules=None, cards=ROOT / "agent/data/cards.d"):
        agent = Agent(modules=[opensc()] if modules is None else modules, token=False,
                      settings=f"pin-pause-seconds = 0\ndialog-pause-seconds = 0\ncards-dir = {cards}\n")
        cls.addClassCleanup(agent.close)
        agent.token = RigToken(cls.rig)
        return agent

    def setUp(self):
        self.card = self.rig.card(self.files)
        self.agent.script("confirm ok", "pin " + PIN)
        self.agent.forget_dialogs()

    def tearDown(self):
        for page in self.agent.pages:
            page.close()
        self.agent.pages.clear()
        for card in self.rig.cards:
            rigs.end(card.process)
        self.rig.wait_empty()
        self.rig.cards.clear()
        self.agent.wait_idle()
        self.assertIsNone(self.agent.process.poll(), self.agent.log())

    def page(self, *topics):
        page = self.agent.page()
        if topics:
            self.wait_reader(page, READER, "present")       # that setUp put a card in is no news any more
            page.call("agent.subscribe", topics=list(topics))
        return page

    def certificate(self, page, key):
        """The id of the card's certificate for a PIV key."""
        der = (self.files.folder / (key + ".der")).read_bytes()
        return next(c["id"] for c in page.certificates() if c["der"] == base64_text(der))

    def sign_start(self, page, certificate, count=1):
        documents = [{"content": base64_text(b"%d" % i), "name": f"{i}.txt", "mediaType": "text/plain"} for i in range(count)]
        return page.send("sign.document", {"certificate": certificate, "format": "cades", "documents": documents})

    def sign(self, page, certificate, count=1):
        return page.answer(self.sign_start(page, certificate, count))["documents"]

    def wait_command(self, page, request, command):
        """Until the card has got this command of a request under way."""
        end = time.monotonic() + 5
        while command not in self.card.log():
            if time.monotonic() > end:
                raise AssertionError(f"{command} did not come; {page.answer(request)}\n{self.agent.log()[-1500:]}")
            time.sleep(0.01)

    def refusal(self, page, certificate, count=1):
        """The error's data, or None when it was signed."""
        try:
            self.sign(page, certificate, count)
        except Refused as refused:
            return refused.data
        return None

    def wait_notification(self, page, method, after=0, seconds=5):
        """The next notification of this kind from the after-th on."""
        page.socket.settimeout(0.02)
        end = time.monotonic() + seconds
        try:
            while True:
                for notification in page.notifications[after:]:
                    if notification["method"] == method:
                        return notification["params"]
                self.assertLess(time.monotonic(), end, (method, page.notifications, self.agent.log()))
                try:
                    page.receive()
                except websocket.WebSocketTimeoutException:
                    pass
        finally:
            page.socket.settimeout(30)

    @contextlib.contextmanager
    def held(self, reader):
        """Another program has the card, and the agent has looked: PC/SC tells nobody of that, but what happens at another reader shows it too."""
        with self.rig.held(reader):
            self.rig.plug(3)
            self.rig.unplug(3)
            yield

    def wait_reader(self, page, name, state):
        end = time.monotonic() + 5
        while (found := next(r["state"] for r in page.call("reader.list")["readers"] if r["name"] == name)) != state:
            self.assertLess(time.monotonic(), end, found)
            time.sleep(0.02)


class Lists(CardCase):
    readers = (1, 2)

    def test_reader_card_and_certificates_are_listed(self):
        page = self.page()
        readers = page.call("reader.list")
        self.assertEqual(readers["service"], "running")
        self.assertEqual([(r["name"], r["state"], r["cardPresent"]) for r in readers["readers"]],
                         [(READER, "present", True), ("Rig Okuyucu (RIG002) 01 00", "empty", False)])
        cards = page.call("card.list")["cards"]
        self.assertEqual([(c["reader"], c["label"], c["serial"], c["atr"]) for c in cards],
                         [(READER, "Çağla Şule Öğüt", "0000000000000001", "3B951381018073FF01000B")])
        self.assertEqual(cards[0]["pin"], {"state": "ok", "minLength": 4, "maxLength": 8, "keypad": False})
        certificates = page.certificates()
        self.assertEqual(sorted((c["key"]["type"], c["key"]["bits"], c["purposes"][0], c["qualified"]) for c in certificates),
                         [("ec", 256, "authentication", False), ("ec", 256, "signature", True), ("ec", 384, "signature", True),
                          ("rsa", 2048, "signature", True)])
        self.assertTrue(all(c["card"] == cards[0]["id"] for c in certificates))
        self.assertEqual(self.card.state()["logins"], 0)

    def ids(self, page):
        """Without what changes with the time of day: the days that are left."""
        return [certificate["id"] for certificate in page.certificates()]

    def listed_unasked(self, page):
        """The certificates of a listing for which the card got no command; an event that the agent hears of late makes it ask once more."""
        end = time.monotonic() + 5
        while True:
            self.card.order("forget")
            certificates = self.ids(page)
            if self.card.log() == []:
                return certificates
            self.assertLess(time.monotonic(), end, self.card.log())

    def test_a_card_is_not_asked_twice_for_the_same(self):
        page = self.page()
        first = self.ids(page)
        self.assertEqual(self.listed_unasked(page), first)
        # A signature, or something at a reader, ends what was known.
        self.assertIsNone(self.refusal(page, first[0]))
        self.card.order("forget")
        self.assertEqual(self.ids(page), first)
        self.assertNotEqual(self.card.log(), [])
        self.card.remove()
        self.wait_reader(page, READER, "empty")         # the agent has seen it too
        self.assertEqual(page.refused("certificate.list")["reason"], "no_card")
        self.card.insert()
        self.wait_reader(page, READER, "present")
        self.assertEqual(self.ids(page), first)
        second = self.rig.card(self.files, reader=2, number=2)
        self.wait_reader(page, "Rig Okuyucu (RIG002) 01 00", "present")
        self.assertEqual(len(self.ids(page)), 4)
        self.assertEqual(len(self.listed_unasked(page)), 4)
        second.remove()

    def test_two_cards_in_two_readers_are_told_apart(self):
        second = self.rig.card(self.files, reader=2, number=2)
        page = self.page()
        cards = page.call("card.list")["cards"]
        self.assertEqual(sorted((c["reader"], c["serial"]) for c in cards),
                         [(READER, "0000000000000001"), ("Rig Okuyucu (RIG002) 01 00", "0000000000000002")])
        self.assertEqual(len({c["id"] for c in cards}), 2)
        # The same certificates on both: each once.
        self.assertEqual(len(page.certificates()), 4)
        second.remove()
        self.assertEqual(len(page.call("card.list")["cards"]), 1)

    def test_a_card_that_gives_no_answer_to_reset_is_mute(self):
        self.card.remove()
        self.card.order("mute on")
        self.card.order("insert")
        self.rig.wait("card mute", self.rig.mark() - 1)
        page = self.page()
        self.wait_reader(page, READER, "mute")
        self.assertEqual([r["state"] for r in page.call("reader.list")["readers"]], ["mute", "empty"])
        self.assertEqual(page.refused("certificate.list")["reason"], "no_card")

    def test_another_card_in_the_same_reader_is_another_card(self):
        page = self.page("cards")
        first = page.call("card.list")["cards"][0]
        self.card.remove()
        other = self.rig.card(self.files, number=7)
        self.wait_notification(page, "card.inserted")
        second = page.call("card.list")["cards"][0]
        self.assertEqual((first["serial"], second["serial"]), ("0000000000000001", "0000000000000007"))
        self.assertTrue(other.state()["connected"])


class Signing(CardCase):
    def test_a_form_is_signed_with_each_key(self):
        page = self.page()
        for key in ("9c", "9d", "82"):
            with self.subTest(key=key):
                result = page.call("form.sign", form="first-application", data=form_data("first-application"), certificate=self.certificate(page, key))
                self.assertTrue(pdf_is_good(page.download(result["document"]), self.files.chain))

    def test_one_pin_entry_serves_a_batch_with_a_key_that_always_authenticates(self):
        page = self.page()
        for key in ("9c", "82"):
            with self.subTest(key=key):
                self.agent.forget_dialogs()
                documents = self.sign(page, self.certificate(page, key), 5)
                self.assertEqual(len(documents), 5)
                self.assertEqual(self.agent.dialogs().count("GETPIN"), 1)

    def test_three_wrong_pins_are_told_as_they_come_and_a_locked_card_is_not_asked_again(self):
        page = self.page()
        certificate = self.certificate(page, "9d")
        states = []
        for _ in range(3):
            self.agent.script("confirm ok", "pin " + WRONG_PIN, "pin cancel")
            data = self.refusal(page, certificate)
            states.append((data["reason"], data["pin"]["state"]))
        # OpenSC shows no flag after the first wrong PIN of three.
        self.assertEqual(states, [("pin_incorrect", "ok"), ("pin_incorrect", "final"), ("pin_locked", "locked")])
        self.assertEqual(self.card.state()["logins"], 3)
        self.agent.script("confirm ok", "pin " + PIN)
        self.agent.forget_dialogs()
        self.assertEqual(self.refusal(page, certificate)["reason"], "pin_locked")
        self.assertEqual((self.card.state()["logins"], self.agent.dialogs()), (3, ""))
        self.assertEqual(page.call("card.list")["cards"][0]["pin"]["state"], "locked")

    def test_one_wrong_pin_is_the_user_s_to_mend(self):
        page = self.page()
        self.agent.script("confirm ok", "pin " + WRONG_PIN, "pin " + PIN)
        self.sign(page, self.certificate(page, "9d"))
        self.assertEqual(self.card.state()["pin"], 3)

    def test_a_pin_that_can_t_be_one_spends_no_try(self):
        page = self.page()
        self.agent.script("confirm ok", "pin 12", "pin cancel")
        self.refusal(page, self.certificate(page, "9d"))
        state = self.card.state()
        self.assertEqual((state["pin"], state["logins"]), (3, 0))

    def test_a_slow_card_signs_all_the_same(self):
        page = self.page()
        certificate = self.certificate(page, "9d")
        self.card.order("slow 2000 87")
        self.sign(page, certificate)

    def test_a_wrong_status_word_is_one_error_and_the_next_try_works(self):
        page = self.page()
        for key in ("9c", "9d"):
            certificate = self.certificate(page, key)
            for word in ("6f00", "6982", "6a80", "6985", "6400"):
                with self.subTest(key=key, word=word):
                    self.card.order(f"fail 87 {word} 100")
                    data = self.refusal(page, certificate)
                    self.assertIsNotNone(data)
                    self.card.order("fail 87 9000 0")
                    self.sign(page, certificate)
        self.assertEqual(self.card.state()["pin"], 3)


class Pulled(CardCase):
    def restore(self):
        if not self.card.state()["inserted"]:
            mark = self.rig.mark()
            self.card.order("insert")
            self.rig.wait("card inserted", mark)

    def pulled_at(self, page, certificate, at, when, count=1):
        """What came of signatures when the card was pulled at its at-th command."""
        self.card.order(f"pull {at} {when}")
        data = self.refusal(page, certificate, count)
        self.card.order("pull 0 before")
        return data["reason"] if data else None

    def test_a_card_pulled_at_any_command_is_one_error_and_nothing_is_signed(self):
        page = self.page()
        for key in ("9d", "9c"):
            certificate = self.certificate(page, key)
            self.sign(page, certificate)        # a module asks more at the first time
            self.card.order("forget")
            self.sign(page, certificate)
            commands = self.card.log()
            self.assertIn(("87", key), commands)
            for when in ("before", "after"):
                for at, command in enumerate(commands, 1):
                    with self.subTest(key=key, when=when, at=at, command=command):
                        helper = self.helper()
                        reason = self.pulled_at(page, certificate, at, when)
                        self.restore()
                        # Now and then OpenSC 0.23 asks a card that has gone again and again, until its stack is full.
                        died = self.helper() != helper
                        self.assertIn(reason, ("card_removed", "pin_state_unknown", "module_failed") if died else ("card_removed",), self.agent.log()[-1500:])
                        self.assertIsNone(self.refusal(page, certificate))
        self.assertEqual(self.card.state()["pin"], 3)

    def helper(self):
        """The process ids of imza-token."""
        return sorted(int(stat.parent.name) for stat in pathlib.Path("/proc").glob("[0-9]*/stat")
                      if (words := self.words(stat)) and words[0] == "imza-token" and words[2] == str(self.agent.process.pid))

    @staticmethod
    def words(stat):
        try:
            name, rest = stat.read_text().rsplit(")", 1)
        except OSError:
            return None
        return [name.split("(", 1)[1], *rest.split()]

    def test_a_card_pulled_between_consent_and_pin_is_found_out_before_a_login(self):
        page = self.page()
        certificate = self.certificate(page, "9d")
        self.agent.script("confirm ok", "slow 600", "pin " + PIN)
        request = self.sign_start(page, certificate)
        end = time.monotonic() + 5
        while "GETPIN" not in self.agent.dialogs():
            self.assertLess(time.monotonic(), end)
            time.sleep(0.01)
        self.card.remove()
        with self.assertRaises(Refused) as caught:
            page.answer(request)
        self.assertEqual(caught.exception.reason, "card_removed")
        self.assertEqual(self.card.state()["logins"], 0)

    def test_a_card_pulled_between_two_signatures_of_a_batch_signs_nothing(self):
        page = self.page()
        certificate = self.certificate(page, "9d")
        self.sign(page, certificate)
        self.card.order("forget")
        self.sign(page, certificate, 4)
        second = [i for i, command in enumerate(self.card.log(), 1) if command[0] == "87"][1]
        self.assertEqual(self.pulled_at(page, certificate, second, "before", 4), "card_removed")
        self.restore()
        self.sign(page, certificate, 4)

    def test_a_reader_unplugged_while_the_card_signs(self):
        """opensc-pkcs11 0.23 overflows its stack then: its process dies, the agent tells one error and goes on."""
        page = self.page()
        for key in ("9d", "9c"):
            with self.subTest(key=key):
                certificate = self.certificate(page, key)
                self.card.order("slow 1000 87")
                self.card.order("forget")
                self.wait_command(page, self.sign_start(page, certificate), ("87", key))
                request = page.last_id
                self.rig.unplug(1)
                with self.assertRaises(Refused) as caught:
                    page.answer(request)
                self.assertEqual(caught.exception.reason, "card_removed", self.agent.log()[-1500:])
                self.card.order("slow 0")
                mark = self.rig.mark()
                self.rig.plug(1)
                self.rig.wait("card inserted", mark)
                self.assertIsNone(self.refusal(self.page(), certificate))


class Service(CardCase):
    """pcscd comes and goes; each test leaves it running."""

    def tearDown(self):
        """The agent has seen that the card is gone: a removal that it hears of later would end the next test's signature."""
        super().tearDown()
        page = self.agent.page()
        self.wait_state(page, "running", ["empty"])
        page.close()
        self.agent.pages.remove(page)

    def wait_state(self, page, service, readers, seconds=5):
        end = time.monotonic() + seconds
        while True:
            result = page.call("reader.list")
            if result["service"] == service and [r["state"] for r in result["readers"]] == readers:
                return
            self.assertLess(time.monotonic(), end, (result, self.agent.log()[-1500:]))
            time.sleep(0.02)

    def test_a_service_that_is_killed_and_started_again_is_found_again(self):
        page = self.page("readers", "cards")
        certificate = self.certificate(page, "9d")
        for how in (self.rig.kill, self.rig.stop):
            with self.subTest(how=how.__name__):
                page.notifications.clear()
                how()
                self.wait_notification(page, "reader.removed")
                self.assertEqual([n["method"] for n in page.notifications], ["card.removed", "reader.removed"])
                self.wait_state(page, "unavailable", [])
                page.notifications.clear()
                self.rig.start()
                self.wait_notification(page, "card.inserted")
                self.assertEqual([n["method"] for n in page.notifications], ["reader.added", "card.inserted"])
                self.wait_state(page, "running", ["present"])
                self.assertIsNone(self.refusal(page, certificate), self.agent.log()[-1500:])

    def test_a_service_that_is_killed_while_the_card_signs(self):
        page = self.page()
        certificate = self.certificate(page, "9d")
        self.card.order("slow 1500 87")
        self.card.order("forget")
        request = self.sign_start(page, certificate)
        self.wait_command(page, request, ("87", "9d"))
        self.rig.kill()
        with self.assertRaises(Refused) as caught:
            page.answer(request)
        self.assertIn(caught.exception.reason, ("card_removed", "module_failed"))
        self.card.order("slow 0")
        mark = self.rig.mark()
        self.rig.start()
        self.rig.wait("card inserted", mark)
        self.wait_state(page, "running", ["present"])
        self.assertIsNone(self.refusal(page, certificate), self.agent.log()[-1500:])

    def test_a_service_that_starts_after_the_agent_is_found(self):
        self.rig.stop()
        agent = self.agent_new()
        agent.start()
        try:
            page = agent.page()
            page.call("agent.subscribe", topics=["readers", "cards"])
            self.assertEqual(page.call("reader.list"), {"readers": [], "service": "unavailable"})
            self.assertIn(page.refused("certificate.list")["reason"], ("no_card", "module_failed"))
            self.rig.start()
            self.wait_notification(page, "card.inserted")
            self.wait_state(page, "running", ["present"])
            self.assertEqual(len(page.certificates()), 4)
        finally:
            agent.close()

    def test_readers_come_and_go(self):
        page = self.page("readers", "cards")
        self.wait_state(page, "running", ["present"])
        second = "Rig Okuyucu (RIG002) 01 00"
        for _ in range(2):
            page.notifications.clear()
            self.rig.plug(2)
            self.assertEqual(self.wait_notification(page, "reader.added")["reader"]["name"], second)
            self.rig.unplug(2)
            self.assertEqual(self.wait_notification(page, "reader.removed"), {"reader": second})
        page.notifications.clear()
        self.rig.unplug(1)
        self.wait_notification(page, "reader.removed")
        self.assertEqual([n["method"] for n in page.notifications], ["card.removed", "reader.removed"])
        self.wait_state(page, "running", [])
        page.notifications.clear()
        self.rig.plug(1)
        self.wait_notification(page, "card.inserted")
        self.assertEqual([n["method"] for n in page.notifications], ["reader.added", "card.inserted"])


class Kept(CardCase):
    def test_a_card_that_another_program_keeps_to_itself_is_usable_again_afterwards(self):
        certificate = hashlib.sha256((self.files.folder / "9d.der").read_bytes()).hexdigest()
        # Before the driver has opened the reader: pcscd lets nobody keep a card to himself that somebody else has open.
        with self.held(READER):
            page = self.page()
            self.wait_reader(page, READER, "in_use")
            self.assertEqual(self.refusal(page, certificate)["reason"], "card_unsupported")
        self.wait_reader(page, READER, "present")
        self.assertIsNone(self.refusal(page, certificate), self.agent.log()[-1500:])
        self.assertEqual(self.card.state()["pin"], 3)


class Shared(CardCase):
    """Other programs at the same card, and readers that are of no use beside a good one."""

    readers = (1, 2)
    second = "Rig Okuyucu (RIG002) 01 00"

    def test_one_that_is_kept_does_not_hinder_the_other(self):
        other = self.rig.card(self.files, reader=2, number=2)
        with self.held(self.second):
            page = self.page()
            self.wait_reader(page, self.second, "in_use")
            cards = page.call("card.list")["cards"]
            self.assertIn("0000000000000001", [card["serial"] for card in cards])
            self.assertIsNone(self.refusal(page, self.certificate(page, "9d")), self.agent.log()[-1500:])
        self.assertEqual(other.state()["logins"], 0)

    def test_a_broken_reader_does_not_hinder_the_good_one(self):
        page = self.page()
        certificate = self.certificate(page, "9d")
        self.rig.breaks(2)
        try:
            self.wait_reader(page, self.second, "unavailable")
            self.assertEqual(len(page.call("card.list")["cards"]), 1)
            self.assertIsNone(self.refusal(page, certificate), self.agent.log()[-1500:])
        finally:
            self.rig.breaks(2, broken=False)
        self.wait_reader(page, self.second, "empty")

    def test_a_card_that_another_program_resets(self):
        """Before the operation, and while its PIN dialog is open: a login is made anew, and nothing is tried twice."""
        page = self.page()
        certificate = self.certificate(page, "9d")
        self.rig.reset(READER)
        self.assertIsNone(self.refusal(page, certificate), self.agent.log()[-1500:])
        self.agent.script("confirm ok", "slow 700", "pin " + PIN)
        request = self.sign_start(page, certificate)
        self.agent.wait_for("GETPIN")
        before = self.card.state()["logins"]
        self.rig.reset(READER)
        try:
            page.answer(request)
        except Refused as refused:
            self.assertIn(refused.reason, ("module_failed", "card_removed"))
        self.assertLessEqual(self.card.state()["logins"], before + 1)
        self.agent.script("confirm ok", "pin " + PIN)
        self.assertIsNone(self.refusal(page, certificate), self.agent.log()[-1500:])
        self.assertEqual(self.card.state()["pin"], 3)

    def test_a_card_that_another_program_talks_to_is_waited_for(self):
        page = self.page()
        certificate = self.certificate(page, "9d")
        with self.rig.held(READER, "transaction"):
            request = self.sign_start(page, certificate)
            time.sleep(0.5)
        self.assertEqual(len(page.answer(request)["documents"]), 1)


AKIS = "3B9F968131FE45806755454B41451252318073B3A180AA"


class Kinds(CardCase):
    def put_in(self, atr):
        self.card.remove()
        self.card.order("atr " + atr)
        # OpenSC's driver for PIV takes any card that answers as one; this one must be foreign to it.
        self.card.order("fail a4 6a82 100000")
        self.card.insert()

    def test_a_card_whose_driver_is_missing_is_named_with_its_remedy(self):
        self.put_in(AKIS)
        page = self.page()
        cards = page.call("card.list")["cards"]
        self.assertEqual([(c["kind"], c["atr"], c["reader"], c["pin"]["state"]) for c in cards], [("akis", AKIS, READER, "unknown")])
        problem = cards[0]["problem"]
        self.assertEqual(problem["reason"], "card_unsupported")
        self.assertIn("AKİS", problem["message"]["tr"])
        self.assertIn(problem["page"], problem["remedy"]["tr"])
        self.assertNotIn("module", cards[0])
        self.assertEqual(page.refused("certificate.list")["reason"], "card_unsupported")
        self.assertEqual(self.refusal(page, "0" * 64)["reason"], "card_unsupported")
        self.agent.forget_dialogs()
        for method in ("pin.status", "pin.verify", "pin.change", "pin.unblock"):
            self.assertEqual(page.refused(method, card=cards[0]["id"])["reason"], "card_unsupported")
        self.assertEqual(self.agent.dialogs(), "")

    def test_a_card_that_nobody_knows_is_told_with_its_atr(self):
        self.put_in("3B6500002063CB6800")
        cards = self.page().call("card.list")["cards"]
        self.assertEqual([(c["atr"], c.get("kind"), c["problem"]["reason"]) for c in cards], [("3B6500002063CB6800", None, "card_unsupported")])

    def test_a_reader_without_a_card_is_no_problem(self):
        self.card.remove()
        page = self.page()
        self.wait_reader(page, READER, "empty")
        self.assertEqual(page.call("card.list")["cards"], [])
        self.assertEqual(page.refused("certificate.list")["reason"], "no_card")

    def test_a_card_that_two_modules_read_is_listed_once(self):
        copies = []
        for name in ("first-pkcs11.so", "second-pkcs11.so"):
            copies.append(self.agent.folder / name)
            shutil.copy(opensc(), copies[-1])
            copies[-1].chmod(0o700)
        agent = self.agent_new(modules=copies)
        agent.start()
        page = agent.page()
        self.assertEqual([c["module"] for c in page.call("card.list")["cards"]], ["first-pkcs11.so"])
        certificates = page.certificates()
        self.assertEqual(len(certificates), 4)
        self.assertEqual({c["card"] for c in certificates}, {c["id"] for c in page.call("card.list")["cards"]})
        agent.close()
        # A description of the card names the other one.
        folder = self.agent.folder / "cards.d"
        folder.mkdir(exist_ok=True)
        (folder / "rig.json").write_text(json.dumps({"kind": "rig", "name": {"tr": "Deneme", "en": "Test"}, "historical": ["8073FF0100"],
                                                     "modules": ["second-pkcs11.so"], "provider": "tests"}), encoding="utf-8")
        (folder / "bad.json").write_text('{"kind": 1}', encoding="utf-8")
        agent = self.agent_new(modules=copies, cards=folder)
        agent.start()
        cards = agent.page().call("card.list")["cards"]
        self.assertEqual([(c["module"], c["kind"]) for c in cards], [("second-pkcs11.so", "rig")])
        self.assertIn("bad.json", agent.log())
        agent.close()

    def test_without_a_setting_the_modules_are_found(self):
        agent = self.agent_new(modules=[])
        agent.start()
        page = agent.page()
        cards = page.call("card.list")["cards"]
        self.assertEqual([c["module"] for c in cards], ["opensc-pkcs11.so"])
        self.assertEqual(len(page.certificates()), 4)
        self.assertNotIn("softhsm", agent.log())
        agent.close()


class Configured(unittest.TestCase):
    """Modules that p11-kit is configured with; its folder is replaced for the agent alone."""

    @unittest.skipUnless(os.geteuid() == 0 and module_path() and os.path.isdir(MODULES), "needs root, SoftHSM and p11-kit's folder")
    def test_a_module_of_p11_kit_is_used_and_a_remote_one_is_not(self):
        agent = Agent(modules=[])
        self.addCleanup(agent.close)
        module = agent.folder / "libconfigured-p11.so"
        shutil.copy(module_path(), module)
        module.chmod(0o644)
        files = {"configured.module": f"# ours\nmodule: {module}\npriority: 1\n", "again.module": f"module:{module}\n",
                 "remote.module": "remote: |/bin/touch /tmp/imza-agent-remote\n", "relative.module": "module: ../nowhere.so\n",
                 "trust.module": "module: p11-kit-trust.so\n", "gone.module": "module: /nonexistent/gone.so\n", "no.txt": f"module: {module}\n"}
        folder = agent.folder / "modules"
        folder.mkdir()
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
        wrapper = agent.folder / "wrapper"
        wrapper.write_text(f"#!/bin/sh\nexec unshare -m sh -c 'mount --bind {folder} {MODULES} && exec \"$0\" \"$@\"' {agent.program} \"$@\"\n",
                           encoding="utf-8")
        wrapper.chmod(0o700)
        agent.program = wrapper
        agent.start()
        page = agent.page()
        cards = page.call("card.list")["cards"]
        self.assertEqual([card["module"] for card in cards], ["libconfigured-p11.so"], agent.log())
        self.assertEqual(len(page.certificates()), 3)
        self.assertFalse(os.path.exists("/tmp/imza-agent-remote"))


class Notifications(CardCase):
    def listen(self, page, expected):
        """This many notifications, received in a thread: the test's own work must not delay them."""
        heard = []

        def run():
            while len(heard) < expected:
                heard.append(json.loads(page.socket.recv())["method"])
        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        return heard, thread

    def test_nothing_is_lost_over_two_hundred_cycles(self):
        """How late they come, and that memory stays as it is: tests/bench/cards.py."""
        page = self.page("cards")
        cycles = 200
        heard, thread = self.listen(page, 2 * cycles)
        for _ in range(cycles):
            self.card.remove()
            self.card.insert()
        thread.join(30)
        self.assertEqual(heard, ["card.removed", "card.inserted"] * cycles)

    def test_a_card_that_is_changed_faster_than_anyone_looks_ends_in_the_right_state(self):
        page = self.page("cards")
        for _ in range(50):
            self.card.order("swap")
        time.sleep(0.5)
        state = page.call("reader.list")["readers"][0]["state"]
        methods = [n["method"] for n in page.notifications]
        self.assertEqual(methods[0::2], ["card.removed"] * (len(methods) // 2))
        self.assertEqual(methods[1::2], ["card.inserted"] * (len(methods) // 2))
        # A card that goes while pcscd powers it up is mute, and stays so for everybody.
        self.assertEqual(state, "mute" if "card mute" in self.rig.events[-1][1] else "present")

    def test_an_idle_agent_does_not_wake_up(self):
        page = self.page("readers", "cards")
        page.call("card.list")
        # While a page is connected libwebsockets does its housekeeping every 30 s.
        page.close()

        def switches():
            found = 0
            for pid in [self.agent.process.pid, *self.helpers()]:
                for status in pathlib.Path(f"/proc/{pid}/task").glob("*/status"):
                    found += sum(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("voluntary_ctxt"))
            return found

        time.sleep(1.5)
        before = switches()
        time.sleep(3)
        self.assertEqual(switches(), before)

    def helpers(self):
        return Pulled.helper(self)

    words = staticmethod(lambda stat: Pulled.words(stat))


if __name__ == "__main__":
    unittest.main()
