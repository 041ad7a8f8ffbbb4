# SPDX-License-Identifier: Apache-2.0
"""PIN care over the wire: verified, changed, unblocked in native dialogs; what a page sees of it; and how few tries it can cause."""
import base64
import pathlib
import shutil
import time
import unittest

from agent_client import BUILD, ORIGIN, Agent, Refused
from softhsm import PIN, PUK
from test_agent import AgentCase
from test_signing import form_data

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
        waiting = other.send("pin.change", {"card": card})
        other.call("pin.status", card=card)
        cancel = page.send("operation.cancel", {"operation": request})
        answers = {m["id"]: m for m in (page.receive(), page.receive())}
        self.assertEqual(answers[request]["error"]["data"]["reason"], "user_cancelled")
        self.assertTrue(answers[cancel]["result"]["cancelled"])
        # Then the other's turn has come; nothing was typed for it meanwhile.
        end = time.monotonic() + 5
        while self.agent.dialogs().count("GETPIN") < 2:
            self.assertLess(time.monotonic(), end)
            time.sleep(0.02)
        other.send("operation.cancel", {"operation": waiting})
        self.assertEqual({m["id"]: m for m in (other.receive(), other.receive())}[waiting]["error"]["data"]["reason"], "user_cancelled")


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


class Select(PinCase):
    options = {"extras": True}

    def test_the_user_picks_one_of_several(self):
        page = self.page()
        listed = page.certificates(purpose="signature")
        self.assertGreater(len(listed), 2)
        for i in range(3):
            self.agent.script(*["confirm notok"] * i, "confirm ok")
            self.agent.forget_dialogs()
            chosen = page.call("certificate.select", filter={"purpose": "signature"})["certificate"]
            # A demo certificate is seconds old: its daysLeft changes while we look.
            self.assertEqual({**chosen, "daysLeft": 0}, {**listed[i], "daysLeft": 0})
            self.assertEqual(self.agent.dialogs().count("CONFIRM"), i + 1)
        self.assertIn(ORIGIN, self.agent.dialogs())
        self.assertIn(f"Sertifika 1 / {len(listed)}", self.agent.dialogs())

    def test_the_recommended_one_comes_first(self):
        chosen = self.page().call("certificate.select")["certificate"]
        self.assertTrue(chosen["recommended"])

    def test_one_alone_is_confirmed_by_name(self):
        page = self.page()
        chosen = page.call("certificate.select", filter={"purpose": "authentication"})["certificate"]
        self.assertEqual(chosen["purposes"], ["authentication"])
        self.assertIn(chosen["subject"]["commonName"], self.agent.dialogs())
        self.assertNotIn("SETNOTOK", self.agent.dialogs())

    def test_a_choice_that_was_not_made_tells_nothing(self):
        self.agent.script("confirm cancel")
        page = self.page()
        refused = page.refused("certificate.select")
        self.assertEqual((refused["reason"], set(refused)), ("user_cancelled", {"reason", "message", "remedy"}))
        self.assertEqual(page.refused("certificate.select", filter={"issuer": "nobody"})["reason"], "not_found")

    def test_a_closed_tab_takes_the_dialog_with_it(self):
        self.agent.script("hang")
        page = self.page()
        page.send("certificate.select")
        end = time.monotonic() + 5
        while "CONFIRM" not in self.agent.dialogs():
            self.assertLess(time.monotonic(), end)
            time.sleep(0.02)
        page.close()
        self.agent.wait_idle(2)

    def test_an_origin_that_is_not_allowed_gets_no_dialog(self):
        self.assertEqual(self.page("https://unknown.example").refused("certificate.select")["reason"], "origin_denied")
        self.assert_no_dialog()

    def test_without_a_card_there_is_nothing_to_choose(self):
        agent = Agent(modules=[], token=False)
        self.addCleanup(agent.close)
        agent.start()
        self.assertEqual(agent.page().refused("certificate.select")["reason"], "no_card")
        self.assertEqual(agent.dialogs(), "")


class Limits(unittest.TestCase):
    """What one origin gets wrong again and again makes it pause, and it alone. SoftHSM never locks, so the tries are all ours to count."""

    def start(self, settings="pin-pause-seconds = 300\n"):
        self.agent = Agent(allowed=(ORIGIN, OTHER), settings=settings)
        self.addCleanup(self.agent.close)
        self.agent.start()
        page = self.agent.page()
        self.card = page.call("card.list")["cards"][0]["id"]
        self.certificate = page.signer("rsa")["id"]
        return page

    def signing(self):
        return {"certificate": self.certificate, "format": "cades",
                "documents": [{"content": base64.b64encode(b"x").decode(), "name": "x.txt", "mediaType": "text/plain"}]}

    def requests(self):
        """Every method that asks for a PIN."""
        form = {"form": "first-application", "data": form_data("first-application"), "certificate": self.certificate}
        return [*((method, {"card": self.card}) for method in ("pin.verify", "pin.change", "pin.unblock")), ("sign.document", self.signing()),
                ("sign.hash", {"certificate": self.certificate, "hashes": [{"algorithm": "sha256", "value": base64.b64encode(bytes(32)).decode(),
                                                                           "label": "x"}]}), ("form.sign", form)]

    def fail_once(self, page):
        self.agent.script("pin 999999", "pin cancel")
        self.assertEqual(page.refused("pin.verify", card=self.card)["reason"], "pin_incorrect")

    def assert_paused(self, page, most=300, requests=None):
        self.agent.forget_dialogs()
        for method, params in requests or self.requests():
            with self.subTest(method):
                refused = page.refused(method, **params)
                self.assertEqual(refused["reason"], "rate_limited")
                self.assertTrue(1 <= refused["retryAfter"] <= most, refused)
        self.assertEqual(self.agent.dialogs(), "")

    def assert_served(self, page):
        self.agent.script("confirm ok", f"pin {PIN}")
        self.assertEqual(page.call("pin.verify", card=self.card)["pin"]["state"], "ok")

    def test_three_wrong_pins_in_a_row_close_it_to_that_origin_on_every_connection(self):
        page = self.start()
        for _ in range(3):
            self.fail_once(page)
        self.assert_paused(page)
        page.close()
        page = self.agent.page()
        self.assert_paused(page)
        # What asks for no PIN goes on, and other sites go on altogether.
        self.assertEqual(page.call("pin.status", card=self.card)["pin"]["state"], "low")
        self.assertTrue(page.certificates())
        self.assert_served(self.agent.page(OTHER))
        self.assert_paused(page)

    def test_the_pause_ends(self):
        page = self.start("pin-pause-seconds = 1\n")
        for _ in range(3):
            self.fail_once(page)
        self.assert_paused(page, 1, self.requests()[:1])
        time.sleep(1.1)
        self.assert_served(page)

    def test_a_success_breaks_the_row(self):
        page = self.start()
        for _ in range(3):
            self.fail_once(page)
            self.fail_once(page)
            self.agent.script("confirm ok", "pin 999999", f"pin {PIN}")
            page.call("sign.document", **self.signing())

    def test_giving_up_without_a_try_is_none(self):
        page = self.start()
        for _ in range(4):
            self.agent.script("pin cancel")
            self.assertEqual(page.refused("pin.verify", card=self.card)["reason"], "user_cancelled")
        self.assert_served(page)

    def test_signatures_count_and_a_page_that_leaves_after_a_wrong_pin_does_not_get_away(self):
        page = self.start()
        self.agent.script("confirm ok", "pin 999999", "pin cancel")
        self.assertEqual(page.refused("sign.document", **self.signing())["reason"], "pin_incorrect")
        for method, params in (("sign.document", self.signing()), ("pin.verify", {"card": self.card})):
            self.agent.script("confirm ok", "pin 999999", "pin hang")
            self.agent.forget_dialogs()
            request = page.send(method, params)
            end = time.monotonic() + 20
            while self.agent.dialogs().count("GETPIN") < 2:
                self.assertLess(time.monotonic(), end, self.agent.log())
                time.sleep(0.02)
            if method == "pin.verify":
                page.close()
                page = self.agent.page()
            else:
                page.send("operation.cancel", {"operation": request})
                page.receive(), page.receive()
            self.agent.wait_idle()
        self.assert_paused(page)

    def test_a_page_that_leaves_while_the_card_looks_at_the_pin_does_not_get_away(self):
        self.agent = fake_agent(self, "slow_login")
        page = self.agent.page()
        card = page.call("card.list")["cards"][0]["id"]
        self.agent.script("confirm ok", "pin 999999")
        for method in ("pin.verify", "sign.document", "pin.verify"):
            self.certificate = page.certificates(purpose="signature")[0]["id"]     # another one each time the module starts
            self.agent.forget_dialogs()
            request = page.send(method, self.signing() if method == "sign.document" else {"card": card})
            end = time.monotonic() + 5
            while "GETPIN" not in self.agent.dialogs():
                self.assertLess(time.monotonic(), end)
                time.sleep(0.02)
            time.sleep(0.2)
            page.send("operation.cancel", {"operation": request})
            page.receive(), page.receive()
            self.agent.wait_idle()
            end = time.monotonic() + 5      # the module's process was ended and pauses before its next start
            while not self.answers(page):
                self.assertLess(time.monotonic(), end)
                time.sleep(0.1)
        self.assertEqual(page.refused("pin.verify", card=card)["reason"], "rate_limited")

    @staticmethod
    def answers(page):
        try:
            return page.call("card.list")["cards"]
        except Refused:
            return False

    def test_a_locked_card_counts_once(self):
        self.agent = fake_agent(self, "pin_locked", MOD_TRIES=3)
        page = self.agent.page()
        card = page.call("card.list")["cards"][0]["id"]
        self.agent.script("confirm ok", "pin 999999")
        for _ in range(6):      # it is asked about once, and never again
            self.assertEqual(page.refused("pin.verify", card=card)["reason"], "pin_locked")
        self.assertEqual(self.agent.dialogs().count("GETPIN"), 3)

    def test_wrong_puks_count_too(self):
        self.agent = fake_agent(self, "pin_locked", MOD_TRIES=0, MOD_PUK_TRIES=3)
        page = self.agent.page()
        card = page.call("card.list")["cards"][0]["id"]
        for reason in ("puk_incorrect", "puk_incorrect", "puk_locked", "rate_limited"):
            self.agent.script("confirm ok", "pin 00000000", "pin 654321", "pin 654321", "pin cancel")
            self.assertEqual(page.refused("pin.unblock", card=card)["reason"], reason)

    def test_a_flood_opens_one_dialog_and_others_are_served(self):
        """Fifty at once: one is shown, three wait, the rest is told; another site comes next, whoever asked first."""
        page = self.start()
        self.agent.script("pin hang")
        requests = [page.send("pin.verify", {"card": self.card}) for _ in range(50)]
        answers = [page.receive() for _ in range(46)]
        self.assertEqual({answer["error"]["data"]["reason"] for answer in answers}, {"busy"})
        left = sorted(set(requests) - {answer["id"] for answer in answers})
        self.assertEqual(len(left), 4)
        self.agent.wait_for("GETPIN")
        self.assertEqual(self.agent.dialogs().count("GETPIN"), 1)
        other = self.agent.page(OTHER)
        self.assertEqual(other.call("pin.status", card=self.card)["pin"]["state"], "ok")
        theirs = other.send("pin.verify", {"card": self.card})
        other.call("pin.status", card=self.card)
        self.agent.forget_dialogs()
        self.agent.script("pin 123456")
        page.close()
        self.assertEqual(other.answer(theirs)["pin"]["state"], "ok")
        self.assertEqual(self.agent.dialogs().count("GETPIN"), 1)

    def test_ten_refusals_in_a_row_close_the_dialogs_to_that_origin(self):
        page = self.start("dialog-pause-seconds = 2\n")
        self.agent.script("confirm cancel")
        for i in range(10):
            if i == 5:
                page.close()
                page = self.agent.page()
            self.assertEqual(page.refused("sign.document", **self.signing())["reason"], "user_denied")
        self.assert_paused(page, 2, [*self.requests(), ("certificate.select", {})])
        self.assert_served(self.agent.page(OTHER))
        time.sleep(2.1)
        self.assert_served(page)

    def test_a_pause_that_begins_ends_what_waits(self):
        page = self.start("dialog-pause-seconds = 60\n")
        self.agent.script("confirm cancel")
        for _ in range(9):
            self.assertEqual(page.refused("sign.document", **self.signing())["reason"], "user_denied")
        self.agent.forget_dialogs()
        self.agent.script("slow 1500", "confirm cancel")
        sent = [page.send("sign.document", self.signing()) for _ in range(3)]
        answers = [page.receive()["error"]["data"] for _ in sent]
        self.assertEqual([answer["reason"] for answer in answers], ["user_denied", "rate_limited", "rate_limited"])
        self.assertEqual(self.agent.dialogs().count("CONFIRM"), 1)

    def test_a_page_that_asks_for_access_again_and_again_has_to_pause(self):
        self.start("dialog-pause-seconds = 60\n")
        self.agent.script("confirm cancel")
        for _ in range(10):
            page = self.agent.page("https://unknown.example")
            self.assertEqual(page.call("agent.requestAccess"), {"grant": "denied"})
            page.close()
        page = self.agent.page("https://unknown.example")
        self.assertEqual(page.refused("agent.requestAccess")["reason"], "rate_limited")
        self.assertEqual(self.agent.dialogs().count("CONFIRM"), 10)
        self.assert_served(self.agent.page())

    def test_dialogs_that_a_page_opens_and_takes_away_count(self):
        page = self.start("dialog-pause-seconds = 60\n")
        self.agent.script("hang")
        for _ in range(10):
            self.agent.forget_dialogs()
            request = page.send("pin.unblock", {"card": self.card})
            end = time.monotonic() + 5
            while "CONFIRM" not in self.agent.dialogs():
                self.assertLess(time.monotonic(), end)
                time.sleep(0.01)
            page.send("operation.cancel", {"operation": request})
            page.receive(), page.receive()
        self.agent.wait_idle()
        self.assert_paused(page, 60)


if __name__ == "__main__":
    unittest.main()
