# SPDX-License-Identifier: Apache-2.0
"""The script that a desktop session starts with: it lets a signature for another desktop of the user end before the agent is restarted. systemctl is a stand-in
(tests/installer has the real one); the agent and its dialog are real."""
import os
import signal
import subprocess
import time
import unittest

from agent_client import ROOT, Agent, base64_text

SYSTEMCTL = """#!/bin/sh
case "$*" in
*"show --property MainPID"*) echo "$AGENT_PID" ;;
*restart*) echo restarted >>"$RESTARTS" ;;
esac
"""


class SessionStart(unittest.TestCase):
    def setUp(self):
        self.agent = Agent()
        self.addCleanup(self.agent.close)
        self.agent.start()
        self.restarts = self.agent.folder / "restarts"
        self.restarts.touch()
        tools = self.agent.folder / "tools"
        tools.mkdir()
        (tools / "systemctl").write_text(SYSTEMCTL, encoding="utf-8")
        (tools / "systemctl").chmod(0o755)
        self.environment = {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}", "RESTARTS": str(self.restarts)}

    def login(self, agent):
        script = subprocess.Popen([ROOT / "installer/desktop/session-start"], env={**self.environment, "AGENT_PID": str(agent)})
        self.addCleanup(script.wait)
        self.addCleanup(script.kill)
        return script

    def test_an_idle_agent_is_restarted_at_once(self):
        for agent in (self.agent.process.pid, 0):   # 0: none runs
            self.assertEqual(self.login(agent).wait(10), 0)
        self.assertEqual(self.restarts.read_text(encoding="utf-8"), "restarted\n" * 2)

    def test_one_that_asks_is_restarted_when_its_dialog_has_gone(self):
        self.agent.script("hang")
        page = self.agent.page()
        page.send("sign.document", {"certificate": page.signer("ec")["id"], "format": "cades",
                                    "documents": [{"content": base64_text(b"x"), "name": "x.txt", "mediaType": "text/plain"}]})
        self.agent.wait_for("CONFIRM")
        script = self.login(self.agent.process.pid)
        time.sleep(1.5)
        self.assertEqual((script.poll(), self.restarts.read_text(encoding="utf-8")), (None, ""))
        page.close()
        self.assertEqual(script.wait(20), 0)
        self.assertEqual(self.restarts.read_text(encoding="utf-8"), "restarted\n")

    def test_one_that_asks_a_server_is_restarted_when_that_has_ended(self):
        """A certificate is checked before the first dialog. test_validate.py has the real imza-fetch; here it is a sleep of that name under a shell."""
        (self.agent.folder / "tools/imza-fetch").symlink_to("/bin/sleep")
        asking = subprocess.Popen(["/bin/sh", "-c", "imza-fetch 2; sleep 20"], env=self.environment, start_new_session=True)
        self.addCleanup(asking.wait)
        self.addCleanup(os.killpg, asking.pid, signal.SIGKILL)
        script = self.login(asking.pid)
        time.sleep(1)
        self.assertEqual((script.poll(), self.restarts.read_text(encoding="utf-8")), (None, ""))
        self.assertEqual(script.wait(20), 0)
        self.assertEqual(self.restarts.read_text(encoding="utf-8"), "restarted\n")


if __name__ == "__main__":
    unittest.main()
