#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes openrpc.json, the contract as one OpenRPC 1.3 document; --check only tells whether it is up to date.

What OpenRPC has no words for stands in members that begin with x-:
  x-protocol       how the WebSocket is opened
  x-notifications  what the agent sends by itself; OpenRPC's own methods without a result go from the client to the server
  x-errors         for each reason: whether trying again may help, whether any method may answer with it, the schema of its data
  x-params         the schema of a method's params as a whole; the list in params can't say that other members are refused
  x-permission     none, origin (once the user or an administrator has allowed the origin) or hash (an administrator, for sign.hash)
  x-examples       params that are good, and bad ones with the JSON pointer and the keyword of the refusal
A $ref has no siblings here, so that the schemas read the same in draft 7, OpenRPC's own, and in 2020-12, ours.
"""
import json
import sys

from contract import (ERRORS, METHODS, NOTIFICATIONS, PORTS, PROTOCOL, TYPES, VERSIONS, common_errors, error_data, examples_of, own_errors, pairs,
                      write_or_check)

VALUES = ("const", "enum", "default", "examples")
TAGS = {"agent": "The agent itself: what it is, who may use it, what it tells by itself.", "reader": "Card readers.", "card": "Cards.",
        "pin": "What a card tells about its PIN. A PIN itself never crosses the wire.", "certificate": "Certificates on the cards.",
        "document": "Documents on their way in and out, in binary frames.", "sign": "Signatures.",
        "signature": "Signatures that are there, checked.", "form": "Application forms.", "identity": "Who somebody is, proved to the portal.",
        "operation": "Requests that are under way."}


def component(reference):
    return {"$ref": "#/components/schemas/" + reference.rpartition("/$defs/")[2]}


def rewritten(schema):
    """The schema with its references led to components.schemas."""
    if isinstance(schema, list):
        return [rewritten(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    below = {key: value if key in VALUES else rewritten(value) for key, value in schema.items() if key not in ("$ref", "$schema", "$id")}
    if "$ref" not in schema:
        return below
    return {**below, "allOf": [component(schema["$ref"])]} if below else component(schema["$ref"])


def descriptors(params):
    """A params object as OpenRPC's list of content descriptors."""
    result = []
    for name, schema in params.get("properties", {}).items():
        descriptor = {"name": name}
        if "description" in schema:
            descriptor["description"] = schema["description"]
        descriptor["required"] = name in params.get("required", [])
        descriptor["schema"] = rewritten({key: value for key, value in schema.items() if key != "description"})
        result.append(descriptor)
    return result


def values(params):
    return [{"name": name, "value": value} for name, value in params.items()]


def method_object(name, method):
    return {
        "name": name,
        "summary": method["summary"],
        "tags": [{"$ref": "#/components/tags/" + name.split(".")[0]}],
        "paramStructure": "by-name",
        "params": descriptors(method["params"]),
        "result": {"name": "result", "schema": component(f"{name}.result")},
        "errors": [{"$ref": f"#/components/errors/{reason}"} for reason in ERRORS if reason in own_errors(name) + common_errors(name)],
        "examples": [{"name": example, "params": values(params), "result": {"name": "result", "value": result}}
                     for example, params, result in pairs(name)],
        "x-permission": method["permission"],
        "x-params": component(f"{name}.params"),
        "x-examples": {
            "ok": [{"name": example, "params": content["params"]} for example, content in examples_of("ok", name).items()],
            "bad": [{"name": example, **{key: content[key] for key in ("params", "pointer", "keyword")}}
                    for example, content in examples_of("bad", name).items()],
        },
    }


def notification_object(name, notification):
    return {
        "name": name,
        "summary": notification["summary"],
        "paramStructure": "by-name",
        "params": descriptors(notification["params"]),
        "examples": [{"name": example, "params": values(content["params"])} for example, content in examples_of("notification", name).items()],
        "x-params": component(f"{name}.params"),
        "x-topic": notification["topic"],
    }


def schemas():
    yield from TYPES["$defs"].items()
    for name, method in METHODS.items():
        yield f"{name}.params", method["params"]
        yield f"{name}.result", method["result"]
    for name, notification in NOTIFICATIONS.items():
        yield f"{name}.params", notification["params"]
    for reason in ERRORS:
        yield f"error.{reason}", error_data(reason)


def document():
    return {
        "openrpc": "1.3.2",
        "info": {
            "title": "imza-agent",
            "version": "1.0.0",
            "description": "The wire between web portals and imza-agent, a signing agent for Turkish e-signature cards: JSON-RPC 2.0 over a "
                           "WebSocket on the loopback interface. proto/docs/index.md says in words how to connect; proto/openrpc.py, which "
                           "makes this file, says what the members x-... mean.",
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "servers": [{
            "name": "loopback",
            "summary": "Of the ports, the first one on which the agent of this user answers.",
            "url": "ws://127.0.0.1:${port}/",
            "variables": {"port": {"default": str(PORTS[0]), "enum": [str(port) for port in PORTS]}},
        }],
        "methods": [method_object(name, method) for name, method in METHODS.items()],
        "components": {
            "schemas": {name: rewritten(schema) for name, schema in schemas()},
            "errors": {reason: {"code": error["code"], "message": error["message"]["en"],
                                "data": {"reason": reason, "message": error["message"], "remedy": error["remedy"]}}
                       for reason, error in ERRORS.items()},
            "tags": {name: {"name": name, "description": description} for name, description in TAGS.items()},
        },
        "x-protocol": {"subprotocol": PROTOCOL, "versions": VERSIONS, "path": "/", "version": 13},
        "x-notifications": [notification_object(name, notification) for name, notification in NOTIFICATIONS.items()],
        "x-errors": {reason: {"retry": error["retry"], "common": error.get("common", False), "data": component(f"error.{reason}")}
                     for reason, error in ERRORS.items()},
    }


if __name__ == "__main__":
    sys.exit(write_or_check({"openrpc.json": json.dumps(document(), ensure_ascii=False, indent=1) + "\n"}))
