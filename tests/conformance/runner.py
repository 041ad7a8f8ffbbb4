# SPDX-License-Identifier: Apache-2.0
"""Runs the checks against an endpoint."""
import functools
import re

import websocket

import checks_handshake
import checks_messages
import checks_methods
import checks_operations
from checks import CHECKS
from contract import Contract
from endpoint import Closed, Endpoint, Failed, Skipped

__all__ = ["main", "run", "checks_handshake", "checks_messages", "checks_operations"]


@functools.cache
def all_checks(openrpc):
    contract = Contract(openrpc)
    before = len(CHECKS)
    checks_methods.method_checks(contract)
    checks = CHECKS[:]
    del CHECKS[before:]
    return contract, checks


def run(openrpc, url, origin, scripted=False, seconds=10, only=""):
    """(name, None, a problem or a Skipped) of each check whose name has the pattern `only` in it."""
    contract, checks = all_checks(openrpc)
    endpoint = Endpoint(contract, url, origin, scripted, seconds)
    try:
        with endpoint.connect() as page:
            endpoint.info = page.result("agent.info")
    except (Failed, Closed, websocket.WebSocketException, OSError) as error:
        yield "the endpoint answers agent.info", str(error)
        return
    for name, function in checks:
        if not re.search(only, name):
            continue
        try:
            function(endpoint)
            yield name, None
        except Skipped as skipped:
            yield name, skipped
        except (Failed, Closed, websocket.WebSocketException, OSError, KeyError, TypeError, ValueError, AttributeError) as error:
            # An endpoint may send anything: what breaks a check's own reading is a failure too.
            yield name, f"{type(error).__name__}: {error}" if not isinstance(error, (Failed, Closed)) else str(error)


def main(openrpc, url, origin, scripted, seconds, only):
    passed = failed = skipped = 0
    for number, (name, outcome) in enumerate(run(openrpc, url, origin, scripted, seconds, only), 1):
        if outcome is None:
            passed += 1
            print(f"ok {number} - {name}")
        elif isinstance(outcome, Skipped):
            skipped += 1
            print(f"ok {number} - {name} # SKIP {outcome}")
        else:
            failed += 1
            print(f"not ok {number} - {name}\n# {outcome}")
    print(f"1..{passed + failed + skipped}\nconformance: {passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return int(failed > 0)
