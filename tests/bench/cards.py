#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures readers and cards on the rig (tests/rig), beside a bare PC/SC program in the same run: python3 tests/bench/cards.py BUILD [--quick].

As root. Judges nothing but that no event is lost. CYCLES of a card that is pulled and put in again take about a third of a second each.
"""
import json
import os
import pathlib
import statistics
import subprocess
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "build").resolve()
os.environ["IMZA_BUILD"] = str(BUILD)
sys.path[:0] = [str(ROOT / "tests/e2e"), str(ROOT / "tests/rig")]

import card_files  # noqa: E402
import rig as rigs  # noqa: E402
from agent_client import Agent  # noqa: E402
from test_cards import RigToken, opensc  # noqa: E402

QUICK = "--quick" in sys.argv
CYCLES, LISTS, IDLE_SECONDS = (50, 20, 5) if QUICK else (1000, 300, 20)


def row(name, value, note=""):
    print(f"| {name} | {value} | {note} |", flush=True)


def family(agent):
    pids = [agent.process.pid]
    for pid in pids:
        pids += map(int, pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
    return pids


def own_kib(pids):
    """What is theirs alone, in KiB."""
    total = 0
    for pid in pids:
        lines = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        total += sum(int(line.split()[1]) for line in lines if line.startswith(("Private_Dirty:", "Private_Clean:")))
    return total


def switches(pids):
    total = 0
    for pid in pids:
        for status in pathlib.Path(f"/proc/{pid}/task").glob("*/status"):
            total += sum(int(line.split()[1]) for line in status.read_text().splitlines() if "ctxt_switches" in line)
    return total


def listen(page, expected):
    """(time, message) of that many notifications, taken by a thread of its own."""
    heard = []

    def run():
        while len(heard) < expected:
            message = page.socket.recv()
            heard.append((time.monotonic_ns(), message))
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return heard, thread


def late(heard, bare):
    times = sorted((told - seen) / 1e6 for (told, _), seen in zip(heard, bare))
    return f"median {statistics.median(times):.2f}, p95 {times[len(times) * 95 // 100]:.2f}, worst {times[-1]:.2f}"


def measure_cards(agent, card):
    page = agent.page()
    page.call("agent.subscribe", topics=["cards"])
    heard, thread = listen(page, 2 * CYCLES)
    bare, sizes = [], []
    for cycle in range(CYCLES):
        bare += [card.remove(), card.insert()]
        if cycle in (CYCLES // 10, CYCLES - 1):
            sizes.append(own_kib(family(agent)))
    thread.join(10)
    right = [json.loads(message)["method"] for _, message in heard] == ["card.removed", "card.inserted"] * CYCLES
    row(f"card.* notifications of {CYCLES} cycles, later than a bare PC/SC program, ms", late(heard, bare), "20 is the aim for the median")
    row("events lost or out of order", "none" if right else f"{2 * CYCLES - len(heard)} of {2 * CYCLES}")
    row(f"memory of all programs, cycle {CYCLES // 10} to {CYCLES}", f"{sizes[0]} to {sizes[-1]} KiB", f"{sizes[-1] - sizes[0]:+} KiB")
    page.close()
    return right


def measure_readers(agent, rig):
    page = agent.page()
    page.call("agent.subscribe", topics=["readers"])
    rounds = 5 if QUICK else 20
    heard, thread = listen(page, 2 * rounds)
    bare = []
    for number in range(2 * rounds):
        bare.append((rig.unplug if number % 2 else rig.plug)(2))
        # A hand is slower than this: one that is faster than both programs look is seen by neither.
        time.sleep(0.7)
        end = time.monotonic() + 5
        while len(heard) <= number and time.monotonic() < end:
            time.sleep(0.01)
    thread.join(1)
    row(f"reader.* notifications of {rounds} cycles, the same, ms", late(heard, bare), "20 is the aim for the median")
    page.close()


def measure_lists(agent, rig):
    page = agent.page(skip_utf8_validation=True)	# in Python that takes longer than all the rest
    page.call("certificate.list")
    times = []
    for number in range(LISTS):
        request = json.dumps({"jsonrpc": "2.0", "id": f"bench-{number}", "method": "certificate.list"})
        begin = time.perf_counter()
        page.socket.send(request)
        answer = page.socket.recv()	# as it comes: checking it against the contract would take longer
        times.append((time.perf_counter() - begin) * 1e3)
        assert len(json.loads(answer)["result"]["certificates"]) > 1, answer
    raw = json.loads(subprocess.run([BUILD / "tests/bench/raw_sign", opensc(), "Çağla Şule Öğüt", "123456", "03", "50"], check=True, capture_output=True,
                                    env={**os.environ, **rig.env}).stdout)
    row("certificate.list through OpenSC, warm helper, ms", f"{statistics.median(times):.2f}",
        f"C_FindObjects and the values in process: {raw['list_us'] / 1e3:.2f}")
    page.close()


def main():
    if why := rigs.available():
        sys.exit(why)
    files = card_files.CardFiles()
    agent = Agent(modules=[opensc()], token=False)
    print("| what | figure | note |\n| --- | --- | --- |")
    try:
        with rigs.Rig((1,)) as rig:
            agent.token = RigToken(rig)
            agent.start()
            card = rig.card(files)
            measure_lists(agent, rig)
            right = measure_cards(agent, card)
            measure_readers(agent, rig)
            time.sleep(1.5)
            pids = family(agent)
            before = switches(pids)
            time.sleep(IDLE_SECONDS)
            row(f"wake-ups of all threads in {IDLE_SECONDS} s idle, a card in the reader", switches(pids) - before)
            agent.close()
            agent = None
    finally:
        if agent is not None:
            agent.token = None
            agent.close()
        files.close()
    sys.exit(0 if right else 1)


if __name__ == "__main__":
    main()
