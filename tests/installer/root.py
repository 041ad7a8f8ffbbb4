# SPDX-License-Identifier: Apache-2.0
"""A fresh Debian 12 in a folder: mount and process namespaces of its own, users whose systemd runs for real. Nothing of the host is touched."""
import contextlib
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
CACHE = ROOT / "build/installer"
CGROUPS = [pathlib.Path("/sys/fs/cgroup") / name for name in ("systemd", "unified", "")]

# Runs in the new namespaces as process 1: lays what changes over the prepared root, in memory, builds /proc, /dev, /run, then waits and reaps.
HOLDER = r"""
set -e
base=$2
root=$base/system
mount --make-rprivate /
mount -t tmpfs -o mode=755 tmpfs "$base"
mkdir "$base/changes" "$base/work" "$root"
mount -t overlay overlay -o "lowerdir=$1,upperdir=$base/changes,workdir=$base/work" "$root"
mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
[ ! -d /sys/fs/cgroup ] || mount --rbind /sys/fs/cgroup "$root/sys/fs/cgroup"
for folder in run tmp dev; do mount -t tmpfs tmpfs "$root/$folder"; done
chmod 755 "$root/run" "$root/dev"
chmod 1777 "$root/tmp"
for device in null zero full random urandom tty; do touch "$root/dev/$device"; mount --bind "/dev/$device" "$root/dev/$device"; done
ln -s /proc/self/fd "$root/dev/fd"
mkdir -p "$root/dev/shm" "$root/run/systemd/system" "$root/run/user"
echo ready
while :; do sleep 1000 & wait; done
"""

# In mmdebstrap, in the bare root: what the package depends on, without the package itself, and what it takes.
DEPENDENCIES = r"""
set -e
root=$1
chroot "$root" apt-get -s --no-install-recommends install /packages/imza-agent.deb >"$root/packages/plan"
cut -d' ' -f2 <(grep ^Inst "$root/packages/plan") | grep -v '^imza-agent$' >"$root/packages/needs"
chroot "$root" env DEBIAN_FRONTEND=noninteractive sh -c 'apt-get -y --no-install-recommends -o Dpkg::Options::=--force-unsafe-io install $(cat /packages/needs)' >"$root/packages/log"
chroot "$root" env DEBIAN_FRONTEND=noninteractive apt-get -q -q -y --no-install-recommends install -o Dpkg::Options::=--force-unsafe-io softhsm2 python3-apt libnss3-tools dex >&2
"""


def run(*command, **options):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False, **options)
    if done.returncode != 0:
        raise RuntimeError(f"{command}: exit code {done.returncode}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
    return done.stdout


def prepared(package):
    """The folder of a Debian 12 with the package's dependencies; made once for each list of them (a minute, from a Debian mirror)."""
    fields = re.sub(r" \([^)]*\)", "", run("dpkg-deb", "-f", package, "Depends")) + DEPENDENCIES
    path = CACHE / f"root-{hashlib.sha256(fields.encode()).hexdigest()[:12]}"
    if path.exists():
        return path
    CACHE.mkdir(parents=True, exist_ok=True)
    for old in CACHE.glob("root-*"):
        shutil.rmtree(old)
    script = CACHE / "dependencies"
    script.write_text("#!/bin/bash\n" + DEPENDENCIES, encoding="utf-8")
    script.chmod(0o755)
    begin = time.monotonic()
    unfinished = CACHE / "root-unfinished"
    run("mmdebstrap", "--quiet", "--mode=root", "--variant=minbase", "--include=systemd,libpam-systemd,dbus-user-session,procps,iproute2",
        f"--customize-hook=mkdir -p $1/packages; cp {package} $1/packages/imza-agent.deb", f"--customize-hook={script} $1", "--format=directory",
        "bookworm", unfinished)
    print(f"made {path.name} in {time.monotonic() - begin:.0f} s")
    unfinished.rename(path)
    return path


class System:
    """The root, alive; use as a context manager. Whatever changes in it is in memory, and gone with it."""

    def __init__(self, root):
        self.groups, self.managers = [], {}
        self.base = tempfile.mkdtemp(prefix="system-")
        self.holder = subprocess.Popen(["unshare", "--mount", "--pid", "--fork", "--kill-child", "bash", "-c", HOLDER, "holder", root, self.base],
                                       stdout=subprocess.PIPE, text=True)
        if self.holder.stdout.readline() != "ready\n":
            raise RuntimeError("no namespaces")
        children = pathlib.Path(f"/proc/{self.holder.pid}/task/{self.holder.pid}/children")
        self.first = children.read_text(encoding="utf-8").split()[0]
        self.folder = pathlib.Path(f"/proc/{self.first}/root{self.base}/system")     # as it is seen from out here

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.holder.kill()      # --kill-child: process 1 goes with it, and so does everything in there
        for process in (self.holder, *self.managers.values()):
            process.wait()
        self.holder.stdout.close()
        os.rmdir(self.base)
        for group in self.groups:
            for _ in range(50):
                with contextlib.suppress(OSError):
                    for folder, _, _ in os.walk(group, topdown=False):
                        os.rmdir(folder)
                    break
                time.sleep(0.1)

    def __truediv__(self, path):
        return self.folder / path.lstrip("/")

    def command(self, *words, user=None, **environment):
        """What runs the words in the root, as a user or as root."""
        base = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/root", "DEBIAN_FRONTEND": "noninteractive"}
        if user is not None:
            base.update(HOME=self.home(user), XDG_RUNTIME_DIR=f"/run/user/{self.uid(user)}", USER=user, SYSTEMD_IGNORE_CHROOT="1")
            words = ("setpriv", "--reuid", user, "--regid", user, "--init-groups", *words)
        return ["nsenter", "--target", self.first, "--mount", "--pid", "chroot", f"{self.base}/system", "env", "-i",
                *(f"{name}={value}" for name, value in {**base, **environment}.items()), *map(str, words)]

    def run(self, *words, user=None, **environment):
        return run(*self.command(*words, user=user, **environment))

    def fails(self, *words, user=None, **environment):
        """The exit code and all output of what must not succeed."""
        done = subprocess.run(self.command(*words, user=user, **environment), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        if done.returncode == 0:
            raise AssertionError(f"{words} succeeded\n{done.stdout}")
        return done.returncode, done.stdout

    @staticmethod
    def home(user):
        return "/root" if user == "root" else f"/home/{user}"

    def uid(self, user):
        for line in (self / "etc/passwd").read_text(encoding="utf-8").splitlines():
            if line.startswith(user + ":"):
                return int(line.split(":")[2])
        raise KeyError(user)

    def install(self, *packages, options=()):
        """apt-get install of files, offline; its output."""
        for package in packages:
            shutil.copy(package, self / "packages")
        return self.run("apt-get", "-q", "-y", "--no-install-recommends", "-o", "Dpkg::Use-Pty=0", *options, "install",
                        *(f"/packages/{pathlib.Path(package).name}" for package in packages))

    # --- users ---

    def log_in(self, user):
        """A login without a desktop: the user's systemd, in control groups of its own."""
        if not (self / self.home(user)).exists():
            self.run("useradd", "-m", "-s", "/bin/bash", user)
        uid = self.uid(user)
        self.run("install", "-d", "-m", "700", "-o", user, "-g", user, f"/run/user/{uid}")
        joins = []
        for base in CGROUPS:
            if (base / "cgroup.procs").exists():
                group = base / f"imza-agent-test-{os.getpid()}-{user}"
                if group not in self.groups:
                    group.mkdir()
                    self.groups.append(group)
                run("chown", "-R", str(uid), group)
                joins.append(group / "cgroup.procs")
        script = "".join(f"echo $$ >{join}; " for join in joins) + 'exec "$@"'
        log = open(self / f"var/log/systemd-{user}.log", "wb")
        self.managers[user] = subprocess.Popen(["bash", "-c", script, "bash", *self.command("/lib/systemd/systemd", "--user", user=user)], stdout=log, stderr=log)
        log.close()
        for _ in range(100):
            state = subprocess.run(self.command("systemctl", "--user", "is-system-running", user=user), capture_output=True, text=True, check=False)
            if state.stdout.strip() in ("running", "degraded"):
                return
            time.sleep(0.1)
        raise RuntimeError((self / f"var/log/systemd-{user}.log").read_text(encoding="utf-8"))

    def log_out(self, user):
        """The user's systemd ends, and all that it started."""
        self.systemctl(user, "exit")
        self.managers.pop(user).wait(30)

    def start_desktop(self, user):
        """What a desktop does when its session has come up."""
        units = self / f"home/{user}/.config/systemd/user"
        self.run("install", "-d", "-o", user, "-g", user, f"/home/{user}/.config/systemd/user", user=user)
        (units / "test-session.target").write_text("[Unit]\nBindsTo=graphical-session.target\n", encoding="utf-8")
        self.systemctl(user, "daemon-reload")
        self.systemctl(user, "start", "test-session.target")

    def systemctl(self, user, *words):
        return self.run("systemctl", "--user", *words, user=user)

    def show(self, user, unit, name):
        return self.systemctl(user, "show", unit, "--property", name, "--value").strip()

    @contextlib.contextmanager
    def without_room(self, folder, size):
        """The folder on a file system of its own, which holds what was in it and hardly more."""
        made = not (self / folder).exists()
        self.run("mkdir", "-p", folder, "/run/full")
        self.run("mount", "-t", "tmpfs", "-o", f"mode=755,size={size}", "tmpfs", "/run/full")
        self.run("cp", "-a", f"{folder}/.", "/run/full")
        self.run("mount", "--move", "/run/full", folder)
        try:
            yield
        finally:
            self.run("umount", folder)
            if made:
                self.run("rmdir", folder)

    # --- what is there ---

    def processes(self):
        """{pid: (uid, path)} of the agents in there."""
        found = {}
        for line in self.run("ps", "-eo", "pid=,uid=,exe=").splitlines():
            pid, uid, *path = line.split(None, 2)
            if path and path[0].startswith("/usr/bin/imza-agent"):
                found[int(pid)] = (int(uid), path[0])
        return found

    def files(self):
        """{path: what it is} of all that a package could leave; logs, caches and the package manager's own books are left out."""
        own = ("var/log", "var/cache", "var/lib/dpkg", "var/lib/apt", "proc", "sys", "dev", "run", "tmp", "packages", "home", "root")
        found = {}
        for base, folders, names in os.walk(self.folder):
            relative = os.path.relpath(base, self.folder)
            folders[:] = [name for name in folders if os.path.normpath(os.path.join(relative, name)) not in own]
            for name in [*folders, *names]:
                path = os.path.join(base, name)
                there = os.lstat(path)
                content = os.readlink(path) if os.path.islink(path) else there.st_size if name in names else "folder"
                found[os.path.normpath(os.path.join(relative, name))] = (there.st_mode, there.st_uid, content)
        return found


if __name__ == "__main__":
    prepared(pathlib.Path(sys.argv[1]).resolve())
