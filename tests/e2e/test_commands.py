# SPDX-License-Identifier: Apache-2.0
"""imza-agent's verbs: list, forms, origins, pin, sign; what they print, what they leave behind, their exit codes."""
import contextlib
import json
import os
import pathlib
import pty
import re
import select
import subprocess
import unittest

from agent_client import BUILD, ORIGIN, ROOT, Agent
from judges import pdf_is_good
from test_attachments import files_of, physician_data
from test_signing import form_data

UNKNOWN = "https://unknown.example"
VERBS = ["audit", "browser", "config", "doctor", "forms", "list", "origins", "pin", "run", "sign", "tls", "verify"]
PDF = (b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
       b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\n")


def pdf():
    """A small PDF with a right cross-reference table."""
    offsets = [PDF.index(b"%d 0 obj" % number) for number in (1, 2, 3)]
    table = b"xref\n0 4\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % at for at in offsets)
    return PDF + table + b"trailer<</Size 4/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(PDF)


def command(agent, *arguments, **environment):
    """Runs a verb with the agent's settings and folders, whether the agent itself runs or not."""
    agent.configure()
    return subprocess.run([BUILD / "agent/imza-agent", "--config", agent.config_path, *map(str, arguments)], capture_output=True, text=True,
                          env={**agent.environment(), **environment}, timeout=60, check=False)


class Usage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.agent = Agent(modules=[], token=False)
        cls.addClassCleanup(cls.agent.close)

    def test_help_names_every_verb(self):
        done = command(self.agent, "--help")
        self.assertEqual(done.returncode, 0)
        for verb in VERBS:
            self.assertIn(f"\n  {verb}", done.stdout)

    def test_help_of_one_verb(self):
        whole = command(self.agent, "--help").stdout
        for verb in VERBS:
            done = command(self.agent, verb, "--help")
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            usage, summary = done.stdout.splitlines()
            self.assertTrue(usage.startswith(f"Usage: imza-agent {verb}"))
            self.assertIn(f"  {usage.removeprefix('Usage: imza-agent ')}\n      {summary}\n", whole)

    def test_the_version(self):
        done = command(self.agent, "--version")
        self.assertEqual((done.returncode, done.stdout.split()[0]), (0, "imza-agent"))

    def test_wrong_usage_is_2_and_prints_nothing_to_stdout(self):
        for words in (["sing"], ["--colour"], ["list", "more"], ["list", "--xml"], ["origins", "allow"], ["origins", "allow", "a", "b"],
                      ["origins", "forget", ORIGIN], ["forms", "render", "first-application", "data.json"], ["forms", "validate", "x"],
                      ["forms", "-o", "x"], ["forms", "sign", "x", "y"], ["forms", "sign", "x", "y", "-o", "z", "--format", "xades"], ["forms", "list", "--format", "pades"], ["sign"], ["sign", "in.pdf"], ["sign", "in.pdf", "-o"], ["sign", "--format", "xades", "a", "-o", "b"],
                      ["sign", "--detached", "a.pdf", "-o", "b"], ["sign", "a", "b", "-o", "c"], ["run", "now"], ["doctor", "now"],
                      ["doctor", "--loud"], ["doctor", "--bundle"], ["pin", "guess"], ["pin", "verify", "123456"], ["pin", "--card"],
                      ["forms", "list", "--attach", "a=b"], ["forms", "sign", "x", "y", "-o", "z", "--attach", "b"], ["sign", "a", "-o", "b", "--attach", "c=d"],
                      ["origins", "allow", "a", "--json"], ["forms", "render", "x", "y", "-o", "z", "--json"], ["audit", "now"],
                      ["browser", "kill"], ["browser", "setup", "now"], ["config"], ["config", "show", "colour"], ["config", "check", "a", "b"]):
            with self.subTest(words=words):
                done = command(self.agent, *words)
                self.assertEqual((done.returncode, done.stdout), (2, ""), done.stderr)
                self.assertIn("Usage", done.stderr)

    def test_settings_that_can_t_be_read_fail(self):
        for settings in ("colour = blue\n", "language = fr\n"):
            path = self.agent.folder / "wrong.conf"
            path.write_text(settings, encoding="utf-8")
            path.chmod(0o600)
            done = subprocess.run([BUILD / "agent/imza-agent", "--config", path, "list"], capture_output=True, text=True,
                                  env=self.agent.environment(), timeout=30, check=False)
            self.assertEqual((done.returncode, done.stdout), (1, ""))
            self.assertIn("wrong.conf:1", done.stderr)


class List(unittest.TestCase):
    def test_a_token_and_its_certificates(self):
        with self.subTest("with a token"), Agent() as agent:
            agent.stop()
            found = json.loads(command(agent, "list", "--json").stdout)
            self.assertEqual([card["label"] for card in found["cards"]], ["Demo E-İmza"])
            self.assertEqual(len(found["certificates"]), 3)
            self.assertEqual([c["recommended"] for c in found["certificates"]], [True, False, False])
            done = command(agent, "list")
            self.assertEqual(done.returncode, 0)
            self.assertIn("Demo E-İmza", done.stdout)
            self.assertIn(found["certificates"][0]["id"], done.stdout)
            self.assertNotIn("10000000146", done.stdout)

    def test_nothing_plugged_in_is_an_empty_list(self):
        agent = Agent(modules=[], token=False)
        self.addCleanup(agent.close)
        done = command(agent, "list", "--json", PCSCLITE_CSOCK_NAME=agent.folder / "nobody")
        self.assertEqual(done.returncode, 0)
        self.assertEqual(json.loads(done.stdout), {"service": "unavailable", "readers": [], "cards": [], "certificates": []})

    def test_a_module_that_fails_is_told_and_is_1(self):
        agent = Agent(modules=["/nonexistent/module.so"], token=False)
        self.addCleanup(agent.close)
        done = command(agent, "list", "--json")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(json.loads(done.stdout)["cards"], [])
        self.assertIn("imza-agent:", done.stderr)


class Completion(unittest.TestCase):
    """What bash offers behind a line that was begun; the words come from imza-agent --help itself."""

    @classmethod
    def setUpClass(cls):
        cls.agent = Agent(modules=[], token=False)
        cls.addClassCleanup(cls.agent.close)
        cls.agent.configure()
        (cls.agent.folder / "petition.pdf").touch()

    def offered(self, *words):
        script = ('source "$1"; shift; COMP_WORDS=(imza-agent "$@"); COMP_CWORD=$#; '
                  '_imza_agent imza-agent "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"; printf "%s\\n" "${COMPREPLY[@]}"')
        done = subprocess.run(["bash", "-c", script, "bash", ROOT / "agent/doc/completion.bash", *words], capture_output=True, text=True, check=False,
                              cwd=self.agent.folder, env={**self.agent.environment(), "PATH": f"{BUILD / 'agent'}:{os.environ['PATH']}"})
        self.assertEqual(done.stderr, "")
        return done.stdout.split()

    def test_commands_and_options(self):
        self.assertEqual(self.offered(""), VERBS)
        self.assertEqual(self.offered("--config", "x", "or"), ["origins"])
        self.assertEqual(self.offered("--"), ["--config", "--verbose", "--version", "--help"])
        self.assertEqual(self.offered("doctor", "--"), ["--json", "--deep", "--bundle", "--metrics", "--root", "--help"])
        self.assertEqual(self.offered("sign", "-"), ["--format", "--detached", "--certificate", "-o", "--help"])
        self.assertEqual(self.offered("pin", ""), ["status", "verify", "change", "unblock"])
        self.assertEqual(self.offered("pin", "--json", "u"), ["unblock"])
        self.assertEqual(self.offered("origins", ""), ["list", "allow", "deny", "revoke"])

    def test_values(self):
        self.assertEqual(self.offered("sign", "--format", ""), ["pades", "cades"])
        self.assertEqual(self.offered("sign", "pet"), ["petition.pdf"])
        self.assertEqual(self.offered("sign", "x", "-o", "pet"), ["petition.pdf"])
        self.assertEqual(self.offered("--config", "pet"), ["petition.pdf"])
        self.assertEqual(self.offered("pin", "--card", ""), [])
        self.assertEqual(self.offered("forms", "validate", "ren"), ["renewal"])
        self.assertEqual(self.offered("forms", "render", "renewal", "pet"), ["petition.pdf"])


class Pin(unittest.TestCase):
    def test_the_state_of_each_card(self):
        with Agent() as agent:
            agent.stop()
            done = command(agent, "pin")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("Demo E-İmza", done.stdout)
            cards = json.loads(command(agent, "pin", "status", "--json").stdout)["cards"]
            self.assertEqual([(card["pin"]["state"], card["pin"]["keypad"]) for card in cards], [("ok", False)])
            self.assertEqual(command(agent, "pin", "status", "--card", cards[0]["card"]).returncode, 0)
            self.assertEqual(command(agent, "pin", "status", "--card", "another").returncode, 1)

    def test_without_a_card(self):
        agent = Agent(modules=[], token=False)
        self.addCleanup(agent.close)
        for word in ("status", "verify", "change", "unblock"):
            done = command(agent, "pin", word, PCSCLITE_CSOCK_NAME=agent.folder / "nobody")
            self.assertEqual((done.returncode, done.stdout), (1, ""), word)
            self.assertIn("imza-agent:", done.stderr)

    def test_it_is_verified_changed_and_set_with_the_puk(self):
        with Agent() as agent:
            agent.stop()
            for word, script in (("verify", ["pin 123456"]), ("change", ["pin 123456", "pin 654321", "pin 654321"]), ("verify", ["pin 654321"]),
                                 ("unblock", ["confirm ok", "pin 12345678", "pin 123456", "pin 123456"])):
                agent.script(*script)
                done = command(agent, "pin", word, "--json")
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertEqual(json.loads(done.stdout)["pin"]["state"], "ok")
            agent.script("pin 999999", "pin cancel")
            done = command(agent, "pin", "verify")
            self.assertEqual((done.returncode, done.stdout), (1, ""))
            self.assertIn("PIN", done.stderr)

    def test_a_locked_one_is_told_by_the_exit_code(self):
        agent = Agent(modules=[BUILD / "tests/fakes/modules/mod_pin_locked.so"], token=False)
        self.addCleanup(agent.close)
        done = command(agent, "pin", "status", "--json")
        self.assertEqual((done.returncode, json.loads(done.stdout)["cards"][0]["pin"]["state"]), (1, "locked"))

    def test_several_cards_have_to_be_named(self):
        modules = [BUILD / f"tests/fakes/modules/mod_{name}.so" for name in ("ok", "pin_locked")]
        agent = Agent(modules=modules, token=False)
        self.addCleanup(agent.close)
        done = command(agent, "pin", "verify")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        cards = json.loads(command(agent, "pin", "--json").stdout)["cards"]
        self.assertEqual(len(cards), 2)
        for card in cards:
            self.assertIn(card["card"], done.stderr)

    @unittest.skipUnless(os.access("/usr/bin/pinentry-gtk-2", os.X_OK), "needs pinentry-gtk2")
    def test_without_a_display_the_dialog_comes_to_the_terminal(self):
        with Agent() as agent:
            agent.stop()
            agent.configure()
            text = agent.config_path.read_text(encoding="utf-8")
            agent.config_path.write_text(re.sub("pinentry = .*", "pinentry = /usr/bin/pinentry-gtk-2", text), encoding="utf-8")
            env = {name: str(value) for name, value in agent.environment().items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
            child, terminal = pty.fork()
            if child == 0:
                os.execve(BUILD / "agent/imza-agent", ["imza-agent", "--config", str(agent.config_path), "pin", "verify"], {**env, "TERM": "xterm"})
            shown, typed = b"", False
            with contextlib.suppress(OSError):          # a terminal whose program has ended
                while select.select([terminal], [], [], 20)[0] and (part := os.read(terminal, 65536)):
                    shown += part
                    if not typed and "Kart PIN'i".encode() in shown:
                        typed = True
                        os.write(terminal, b"123456\r")
            self.assertEqual(os.waitpid(child, 0)[1], 0, shown)
            os.close(terminal)
            self.assertIn("satırı".encode(), shown)
            self.assertNotIn(b"123456", shown)


class FormSign(unittest.TestCase):
    def test_a_form_is_signed_with_the_dialogs_of_a_page(self):
        with contextlib.closing(Agent()) as agent:
            out, data = agent.folder / "form.pdf", ROOT / "proto/examples/forms/first-application.json"
            agent.script("confirm ok", "pin 123456")
            done = command(agent, "forms", "sign", "first-application", data, "-o", out, "--json")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(json.loads(done.stdout)["signer"]["commonName"], "Çağla Şule Öğüt")
            self.assertTrue(pdf_is_good(out.read_bytes(), agent.token.folder / "chain.pem"))
            self.assertIn("10000000146", agent.dialogs())
            out.unlink()
            agent.script("confirm cancel")
            done = command(agent, "forms", "sign", "first-application", data, "-o", out)
            self.assertEqual((done.returncode, done.stdout, out.exists()), (1, "", False))
            done = command(agent, "forms", "sign", "renewal", data, "-o", out)
            self.assertEqual((done.returncode, out.exists()), (1, False))
            self.assertIn("\n  /certificateEnd: Bu alan doldurulmalı.\n", done.stderr)
            # A way that ends without a certificate is not signed, but printed.
            paper = agent.folder / "paper.json"
            paper.write_text(json.dumps({**json.loads(data.read_text(encoding="utf-8")), "way": "wet-signed"}), encoding="utf-8")
            done = command(agent, "forms", "sign", "first-application", paper, "-o", out)
            self.assertEqual((done.returncode, out.exists()), (1, False))
            self.assertIn("\n  /way: Form bu yolda e-imza ile imzalanmaz", done.stderr)
            self.assertEqual(command(agent, "forms", "render", "first-application", paper, "-o", out).returncode, 0)


class Forms(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.agent = Agent(modules=[], token=False)
        cls.addClassCleanup(cls.agent.close)
        cls.out = cls.agent.folder / "page.pdf"
        cls.good = cls.agent.folder / "good.json"
        cls.good.write_text(json.dumps(form_data("renewal")), encoding="utf-8")
        cls.bad = cls.agent.folder / "bad.json"
        cls.bad.write_text("{}", encoding="utf-8")

    def form(self):
        return command(self.agent, "forms").stdout.splitlines()

    def test_the_catalogue(self):
        ids = [line for line in self.form() if not line.startswith(" ")]
        self.assertEqual(len(ids), len(list((ROOT / "proto/forms").glob("*/schema.json"))))
        self.assertEqual([form["id"] for form in json.loads(command(self.agent, "forms", "--json").stdout)["forms"]], ids)

    def renewal(self):
        return next(line for line in self.form() if "renewal" in line)

    def test_good_data_passes_and_bad_data_says_where(self):
        done = command(self.agent, "forms", "validate", self.renewal(), self.good)
        self.assertEqual((done.returncode, done.stdout), (0, ""), done.stderr)
        done = command(self.agent, "forms", "validate", self.renewal(), self.bad)
        self.assertEqual(done.returncode, 1)
        self.assertTrue(all(re.fullmatch(r"/\S*: [A-ZÇĞİÖŞÜ].+", line) for line in done.stdout.splitlines()) and done.stdout, done.stdout)
        self.assertNotIn("null", done.stdout)
        as_json = command(self.agent, "forms", "validate", self.renewal(), self.bad, "--json")
        self.assertEqual((as_json.returncode, len(json.loads(as_json.stdout)["errors"])), (1, len(done.stdout.splitlines())))

    def test_json_carries_the_canonical_data(self):
        done = command(self.agent, "forms", "validate", self.renewal(), self.good, "--json")
        self.assertEqual(json.loads(json.loads(done.stdout)["canonical"]["data"]), json.loads(self.good.read_text(encoding="utf-8")))

    def test_a_page_is_made(self):
        done = command(self.agent, "forms", "render", self.renewal(), self.good, "-o", self.out)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(self.out.read_bytes().startswith(b"%PDF-"))

    def test_a_page_is_made_with_its_attachment(self):
        data, receipt = self.agent.folder / "physician.json", self.agent.folder / "dekont.PDF"
        data.write_text(json.dumps(physician_data()), encoding="utf-8")
        receipt.write_bytes(b"%PDF-1.7 dekont")
        done = command(self.agent, "forms", "render", "first-application", data, "-o", self.out, "--attach", f"bank-receipt={receipt}")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(files_of(self.out.read_bytes())["dekont.PDF"], receipt.read_bytes())
        for attached, said in (([], "/attachments/bank-receipt: Bu ek eklenmeli: Banka dekontu."), (["bank-receipt=/nonexistent"], "/nonexistent"),
                               ([f"bank-receipt={data}"], "/attachments/bank-receipt: Bu dosya kabul edilen türde değil. Kabul edilenler: PDF, JPEG, PNG.")):
            done = command(self.agent, "forms", "render", "first-application", data, "-o", self.out, *(word for file in attached for word in ("--attach", file)))
            self.assertEqual(done.returncode, 1)
            self.assertIn(said, done.stderr)

    def test_wrong_data_leaves_no_file(self):
        for form, data in ((self.renewal(), self.bad), ("no-such-form", self.good), (self.renewal(), "/nonexistent")):
            out = self.agent.folder / "never.pdf"
            done = command(self.agent, "forms", "render", form, data, "-o", out)
            self.assertEqual(done.returncode, 1)
            self.assertIn("imza-agent:", done.stderr)
            self.assertEqual([p.name for p in self.agent.folder.iterdir() if "never" in p.name], [])

    def test_a_place_that_can_t_be_written_fails(self):
        done = command(self.agent, "forms", "render", self.renewal(), self.good, "-o", "/nonexistent/page.pdf")
        self.assertEqual(done.returncode, 1)
        self.assertIn("/nonexistent/page.pdf", done.stderr)


class Origins(unittest.TestCase):
    def setUp(self):
        self.agent = Agent(modules=[], token=False)
        self.addCleanup(self.agent.close)

    def lines(self):
        return [line.split() for line in command(self.agent, "origins").stdout.splitlines()]

    def test_allow_list_and_revoke(self):
        self.assertNotIn(["always", UNKNOWN], self.lines())
        self.assertEqual(command(self.agent, "origins", "allow", UNKNOWN).returncode, 0)
        self.assertIn(["always", UNKNOWN], self.lines())
        self.assertIn(["listed", ORIGIN], self.lines())
        told = json.loads(command(self.agent, "origins", "list", "--json").stdout)["origins"]
        self.assertEqual([[item["grant"], item["origin"]] for item in told], self.lines())
        self.assertEqual(command(self.agent, "origins", "revoke", UNKNOWN).returncode, 0)
        self.assertNotIn(["always", UNKNOWN], self.lines())

    def test_what_is_no_origin_or_not_there_is_refused(self):
        for words in (["allow", "https://*.example"], ["allow", "portal"], ["allow", "http://portal.example"], ["revoke", UNKNOWN],
                      ["revoke", ORIGIN]):
            done = command(self.agent, "origins", *words)
            self.assertEqual(done.returncode, 1, words)
            self.assertIn("imza-agent:", done.stderr)
        self.assertFalse((self.agent.state / "imza-agent/origins.json").exists())

    def test_a_running_agent_sees_the_change_on_an_open_connection(self):
        with self.agent:
            page = self.agent.page(UNKNOWN)
            self.assertEqual(page.refused("reader.list")["reason"], "origin_denied")
            command(self.agent, "origins", "allow", UNKNOWN)
            page.call("reader.list")
            self.assertEqual(page.call("agent.info")["grant"], "always")
            command(self.agent, "origins", "revoke", UNKNOWN)
            self.assertEqual(page.refused("reader.list")["reason"], "origin_denied")
            self.assertEqual(self.agent.dialogs(), "")

    def test_a_denied_site_gets_nothing_and_no_dialog_even_if_the_settings_allow_it(self):
        with self.agent:
            page, listed = self.agent.page(UNKNOWN), self.agent.page(ORIGIN)
            listed.call("reader.list")
            for origin in (UNKNOWN, ORIGIN):
                self.assertEqual(command(self.agent, "origins", "deny", origin).returncode, 0)
            for refused in (page, listed):
                self.assertEqual(refused.call("agent.requestAccess")["grant"], "denied")
                self.assertEqual(refused.refused("reader.list")["reason"], "origin_denied")
            self.assertIn(["denied", UNKNOWN], self.lines())
            self.assertEqual(self.agent.dialogs(), "")
            for origin in (UNKNOWN, ORIGIN):
                self.assertEqual(command(self.agent, "origins", "revoke", origin).returncode, 0)
            listed.call("reader.list")
            self.assertEqual(page.call("agent.info")["grant"], "none")

    def test_revoking_takes_back_what_the_dialog_gave_for_ever(self):
        with self.agent:
            page = self.agent.page(UNKNOWN)
            self.agent.script("confirm notok")
            grant = page.call("agent.requestAccess")["grant"]
            self.assertEqual(grant, "always")
            self.assertIn(["always", UNKNOWN], self.lines())
            command(self.agent, "origins", "revoke", UNKNOWN)
            self.assertEqual(page.refused("reader.list")["reason"], "origin_denied")


class Sign(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.agent = Agent()
        cls.addClassCleanup(cls.agent.close)
        cls.source = cls.agent.folder / "belge.pdf"
        cls.source.write_bytes(pdf())

    def setUp(self):
        self.agent.script("confirm ok", "pin 123456")
        self.agent.forget_dialogs()
        self.out = self.agent.folder / "out"
        self.out.unlink(missing_ok=True)

    def left(self):
        return [path.name for path in self.agent.folder.iterdir() if path.name.startswith("out")]

    def test_a_pdf_is_signed_after_consent_and_pin(self):
        done = command(self.agent, "sign", self.source, "-o", self.out)
        self.assertEqual((done.returncode, done.stdout), (0, ""), done.stderr)
        signed = self.out.read_bytes()
        self.assertTrue(signed.startswith(pdf()) and b"/ETSI.CAdES.detached" in signed)
        self.assertIn("bu bilgisayarın komut satırı", self.agent.dialogs().replace("%0A", " "))
        self.assertIn("GETPIN", self.agent.dialogs())

    def test_cades_detached_holds_under_openssl(self):
        done = command(self.agent, "sign", "--format", "cades", "--detached", self.source, "-o", self.out)
        self.assertEqual(done.returncode, 0, done.stderr)
        judged = subprocess.run(["openssl", "cms", "-verify", "-inform", "DER", "-in", self.out, "-content", self.source, "-binary",
                                 "-noverify", "-out", os.devnull], capture_output=True, check=False)
        self.assertEqual(judged.returncode, 0, judged.stderr)

    def test_a_chosen_certificate_signs_and_an_unknown_one_does_not(self):
        other = json.loads(command(self.agent, "list", "--json").stdout)["certificates"][1]["id"]
        self.assertEqual(command(self.agent, "sign", "--certificate", other, self.source, "-o", self.out).returncode, 0)
        self.out.unlink()
        self.assertEqual(command(self.agent, "sign", "--certificate", "0" * 64, self.source, "-o", self.out).returncode, 1)
        self.assertEqual(self.left(), [])

    def test_a_refusal_or_a_wrong_file_leaves_nothing(self):
        text = self.agent.folder / "text.pdf"
        text.write_text("no PDF", encoding="utf-8")
        for source, script in ((self.source, ["confirm cancel"]), (text, ["confirm ok"]), (pathlib.Path("/nonexistent"), []),
                               (self.agent.folder, [])):
            with self.subTest(source=source):
                self.agent.script(*script)
                done = command(self.agent, "sign", source, "-o", self.out)
                self.assertEqual((done.returncode, self.left()), (1, []), done.stderr)
                self.assertIn("imza-agent:", done.stderr)

    def test_the_audit_log_is_read_and_a_change_shows(self):
        self.assertEqual(command(self.agent, "sign", self.source, "-o", self.out).returncode, 0)
        self.agent.script("confirm cancel")
        self.assertEqual(command(self.agent, "sign", self.source, "-o", self.out).returncode, 1)
        done = command(self.agent, "audit", "--json")
        results = [json.loads(line)["result"] for line in done.stdout.splitlines()]
        self.assertEqual((done.returncode, results[-2:]), (0, ["signed", "user_denied"]), done.stderr)
        self.assertRegex(command(self.agent, "audit").stdout.splitlines()[-1], r"^\S+Z  user_denied +\S.*  document, 1, [0-9a-f]{16}$")
        log = self.agent.state / "imza-agent/audit.jsonl"
        lines = log.read_bytes().splitlines(keepends=True)
        log.write_bytes(b"".join(lines[:-2] + [lines[-2].replace(b'"signed"', b'"denied"', 1), lines[-1]]))
        done = command(self.agent, "audit", "--check")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn(f"audit.jsonl dosyasının {len(lines)}. satırında kopuk", done.stderr)
        log.unlink()


if __name__ == "__main__":
    unittest.main()
