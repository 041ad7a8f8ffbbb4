#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds proto/ to its own rules (TAP): names, errors, texts, limits; with Python's jsonschema also every schema and example."""
import re
import sys

from contract import EXAMPLES, FORMS, METHODS, NOTIFICATIONS, REASONS, ROOT, TYPES, ERRORS, load, pairs

PERMISSIONS = {"none", "origin", "hash"}
TOPICS = {"always", "readers", "cards", "operations"}
MEMBERS = {"reason", "code", "retry", "message", "remedy"}
# A method that lists one of these says that it has a cause of its own for it.
COMMON_WITH_A_CAUSE = {"user_cancelled", "timeout", "busy", "rate_limited"}


def schemas():
    """(where, schema) of all that is a schema."""
    yield "types.json", TYPES
    for name, method in METHODS.items():
        yield f"{name} params", method["params"]
        yield f"{name} result", method["result"]
    for name, notification in NOTIFICATIONS.items():
        yield f"{name} params", notification["params"]
    for reason, error in ERRORS.items():
        if "data" in error:
            yield f"errors.json {reason}", error["data"]
    for name, form in FORMS.items():
        yield f"form {name}", form["schema"]


def resolved(schema):
    """A subschema with what its $ref leads to."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/$defs/")[2]
        return {**resolved(TYPES["$defs"][name]), **{key: value for key, value in schema.items() if key != "$ref"}}
    return schema


def files_are_named_after_what_they_hold():
    for name, content in {**METHODS, **NOTIFICATIONS}.items():
        if name != content["name"]:
            yield f"{name} holds {content['name']}"
        if not re.fullmatch(r"[a-z]+\.[a-z][A-Za-z]+", content["name"]):
            yield f"{name} is no name"
        if not content["summary"].endswith("."):
            yield f"{name}: its summary is no sentence"
    for name, method in METHODS.items():
        if set(method) != {"name", "summary", "permission", "params", "result", "errors"}:
            yield f"{name} has other members: {', '.join(method)}"
        if method["permission"] not in PERMISSIONS:
            yield f"{name}: permission {method['permission']}"
    for name, notification in NOTIFICATIONS.items():
        if set(notification) != {"name", "summary", "topic", "params"} or notification["topic"] not in TOPICS:
            yield f"{name} has other members or topic"


def methods_name_errors_that_exist():
    for name, method in METHODS.items():
        if method["errors"] != [reason for reason in ERRORS if reason in method["errors"]]:
            yield f"{name}: an error that does not exist, stands twice or out of order"
        for reason in method["errors"]:
            if ERRORS.get(reason, {}).get("common") and reason not in COMMON_WITH_A_CAUSE:
                yield f"{name}: {reason} goes without saying"


def errors_are_unique_and_in_their_range():
    rows = load("errors.json")["errors"]
    for member in "reason", "code":
        values = [error[member] for error in rows]
        yield from (f"{member} {value} twice" for value in sorted(set(values), key=str) if values.count(value) > 1)
    for error in rows:
        if not MEMBERS <= set(error) <= MEMBERS | {"common", "data"}:
            yield f"{error['reason']} has other members"
        if not re.fullmatch(r"[a-z]+(_[a-z]+)*", error["reason"]):
            yield f"{error['reason']} is no reason"
        if not (1000 <= error["code"] <= 1999 or -32700 <= error["code"] <= -32600):
            yield f"{error['reason']}: code {error['code']}"
        if not isinstance(error["retry"], bool):
            yield f"{error['reason']}: retry"


def errors_tell_their_members():
    for reason, error in ERRORS.items():
        data = error.get("data", {"type": "object", "properties": {"": {}}, "additionalProperties": False})
        if data.get("type") != "object" or data.get("additionalProperties") is not False or not data.get("properties"):
            yield f"{reason}: its data is open or empty"
        if {"reason", "message", "remedy", "detail"} & set(data["properties"]):
            yield f"{reason}: its data repeats what every error has"


def texts_are_there_in_both_languages():
    for error in ERRORS.values():
        for part in "message", "remedy":
            text = error[part]
            if set(text) != {"tr", "en"} or text["tr"] == text["en"]:
                yield f"{error['reason']}: {part}"
            for language, sentence in text.items():
                if not sentence.endswith(".") or len(sentence) > 120 or sentence != sentence.strip():
                    yield f"{error['reason']}: {part} {language} is no short sentence"
    seen = {}
    for error in ERRORS.values():
        for language, sentence in error["message"].items():
            if seen.setdefault(sentence, error["reason"]) != error["reason"]:
                yield f"{error['reason']} says in {language} what {seen[sentence]} says"


def health_checks_say_what_to_do():
    """Both languages, one status an outcome, a remedy exactly where something is wrong."""
    catalogue = load(ROOT / "health/checks.json")
    ids = [check["id"] for check in catalogue["checks"]]
    yield from (f"{name} twice" for name in sorted(set(ids)) if ids.count(name) > 1)
    texts = [(f"reason {name}", text) for name, text in catalogue["reasons"].items()]
    for check in catalogue["checks"]:
        if set(check) - {"link"} != {"id", "title", "outcomes"} or "ok" not in check["outcomes"]:
            yield f"{check['id']}: members"
        if all(outcome["status"] == "ok" for outcome in check["outcomes"].values()):
            yield f"{check['id']} can't fail"
        for name, outcome in check["outcomes"].items():
            where = f"{check['id']} {name}"
            if outcome["status"] not in ("ok", "warning", "failed") or ("remedy" in outcome) != (outcome["status"] != "ok"):
                yield f"{where}: status and remedy"
            texts += [(where, outcome["text"])] + ([(where, outcome["remedy"])] if "remedy" in outcome else [])
    for where, text in texts:
        if set(text) != {"tr", "en"} or text["tr"] == text["en"]:
            yield f"{where}: languages"
        yield from (f"{where}: no short sentence" for sentence in text.values()
                    if not sentence.endswith(".") or len(sentence) > 120 or sentence != sentence.strip())


def reasons_of_verification_are_whole():
    causes = [reason["cause"] for reason in REASONS]
    yield from (f"{cause} twice" for cause in sorted(set(causes)) if causes.count(cause) > 1)
    for reason in REASONS:
        if list(reason) != ["cause", "code", "status", "text"] or reason["status"] not in ("invalid", "indeterminate"):
            yield f"{reason['cause']}: members or status"
        if set(reason["text"]) != {"tr", "en"} or reason["text"]["tr"] == reason["text"]["en"]:
            yield f"{reason['cause']}: languages"
        yield from (f"{reason['cause']}: no short sentence" for sentence in reason["text"].values()
                    if not sentence.endswith(".") or len(sentence) > 120 or sentence != sentence.strip())


def unlimited(schema, where):
    schema = resolved(schema)
    kind = schema.get("type")
    if kind == "string" and "maxLength" not in schema and not re.fullmatch(r"\^[^*+]*\$", schema.get("pattern", "*")):
        yield f"{where}: a string without maxLength"
    if kind == "array" and "maxItems" not in schema:
        yield f"{where}: an array without maxItems"
    if kind in ("integer", "number") and not {"minimum", "maximum"} <= set(schema):
        yield f"{where}: a number without minimum and maximum"
    if kind == "object" and schema.get("additionalProperties") is not False and "maxProperties" not in schema:
        yield f"{where}: an object without a limit"
    for name, below in schema.get("properties", {}).items():
        yield from unlimited(below, f"{where}/{name}")
    for below in ([schema["items"]] if "items" in schema else []) + schema.get("oneOf", []) + schema.get("anyOf", []):
        yield from unlimited(below, where)


def what_a_page_sends_is_limited():
    for name, method in METHODS.items():
        yield from unlimited(method["params"], name)


def undescribed(schema, where):
    for name, member in schema.get("properties", {}).items():
        if "description" not in member and "$ref" not in member:
            yield f"{where}/{name}: what is it?"
        yield from undescribed(member, f"{where}/{name}")
        yield from undescribed(member.get("items", {}), f"{where}/{name}")
    for branch in schema.get("oneOf", []):
        yield from undescribed(branch, where)


def every_member_is_described():
    for where, schema in schemas():
        if not where.startswith("form "):
            yield from undescribed(schema, where)
    for name, schema in TYPES["$defs"].items():
        if "description" not in schema:
            yield f"type {name}: what is it?"
        yield from undescribed(schema, f"type {name}")


def results_list_their_members():
    for name, method in METHODS.items():
        result = resolved(method["result"])
        if result.get("type") != "object" or result.get("additionalProperties") is not False:
            yield f"{name}: its result is open"


def schemas_are_valid_2020_12():
    import jsonschema
    for where, schema in schemas():
        for error in jsonschema.Draft202012Validator(jsonschema.Draft202012Validator.META_SCHEMA).iter_errors(schema):
            yield f"{where}: {error.json_path} {error.message}"


def examples_are_what_they_say():
    """A second opinion; which pointer and keyword is for test_proto.c. Here $ lets a last line break pass, contentEncoding everything."""
    import jsonschema
    from referencing import Registry
    from referencing.jsonschema import DRAFT202012
    registry = Registry().with_resource("types.json", DRAFT202012.create_resource(TYPES))
    for kind, examples in EXAMPLES.items():
        for name, example in examples.items():
            contract = (NOTIFICATIONS if kind == "notification" else METHODS)[example["method"]]
            member = "result" if kind == "result" else "params"
            validator = jsonschema.Draft202012Validator(contract[member], registry=registry, format_checker=jsonschema.FormatChecker())
            lenient = kind == "bad" and (example["keyword"] == "contentEncoding" or name.endswith("line_break"))
            if validator.is_valid(example[member]) != (kind != "bad") and not lenient:
                yield f"{kind}/{name}"


def every_method_is_shown_with_an_answer():
    for name in METHODS:
        if not list(pairs(name)):
            yield f"no example in examples/result says to which request of {name} it is the answer"


CHECKS = [files_are_named_after_what_they_hold, methods_name_errors_that_exist, errors_are_unique_and_in_their_range,
          errors_tell_their_members, texts_are_there_in_both_languages, health_checks_say_what_to_do,
          reasons_of_verification_are_whole, what_a_page_sends_is_limited, every_member_is_described,
          results_list_their_members, schemas_are_valid_2020_12, examples_are_what_they_say, every_method_is_shown_with_an_answer]


def main():
    print(f"1..{len(CHECKS)}")
    failed = 0
    for number, check in enumerate(CHECKS, 1):
        try:
            problems = list(check())
        except ModuleNotFoundError as missing:
            print(f"ok {number} - {check.__name__} # SKIP no {missing.name}")
            continue
        failed += bool(problems)
        print("".join(f"# {problem}\n" for problem in problems), end="")
        print(f"{'not ok' if problems else 'ok'} {number} - {check.__name__}")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
