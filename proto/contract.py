# SPDX-License-Identifier: Apache-2.0
"""The files of proto/ read once, for the programs that check them and make openrpc.json and docs/ of them."""
import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
DIALECT = "https://json-schema.org/draft/2020-12/schema"
PROTOCOL = "imza.v1"
VERSIONS = "imza.versions"
PORTS = range(15070, 15080)
# What no request can be refused with once its method is known.
BEFORE_THE_METHOD = ("parse_error", "method_not_found")


def load(path):
    return json.loads((ROOT / path).read_text(encoding="utf-8"))


def _folder(name):
    return {path.stem: load(path) for path in sorted((ROOT / name).glob("*.json"))}


TYPES = load("types.json")
DETAIL = load("errors.json")["detail"]
ERRORS = {error["reason"]: error for error in load("errors.json")["errors"]}
METHODS = _folder("methods")
NOTIFICATIONS = _folder("notifications")
REASONS = load("verification/reasons.json")["reasons"]
EXAMPLES = {kind: _folder(f"examples/{kind}") for kind in ("ok", "bad", "result", "notification")}
FORMS = {path.parent.name: {file: load(path.parent / f"{file}.json") for file in ("form", "schema", "layout", "texts")}
         for path in sorted((ROOT / "forms").glob("*/form.json"))}


def own_errors(method):
    return list(METHODS[method]["errors"])


def common_errors(method):
    """What any method may answer with, as far as it holds for this one."""
    return [reason for reason, error in ERRORS.items() if error.get("common") and reason not in BEFORE_THE_METHOD and
            (reason != "origin_denied" or METHODS[method]["permission"] != "none")]


def error_data(reason):
    """The schema of an error's whole `data`."""
    error = ERRORS[reason]
    further = error.get("data", {})
    return {
        "description": error["message"]["en"],
        "type": "object",
        "properties": {"reason": {"const": reason}, "message": {"const": error["message"]}, "remedy": {"const": error["remedy"]},
                       **further.get("properties", {}), "detail": DETAIL},
        "required": ["reason", "message", "remedy", *further.get("required", [])],
        "additionalProperties": False,
    }


def examples_of(kind, method):
    return {name: example for name, example in EXAMPLES[kind].items() if example["method"] == method}


def pairs(method):
    """(name, params, result) of the requests that an answer in examples/result/ names with `to`."""
    for name, example in examples_of("result", method).items():
        if "to" in example:
            yield name, EXAMPLES["ok"][example["to"]]["params"], example["result"]


def write_or_check(files, folder=None):
    """Writes {path: text} below proto/; with --check only tells what is not as it should be. The exit code."""
    wrong = [path for path, text in files.items() if not (ROOT / path).is_file() or (ROOT / path).read_text(encoding="utf-8") != text]
    there = [path.relative_to(ROOT).as_posix() for path in (ROOT / folder).glob("*")] if folder else []
    left = [path for path in there if path not in files]
    if "--check" in sys.argv[1:]:
        program = Path(sys.argv[0]).name
        for path in wrong + left:
            print(f"proto/{path} is not what {program} makes; run proto/{program}")
        return bool(wrong or left)
    for path in wrong:
        (ROOT / path).parent.mkdir(exist_ok=True)
        (ROOT / path).write_text(files[path], encoding="utf-8")
    for path in left:
        (ROOT / path).unlink()
    return 0
