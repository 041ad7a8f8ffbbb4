# SPDX-License-Identifier: Apache-2.0
"""A desktop for windows: Xvfb, a window manager, a session bus with the accessibility bus; xdotool's hands and a screen reader's eyes."""
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

PROGRAMS = ("Xvfb", "openbox", "xdotool", "xprop", "xev", "import", "convert", "dbus-daemon", "/usr/libexec/at-spi-bus-launcher")
SECONDS = 20


def missing():
    """What a desktop needs and this machine lacks."""
    lacking = [program for program in PROGRAMS if not shutil.which(program)]
    asked = subprocess.run(["/usr/bin/python3", "-c", "import gi; gi.require_version('Atspi', '2.0')"], capture_output=True, check=False)
    return lacking + ([] if asked.returncode == 0 else ["gir1.2-atspi-2.0"])


class Desktop:
    """One for all tests of a file; close() ends every process that it started."""

    def __init__(self):
        self.processes = []
        self.folder = Path(tempfile.mkdtemp(prefix="imza-desktop-"))
        self.environment = {"PATH": "/usr/bin:/bin", "HOME": str(self.folder), "XDG_RUNTIME_DIR": str(self.folder), "LANG": "C.UTF-8"}
        self.environment["DISPLAY"] = ":" + self._start_and_read("Xvfb", "-displayfd", "{fd}", "-screen", "0", "1024x768x24", "-nolisten", "tcp", "-noreset")
        self.environment["DBUS_SESSION_BUS_ADDRESS"] = self._start_and_read("dbus-daemon", "--session", "--nofork", "--print-address={fd}")
        self._start("openbox", "--sm-disable")
        self.eyes = self._start("/usr/bin/python3", str(Path(__file__).with_name("accessible.py")), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.wait(lambda: "window id" in self.run("xprop", "-root", "_NET_SUPPORTING_WM_CHECK"), "no window manager")

    def close(self):
        for process in reversed(self.processes):
            # Each is a session of its own: what a daemon started goes with it.
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe:
                    pipe.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _start(self, *command, **more):
        # A test run that is killed leaves no display behind.
        process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *command], env=self.environment, stderr=subprocess.DEVNULL, start_new_session=True,
                                   **{"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, **more})
        self.processes.append(process)
        return process

    def _start_and_read(self, *command):
        """Starts a program that writes where it is to be found."""
        ours, theirs = os.pipe()
        self._start(*(word.replace("{fd}", str(theirs)) for word in command), pass_fds=[theirs])
        os.close(theirs)
        with open(ours, encoding="ascii") as told:
            return told.readline().strip()

    @property
    def here(self):
        """What a program needs to find this desktop."""
        return {name: self.environment[name] for name in ("DISPLAY", "DBUS_SESSION_BUS_ADDRESS")}

    def run(self, *command):
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False, timeout=SECONDS).stdout

    def xdotool(self, *words):
        return self.run("xdotool", *map(str, words))

    def wait(self, condition, why):
        end = time.monotonic() + SECONDS
        while not (found := condition()):
            if time.monotonic() > end:
                raise AssertionError(why)
            time.sleep(0.02)
        return found

    # --- windows

    def windows(self):
        return self.xdotool("search", "--onlyvisible", "--class", "imza-agent").split()

    def wait_window(self):
        """Until one is shown and has the focus: its number."""
        window, = self.wait(self.windows, "no window")
        self.wait(lambda: self.xdotool("getwindowfocus").strip() == window, "the window has no focus")
        return window

    def wait_gone(self):
        self.wait(lambda: not self.windows(), "the window stays")

    def geometry(self, window):
        return {name: int(value) for name, _, value in (line.partition("=") for line in self.xdotool("getwindowgeometry", "--shell", window).splitlines())}

    def key(self, *keys):
        self.xdotool("key", "--delay", 30, *keys)

    def tab_to(self, name):
        """Moves the focus on until this button has it; how many steps it took."""
        for steps in range(20):
            if name in self.tree().focused():
                return steps
            self.key("Tab")
        raise AssertionError(f"no way to {name} by the Tab key")

    def click(self, window, from_right, from_bottom):
        size = self.geometry(window)
        self.xdotool("mousemove", "--window", window, size["WIDTH"] - from_right, size["HEIGHT"] - from_bottom, "click", 1)

    def foreign_window(self):
        """Another program's window, over everything but what is kept above."""
        process = self._start("xev", "-geometry", "1000x700+0+0")
        window, = self.wait(lambda: self.xdotool("search", "--onlyvisible", "--name", "Event Tester").split(), "no other window")
        return process, window

    def colors(self, window):
        """Colour (hexadecimal) to number of pixels, of what is seen of the window."""
        picture = self.folder / "window.png"
        self.run("import", "-window", window, str(picture))
        lines = self.run("convert", str(picture), "-depth", "8", "-format", "%c", "histogram:info:-").splitlines()
        return {line.split("#")[1][:6]: int(line.split(":")[0]) for line in lines if "#" in line}

    # --- what a screen reader sees

    def ask(self, line):
        self.eyes.stdin.write(line.encode() + b"\n")
        self.eyes.stdin.flush()
        return json.loads(self.eyes.stdout.readline())

    def tree(self):
        """The dialog that is open."""
        found = self.wait(lambda: (tree := self.ask("tree")) and isinstance(tree, list) and tree, "no window for a screen reader")
        return Node(found[-1])


class Node:
    """What is known of one thing in a window."""

    def __init__(self, told):
        self.role, self.name, self.description, self.states = told["role"], told["name"], told["description"], told["states"]
        self.children = [Node(child) for child in told["children"]]

    def all(self):
        yield self
        for child in self.children:
            yield from child.all()

    def texts(self):
        """Everything that can be read, in order."""
        return [node.name for node in self.all() if node.role == "label"]

    def buttons(self):
        return {node.name: node for node in self.all() if node.role == "push button"}

    def focused(self):
        """Names of what has the focus: of one thing, or of none."""
        return [node.name for node in self.all() if "focused" in node.states]
