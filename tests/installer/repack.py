# SPDX-License-Identifier: Apache-2.0
"""Packages as a later version would be, and with maintainer scripts that something happens to."""
import pathlib
import re
import tempfile

from root import run

CONFIGURATION = "/etc/imza-agent/imza-agent.conf"
# In a maintainer script: the power goes, once.
POWER_CUT = "if [ ! -e /run/power-cut ]; then touch /run/power-cut; kill -KILL $PPID; fi\n"


def repacked(package, version, folder, **lines):
    """The same package under another version, its settings file with a new last line; lines come first in the maintainer script of that name."""
    tree = pathlib.Path(tempfile.mkdtemp(dir=folder), version)
    run("dpkg-deb", "-R", package, tree)
    control = tree / "DEBIAN/control"
    control.write_text(re.sub(r"(?m)^Version: .*$", "Version: " + version, control.read_text(encoding="utf-8")), encoding="utf-8")
    with open(tree / CONFIGURATION[1:], "a", encoding="utf-8") as file:
        file.write("# a line of the new version\n")
    for name, text in lines.items():
        script = tree / "DEBIAN" / name
        script.write_text(script.read_text(encoding="utf-8").replace("set -e\n", "set -e\n" + text, 1), encoding="utf-8")
    out = tree.parent / f"imza-agent_{version}_amd64.deb"
    run("dpkg-deb", "-Zgzip", "-z1", "--root-owner-group", "-b", tree, out)
    return out
