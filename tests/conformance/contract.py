# SPDX-License-Identifier: Apache-2.0
"""An OpenRPC document of the wire, and what it says about messages."""
import base64
import json
import re

import jsonschema
import referencing
from referencing.jsonschema import DRAFT202012

DOCUMENT = "urn:openrpc"
# What precedes a known method, and what may then no longer come.
BEFORE_THE_ID = ("parse_error", "invalid_request")


def _pattern(validator, pattern, instance, _schema):
    # ECMA-262: $ is the very end.
    if validator.is_type(instance, "string") and not re.search(re.sub(r"(?<!\\)\$$", r"\\Z", pattern), instance):
        yield jsonschema.ValidationError(f"{instance!r} does not match {pattern!r}")


def _content_encoding(validator, encoding, instance, _schema):
    if encoding != "base64" or not validator.is_type(instance, "string"):
        return
    try:
        good = base64.b64encode(base64.b64decode(instance, validate=True)).decode() == instance
    except ValueError:
        good = False
    if not good:
        yield jsonschema.ValidationError(f"{instance!r} is no base64")


Validator = jsonschema.validators.extend(jsonschema.Draft202012Validator, {"pattern": _pattern, "contentEncoding": _content_encoding})


class Contract:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.document = json.load(file)
        self.methods = {method["name"]: method for method in self.document["methods"]}
        self.notifications = {one["name"]: one for one in self.document["x-notifications"]}
        self.errors = self.document["components"]["errors"]
        self.protocol = self.document["x-protocol"]
        resource = referencing.Resource.from_contents(self.document, default_specification=DRAFT202012)
        self._registry = referencing.Registry().with_resource(DOCUMENT, resource)
        self._validators = {}

    def validator(self, reference):
        """For a {"$ref": "#/..."} of the document."""
        pointer = reference["$ref"]
        if pointer not in self._validators:
            self._validators[pointer] = Validator({"$ref": DOCUMENT + pointer}, registry=self._registry,
                                                  format_checker=jsonschema.FormatChecker())
        return self._validators[pointer]

    def _problem(self, reference, instance, what):
        error = next(self.validator(reference).iter_errors(instance), None)
        return None if error is None else f"{what}{error.json_path[1:]}: {error.message[:200]}"

    def examples(self, method, kind):
        return self.methods[method]["x-examples"][kind]

    def permission(self, method):
        return self.methods[method]["x-permission"]

    def reasons(self, method):
        """What a request may be refused with; method: None if it could not be known."""
        if method in self.methods:
            return {error["$ref"].rpartition("/")[2] for error in self.methods[method]["errors"]}
        return {"invalid_request", "method_not_found"} if method else {reason for reason, one in self.document["x-errors"].items() if one["common"]}

    def answer_problem(self, method, message):
        """What is wrong with an answer to a request of this method; None: nothing."""
        if not isinstance(message, dict) or message.get("jsonrpc") != "2.0" or "id" not in message:
            return f"no answer with jsonrpc and id: {str(message)[:200]}"
        if set(message) not in ({"jsonrpc", "id", "result"}, {"jsonrpc", "id", "error"}):
            return f"neither result nor error alone: {sorted(message)}"
        if "error" in message:
            return self._error_problem(method, message)
        if method not in self.methods:
            return f"a result for {method}"
        return self._problem(self.methods[method]["result"]["schema"], message["result"], "result")

    def _error_problem(self, method, message):
        error = message["error"]
        if not isinstance(error, dict) or set(error) != {"code", "message", "data"} or not isinstance(error["data"], dict):
            return f"an error of other members: {str(error)[:200]}"
        reason = error["data"].get("reason")
        if reason not in self.errors:
            return f"no such reason: {reason}"
        if (error["code"], error["message"]) != (self.errors[reason]["code"], self.errors[reason]["message"]):
            return f"{reason} has the code {error['code']} and says {error['message']!r}"
        if message["id"] is None and reason not in BEFORE_THE_ID:
            return f"{reason} with id null"
        if message["id"] is not None and reason not in self.reasons(method):
            return f"{method} may not be refused with {reason}"
        return self._problem(self.document["x-errors"][reason]["data"], error["data"], "data")

    def notification_problem(self, message):
        if set(message) != {"jsonrpc", "method", "params"} or message["jsonrpc"] != "2.0":
            return f"a notification of other members: {sorted(message)}"
        if message["method"] not in self.notifications:
            return f"no such notification: {message['method']}"
        return self._problem(self.notifications[message["method"]]["x-params"], message["params"], "params")
