/* SPDX-License-Identifier: Apache-2.0 */
/* forms/profile.c: account, prices, call centre and links as lines for people. */
#include "forms/profile.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "forms/field.h"

#define NOTE_MAX 8192

/* The words around what the profile says, by language. */
struct words {
	const char *account, *tax_number, *iban, *price, *price_unit, *stale_before, *stale_after, *call_centre;
};
static const struct words words_tr = { "Ücretin yatırılacağı hesap: ", ", vergi no ", "IBAN ", "Ücret", " TL", ". Bu ücret ",
	" yılına aittir; güncelini kurumun biriminden öğrenin.", "Çağrı merkezi: " };
static const struct words words_en = { "Account for fees: ", ", tax number ", "IBAN ", "Price", " TL", ". This is the price of ",
	"; ask the institution's unit for today's.", "Call centre: " };

const char *
profile_text(const cJSON *object, const char *name, const char *language)
{
	const cJSON *member = json_member(object, name);
	const char *text = cJSON_IsObject(member) ? json_string(member, language) : cJSON_GetStringValue(member);

	return text != NULL ? text : "";
}

const cJSON *
profile_price(const cJSON *profile, const char *id)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, json_member(json_member(profile, "prices"), "items")) {
		const char *own = json_string(item, "id");

		if (own != NULL && strcmp(own, id) == 0)
			return item;
	}
	return NULL;
}

bool
profile_prices_are_stale(const cJSON *profile, struct day today)
{
	return json_integer(json_member(profile, "prices"), "year", today.year) < today.year;
}

/* Groups of four, however it was written. */
static void
iban_append(struct buf *buf, const char *iban)
{
	size_t written = 0;

	for (; *iban != '\0'; iban++) {
		if (*iban == ' ')
			continue;
		if (written > 0 && written % 4 == 0)
			buf_append_string(buf, " ");
		buf_append(buf, iban, 1);
		written++;
	}
}

static void
account_append(struct buf *buf, const cJSON *account, const struct words *words, const char *language)
{
	if (account == NULL)
		return;
	buf_append_string(buf, words->account);
	buf_append_string(buf, profile_text(account, "holder", language));
	buf_append_string(buf, "; ");
	buf_append_string(buf, profile_text(account, "taxOffice", language));
	buf_append_string(buf, words->tax_number);
	buf_append_string(buf, profile_text(account, "taxNumber", language));
	buf_append_string(buf, "\n");
	buf_append_string(buf, profile_text(account, "bank", language));
	buf_append_string(buf, ", ");
	buf_append_string(buf, words->iban);
	iban_append(buf, profile_text(account, "iban", language));
}

static int
price_append(struct buf *buf, const cJSON *profile, const char *id, const struct words *words, const char *language, struct day today)
{
	const cJSON *price = profile_price(profile, id);
	char *amount, *year;

	if (price == NULL)
		return 0;
	amount = field_number_text(cJSON_GetNumberValue(json_member(price, "amount")), language);
	year = field_number_text((double)json_integer(json_member(profile, "prices"), "year", 0), language);
	if (amount != NULL && year != NULL) {
		buf_append_string(buf, words->price);
		buf_append_string(buf, " (");
		buf_append_string(buf, year);
		buf_append_string(buf, "), ");
		buf_append_string(buf, profile_text(price, "name", language));
		buf_append_string(buf, ": ");
		buf_append_string(buf, amount);
		buf_append_string(buf, words->price_unit);
		if (profile_prices_are_stale(profile, today)) {
			buf_append_string(buf, words->stale_before);
			buf_append_string(buf, year);
			buf_append_string(buf, words->stale_after);
		}
	}
	free(amount);
	free(year);
	return amount != NULL && year != NULL ? 0 : ERR_INTERNAL;
}

static void
call_centre_append(struct buf *buf, const cJSON *call_centre, const struct words *words, const char *language)
{
	if (call_centre == NULL)
		return;
	buf_append_string(buf, words->call_centre);
	buf_append_string(buf, profile_text(call_centre, "phone", language));
	if (json_member(call_centre, "email") != NULL) {
		buf_append_string(buf, ", ");
		buf_append_string(buf, profile_text(call_centre, "email", language));
	}
}

static void
links_append(struct buf *buf, const cJSON *links, const char *language)
{
	const cJSON *link;

	cJSON_ArrayForEach(link, links) {
		if (link != links->child)
			buf_append_string(buf, "\n");
		buf_append_string(buf, profile_text(link, "name", language));
		buf_append_string(buf, ": ");
		buf_append_string(buf, profile_text(link, "url", language));
	}
}

int
profile_note(const cJSON *profile, const char *entry, const char *language, struct day today, char **ret_text)
{
	const struct words *words = strcmp(language, "en") == 0 ? &words_en : &words_tr;
	struct buf buf;
	char *text = NULL;
	int err = 0;

	buf_init(&buf, NOTE_MAX);
	if (strcmp(entry, "account") == 0)
		account_append(&buf, json_member(profile, "account"), words, language);
	else if (strcmp(entry, "callCentre") == 0)
		call_centre_append(&buf, json_member(profile, "callCentre"), words, language);
	else if (strcmp(entry, "links") == 0)
		links_append(&buf, json_member(profile, "links"), language);
	else if (strncmp(entry, PROFILE_PRICE, strlen(PROFILE_PRICE)) == 0)
		err = price_append(&buf, profile, entry + strlen(PROFILE_PRICE), words, language, today);
	if (err == 0 && buf.len > 0) {
		buf_append(&buf, "", 1);
		if (buf.failed || (text = strdup((const char *)buf.data)) == NULL)
			err = ERR_INTERNAL;
	}
	buf_clear(&buf);
	if (err == 0)
		*ret_text = text;
	return err;
}
