/* SPDX-License-Identifier: Apache-2.0 */
/* prompt/entry.c: the dialogs around a PIN field, and the field's rule. */
#include "prompt/entry.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "prompt/language.h"

#define FORMAT_TRIES 5		/* entries of the wrong form that never leave this program */
#define TEXT_BYTES_MAX 800

static void
rule_write(struct entry *entry)
{
	if (entry->min > 0 && entry->max > 0 && entry->min == entry->max)
		snprintf(entry->rule, ENTRY_RULE_BYTES, _("The PIN consists of %zu digits."), entry->min);
	else if (entry->min > 0 && entry->max > 0)
		snprintf(entry->rule, ENTRY_RULE_BYTES, _("The PIN consists of %zu to %zu digits."), entry->min, entry->max);
	else if (entry->min > 0)
		snprintf(entry->rule, ENTRY_RULE_BYTES, _("The PIN consists of digits, at least %zu of them."), entry->min);
	else
		snprintf(entry->rule, ENTRY_RULE_BYTES, "%s", _("The PIN consists of digits only."));
}

int
entry_read(const cJSON *request, struct entry *ret_entry)
{
	const cJSON *pin = json_member(request, "pin");
	int64_t min = json_integer(pin, "minLength", 0), max = json_integer(pin, "maxLength", 0);
	struct entry entry = { .request = request, .state = json_string(pin, "state"), .error = json_string(request, "error"),
		.keypad = json_true(pin, "keypad") };

	if (entry.state == NULL)
		return ERR_INVALID_PARAMS;
	entry.min = min > 0 && min <= SECRET_MAX ? (size_t)min : 0;
	entry.max = max > 0 && max < SECRET_MAX ? (size_t)max : 0;	/* modules without a limit say 255 */
	rule_write(&entry);
	*ret_entry = entry;
	return 0;
}

int
entry_refused(const struct entry *entry)
{
	return strcmp(entry->state, "locked") == 0 ? ERR_PIN_LOCKED : strcmp(entry->state, "not_set") == 0 ? ERR_PIN_NOT_SET : 0;
}

static const char *
state_warning(const char *state)
{
	if (strcmp(state, "final") == 0)
		return _("LAST TRY: one more wrong PIN locks the card.");
	if (strcmp(state, "low") == 0)
		return _("Attention: a wrong PIN was entered before; a few wrong tries lock the card.");
	return NULL;
}

/* One page always: names give way when it gets too much. The caller frees it; NULL: no memory, or no way to fit. */
static char *
entry_text(const struct entry *entry, const char *task, const char *warning)
{
	struct pages *pages = NULL;
	char *text = NULL;

	for (size_t name_max = 60; name_max >= 15 && text == NULL; name_max /= 2) {
		if (pages_for_origin(entry->request, &pages) != 0)
			return NULL;
		entry->head_add(entry, name_max, pages);
		pages_add_blank(pages);
		pages_add(pages, task, 0);
		if (warning != NULL) {
			pages_add_blank(pages);
			pages_add(pages, warning, 0);
		}
		if (pages_count(pages) == 1)
			text = pages_text(pages, 0);
		pages_free(pages);
	}
	return text;
}

int
entry_confirm(struct prompt *prompt, const struct entry *entry, const char *task, const char *warning, const char *ok)
{
	struct dialog dialog = { .title = entry->title, .ok = ok, .cancel = _("Give up") };
	enum pinentry_answer answer;
	char *text = entry_text(entry, task, warning);
	int r;

	if (text == NULL)
		return ERR_INTERNAL;
	dialog.text = text;
	r = dialog_confirm(prompt, &dialog, &answer);
	free(text);
	return r != 0 ? r : answer == PINENTRY_OK ? 0 : ERR_USER_CANCELLED;
}

int
entry_confirm_last_try(struct prompt *prompt, const struct entry *entry)
{
	if (strcmp(entry->state, "final") != 0)
		return 0;
	return entry_confirm(prompt, entry, _("If you are not sure of your PIN, give up now. Unlocking the card takes its PUK."),
	    state_warning(entry->state), _("Use the last try"));
}

bool
entry_pin_fits(const struct entry *entry, const struct secret *typed)
{
	size_t len = secret_len(typed);

	for (size_t i = 0; i < len; i++)
		if (secret_data(typed)[i] < '0' || secret_data(typed)[i] > '9')
			return false;
	return len > 0 && len >= entry->min && (entry->max == 0 || len <= entry->max);
}

/* The red line over the field: what went wrong and what is at stake. */
static void
error_write(const struct entry *entry, const struct entry_field *field, const char *error, char ret_text[TEXT_BYTES_MAX])
{
	const char *warning = field->warns ? state_warning(entry->state) : NULL;

	snprintf(ret_text, TEXT_BYTES_MAX, "%s%s%s", error != NULL ? error : "", error != NULL && warning != NULL ? "\n" : "",
	    warning != NULL ? warning : "");
}

static int
field_ask(struct prompt *prompt, const struct entry *entry, const struct entry_field *field, const char *text, struct secret *typed)
{
	struct dialog dialog = { .title = entry->title, .text = text, .prompt = field->prompt, .ok = field->ok, .cancel = _("Give up") };
	char error[TEXT_BYTES_MAX], wrong_form[TEXT_BYTES_MAX / 2];
	enum pinentry_answer answer;
	int r;

	snprintf(wrong_form, sizeof(wrong_form), "%s %s", field->wrong != NULL ? field->wrong : "", field->rule != NULL ? field->rule : "");
	for (unsigned i = 0; i < FORMAT_TRIES; i++) {
		error_write(entry, field, i > 0 ? wrong_form : field->error, error);
		dialog.error = error[0] != '\0' ? error : NULL;
		r = dialog_pin(prompt, &dialog, typed, &answer);
		if (r != 0 && r != ERR_TOO_LARGE)
			return r;
		if (r == 0 && answer != PINENTRY_OK)
			return ERR_USER_CANCELLED;
		if (field->rule == NULL || (r == 0 && field->fits(entry, typed)))
			return 0;
		secret_clear(typed);
	}
	return ERR_PIN_POLICY;
}

int
entry_ask(struct prompt *prompt, const struct entry *entry, const struct entry_field *field, struct secret *typed)
{
	char task[TEXT_BYTES_MAX], *text;
	int r = ERR_INTERNAL;

	snprintf(task, sizeof(task), "%s%s%s", field->task, field->rule != NULL ? " " : "", field->rule != NULL ? field->rule : "");
	if ((text = entry_text(entry, task, NULL)) != NULL)
		r = field_ask(prompt, entry, field, text, typed);
	pinentry_close(&prompt->pinentry);
	free(text);
	return r;
}

/* At most SECRET_MAX bytes: an empty pipe takes them at once and whole. */
int
entry_write(const struct secret *typed, int fd)
{
	ssize_t n;

	do
		n = write(fd, secret_data(typed), secret_len(typed));
	while (n < 0 && errno == EINTR);
	if (n == (ssize_t)secret_len(typed))
		return 0;
	log_error("the PIN's reader is gone: %s", strerror(errno));
	return ERR_INTERNAL;
}

int
entry_on_keypad(struct prompt *prompt, const struct entry *entry, const char *task)
{
	struct dialog dialog = { .title = entry->title, .ok = _("Close"), .cancel = _("Close") };
	char *text = entry_text(entry, task, state_warning(entry->state));
	int r;

	if (text == NULL)
		return ERR_INTERNAL;
	dialog.text = text;
	r = dialog_message(prompt, &dialog);
	free(text);
	return r;
}
