# SPDX-License-Identifier: Apache-2.0
"""imza-agent(1) against imza-agent --help: the same commands, words and options in both. Usage: test_manual.py IMZA-AGENT MANUAL"""
import re
import shutil
import subprocess
import sys


def help_commands(program):
    """{command: (its words, its options)} by --help; and the options before a command."""
    text = subprocess.run([program, "--help"], capture_output=True, text=True, check=True).stdout
    commands = {}
    for line in text.split("\nCommands:\n")[1].splitlines():
        if found := re.fullmatch(r"  ([a-z][a-z-]*) ?(.*)", line):
            arguments = found[2]
            first = re.match(r"\[([a-z][^\]]*)\]", arguments)
            words = {part.split()[0] for part in first[1].split("|")} if first else set()
            commands[found[1]] = (words, set(re.findall(r"(?<![\w-])-{1,2}([a-z][a-z-]*)", arguments)))
    return commands, set(re.findall(r"^  --([a-z-]+)", text, re.M))


def manual_commands(path):
    """The same of the manual page; and the options that its description lists."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    description, section = text.split(".Sh DESCRIPTION")[1].split(".Sh COMMANDS")
    commands, current = {}, None
    for line in section.split(".Sh ENVIRONMENT")[0].splitlines():
        if found := re.match(r"\.It Ic ([a-z-]+)", line):
            current = commands[found[1]] = (set(), set())
        elif line.startswith(".It "):
            if found := re.match(r"\.It Cm ([a-z-]+)", line):
                current[0].add(found[1])
            current[1].update(found.lstrip("-") for found in re.findall(r"\bFl (-?[a-z-]+)", line))
    return commands, set(re.findall(r"^\.It Fl -([a-z-]+)", description, re.M))


def main():
    program, manual = sys.argv[1:3]
    told, written = help_commands(program), manual_commands(manual)
    cases = [("the options before a command", told[1], written[1]), ("the commands", set(told[0]), set(written[0]))]
    cases += [(f"{name}: words and options", told[0][name], written[0].get(name)) for name in told[0]]
    if shutil.which("man") is None:
        shown = None
    else:
        shown = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", manual], capture_output=True, text=True, check=False,
                               env={"MANWIDTH": "100", "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"})
    print(f"1..{len(cases) + 1}")
    failed = False
    for number, (name, by_help, by_manual) in enumerate(cases, 1):
        good = by_help == by_manual
        failed |= not good
        print(f"{'ok' if good else 'not ok'} {number} - {name}")
        if not good:
            print(f"# --help: {by_help}\n# imza-agent.1: {by_manual}")
    good = shown is None or (shown.returncode == 0 and shown.stderr == "" and "imza-agent doctor --deep" in shown.stdout)
    print(f"{'ok' if good else 'not ok'} {len(cases) + 1} - man shows the page without a warning{' # SKIP there is no man' if shown is None else ''}")
    if not good:
        print("# " + shown.stderr.replace("\n", "\n# "))
    return int(failed or not good)


if __name__ == "__main__":
    sys.exit(main())
