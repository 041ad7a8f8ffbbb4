# SPDX-License-Identifier: Apache-2.0
"""
What the package costs a computer, for tests/bench/README.md: `figures.py imza-agent_*.deb`, as root, by hand; takes a Debian mirror and some minutes.
Times are of this machine and its network; sizes are apt's own.
"""
import pathlib
import sys
import tempfile

from root import run

# In mmdebstrap, in the bare root. A desktop is what its packages and all that they recommend would be: apt is told that they are there.
MEASURE = r"""
set -e
root=$1
apt() { chroot "$root" env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 apt-get --no-install-recommends -o Dpkg::Use-Pty=0 "$@"; }
cost() {
	apt --assume-no "$@" install /packages/imza-agent.deb >"$root/packages/out" || :
	grep -E '^Need to get|^After this|newly installed' "$root/packages/out" | tr '\n' ' '
	echo
}
seconds() {
	begin=$(date +%s.%N)
	apt -y "$@" >"$root/packages/log"
	echo "$(date +%s.%N) $begin" | awk '{ printf "%.1f s\n", $1 - $2 }'
}
{
	echo "bare Debian: $(cost)"
	for desktop in task-xfce-desktop task-gnome-desktop; do
		cp "$root/var/lib/dpkg/status" "$root/packages/status"
		chroot "$root" apt-get -s --install-recommends install $desktop | sed -n 's/^Inst \([^ ]*\) .*/\1/p' | chroot "$root" xargs apt-cache show --no-all-versions |
			sed 's/^Package: .*/&\nStatus: install ok installed/; /^Filename:/d' >>"$root/packages/status"
		echo "$desktop: $(cost -o Dir::State::status=/packages/status)"
	done
	echo "download: $(seconds --download-only install /packages/imza-agent.deb)"
	echo "install with all that it depends on: $(seconds install /packages/imza-agent.deb)"
	apt -y remove imza-agent >"$root/packages/log"
	echo "install alone: $(seconds install /packages/imza-agent.deb)"
	echo "remove: $(seconds remove imza-agent)"
	dpkg-deb -f "$root/packages/imza-agent.deb" Installed-Size | sed 's/$/ kB installed/'
	stat -c '%s bytes of package' "$root/packages/imza-agent.deb"
} >"$2"
"""

if __name__ == "__main__":
    package = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as folder:
        script, out = pathlib.Path(folder, "measure"), pathlib.Path(folder, "figures")
        script.write_text("#!/bin/bash\n" + MEASURE, encoding="utf-8")
        script.chmod(0o755)
        run("mmdebstrap", "--quiet", "--variant=minbase", "--include=systemd,libpam-systemd,dbus-user-session",
            f"--customize-hook=mkdir -p $1/packages; cp {package} $1/packages/imza-agent.deb", f"--customize-hook={script} $1 {out}", "--format=null", "bookworm", "-")
        print(out.read_text(encoding="utf-8"), end="")
