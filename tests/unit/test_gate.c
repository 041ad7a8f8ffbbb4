/* SPDX-License-Identifier: Apache-2.0 */
/* test_gate.c: each header of a handshake broken alone is refused with its own status. */
#include "test.h"

#include "transport/gate.h"

static bool
only_portal(void *context, const char *origin)
{
	(void)context;
	return strcmp(origin, "https://portal.example") == 0;
}

static void
set(struct gate_value *value, const char *text)
{
	*value = (struct gate_value){ .len = strlen(text), .present = true };
	strncpy(value->text, text, sizeof(value->text) - 1);
}

static struct gate_handshake
good(void)
{
	struct gate_handshake h = { 0 };

	set(&h.upgrade, "websocket");
	set(&h.version, "13");
	set(&h.host, "127.0.0.1:15070");
	set(&h.origin, "https://portal.example");
	set(&h.protocol, "imza.v1");
	set(&h.uri, "/");
	return h;
}

static void
a_good_handshake_passes(void)
{
	struct gate_handshake h = good();

	CHECK_INT(gate_check(&h, 15070, only_portal, NULL), 0);
	set(&h.upgrade, "WebSocket");
	set(&h.protocol, "imza.v9,\timza.v1");
	set(&h.fetch_mode, "websocket");
	set(&h.fetch_site, "same-origin");
	CHECK_INT(gate_check(&h, 15070, only_portal, NULL), 0);
	set(&h.protocol, "imza.v9, imza.versions");
	CHECK_INT(gate_check(&h, 15070, only_portal, NULL), 0);
}

static void
each_header_missing_or_wrong_is_refused(void)
{
	static const struct { size_t offset; const char *text; int status; } cases[] = {
#define AT(member) offsetof(struct gate_handshake, member)
		{ AT(upgrade), NULL, 400 }, { AT(upgrade), "h2c", 400 }, { AT(version), NULL, 426 }, { AT(version), "8", 426 },
		{ AT(version), "13, 8", 426 }, { AT(host), NULL, 421 }, { AT(host), "evil.example:15070", 421 }, { AT(host), "127.0.0.1:15071", 421 },
		{ AT(host), "127.0.0.1", 421 }, { AT(host), "127.0.0.1:15070, 127.0.0.1:15070", 421 }, { AT(origin), NULL, 403 },
		{ AT(origin), "https://evil.example", 403 }, { AT(protocol), NULL, 400 }, { AT(protocol), "imza.v10", 400 },
		{ AT(protocol), "imza", 400 }, { AT(protocol), "", 400 }, { AT(uri), NULL, 400 }, { AT(uri), "/x", 400 },
		{ AT(fetch_mode), "cors", 403 }, { AT(fetch_site), "none", 403 },
#undef AT
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct gate_handshake h = good();
		struct gate_value *value = (struct gate_value *)(void *)((char *)&h + cases[i].offset);

		if (cases[i].text == NULL)
			*value = (struct gate_value){ 0 };
		else
			set(value, cases[i].text);
		CHECK_MSG(gate_check(&h, 15070, only_portal, NULL) == cases[i].status, "case %zu", i);
	}
}

static void
a_hidden_nul_or_a_long_value_is_refused(void)
{
	struct gate_handshake h = good();

	h.origin.len += 6;	/* "https://portal.example\0.evil" */
	CHECK_INT(gate_check(&h, 15070, only_portal, NULL), 403);
	h = good();
	h.host.too_long = true;
	CHECK_INT(gate_check(&h, 15070, only_portal, NULL), 421);
}

TEST_MAIN(TEST_CASE(a_good_handshake_passes), TEST_CASE(each_header_missing_or_wrong_is_refused),
    TEST_CASE(a_hidden_nul_or_a_long_value_is_refused))
