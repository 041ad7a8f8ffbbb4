/* SPDX-License-Identifier: Apache-2.0 */
/* piv_applet.c: commands and their status words. */
#include "piv_applet.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "piv_objects.h"

#define TRIES 3
#define PIN_LEN 8		/* padded with FF */
#define ANSWER_PART 256

static const unsigned char aid[] = { 0xa0, 0x00, 0x00, 0x03, 0x08, 0x00, 0x00, 0x10, 0x00, 0x01, 0x00 };

struct secret_code {
	unsigned char value[PIN_LEN];
	int tries;
};

struct applet {
	struct objects *objects;
	struct secret_code pin, puk;
	bool selected, verified, fresh;		/* fresh: verified and nothing signed since (key 9C wants that) */
	unsigned logins;
	unsigned char chained[APDU_MAX];	/* data of a command that comes in parts */
	size_t chained_len;
	unsigned char rest[APDU_MAX];		/* of an answer, for GET RESPONSE */
	size_t rest_len, rest_at;
};

struct command {
	unsigned char cla, ins, p1, p2;
	const unsigned char *data;
	size_t len, expected;
};

static size_t
status(unsigned char *out, size_t len, unsigned sw)
{
	out[len] = (unsigned char)(sw >> 8);
	out[len + 1] = (unsigned char)sw;
	return len + 2;
}

struct applet *
applet_new(const char *folder, unsigned number)
{
	struct applet *applet = calloc(1, sizeof(*applet));

	if (applet == NULL || (applet->objects = objects_new(folder, number)) == NULL) {
		free(applet);
		return NULL;
	}
	applet->pin.tries = applet->puk.tries = TRIES;
	memcpy(applet->pin.value, "123456\xff\xff", PIN_LEN);
	memcpy(applet->puk.value, "12345678", PIN_LEN);
	return applet;
}

void
applet_free(struct applet *applet)
{
	if (applet == NULL)
		return;
	objects_free(applet->objects);
	free(applet);
}

void
applet_reset(struct applet *applet)
{
	applet->selected = applet->verified = applet->fresh = false;
	applet->chained_len = applet->rest_len = applet->rest_at = 0;
}

int
applet_pin_tries(const struct applet *applet)
{
	return applet->pin.tries;
}

int
applet_puk_tries(const struct applet *applet)
{
	return applet->puk.tries;
}

unsigned
applet_logins(const struct applet *applet)
{
	return applet->logins;
}

/* --- PIN and PUK --- */

static unsigned
code_check(struct secret_code *code, const unsigned char *value)
{
	if (code->tries == 0)
		return 0x6983;
	if (memcmp(code->value, value, PIN_LEN) == 0) {
		code->tries = TRIES;
		return 0x9000;
	}
	code->tries--;
	return code->tries == 0 ? 0x6983 : 0x63c0u | (unsigned)code->tries;
}

static unsigned
verify(struct applet *applet, const struct command *command)
{
	unsigned sw;

	if (command->p2 != 0x80)
		return 0x6a88;
	if (command->len == 0)
		return applet->verified ? 0x9000 : applet->pin.tries == 0 ? 0x6983 : 0x63c0u | (unsigned)applet->pin.tries;
	if (command->len != PIN_LEN)
		return 0x6a80;
	applet->logins++;
	sw = code_check(&applet->pin, command->data);
	applet->verified = applet->fresh = sw == 0x9000;
	return sw;
}

/* CHANGE REFERENCE DATA (old, new) and RESET RETRY COUNTER (PUK, new PIN) differ in whose value comes first. */
static unsigned
code_change(struct applet *applet, const struct command *command, struct secret_code *proof, struct secret_code *changed)
{
	unsigned sw;

	if (command->len != 2 * PIN_LEN)
		return 0x6a80;
	if ((sw = code_check(proof, command->data)) != 0x9000)
		return sw;
	memcpy(changed->value, command->data + PIN_LEN, PIN_LEN);
	changed->tries = TRIES;
	applet->verified = applet->fresh = false;
	return 0x9000;
}

/* --- answers --- */

/* The first part of an answer; the rest is for GET RESPONSE. */
static size_t
answer_begin(struct applet *applet, const unsigned char *data, size_t len, size_t expected, unsigned char *out)
{
	size_t part = expected == 0 || expected > ANSWER_PART ? ANSWER_PART : expected, left;

	if (len <= part) {
		memcpy(out, data, len);
		return status(out, len, 0x9000);
	}
	left = len - part;
	memcpy(out, data, part);
	memcpy(applet->rest, data + part, left);
	applet->rest_len = left;
	applet->rest_at = 0;
	return status(out, part, 0x6100u | (left > 255 ? 0 : (unsigned)left));
}

static size_t
answer_continue(struct applet *applet, unsigned char *out)
{
	size_t left = applet->rest_len - applet->rest_at, part = left > ANSWER_PART ? ANSWER_PART : left;

	if (left == 0)
		return status(out, 0, 0x6985);
	memcpy(out, applet->rest + applet->rest_at, part);
	applet->rest_at += part;
	left -= part;
	return status(out, part, left == 0 ? 0x9000 : 0x6100u | (left > 255 ? 0 : (unsigned)left));
}

static size_t
select_applet(struct applet *applet, const struct command *command, unsigned char *out)
{
	static const unsigned char answer[] = { 0x61, 0x11, 0x4f, 0x06, 0x00, 0x00, 0x10, 0x00, 0x01, 0x00, 0x79, 0x07, 0x4f, 0x05,
		0xa0, 0x00, 0x00, 0x03, 0x08 };

	if (command->p1 != 0x04 || command->len < 5 || command->len > sizeof(aid) || memcmp(command->data, aid, command->len) != 0)
		return status(out, 0, 0x6a82);
	applet->selected = true;
	memcpy(out, answer, sizeof(answer));
	return status(out, sizeof(answer), 0x9000);
}

static size_t
get_data(struct applet *applet, const struct command *command, unsigned char *out)
{
	const unsigned char *object;
	size_t len;

	if (command->len < 3 || command->data[0] != 0x5c || command->data[1] != command->len - 2)
		return status(out, 0, 0x6a80);
	if ((object = objects_find(applet->objects, command->data + 2, command->len - 2, &len)) == NULL)
		return status(out, 0, 0x6a82);
	return answer_begin(applet, object, len, command->expected, out);
}

static size_t
general_authenticate(struct applet *applet, const struct command *command, unsigned char *out)
{
	unsigned char answer[APDU_MAX];
	unsigned sw;
	size_t len = 0;

	if (command->p2 != 0x9e && !(command->p2 == 0x9c ? applet->fresh : applet->verified))
		return status(out, 0, 0x6982);
	applet->fresh = false;
	if ((sw = objects_sign(applet->objects, command->p2, command->p1, command->data, command->len, answer, &len)) != 0x9000)
		return status(out, 0, sw);
	return answer_begin(applet, answer, len, 0, out);
}

static size_t
command_run(struct applet *applet, const struct command *command, unsigned char *out)
{
	if (command->ins == 0xa4)
		return select_applet(applet, command, out);
	if (!applet->selected)
		return status(out, 0, 0x6d00);
	switch (command->ins) {
	case 0xcb:
		return get_data(applet, command, out);
	case 0xc0:
		return answer_continue(applet, out);
	case 0x20:
		return status(out, 0, verify(applet, command));
	case 0x24:
		return status(out, 0, command->p2 == 0x80 ? code_change(applet, command, &applet->pin, &applet->pin) :
		    command->p2 == 0x81 ? code_change(applet, command, &applet->puk, &applet->puk) : 0x6a88);
	case 0x2c:
		return status(out, 0, command->p2 == 0x80 ? code_change(applet, command, &applet->puk, &applet->pin) : 0x6a88);
	case 0x87:
		return general_authenticate(applet, command, out);
	}
	return status(out, 0, 0x6d00);
}

size_t
applet_answer(struct applet *applet, const unsigned char *apdu, size_t len, unsigned char *out)
{
	struct command command;

	if (len < 4)
		return status(out, 0, 0x6700);
	command = (struct command){ apdu[0], apdu[1], apdu[2], apdu[3], NULL, 0, 0 };
	if (len == 5) {
		command.expected = apdu[4] == 0 ? 256 : apdu[4];
	} else if (len > 5) {
		command.data = apdu + 5;
		command.len = apdu[4];
		if (command.len == 0 || len < 5 + command.len || len > 6 + command.len)
			return status(out, 0, 0x6700);
		if (len == 6 + command.len)
			command.expected = apdu[len - 1] == 0 ? 256 : apdu[len - 1];
	}
	/* CLA bit 5: more parts of this command follow (ISO 7816-4 section 5.3.3). */
	if ((command.cla & 0x10) != 0 || applet->chained_len > 0) {
		if (applet->chained_len + command.len > sizeof(applet->chained))
			return status(out, 0, 0x6700);
		memcpy(applet->chained + applet->chained_len, command.data != NULL ? command.data : apdu, command.len);
		applet->chained_len += command.len;
		if ((command.cla & 0x10) != 0)
			return status(out, 0, 0x9000);
		command.data = applet->chained;
		command.len = applet->chained_len;
		applet->chained_len = 0;
	}
	return command_run(applet, &command, out);
}
