/* SPDX-License-Identifier: Apache-2.0 */
/* prompt/select.c: one certificate of several. Pinentry has no lists, so it shows them one after the other. */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "prompt/language.h"
#include "prompt/prompt.h"
#include "prompt/summary.h"
#include "prompt/text.h"
#include "prompt/windows.h"

#define CERTIFICATES_MAX 256
#define ROUNDS_MAX 5	/* through the whole list */

static const char *const members[] = { "owner", "issuer", "card", "reader", "notAfter", "id" };

/* Whether it is a list of certificates with all that there is to show. */
static bool
certificates_valid(const cJSON *certificates)
{
	int count = cJSON_IsArray(certificates) ? cJSON_GetArraySize(certificates) : 0;
	const cJSON *certificate;

	cJSON_ArrayForEach(certificate, certificates)
		for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
			if (json_string(certificate, members[i]) == NULL)
				return false;
	return count > 0 && count <= CERTIFICATES_MAX;
}

/* The text of certificate i with names of at most name_max letters; the caller frees it. 0, ERR_INTERNAL, ERR_TOO_LARGE. */
static int
certificate_text(const cJSON *request, const cJSON *certificate, size_t i, size_t count, size_t name_max, char **ret_text)
{
	char texts[4][TEXT_BYTES(TEXT_NAME_MAX)];
	const char *not_after = json_string(certificate, "notAfter");
	struct pages *pages = NULL;
	struct site site;
	int r;

	for (size_t n = 0; n < 4; n++)
		text_safe(json_string(certificate, members[n]), name_max, texts[n]);
	if ((r = site_read(json_string(request, "origin"), &site)) != 0 || (r = pages_for_origin(request, &pages)) != 0)
		return r;
	site_add(&site, pages);
	pages_add(pages, _("This site asks you to choose a certificate. It is told the one that you choose; nothing is signed by that."), 0);
	pages_add_blank(pages);
	if (count > 1)
		pages_add_format(pages, 0, _("Certificate %zu of %zu"), i + 1, count);
	pages_add_format(pages, 4, _("Owner: %s"), texts[0]);
	pages_add_format(pages, 4, _("Certificate by: %s"), texts[1]);
	summary_add_valid_until(not_after, pages);
	pages_add_format(pages, 4, _("Card: %s"), texts[2]);
	pages_add_format(pages, 4, _("Reader: %s"), texts[3]);
	if (pages_count(pages) != 1)
		r = ERR_TOO_LARGE;
	else if ((*ret_text = pages_text(pages, 0)) == NULL)
		r = ERR_INTERNAL;
	pages_free(pages);
	return r;
}

/* 0 and what was pressed: PINENTRY_NOTOK is "the next one". */
static int
certificate_show(struct prompt *prompt, const char *text, bool several, enum pinentry_answer *ret_answer)
{
	struct dialog dialog = { .title = _("e-signature: certificate"), .text = text, .ok = _("Choose this one"), .cancel = _("Give up") };
	enum pinentry_answer answer;
	bool third;
	int r;

	if (prompt->pinentry == NULL && (r = pinentry_open(prompt->program, prompt->deadline, &prompt->pinentry)) != 0)
		return r;
	third = pinentry_has_third_button(prompt->pinentry);
	if (several && third)
		dialog.notok = _("Next one");
	else if (several)
		dialog.cancel = _("Next one");
	if ((r = dialog_confirm(prompt, &dialog, &answer)) != 0)
		return r;
	/* Where there are two buttons only, leaving the window is "the next one" as well; the last one ends it. */
	if (answer != PINENTRY_OK)
		answer = several && (answer == PINENTRY_NOTOK || !third) ? PINENTRY_NOTOK : PINENTRY_CANCEL;
	*ret_answer = answer;
	return 0;
}

/* In pinentry's dialogs, round and round. */
static int
select_pages(struct prompt *prompt, const cJSON *request, const cJSON *certificates, size_t *ret_chosen)
{
	int count = cJSON_GetArraySize(certificates);
	unsigned rounds = 0;

	for (int i = 0; rounds < ROUNDS_MAX; i = (i + 1) % count) {
		const cJSON *certificate = cJSON_GetArrayItem(certificates, i);
		enum pinentry_answer answer;
		char *text = NULL;
		bool third;
		int r = ERR_TOO_LARGE;

		/* One page always: long names give way. */
		for (size_t name_max = TEXT_NAME_MAX; r == ERR_TOO_LARGE && name_max >= 10; name_max /= 2)
			r = certificate_text(request, certificate, (size_t)i, (size_t)count, name_max, &text);
		if (r == 0)
			r = certificate_show(prompt, text, count > 1, &answer);
		free(text);
		if (r != 0)
			return r;
		if (answer == PINENTRY_OK) {
			*ret_chosen = (size_t)i;
			return 0;
		}
		third = pinentry_has_third_button(prompt->pinentry);
		if (answer == PINENTRY_CANCEL || (!third && i + 1 == count))
			return ERR_USER_CANCELLED;
		rounds += i + 1 == count;
	}
	return ERR_USER_CANCELLED;
}

int
select_run(struct prompt *prompt, struct helper_call *call, cJSON **ret_result)
{
	const cJSON *certificates = json_member(call->request, "certificates");
	struct site site;
	size_t chosen;
	int r;

	if (!certificates_valid(certificates))
		return ERR_INVALID_PARAMS;
	if ((r = site_read(json_string(call->request, "origin"), &site)) != 0)
		return r;
	r = window_possible() ? select_window(prompt, &site, certificates, &chosen) :
	    select_pages(prompt, call->request, certificates, &chosen);
	return r != 0 ? r : answer_make(json_string(cJSON_GetArrayItem(certificates, (int)chosen), "id"), ret_result);
}
