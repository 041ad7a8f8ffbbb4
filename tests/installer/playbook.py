# SPDX-License-Identifier: Apache-2.0
"""Runs the role of installer/ansible against a fresh Debian 12."""
import json
import os
import pathlib
import shlex
import subprocess
import sys

from root import ROOT

ROLES = ROOT / "installer/ansible"
ENVIRONMENT = {**os.environ, "LC_ALL": "C.UTF-8", "ANSIBLE_NOCOLOR": "1", "ANSIBLE_PIPELINING": "1", "ANSIBLE_LOCALHOST_WARNING": "0",
               "PATH": f"{pathlib.Path(sys.executable).parent}:{os.environ['PATH']}"}


def play(system, work, variables):
    """The ended ansible-playbook; work is a folder for its files."""
    # Ansible's ssh, as far as the role needs it: the last argument is a command for the machine.
    ssh = work / "ssh"
    ssh.write_text("#!/bin/bash\nexec " + shlex.join(system.command("/bin/sh", "-c")) + ' "${@: -1}"\n', encoding="utf-8")
    ssh.chmod(0o755)
    inventory = {"all": {"hosts": {"machine": {
        "ansible_connection": "ssh", "ansible_ssh_executable": str(ssh), "ansible_ssh_transfer_method": "piped",
        "ansible_python_interpreter": "/usr/bin/python3"}}}}
    (work / "inventory.json").write_text(json.dumps(inventory), encoding="utf-8")
    tasks = [{"hosts": "all", "gather_facts": False, "roles": [{"role": "imza_agent", "vars": variables}]}]
    (work / "play.json").write_text(json.dumps(tasks), encoding="utf-8")
    return subprocess.run(["ansible-playbook", "-i", work / "inventory.json", work / "play.json"], capture_output=True, text=True, check=False,
                          cwd=work, env={**ENVIRONMENT, "ANSIBLE_ROLES_PATH": str(ROLES / "roles"), "ANSIBLE_HOME": str(work)})
