/* SPDX-License-Identifier: Apache-2.0 */
/* prompt/dialog.c: showing one dialog and taking its answer only when it was meant. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "prompt/prompt.h"
#include "prompt/site.h"

#define SHOWS_MAX 20	/* a key held down, or a pinentry that does not wait */

static int
dialog_send(struct prompt *prompt, const struct dialog *dialog)
{
	/* Without a field pinentry-gnome3 shows it as a headline, where "Message" would stand. */
	const char *prompt_text = dialog->prompt != NULL ? dialog->prompt : dialog->title;
	const char *const settings[][2] = {
		{ "SETTITLE", dialog->title }, { "SETDESC", dialog->text }, { "SETERROR", dialog->error }, { "SETPROMPT", prompt_text },
		{ "SETOK", dialog->ok }, { "SETNOTOK", dialog->notok }, { "SETCANCEL", dialog->cancel },
	};
	int64_t left = (prompt->deadline - clock_ms() + 999) / 1000;
	char seconds[24];
	int r;

	if (left <= 0)
		return ERR_TIMEOUT;
	if (prompt->pinentry == NULL && (r = pinentry_open(prompt->program, prompt->deadline, &prompt->pinentry)) != 0)
		return r;
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		if (settings[i][1] != NULL && (r = pinentry_set(prompt->pinentry, settings[i][0], settings[i][1])) != 0)
			return r;
	snprintf(seconds, sizeof(seconds), "%lld", (long long)left);
	return pinentry_set(prompt->pinentry, "SETTIMEOUT", seconds);
}

int
dialog_confirm(struct prompt *prompt, const struct dialog *dialog, enum pinentry_answer *ret_answer)
{
	enum pinentry_answer answer;
	int64_t shown;
	int r;

	for (unsigned i = 0; i < SHOWS_MAX; i++) {
		if ((r = dialog_send(prompt, dialog)) != 0)
			return r;
		shown = clock_ms();
		if ((r = pinentry_confirm(prompt->pinentry, &answer)) != 0)
			return r;
		if (clock_ms() - shown >= prompt->arm_ms) {
			*ret_answer = answer;
			return 0;
		}
		log_info("an answer after %lld ms is not taken", (long long)(clock_ms() - shown));
	}
	*ret_answer = PINENTRY_CANCEL;
	return 0;
}

int
dialog_pin(struct prompt *prompt, const struct dialog *dialog, struct secret *secret, enum pinentry_answer *ret_answer)
{
	int r = dialog_send(prompt, dialog);

	return r != 0 ? r : pinentry_pin(prompt->pinentry, secret, ret_answer);
}

int
dialog_message(struct prompt *prompt, const struct dialog *dialog)
{
	int r = dialog_send(prompt, dialog);

	return r != 0 ? r : pinentry_message(prompt->pinentry);
}

int
pages_for_origin(const cJSON *request, struct pages **ret_pages)
{
	struct pages *pages;
	struct site site;
	int r;

	if ((r = site_read(json_string(request, "origin"), &site)) != 0)
		return r;
	if ((pages = pages_new(site.origin)) == NULL)
		return ERR_INTERNAL;
	*ret_pages = pages;
	return 0;
}

int
answer_make(const char *word, cJSON **ret_result)
{
	cJSON *result = cJSON_CreateObject();

	if (result == NULL || cJSON_AddStringToObject(result, "answer", word) == NULL) {
		cJSON_Delete(result);
		return ERR_INTERNAL;
	}
	*ret_result = result;
	return 0;
}
