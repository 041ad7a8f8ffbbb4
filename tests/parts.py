#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The test suite's parts: builds what each needs, runs some at a time, counts what they report. Started by tests/run."""
import os
import re
import signal
import subprocess
import sys
import threading
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
GCC = ROOT / "build"
ASAN = ROOT / "build-clang-asan"
FUZZ = ROOT / "build-fuzz"
LOGS = GCC / "test-logs"
PART_SECONDS = 1800
LOCALES = GCC / "locale"


# Runs a command with loopback ports of its own, so that several parts can have agents at once; takes root.
OWN_NETWORK = ["unshare", "-n", "--", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]


class Failed(Exception):
    """A step of a part ended badly; its output is in the part's log."""


class Part:
    """One part: `work(part)` runs its steps and adds to the counts. `needs`: builds that must have succeeded; `live`: it listens on the agent's ports."""

    def __init__(self, name, summary, work, needs=(), live=False):
        self.name, self.summary, self.work, self.needs, self.live = name, summary, work, needs, live
        self.network = []
        self.passed = self.failed = self.skipped = 0
        self.seconds = 0.0

    def run(self):
        begin = time.monotonic()
        with open(LOGS / f"{self.name}.log", "wb") as self.log:
            try:
                self.work(self)
            except Exception as failure:   # a part that breaks down is a failed part; the others go on
                self.log.write(f"\n{type(failure).__name__}: {failure}\n".encode())
                self.failed = max(self.failed, 1)
        self.seconds = time.monotonic() - begin

    def count(self, passed, failed, skipped):
        self.passed, self.failed, self.skipped = self.passed + passed, self.failed + failed, self.skipped + skipped

    def step(self, *command, cwd=ROOT, check=True, **env):
        """Runs a command with its output in the part's log; returns (exit code, output)."""
        self.log.write(("$ " + " ".join(map(str, command)) + "\n").encode())
        self.log.flush()
        start = self.log.tell()
        process = subprocess.Popen([*self.network, *(str(word) for word in command)], cwd=cwd, env={**environment(), **env}, stdin=subprocess.DEVNULL,
                                   stdout=self.log, stderr=subprocess.STDOUT, start_new_session=True)
        try:
            code = process.wait(PART_SECONDS)
        except subprocess.TimeoutExpired:
            code = 124
            self.log.write(f"\nended after {PART_SECONDS} s\n".encode())
        finally:
            # Whatever it left running goes with it: its session is ours.
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            process.wait()
        with open(self.log.name, "rb") as log:
            log.seek(start)
            output = log.read().decode(errors="replace")
        if check and code != 0:
            raise Failed(f"exit code {code}: {command[0]}")
        return code, output


def environment():
    env = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "IMZA_"))}
    env.update(LANG="C.UTF-8", PATH=f"{Path(sys.executable).parent}:{env.get('PATH', '/usr/bin:/bin')}",
               ASAN_OPTIONS="detect_leaks=1:strict_string_checks=1", UBSAN_OPTIONS="halt_on_error=1:print_stacktrace=1")
    return env


# --- counting ----------------------------------------------------------------------------------------------------------

def counts_of(output):
    """(passed, failed, skipped) from the closing lines of unittest, node's test runner or our own programs; None if none is there."""
    if found := re.findall(r"^(?:[\w-]+: )?(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$", output, re.M):
        return tuple(map(sum, zip(*[(int(passed), int(failed), int(skipped or 0)) for passed, failed, skipped in found])))
    node = {}
    for word, number in re.findall(r"^(?:#|ℹ) (pass|fail|cancelled|skipped|todo) (\d+)$", output, re.M):
        node[word] = node.get(word, 0) + int(number)
    if "pass" in node:
        return node["pass"], node.get("fail", 0) + node.get("cancelled", 0), node.get("skipped", 0) + node.get("todo", 0)
    ran = re.findall(r"^Ran (\d+) tests? in", output, re.M)
    ends = re.findall(r"^(?:OK|FAILED|NO TESTS RAN)(?: \((.*)\))?$", output, re.M)
    if ran and len(ran) == len(ends):
        numbers = [dict(re.findall(r"(\w+)=(\d+)", end)) for end in ends]
        bad = sum(int(number.get(word, 0)) for number in numbers for word in ("failures", "errors"))
        skipped = sum(int(number.get("skipped", 0)) for number in numbers)
        return sum(map(int, ran)) - bad - skipped, bad, skipped
    return None


def counted(part, code, output):
    """Adds what a runner's output says; an exit code that the counts don't explain is one failure more."""
    passed, failed, skipped = counts_of(output) or (int(code == 0), 0, 0)
    part.count(passed, max(failed, int(code != 0)), skipped)


def meson_test(part, build, base, *options, **env):
    code, _ = part.step("meson", "test", "-C", build, "--no-rebuild", "--logbase", base, "--print-errorlogs", *options, check=False, **env)
    report = build / "meson-logs" / f"{base}.junit.xml"
    passed = failed = skipped = 0
    if report.exists():
        for case in ElementTree.parse(report).iter("testcase"):
            if case.find("failure") is not None or case.find("error") is not None:
                failed += 1
            elif case.find("skipped") is not None:
                skipped += 1
            else:
                passed += 1
    part.count(passed, max(failed, int(code != 0)), skipped)


# --- builds ------------------------------------------------------------------------------------------------------------

def build(part, folder, *options, **env):
    if not (folder / "build.ninja").exists():
        part.step("meson", "setup", folder, ROOT, "-Dwerror=true", *options, **env)
    part.step("ninja", "-C", folder, f"-j{os.cpu_count()}")


def build_gcc(part):
    build(part, GCC)


def build_asan(part):
    build(part, ASAN, "-Db_sanitize=address,undefined", "-Db_lundef=false", CC="clang")


def build_web(part):
    web = ROOT / "web-demo"
    lock, stamp = web / "package-lock.json", web / "node_modules" / ".package-lock.json"
    if not stamp.exists() or stamp.stat().st_mtime < lock.stat().st_mtime:
        part.step("npm", "ci", "--no-audit", "--no-fund", "--prefer-offline", cwd=web)
        os.utime(stamp)
    part.step("npm", "run", "build", cwd=web)


# --- parts -------------------------------------------------------------------------------------------------------------

def lint(part):
    tracked = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\n")
    for name in filter(None, tracked):
        path = ROOT / name
        if not path.is_file():
            continue
        with open(path, "rb") as file:
            first = file.readline(80)
        if re.match(rb"#!/bin/(ba)?sh\b|# shellcheck shell=", first):
            code, _ = part.step("shellcheck", "-x", name, check=False)
            part.count(int(code == 0), int(code != 0), 0)


def unit(part):
    meson_test(part, GCC, "unit")


def unit_asan(part):
    meson_test(part, ASAN, "unit", "--timeout-multiplier", "4")


def unit_turkish(part):
    """Once more where i and I are not each other's case and the decimal sign is a comma."""
    locale = LOCALES / "tr_TR.UTF-8"
    if not locale.exists():
        LOCALES.mkdir(parents=True, exist_ok=True)
        part.step("localedef", "-i", "tr_TR", "-f", "UTF-8", locale)
    meson_test(part, GCC, "unit-turkish", LOCPATH=str(LOCALES), LANG="tr_TR.UTF-8", LC_ALL="tr_TR.UTF-8")


def python_tests(part, folder, build_folder):
    code, output = part.step(sys.executable, "-m", "unittest", "discover", "-v", "-s", ROOT / "tests" / folder, "-t", ROOT / "tests" / folder,
                             check=False, IMZA_BUILD=str(build_folder), PYTHONPATH=str(ROOT / "tests"))
    counted(part, code, output)


def installer(part):
    """The packages in a fresh Debian: takes root for its namespaces, and a mirror the first time."""
    if os.geteuid() != 0:
        part.count(0, 0, 1)
        return
    part.step(ROOT / "installer/build-deb")
    part.step(sys.executable, "-m", "pip", "-q", "--disable-pip-version-check", "install", "-r", ROOT / "tests/installer/requirements.txt")
    # The root comes mostly from the network: meanwhile the packages are built a second time, elsewhere.
    again = ROOT / "build/deb-again"
    making = subprocess.Popen([sys.executable, ROOT / "tests/installer/root.py", *(ROOT / "build/deb").glob("imza-agent_*.deb")], cwd=ROOT,
                              env=environment(), stdin=subprocess.DEVNULL, stdout=part.log, stderr=subprocess.STDOUT)
    try:
        part.step(sys.executable, ROOT / "tests/installer/elsewhere.py", again)
        if making.wait(PART_SECONDS) != 0:
            raise Failed("there is no root")
    finally:
        making.kill()
        making.wait()
    code, output = part.step("unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh", sys.executable, "-m", "unittest", "discover",
                             "-v", "-f", "-s", ROOT / "tests/installer", "-t", ROOT / "tests/installer", check=False, IMZA_PACKAGES_AGAIN=str(again))
    counted(part, code, output)


def program(part, *command):
    counted(part, *part.step(*command, check=False, IMZA_BUILD=str(GCC), PYTHONPATH=str(ROOT / "tests")))


def web(part):
    counted(part, *part.step("npm", "test", cwd=ROOT / "web-demo", check=False, IMZA_BUILD=str(GCC)))


# In the order in which they begin, the longest first.
PARTS = [
    Part("e2e", "end to end over a real WebSocket and a SoftHSM token, gcc", lambda part: python_tests(part, "e2e", GCC), ["gcc"], live=True),
    Part("e2e-asan", "the same with sanitizers", lambda part: python_tests(part, "e2e", ASAN), ["asan"], live=True),
    Part("browser", "a browser signs a form through a real pinentry", lambda part: program(part, ROOT / "tests/browser/run", GCC), ["gcc", "web"],
         live=True),
    Part("installer", "the Debian packages: built, checked, installed in a fresh root, used, upgraded, removed", installer),
    Part("fuzz", "each fuzz target for twenty seconds, from its seeds", lambda part: program(part, sys.executable, ROOT / "tests/fuzz/run", FUZZ)),
    Part("attack", "the attacks of the threat model that no other part has, with sanitizers", lambda part: python_tests(part, "attack", ASAN),
         ["asan"], live=True),
    Part("conformance", "the agent, with sanitizers, and servers with one thing wrong against proto/openrpc.json",
         lambda part: python_tests(part, "conformance", ASAN), ["asan"]),	# with the machine's network: it installs packages
    Part("unit-asan", "unit tests, clang with address and undefined-behaviour sanitizers", unit_asan, ["asan"]),
    Part("web", "client library and demo page", web, ["web"], live=True),
    Part("unit", "unit tests, gcc", unit, ["gcc"]),
    Part("unit-turkish", "unit tests under tr_TR.UTF-8", unit_turkish, ["gcc"]),
    Part("interop", "the JSON Schema Test Suite against our schema check",
         lambda part: program(part, ROOT / "tests/interop/json-schema/run", GCC), ["gcc"]),
    Part("lint", "shellcheck of every shell script", lint),
]
BUILDS = {
    "gcc": Part("build-gcc", "", build_gcc),
    "asan": Part("build-asan", "", build_asan),
    "web": Part("build-web", "", build_web),
}


def ports_apart(parts):
    """Gives each live part ports of its own; where that can't be had, only one of them runs at a time."""
    possible = subprocess.run([*OWN_NETWORK, "true"], capture_output=True, check=False).returncode == 0
    for part in parts:
        if part.live and possible:
            part.network = OWN_NETWORK


class Queue:
    """Which part begins next; threads take from it until it is empty."""

    def __init__(self, parts):
        self.waiting, self.running, self.builds = list(parts), [], {}     # builds: name -> whether it succeeded
        self.changed = threading.Condition()

    def built(self, name, well):
        """A build has ended; the parts that needed one that failed are left out."""
        with self.changed:
            self.builds[name] = well
            for part in [part for part in self.waiting if not well and name in part.needs]:
                self.waiting.remove(part)
                print(f"{part.name:14} left out", flush=True)
            self.changed.notify_all()

    def may_begin(self, part):
        ports_taken = part.live and not part.network and any(other.live for other in self.running)
        return all(name in self.builds for name in part.needs) and not ports_taken

    def take(self):
        with self.changed:
            while self.waiting:
                if part := next(filter(self.may_begin, self.waiting), None):
                    self.waiting.remove(part)
                    self.running.append(part)
                    return part
                self.changed.wait()
        return None

    def run(self):
        while part := self.take():
            part.run()
            report(part)
            with self.changed:
                self.running.remove(part)
                self.changed.notify_all()


def report(part):
    line = f"{part.name:14} {part.passed:5} passed {part.failed:4} failed {part.skipped:4} skipped  {part.seconds:6.1f} s"
    if part.failed:
        log = (LOGS / f"{part.name}.log").read_text(errors="replace").splitlines()
        named = [text for text in log if re.match(r"(FAIL|ERROR|not ok)\b", text)]
        line += "\n" + "\n".join("    " + text for text in named + log[-60:]) + f"\n    the whole log: {LOGS / part.name}.log"
    print(line, flush=True)


def parallel(*works):
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def make(names, queue):
    for name in names:
        part = BUILDS[name]
        part.run()
        print(f"{part.name:14} {'failed' if part.failed else 'built'}{part.seconds:47.1f} s", flush=True)
        if part.failed:
            report(part)
        queue.built(name, not part.failed)


def main():
    if "--list" in sys.argv[1:]:
        print("usage: tests/run [part...]")
        for part in PARTS:
            print(f"  {part.name:14} {part.summary}")
        return 0
    unknown = [name for name in sys.argv[1:] if name not in [part.name for part in PARTS]]
    if unknown:
        print(f"no such part: {', '.join(unknown)} (tests/run --list)", file=sys.stderr)
        return 2
    parts = [part for part in PARTS if not sys.argv[1:] or part.name in sys.argv[1:]]
    LOGS.mkdir(parents=True, exist_ok=True)
    needs = [name for name in BUILDS if any(name in part.needs for part in parts)]
    ports_apart(parts)
    queue = Queue(parts)
    # The compilers one after the other, npm beside them; and as tests wait more than they compute, one part more at a time than there are cores.
    parallel(lambda: make([name for name in needs if name != "web"], queue), lambda: make([name for name in needs if name == "web"], queue),
             *[queue.run] * (os.cpu_count() + 1))
    everything = parts + [BUILDS[name] for name in needs]
    passed, failed, skipped = (sum(getattr(part, what) for part in everything) for what in ("passed", "failed", "skipped"))
    print(f"\ntests: {passed} passed, {failed} failed, {skipped} skipped")
    return int(failed > 0 or passed == 0)


if __name__ == "__main__":
    sys.exit(main())
