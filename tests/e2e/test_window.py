# SPDX-License-Identifier: Apache-2.0
"""imza-window on a real display: keys and clicks by xdotool, and everything that a screen reader is told."""
import os
import signal
import time
import unittest
from pathlib import Path

import desktop
import document_inputs
from agent_client import BUILD, Agent
from agent_client import Refused as AgentRefused
from prompt_program import ORIGIN, Prompt, Refused, certificate, summary

SIGN = {"tr": "İmzalamaya devam et", "en": "Continue to sign"}
REFUSE = {"tr": "Reddet", "en": "Refuse"}
SANITIZED = "asan" in BUILD.name
ARM_MS = 4000           # time enough to do something in time on a busy machine
RIGHTMOST = (80, 45)    # from the lower right corner: within the button that does something


def setUpModule():
    if lacking := desktop.missing():
        raise unittest.SkipTest(f"needs {', '.join(lacking)}")
    global DESKTOP      # one display for all: starting it takes longer than most tests
    DESKTOP = desktop.Desktop()
    unittest.addModuleCleanup(DESKTOP.close)


class Case(unittest.TestCase):
    def prompt(self, **more):
        return Prompt("crash", windows=True, **{**DESKTOP.here, "LSAN_OPTIONS": f"suppressions={Path(__file__).with_name('toolkit.supp')}", **more})

    def open(self, prompt, op, **members):
        prompt.send(op, **members)
        window = DESKTOP.wait_window()
        self.wait_armed(prompt)
        return window

    def wait_armed(self, prompt):
        """Until the window takes answers, the first time."""
        DESKTOP.wait(lambda: "can be answered" in prompt.words(), "the window takes no answer")

    def end(self, prompt):
        """The answer or the error's name."""
        try:
            return prompt.receive()["answer"]
        except Refused as refused:
            return refused.reason

    def assert_silent(self, prompt, seconds=0.5):
        prompt.socket.settimeout(seconds)
        with self.assertRaises(TimeoutError):
            prompt.receive()
        prompt.socket.settimeout(30)


class Answers(Case):
    def test_enter_escape_space_and_closing_refuse(self):
        for how in ("Return", "KP_Enter", "Escape", "space", "close"):
            for op, members, answer in (("consent", {"summary": summary()}, "user_denied"), ("access", {}, "denied"),
                                        ("select", {"certificates": [certificate(1)]}, "user_cancelled")):
                if op != "consent" and how != "Return":
                    continue
                with self.subTest(how=how, op=op), self.prompt() as prompt:
                    self.open(prompt, op, **members)
                    DESKTOP.key("alt+F4" if how == "close" else how)
                    self.assertEqual(self.end(prompt), answer)
                    DESKTOP.wait_gone()

    def test_tab_and_space_agree(self):
        for op, members, tabs, answer in (("consent", {"summary": summary()}, 1, "consented"), ("access", {}, 2, "once"), ("access", {}, 1, "always")):
            with self.subTest(op=op, answer=answer), self.prompt() as prompt:
                self.open(prompt, op, **members)
                DESKTOP.key(*["Tab"] * tabs, "space")
                self.assertEqual(self.end(prompt), answer)

    def test_a_click_agrees(self):
        with self.prompt() as prompt:
            DESKTOP.click(self.open(prompt, "consent", summary=summary()), *RIGHTMOST)
            self.assertEqual(self.end(prompt), "consented")

    def test_a_certificate_is_chosen_before_it_is_told(self):
        with self.prompt() as prompt:
            window = self.open(prompt, "select", certificates=[certificate(i) for i in range(1, 4)])
            DESKTOP.click(window, *RIGHTMOST)
            self.assert_silent(prompt)
            DESKTOP.key("shift+Tab", "Home", "Down", "space")
            DESKTOP.tab_to("Bunu seç")
            DESKTOP.key("space")
            self.assertEqual(self.end(prompt), certificate(2)["id"])

    def test_nobody_there_is_a_timeout(self):
        with self.prompt() as prompt:
            prompt.send("consent", summary=summary(), timeout=1)
            self.assertEqual(self.end(prompt), "timeout")
            DESKTOP.wait_gone()


@unittest.skipIf(SANITIZED, "about time, of which sanitizers take too much")
class NotMeant(Case):
    """Keys and clicks that were on their way to another window."""

    def test_what_comes_at_first_is_not_taken(self):
        with self.prompt(arm_ms=ARM_MS) as prompt:
            prompt.send("consent", summary=summary())
            window = DESKTOP.wait_window()
            DESKTOP.key("Return", "Escape", "space", "Tab", "space", "Return", "shift+Tab")
            DESKTOP.click(window, *RIGHTMOST)
            DESKTOP.key("alt+F4")
            # Pressed in time, let go later.
            DESKTOP.xdotool("mousedown", 1)
            self.assertNotIn("can be answered", prompt.words(), "this machine is too slow for the test")
            self.wait_armed(prompt)
            DESKTOP.xdotool("mouseup", 1)
            self.assert_silent(prompt)
            self.assertEqual(DESKTOP.tree().focused(), ["Reddet"])
            DESKTOP.key("Escape")
            self.assertEqual(self.end(prompt), "user_denied")

    def test_nor_from_a_screen_reader(self):
        with self.prompt(arm_ms=ARM_MS) as prompt:
            prompt.send("consent", summary=summary())
            DESKTOP.tree()
            self.assertTrue(DESKTOP.ask("press Reddet"))
            DESKTOP.ask("press " + SIGN["tr"])
            self.assertNotIn("can be answered", prompt.words(), "this machine is too slow for the test")
            self.wait_armed(prompt)
            self.assert_silent(prompt, 0.1)
            self.assertTrue(DESKTOP.ask("press " + SIGN["tr"]))
            self.assertEqual(self.end(prompt), "consented")

    def test_the_delay_is_700_ms_unless_told_otherwise(self):
        with self.prompt(arm_ms=None) as prompt:
            DESKTOP.click(self.open(prompt, "consent", summary=summary()), *RIGHTMOST)
            self.assertEqual(self.end(prompt), "consented")

    def test_coming_back_to_the_front_begins_the_delay_again(self):
        with self.prompt(arm_ms=ARM_MS // 2) as prompt:
            window = self.open(prompt, "consent", summary=summary())
            process, other = DESKTOP.foreign_window()
            try:
                DESKTOP.xdotool("windowfocus", "--sync", other)
                sign = DESKTOP.tree().buttons()[SIGN["tr"]]
                self.assertNotIn("sensitive", sign.states)
                DESKTOP.xdotool("windowfocus", "--sync", window)
                DESKTOP.click(window, *RIGHTMOST)
                self.assert_silent(prompt, ARM_MS / 2000 + 0.5)
                DESKTOP.click(window, *RIGHTMOST)
                self.assertEqual(self.end(prompt), "consented")
            finally:
                process.kill()
                process.wait()

    def test_it_comes_before_other_windows(self):
        process, _ = DESKTOP.foreign_window()
        try:
            with self.prompt() as prompt:
                window = self.open(prompt, "access")
                stacked = DESKTOP.run("xprop", "-root", "_NET_CLIENT_LIST_STACKING").split(", ")
                self.assertEqual(int(stacked[-1], 16), int(window))
                self.assertIn("ABOVE", DESKTOP.run("xprop", "-id", window, "_NET_WM_STATE"))
                DESKTOP.key("Escape")
                self.assertEqual(self.end(prompt), "denied")
        finally:
            process.kill()
            process.wait()


class Shown(Case):
    """What a screen reader reads; the labels are the same that are drawn."""

    def read(self, op, **members):
        with self.prompt() as prompt:
            window = self.open(prompt, op, **members)
            tree, size = DESKTOP.tree(), DESKTOP.geometry(window)
            DESKTOP.key("Escape")
            self.end(prompt)
        # It fits on a small screen, whatever it says.
        self.assertLessEqual((size["WIDTH"] <= 1024, size["HEIGHT"] <= 740), (True, True), size)
        return tree

    def assert_texts(self, tree, *texts):
        for text in texts:
            self.assertIn(text, tree.texts())

    def test_everything_is_there_in_both_languages(self):
        words = {"tr": ("Bu site 1 belgeyi imzalamanızı istiyor.", "182,3 KB · SHA-256 0123456789abcdef…", "31.12.2027", "İmzalayan", "Son geçerlilik günü"),
                 "en": ("This site asks you to sign 1 document.", "182.3 KB · SHA-256 0123456789abcdef…", "2027-12-31", "Signer", "Valid until")}
        for language, texts in words.items():
            with self.subTest(language):
                tree = self.read("consent", summary=summary(), language=language)
                self.assert_texts(tree, *texts, ORIGIN, "Başvuru formu.pdf", "Çağla Şule Öğüt", "TEST NES EC384 ALT KÖK", "AKIS", "ACS ACR39U ICC Reader 00 00")
                self.assertEqual((tree.role, tree.name), ("dialog", {"tr": "e-imza: imza onayı", "en": "e-signature: consent"}[language]))
                self.assertEqual(tree.description, texts[0])
                self.assertEqual(list(tree.buttons()), [REFUSE[language], SIGN[language]])
                self.assertEqual(tree.focused(), [REFUSE[language]])
                self.assertEqual(tree.texts()[0], ORIGIN)

    def test_a_log_in_names_the_site_and_the_person(self):
        words = {"tr": ("e-imza: oturum açma", "Bu sitede Çağla Şule Öğüt olarak oturum açılsın mı? Site kim olduğunuzu öğrenir; hiçbir şey imzalanmaz.", "Oturum açmaya devam et"),
                 "en": ("e-signature: log-in", "Log in at this site as Çağla Şule Öğüt? The site learns who you are; nothing is signed.", "Continue to log in")}
        for language, (title, text, button) in words.items():
            with self.subTest(language):
                tree = self.read("consent", summary=summary("login", []), language=language)
                self.assert_texts(tree, ORIGIN, text, "TEST NES EC384 ALT KÖK", "AKIS")
                self.assertEqual((tree.name, list(tree.buttons()), tree.focused()), (title, [REFUSE[language], button], [REFUSE[language]]))

    def test_an_access_dialog_says_what_is_allowed(self):
        for language, texts, buttons in (
                ("tr", ("Bu site, bu bilgisayardaki e-imza aracısını kullanmak istiyor.", "Sitenin kendi açıklaması: “Form' için”"), ["Reddet", "Her zaman izin ver", "Bu kez izin ver"]),
                ("en", ("This site wants to use the e-signature agent of this computer.", "The site's own words: “Form' için”"), ["Refuse", "Always allow", "Allow once"])):
            with self.subTest(language):
                tree = self.read("access", reason="Form” için", language=language)
                self.assert_texts(tree, ORIGIN, *texts)
                self.assertEqual(list(tree.buttons()), buttons)
                self.assertEqual(tree.focused(), buttons[:1])

    def test_certificates_are_a_list(self):
        tree = self.read("select", certificates=[certificate(1), certificate(2, owner="Mehmet Can Işık")])
        rows = [node for node in tree.all() if node.role == "list item"]
        self.assertEqual([row.name for row in rows], ["Çağla Şule Öğüt", "Mehmet Can Işık"])
        self.assertEqual([node.name for node in tree.all() if node.role == "list"], ["Sertifikalar"])
        for text in ("Mehmet Can Işık", "TEST NES EC384 ALT KÖK", "31.12.2032", "AKIS", "ACS ACR39U ICC Reader 00 00"):
            self.assertIn(text, [label for node in rows[1].all() if node.role == "label" for label in [node.name]])
        self.assertEqual(list(tree.buttons()), ["Vazgeç", "Bunu seç"])
        self.assertNotIn("sensitive", tree.buttons()["Bunu seç"].states)

    def test_a_forms_fields_are_there_whole(self):
        fields = [{"label": f"Alan {i:02}", "value": f"{i:02} " + "söz ğü% " * 120 + "son"} for i in range(60)]
        tree = self.read("consent", summary=summary("form", [{"name": "ilk-basvuru.pdf", "fields": fields}]))
        self.assert_texts(tree, "Bu site aşağıdaki formu imzalamanızı istiyor.", *(part for field in fields for part in field.values()))
        rows = [node for node in tree.all() if node.role == "list item"]
        self.assertEqual([row.name.split()[:2] for row in rows], [field["label"].split() for field in fields])

    def test_a_forms_attachments_stand_above_its_fields(self):
        document = {"name": "ilk-basvuru.pdf", "fields": [{"label": "Alan", "value": "değer"}], "attachments": [
            {"label": "Banka dekontu", "name": "dekont \u202efdp.pdf", "size": 2048, "sha256": "0123456789abcdef" * 4}]}
        tree = self.read("consent", summary=summary("form", [document]))
        rows = [[label.name for label in row.all() if label.role == "label"] for row in tree.all() if row.role == "list item"]
        self.assertEqual(rows, [["Birlikte imzalanan ek: Banka dekontu", "dekont [U+202E]fdp.pdf", "2,0 KB · SHA-256 0123456789abcdef…"], ["Alan", "değer"]])

    def test_warnings_are_said(self):
        tree = self.read("consent", summary=summary("form", warnings=[{"code": "name_differs", "value": "Çağla \u202eYıldız"}]))
        self.assert_texts(tree, "DİKKAT: Formdaki ad (Çağla [U+202E]Yıldız) sertifikadaki addan farklı.")
        tree = self.read("consent", summary=summary("document", [{"name": "a.txt"}], warnings=[{"code": "left_out", "value": "3"}]), language="en")
        self.assert_texts(tree, "ATTENTION: 3 documents that the site asked for can't be signed and are left out.")
        tree = self.read("consent", summary=summary("hash", [{"name": "özet", "sha256": "ab" * 32}]), language="en")
        self.assertTrue(any("content is unknown to this program" in text for text in tree.texts()))

    def test_a_purpose_that_the_server_confirmed_is_said(self):
        tree = self.read("consent", summary=summary(purpose="Reçete \u202eonayı <b>x</b>"))
        self.assert_texts(tree, "Sitenin sunucusunun doğruladığı amaç: Reçete [U+202E]onayı <b>x</b>")
        self.assertFalse(any("doğruladığı" in text for text in self.read("consent", summary=summary()).texts()))

    def test_an_international_address_is_shown_both_ways(self):
        tree = self.read("access", origin="https://xn--rnek-4qa.gov.tr")
        self.assertEqual(tree.texts()[:2], ["https://xn--rnek-4qa.gov.tr", "Kendi harfleriyle: https://örnek.gov.tr"])
        self.assertNotIn("DİKKAT", "".join(tree.texts()))
        for origin, words in (("https://xn--80ak6aa92e.com", "Türkçe olmayan harfler"), ("https://xn--pypal-4ve.com", "birden çok alfabenin")):
            tree = self.read("access", origin=origin)
            self.assertEqual(tree.texts()[0], origin)
            self.assertIn(words, tree.texts()[2])

    def test_hostile_texts_are_made_visible_and_cut(self):
        hostile = {"a\u202eb": "a[U+202E]b", "a\nİmzalayan: Başkası": "a ⏎ İmzalayan: Başkası", "\u001b[31m": "[U+001B][31m",
                   "<b>&amp;</b>": "<b>&amp;</b>", "pa\u200bypal": "pa[U+200B]ypal"}
        for text, shown in list(hostile.items())[:2]:
            tree = self.read("consent", summary=summary("form", [{"name": text, "fields": [{"label": text, "value": text} for text in hostile]}], owner=text))
            self.assertEqual([tree.texts().count(each) for each in hostile.values()], [4 if each == shown else 2 for each in hostile.values()])
        long = "ğ" * 10000
        tree = self.read("consent", summary=summary("form", [{"name": long, "size": 1, "fields": [{"label": long, "value": long}]}], owner=long, card=long,
                                                    reader="r" * 10000), origin="https://" + "a" * 280 + ".example")
        self.assert_texts(tree, "ğ" * 80 + "…", "ğ" * 1000 + "…")
        self.assertIn(long, "".join(tree.texts()))

    def test_a_value_that_can_not_be_shown_whole_is_refused(self):
        for value, reason in (("ğ" * 10000 + "!", "too_large"), ("\u202e" * 6000, "user_denied")):
            with self.prompt() as prompt:
                prompt.send("consent", summary=summary("form", [{"name": "form", "fields": [{"label": "Alan", "value": value}]}]))
                if reason == "user_denied":
                    DESKTOP.wait_window()
                    self.wait_armed(prompt)
                    self.assertIn("[U+202E]" * 6000, "".join(DESKTOP.tree().texts()))
                    DESKTOP.key("Escape")
                self.assertEqual(self.end(prompt), reason)

    @unittest.skipIf(SANITIZED, "about time, of which sanitizers take too much")
    def test_a_thousand_documents_are_listed(self):
        documents = [{"name": f"Belge {i:04}.pdf", "size": i, "sha256": f"{i:064x}", "fields": [{"label": "Sıra", "value": str(i)}]} for i in range(1000)]
        with self.prompt() as prompt:
            begin = time.monotonic()
            self.open(prompt, "consent", summary=summary(documents=documents), timeout=60)
            self.assertLess(time.monotonic() - begin, 5)
            DESKTOP.key("shift+Tab", "shift+Tab", "End")
            tree = DESKTOP.tree()
            self.assert_texts(tree, "Bu site 1000 belgeyi imzalamanızı istiyor.", "Belge 0999.pdf", "999")
            self.assertEqual(tree.focused()[0].split()[:3], ["1000.", "Belge", "0999.pdf"])
            DESKTOP.key("Escape")
            self.assertEqual(self.end(prompt), "user_denied")


class Elsewhere(Case):
    def test_no_graphics_driver_is_loaded(self):
        with self.prompt() as prompt:
            self.open(prompt, "access")
            try:
                maps = Path(f"/proc/{prompt.process.pid}/maps").read_text()
            except PermissionError:
                self.skipTest("reading the program's memory map takes root")
            loaded = {line.rpartition("/")[2] for line in maps.splitlines() if "/" in line}
            self.assertEqual({name for name in loaded if name.startswith(("libEGL_", "libGLX_", "libGL.", "swrast", "libLLVM", "libvulkan", "libgvfs"))}, set())
            DESKTOP.key("Escape")
            self.assertEqual(self.end(prompt), "denied")

    def test_without_a_display_pinentry_asks(self):
        for display in ({"DISPLAY": ":4999"}, {"DISPLAY": ""}):
            with self.subTest(display), self.prompt(**display) as prompt:
                prompt.script("confirm ok")
                self.assertEqual(prompt.call("consent", summary=summary()), {"answer": "consented"})

    def test_without_a_session_bus_the_window_opens(self):
        with self.prompt(DBUS_SESSION_BUS_ADDRESS="unix:path=/nonexistent") as prompt:
            self.open(prompt, "access")
            DESKTOP.key("Escape")
            self.assertEqual(self.end(prompt), "denied")

    def test_the_pin_is_asked_by_pinentry_afterwards(self):
        with self.prompt() as prompt:
            self.open(prompt, "consent", summary=summary())
            DESKTOP.key("Tab", "space")
            self.assertEqual(self.end(prompt), "consented")
            DESKTOP.wait_gone()
            prompt.script("pin 123456")
            self.assertEqual(prompt.pin(), ("entered", b"123456"))


@unittest.skipIf(SANITIZED, "about the agent's part, which the other build has shown")
class WithAgent(Case):
    """The window as imza-agent opens it."""

    def start(self):
        agent = DesktopAgent(settings="consent-window = auto\n")
        agent.start()
        self.addCleanup(agent.close)
        return agent

    def signing(self, page):
        return {"certificate": page.signer("rsa")["id"], "format": "cades", "documents": [{"content": "eA==", "name": "not.txt", "mediaType": "text/plain"}]}

    def test_it_goes_with_its_page(self):
        agent = self.start()
        page = agent.page()
        page.send("sign.document", self.signing(page))
        DESKTOP.wait_window()
        page.close()
        agent.wait_idle()
        DESKTOP.wait_gone()

    def test_a_document_is_signed_with_a_click_and_a_pin(self):
        agent = self.start()
        agent.script("pin 123456")
        page = agent.page()
        request = page.send("sign.document", self.signing(page))
        window = DESKTOP.wait_window()
        self.assertIn("not.txt", DESKTOP.tree().texts())
        DESKTOP.wait(lambda: "can be answered" in agent.log(), "the window takes no answer")
        DESKTOP.click(window, *RIGHTMOST)
        self.assertEqual(len(page.answer(request)["documents"]), 1)

    def blue(self, window):
        """Pixels of the box on a page of pdf_pages()."""
        return DESKTOP.colors(window).get("3366CC", 0)

    def wait_blue(self, window, points, zoom=1.0):
        """Until the box is there, as large as it must be on a page that is 520 pixels wide."""
        pixels = points * 100 * (520 / 595 * zoom) ** 2
        DESKTOP.wait(lambda: abs(self.blue(window) - pixels) < pixels * 0.04, f"no page with a box of {pixels:.0f} pixels")

    def test_the_page_that_is_signed_is_seen(self):
        agent = self.start()
        page = agent.page()
        pdf = document_inputs.pdf_pages(3)
        for terms in ({"format": "cades", "packaging": "detached"}, {"format": "pades"}):
            with self.subTest(terms):
                request = page.send("sign.document", {"certificate": page.signer("rsa")["id"], **terms, "documents": [
                    {"document": page.upload(pdf, name="Belge.pdf")}, {"document": page.upload(document_inputs.pdf_pages(2), name="Ek.pdf")}]})
                window = DESKTOP.wait_window()
                self.wait_blue(window, 100)
                self.assertIn("Sayfa 1 / 3", DESKTOP.tree().texts())
                if terms["format"] == "cades":
                    DESKTOP.key("Escape")
                    self.assertEqual(self.refusal(page, request), "user_denied")
                    continue
                DESKTOP.ask("press Sonraki sayfa")
                self.wait_blue(window, 140)
                self.assertIn("Sayfa 2 / 3", DESKTOP.tree().texts())
                self.assertEqual([node.name for node in DESKTOP.tree().all() if node.role == "image"], ["Sayfa 2 / 3"])
                DESKTOP.ask("press Büyüt")
                self.wait_blue(window, 140, 1.4)
                DESKTOP.ask("press Küçült")
                # The process that draws ends: the next page starts another.
                for drawer in agent.drawers():
                    os.kill(drawer, signal.SIGKILL)
                DESKTOP.ask("press Sonraki sayfa")
                self.wait_blue(window, 180)
                DESKTOP.key("shift+Tab", "Escape")
                self.assertEqual(self.refusal(page, request), "user_denied")

    def refusal(self, page, request):
        with self.assertRaises(AgentRefused) as raised:
            page.answer(request)
        return raised.exception.reason

    def test_a_page_that_can_not_be_drawn_is_said_and_may_be_signed(self):
        agent = self.start()
        agent.script("pin 123456")
        page = agent.page()
        request = page.send("sign.document", {"certificate": page.signer("rsa")["id"], "format": "cades",
                                              "documents": [{"document": page.upload(b"%PDF-1.7 nothing", name="bozuk.pdf")}]})
        window = DESKTOP.wait_window()
        DESKTOP.wait(lambda: any("gösterilemiyor" in text for text in DESKTOP.tree().texts()), "nothing is said of the page")
        DESKTOP.wait(lambda: "can be answered" in agent.log(), "the window takes no answer")
        DESKTOP.click(window, *RIGHTMOST)
        self.assertEqual(len(page.answer(request)["documents"]), 1)

    def test_nothing_in_the_agents_environment_reaches_the_toolkit(self):
        agent = self.start()
        page = agent.page()
        page.send("sign.document", self.signing(page))
        DESKTOP.wait_window()
        names = {line.partition("=")[0] for line in Path(f"/proc/{agent.family()['imza-window']}/environ").read_text().split("\0") if line}
        self.assertEqual(names & set(HOSTILE), set())
        self.assertLessEqual({"DISPLAY", "DBUS_SESSION_BUS_ADDRESS"}, names)


HOSTILE = {"GTK_MODULES": "evil", "GTK_PATH": "/tmp", "GTK_THEME": "evil", "GTK_DEBUG": "interactive", "GTK_IM_MODULE": "evil", "GDK_DEBUG": "gl-debug",
           "GDK_BACKEND": "broadway", "GIO_EXTRA_MODULES": "/tmp", "GIO_MODULE_DIR": "/tmp", "GDK_PIXBUF_MODULE_FILE": "/tmp/evil", "GTK_A11Y": "none",
           "GTK_CSD": "1", "GTK_DATA_PREFIX": "/tmp", "GTK_EXE_PREFIX": "/tmp", "GSETTINGS_BACKEND": "memory", "XDG_DATA_DIRS": "/tmp",
           "XDG_CONFIG_DIRS": "/tmp", "FONTCONFIG_FILE": "/tmp/evil", "PANGO_LANGUAGE": "ar", "LD_PRELOAD": "", "G_MESSAGES_DEBUG": "all"}


class DesktopAgent(Agent):
    def drawers(self):
        """The processes that draw pages."""
        return [pid for pid in map(int, filter(str.isdigit, os.listdir("/proc"))) if self._words(pid)[-2:] == [str(BUILD / "agent/imza-document"), "pages"]]

    def _words(self, pid):
        try:
            return Path(f"/proc/{pid}/cmdline").read_text().split("\0")[:-1]
        except OSError:
            return []

    def environment(self):
        return {**super().environment(), **DESKTOP.here, **HOSTILE}


if __name__ == "__main__":
    unittest.main()
