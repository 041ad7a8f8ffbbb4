# SPDX-License-Identifier: Apache-2.0
"""What is a message: JSON, the JSON-RPC envelope, ids, sizes, and one answer for each request."""
import json

import websocket

from checks import connected
from endpoint import Failed, expect

INFO = '"jsonrpc":"2.0","method":"agent.info"'


@connected("messages: what is no JSON is a parse_error")
def no_json(_endpoint, page):
    for text in ("", " ", "{", "nope", "{'a':1}", "[1,]", '{"a":1,}', "01", "+1", "1.", ".5", "NaN", '"\t"', '"\\x"', '"\\u0000"',
                 '"\\ud800"', '"\\udc00\\ud800"',
                 f'{{"id":1,{INFO}}}x', f'{{"id":1,{INFO}}} {{}}', f'\ufeff{{"id":1,{INFO}}}', f'// x\n{{"id":1,{INFO}}}'):
        page.raw(text, "parse_error")
    page.finish()


@connected("messages: a member's name that stands twice is a parse_error")
def twice(_endpoint, page):
    page.raw('{"a":1,"a":2}', "parse_error")
    page.raw(f'{{"id":1,"id":2,{INFO}}}', "parse_error")
    page.raw(f'{{"id":1,{INFO},"params":{{"challenge":1,"\\u0063hallenge":2}}}}', "parse_error")
    page.finish()


@connected("messages: levels up to the limit and no more")
def depth(endpoint, page):
    limit = endpoint.info["limits"]["jsonDepth"]
    within, beyond = ("[" * (n - 2) + "]" * (n - 2) for n in (limit, limit + 1))
    page.asked["1"] = "agent.info"
    page.send_text(f'{{"id":1,{INFO},"params":{{"a":{within}}}}}')
    expect(page.answer(1), "invalid_params", f"{limit} levels")
    page.raw(f'{{"id":1,{INFO},"params":{{"a":{beyond}}}}}', "parse_error")
    page.raw("[" * 100_000, "parse_error")
    page.finish()


@connected("messages: what is no request is an invalid_request")
def no_request(_endpoint, page):
    for text in ("[]", "1", "null", '"x"', "true", "{}", f"{{{INFO}}}", '{"jsonrpc":"2.0"}'):
        page.raw(text, "invalid_request")
    for number, text in enumerate(('{"id":%d,"method":"agent.info"}', '{"jsonrpc":"1.0","id":%d,"method":"agent.info"}',
                                   '{"jsonrpc":2.0,"id":%d,"method":"agent.info"}', '{"jsonrpc":"2.0","id":%d}',
                                   '{"jsonrpc":"2.0","id":%d,"method":7}', '{"jsonrpc":"2.0","id":%d,"method":null}',
                                   '{"jsonrpc":"2.0","id":%d,"result":{}}'), 1000):
        page.raw(text % number, "invalid_request", number)
    page.finish()


@connected("messages: params are an object or left out")
def params(_endpoint, page):
    for number, value in enumerate(("[]", "null", "1", '"x"', "[{}]"), 1000):
        page.raw(f'{{"id":{number},{INFO},"params":{value}}}', "invalid_request", number)
    page.result("agent.info")
    if "result" not in page.ask("agent.info"):
        raise Failed("agent.info without params was refused")
    page.finish()


@connected("messages: members that a request does not have are an invalid_request")
def members(_endpoint, page):
    for number, member in enumerate(('"extra":1', '"origin":"https://portal.example"', '"error":null', '"Id":1'), 1000):
        page.raw(f'{{"id":{number},{INFO},{member}}}', "invalid_request", number)
    page.finish()


@connected("messages: a batch is an invalid_request")
def batch(_endpoint, page):
    page.raw(f'[{{"id":1,{INFO}}}]', "invalid_request")
    page.raw(f'[{{"id":1,{INFO}}},{{"id":2,{INFO}}}]', "invalid_request")
    page.finish()


@connected("messages: a request without an id is an invalid_request")
def without_id(_endpoint, page):
    page.raw(f"{{{INFO}}}", "invalid_request")
    page.finish()


@connected("messages: an id comes back as it was")
def ids(_endpoint, page):
    for request_id in (1, 0, 9007199254740991, "1", "a", "ş" * 64, "x" * 64, "0", "null", '"', "\u0001"):
        if "result" not in page.ask("agent.info", {}, request_id):
            raise Failed(f"the id {request_id!r} was refused")
    page.finish()


@connected("messages: ids that differ in the last digit are two")
def close_ids(_endpoint, page):
    sent = [page.send("card.list", {}, request_id) for request_id in (9007199254740990, 9007199254740991, "9007199254740991")]
    for _ in sent:
        if page.receive().get("id") not in sent:
            raise Failed("an id came back changed")
    page.finish()


@connected("messages: what is no id is an invalid_request")
def no_ids(_endpoint, page):
    for value in ("null", "1.5", "-1", "9007199254740992", "1e300", "true", "[]", "[1]", "{}", '""', json.dumps("x" * 65)):
        page.raw(f'{{"id":{value},{INFO}}}', "invalid_request")
    page.finish()


@connected("messages: an id under way is not taken twice")
def duplicate_ids(_endpoint, page):
    page.asked['"twice"'] = "card.list"
    for _ in range(2):
        page.send_text('{"jsonrpc":"2.0","id":"twice","method":"card.list"}')
    first = page.receive()
    if first.get("id") is None:
        expect(first, "invalid_request", "the second request")
        page.answer("twice")
    else:
        # The first may have been done before the second was read: then this is a new request.
        page.asked['"twice"'] = "card.list"
        second = page.receive()
        if second.get("id") is None:
            page.asked.clear()
            expect(second, "invalid_request", "the second request")
    page.finish()


@connected("messages: an unknown method is a method_not_found")
def unknown_method(_endpoint, page):
    for method in ("agent.nothing", "agent", "", "agent.info ", "Agent.info", "AGENT.INFO", "rpc.discover", "card.inserted", "x" * 10_000):
        expect(page.ask(method, {}), "method_not_found", f"method {method[:40]!r}")
    page.finish()


@connected("messages: one answer for each request")
def one_answer(_endpoint, page):
    sent = [page.send("agent.info", {}) for _ in range(40)]
    for _ in sent:
        page.receive()
    page.finish()


@connected("messages: a message of the allowed size, and none above it")
def size(endpoint, page):
    limit = endpoint.info["limits"]["requestBytes"]
    request = '{"id":1,%s}' % INFO
    page.asked["1"] = "agent.info"
    page.send_text(request + " " * (limit - len(request)))
    if "result" not in page.answer(1):
        raise Failed(f"{limit} bytes were refused")
    try:
        page.send_text(request + " " * (limit - len(request) + 1))
    except (websocket.WebSocketException, OSError):
        pass		# it closes while we still send
    page.closes(1009, f"a message of {limit + 1} bytes")


@connected("messages: a message in fragments is put together, with a ping in between")
def fragments(_endpoint, page):
    text = f'{{"id":1,{INFO}}}'.encode()
    page.asked["1"] = "agent.info"
    page.send_frame(websocket.ABNF.OPCODE_TEXT, text[:9], fin=0)
    page.send_frame(websocket.ABNF.OPCODE_CONT, text[9:20], fin=0)
    page.socket.ping(b"between")
    page.send_frame(websocket.ABNF.OPCODE_CONT, text[20:])
    page.answer(1)
    page.finish()


@connected("messages: text that is no UTF-8 closes with 1007")
def utf8(_endpoint, page):
    page.finish()
    page.send_frame(websocket.ABNF.OPCODE_TEXT, b'{"id":1,"jsonrpc":"2.0","method":"agent.info\xff"}')
    page.closes(1007, "text that is no UTF-8")


@connected("messages: nothing comes unasked")
def unasked(_endpoint, page):
    page.result("agent.subscribe", topics=["operations"])
    page.result("agent.subscribe", topics=[])
    page.result("reader.list")
    page.finish()
