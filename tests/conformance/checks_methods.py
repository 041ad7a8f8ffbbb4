# SPDX-License-Identifier: Apache-2.0
"""Every method of the document: good params, bad params, members it does not have, and origins that nobody allowed."""
from checks import CHECKS, connected, verdict
from endpoint import Failed, Skipped, expect


def good_params(endpoint, page, method):
    if "no_display" in endpoint.contract.reasons(method) and not endpoint.scripted:
        raise Skipped("it may show a dialog: needs --pin-is-scripted")
    for example in endpoint.contract.examples(method, "ok"):
        page.ask(method, example["params"])


def bad_params(endpoint, page, method):
    for example in endpoint.contract.examples(method, "bad"):
        if not isinstance(example["params"], dict):
            # Told by the envelope's own rule, before the method's schema.
            expect(page.ask(method, example["params"]), "invalid_request", example["name"])
            continue
        data = expect(page.ask(method, example["params"]), "invalid_params", example["name"])
        if (data.get("pointer"), data.get("keyword")) != (example["pointer"], example["keyword"]):
            raise Failed(f"{example['name']}: refused at {data.get('pointer')!r} by {data.get('keyword')}, "
                         f"not at {example['pointer']!r} by {example['keyword']}")


def other_members(endpoint, page, method):
    good = endpoint.contract.examples(method, "ok")[0]["params"]
    for name, pointer in (("pin", "/pin"), ("origin", "/origin"), ("", "/"), ("a/b~c", "/a~1b~0c"), ("__proto__", "/__proto__")):
        data = expect(page.ask(method, {**good, name: "123456"}), "invalid_params", f"the member {name!r}")
        if data.get("pointer") != pointer:
            raise Failed(f"the member {name!r} was refused at {data.get('pointer')!r}")


def a_stranger(endpoint, page, method):
    good = endpoint.contract.examples(method, "ok")[0]["params"]
    if endpoint.contract.permission(method) != "none":
        for params in (good, {"pin": "123456"}):
            expect(page.ask(method, params), "origin_denied", f"{params}"[:60])
    elif method == "agent.requestAccess":
        raise Skipped("it would show a dialog")
    elif "result" not in page.ask(method, good):
        raise Failed("it was refused")


def method_checks(contract):
    """Adds the checks of each method of the document."""
    for method in contract.methods:
        for what, function, origin in (("good params get a result or one of its errors", good_params, None),
                                       ("bad params are refused with their place", bad_params, None),
                                       ("members that it does not know are refused", other_members, None),
                                       ("a stranger gets what is allowed to strangers", a_stranger, "stranger")):
            CHECKS.append((f"{method}: {what}", _bound(method, function, origin)))


def _bound(method, function, origin):
    def run(endpoint):
        with endpoint.connect(endpoint.stranger if origin else None) as page:
            function(endpoint, page, method)
            page.finish()
            verdict(page)
    return run


@connected("access: what an origin may do is told before and after")
def granted(_endpoint, page):
    if page.result("agent.info")["grant"] not in ("once", "always", "listed"):
        raise Failed("the origin of --origin is not allowed here")
    if page.result("agent.requestAccess")["grant"] not in ("once", "always", "listed"):
        raise Failed("an allowed origin was asked about again")
    page.finish()


@connected("access: a stranger who asks is given what the user says", "stranger")
def asking(endpoint, page):
    if page.result("agent.info")["grant"] != "none":
        raise Failed("an origin that was never seen has a grant")
    if not endpoint.scripted:
        raise Skipped("needs --pin-is-scripted")
    grant = page.result("agent.requestAccess", reason="conformance")["grant"]
    if grant in ("none", "listed"):
        raise Failed(f"asking ended with {grant}")
    reason = None if grant in ("once", "always") else "origin_denied"
    message = page.ask("form.catalog", {})
    if reason:
        expect(message, reason, "form.catalog after a refusal")
    elif "result" not in message:
        raise Failed("form.catalog was refused after the origin had been allowed")
    page.finish()
    if grant != "always":
        with endpoint.connect(endpoint.stranger) as other:
            if other.result("agent.info")["grant"] != "none":
                raise Failed("what was said on one connection holds on another")
            verdict(other)
