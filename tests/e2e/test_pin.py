# SPDX-License-Identifier: Apache-2.0
"""PIN care over the wire: verified, changed, unblocked in native dialogs; what a page sees of it; and how few tries it can cause."""
import pathlib
import shutil
import time
import unittest

from agent_client import BUILD, ORIGIN, Agent
from softhsm import PIN, PUK
from test_agent import AgentCase

FAKES = BUILD.resolve() / "tests/fakes/modules"
OTHER = "https://other.example"


def fake_agent(case, name, settings="", **environment):
    """An agent whose only card is a fake one."""
    agent = Agent(modules=[], token=False, allowed=(ORIGIN, OTHER), settings=settings)
    case.addCleanup(agent.close)
    module = agent.folder / f"mod_{name}.so"
    shutil.copy(FAKES / module.name, module)
    module.chmod(0o700)
    pathlib.Path(f"{module}.settings").write_text("".join(f"{k}={v}\n" for k, v in environment.items()), encoding="ascii")
    agent.settings += f"module = {module}\n"
    agent.start()
    return agent


class PinCase(AgentCase):
    def card(self, page):
        return page.call("card.list")["cards"][0]["id"]


class Care(PinCase):
    def test_a_pin_is_verified_and_the_page_sees_its_state_only(self):
        page = self.page()
        result = page.call("pin.verify", card=self.card(page))
        self.assertEqual(set(result), {"pin"})
        self.assertEqual(result["pin"]["state"], "ok")
        told = self.agent.dialogs()
        self.assertEqual((told.count("GETPIN"), told.count("CONFIRM")), (1, 0))
        self.assertIn(ORIGIN, told)
        self.assertIn("PIN'ini doğrulamanızı istiyor", told)

    def test_a_pin_is_changed_and_changed_back(self):
        page = self.page()
        card = self.card(page)
        self.agent.script(f"pin {PIN}", "pin 445566", "pin 445566")
        self.assertEqual(page.call("pin.change", card=card)["pin"]["state"], "ok")
        self.agent.script("pin 445566")
        self.assertEqual(page.call("pin.verify", card=card)["pin"]["state"], "ok")
        self.agent.script("pin 445566", f"pin {PIN}", f"pin {PIN}")
        page.call("pin.change", card=card)
        self.agent.script(f"pin {PIN}")
        page.call("pin.verify", card=card)

    def test_the_puk_sets_a_new_pin(self):
        page = self.page()
        card = self.card(page)
        self.agent.script("confirm ok", f"pin {PUK}", "pin 778899", "pin 778899")
        page.call("pin.unblock", card=card)
        self.assertIn("PUK", self.agent.dialogs())
        self.agent.script("pin 778899")
        page.call("pin.verify", card=card)
        self.agent.script("confirm ok", f"pin {PUK}", f"pin {PIN}", f"pin {PIN}")
        page.call("pin.unblock", card=card)

    def test_a_wrong_pin_is_the_user_s_to_mend(self):
        page = self.page()
        self.agent.script("pin 999999", f"pin {PIN}")
        self.assertEqual(page.call("pin.verify", card=self.card(page))["pin"]["state"], "ok")
        self.assertEqual(self.agent.dialogs().count("GETPIN"), 2)
        self.agent.script("pin 999999", "pin cancel")
        refused = page.refused("pin.verify", card=self.card(page))
        self.assertEqual((refused["reason"], refused["pin"]["state"]), ("pin_incorrect", "low"))
        self.agent.script(f"pin {PIN}")
        page.call("pin.verify", card=self.card(page))

    def test_giving_up_is_no_wrong_pin(self):
        page = self.page()
        card = self.card(page)
        for method, lines in (("pin.verify", ("pin cancel",)), ("pin.change", (f"pin {PIN}", "pin cancel")),
                              ("pin.change", (f"pin {PIN}", "pin 445566", "pin cancel")), ("pin.unblock", ("confirm cancel",)),
                              ("pin.unblock", ("confirm ok", "pin cancel"))):
            with self.subTest(method=method, lines=lines):
                self.agent.script(*lines)
                self.assertEqual(page.refused(method, card=card)["reason"], "user_cancelled")
        self.agent.script(f"pin {PIN}")
        self.assertEqual(page.call("pin.status", card=card)["pin"]["state"], "ok")

    def test_an_unknown_card_is_not_asked_about(self):
        page = self.page()
        self.agent.forget_dialogs()
        for method in ("pin.status", "pin.verify", "pin.change", "pin.unblock"):
            self.assertEqual(page.refused(method, card="softhsm2/none")["reason"], "not_found")
            self.assertEqual(page.refused(method, card="x", pin="123456")["reason"], "invalid_params")
        self.assert_no_dialog()

    def test_an_origin_that_is_not_allowed_gets_nothing(self):
        page = self.page("https://unknown.example")
        for method in ("pin.status", "pin.verify", "pin.change", "pin.unblock"):
            self.assertEqual(page.refused(method, card="x")["reason"], "origin_denied")
        self.assert_no_dialog()

    def test_a_closed_tab_takes_the_dialog_with_it(self):
        page = self.page()
        card = self.card(page)
        for method, lines, seen in (("pin.verify", ("pin hang",), "GETPIN"), ("pin.change", (f"pin {PIN}", "pin hang"), "GETPIN"),
                                    ("pin.unblock", ("hang",), "CONFIRM")):
            with self.subTest(method):
                self.agent.script(*lines)
                self.agent.forget_dialogs()
                page.send(method, {"card": card})
                end = time.monotonic() + 5
                while seen not in self.agent.dialogs():
                    self.assertLess(time.monotonic(), end)
                    time.sleep(0.02)
                page.close()
                self.agent.wait_idle(2)
                page = self.page()

    def test_one_dialog_at_a_time(self):
        page, other = self.page(), self.page()
        card = self.card(page)
        self.agent.script("pin hang")
        request = page.send("pin.verify", {"card": card})
        end = time.monotonic() + 5
        while "GETPIN" not in self.agent.dialogs():
            self.assertLess(time.monotonic(), end)
            time.sleep(0.02)
        self.assertEqual(other.refused("pin.change", card=card)["reason"], "busy")
        cancel = page.send("operation.cancel", {"operation": request})
        answers = {m["id"]: m for m in (page.receive(), page.receive())}
        self.assertEqual(answers[request]["error"]["data"]["reason"], "user_cancelled")
        self.assertTrue(answers[cancel]["result"]["cancelled"])


class Counted(unittest.TestCase):
    """A card that counts, and that ends its module's process at a try too many."""

    def start(self, name="pin_locked", settings="", **environment):
        self.agent = fake_agent(self, name, settings, **environment)
        page = self.agent.page()
        return page, page.call("card.list")["cards"][0]["id"]

    def test_a_locked_card_is_not_asked_about_and_the_puk_opens_it(self):
        page, card = self.start(MOD_TRIES=0)
        for method in ("pin.verify", "pin.change"):
            refused = page.refused(method, card=card)
            self.assertEqual((refused["reason"], refused["pin"]["state"]), ("pin_locked", "locked"))
        self.assertEqual(self.agent.dialogs(), "")
        self.agent.script("confirm ok", f"pin {PUK}", "pin 654321", "pin 654321")
        self.assertEqual(page.call("pin.unblock", card=card)["pin"]["state"], "ok")
        self.agent.script("pin 654321")
        self.assertEqual(page.call("pin.verify", card=card)["pin"]["state"], "ok")

    def test_the_last_try_is_made_only_when_it_is_meant(self):
        page, card = self.start(MOD_TRIES=1)
        for method in ("pin.verify", "pin.change"):
            self.agent.script("confirm cancel", f"pin {PIN}")
            self.assertEqual(page.refused(method, card=card)["reason"], "user_cancelled")
            self.assertNotIn("GETPIN", self.agent.dialogs())
        self.agent.script("confirm ok", f"pin {PIN}")
        self.assertEqual(page.call("pin.verify", card=card)["pin"]["state"], "ok")
        self.assertIn("SON DENEME HAKKI", self.agent.dialogs())

    def test_wrong_pins_end_at_the_lock(self):
        page, card = self.start(MOD_TRIES=3)
        self.agent.script("confirm ok", "pin 999999")
        refused = page.refused("pin.verify", card=card)
        self.assertEqual((refused["reason"], refused["pin"]["state"]), ("pin_locked", "locked"))
        self.assertEqual(self.agent.dialogs().count("GETPIN"), 3)
        self.assertEqual(self.agent.dialogs().count("CONFIRM"), 1)

    def test_each_wrong_puk_is_confirmed_first_and_ends_at_the_lock(self):
        page, card = self.start(MOD_TRIES=0)
        self.agent.script("confirm ok", "pin 00000000", "pin 654321", "pin 654321", "pin 00000001", "pin 654321", "pin 654321", "pin cancel")
        refused = page.refused("pin.unblock", card=card)
        self.assertEqual((refused["reason"], refused["pin"]["state"]), ("puk_incorrect", "locked"))
        self.assertEqual(self.agent.dialogs().count("CONFIRM"), 3)
        self.agent.script("confirm ok", "pin 00000000", "pin 654321", "pin 654321")
        self.assertEqual(page.refused("pin.unblock", card=card)["reason"], "puk_locked")
        self.assertEqual(page.call("card.list")["cards"][0]["pin"]["state"], "locked")

    def test_a_new_pin_that_the_card_refuses_is_asked_for_again(self):
        page, card = self.start(MOD_TRIES=3)
        self.agent.script(f"pin {PIN}", "pin 666666", "pin 666666", f"pin {PIN}", "pin 246802", "pin 246802")
        self.assertEqual(page.call("pin.change", card=card)["pin"]["state"], "ok")
        self.assertIn("biçimi yanlış", self.agent.dialogs())

    def test_on_a_keypad_nothing_is_typed_here(self):
        page, card = self.start("keypad")
        self.agent.script("confirm ok")
        for method in ("pin.verify", "pin.change", "pin.unblock"):
            self.assertEqual(page.call(method, card=card)["pin"], {"state": "ok", "minLength": 6, "maxLength": 8, "keypad": True})
        self.assertNotIn("GETPIN", self.agent.dialogs())
        self.agent.wait_idle()

    def test_a_death_while_the_pin_is_tried_is_not_tried_again(self):
        page, card = self.start("crash")
        self.agent.script(f"pin {PIN}")
        self.assertEqual(page.refused("pin.verify", card=card)["reason"], "pin_state_unknown")
        self.assertEqual(self.agent.dialogs().count("GETPIN"), 1)
        time.sleep(0.4)
        self.assertEqual(len(page.call("card.list")["cards"]), 1)


if __name__ == "__main__":
    unittest.main()
