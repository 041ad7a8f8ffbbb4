# SPDX-License-Identifier: Apache-2.0
"""What the running programs have given up, as the kernel tells it."""
import pathlib
import unittest

from agent_client import BUILD, Agent

SANITIZED = "asan" in BUILD.name


def status(pid):
    lines = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace").splitlines()
    return dict(line.split(":\t", 1) for line in lines if ":\t" in line)


def limit(pid, name):
    for line in pathlib.Path(f"/proc/{pid}/limits").read_text(encoding="ascii").splitlines():
        if line.startswith(name):
            return line[len(name):].split()[0]
    raise KeyError(name)


class Limits(unittest.TestCase):
    def test_each_program_gives_up_what_it_does_not_need(self):
        with Agent() as agent:
            agent.script("hang")
            page = agent.page()
            certificate = page.signer("rsa")["id"]
            page.send("sign.document", {"certificate": certificate, "format": "cades",
                                        "documents": [{"content": "eA==", "name": "x", "mediaType": "text/plain"}]})
            agent.wait_for("CONFIRM")
            programs = {"imza-agent": agent.process.pid, **agent.family()}
            self.assertLessEqual({"imza-agent", "imza-token", "imza-prompt", "imza-document"}, set(programs))
            for name, pid in programs.items():
                if not name.startswith("imza-"):
                    continue
                with self.subTest(program=name):
                    self.assertEqual(status(pid)["NoNewPrivs"], "1")
                    self.assertEqual(limit(pid, "Max core file size"), "0")
            if not SANITIZED:
                self.assertEqual(status(programs["imza-document"])["Seccomp"], "2")


if __name__ == "__main__":
    unittest.main()
