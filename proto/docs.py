#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the reference pages in docs/ from the files of the contract and index.md.in; --check only tells whether they are up to date."""
import json
import re
import sys

from contract import (DETAIL, ERRORS, EXAMPLES, FORMS, METHODS, NOTIFICATIONS, PORTS, PROTOCOL, REASONS, ROOT, TYPES, common_errors, examples_of,
                      own_errors, pairs, write_or_check)

HEAD = "<!-- Made by proto/docs.py; not edited by hand. -->\n"
PERMISSIONS = {
    "none": "none: every origin may call it.",
    "origin": "the origin must be allowed, by the user or an administrator; otherwise `origin_denied`.",
    "hash": "the origin must be allowed, and listed for this method by an administrator; otherwise `origin_denied`.",
}
TOPICS = {"always": "every connection whose origin is allowed", "readers": "who subscribed to `readers`", "cards": "who subscribed to `cards`",
          "operations": "who subscribed to `operations`; only about the connection's own requests"}


def cell(text):
    return text.replace("|", "\\|").replace("\n", " ")


def table(head, rows):
    if not rows:
        return ""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell(text) for text in line) + " |" for line in lines) + "\n"


def anchor(title):
    """As GitHub makes it."""
    return re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")


def code(value):
    return "```json\n" + shorter(json.dumps(value, ensure_ascii=False, indent=2)) + "\n```\n"


def shorter(text):
    """Lists and objects of plain values on one line, where they fit."""
    def line(found):
        joined = re.sub(r"\n\s+", " ", found.group(2))
        return found.group(1) + joined + found.group(3) if len(joined) < 100 else found.group(0)
    return re.sub(r"([\[{])\n\s+([^\[\]{}]+?)\n\s+([\]}])", line, text)


def both(text):
    return f"{text['tr']}<br>*{text['en']}*"


# --- schemas in words --------------------------------------------------------------------------------------------------

def size(number):
    for unit, name in ((1 << 20, "MiB"), (1 << 10, "KiB")):
        if number >= unit and number % unit == 0:
            return f"{number} ({number // unit} {name})"
    return "2<sup>53</sup> - 1" if number == (1 << 53) - 1 else "2<sup>32</sup> - 1" if number == (1 << 32) - 1 else str(number)


def bounds(schema, least, most, unit):
    low, high = schema.get(least), schema.get(most)
    if low is not None and low == high:
        return [f"{low} {unit}"]
    if low and high is not None:
        return [f"{size(low)} to {size(high)} {unit}".strip()]
    if high is not None:
        return [f"at most {size(high)} {unit}".strip()] if least != "minimum" or low is None else [f"{low} to {size(high)}"]
    return [f"at least {low} {unit}".strip()] if low else []


def type_text(schema):
    """A schema in a few words, for a table's cell."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/$defs/")[2]
        words = [f"[{name}](types.md#{anchor(name)})"]
    elif "allOf" in schema:
        words = [type_text(part) for part in schema["allOf"]]
    elif "const" in schema:
        words = [f"`{json.dumps(schema['const'], ensure_ascii=False)}`"]
    elif "enum" in schema:
        words = ["one of " + ", ".join(f"`{value}`" for value in schema["enum"])]
    elif "oneOf" in schema and "type" not in schema:
        parts = [type_text(part) for part in schema["oneOf"]]
        return parts[0] if len(set(parts)) == 1 else " or ".join(parts)
    elif schema.get("type") == "array":
        words = ["array of " + type_text(schema["items"])]
    else:
        words = [schema.get("type", "any")]
    words += bounds(schema, "minLength", "maxLength", "characters") + bounds(schema, "minItems", "maxItems", "items")
    words += bounds(schema, "minimum", "maximum", "") + bounds(schema, "minProperties", "maxProperties", "members")
    words += ["no value twice"] if schema.get("uniqueItems") else []
    words += [schema["format"]] if "format" in schema else []
    words += ["base64"] if "contentEncoding" in schema else []
    words += [f"`{schema['pattern']}`"] if "pattern" in schema and len(schema["pattern"]) < 50 else []
    return ", ".join(words)


def rows(schema, prefix=""):
    """(member, required, type, description) of an object's members and of those below them."""
    for name, member in schema.get("properties", {}).items():
        path = prefix + name
        yield f"`{path}`", "yes" if name in schema.get("required", []) else "", type_text(member), member.get("description", "")
        below, path = (member["items"], path + "[].") if member.get("type") == "array" else (member, path + ".")
        if "$ref" in below:
            continue
        yield from rows(below, path)
        for number, branch in enumerate(below.get("oneOf", []), 1):
            if "properties" in branch:
                yield f"*way {number}:*", "", "", ""
                yield from rows(branch, path)


def members(schema, required_title="required"):
    found = list(rows(schema))
    return table(["member", required_title, "type", "what it is"], found) if found else "None.\n"


def resolved(schema):
    if "$ref" in schema:
        return resolved(TYPES["$defs"][schema["$ref"].rpartition("/$defs/")[2]])
    return schema


def said(schema):
    """What a type as a whole says besides its members."""
    if "$ref" not in schema:
        return ""
    name = schema["$ref"].rpartition("/$defs/")[2]
    description = resolved(schema).get("description", "")
    return f"A [{name}](types.md#{anchor(name)}). {description}\n\n"


# --- pages -------------------------------------------------------------------------------------------------------------

def error_link(reason):
    return f"[{reason}](errors.md#{anchor(reason)})"


def error_row(reason):
    error = ERRORS[reason]
    return [error_link(reason), str(error["code"]), error["message"]["en"], "yes" if error["retry"] else "no"]


def method_page(name, method):
    page = [HEAD, f"# {name}\n", method["summary"] + "\n", f"**Permission**: {PERMISSIONS[method['permission']]}\n"]
    page += ["## Params\n", members(method["params"])]
    page += ["## Result\n", said(method["result"]) + members(resolved(method["result"]), "always there")]
    own = own_errors(name)
    page += ["## Errors\n", table(["reason", "code", "meaning", "again?"], [error_row(reason) for reason in own])]
    page += [("And those" if own else "Only those") + " that any method may answer with: " +
             ", ".join(error_link(reason) for reason in common_errors(name) if reason not in own) + ".\n"]
    page += ["## Example\n"]
    for number, (_, params, result) in enumerate(sorted(pairs(name), key=lambda pair: len(str(pair))), 1):
        page += [code({"jsonrpc": "2.0", "id": number, "method": name, "params": params}),
                 code({"jsonrpc": "2.0", "id": number, "result": result})]
    bad = min(examples_of("bad", name).values(), key=lambda example: (example["pointer"] == "", len(str(example["params"]))))
    page += ["This is refused with " + error_link("invalid_params") + f", `pointer` `\"{bad['pointer']}\"`, `keyword` `\"{bad['keyword']}\"`:\n",
             code({"jsonrpc": "2.0", "id": number + 1, "method": name, "params": bad["params"]})]
    return "\n".join(filter(None, page))


def notifications_page():
    page = [HEAD, "# Notifications\n",
            "What the agent tells without being asked, once [agent.subscribe](agent.subscribe.md) has chosen the topics. They have no `id` and "
            "want no answer. How things stood before the first one is told by [reader.list](reader.list.md) and [card.list](card.list.md).\n",
            table(["notification", "who hears it", "meaning"],
                  [[f"[{name}](#{anchor(name)})", TOPICS[one["topic"]], one["summary"]] for name, one in NOTIFICATIONS.items()])]
    for name, one in NOTIFICATIONS.items():
        page += [f"## {name}\n", f"{one['summary']} Sent to {TOPICS[one['topic']]}.\n", members(one["params"], "always there")]
        example = next(iter(examples_of("notification", name).values()))
        page += [code({"jsonrpc": "2.0", "method": name, "params": example["params"]})]
    return "\n".join(page)


def error_example():
    error = ERRORS["invalid_params"]
    return code({"jsonrpc": "2.0", "id": 7, "error": {"code": error["code"], "message": error["message"]["en"], "data": {
        "pointer": "/documents/0/name", "keyword": "required", "rule": "is missing.", "reason": "invalid_params", "message": error["message"],
        "remedy": error["remedy"]}}})


def errors_page():
    common = [f"[{reason}](#{anchor(reason)})" for reason, error in ERRORS.items() if error.get("common")]
    page = [HEAD, "# Errors\n",
            "`reason` is the stable name by which a program decides; `code` goes with it. `message` says what happened, `remedy` what the user "
            "or the developer can do, both in Turkish and English, ready to be shown. *Again?* says whether trying again may help without "
            "anything else being changed.\n",
            error_example(),
            f"Any error may carry `detail` besides: {DETAIL['description']}\n",
            f"Any method may answer with {', '.join(common)}. `parse_error` and `method_not_found` come before a method is known; "
            "`origin_denied` never comes from a method without permission. The others stand on the methods' pages.\n",
            table(["reason", "code", "again?", "message", "remedy"],
                  [[f"[{reason}](#{anchor(reason)})", str(error["code"]), "yes" if error["retry"] else "no", both(error["message"]),
                    both(error["remedy"])] for reason, error in ERRORS.items()])]
    for reason, error in ERRORS.items():
        by = [f"[{name}]({name}.md)" for name in METHODS if reason in own_errors(name)]
        by = ["any method"] if error.get("common") else by
        page += [f"## {reason}\n", f"{error['message']['en']} `{error['code']}`.\n",
                 "From " + ", ".join(by) + ".\n" if by else "No method of this version answers with it.\n"]
        if "data" in error:
            page += [members(error["data"], "always there")]
    return "\n".join(page)


def types_page():
    page = [HEAD, "# Types\n", "What several methods share, in the order of [types.json](../types.json).\n"]
    for name, schema in TYPES["$defs"].items():
        page += [f"## {name}\n"] + ([schema["description"] + "\n"] if "description" in schema else [])
        if "properties" in schema:
            page += [members(schema, "always there" if name != "certificateFilter" else "required")]
        else:
            page += [type_text({key: value for key, value in schema.items() if key != "pattern"}) + "\n"]
        if len(schema.get("pattern", "")) > 0:
            page += [f"Pattern: `{schema['pattern']}`\n"]
    return "\n".join(page)


# --- forms -------------------------------------------------------------------------------------------------------------

def property_at(schema, pointer):
    """(the property's schema, whether it is always required)."""
    whole, required = schema, True
    for name in pointer.strip("/").split("/"):
        required = required and name in schema.get("required", [])
        schema = schema["properties"][name]
        if "$ref" in schema:
            schema = {**whole["$defs"][schema["$ref"].rpartition("/")[2]], **{key: value for key, value in schema.items() if key != "$ref"}}
    return schema, required


def field_row(form, field):
    schema, required = property_at(form["schema"], field["pointer"])
    texts = form["texts"]
    label = {language: texts[language][field["label"]] for language in ("tr", "en")}
    kind = type_text({key: value for key, value in schema.items() if key not in ("pattern", "minLength")})
    return [f"`{field['pointer']}`", both(label), "yes" if required else "", kind]


def conditions(schema):
    return [branch["$comment"] for branch in schema.get("allOf", []) if "$comment" in branch]


def form_codes():
    """(code, tr, en) of what can be wrong with a field, from the agent's own table."""
    source = (ROOT.parent / "agent/forms/problem.c").read_text(encoding="utf-8")
    literal = r'"(?:[^"\\]|\\.)*"'
    for found in re.finditer(rf'\{{ ({literal}),\s*({literal}(?:\s*{literal})*),\s*({literal}(?:\s*{literal})*) \}}', source):
        yield ["".join(json.loads(part) for part in re.findall(literal, text)) for text in found.groups()]


def attachment_row(form, kind):
    label = both({language: form["texts"][language][kind["label"]] for language in ("tr", "en")})
    when = [f"`{kind['with']}` is filled in"] * ("with" in kind) + [f"`{kind['statedBy']}` is true exactly when it is attached"] * ("statedBy" in kind)
    return [f"`{kind['id']}`", label, kind.get("need", "optional"), "; ".join(when), ", ".join(f"`{name}`" for name in kind["mediaTypes"]),
            f"{size(kind['sizeMax'])} bytes"]


def forms_page():
    page = [HEAD, "# Forms\n",
            "The application forms that this agent knows, as [form.catalog](form.catalog.md) and [form.describe](form.describe.md) tell them: a "
            "JSON Schema of the data, a layout and texts in both languages. A portal draws the form from these, asks "
            "[form.validate](form.validate.md) what is wrong, and lets the user sign it with [form.sign](form.sign.md), or prints it with "
            "[form.render](form.render.md).\n\n"
            "Some take files beside the data ([formAttachments](types.md#formattachments)). A portal that knows nothing of them goes on as before: none that "
            "is *recommended* or *optional* is asked for, unless the data itself says that it is attached.\n"]
    for name, form in FORMS.items():
        page += [f"## {name}\n", f"{both(form['form']['title'])}\n", f"Version {form['form']['version']}.\n"]
        if "identity" in form["form"]:
            page += [f"Who signs must have the identity number that stands at `{form['form']['identity']}`; otherwise the answer is " +
                     error_link("identity_mismatch") + ".\n"]
        if "signedWhen" in form["form"]:
            when = form["form"]["signedWhen"]
            page += [f"It is signed only when `{when['pointer']}` is `{when['value']}`; with another value [form.sign](form.sign.md) answers " +
                     error_link("form_invalid") + " (`not_signed_here`).\n"]
        if "certificateEnd" in form["form"]:
            page += [f"When it is signed, `{form['form']['certificateEnd']}` must be the last day, in Turkey, of the certificate that signs, which " +
                     "still holds; otherwise the answer is " + error_link("form_invalid") + ".\n"]
        for section in form["layout"]["sections"]:
            if section.get("fields"):
                page += [f"### {form['texts']['tr'][section['title']]} / {form['texts']['en'][section['title']]}\n",
                         table(["field", "label", "required", "type"], [field_row(form, field) for field in section["fields"]])]
        if "attachments" in form["layout"]:
            page += ["### Attachments\n", table(["id", "what it is", "need", "when", "media types", "at most"], [attachment_row(form, kind) for kind in form["layout"]["attachments"]])]
        if conditions(form["schema"]):
            page += ["Besides:\n\n" + "\n".join(f"* {text}" for text in conditions(form["schema"])) + "\n"]
    page += ["## What can be wrong with a field\n",
             f"The codes in `errors` of [form.validate](form.validate.md) and of {error_link('form_invalid')}; `{{}}` stands for a value.\n",
             table(["code", "message"], [[f"`{name}`", f"{tr}<br>*{en}*"] for name, tr, en in form_codes()])]
    return "\n".join(page)


def verification_page():
    rows_ = [[f"`{reason['cause']}`", reason["status"], f"`{reason['code']}`", both(reason["text"])] for reason in REASONS]
    return "\n".join([
        HEAD, "# Verification\n",
        "The reasons that [signature.verify](signature.verify.md) gives when a signature is not valid: a stable name of the cause, the status that "
        "it leads to, and as code what ETSI EN 319 102-1 calls it. The worst reason decides: one `invalid` makes the signature invalid, else one `indeterminate` makes "
        "it indeterminate.\n",
        "The rules are fixed. So what breaks them is `invalid` here, also where the standard says INDETERMINATE because another "
        "policy might accept it (weak algorithms, a certificate of another usage, missing attributes). `indeterminate` is what more knowledge may "
        "change: a root that is to be trusted, the content of a detached signature, a proof of the time.\n",
        table(["cause", "status", "code", "text"], rows_),
        "At level B-B nothing proves when a signature was made, nor that its certificate had not been revoked: `time` is what the signer's computer "
        "said, `revocation` is `not_checked`. A portal that depends on either asks for it by other means.\n",
        "A PDF signature counts only for the revision that it covers. What later revisions did is compared with it object by object; further "
        "signatures, time-stamps, validation data and, where the certifying signature permits it, filled-in form fields are told in `changes`; "
        "anything else is `changed_after`. `form` is read from the revision that was signed, never from a later one.\n"])


def index_page():
    limits = METHODS["agent.info"]["result"]["properties"]["limits"]["properties"]
    values = EXAMPLES["result"]["agent.info.fresh"]["result"]["limits"]
    text = (ROOT / "index.md.in").read_text(encoding="utf-8")
    replace = {
        "PROTOCOL": PROTOCOL, "FIRST": str(PORTS[0]), "LAST": str(PORTS[-1]), "DEPTH": str(values["jsonDepth"]),
        "LIMITS": table(["limit", "value", "of"], [[f"`limits.{name}`", size(values[name]), limits[name].get("description", "")] for name in limits]),
        "METHODS": table(["method", "permission", "what it does"], [[f"[{name}]({name}.md)", method["permission"], method["summary"]]
                                                                  for name, method in METHODS.items()]),
    }
    return HEAD + "\n" + re.sub(r"@([A-Z]+)@", lambda found: replace[found.group(1)], text).replace("\n\n\n", "\n\n")


def main():
    pages = {f"docs/{name}.md": method_page(name, method) for name, method in METHODS.items()}
    pages |= {"docs/index.md": index_page(), "docs/notifications.md": notifications_page(), "docs/errors.md": errors_page(),
              "docs/types.md": types_page(), "docs/verification.md": verification_page(), "docs/forms.md": forms_page()}
    return write_or_check({path: text.rstrip("\n") + "\n" for path, text in pages.items()}, "docs")


if __name__ == "__main__":
    sys.exit(main())
