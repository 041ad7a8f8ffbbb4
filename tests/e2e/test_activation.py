# SPDX-License-Identifier: Apache-2.0
"""The agent on listening sockets that a service manager opened (sd_listen_fds): which it takes, which it refuses."""
import contextlib
import os
import socket
import subprocess
import sys
import unittest

from agent_client import Agent, Page

# What a service manager does between fork and exec: the sockets from descriptor 3 on, and whom they are for.
HAND_OVER = ("import os, sys; n = int(sys.argv[1]); fds = list(map(int, sys.argv[2:2 + n])); "
             "moved = [os.dup(fd) for fd in fds]; [os.dup2(fd, 3 + i) for i, fd in enumerate(moved)]; "
             "os.environ.update(LISTEN_PID=str(os.getpid() + int(os.environ.get('SHIFT', 0))), LISTEN_FDS=str(n)); "
             "os.execv(sys.argv[2 + n], sys.argv[2 + n:])")


def listening(address, port, family=socket.AF_INET, kind=socket.SOCK_STREAM, listen=True):
    opened = socket.socket(family, kind)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    opened.bind((address, port))
    if listen:
        opened.listen()
    return opened


class Activation(unittest.TestCase):
    def setUp(self):
        self.agent = Agent(modules=[], token=False)
        self.addCleanup(self.agent.close)
        self.agent.configure()
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)

    def start(self, *sockets, **environment):
        """The agent with these sockets: its process, and the line that it says first."""
        for opened in sockets:
            self.stack.enter_context(opened)
        with open(self.agent.log_path, "ab") as log:
            process = subprocess.Popen([sys.executable, "-c", HAND_OVER, str(len(sockets)), *(str(s.fileno()) for s in sockets),
                                        str(self.agent.program), "--config", str(self.agent.config_path)], stdout=subprocess.PIPE, stderr=log,
                                       pass_fds=[s.fileno() for s in sockets], env={**self.agent.environment(), **environment})
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.addCleanup(process.stdout.close)
        return process, process.stdout.readline().decode()

    def test_it_serves_both_addresses(self):
        process, line = self.start(listening("127.0.0.1", 15074), listening("::1", 15074, socket.AF_INET6))
        self.assertEqual(line, "ready on port 15074\n", self.agent.log())
        for host in ("127.0.0.1", "[::1]"):
            page = Page(15074, host=host)
            self.addCleanup(page.close)
            self.assertEqual(page.call("agent.info")["grant"], "listed")
        inherited = {os.readlink(f"/proc/{process.pid}/fd/{fd}") for fd in (3, 4)}
        self.assertEqual(len(inherited), 2)
        process.terminate()
        self.assertEqual(process.wait(10), 0)

    def test_a_connection_that_waited_is_served(self):
        first = listening("127.0.0.1", 15074)
        waiting = self.stack.enter_context(socket.create_connection(("127.0.0.1", 15074)))
        waiting.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1:15074\r\n\r\n")
        _, line = self.start(first)
        self.assertEqual(line, "ready on port 15074\n", self.agent.log())
        waiting.settimeout(10)
        self.assertTrue(waiting.recv(12).startswith(b"HTTP/1.1"))

    def test_the_other_address_is_opened(self):
        _, line = self.start(listening("127.0.0.1", 15075))
        self.assertEqual(line, "ready on port 15075\n", self.agent.log())
        page = Page(15075, host="[::1]")
        self.addCleanup(page.close)
        self.assertEqual(page.call("agent.info")["grant"], "listed")

    def test_sockets_for_another_process_are_not_taken(self):
        _, line = self.start(listening("127.0.0.1", 15075), SHIFT="1")
        self.assertEqual(line, "ready on port 15070\n", self.agent.log())

    def test_anything_else_is_refused(self):
        stranger = self.stack.enter_context(listening("::1", 15076, socket.AF_INET6))
        v6 = socket.AF_INET6
        cases = {
            "all addresses": lambda: [listening("0.0.0.0", 15074)],
            "all IPv6 addresses": lambda: [listening("127.0.0.1", 15074), listening("::", 15074, v6)],
            "another port": lambda: [listening("127.0.0.1", 15069)],
            "two ports": lambda: [listening("127.0.0.1", 15074), listening("::1", 15075, v6)],
            "one address twice": lambda: [listening("127.0.0.1", 15074), listening("127.0.0.1", 15075)],
            "IPv6 only": lambda: [listening("::1", 15074, v6)],
            "not listening": lambda: [listening("127.0.0.1", 15074, listen=False)],
            "datagrams": lambda: [listening("127.0.0.1", 15074, kind=socket.SOCK_DGRAM, listen=False)],
            "a local socket": lambda: [listening_unix(self.agent.folder / "socket")],
            "another program on ::1": lambda: [listening("127.0.0.1", 15076)],
        }
        for name, sockets in cases.items():
            with self.subTest(name), contextlib.ExitStack() as stack:
                opened = [stack.enter_context(s) for s in sockets()]
                process, line = self.start(*opened)
                self.assertEqual((line, process.wait(10)), ("", 1))
                self.assertIn("the service manager", self.agent.log())
                self.agent.log_path.write_text("", encoding="utf-8")
        self.assertNotEqual(stranger.fileno(), -1)


def listening_unix(path):
    opened = socket.socket(socket.AF_UNIX)
    opened.bind(str(path))
    opened.listen()
    return opened


if __name__ == "__main__":
    unittest.main()
