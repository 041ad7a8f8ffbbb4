/* SPDX-License-Identifier: Apache-2.0 */
/* prompt/pin_care.c: a PIN checked, changed, or set anew with the PUK: all of it is typed here before any of it goes to the card. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/json.h"
#include "prompt/entry.h"
#include "prompt/language.h"
#include "prompt/text.h"

#define REPEATS 5
#define PUK_MIN 4

/* An op in hand: what was typed goes to fds[0] (PIN, or PUK) and fds[1] (new PIN) at its end, in one go. */
struct care {
	struct prompt *prompt;
	struct entry entry;
	int fds[2];
	struct secret *typed, *new_pin, *again;
};

static void
head_add(const struct entry *entry, size_t name_max, struct pages *pages)
{
	char card[TEXT_BYTES(TEXT_NAME_MAX)], reader[TEXT_BYTES(TEXT_NAME_MAX)];

	text_safe(entry->card, name_max, card);
	text_safe(entry->reader, name_max, reader);
	pages_add(pages, entry->purpose, 0);
	pages_add_blank(pages);
	pages_add_format(pages, 4, _("Card: %s"), card);
	pages_add_format(pages, 4, _("Reader: %s"), reader);
	pages_add_blank(pages);
	pages_add(pages, _("What you type goes to the card only; the site sees nothing of it."), 0);
}

/* Reads the request; count descriptors are needed unless there is a keypad. Pair with care_end() whatever it returns. */
static int
care_begin(struct care *care, struct prompt *prompt, struct helper_call *call, size_t count, const char *purpose)
{
	struct entry *entry = &care->entry;
	int r;

	*care = (struct care){ .prompt = prompt, .fds = { helper_take_fd(call, 0), helper_take_fd(call, 1) } };
	if ((r = entry_read(call->request, entry)) != 0)
		return r;
	entry->title = _("e-signature: PIN");
	entry->purpose = purpose;
	entry->head_add = head_add;
	entry->card = json_string(call->request, "card");
	entry->reader = json_string(call->request, "reader");
	if (entry->card == NULL || entry->reader == NULL)
		return ERR_INVALID_PARAMS;
	for (size_t i = 0; i < count && !entry->keypad; i++)
		if (care->fds[i] < 0)
			return ERR_INVALID_PARAMS;
	care->typed = secret_new();
	care->new_pin = secret_new();
	care->again = secret_new();
	return care->typed != NULL && care->new_pin != NULL && care->again != NULL ? 0 : ERR_INTERNAL;
}

static int
care_end(struct care *care, int r, cJSON **ret_result)
{
	secret_free(&care->typed);
	secret_free(&care->new_pin);
	secret_free(&care->again);
	for (size_t i = 0; i < 2; i++)
		if (care->fds[i] >= 0)
			close(care->fds[i]);
	return r != 0 ? r : answer_make("entered", ret_result);
}

static int
old_pin_ask(struct care *care, const char *task, const char *prompt_text, const char *ok)
{
	const char *error = care->entry.error;
	const struct entry_field field = { .task = task, .prompt = prompt_text, .ok = ok, .rule = care->entry.rule,
		.wrong = _("That can't be the PIN; it was not sent to the card."), .warns = true, .fits = entry_pin_fits,
		.error = error == NULL ? NULL : strcmp(error, "pin_incorrect") == 0 ? _("The PIN was wrong.") :
		_("The card did not take the PIN: its form is wrong.") };

	return entry_ask(care->prompt, &care->entry, &field, care->typed);
}

/* Twice, until both are the same. */
static int
new_pin_ask(struct care *care, const char *ok)
{
	struct entry_field first = { .task = _("Choose a new PIN that only you know."), .prompt = _("New PIN:"), .ok = _("Continue"),
		.rule = care->entry.rule, .wrong = _("That can't be a new PIN."), .fits = entry_pin_fits };
	const struct entry_field second = { .task = _("Type the new PIN once more."), .prompt = _("New PIN again:"), .ok = ok };
	int r;

	for (unsigned i = 0; i < REPEATS; i++) {
		if ((r = entry_ask(care->prompt, &care->entry, &first, care->new_pin)) != 0 ||
		    (r = entry_ask(care->prompt, &care->entry, &second, care->again)) != 0)
			return r;
		if (secret_len(care->new_pin) == secret_len(care->again) &&
		    memcmp(secret_data(care->new_pin), secret_data(care->again), secret_len(care->again)) == 0)
			return 0;
		first.error = _("The two new PINs were not the same; nothing was sent to the card.");
	}
	return ERR_PIN_POLICY;
}

static int
both_write(const struct care *care)
{
	int r = entry_write(care->typed, care->fds[0]);

	return r != 0 ? r : entry_write(care->new_pin, care->fds[1]);
}

int
pin_verify_run(struct prompt *prompt, struct helper_call *call, cJSON **ret_result)
{
	struct care care;
	int r = care_begin(&care, prompt, call, 1, _("This site asks you to check your card's PIN."));

	if (r != 0 || (r = entry_refused(&care.entry)) != 0 || (r = entry_confirm_last_try(prompt, &care.entry)) != 0)
		return care_end(&care, r, ret_result);
	if (care.entry.keypad)
		r = entry_on_keypad(prompt, &care.entry, _("Type your PIN on the keypad of the card reader."));
	else if ((r = old_pin_ask(&care, _("Enter your card's PIN."), _("Card PIN:"), _("Check"))) == 0)
		r = entry_write(care.typed, care.fds[0]);
	return care_end(&care, r, ret_result);
}

int
pin_change_run(struct prompt *prompt, struct helper_call *call, cJSON **ret_result)
{
	struct care care;
	int r = care_begin(&care, prompt, call, 2, _("This site asks you to change your card's PIN."));

	if (r != 0 || (r = entry_refused(&care.entry)) != 0 || (r = entry_confirm_last_try(prompt, &care.entry)) != 0)
		return care_end(&care, r, ret_result);
	if (care.entry.keypad)
		r = entry_on_keypad(prompt, &care.entry, _("Type your present PIN and then the new one on the keypad of the card reader."));
	else if ((r = old_pin_ask(&care, _("Enter your card's present PIN."), _("Present PIN:"), _("Continue"))) == 0 &&
	    (r = new_pin_ask(&care, _("Change the PIN"))) == 0)
		r = both_write(&care);
	return care_end(&care, r, ret_result);
}

/* Letters too: some makers' PUKs have them. */
static bool
puk_fits(const struct entry *entry, const struct secret *typed)
{
	(void)entry;
	for (size_t i = 0; i < secret_len(typed); i++)
		if (secret_data(typed)[i] <= ' ' || secret_data(typed)[i] > '~')
			return false;
	return secret_len(typed) >= PUK_MIN;
}

static int
puk_ask(struct care *care)
{
	const struct entry_field field = { .task = _("Enter the card's PUK, as it stands in your provider's letter."), .prompt = _("PUK:"),
		.ok = _("Continue"), .rule = _("The PUK consists of digits, in some cards letters too, at least four."),
		.wrong = _("That can't be the PUK; it was not sent to the card."), .fits = puk_fits,
		.error = care->entry.error == NULL ? NULL : strcmp(care->entry.error, "puk_incorrect") == 0 ? _("The PUK was wrong.") :
		_("The card did not take the new PIN: its form is wrong.") };

	return entry_ask(care->prompt, &care->entry, &field, care->typed);
}

int
pin_unblock_run(struct prompt *prompt, struct helper_call *call, cJSON **ret_result)
{
	struct care care;
	int r = care_begin(&care, prompt, call, 2, _("This site asks you to unlock your card with its PUK and to choose a new PIN."));

	if (r == 0 && strcmp(care.entry.state, "not_set") == 0)
		r = ERR_PIN_NOT_SET;
	/* Each time: modules don't tell how many tries the PUK has left, and the last one ends the card. */
	if (r != 0 || (r = entry_confirm(prompt, &care.entry, _("Go on only with the PUK that your provider gave you; do not guess."),
	    _("Attention: a few wrong PUKs make the card unusable for good."), _("I have the PUK"))) != 0)
		return care_end(&care, r, ret_result);
	if (care.entry.keypad)
		r = entry_on_keypad(prompt, &care.entry, _("Type the PUK and then the new PIN on the keypad of the card reader."));
	else if ((r = puk_ask(&care)) == 0 && (r = new_pin_ask(&care, _("Unlock"))) == 0)
		r = both_write(&care);
	return care_end(&care, r, ret_result);
}
