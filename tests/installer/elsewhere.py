# SPDX-License-Identifier: Apache-2.0
"""
The packages, built once more: `elsewhere.py DIR`, from a release's archive in another folder, by a user who is not root, in another time zone and
language.  test_packages.py holds them against those that build-deb made in this tree.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from root import ROOT, run

USER = "nobody"


def build_elsewhere(out):
    out = pathlib.Path(out)
    with tempfile.TemporaryDirectory(prefix="elsewhere-", dir="/var/tmp") as folder:
        work = pathlib.Path(folder, "a/longer/way")     # a folder that the user can read, unlike this tree perhaps
        work.mkdir(parents=True)
        tracked = subprocess.run(["git", "ls-files", "-z", "-co", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True).stdout
        names = [name for name in tracked.decode().split("\0") if name and (ROOT / name).exists()]
        archive = subprocess.run(["tar", "-c", "--no-recursion", "--null", "-T", "-"], cwd=ROOT, check=True, capture_output=True,
                                 input="\0".join(names).encode()).stdout
        subprocess.run(["tar", "-x", "-C", work], check=True, input=archive)
        run("chown", "-R", f"{USER}:", folder)
        run("setpriv", "--reuid", USER, "--regid", "nogroup", "--clear-groups", work / "installer/build-deb", "--out", work / "made", "--in",
            work / "build", env={**os.environ, "HOME": folder, "TZ": "Pacific/Chatham", "LANG": "tr_TR.UTF-8"})
        shutil.rmtree(out, ignore_errors=True)
        shutil.copytree(work / "made", out)
        shutil.copy(work / "build/build.log", out)


if __name__ == "__main__":
    build_elsewhere(sys.argv[1])
