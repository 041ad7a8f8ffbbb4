# SPDX-License-Identifier: Apache-2.0
"""A real pcscd of our own, with readers that can be plugged and unplugged and cards that can be put in and pulled.

pcscd itself is Debian's. It runs in a mount namespace where /run/pcscd and its folder of drivers are the rig's, so that the machine's own
pcscd is not touched, with ifd_rig.so as its driver and rig_udev.so in libudev's place. Nothing listens on a network. Programs reach it
through PCSCLITE_CSOCK_NAME (Rig.env). Takes root, or user namespaces; available() says what is missing.
"""
import contextlib
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("IMZA_BUILD", ROOT / "build")).resolve()
PROGRAMS = BUILD / "tests/rig"
DRIVERS = "/usr/lib/pcsc/drivers"
PCSCD = "/usr/sbin/pcscd"
SECONDS = 10
PLIST = """<?xml version="1.0" encoding="UTF-8"?>
<plist version="1.0"><dict>
<key>CFBundleExecutable</key><string>ifd_rig.so</string>
<key>ifdCapabilities</key><string>0x00000000</string>
<key>ifdVendorID</key><array><string>0xF0F0</string></array>
<key>ifdProductID</key><array><string>0x0001</string></array>
<key>ifdFriendlyName</key><array><string>Rig Okuyucu</string></array>
</dict></plist>
"""
# The bind mounts last as long as the namespace, which is pcscd's own.
START = """set -e
mount -t tmpfs tmpfs /run
mkdir /run/pcscd
mount --bind "$RIG_FOLDER/run" /run/pcscd
mount --bind "$RIG_FOLDER/drivers" %s
exec env LD_PRELOAD="$RIG_FOLDER/rig_udev.so" %s --foreground --config "$RIG_FOLDER/conf"
""" % (DRIVERS, PCSCD)


def _unshare():
    return ["unshare", "-m"] if os.getuid() == 0 else ["unshare", "-r", "-m"]


def available():
    """None, or why there can be no rig here."""
    if not os.access(PCSCD, os.X_OK) or not os.path.isdir(DRIVERS):
        return "pcscd is not installed"
    if not (PROGRAMS / "piv_card").exists():
        return f"{PROGRAMS} is not built"
    if subprocess.run([*_unshare(), "mount", "-t", "tmpfs", "tmpfs", "/run"], capture_output=True, check=False).returncode != 0:
        return "neither root nor user namespaces"
    return None


def end(process):
    """Ends a process of ours, whatever it is doing."""
    if process is not None and process.poll() is None:
        process.kill()
    if process is not None:
        process.wait()


class Rig:
    """Use as a context manager, or call close()."""

    def __init__(self, readers=(1,)):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="rig-", dir="/tmp"))
        for name in ("run", "conf", "drivers/rig.bundle/Contents/Linux"):
            (self.folder / name).mkdir(parents=True)
        (self.folder / "drivers/rig.bundle/Contents/Info.plist").write_text(PLIST, encoding="utf-8")
        shutil.copy(PROGRAMS / "ifd_rig.so", self.folder / "drivers/rig.bundle/Contents/Linux")
        shutil.copy(PROGRAMS / "rig_udev.so", self.folder)
        os.mkfifo(self.folder / "usb")
        self.socket = self.folder / "run/pcscd.comm"
        self.env = {"PCSCLITE_CSOCK_NAME": str(self.socket)}
        self.plugged = set(readers)
        self.cards = []
        self.cards_made = 0
        self.events = []        # (nanoseconds, text) as a bare PC/SC program saw them
        self._news = threading.Condition()
        self._plugged_write()
        self.pcscd = None
        self.watcher = subprocess.Popen([PROGRAMS / "scwait"], env={**os.environ, **self.env}, stdout=subprocess.PIPE, text=True)
        self._reader = threading.Thread(target=self._watch, daemon=True)
        self._reader.start()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        for card in self.cards:
            end(card.process)
        end(self.pcscd)
        end(self.watcher)
        self._reader.join()
        self.watcher.stdout.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    # --- the bare PC/SC program ---

    def _watch(self):
        for line in self.watcher.stdout:
            nanoseconds, text = line.rstrip("\n").split(" ", 1)
            with self._news:
                self.events.append((int(nanoseconds), text))
                self._news.notify_all()

    def mark(self):
        """Where the events are now; for wait()."""
        with self._news:
            return len(self.events)

    def wait(self, text, mark=0, seconds=SECONDS):
        """The time, in nanoseconds, of the first event from mark on that starts with text."""
        deadline = time.monotonic() + seconds
        with self._news:
            while True:
                for nanoseconds, event in self.events[mark:]:
                    if event.startswith(text):
                        return nanoseconds
                if not self._news.wait(deadline - time.monotonic()) and time.monotonic() > deadline:
                    raise AssertionError(f"no {text!r} among {self.events[mark:]}\n{self.log()}")

    def wait_empty(self, seconds=SECONDS):
        """Until the bare PC/SC program has seen the cards go."""
        end = time.monotonic() + seconds
        while True:
            present = {}
            for _, event in list(self.events):
                words = event.split(" ", 2)
                if words[0] == "card":
                    present[words[2]] = words[1] != "removed"
                elif event == "service down":
                    present.clear()
            if not any(present.values()):
                return
            assert time.monotonic() < end, self.events[-5:]
            time.sleep(0.005)

    def log(self):
        path = self.folder / "pcscd.log"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    # --- the service ---

    def start(self):
        """Starts pcscd and waits until it answers and shows every reader that is plugged in."""
        mark = self.mark()
        with open(self.folder / "pcscd.log", "ab") as log:
            self.pcscd = subprocess.Popen([*_unshare(), "sh", "-c", START], env={**os.environ, "RIG_FOLDER": str(self.folder)},
                                          stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.wait("service up", mark)
        for number in self.plugged:
            self.wait("reader added " + self.name(number), mark)

    def stop(self, how=signal.SIGTERM):
        mark = self.mark()
        self.pcscd.send_signal(how)
        self.pcscd.wait()
        self.wait("service down", mark)

    def kill(self):
        self.stop(signal.SIGKILL)

    # --- readers ---

    @staticmethod
    def name(number):
        """What pcscd calls the reader, up to the digits that it adds itself."""
        return f"Rig Okuyucu (RIG{number:03})"

    def _plugged_write(self):
        (self.folder / "plugged").write_text("".join(f"{number}\n" for number in sorted(self.plugged)), encoding="ascii")

    def _usb(self, line):
        self._plugged_write()
        with open(self.folder / "usb", "w", encoding="ascii") as fifo:
            fifo.write(line + "\n")

    def plug(self, number):
        mark = self.mark()
        self.plugged.add(number)
        self._usb(f"add {number}")
        return self.wait("reader added " + self.name(number), mark)

    def unplug(self, number, wait=True):
        mark = self.mark()
        self.plugged.discard(number)
        self._usb(f"remove {number}")
        return self.wait("reader removed " + self.name(number), mark) if wait else None

    def breaks(self, number, broken=True):
        """A reader that is plugged in and does not work, or works again."""
        mark = self.mark()
        path = self.folder / f"broken-{number}"
        if broken:
            path.touch()
            with socket.socket(socket.AF_UNIX) as knock:
                knock.connect(str(self.folder / f"reader-{number}"))
        else:
            path.unlink(missing_ok=True)
        return self.wait(f"reader {'broken' if broken else 'works'} {self.name(number)}", mark)

    @contextlib.contextmanager
    def held(self, reader, how="exclusive"):
        """Another program has the card (schold.c), for as long as the context lasts."""
        holder = self.hold(how, reader)
        assert holder.stdout.readline() == "done\n", holder.wait()
        try:
            yield
        finally:
            holder.communicate()

    def reset(self, reader):
        """Another program resets the card."""
        holder = self.hold("reset", reader)
        assert holder.communicate()[0] == "done\n", holder.returncode

    def hold(self, how, reader):
        return subprocess.Popen([PROGRAMS / "schold", how, reader], env={**os.environ, **self.env}, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                text=True)

    def card(self, files, reader=1, number=1, inserted=True):
        card = Card(self, files, reader, number)
        self.cards.append(card)
        if inserted:
            card.insert()
        return card


class Card:
    """A piv_card process; what its orders mean stands in piv_card.c."""

    def __init__(self, rig, files, reader, number):
        self.rig, self.reader = rig, reader
        rig.cards_made += 1
        self.control = rig.folder / f"card-{rig.cards_made}"
        self.process = subprocess.Popen([PROGRAMS / "piv_card", rig.folder / f"reader-{reader}", self.control, files.folder, str(number)])
        deadline = time.monotonic() + SECONDS
        while True:
            try:
                self.order("state")
                break
            except (FileNotFoundError, ConnectionRefusedError):
                if time.monotonic() > deadline or self.process.poll() is not None:
                    end(self.process)
                    raise AssertionError("piv_card did not start") from None
                time.sleep(0.002)

    def order(self, text):
        with socket.socket(socket.AF_UNIX) as hand:
            hand.settimeout(SECONDS)
            hand.connect(str(self.control))
            hand.sendall(text.encode() + b"\n")
            answer = b""
            while part := hand.recv(65536):
                answer += part
        assert answer and answer != b"bad order\n", (text, answer)
        return answer.decode().strip()

    def insert(self, wait=True):
        mark = self.rig.mark()
        self.order("insert")
        return self.rig.wait("card inserted " + self.rig.name(self.reader), mark) if wait else None

    def remove(self, wait=True):
        mark = self.rig.mark()
        self.order("remove")
        return self.rig.wait("card removed " + self.rig.name(self.reader), mark) if wait else None

    def log(self):
        """(instruction, P2) of each command since forget()."""
        return [tuple(part.split(":")) for part in self.order("log").split()]

    def state(self):
        words = self.order("state").split()
        return {"inserted": words[0] == "inserted", "connected": words[1] == "connected", **{k: int(v) for k, v in (w.split("=") for w in words[2:])}}
