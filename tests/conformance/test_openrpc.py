# SPDX-License-Identifier: Apache-2.0
"""proto/openrpc.json is valid by the official OpenRPC meta-schema, from npm, and by its own schemas' dialects."""
import copy
import json
import os
import pathlib
import shutil
import subprocess
import unittest

import jsonschema
import referencing
from referencing.jsonschema import DRAFT7

from contract import Contract

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("IMZA_BUILD", ROOT / "build"))
OPENRPC = ROOT / "proto/openrpc.json"


def meta_schemas():
    """The two packages' schemas: OpenRPC's, and the one of JSON Schema draft 7 that it refers to."""
    source, folder = ROOT / "tests/conformance/openrpc", BUILD / "openrpc-meta-schema"
    if not (folder / "node_modules").exists() or (folder / "package-lock.json").read_bytes() != (source / "package-lock.json").read_bytes():
        folder.mkdir(exist_ok=True)
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copy(source / name, folder / name)
        subprocess.run(["npm", "ci", "--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=folder, check=True, capture_output=True)
    script = 'console.log(JSON.stringify([require("@open-rpc/meta-schema").openrpcDocument, require("@json-schema-tools/meta-schema").default]))'
    return json.loads(subprocess.run(["node", "-e", script], cwd=folder, check=True, capture_output=True).stdout)


class OpenRpc(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        meta, json_schema = meta_schemas()
        resource = referencing.Resource.from_contents(json_schema, default_specification=DRAFT7)
        registry = referencing.Registry().with_resources([(json_schema["$id"], resource), (json_schema["$id"].rstrip("/"), resource)])
        cls.validator = jsonschema.Draft7Validator(meta, registry=registry)
        cls.document = json.loads(OPENRPC.read_text(encoding="utf-8"))

    def problems(self, document):
        return [f"{error.json_path}: {error.message[:200]}" for error in self.validator.iter_errors(document)]

    def test_the_meta_schema_takes_it(self):
        self.assertEqual(self.problems(self.document), [])

    def test_the_meta_schema_refuses_what_is_wrong(self):
        for change in (lambda d: d.pop("info"), lambda d: d["methods"][0].pop("name"), lambda d: d["methods"][0].update(result=1),
                       lambda d: d["components"]["schemas"]["line"].update(maxLength="200"), lambda d: d["methods"][0].update(permission="x"),
                       lambda d: d["components"]["errors"]["busy"].update(code="1005")):
            broken = copy.deepcopy(self.document)
            change(broken)
            self.assertNotEqual(self.problems(broken), [])

    def test_every_reference_leads_somewhere(self):
        def references(value):
            if isinstance(value, dict):
                yield from [value["$ref"]] if isinstance(value.get("$ref"), str) else []
                for below in value.values():
                    yield from references(below)
            elif isinstance(value, list):
                for below in value:
                    yield from references(below)
        for reference in set(references(self.document)):
            target = self.document
            for step in reference.removeprefix("#/").split("/"):
                self.assertIn(step, target, reference)
                target = target[step]

    def test_a_reference_has_no_siblings(self):
        def check(value, path):
            if isinstance(value, dict):
                self.assertTrue("$ref" not in value or len(value) == 1, path)
                for name, below in value.items():
                    check(below, f"{path}/{name}")
            elif isinstance(value, list):
                for number, below in enumerate(value):
                    check(below, f"{path}/{number}")
        check(self.document["components"], "components")
        check(self.document["methods"], "methods")

    def test_the_examples_are_what_they_say(self):
        contract = Contract(OPENRPC)
        for name, method in contract.methods.items():
            params = contract.validator(method["x-params"])
            for example in method["examples"]:
                self.assertTrue(params.is_valid({one["name"]: one["value"] for one in example["params"]}), example["name"])
                self.assertTrue(contract.validator(method["result"]["schema"]).is_valid(example["result"]["value"]), example["name"])
            for kind, wanted in (("ok", True), ("bad", False)):
                for example in contract.examples(name, kind):
                    self.assertEqual(params.is_valid(example["params"]), wanted, example["name"])
        for one in contract.notifications.values():
            for example in one["examples"]:
                self.assertTrue(contract.validator(one["x-params"]).is_valid({v["name"]: v["value"] for v in example["params"]}), example["name"])


if __name__ == "__main__":
    unittest.main()
