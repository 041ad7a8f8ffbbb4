/* SPDX-License-Identifier: Apache-2.0 */
/* prompt/access.c: may this site use the agent: once, always, or not. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "prompt/language.h"
#include "prompt/prompt.h"
#include "prompt/text.h"
#include "prompt/windows.h"

/* The page's words, in quotes that they can't close. The caller frees it; NULL when memory runs out. */
static char *
reason_text(const char *reason)
{
	static const char *const quotes[] = { "\"", "\xe2\x80\x9c", "\xe2\x80\x9d", "\xe2\x80\x9e", "\xe2\x80\x9f" };
	char text[TEXT_BYTES(TEXT_REASON_MAX)], *to = text, *sentence = NULL;
	size_t len;

	text_safe(reason, TEXT_REASON_MAX, text);
	for (const char *from = text; *from != '\0'; from += len) {
		len = 0;
		for (size_t i = 0; len == 0 && i < sizeof(quotes) / sizeof(quotes[0]); i++)
			if (strncmp(from, quotes[i], strlen(quotes[i])) == 0)
				len = strlen(quotes[i]);
		*to++ = len > 0 ? '\'' : *from;
		len = len > 0 ? len : 1;
	}
	*to = '\0';
	return asprintf(&sentence, _("The site's own words: “%s”"), text) >= 0 ? sentence : NULL;
}

/* Where there are two buttons only: allowed already, and now for how long. Whatever is not a clear yes is "once". */
static int
duration_ask(struct prompt *prompt, const char *origin_text, const char **ret_answer)
{
	struct dialog dialog = { .title = _("e-signature: access"), .text = origin_text, .ok = _("Always allow"), .cancel = _("Only this time") };
	enum pinentry_answer answer;
	int r = dialog_confirm(prompt, &dialog, &answer);

	if (r == 0)
		*ret_answer = answer == PINENTRY_OK ? "always" : "once";
	return r;
}

static int
access_ask(struct prompt *prompt, const char *text, const char *duration_text, const char **ret_answer)
{
	struct dialog dialog = { .title = _("e-signature: access"), .text = text, .ok = _("Allow once"), .cancel = _("Refuse") };
	enum pinentry_answer answer;
	bool third;
	int r;

	if ((r = pinentry_open(prompt->program, prompt->deadline, &prompt->pinentry)) != 0)
		return r;
	third = pinentry_has_third_button(prompt->pinentry);
	if (third)
		dialog.notok = _("Always allow");
	else
		dialog.ok = _("Allow");
	if ((r = dialog_confirm(prompt, &dialog, &answer)) != 0)
		return r;
	if (!third && answer == PINENTRY_OK)
		return duration_ask(prompt, duration_text, ret_answer);
	/* Without a third button "not confirmed" is an old pinentry's word for cancel. */
	*ret_answer = answer == PINENTRY_OK ? "once" : answer == PINENTRY_NOTOK && third ? "always" : "denied";
	return 0;
}

/* In pinentry's dialogs. */
static int
access_pages(struct prompt *prompt, const cJSON *request, const struct site *site, const char *words, const char **ret_answer)
{
	struct pages *pages = NULL, *duration = NULL;
	char *text = NULL, *duration_text = NULL;
	int r;

	if ((r = pages_for_origin(request, &pages)) != 0 || (r = pages_for_origin(request, &duration)) != 0)
		goto out;
	site_add(site, pages);
	pages_add(pages, _("This site wants to use the e-signature agent of this computer."), 0);
	pages_add_blank(pages);
	pages_add(pages, _("If you allow it, it can see the cards in your readers and the name and identity number in their certificates, "
	    "and ask you for signatures. Each signature still needs your consent and your PIN."), 0);
	pages_add_blank(pages);
	if (words != NULL)
		pages_add(pages, words, 0);
	pages_add(duration, _("Should this site be allowed from now on, without being asked again?"), 0);
	if (pages_count(pages) != 1 || pages_count(duration) != 1) {
		r = ERR_TOO_LARGE;
		goto out;
	}
	if ((text = pages_text(pages, 0)) == NULL || (duration_text = pages_text(duration, 0)) == NULL) {
		r = ERR_INTERNAL;
		goto out;
	}
	r = access_ask(prompt, text, duration_text, ret_answer);
out:
	free(text);
	free(duration_text);
	pages_free(pages);
	pages_free(duration);
	return r;
}

int
access_run(struct prompt *prompt, struct helper_call *call, cJSON **ret_result)
{
	const char *reason = json_string(call->request, "reason"), *answer = NULL;
	char *words = NULL;
	struct site site;
	int r;

	if ((r = site_read(json_string(call->request, "origin"), &site)) != 0)
		return r;
	if (reason != NULL && reason[0] != '\0' && (words = reason_text(reason)) == NULL)
		return ERR_INTERNAL;
	r = window_possible() ? access_window(prompt, &site, words, &answer) : access_pages(prompt, call->request, &site, words, &answer);
	free(words);
	return r != 0 ? r : answer_make(answer, ret_result);
}
