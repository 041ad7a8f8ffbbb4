#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A screen reader's eyes: answers each line on standard input with one line of JSON. Runs on Debian's own Python, which has AT-SPI.

tree       imza-window's windows as nested {role, name, description, states, children}; null: none is known
press NAME does what the button of that name does when it is pressed
"""
import json
import sys

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib  # noqa: E402

STATES = {"focused": Atspi.StateType.FOCUSED, "sensitive": Atspi.StateType.SENSITIVE, "focusable": Atspi.StateType.FOCUSABLE}


def application():
    desktop = Atspi.get_desktop(0)
    for i in reversed(range(desktop.get_child_count())):
        child = desktop.get_child_at_index(i)
        if child is not None and child.get_name() == "imza-agent":
            return child
    return None


def describe(node):
    """Every question is a message to the program: only what matters of each is asked."""
    role = node.get_role_name()
    states = node.get_state_set() if role in ("push button", "list item") else None
    return {"role": role, "name": node.get_name(), "description": node.get_description() if role == "dialog" else "",
            "states": [name for name, state in STATES.items() if states and states.contains(state)],
            "children": [] if role in ("label", "scroll bar") else [describe(child) for child in children(node)]}


def children(node):
    found = (node.get_child_at_index(i) for i in range(node.get_child_count()))
    return [child for child in found if child is not None]


def press(node, name):
    if node.get_role_name() == "push button" and node.get_name() == name:
        return node.get_action_iface().do_action(0)
    return any(press(child, name) for child in children(node))


def answer(line):
    command, _, name = line.strip().partition(" ")
    program = application()
    if program is not None:
        program.clear_cache()
    if program is None:
        return None
    return press(program, name) if command == "press" else [describe(child) for child in children(program)]


def main():
    Atspi.init()
    for line in sys.stdin:
        while GLib.MainContext.default().iteration(False):
            pass
        try:
            reply = answer(line)
        except GLib.Error as error:     # it went while we looked
            reply = {"error": str(error)}
        print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    main()
