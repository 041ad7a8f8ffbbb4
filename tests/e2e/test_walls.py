# SPDX-License-Identifier: Apache-2.0
"""What each of the four programs has given up: a driver, a dialog program and the agent itself try what is forbidden."""
import contextlib
import os
import pathlib
import shutil
import subprocess
import tempfile
import time
import unittest

import inject
from agent_client import BUILD, Agent, base64_text, open_files
from inject import Injected
from prompt_program import Prompt
from test_token import Token

SANITIZED = "asan" in BUILD.name
NAMES = ("imza-agent", "imza-token", "imza-prompt", "imza-document")
# What else stands in a helper's environment comes from the sanitizers' settings.
ENVIRONMENTS = {
    "imza-token": {"HOME", "XDG_RUNTIME_DIR", "SOFTHSM2_CONF", "OPENSC_CONF", "PCSCLITE_CSOCK_NAME"},
    "imza-prompt": {"DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS", "HOME", "PATH", "TERM"},
    "imza-document": set(),
}


def outside():
    """A folder that is not below /tmp, where everybody may write."""
    return pathlib.Path(tempfile.mkdtemp(prefix="walls-", dir=BUILD))


def status_of(pid):
    lines = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return dict(line.split(":\t", 1) for line in lines if ":\t" in line)


class Walls(unittest.TestCase):
    def setUp(self):
        self.folder = outside()
        self.addCleanup(shutil.rmtree, self.folder)
        (self.folder / "file").write_text("x", encoding="utf-8")


@unittest.skipIf(SANITIZED, "sanitizers can't live behind walls")
class Driver(Walls):
    def got(self, *arguments):
        """The words for what the driver got."""
        with Token(BUILD / "tests/fakes/modules/mod_walls.so", env={"MOD_FOLDER": str(self.folder)}, arguments=arguments) as token:
            return token.result("tokens")["tokens"][0]["label"].split()

    def test_a_driver_reads_and_speaks_to_local_services_and_no_more(self):
        self.assertEqual(self.got(), ["read", "local"])
        self.assertEqual([path.name for path in self.folder.iterdir()], ["file"])

    def test_a_folder_that_is_given_can_be_changed(self):
        self.assertEqual(self.got(self.folder, "/nonexistent"), ["read", "change", "make", "local"])

    def test_a_network_that_is_given_can_be_used(self):
        self.assertEqual(self.got("--network"), ["read", "net", "local"])


@unittest.skipIf(SANITIZED, "sanitizers can't live behind walls")
class DialogProgram(Walls):
    def test_a_dialog_program_changes_no_files_and_has_no_network(self):
        program = self.folder / "pinentry"
        program.write_text(f"""#!/bin/bash
{{ : <{self.folder}/file && echo -n 'read '; echo y >{self.folder}/file && echo -n 'change '; : >{self.folder}/new && echo -n 'make '
: >/dev/udp/127.0.0.1/9 && echo -n 'net '; echo done; }} >$XDG_RUNTIME_DIR/words 2>/dev/null
echo 'OK hello'
while read -r line; do case $line in CONFIRM*) echo 'ERR 83886179 no' ;; *) echo OK ;; esac; done
""", encoding="utf-8")
        program.chmod(0o700)
        with Prompt(pinentry=program) as prompt:
            self.assertEqual(prompt.call("access"), {"answer": "denied"})
            got = (prompt.folder / "words").read_text(encoding="utf-8").split()
        self.assertEqual(got, ["read", "done"])
        self.assertEqual({path.name for path in self.folder.iterdir()}, {"file", "pinentry"})


class WholeFamily(Walls):
    @contextlib.contextmanager
    def at_work(self):
        """The agent and its three helpers while a consent is asked for: name and number of each."""
        with Agent() as agent:
            page = agent.page()
            agent.script("confirm hang")
            page.send("sign.document", {"certificate": page.signer("rsa")["id"], "format": "cades",
                                        "documents": [{"content": base64_text(b"x"), "name": "a.txt", "mediaType": "text/plain"}]})
            agent.wait_for("CONFIRM")
            yield {"imza-agent": agent.process.pid, **agent.family()}

    @unittest.skipIf(SANITIZED or not inject.POSSIBLE, "takes walls, root and x86-64")
    def test_each_program_tries_what_is_forbidden(self):
        file, new = self.folder / "file", self.folder / "new"
        O_RDONLY, O_WRONLY, O_CREAT, AF_UNIX, AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, STREAM, RAW = 0, 1, 0o101, 1, 2, 10, 16, 17, 1, 3
        # What none of the four may do.
        common = [("EPERM", "ptrace", 16, os.getpid(), 0, 0), ("EPERM", "process_vm_readv", os.getpid(), 0, 0, 0, 0, 0), ("EPERM", "unshare", 0x10000000),
                  ("EPERM", "mount", b"none", b"/tmp", b"tmpfs", 0, 0), ("EPERM", "bpf", 0, 0, 0), ("EPERM", "io_uring_setup", 1, 0), ("EPERM", "keyctl", 0, 0, 0),
                  ("EPERM", "settimeofday", 0, 0), ("EPERM", "socket", AF_PACKET, RAW, 0), ("EACCES", "open", file, O_WRONLY, 0), ("EACCES", "open", new, O_CREAT, 0o600),
                  ("EACCES", "unlink", file), ("EACCES", "rename", file, new)]
        no_network = [("EPERM", "socket", family, STREAM, 0) for family in (AF_INET, AF_INET6, AF_NETLINK)]
        own = {
            "imza-agent": [],
            "imza-token": [*no_network, ("EPERM", "execve", b"/bin/true", 0, 0)],
            "imza-prompt": no_network,
            "imza-document": [*no_network, ("EPERM", "socket", AF_UNIX, STREAM, 0), ("EPERM", "execve", b"/bin/true", 0, 0), ("EPERM", "fork"),
                              ("EACCES", "open", b"/etc/passwd", O_RDONLY, 0), ("EACCES", "open", file, O_RDONLY, 0), ("EPERM", "kill", os.getppid(), 0),
                              ("EPERM", "mmap", 0, 4096, 5, 0x22, -1, 0)],   # readable and executable
        }
        with self.at_work() as family:
            for name in NAMES:
                with self.subTest(name=name), Injected(family[name]) as process:
                    self.assertEqual(process.call("getpid"), family[name])
                    for wanted, *call in common + own[name]:
                        # Those that have an allow-list refuse the call before Landlock is asked where.
                        allowed = {wanted, "EPERM"} if name == "imza-document" else {wanted}
                        self.assertIn(process.call(*call), allowed, call)
        self.assertEqual({path.name: path.read_text(encoding="utf-8") for path in self.folder.iterdir()}, {"file": "x"})

    @unittest.skipUnless(inject.POSSIBLE, "takes root and x86-64")
    def test_without_walls_the_same_works(self):
        file = self.folder / "file"
        with subprocess.Popen(["/bin/sleep", "60"]) as sleeper:
            time.sleep(0.3)
            with Injected(sleeper.pid) as process:
                self.assertEqual(process.call("getpid"), sleeper.pid)
                for call in (("open", file, 1, 0), ("socket", 2, 1, 0), ("mmap", 0, 4096, 5, 0x22, -1, 0), ("kill", os.getpid(), 0), ("unlink", file)):
                    self.assertIsInstance(process.call(*call), int, call)
            sleeper.kill()
        self.assertFalse(file.exists())

    def test_each_program_has_no_new_rights_no_core_a_filter_and_a_clean_environment(self):
        with self.at_work() as family:
            for name in NAMES:
                with self.subTest(name=name):
                    status, process = status_of(family[name]), pathlib.Path(f"/proc/{family[name]}")
                    self.assertEqual((status["NoNewPrivs"], status["Seccomp"]), ("1", "0" if SANITIZED else "2"))
                    self.assertRegex((process / "limits").read_text(encoding="utf-8"), r"Max core file size +0 +0 ")
                    if name in ENVIRONMENTS:
                        there = {entry.split(b"=")[0].decode() for entry in (process / "environ").read_bytes().split(b"\0") if entry}
                        self.assertLessEqual(there - {"ASAN_OPTIONS", "UBSAN_OPTIONS"}, ENVIRONMENTS[name])
                        self.assert_descriptors(name, process)

    def assert_descriptors(self, name, process):
        """Nothing of the agent's own is open in a helper: no listening socket, no settings, no state."""
        foreign = [target for target in open_files(process.name) if not target.startswith(("/dev/", "socket:", "pipe:", "anon_inode:", "/memfd:")) and
                   "/agent.log" not in target and "deleted" not in target and "softhsm" not in target]
        self.assertEqual(foreign, [], name)

    @unittest.skipIf(SANITIZED, "sanitizers can't live behind walls")
    def test_the_agent_itself_changes_files_in_its_own_folders_only(self):
        with Agent() as agent:
            page = agent.page()
            # Its state folder becomes another one, outside; the log can't be written there and signing goes on.
            state = agent.state / "imza-agent"
            state.rename(agent.state / "moved")
            state.symlink_to(self.folder)
            page.call("sign.document", certificate=page.signer("rsa")["id"], format="cades",
                      documents=[{"content": base64_text(b"x"), "name": "a.txt", "mediaType": "text/plain"}])
            self.assertEqual([path.name for path in self.folder.iterdir()], ["file"])
            self.assertIn("audit.jsonl: the audit log can't be written: Permission denied", agent.log())


if __name__ == "__main__":
    unittest.main()
