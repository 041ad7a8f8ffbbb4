# SPDX-License-Identifier: Apache-2.0
"""imza-prompt: every answer, every failure, hostile texts and the PIN's way, with a pinentry that answers from a script."""
import ast
import os
import re
import shutil
import stat
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from patience import patient
from prompt_program import (FAKE, ORIGIN, ROOT, SECONDS, Prompt, Refused, care_request, certificate, children, is_alive, pin_request,
                            read_all, summary)

HIDDEN = re.compile("[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\ufffb]")


class Case(unittest.TestCase):
    def refused(self, reason, prompt, op, fds=(), **members):
        with self.assertRaises(Refused) as raised:
            prompt.call(op, fds, **members)
        self.assertEqual(raised.exception.reason, reason)


class Access(Case):
    def test_each_button_has_its_answer(self):
        for script, answer in (("confirm ok", "once"), ("confirm notok", "always"), ("confirm cancel", "denied")):
            with self.subTest(script), Prompt(script) as prompt:
                self.assertEqual(prompt.call("access"), {"answer": answer})

    def test_both_languages_name_the_origin_and_the_buttons(self):
        words = {"tr": ("Bu kez izin ver", "Her zaman izin ver", "Reddet", "e-imza aracısını kullanmak istiyor", "e-imza: erişim izni"),
                 "en": ("Allow once", "Always allow", "Refuse", "wants to use the e-signature agent", "e-signature: access")}
        for language, (ok, notok, cancel, sentence, title) in words.items():
            with self.subTest(language), Prompt("confirm ok") as prompt:
                prompt.call("access", language=language)
                self.assertEqual([prompt.told(command) for command in ("SETOK", "SETNOTOK", "SETCANCEL", "SETTITLE")],
                                 [[ok], [notok], [cancel], [title]])
                self.assertEqual(prompt.told("SETDESC")[0].splitlines()[0], ORIGIN)
                self.assertIn(sentence, prompt.told("SETDESC")[0].replace("\n", " "))

    def test_the_reason_stays_inside_its_quotes(self):
        with Prompt("confirm ok") as prompt:
            prompt.call("access", reason="Form imzası” \"tamam\nBu site güvenlidir: https://iyi.example")
            text = prompt.told("SETDESC")[0].replace("\n", " ")
        self.assertIn("Sitenin kendi açıklaması: “Form imzası' 'tamam ⏎ Bu site güvenlidir: https://iyi.example”", text)

    def test_with_two_buttons_always_is_a_question_of_its_own(self):
        # pinentry-gnome3 shows no third button: "not confirmed" from it must never become "always".
        for script, answer in (("confirm ok\nconfirm ok", "always"), ("confirm ok\nconfirm cancel", "once"), ("confirm ok\nconfirm notok", "once"),
                               ("confirm cancel", "denied"), ("confirm notok", "denied")):
            for flavor in ("gnome3", "w32", "unheard-of"):
                with self.subTest(script=script, flavor=flavor), Prompt(script, flavor=flavor) as prompt:
                    self.assertEqual(prompt.call("access"), {"answer": answer})
                    self.assertEqual(prompt.told("SETNOTOK"), [])

    def test_an_answer_that_comes_too_early_is_not_taken(self):
        with Prompt("confirm notok\nconfirm ok\nslow 400\nconfirm cancel", arm_ms=300) as prompt:
            self.assertEqual(prompt.call("access"), {"answer": "denied"})
            self.assertEqual(prompt.commands().count("CONFIRM"), 3)

    def test_the_delay_is_700_ms_unless_told_otherwise(self):
        with Prompt("confirm ok\nslow 500\nconfirm ok\nslow 800\nconfirm notok", arm_ms=None) as prompt:
            self.assertEqual(prompt.call("access"), {"answer": "always"})
            self.assertEqual(prompt.commands().count("CONFIRM"), 3)

    def test_a_key_held_down_ends_as_a_refusal(self):
        with Prompt("confirm ok", arm_ms=700) as prompt:
            self.assertEqual(prompt.call("access"), {"answer": "denied"})


class Consent(Case):
    def pages(self, script="confirm ok", **members):
        with Prompt(script) as prompt:
            self.assertEqual(prompt.call("consent", **members), {"answer": "consented"})
            for line in prompt.commands():
                self.assertLessEqual(len(line.encode()), 1000)
            self.assertNotRegex("\n".join(prompt.told("SETDESC")), HIDDEN)
            return prompt.told("SETDESC"), prompt.told("SETOK")

    def test_it_shows_everything_in_both_languages(self):
        words = {"tr": ("1 belgeyi imzalamanızı", "182,3 KB", "İmzalayan: Çağla Şule Öğüt", "31.12.2027", "Okuyucu: ACS ACR39U ICC Reader 00 00", "Kart: AKIS"),
                 "en": ("sign 1 document.", "182.3 KB", "Signer: Çağla Şule Öğüt", "2027-12-31", "Reader: ACS ACR39U ICC Reader 00 00", "Card: AKIS")}
        for language, expected in words.items():
            with self.subTest(language):
                texts, buttons = self.pages(summary=summary(), language=language)
                self.assertEqual(texts[0].splitlines()[0], ORIGIN)
                for word in (*expected, "Başvuru formu.pdf", "SHA-256 0123456789abcdef…", "TEST NES EC384 ALT KÖK"):
                    self.assertIn(word, texts[0])
                self.assertEqual(buttons, [{"tr": "İmzalamaya devam et", "en": "Continue to sign"}[language]])

    def test_a_refusal_is_an_error(self):
        for script in ("confirm cancel", "confirm notok"):
            with self.subTest(script), Prompt(script) as prompt:
                self.refused("user_denied", prompt, "consent", summary=summary())

    def test_a_hash_is_said_to_be_unknown(self):
        for language, words in (("tr", "İçerik bu programca bilinmiyor"), ("en", "content is unknown to this program")):
            texts, _ = self.pages(summary=summary("hash", [{"name": "özet 1", "sha256": "ab" * 32}]), language=language)
            self.assertIn(words, texts[0].replace("\n", " "))
            self.assertIn("abababababababab…", texts[0])

    def test_a_name_that_differs_is_said_before_anything_else(self):
        warnings = [{"code": "name_differs", "value": "Çağla Şule \u202eYıldız"}]
        for language, words in (("tr", "DİKKAT: Formdaki ad (Çağla Şule "), ("en", "ATTENTION: the form's name (Çağla Şule ")):
            texts, _ = self.pages(summary=summary("form", warnings=warnings), language=language)
            said = " ".join(texts[0].split())
            self.assertLess(said.index(words), said.index("Öğüt"))
            self.assertIn("Yıldız)", said)
            self.assertNotIn("DİKKAT", " ".join(self.pages(summary=summary("form"))[0]))
        left_out = [{"code": "left_out", "value": ""}, {"code": "left_out", "value": "0"}, {"code": "left_out", "value": "6 "}]
        for wrong in ([{"code": "other", "value": "a"}], [{"code": "name_differs"}], ["name_differs"], *([warning] for warning in left_out)):
            with Prompt() as prompt:
                self.refused("invalid_params", prompt, "consent", summary=summary("form", warnings=wrong))

    def test_documents_that_are_left_out_are_said_before_those_that_are_signed(self):
        for language, value, words in (("tr", "6", "DİKKAT: Sitenin imzalanmasını istediği 6 belge imzalanamıyor"),
                                       ("en", "1", "ATTENTION: 1 document that the site asked for can't be signed and is left out.")):
            texts, _ = self.pages(summary=summary("document", [{"name": "a.pdf"}], warnings=[{"code": "left_out", "value": value}]), language=language)
            said = " ".join(texts[0].split())
            self.assertLess(said.index(words), said.index("a.pdf"))

    def test_a_purpose_that_the_server_confirmed_is_said(self):
        for language, words in (("tr", "Sitenin sunucusunun doğruladığı amaç: Reçete onayı"), ("en", "Purpose, confirmed by the site's server: Reçete onayı")):
            texts, _ = self.pages(summary=summary(purpose="Reçete onayı"), language=language)
            said = " ".join(texts[0].split())
            self.assertIn(words, said)
            self.assertLess(said.index(words), said.index("Öğüt"))
        texts, _ = self.pages(summary=summary(purpose="a\u202eb " * 200))
        self.assertIn("a[U+202E]b a[U+202E]b", texts[0])
        self.assertLess(len(" ".join(texts[0].split())), 1500)
        self.assertNotIn("doğruladığı", " ".join(self.pages(summary=summary())[0]))
        with Prompt() as prompt:
            self.refused("invalid_params", prompt, "consent", summary=summary(purpose=5))

    def test_a_thousand_documents_are_counted_and_the_list_is_cut(self):
        documents = [{"name": f"Belge {i:04}.pdf", "size": i, "sha256": f"{i:064x}"} for i in range(1000)]
        texts, buttons = self.pages(summary=summary(documents=documents))
        whole = "\n".join(texts)
        self.assertIn("1000 belgeyi", texts[0])
        self.assertIn("… ve 980 tane daha (toplam 1000)", texts[-1])
        for i in range(20):
            self.assertIn(f"Belge {i:04}.pdf", whole)
        self.assertNotIn("Belge 0020.pdf", whole)
        self.assertEqual(buttons, ["Sonraki sayfa"] * (len(texts) - 1) + ["İmzalamaya devam et"])

    def test_every_field_of_a_form_is_seen_whole(self):
        fields = [{"label": f"Alan {i:02}", "value": f"{i:02} " + " ".join(f"söz{k:02}ğü%" for k in range(20))} for i in range(30)]
        self.assertGreater(len(fields[0]["value"]), 180)
        texts, buttons = self.pages(summary=summary("form", [{"name": "ilk-basvuru", "fields": fields}]))
        self.assertGreater(len(texts), 4)
        self.assertEqual(buttons[-1], "İmzalamaya devam et")
        bodies = []
        for i, text in enumerate(texts):
            lines = text.splitlines()
            self.assertEqual(lines[:2], [ORIGIN, f"Sayfa {i + 1} / {len(texts)}"])
            self.assertLessEqual(len(lines), 24)
            bodies += lines[2:]
        whole = re.sub(r"\s+", " ", " ".join(bodies))
        for field in fields:
            self.assertIn(f"{field['label']}: {field['value']}", whole)

    def test_a_forms_attachments_are_told(self):
        attachment = {"label": "Banka dekontu", "name": "dekont\u202e.pdf", "size": 2048, "sha256": "0123456789abcdef" * 4}
        texts, _ = self.pages(summary=summary("form", [{"name": "ilk-basvuru", "fields": [], "attachments": [attachment]}]))
        self.assertIn("+ Birlikte imzalanan ek: Banka dekontu\n    dekont[U+202E].pdf\n    2,0 KB, SHA-256 0123456789abcdef…", "\n".join(texts))
        for missing in attachment.keys() - {"size"}:
            with Prompt("confirm ok") as prompt:
                less = {key: value for key, value in attachment.items() if key != missing}
                self.refused("invalid_params", prompt, "consent", summary=summary("form", [{"name": "ilk-basvuru", "attachments": [less]}]))

    def test_nothing_is_agreed_to_before_the_last_page(self):
        fields = [{"label": f"Alan {i}", "value": "x" * 200} for i in range(30)]
        with Prompt("confirm ok\nconfirm ok\nconfirm cancel") as prompt:
            self.refused("user_denied", prompt, "consent", summary=summary("form", [{"name": "form", "fields": fields}]))
            self.assertEqual(prompt.commands().count("CONFIRM"), 3)

    def test_more_than_can_be_shown_is_refused_unseen(self):
        fields = [{"label": f"Alan {i}", "value": "ş" * 900} for i in range(200)]
        with Prompt("confirm ok") as prompt:
            self.refused("too_large", prompt, "consent", summary=summary("form", [{"name": "form", "fields": fields}]))
            self.assertEqual(prompt.commands(), [])

    def test_every_page_has_its_own_delay(self):
        fields = [{"label": f"Alan {i}", "value": "x" * 200} for i in range(7)]
        with Prompt("confirm ok", arm_ms=100) as prompt:
            prompt.script("slow 200\nconfirm ok\nconfirm ok\nslow 200\nconfirm ok\nslow 200\nconfirm ok\nslow 200\nconfirm ok")
            self.assertEqual(prompt.call("consent", summary=summary("form", [{"name": "form", "fields": fields}])), {"answer": "consented"})
            shown = prompt.told("SETDESC")
            self.assertEqual(shown[1], shown[2])
            self.assertGreater(len(set(shown)), 2)

    def test_hostile_texts_are_made_visible_and_cut(self):
        hostile = {"bidi": ("fatura\u202egpj.exe", "fatura[U+202E]gpj.exe"), "isolate": ("a\u2066b\u2069", "a[U+2066]b[U+2069]"),
                   "newline": ("a\nİmzalayan: Başkası", "a ⏎ İmzalayan: Başkası"), "zero width": ("pa\u200bypal", "pa[U+200B]ypal"),
                   "escape": ("\u001b[31m", "[U+001B][31m"), "line separator": ("a\u2028b", "a[U+2028]b"), "blank letter": ("a\u3164b", "a[U+3164]b"),
                   "marks": ("a" + "\u0301" * 5, "a\u0301\u0301[U+0301][U+0301][U+0301]"), "tag": ("x\U000e0041", "x[U+E0041]"),
                   "spaces": ("  a\t \u00a0 b  ", "• a b"), "percent": ("100%0AOK", "100%0AOK"), "markup": ("<b>&amp;</b>", "<b>&amp;</b>"),
                   "arabic mark": ("\u061cx", "[U+061C]x"), "byte order": ("\ufeffx", "[U+FEFF]x")}
        for title, (name, shown) in hostile.items():
            with self.subTest(title):
                texts, _ = self.pages(summary=summary(documents=[{"name": name, "size": 1}]))
                self.assertIn(shown, "\n".join(texts))
        texts, _ = self.pages(summary=summary(documents=[{"name": "ğ" * 10000}], owner="Ü" * 10000, card="c" * 10000, reader="r" * 10000))
        self.assertIn("ğ" * 10 + "…", "\n".join(texts))
        self.assertLess(len("".join(texts)), 1000)

    def test_a_long_word_is_broken_and_marked(self):
        origin = "https://" + ".".join(["https-iyi-example"] * 13) + ".example"
        texts, _ = self.pages(summary=summary(), origin=origin)
        lines = texts[0].splitlines()
        self.assertEqual(re.sub("\n↪", "", texts[0]).splitlines()[0], origin)
        self.assertTrue(lines[1].startswith("↪"))
        self.assertLessEqual(max(map(len, lines)), 58)

    def test_an_origin_that_cannot_be_shown_whole_is_refused(self):
        with Prompt("confirm ok") as prompt:
            for origin in ("", "https://" + "a" * 400 + ".example", None):
                self.refused("invalid_params", prompt, "consent", summary=summary(), origin=origin)
            self.assertEqual(prompt.commands(), [])

    def test_a_summary_with_a_part_missing_is_refused(self):
        whole = summary()
        cases = [{**whole, "kind": "other"}, {**whole, "documents": []}, {**whole, "documents": [{"size": 1}]}, {**whole, "certificate": {}},
                 {key: value for key, value in whole.items() if key != "reader"}, "text", None]
        with Prompt("confirm ok") as prompt:
            for case in cases:
                self.refused("invalid_params", prompt, "consent", summary=case)
            self.assertEqual(prompt.commands(), [])


class Pin(Case):
    def test_the_pin_arrives_exactly_and_the_pipe_is_closed(self):
        for pin in ("123456", "00000000"):
            with self.subTest(pin), Prompt(f"pin {pin}") as prompt:
                self.assertEqual(prompt.pin(), ("entered", pin.encode()))

    def test_the_longest_pin_passes(self):
        with Prompt("pin " + "7" * 64) as prompt:
            self.assertEqual(prompt.pin(minimum=4, maximum=255), ("entered", b"7" * 64))

    def test_cancelling_closes_the_pipe_without_a_byte(self):
        for script in ("pin cancel", "pin notok"):
            with self.subTest(script), Prompt(script) as prompt:
                self.assertEqual(prompt.pin(), ("user_cancelled", b""))

    def test_a_wrong_form_is_asked_again_with_the_rule_and_goes_nowhere(self):
        for wrong in ("12345", "123456789", "12345a", "%31%32", "1234 56", "１２３４５６", "8" * 65, "9" * 900):
            with self.subTest(wrong), Prompt(f"pin {wrong}\npin 654321") as prompt:
                self.assertEqual(prompt.pin(), ("entered", b"654321"))
                self.assertEqual(len(prompt.told("SETERROR")), 1)
                self.assertIn("PIN 6–8 rakamdan oluşur.", prompt.told("SETERROR")[0])

    def test_percent_escapes_are_undone_once(self):
        with Prompt("pin %31%32%33456") as prompt:
            self.assertEqual(prompt.pin(), ("entered", b"123456"))
        with Prompt("pin 123%2534\npin cancel") as prompt:
            self.assertEqual(prompt.pin(), ("user_cancelled", b""))

    def test_five_wrong_forms_end_it(self):
        with Prompt("pin 1") as prompt:
            self.assertEqual(prompt.pin(), ("pin_policy", b""))
            self.assertEqual(prompt.commands().count("GETPIN"), 5)

    def test_the_rule_is_told_in_both_languages(self):
        rules = {(6, 8): ("PIN 6–8 rakamdan oluşur.", "The PIN consists of 6 to 8 digits."), (6, 6): ("PIN 6 rakamdan oluşur.", "The PIN consists of 6 digits."),
                 (6, 255): ("PIN en az 6 rakamdan oluşur.", "The PIN consists of digits, at least 6 of them."),
                 (0, 0): ("PIN yalnız rakamlardan oluşur.", "The PIN consists of digits only.")}
        for (minimum, maximum), texts in rules.items():
            for language, text in zip(("tr", "en"), texts):
                with self.subTest(text), Prompt("pin 123456") as prompt:
                    self.assertEqual(prompt.pin(minimum=minimum, maximum=maximum, language=language)[0], "entered")
                    self.assertIn(text, prompt.told("SETDESC")[0].replace("\n", " "))

    def test_the_dialog_says_for_whom_and_for_what(self):
        words = {"tr": ("İmzalanacak: Başvuru formu.pdf", "İmzalayan: Çağla Şule Öğüt", "Kartınızın PIN'ini girin."),
                 "en": ("To be signed: Başvuru formu.pdf", "Signer: Çağla Şule Öğüt", "Enter your card's PIN.")}
        for language, expected in words.items():
            with self.subTest(language), Prompt("pin 123456") as prompt:
                prompt.pin(language=language)
                text = prompt.told("SETDESC")[0]
                self.assertEqual(text.splitlines()[0], ORIGIN)
                for word in (*expected, "ACS ACR39U ICC Reader 00 00", "AKIS"):
                    self.assertIn(word, text)
                self.assertEqual(prompt.told("SETPROMPT"), [{"tr": "Kart PIN'i:", "en": "Card PIN:"}[language]])

    def test_long_names_give_way_so_that_it_is_one_dialog(self):
        long = "𝔸%" * 400
        with Prompt("pin 123456") as prompt:
            answer = prompt.pin(origin="https://" + "a" * 240 + ".example", summary=summary(documents=[{"name": long}] * 3, owner=long, card=long, reader=long),
                                state="low", error="pin_incorrect")
            self.assertEqual(answer, ("entered", b"123456"))
            self.assertLessEqual(max(len(line.encode()) for line in prompt.commands()), 1000)

    def test_the_previous_error_is_said_in_red(self):
        for error, language, text in (("pin_incorrect", "tr", "PIN yanlıştı."), ("pin_incorrect", "en", "The PIN was wrong."),
                                      ("pin_policy", "tr", "Kart PIN'i kabul etmedi"), ("pin_policy", "en", "The card did not take the PIN")):
            with self.subTest(error=error, language=language), Prompt("pin 123456") as prompt:
                prompt.pin(error=error, language=language)
                self.assertTrue(prompt.told("SETERROR")[0].startswith(text))
        with Prompt("pin 123456") as prompt:
            prompt.pin()
            self.assertEqual(prompt.told("SETERROR"), [])

    def test_few_tries_left_are_warned_of(self):
        for state, language, text in (("low", "tr", "birkaç yanlış denemede kart kilitlenir"), ("low", "en", "a few wrong tries lock the card"),
                                      ("final", "tr", "SON DENEME HAKKI!"), ("final", "en", "LAST TRY")):
            with self.subTest(state=state, language=language), Prompt("confirm ok\npin 123456") as prompt:
                self.assertEqual(prompt.pin(state=state, language=language)[0], "entered")
                self.assertIn(text, prompt.told("SETERROR")[0])
                self.assertEqual(prompt.commands().count("CONFIRM"), int(state == "final"))

    def test_the_last_try_is_confirmed_first(self):
        for script in ("confirm cancel\npin 123456", "confirm notok\npin 123456"):
            with self.subTest(script), Prompt(script) as prompt:
                self.assertEqual(prompt.pin(state="final"), ("user_cancelled", b""))
                self.assertNotIn("GETPIN", prompt.commands())
        with Prompt("confirm ok\nslow 300\nconfirm cancel\npin 123456", arm_ms=200) as prompt:
            self.assertEqual(prompt.pin(state="final"), ("user_cancelled", b""))

    def test_a_locked_card_or_one_without_a_pin_is_not_asked_about(self):
        for state, reason in (("locked", "pin_locked"), ("not_set", "pin_not_set")):
            with self.subTest(state), Prompt("pin 123456") as prompt:
                self.assertEqual(prompt.pin(state=state), (reason, b""))
                self.assertEqual(prompt.commands(), [])

    def test_a_keypad_gets_a_message_that_stays_until_the_operation_ends(self):
        with Prompt("") as prompt:
            self.assertEqual(prompt.call("pin", **pin_request(keypad=True)), {"answer": "entered"})
            prompt.wait_for("MESSAGE")
            self.assertIn("kart okuyucunun tuşlarıyla", prompt.told("SETDESC")[0])
            dialog, = children(prompt.process.pid)
            prompt.process.kill()
            prompt.process.wait()
            self.wait_gone(dialog)
        with Prompt("confirm ok") as prompt:
            prompt.call("pin", **pin_request(keypad=True, language="en"))
            prompt.wait_for("MESSAGE")
            dialog, = children(prompt.process.pid)
            self.assertEqual(prompt.call("consent", summary=summary()), {"answer": "consented"})
            self.wait_gone(dialog)

    def wait_gone(self, pid):
        end = time.monotonic() + patient(5)
        while is_alive(pid):
            self.assertLess(time.monotonic(), end, "the dialog outlived its operation")
            time.sleep(0.01)

    def test_a_reader_that_has_gone_is_an_internal_error(self):
        ours, theirs = os.pipe()
        os.close(ours)
        with Prompt("pin 123456") as prompt:
            self.refused("internal", prompt, "pin", [theirs], **pin_request())
        os.close(theirs)

    def test_without_a_pipe_nothing_is_asked(self):
        with Prompt("pin 123456") as prompt:
            self.refused("invalid_params", prompt, "pin", **pin_request())
            self.assertEqual(prompt.commands(), [])

    def test_the_pin_is_in_no_log_and_no_memory_afterwards(self):
        pin = "48291375"
        with Prompt(f"pin 1234\npin {pin}") as prompt:
            self.assertEqual(prompt.pin(), ("entered", pin.encode()))
            self.assertEqual(children(prompt.process.pid), [])
            self.assertNotIn(pin, prompt.words())
            self.assertNotIn(pin, "\n".join(prompt.commands()))
            self.assertNotIn("SETQUALITYBAR", "\n".join(prompt.commands()))
            self.assertNotIn("allow-external-password-cache", "\n".join(prompt.commands()))
            self.assertNotIn(pin.encode(), memory(prompt.process.pid))
            # The search would find it: the program still has its own texts.
            self.assertIn(b"imza-prompt PINENTRY", memory(prompt.process.pid))


class PinCare(Case):
    def test_what_is_typed_arrives_exactly(self):
        for op, script, came in (("pin_verify", "pin 123456", (b"123456", b"")),
                                 ("pin_change", "pin 123456\npin 87654321\npin 87654321", (b"123456", b"87654321")),
                                 ("pin_unblock", "confirm ok\npin 12345678\npin 654321\npin 654321", (b"12345678", b"654321")),
                                 ("pin_unblock", "confirm ok\npin PUK-12x\npin 654321\npin 654321", (b"PUK-12x", b"654321"))):
            with self.subTest(op), Prompt(script) as prompt:
                self.assertEqual(prompt.care(op), ("entered", *came))
                self.assertEqual(children(prompt.process.pid), [])

    def test_two_new_pins_that_differ_are_asked_for_again(self):
        for op, first in (("pin_change", "pin 123456"), ("pin_unblock", "confirm ok\npin 12345678")):
            for wrong in ("pin 111111\npin 111112", "pin 111111\npin 11111", "pin 111111\npin " + "1" * 65):
                with self.subTest(op=op, wrong=wrong), Prompt(f"{first}\n{wrong}\npin 222222\npin 222222") as prompt:
                    self.assertEqual(prompt.care(op)[2], b"222222")
                    self.assertIn("İki yeni PIN aynı değildi", prompt.told("SETERROR")[0])

    def test_it_ends_when_they_never_are_the_same(self):
        with Prompt("pin 123456\n" + "pin 111111\npin 222222\n" * 5 + "pin 333333") as prompt:
            self.assertEqual(prompt.care("pin_change"), ("pin_policy", b"", b""))

    def test_a_new_pin_of_the_wrong_form_is_asked_for_again(self):
        for wrong in ("12345", "123456789", "12345a", "１２３４５６", "8" * 65):
            with self.subTest(wrong), Prompt(f"pin 123456\npin {wrong}\npin 222222\npin 222222") as prompt:
                self.assertEqual(prompt.care("pin_change"), ("entered", b"123456", b"222222"))
                self.assertIn("Bu, yeni PIN olamaz. PIN 6–8 rakamdan oluşur.", prompt.told("SETERROR")[0].replace("\n", " "))

    def test_a_puk_has_four_letters_at_least(self):
        for wrong in ("123", "1234 5678", "şifre123", "1" * 65):
            with self.subTest(wrong), Prompt(f"confirm ok\npin {wrong}\npin 12345678\npin 222222\npin 222222") as prompt:
                self.assertEqual(prompt.care("pin_unblock")[1], b"12345678")
                self.assertIn("Bu PUK olamaz", prompt.told("SETERROR")[0])

    def test_giving_up_anywhere_sends_nothing(self):
        for op, script in (("pin_verify", "pin cancel"), ("pin_change", "pin cancel"), ("pin_change", "pin 123456\npin cancel"),
                           ("pin_change", "pin 123456\npin 222222\npin cancel"), ("pin_unblock", "confirm cancel"),
                           ("pin_unblock", "confirm ok\npin cancel"), ("pin_unblock", "confirm ok\npin 12345678\npin cancel"),
                           ("pin_unblock", "confirm ok\npin 12345678\npin 222222\npin cancel")):
            with self.subTest(op=op, script=script), Prompt(script) as prompt:
                self.assertEqual(prompt.care(op), ("user_cancelled", b"", b""))

    def test_each_dialog_says_who_asks_for_what_with_which_card(self):
        words = {"pin_verify": ("doğrulamanızı istiyor", "check your card's PIN"), "pin_change": ("PIN'ini değiştirmenizi istiyor", "change your card's PIN"),
                 "pin_unblock": ("kilidini PUK ile açmanızı", "unlock your card with its PUK")}
        sees = ("site bunların hiçbirini görmez", "the site sees nothing of it")
        for op, texts in words.items():
            for i, language in enumerate(("tr", "en")):
                with self.subTest(op=op, language=language), Prompt("confirm ok\npin 123456") as prompt:
                    self.assertEqual(prompt.care(op, language=language)[0], "entered")
                    for text in prompt.told("SETDESC"):
                        self.assertEqual(text.splitlines()[0], ORIGIN)
                        self.assertNotRegex(text, HIDDEN)
                        for word in (texts[i], sees[i], "AKIS", "ACS ACR39U ICC Reader 00 00"):
                            self.assertIn(word, text.replace("\n", " "))
                    self.assertLessEqual(max(len(line.encode()) for line in prompt.commands()), 1000)

    def test_the_longest_names_still_fit(self):
        long = "𝔸%" * 400
        with Prompt("confirm ok\npin 123456") as prompt:
            for op in ("pin_verify", "pin_change", "pin_unblock"):
                self.assertEqual(prompt.care(op, origin="https://" + "a" * 240 + ".example", card=long, reader=long, state="low")[0], "entered")

    def test_the_state_is_known_before_anything_is_asked(self):
        for op, state, reason in (("pin_verify", "locked", "pin_locked"), ("pin_change", "locked", "pin_locked"), ("pin_verify", "not_set", "pin_not_set"),
                                  ("pin_change", "not_set", "pin_not_set"), ("pin_unblock", "not_set", "pin_not_set")):
            with self.subTest(op=op, state=state), Prompt("confirm ok\npin 123456") as prompt:
                self.assertEqual(prompt.care(op, state=state), (reason, b"", b""))
                self.assertEqual(prompt.commands(), [])

    def test_the_last_try_and_every_puk_are_confirmed_first(self):
        for op in ("pin_verify", "pin_change"):
            with self.subTest(op), Prompt("confirm cancel\npin 123456") as prompt:
                self.assertEqual(prompt.care(op, state="final"), ("user_cancelled", b"", b""))
                self.assertNotIn("GETPIN", prompt.commands())
        for state in ("ok", "locked"):
            with self.subTest(state), Prompt("confirm cancel\npin 123456") as prompt:
                self.assertEqual(prompt.care("pin_unblock", state=state), ("user_cancelled", b"", b""))
                self.assertNotIn("GETPIN", prompt.commands())
                self.assertIn("kalıcı olarak kullanılmaz", prompt.told("SETDESC")[0].replace("\n", " "))

    def test_what_was_wrong_before_is_said(self):
        for op, error, text in (("pin_verify", "pin_incorrect", "PIN yanlıştı."), ("pin_change", "pin_policy", "Kart PIN'i kabul etmedi"),
                                ("pin_unblock", "puk_incorrect", "PUK yanlıştı."), ("pin_unblock", "pin_policy", "Kart yeni PIN'i kabul etmedi")):
            with self.subTest(op=op, error=error), Prompt("confirm ok\npin 123456") as prompt:
                prompt.care(op, error=error)
                self.assertTrue(prompt.told("SETERROR")[0].startswith(text))

    def test_a_keypad_gets_a_message(self):
        for op in ("pin_verify", "pin_change", "pin_unblock"):
            with self.subTest(op), Prompt("confirm ok") as prompt:
                self.assertEqual(prompt.call(op, **care_request(keypad=True)), {"answer": "entered"})
                prompt.wait_for("MESSAGE")
                self.assertIn("kart okuyucunun tuşlarıyla", prompt.told("SETDESC")[-1].replace("\n", " "))

    def test_a_request_with_a_part_missing_is_refused(self):
        with Prompt("confirm ok\npin 123456") as prompt:
            for part in ("card", "reader", "pin"):
                members = care_request()
                del members[part]
                self.refused("invalid_params", prompt, "pin_change", **members)
            for op in ("pin_verify", "pin_change", "pin_unblock"):
                self.refused("invalid_params", prompt, op, **care_request())
            ours, theirs = os.pipe()
            self.refused("invalid_params", prompt, "pin_change", [theirs], **care_request())
            os.close(theirs)
            self.assertEqual(read_all(ours), b"")
            os.close(ours)
            self.assertEqual(prompt.commands(), [])

    def test_nothing_of_it_stays_in_memory_or_a_log(self):
        with Prompt("pin 48291375\npin 59182736\npin 59182737\npin 59182736\npin 59182736") as prompt:
            self.assertEqual(prompt.care("pin_change"), ("entered", b"48291375", b"59182736"))
            held = memory(prompt.process.pid)
            for pin in ("48291375", "59182736", "59182737"):
                self.assertNotIn(pin, prompt.words())
                self.assertNotIn(pin.encode(), held)


class Select(Case):
    def choose(self, script, count=3, flavor=None, **members):
        with Prompt(script, flavor=flavor) as prompt:
            certificates = [certificate(i) for i in range(count)]
            try:
                chosen = prompt.call("select", certificates=certificates, **members)["answer"]
            except Refused as refused:
                return refused.reason, prompt.told("SETDESC")
            return int(chosen, 16), prompt.told("SETDESC")

    def test_the_one_that_is_shown_when_ok_is_pressed(self):
        for number in range(3):
            chosen, texts = self.choose("confirm notok\n" * number + "confirm ok")
            self.assertEqual((chosen, len(texts)), (number, number + 1))
            self.assertIn(f"Sertifika {number + 1} / 3", texts[-1])
            self.assertIn(f"31.12.203{number}", texts[-1])

    def test_after_the_last_comes_the_first_again(self):
        self.assertEqual(self.choose("confirm notok\n" * 4 + "confirm ok")[0], 1)

    def test_giving_up_chooses_nothing(self):
        for script in ("confirm cancel", "confirm notok\nconfirm cancel", "confirm notok"):
            with self.subTest(script):
                self.assertEqual(self.choose(script)[0], "user_cancelled")

    def test_one_alone_is_confirmed(self):
        self.assertEqual(self.choose("confirm ok", 1)[0], 0)
        self.assertEqual(self.choose("confirm cancel", 1)[0], "user_cancelled")
        self.assertEqual(self.choose("confirm notok", 1)[0], "user_cancelled")
        self.assertNotIn("Sertifika 1 / 1", self.choose("confirm ok", 1)[1][0])

    def test_with_two_buttons_the_second_is_next_until_the_last(self):
        for script, chosen in (("confirm ok", 0), ("confirm cancel\nconfirm ok", 1), ("confirm cancel\nconfirm cancel\nconfirm ok", 2),
                               ("confirm cancel", "user_cancelled"), ("confirm notok\nconfirm ok", 1)):
            with self.subTest(script):
                self.assertEqual(self.choose(script, flavor="gnome3")[0], chosen)

    def test_both_languages_say_whose_it_is_and_who_asks(self):
        for language, words in (("tr", ("bir sertifika seçmenizi istiyor", "Sahibi: Çağla Şule Öğüt", "Okuyucu: ACS")),
                                ("en", ("asks you to choose a certificate", "Owner: Çağla Şule Öğüt", "Reader: ACS"))):
            text = self.choose("confirm ok", language=language)[1][0]
            self.assertEqual(text.splitlines()[0], ORIGIN)
            for word in (*words, "TEST NES EC384 ALT KÖK", "AKIS"):
                self.assertIn(word, text.replace("\n", " "))

    def test_hostile_names_are_made_visible(self):
        with Prompt("confirm ok") as prompt:
            prompt.call("select", certificates=[certificate(1, owner="Ali\u202eveli\nSahibi: Başkası")])
            self.assertNotRegex(prompt.told("SETDESC")[0], HIDDEN)

    def test_the_longest_names_still_fit(self):
        long = "𝔸%" * 400
        with Prompt("confirm ok") as prompt:
            prompt.call("select", origin="https://" + "a" * 240 + ".example", certificates=[certificate(1, owner=long, issuer=long, card=long, reader=long)])

    def test_a_list_that_is_none_is_refused(self):
        broken = certificate(1)
        del broken["owner"]
        with Prompt("confirm ok") as prompt:
            for certificates in ([], None, {}, "x", [broken], [{}], [certificate(1)] * 257):
                self.refused("invalid_params", prompt, "select", certificates=certificates)


def memory(pid):
    """What the process has mapped and we may read (root only: the program is not traceable)."""
    found = []
    try:
        with open(f"/proc/{pid}/maps", encoding="ascii", errors="replace") as maps, open(f"/proc/{pid}/mem", "rb", 0) as mem:
            for line in maps:
                first, last = (int(word, 16) for word in line.split()[0].split("-"))
                # AddressSanitizer's shadow is terabytes of nothing.
                if line.split()[1].startswith("r") and last - first < 1 << 26:
                    try:
                        mem.seek(first)
                        found.append(mem.read(last - first))
                    except OSError:
                        pass
    except PermissionError:
        raise unittest.SkipTest("reading the program's memory takes root") from None
    return b"".join(found)


class Failures(Case):
    def test_each_failure_of_pinentry_has_its_reason(self):
        for word, reason in (("timeout", "timeout"), ("nodisplay", "no_display"), ("crash", "no_display")):
            with self.subTest(word), Prompt(word) as prompt:
                self.refused(reason, prompt, "access")
                self.refused(reason, prompt, "consent", summary=summary())
                self.assertEqual(prompt.pin(), (reason, b""))

    def test_a_pinentry_that_hangs_is_ended_at_the_timeout(self):
        with Prompt("hang") as prompt:
            begin = time.monotonic()
            self.refused("timeout", prompt, "access", timeout=1)
            self.assertLess(time.monotonic() - begin, patient(4))
            self.assertEqual(children(prompt.process.pid), [])
            prompt.script("confirm ok")
            self.assertEqual(prompt.call("access"), {"answer": "once"})

    def test_so_is_one_that_never_says_hello(self):
        with tempfile.TemporaryDirectory() as folder:
            silent = script_write(folder, "exec sleep 100000")
            with Prompt(pinentry=silent) as prompt:
                self.refused("timeout", prompt, "access", timeout=1)
                self.assertEqual(children(prompt.process.pid), [])

    def test_a_missing_or_foreign_program_is_not_started(self):
        with tempfile.TemporaryDirectory() as folder:
            for path in (Path(folder) / "missing", Path("pinentry"), Path(folder)):
                with self.subTest(path), Prompt("confirm ok", pinentry=path) as prompt:
                    self.refused("no_display", prompt, "access")
            for mode in (0o777, 0o775):
                copy = script_write(folder, f"touch {folder}/started")
                copy.chmod(mode)
                with self.subTest(oct(mode)), Prompt("confirm ok", pinentry=copy) as prompt:
                    self.refused("no_display", prompt, "access")
            for words in ("exit 1", "echo hello", "echo ERR 1", f"exec {folder}/missing"):
                with self.subTest(words), Prompt("confirm ok", pinentry=script_write(folder, words)) as prompt:
                    self.refused("no_display", prompt, "access")
            self.assertFalse((Path(folder) / "started").exists())

    def test_the_dialog_dies_with_the_program(self):
        with Prompt("hang") as prompt:
            prompt.send("access")
            prompt.wait_for("CONFIRM")
            dialog, = children(prompt.process.pid)
            prompt.process.kill()
            prompt.process.wait()
            end = time.monotonic() + patient(5)
            while is_alive(dialog):
                self.assertLess(time.monotonic(), end, "pinentry outlived imza-prompt")
                time.sleep(0.01)

    def test_pinentry_inherits_nothing(self):
        with tempfile.TemporaryDirectory() as folder:
            look = script_write(folder, f"""python3 -c 'import os; print([(fd, os.readlink("/proc/self/fd/" + fd)) for fd in os.listdir("/proc/self/fd")
                if os.path.exists("/proc/self/fd/" + fd)], file=open("{folder}/fds", "w"))'; exec {FAKE}""")
            with Prompt("pin 123456", pinentry=look) as prompt:
                self.assertEqual(prompt.pin(), ("entered", b"123456"))
            links = dict(ast.literal_eval((Path(folder) / "fds").read_text()))
            self.assertEqual(links.pop("2"), "/dev/null")
            self.assertTrue(links.pop("0").startswith("pipe:") and links.pop("1").startswith("pipe:"))
            self.assertEqual([link for link in links.values() if not link.startswith("/")], [])

    def test_pinentry_fltk_is_not_used(self):
        with Prompt("confirm ok", flavor="fltk") as prompt:
            self.refused("no_display", prompt, "consent", summary=summary())
            self.assertNotIn("CONFIRM", prompt.commands())

    def test_an_unknown_op_and_a_bad_argument_are_errors(self):
        with Prompt("confirm ok") as prompt:
            self.refused("method_not_found", prompt, "sign")
        for arm_ms in ("-1", "x", "10001", ""):
            with self.subTest(arm_ms), self.assertRaises(AssertionError), Prompt(arm_ms=arm_ms) as prompt:
                with self.assertRaises((EOFError, ConnectionError)):
                    prompt.call("access")

    def test_one_program_serves_a_whole_operation(self):
        with Prompt("confirm ok\npin 111111\npin 123456") as prompt:
            self.assertEqual(prompt.call("consent", summary=summary()), {"answer": "consented"})
            self.assertEqual(prompt.pin(), ("entered", b"111111"))
            self.assertEqual(prompt.pin(error="pin_incorrect", state="low"), ("entered", b"123456"))
            self.assertEqual(children(prompt.process.pid), [])


class Speed(Case):
    def test_a_dialog_is_on_its_way_at_once(self):
        times = []
        for _ in range(10):
            with Prompt("confirm ok") as prompt:
                log = prompt.folder / "fake-pinentry.log"
                begin = time.time()
                prompt.call("access")
                times.append(log.stat().st_mtime - begin)
        self.assertLess(min(times), patient(1))


@unittest.skipUnless(all(map(shutil.which, ("Xvfb", "xdotool", "import", "pinentry-gtk-2"))), "needs Xvfb, xdotool, imagemagick and pinentry-gtk2")
class RealPinentry(Case):
    @classmethod
    def setUpClass(cls):
        ours, theirs = os.pipe()
        cls.server = subprocess.Popen(["Xvfb", "-displayfd", str(theirs), "-screen", "0", "1024x768x24", "-nolisten", "tcp", "-noreset"],
                                      pass_fds=[theirs], stderr=subprocess.DEVNULL)
        cls.addClassCleanup(cls.server.wait)
        cls.addClassCleanup(cls.server.kill)
        os.close(theirs)
        with open(ours, encoding="ascii") as number:
            cls.display = ":" + number.readline().strip()
        cls.environment = {**os.environ, "DISPLAY": cls.display}

    def prompt(self, **more):
        return Prompt(pinentry=shutil.which("pinentry-gtk-2"), DISPLAY=self.display, **more)

    def x(self, *command):
        return subprocess.run(command, env=self.environment, check=False, capture_output=True, text=True, timeout=20).stdout

    def wait_shown(self):
        end = time.monotonic() + patient(20)
        while not self.x("xdotool", "search", "--onlyvisible", "--class", "pinentry"):
            self.assertLess(time.monotonic(), end, "no dialog")
            time.sleep(0.05)
        time.sleep(0.3)

    def colors(self, folder):
        picture = Path(folder) / "dialog.png"
        self.x("import", "-window", "root", str(picture))
        return self.x("convert", str(picture), "-unique-colors", "txt:-")

    def test_a_typed_pin_arrives(self):
        ours, theirs = os.pipe()
        with tempfile.TemporaryDirectory() as folder, self.prompt() as prompt:
            prompt.send("pin", [theirs], **pin_request(error="pin_incorrect"))
            os.close(theirs)
            self.wait_shown()
            # The error of the try before is red.
            self.assertIn("#FF0000", self.colors(folder))
            self.x("xdotool", "type", "--delay", "30", "12")
            self.x("xdotool", "key", "Return")
            time.sleep(0.3)
            self.wait_shown()
            self.x("xdotool", "type", "--delay", "30", "482913")
            self.x("xdotool", "key", "Return")
            self.assertEqual(prompt.receive(), {"answer": "entered"})
            self.assertEqual(os.read(ours, 100), b"482913")
        os.close(ours)

    def typed(self, text):
        self.wait_shown()
        self.x("xdotool", "type", "--delay", "30", text)
        self.x("xdotool", "key", "Return")
        time.sleep(0.3)     # its window goes before the next one is looked for

    def test_a_changed_pin_is_typed_in_three_windows(self):
        pipes = [os.pipe(), os.pipe()]
        with self.prompt() as prompt:
            prompt.send("pin_change", [writer for _, writer in pipes], **care_request())
            for _, writer in pipes:
                os.close(writer)
            for text in ("123456", "222222", "222223", "333333", "333333"):
                self.typed(text)
            self.assertEqual(prompt.receive(), {"answer": "entered"})
            self.assertEqual([read_all(reader) for reader, _ in pipes], [b"123456", b"333333"])
        for reader, _ in pipes:
            os.close(reader)

    def test_return_on_a_certificate_or_a_puk_chooses_nothing(self):
        for op, members in (("select", {"certificates": [certificate(1), certificate(2)]}), ("pin_unblock", care_request(keypad=True))):
            with self.subTest(op), self.prompt() as prompt:
                prompt.send(op, **members)
                self.wait_shown()
                self.x("xdotool", "key", "Return")
                with self.assertRaises(Refused) as raised:
                    prompt.receive()
                self.assertEqual(raised.exception.reason, "user_cancelled")

    def test_return_and_escape_refuse_and_typing_ahead_decides_nothing(self):
        for key in ("Return", "space", "Escape"):
            with self.subTest(key), self.prompt(arm_ms=2000) as prompt:
                prompt.send("consent", summary=summary(), language="en")
                self.wait_shown()
                self.x("xdotool", "key", key)
                prompt.socket.settimeout(1)
                with self.assertRaises(TimeoutError):
                    prompt.receive()
                prompt.socket.settimeout(SECONDS)
                time.sleep(2)
                self.x("xdotool", "key", key)
                with self.assertRaises(Refused) as raised:
                    prompt.receive()
                self.assertEqual(raised.exception.reason, "user_denied")

    def test_without_a_display_it_says_so(self):
        for display in ({}, {"DISPLAY": ":4999"}):
            with self.subTest(display), Prompt(pinentry=shutil.which("pinentry-gtk-2"), **display) as prompt:
                self.refused("no_display", prompt, "access")
                self.assertEqual(prompt.pin(), ("no_display", b""))

    def test_its_own_timeout_is_a_timeout(self):
        with self.prompt() as prompt:
            self.refused("timeout", prompt, "access", timeout=1)


def script_write(folder, words):
    path = Path(folder) / "pinentry-of-the-test"
    path.write_text(f"#!/bin/sh\n{words}\n")
    path.chmod(stat.S_IRWXU)
    return path


class Catalogue(unittest.TestCase):
    def test_every_text_has_a_turkish_one(self):
        """The template made anew from the sources against tr.po: nothing new, nothing untranslated, nothing fuzzy, formats agree."""
        with tempfile.TemporaryDirectory() as folder:
            template = Path(folder) / "imza-agent.pot"
            subprocess.run(["xgettext", "--from-code=UTF-8", "--keyword=_", "--keyword=plural_:1,2", "-f", "agent/po/POTFILES", "-o", template],
                           cwd=ROOT, check=True)
            done = subprocess.run(["msgcmp", ROOT / "agent/po/tr.po", template], capture_output=True, text=True)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            done = subprocess.run(["msgfmt", "--check", "--statistics", "-o", Path(folder) / "tr.mo", ROOT / "agent/po/tr.po"], capture_output=True,
                                  text=True, env={"LC_ALL": "C", "PATH": os.environ["PATH"]})
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertNotRegex(done.stderr, "fuzzy|untranslated")
            listed = set((ROOT / "agent/po/POTFILES").read_text().split())
            used = {str(path.relative_to(ROOT)) for path in (ROOT / "agent").glob("*/*.c") if re.search(r"[^\w](_|plural_)\(\"", path.read_text())}
            self.assertEqual(used - listed, set())


if __name__ == "__main__":
    unittest.main()
