# SPDX-License-Identifier: Apache-2.0
"""Attacks between users of one machine (23, 24): each agent serves its own user; a port that is taken is gone round."""
import os
import socket
import subprocess
import unittest

from boundary import UserAgent, as_user, knock
from agent_client import PORTS

ONE, OTHER = 65534, 64001


@unittest.skipUnless(os.geteuid() == 0, "acting as two users needs root")
class Users(unittest.TestCase):
    def test_each_page_reaches_its_own_users_agent_and_no_other(self):
        with UserAgent(ONE) as first, UserAgent(OTHER) as second:
            self.assertNotEqual(first.port, second.port)
            ports = [first.port, second.port]
            self.assertEqual(knock(ports, uid=ONE), [101, 0])
            self.assertEqual(knock(ports, uid=OTHER), [0, 101])
            self.assertEqual(knock(ports, uid=64002), [0, 0])
            self.assertEqual(knock(ports), [0, 0])	# not even root's browser
            for agent in (first, second):
                self.assertIn("a connection of another user was closed", agent.log())

    def test_one_user_can_not_read_what_belongs_to_the_other(self):
        with UserAgent(ONE) as agent:
            files = [path for path in (agent.folder / "state").rglob("*") if path.is_file()]
            self.assertTrue(files)
            for path in [*files, agent.folder / "run", f"/proc/{agent.process.pid}/environ", f"/proc/{agent.process.pid}/mem"]:
                done = subprocess.run(["/usr/bin/head", "-c", "1", path], capture_output=True, check=False, cwd="/", **as_user(OTHER))
                self.assertNotEqual(done.returncode, 0, path)

    def test_a_squatter_on_the_first_port_gets_nothing_and_the_agent_goes_round_it(self):
        squatted = PORTS[0]
        try:
            squatter = socket.create_server(("127.0.0.1", squatted))
        except OSError:
            self.skipTest("the first port is taken on this machine")
        with squatter, UserAgent(ONE) as agent:
            self.assertNotEqual(agent.port, squatted)
            self.assertEqual(knock([agent.port], uid=ONE), [101])

    def test_half_a_squatter_is_gone_round_too(self):
        """Who holds only [::1] of a port would answer pages that say localhost."""
        try:
            squatter = socket.create_server(("::1", PORTS[0]), family=socket.AF_INET6)
        except OSError:
            self.skipTest("no IPv6, or the first port is taken")
        with squatter, UserAgent(ONE) as agent:
            self.assertNotEqual(agent.port, PORTS[0])


if __name__ == "__main__":
    unittest.main()
