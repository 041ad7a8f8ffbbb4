# SPDX-License-Identifier: Apache-2.0
"""imza-agent tls: the authority, browsers' stores, and the wss that the agent's own port then speaks. Browsers themselves: browser/test_tls.mjs."""
import json
import os
import pathlib
import re
import shutil
import socket
import ssl
import stat
import subprocess
import tempfile
import time
import unittest

import websocket
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from agent_client import BUILD, ORIGIN, Agent

FORGE = BUILD / "tests/fakes/forge"
OURS = "imza-agent on this computer only "


def certutil(*words):
    return subprocess.run(["certutil", *map(str, words)], capture_output=True, text=True, check=False)


def nicknames(folder):
    """Nickname and trust of each certificate in a store."""
    lines = certutil("-L", "-d", f"sql:{folder}").stdout.splitlines()
    return {found[1]: found[2] for line in lines if (found := re.match(r"(.*?)\s+([pPcCTuw]*,[pPcCTuw]*,[pPcCTuw]*)\s*$", line))}


class Home:
    """A user's folders, with the stores that a test puts there, and the agent's commands under them."""

    def __init__(self):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="imza-home-"))
        self.tls = self.path / "state/imza-agent/tls"
        (self.path / "run").mkdir(mode=0o700)

    def close(self):
        shutil.rmtree(self.path)

    @property
    def environment(self):
        kept = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
        return {**kept, "HOME": str(self.path), "XDG_STATE_HOME": str(self.path / "state"), "XDG_RUNTIME_DIR": str(self.path / "run"),
                "XDG_CACHE_HOME": str(self.path / "cache"), "LANG": "en_US.UTF-8"}

    def run(self, *words, **environment):
        return subprocess.run([BUILD / "agent/imza-agent", *words], env={**self.environment, **environment}, capture_output=True, text=True,
                              timeout=120, check=False)

    def firefox(self, *profiles, below=".mozilla/firefox", absolute=()):
        """profiles.ini with these profiles; their folders, with a store in each."""
        base = self.path / below
        sections = ["[Install4F96D1932A9F858E]\nDefault=gone.default\nLocked=1\n", "[General]\nStartWithLastProfile=1\nPath=no.profile\n"]
        folders = [base / name for name in profiles] + list(absolute)
        for number, folder in enumerate(folders):
            folder.mkdir(parents=True)
            certutil("-N", "-d", f"sql:{folder}", "--empty-password")
            relative = folder not in absolute
            sections.append(f"[Profile{number}]\nName=p{number}\nIsRelative={int(relative)}\nPath={folder.name if relative else folder}\n")
        (base / "no.profile").mkdir(parents=True)
        sections.append(f"[Profile{len(folders)}]\nName=gone\nIsRelative=1\nPath=gone.default\n")
        (base / "profiles.ini").write_text("\n".join(sections), encoding="utf-8")
        return folders

    def files(self):
        return sorted(str(p.relative_to(self.path)) for p in self.path.rglob("*")
                      if not str(p.relative_to(self.path)).startswith(("state", "run", "cache")))


class Stores(unittest.TestCase):
    def setUp(self):
        self.home = Home()
        self.addCleanup(self.home.close)

    def succeed(self, *words):
        done = self.home.run("tls", *words)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def test_every_browser_of_the_user_trusts_it_and_none_does_afterwards(self):
        home = self.home
        stores = home.firefox("a.default", "b.work", absolute=[home.path / "elsewhere/profile"])
        stores += home.firefox("c.default", below="snap/firefox/common/.mozilla/firefox")
        stores += home.firefox("d.default", below=".var/app/org.mozilla.firefox/.mozilla/firefox")
        stores += home.firefox("e.default", below=".config/mozilla/firefox")
        for place in (".pki/nssdb", ".local/share/pki/nssdb", "snap/chromium/current/.pki/nssdb", ".var/app/org.chromium.Chromium/data/pki/nssdb"):
            stores.append(home.path / place)
            stores[-1].mkdir(parents=True)
            certutil("-N", "-d", f"sql:{stores[-1]}", "--empty-password")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-subj", "/CN=School", "-keyout",
                        home.path / "k", "-out", home.path / "school.pem"], check=True, capture_output=True)
        certutil("-A", "-d", f"sql:{stores[0]}", "-n", "the school's own, imza-agent", "-t", "CT,c,", "-i", home.path / "school.pem")
        before, files = {store: nicknames(store) for store in stores}, home.files()
        self.assertEqual(before[stores[0]], {"the school's own, imza-agent": "CT,c,"})
        told = self.succeed("setup")
        for store in stores:
            added = {name: trust for name, trust in nicknames(store).items() if name not in before[store]}
            self.assertEqual([(name.startswith(OURS), trust) for name, trust in added.items()], [(True, "C,,")], store)
            self.assertIn(f"trusts it          {store}\n", told)
        self.assertNotIn("no.profile", told)
        self.assertNotIn("gone.default", told)
        self.assertEqual(self.succeed("status").count("trusts it "), len(stores))
        self.succeed("remove")
        self.assertEqual({store: nicknames(store) for store in stores}, before)
        self.assertEqual(home.files(), files)
        self.assertFalse(home.tls.exists())

    def test_a_store_that_was_made_for_it_goes_with_it(self):
        self.succeed("setup")
        self.assertEqual(list(nicknames(self.home.path / ".pki/nssdb").values()), ["C,,"])
        self.succeed("remove")
        self.assertEqual(self.home.files(), [])

    def test_a_store_that_was_made_for_it_stays_when_another_uses_it(self):
        self.succeed("setup")
        store = self.home.path / ".pki/nssdb"
        subprocess.run([FORGE, self.home.path, "1"], check=True)
        certutil("-A", "-d", f"sql:{store}", "-n", "another's", "-t", "C,,", "-i", self.home.path / "authority.pem")
        self.succeed("remove")
        self.assertEqual(nicknames(store), {"another's": "C,,"})

    def test_chromiums_newer_place_is_not_hidden_by_the_older_one(self):
        store = self.home.path / ".local/share/pki/nssdb"
        store.mkdir(parents=True)
        certutil("-N", "-d", f"sql:{store}", "--empty-password")
        self.succeed("setup")
        self.assertFalse((self.home.path / ".pki").exists())
        self.assertEqual(len(nicknames(store)), 1)

    def test_set_up_again_is_a_new_authority_and_the_old_one_goes(self):
        [store] = self.home.firefox("a.default")
        self.succeed("setup")
        first, [name] = (self.home.tls / "server.pem").read_bytes(), nicknames(store)
        self.succeed("setup")
        second, [other] = (self.home.tls / "server.pem").read_bytes(), nicknames(store)
        self.assertNotEqual(name, other)
        keys = [serialization.load_pem_private_key(pem, None).private_numbers().private_value for pem in (first, second)]
        self.assertNotEqual(*keys)
        self.assertNotEqual(x509.load_pem_x509_certificate(first).issuer, x509.load_pem_x509_certificate(second).issuer)

    def test_a_profile_with_a_primary_password_is_told_and_the_others_are_done(self):
        locked, plain = self.home.firefox("a.locked", "b.plain")
        for file in locked.glob("*"):
            file.unlink()
        (self.home.path / "password").write_text("a primary password\n", encoding="utf-8")
        certutil("-N", "-d", f"sql:{locked}", "-f", self.home.path / "password")
        done = self.home.run("tls", "setup")
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"FAILED             {locked}\n", done.stdout)
        self.assertIn("primary password", done.stderr)
        self.assertIn(str(self.home.tls / "authority.pem"), done.stderr)
        self.assertEqual(len(nicknames(plain)), 1)
        self.assertEqual(self.home.run("tls", "remove").returncode, 0)

    def test_the_authoritys_key_is_nowhere_and_the_servers_is_the_users_own(self):
        self.succeed("setup")
        authority = x509.load_pem_x509_certificate((self.home.tls / "authority.pem").read_bytes())
        self.assertEqual(stat.S_IMODE((self.home.tls / "server.pem").stat().st_mode), 0o600)
        self.assertEqual(stat.S_IMODE(self.home.tls.stat().st_mode), 0o700)
        keys = []
        for file in self.home.path.rglob("*"):
            if file.is_file() and b"PRIVATE KEY" in file.read_bytes():
                keys.append(file)
        self.assertEqual(keys, [self.home.tls / "server.pem"])
        key = serialization.load_pem_private_key(keys[0].read_bytes(), None)
        self.assertNotEqual(key.public_key(), authority.public_key())
        listed = certutil("-K", "-d", f"sql:{self.home.path}/.pki/nssdb")
        self.assertIn("no keys found", listed.stdout + listed.stderr)

    def test_openssl_refuses_a_leaf_for_another_name(self):
        folder = self.home.path
        subprocess.run([FORGE, folder, "1"], check=True)
        for file, code in (("server.pem", 0), ("forged.pem", 2)):
            done = subprocess.run(["openssl", "verify", "-CAfile", folder / "authority.pem", "-purpose", "sslserver", folder / file],
                                  capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        self.assertIn("permitted subtree violation", done.stderr)

    def test_without_certutil_nothing_is_done(self):
        if os.geteuid() != 0:
            self.skipTest("hiding a program takes a mount")
        script = 'mount --bind /dev/null /usr/bin/certutil && exec "$@"'
        done = subprocess.run(["unshare", "-m", "sh", "-c", script, "sh", BUILD / "agent/imza-agent", "tls", "setup"], env=self.home.environment,
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("libnss3-tools", done.stderr)
        self.assertFalse(self.home.tls.exists())

    def test_a_store_that_a_browser_has_open_is_told(self):
        [store] = self.home.firefox("a.default")
        with open(store / "cert9.db", "rb"):
            told = self.succeed("setup")
        self.assertIn(f"{store}  (a browser is running)", told)
        self.assertIn("close and reopen it", told)
        self.assertNotIn("running", self.succeed("status"))

    def test_doctor_knows_how_it_stands(self):
        def check():
            done = self.home.run("doctor", "--json")
            return next(c["status"] for c in json.loads(done.stdout)["checks"] if c["id"] == "browser_tls")

        [store] = self.home.firefox("a.default")
        self.assertEqual(check(), "skipped")
        self.succeed("setup")
        self.assertEqual(check(), "ok")
        certutil("-D", "-d", f"sql:{store}", "-n", *nicknames(store))
        self.assertEqual(check(), "warning")
        for days_ago, status in ((263, "warning"), (270, "warning"), (400, "failed")):
            subprocess.run([FORGE, self.home.tls, str(days_ago)], check=True)
            self.assertEqual(check(), status)

    def test_turkish(self):
        done = self.home.run("tls", "setup", LANG="tr_TR.UTF-8")
        self.assertIn("TLS kuruldu", done.stdout)
        self.assertEqual(self.home.run("tls", "nonsense").returncode, 2)


class Served(unittest.TestCase):
    """The agent beside a set-up of its user."""

    def setUp(self):
        self.home = Home()
        self.addCleanup(self.home.close)
        self.agent = Agent(token=False, modules=[])
        self.agent.environment = lambda: {**os.environ, **self.home.environment, **self.agent.no_token()}
        self.agent.runtime, self.agent.state = self.home.path / "run", self.home.path / "state"
        self.addCleanup(self.agent.close)

    def set_up(self, days_ago=0):
        if days_ago:
            self.home.tls.mkdir(parents=True)
            subprocess.run([FORGE, self.home.tls, str(days_ago)], check=True)
        else:
            self.assertEqual(self.home.run("tls", "setup").returncode, 0)

    def context(self, **versions):
        context = ssl.create_default_context(cafile=self.home.tls / "authority.pem")
        for name, value in versions.items():
            setattr(context, name, value)
        return context

    def wss(self, host="127.0.0.1", context=None):
        """The TLS version and the answer to agent.info."""
        page = websocket.create_connection(f"wss://{host}:{self.agent.port}/", subprotocols=["imza.v1"], origin=ORIGIN, timeout=10,
                                           sslopt={"context": context or self.context()})
        page.send('{"jsonrpc":"2.0","id":1,"method":"agent.info"}')
        answer, version = page.recv(), page.sock.version()
        page.close()
        return version, answer

    def test_the_same_port_speaks_ws_and_wss_from_set_up_to_removal(self):
        self.agent.start()
        with self.assertRaises((ConnectionError, ssl.SSLError)):
            self.wss(context=ssl.create_default_context())
        self.set_up()
        for host in ("127.0.0.1", "localhost", "[::1]"):
            version, answer = self.wss(host)
            self.assertEqual(version, "TLSv1.3")
            self.assertIn('"protocols":["imza.v1"]', answer)
            self.assertIn('"wss"', answer)
        page = self.agent.page()
        context = self.context()
        self.set_up()   # again: those that are open stay, new ones get the new certificate
        self.assertEqual(page.call("agent.info")["protocols"], ["imza.v1"])
        with self.assertRaises(ssl.SSLCertVerificationError):
            self.wss(context=context)
        self.wss()
        context = self.context()
        self.home.run("tls", "remove")
        with self.assertRaises((ConnectionError, ssl.SSLError)):
            self.wss(context=context)
        self.assertNotIn("wss", page.call("agent.info")["features"])
        self.assertEqual(self.agent.page().call("agent.info")["protocols"], ["imza.v1"])

    def test_tls_1_2_and_1_3_and_nothing_older(self):
        self.set_up()
        self.agent.start()
        version = ssl.TLSVersion
        for newest, expected in ((version.TLSv1_3, "TLSv1.3"), (version.TLSv1_2, "TLSv1.2")):
            self.assertEqual(self.wss(context=self.context(maximum_version=newest))[0], expected)
        for old in ("-tls1_1", "-tls1"):
            done = subprocess.run(["openssl", "s_client", old, "-cipher", "ALL:@SECLEVEL=0", "-connect", f"127.0.0.1:{self.agent.port}"],
                                  stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20, check=False)
            self.assertIn("Cipher is (NONE)", done.stdout, done.stderr)

    def test_the_gate_holds_over_wss_too(self):
        self.set_up()
        self.agent.start()
        for headers in ({"origin": "http://portal.example"}, {"origin": "null"}, {"origin": ORIGIN, "host": "evil.example"}):
            with self.assertRaises(websocket.WebSocketBadStatusException):
                websocket.create_connection(f"wss://127.0.0.1:{self.agent.port}/", subprotocols=["imza.v1"], timeout=10,
                                            sslopt={"context": self.context()}, **headers)

    def test_broken_handshakes_disturb_nobody(self):
        self.set_up()
        self.agent.start()
        page = self.agent.page()
        held = []
        for _ in range(40):
            for content in (b"\x16", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"\x16" + os.urandom(600)):
                held.append(socket.create_connection(("127.0.0.1", self.agent.port)))
                held[-1].sendall(content)
        begin = time.monotonic()
        self.assertEqual(page.call("agent.info")["protocols"], ["imza.v1"])
        self.assertEqual(self.agent.page().call("agent.info")["protocols"], ["imza.v1"])
        self.wss()
        self.assertLess(time.monotonic() - begin, 5)
        for connection in held:
            connection.close()

    def test_a_key_that_others_can_read_is_not_used(self):
        self.set_up()
        (self.home.tls / "server.pem").chmod(0o644)
        self.agent.start()
        with self.assertRaises((ConnectionError, ssl.SSLError)):
            self.wss()
        self.assertIn("others can read", self.agent.log())
        self.assertEqual(self.agent.page().call("agent.info")["protocols"], ["imza.v1"])

    def test_a_damaged_file_is_told_and_ws_goes_on(self):
        self.set_up()
        (self.home.tls / "server.pem").write_text("nonsense", encoding="utf-8")
        self.agent.start()
        with self.assertRaises((ConnectionError, ssl.SSLError)):
            self.wss()
        self.assertEqual(self.agent.page().call("agent.info")["protocols"], ["imza.v1"])
        self.set_up()
        self.wss()

    def test_a_starting_agent_renews_what_is_due(self):
        [store] = self.home.firefox("a.default")
        self.set_up(days_ago=270)
        self.assertIn("It is due", self.home.run("tls", "status").stdout)
        certutil("-A", "-d", f"sql:{store}", "-n", OURS + "0123456789abcdef", "-t", "C,,", "-i", self.home.tls / "authority.pem")
        self.agent.start()
        [name] = nicknames(store)
        self.assertNotEqual(name, OURS + "0123456789abcdef")
        self.assertNotIn("It is due", self.home.run("tls", "status").stdout)
        self.wss()

    def test_a_starting_agent_does_not_renew_before_it_is_due_or_while_a_browser_runs(self):
        for days_ago, open_store in ((200, False), (270, True)):
            [store] = self.home.firefox(f"a{days_ago}.default")
            self.set_up(days_ago)
            before = (self.home.tls / "server.pem").read_bytes()
            with open(store / "cert9.db" if open_store else os.devnull, "rb"):
                self.agent.start()
            self.assertEqual((self.home.tls / "server.pem").read_bytes(), before)
            self.wss()   # it holds until its last day
            self.agent.stop()
            shutil.rmtree(self.home.tls)
            shutil.rmtree(self.home.path / ".mozilla")


if __name__ == "__main__":
    unittest.main()
