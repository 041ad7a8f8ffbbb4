# SPDX-License-Identifier: Apache-2.0
"""PIN care with a real pcscd, OpenSC's own driver and a card that counts: each thing typed is one try at the most, and the card is the witness."""
import json
import pathlib
import shutil
import tempfile
import time
import unittest

from test_cards import PIN, WRONG_PIN, CardCase

PUK, NEW_PIN = "12345678", "86420975"


class PinCare(CardCase):
    def setUp(self):
        super().setUp()
        self.on_wire = self.page()
        self.id = self.on_wire.call("card.list")["cards"][0]["id"]

    def tries(self):
        state = self.card.state()
        return state["pin"], state["puk"]

    def ask(self, method, *script):
        self.agent.script(*script)
        return self.on_wire.call(method, card=self.id)["pin"]["state"]

    def refused(self, method, *script):
        self.agent.script(*script)
        return self.on_wire.refused(method, card=self.id)

    def test_a_right_pin_is_verified(self):
        self.assertEqual(self.ask("pin.verify", f"pin {PIN}"), "ok")
        self.assertEqual(self.tries(), (3, 3))

    def test_each_wrong_pin_is_one_try(self):
        self.assertEqual(self.refused("pin.verify", f"pin {WRONG_PIN}", "pin cancel")["reason"], "pin_incorrect")
        self.assertEqual(self.tries(), (2, 3))
        refused = self.refused("pin.change", f"pin {WRONG_PIN}", f"pin {NEW_PIN}", f"pin {NEW_PIN}", "confirm cancel", "pin cancel")
        self.assertEqual((refused["reason"], refused["pin"]["state"]), ("pin_incorrect", "final"))
        self.assertEqual(self.tries(), (1, 3))
        # The last one is not made unless it is meant.
        self.assertEqual(self.refused("pin.verify", "confirm cancel", f"pin {PIN}")["reason"], "user_cancelled")
        self.assertEqual(self.tries(), (1, 3))
        self.assertEqual(self.ask("pin.verify", "confirm ok", f"pin {PIN}"), "ok")
        self.assertEqual(self.tries(), (3, 3))

    def test_a_locked_card_is_not_tried(self):
        self.assertEqual(self.refused("pin.verify", "confirm ok", f"pin {WRONG_PIN}")["reason"], "pin_locked")
        self.assertEqual(self.tries(), (0, 3))
        self.agent.forget_dialogs()
        for method in ("pin.verify", "pin.change"):
            self.assertEqual(self.refused(method, f"pin {PIN}")["reason"], "pin_locked")
        self.assertEqual(self.agent.dialogs(), "")

    def test_a_changed_pin_is_the_one_that_counts(self):
        self.assertEqual(self.ask("pin.change", f"pin {PIN}", f"pin {NEW_PIN}", f"pin {NEW_PIN}"), "ok")
        self.assertEqual(self.ask("pin.verify", f"pin {NEW_PIN}"), "ok")
        self.assertEqual(self.refused("pin.verify", f"pin {PIN}", "pin cancel")["reason"], "pin_incorrect")
        self.assertEqual(self.tries(), (2, 3))

    def test_what_is_not_sent_costs_nothing(self):
        for method, script in (("pin.verify", ("pin 12ab56", "pin 123", "pin cancel")), ("pin.change", (f"pin {PIN}", "pin cancel")),
                               ("pin.change", (f"pin {PIN}", "pin 111111", "pin 222222", "pin cancel")), ("pin.unblock", ("confirm cancel",))):
            with self.subTest(method=method, script=script):
                self.assertEqual(self.refused(method, *script)["reason"], "user_cancelled")
                self.assertEqual(self.tries(), (3, 3))

    def test_opensc_has_no_login_for_the_puk_and_no_try_is_lost_by_that(self):
        """Its other way, C_SetPIN without a login, would by its default settings be a try of the PIN."""
        refused = self.refused("pin.unblock", "confirm ok", f"pin {PUK}", f"pin {NEW_PIN}", f"pin {NEW_PIN}")
        self.assertEqual(refused["reason"], "module_failed")
        self.assertEqual(self.tries(), (3, 3))
        self.assertEqual(self.ask("pin.verify", f"pin {PIN}"), "ok")

    def test_a_card_that_is_pulled_while_the_pin_is_asked(self):
        self.agent.script("pin hang")
        request = self.on_wire.send("pin.verify", {"card": self.id})
        self.wait_for_dialog("GETPIN")
        self.card.remove()
        self.on_wire.send("operation.cancel", {"operation": request})
        self.on_wire.receive(), self.on_wire.receive()
        self.agent.wait_idle()
        self.assertEqual(self.on_wire.refused("pin.verify", card=self.id)["reason"], "not_found")

    def wait_for_dialog(self, command):
        end = time.monotonic() + 5
        while command not in self.agent.dialogs():
            self.assertLess(time.monotonic(), end)
            time.sleep(0.02)


class KindLengths(CardCase):
    """The card takes PINs of 4 to 8 digits; what is known of its kind says 6 to 7."""

    @classmethod
    def agent_new(cls, modules=None, cards=None):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="cards-"))
        cls.addClassCleanup(shutil.rmtree, folder)
        (folder / "rig.json").write_text(json.dumps({
            "kind": "rig", "name": {"tr": "Deneme kartı", "en": "Test card"}, "historical": ["8073FF0100"], "modules": ["opensc-pkcs11.so"],
            "provider": "tests", "pin": {"minLength": 6, "maxLength": 7}}), encoding="utf-8")
        return super().agent_new(modules, folder)

    def test_the_rule_is_told_and_shown_and_spends_no_try(self):
        page = self.page()
        card = page.call("card.list")["cards"][0]
        self.assertEqual((card["kind"], card["pin"]["minLength"], card["pin"]["maxLength"]), ("rig", 6, 7))
        for method in ("pin.verify", "pin.change"):
            with self.subTest(method=method):
                self.agent.forget_dialogs()
                self.agent.script("pin 1234", "pin 12345678", "pin cancel")
                self.assertEqual(page.refused(method, card=card["id"])["reason"], "user_cancelled")
                self.assertEqual(self.agent.dialogs().count("GETPIN"), 3)
                self.assertIn("6–7 rakam", self.agent.dialogs())
        self.agent.script("confirm ok", "pin 12345", "pin cancel")
        self.assertEqual(self.refusal(page, self.certificate(page, "9d"))["reason"], "user_cancelled")
        state = self.card.state()
        self.assertEqual((state["pin"], state["logins"]), (3, 0))
        self.assertIsNone(self.sign_with_pin(page))
        # A new PIN of eight digits, which the card itself would take.
        self.agent.script(f"pin {PIN}", f"pin {NEW_PIN}", "pin 765432", "pin 765432")
        self.assertEqual(page.call("pin.change", card=card["id"])["pin"]["state"], "ok")
        self.agent.script("pin 765432")
        self.assertEqual(page.call("pin.verify", card=card["id"])["pin"]["state"], "ok")

    def sign_with_pin(self, page):
        self.agent.script("confirm ok", f"pin {PIN}")
        return self.refusal(page, self.certificate(page, "9d"))


if __name__ == "__main__":
    unittest.main()
