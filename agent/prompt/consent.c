/* SPDX-License-Identifier: Apache-2.0 */
/* prompt/consent.c: the signer sees all that is signed, page after page, and agrees or not. */
#include <stdlib.h>

#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "prompt/language.h"
#include "prompt/prompt.h"
#include "prompt/summary.h"
#include "prompt/windows.h"

static int
page_ask(struct prompt *prompt, const struct pages *pages, size_t i, const struct summary *summary)
{
	struct dialog dialog = { .title = summary_title(summary), .cancel = _("Refuse") };
	enum pinentry_answer answer;
	char *text = NULL;
	int r;

	dialog.ok = i + 1 < pages_count(pages) ? _("Next page") : summary_agree(summary);
	if ((text = pages_text(pages, i)) == NULL)
		return ERR_INTERNAL;
	dialog.text = text;
	r = dialog_confirm(prompt, &dialog, &answer);
	free(text);
	return r != 0 ? r : answer == PINENTRY_OK ? 0 : ERR_USER_DENIED;
}

/* In pinentry's dialogs, one after the other. */
static int
consent_pages(struct prompt *prompt, const cJSON *request, const struct site *site, const struct summary *summary)
{
	struct pages *pages = NULL;
	int r;

	if ((r = pages_for_origin(request, &pages)) != 0)
		return r;
	site_add(site, pages);
	summary_add_head(summary, pages);
	pages_add_blank(pages);
	summary_add_documents(summary, pages);
	if (pages_count(pages) == 0) {
		log_warning("more than %d pages", PAGES_MAX);
		r = ERR_TOO_LARGE;
	}
	for (size_t i = 0; r == 0 && i < pages_count(pages); i++)
		r = page_ask(prompt, pages, i, summary);
	pages_free(pages);
	return r;
}

int
consent_run(struct prompt *prompt, struct helper_call *call, cJSON **ret_result)
{
	struct summary summary;
	struct site site;
	int r;

	if ((r = summary_read(call->request, &summary)) != 0 || (r = site_read(json_string(call->request, "origin"), &site)) != 0)
		return r;
	r = window_possible() ? consent_window(prompt, call, &site, &summary) : consent_pages(prompt, call->request, &site, &summary);
	return r != 0 ? r : answer_make("consented", ret_result);
}
