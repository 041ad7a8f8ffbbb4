/* SPDX-License-Identifier: Apache-2.0 */
/* prompt/pin.c: the PIN, from the dialog into the pipe to imza-token, or a word about the reader's keypad. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "prompt/language.h"
#include "prompt/prompt.h"
#include "prompt/summary.h"

#define FORMAT_TRIES 5		/* PINs of the wrong form that never leave this program */
#define RULE_BYTES 160
#define ERROR_BYTES 800

struct pin_request {
	struct summary summary;
	const char *state, *error;
	size_t min, max;		/* digits; 0: unknown */
	bool keypad;
	char rule[RULE_BYTES];
};

static void
rule_write(struct pin_request *request)
{
	if (request->min > 0 && request->max > 0 && request->min == request->max)
		snprintf(request->rule, RULE_BYTES, _("The PIN consists of %zu digits."), request->min);
	else if (request->min > 0 && request->max > 0)
		snprintf(request->rule, RULE_BYTES, _("The PIN consists of %zu to %zu digits."), request->min, request->max);
	else if (request->min > 0)
		snprintf(request->rule, RULE_BYTES, _("The PIN consists of digits, at least %zu of them."), request->min);
	else
		snprintf(request->rule, RULE_BYTES, "%s", _("The PIN consists of digits only."));
}

static int
request_read(const cJSON *json, struct pin_request *ret_request)
{
	const cJSON *pin = json_member(json, "pin");
	int64_t min = json_integer(pin, "minLength", 0), max = json_integer(pin, "maxLength", 0);
	struct pin_request request = { .state = json_string(pin, "state"), .error = json_string(json, "error"),
		.keypad = json_true(pin, "keypad") };
	int r = summary_read(json, &request.summary);

	if (r != 0)
		return r;
	if (request.state == NULL)
		return ERR_INVALID_PARAMS;
	request.min = min > 0 && min <= SECRET_MAX ? (size_t)min : 0;
	request.max = max > 0 && max < SECRET_MAX ? (size_t)max : 0;	/* modules without a limit say 255 */
	rule_write(&request);
	*ret_request = request;
	return 0;
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
request_text(const struct helper_call *call, const struct pin_request *request, const char *task, const char *warning)
{
	struct pages *pages = NULL;
	char *text = NULL;

	for (size_t name_max = 60; name_max >= 15 && text == NULL; name_max /= 2) {
		if (pages_for_origin(call->request, &pages) != 0)
			return NULL;
		summary_add_short(&request->summary, name_max, pages);
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

/* Before the last try the signer says in a dialog of its own that it is meant. */
static int
last_try_confirm(struct prompt *prompt, const struct helper_call *call, const struct pin_request *request)
{
	struct dialog dialog = { .title = _("e-signature: PIN"), .ok = _("Use the last try"), .cancel = _("Give up") };
	enum pinentry_answer answer;
	char *text;
	int r;

	text = request_text(call, request, _("If you are not sure of your PIN, give up now. Unlocking the card takes its PUK."),
	    state_warning(request->state));
	if (text == NULL)
		return ERR_INTERNAL;
	dialog.text = text;
	r = dialog_confirm(prompt, &dialog, &answer);
	free(text);
	return r != 0 ? r : answer == PINENTRY_OK ? 0 : ERR_USER_CANCELLED;
}

static bool
pin_has_right_form(const struct pin_request *request, const struct secret *pin)
{
	size_t len = secret_len(pin);

	for (size_t i = 0; i < len; i++)
		if (secret_data(pin)[i] < '0' || secret_data(pin)[i] > '9')
			return false;
	return len > 0 && len >= request->min && (request->max == 0 || len <= request->max);
}

/* The red line over the field: what went wrong and what is at stake. */
static void
error_write(const struct pin_request *request, const char *error, char ret_text[ERROR_BYTES])
{
	const char *warning = state_warning(request->state);

	if (error == NULL && request->error != NULL)
		error = strcmp(request->error, "pin_incorrect") == 0 ? _("The PIN was wrong.") : _("The card did not take the PIN: its form is wrong.");
	snprintf(ret_text, ERROR_BYTES, "%s%s%s", error != NULL ? error : "", error != NULL && warning != NULL ? "\n" : "",
	    warning != NULL ? warning : "");
}

/* Asks until the PIN has the right form; a wrong one spends no try of the card. */
static int
pin_ask(struct prompt *prompt, const struct pin_request *request, const char *text, struct secret *pin)
{
	struct dialog dialog = { .title = _("e-signature: PIN"), .text = text, .prompt = _("Card PIN:"), .ok = _("Sign"), .cancel = _("Give up") };
	char error[ERROR_BYTES], wrong_form[RULE_BYTES * 2];
	enum pinentry_answer answer;
	int r;

	snprintf(wrong_form, sizeof(wrong_form), _("That can't be the PIN; it was not sent to the card. %s"), request->rule);
	for (unsigned i = 0; i < FORMAT_TRIES; i++) {
		error_write(request, i > 0 ? wrong_form : NULL, error);
		dialog.error = error[0] != '\0' ? error : NULL;
		r = dialog_pin(prompt, &dialog, pin, &answer);
		if (r != 0 && r != ERR_TOO_LARGE)
			return r;
		if (r == 0 && answer != PINENTRY_OK)
			return ERR_USER_CANCELLED;
		if (r == 0 && pin_has_right_form(request, pin))
			return 0;
		secret_clear(pin);
	}
	return ERR_PIN_POLICY;
}

/* At most SECRET_MAX bytes: an empty pipe takes them at once and whole. */
static int
pin_write(const struct secret *pin, int fd)
{
	ssize_t n;

	do
		n = write(fd, secret_data(pin), secret_len(pin));
	while (n < 0 && errno == EINTR);
	if (n == (ssize_t)secret_len(pin))
		return 0;
	log_error("the PIN's reader is gone: %s", strerror(errno));
	return ERR_INTERNAL;
}

static int
pin_by_keyboard(struct prompt *prompt, const struct helper_call *call, const struct pin_request *request, int fd)
{
	struct secret *pin = secret_new();
	char task[RULE_BYTES * 2], *text = NULL;
	int r = ERR_INTERNAL;

	snprintf(task, sizeof(task), _("Enter your card's PIN. %s"), request->rule);
	if (pin == NULL || (text = request_text(call, request, task, NULL)) == NULL)
		goto out;
	r = pin_ask(prompt, request, text, pin);
	/* With the dialog's process goes its copy, and libassuan's line. */
	pinentry_close(&prompt->pinentry);
	if (r == 0)
		r = pin_write(pin, fd);
out:
	secret_free(&pin);
	free(text);
	return r;
}

static int
pin_by_keypad(struct prompt *prompt, const struct helper_call *call, const struct pin_request *request)
{
	struct dialog dialog = { .title = _("e-signature: PIN"), .ok = _("Close"), .cancel = _("Close") };
	char *text = request_text(call, request, _("Type your PIN on the keypad of the card reader."), state_warning(request->state));
	int r;

	if (text == NULL)
		return ERR_INTERNAL;
	dialog.text = text;
	r = dialog_message(prompt, &dialog);
	free(text);
	return r;
}

int
pin_run(struct prompt *prompt, struct helper_call *call, cJSON **ret_result)
{
	struct pin_request request;
	int fd = helper_take_fd(call, 0), r;

	if ((r = request_read(call->request, &request)) != 0)
		goto out;
	if (strcmp(request.state, "locked") == 0)
		r = ERR_PIN_LOCKED;
	else if (strcmp(request.state, "not_set") == 0)
		r = ERR_PIN_NOT_SET;
	else if (!request.keypad && fd < 0)
		r = ERR_INVALID_PARAMS;
	else if (strcmp(request.state, "final") == 0)
		r = last_try_confirm(prompt, call, &request);
	if (r != 0)
		goto out;
	r = request.keypad ? pin_by_keypad(prompt, call, &request) : pin_by_keyboard(prompt, call, &request, fd);
out:
	if (fd >= 0)
		close(fd);
	return r != 0 ? r : answer_make("entered", ret_result);
}
