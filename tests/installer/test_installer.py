# SPDX-License-Identifier: Apache-2.0
"""
The packages in a fresh Debian 12: install, log in, sign, upgrade, sign, remove, purge; each test goes on where the one before ended.  As root,
in a network namespace of its own (tests/run does that); IMZA_PACKAGES is the folder with the packages.
"""
import contextlib
import os
import pathlib
import re
import shutil
import socket
import sys
import tempfile
import time
import unittest

import websocket

from root import CACHE, ROOT, System, prepared, run

sys.path.insert(0, str(ROOT / "tests/e2e"))
from agent_client import ORIGIN, Page   # noqa: E402  (only there once the path is)
import document_inputs   # noqa: E402
from judges import pdf_is_good   # noqa: E402
from softhsm import SoftHsm, module_path   # noqa: E402

PACKAGES = pathlib.Path(os.environ.get("IMZA_PACKAGES", ROOT / "build/deb"))
CONFIGURATION = "/etc/imza-agent/imza-agent.conf"


@contextlib.contextmanager
def as_user(uid):
    """Sockets that are made in here are this user's, as the agent sees it."""
    os.seteuid(uid)
    try:
        yield
    finally:
        os.seteuid(0)


def repacked(package, version, folder):
    """The same package under another version, its settings file with a new last line."""
    tree = pathlib.Path(folder, version)
    run("dpkg-deb", "-R", package, tree)
    control = tree / "DEBIAN/control"
    control.write_text(re.sub(r"(?m)^Version: .*$", "Version: " + version, control.read_text(encoding="utf-8")), encoding="utf-8")
    with open(tree / CONFIGURATION[1:], "a", encoding="utf-8") as file:
        file.write("# a line of the new version\n")
    out = pathlib.Path(folder, f"imza-agent_{version}_amd64.deb")
    run("dpkg-deb", "-Zgzip", "-z1", "--root-owner-group", "-b", tree, out)
    return out


class Installer(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.package = next(PACKAGES.glob("imza-agent_*.deb"))
        archive = prepared(cls.package)
        cls.folder = tempfile.mkdtemp(prefix="system-", dir=CACHE)
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        os.chmod(cls.folder, 0o755)
        cls.system = cls.enterClassContext(System(archive, cls.folder))
        cls.token = cls.enterClassContext(SoftHsm())
        cls.work = cls.enterClassContext(tempfile.TemporaryDirectory())
        cls.before = cls.system.files()

    # --- what a user does ---

    def log_in(self, user):
        """A desktop login of someone who has a token and a pinentry that answers."""
        system = self.system
        system.log_in(user)
        home = system / "home" / user
        shutil.copytree(self.token.folder, home / "token", dirs_exist_ok=True)
        (home / "token/softhsm2.conf").write_text(f"directories.tokendir = /home/{user}/token/tokens\n", encoding="utf-8")
        system.run("chown", "-R", f"{user}:{user}", f"/home/{user}/token")
        system.run("sh", "-c", r'printf "confirm ok\npin 123456\n" >"$XDG_RUNTIME_DIR/fake-pinentry"', user=user)
        system.systemctl(user, "set-environment", f"SOFTHSM2_CONF=/home/{user}/token/softhsm2.conf")

    def page(self, user, port, origin=ORIGIN):
        with as_user(self.system.uid(user)):
            page = Page(port, origin)
        self.addCleanup(page.close)
        return page

    def assert_signs(self, user, port):
        page = self.page(user, port)
        signed = page.call("sign.document", certificate=page.signer("rsa")["id"], format="pades", documents=[{
            "document": page.upload(document_inputs.small())}])["documents"][0]
        self.assertTrue(pdf_is_good(page.download(signed["document"]), self.token.folder / "chain.pem"))

    def agents_of(self, user):
        uid = self.system.uid(user)
        return {pid: path for pid, (owner, path) in self.system.processes().items() if owner == uid}

    def wait_for(self, question, seconds=10):
        for _ in range(seconds * 20):
            if question():
                return
            time.sleep(0.05)
        self.fail("it did not come about")

    # --- the way of a package ---

    def test_1_install(self):
        system = self.system
        drop_in = system / "etc/imza-agent/conf.d/50-site.conf"
        drop_in.parent.mkdir(parents=True)
        drop_in.write_text(f"module = {module_path()}\nallow-origin = {ORIGIN}\npinentry = /usr/local/bin/pinentry\ndialog-arm-ms = 0\n"
                           "language = tr\n", encoding="utf-8")
        shutil.copy(ROOT / "tests/fakes/pinentry", system / "usr/local/bin/pinentry")
        (system / "usr/local/bin/pinentry").chmod(0o755)
        self.log_in("ayse")
        begin = time.monotonic()
        printed = system.install(self.package)
        type(self).seconds = time.monotonic() - begin
        self.assertIn("1 newly installed", printed)
        self.assertEqual(system.run("dpkg-query", "-W", "-f", "${db:Status-Status}", "imza-agent"), "installed")
        for unit, target in (("socket", "sockets"), ("service", "graphical-session")):
            self.assertTrue(os.path.lexists(system / f"etc/systemd/user/{target}.target.wants/imza-agent.{unit}"))
        shown = system.run("imza-agent", "config", "show", "--origin")
        self.assertIn(f"allow-origin = {ORIGIN}\t# /etc/imza-agent/conf.d/50-site.conf:2\n", shown)
        self.assertEqual(system.run("imza-agent", "--version").split()[0], "imza-agent")
        self.assertEqual(system.run("sh", "-c", "dpkg -V imza-agent"), "")

    def test_2_who_is_logged_in_has_an_agent(self):
        self.assertEqual(self.system.show("ayse", "imza-agent.socket", "ActiveState"), "active")
        self.assertEqual(self.agents_of("ayse"), {})
        self.assertEqual(self.page("ayse", 15070).call("agent.info")["grant"], "listed")
        self.assertEqual(len(self.agents_of("ayse")), 1)
        listening = self.system.run("ss", "-H", "-ltn").splitlines()
        self.assertEqual({line.split()[3] for line in listening}, {"127.0.0.1:15070", "[::1]:15070"})

    def test_3_it_signs(self):
        self.assert_signs("ayse", 15070)

    def test_3b_its_user_sets_tls_up(self):
        self.system.run("imza-agent", "tls", "setup", user="ayse")
        self.assertIn("imza-agent", self.system.run("certutil", "-L", "-d", "sql:/home/ayse/.pki/nssdb", user="ayse"))

    def test_4_a_login_beside_it_gets_an_agent_on_the_next_port(self):
        self.log_in("fatma")
        self.assertEqual(self.system.show("fatma", "imza-agent.socket", "ActiveState"), "failed")
        self.system.start_desktop("fatma")
        self.wait_for(lambda: "127.0.0.1:15071" in self.system.run("ss", "-H", "-ltn"))
        self.assert_signs("fatma", 15071)
        self.assert_signs("ayse", 15070)
        for user, port in (("fatma", 15070), ("ayse", 15071)):
            with self.assertRaises((OSError, websocket.WebSocketException)):
                self.page(user, port)

    def test_5_a_desktop_that_ends_and_comes_again_has_a_new_agent(self):
        first = self.agents_of("fatma")
        self.system.systemctl("fatma", "stop", "test-session.target")
        self.wait_for(lambda: self.agents_of("fatma") == {})
        self.system.systemctl("fatma", "set-environment", "DISPLAY=:7")
        self.system.systemctl("fatma", "start", "test-session.target")
        self.wait_for(lambda: self.agents_of("fatma") != {})
        pid = next(iter(self.agents_of("fatma")))
        self.assertNotIn(pid, first)
        self.assertIn("DISPLAY=:7\0", self.system.run("cat", f"/proc/{pid}/environ"))
        self.assert_signs("fatma", 15071)

    def test_6_an_agent_that_is_killed_comes_again(self):
        pid = next(iter(self.agents_of("ayse")))
        self.system.run("kill", "-SEGV", pid)
        self.wait_for(lambda: self.agents_of("ayse").keys() - {pid})
        self.assert_signs("ayse", 15070)

    def test_6b_what_it_can_t_work_with_is_named(self):
        system = self.system
        system.run("useradd", "-m", "can")
        system.run("install", "-d", "-m", "700", "-o", "can", f"/run/user/{system.uid('can')}")
        with contextlib.ExitStack() as stack:
            for port in range(15072, 15080):
                stack.enter_context(socket.create_server(("127.0.0.1", port)))
            code, printed = system.fails("imza-agent", "run", user="can")
            self.assertEqual(code, 1)
            self.assertIn("ports 15070 to 15079 are all taken", printed)
        system.run("mount", "-t", "tmpfs", "-o", "ro", "tmpfs", "/home/can")
        code, printed = system.fails("imza-agent", "run", user="can")
        self.assertEqual(code, 1)
        self.assertIn("/home/can/.local/state/imza-agent: ", printed)
        system.run("umount", "/home/can")

    def test_7_an_upgrade_keeps_the_administrators_edits_and_replaces_running_agents(self):
        edited = (self.system / CONFIGURATION).read_text(encoding="utf-8") + "dialog-seconds = 90\n"
        (self.system / CONFIGURATION).write_text(edited, encoding="utf-8")
        before = self.system.processes()
        self.assertEqual(len(before), 2)
        self.system.install(repacked(self.package, "0.9.0", self.work), options=("-o", "Dpkg::Options::=--force-confold"))
        self.assertEqual((self.system / CONFIGURATION).read_text(encoding="utf-8"), edited)
        self.assertTrue((self.system / (CONFIGURATION + ".dpkg-dist")).exists())
        self.wait_for(lambda: len(self.system.processes().keys() - before.keys()) == 2)
        after = self.system.processes()
        self.assertFalse(before.keys() & after.keys())
        self.assertEqual({path for _, path in after.values()}, {"/usr/bin/imza-agent"})
        self.assert_signs("ayse", 15070)
        self.assert_signs("fatma", 15071)

    def test_8_a_half_done_upgrade_is_finished_later(self):
        system = self.system
        broken = repacked(self.package, "0.9.1", self.work)
        tree = pathlib.Path(self.work, "0.9.1")
        with open(tree / "DEBIAN/postinst", "a", encoding="utf-8") as file:
            file.write("exit 1\n")
        run("dpkg-deb", "-Zgzip", "-z1", "--root-owner-group", "-b", tree, broken)
        shutil.copy(broken, system / "packages")
        system.fails("dpkg", "--force-confold", "-i", f"/packages/{broken.name}")
        self.assertEqual(system.run("dpkg-query", "-W", "-f", "${db:Status-Status}", "imza-agent"), "half-configured")
        self.assert_signs("ayse", 15070)
        system.install(repacked(self.package, "0.9.2", self.work), options=("-o", "Dpkg::Options::=--force-confold"))
        self.assertEqual(system.run("dpkg-query", "-W", "-f", "${db:Status-Status}", "imza-agent"), "installed")
        self.assert_signs("ayse", 15070)

    def test_8b_an_older_package_is_refused_and_nothing_changes(self):
        system, older = self.system, f"/packages/{self.package.name}"
        before, files = system.processes(), system.files()
        apt = ("apt-get", "-q", "-y", "--no-install-recommends", "install")
        self.assertIn("without --allow-downgrades", system.fails(*apt, older)[1])
        for command in ((*apt, "--allow-downgrades", older), ("dpkg", "--force-confold", "-i", older)):
            self.assertIn("is older than the 0.9.2 that is installed", system.fails(*command)[1])
            self.assertEqual(system.run("dpkg-query", "-W", "-f", "${db:Status-Status} ${Version}", "imza-agent"), "installed 0.9.2")
        self.assertEqual((system.processes(), system.files()), (before, files))
        self.assert_signs("ayse", 15070)
        # Where it was removed first, it is meant.
        system.run("dpkg-deb", "-e", older, "/tmp/older")
        system.run("sh", "/tmp/older/preinst", "install", "0.9.2", "0.1.0")

    def test_9_removal_and_purge(self):
        system = self.system
        self.assertEqual(len(system.processes()), 2)
        system.run("apt-get", "-q", "-y", "remove", "imza-agent")
        self.assertEqual(system.processes(), {})
        self.assertEqual(system.run("ss", "-H", "-ltn"), "")
        self.assertTrue((system / CONFIGURATION).exists())
        # No browser trusts the authority that a user had made, and the store that was made for it is gone.
        self.assertFalse((system / "home/ayse/.pki/nssdb/cert9.db").exists())
        self.assertFalse((system / "home/ayse/.local/state/imza-agent/tls").exists())
        for user, port in (("ayse", 15070), ("fatma", 15071)):
            with self.assertRaises(OSError), as_user(system.uid(user)):
                socket.create_connection(("127.0.0.1", port), 2)
        system.run("apt-get", "-q", "-y", "purge", "imza-agent")
        # The administrator's own file stays, as Debian's policy has it; nothing else.
        self.assertEqual(sorted(p.name for p in (system / "etc/imza-agent").rglob("*") if p.is_file()), ["50-site.conf"])
        shutil.rmtree(system / "etc/imza-agent")
        (system / "usr/local/bin/pinentry").unlink()
        after = system.files()
        expected = {"etc/passwd", "etc/shadow", "etc/group", "etc/gshadow", "etc/subuid", "etc/subgid",
                    *(f"etc/{name}-" for name in ("passwd", "shadow", "group", "gshadow", "subuid", "subgid"))}   # the users of this test
        different = {path for path in self.before.keys() | after.keys() if self.before.get(path) != after.get(path)}
        self.assertEqual(different - expected, set())


if __name__ == "__main__":
    unittest.main()
