/* SPDX-License-Identifier: Apache-2.0 */
/* prompt/pin.c: the PIN of a signature, from the dialog into the pipe to imza-token, or a word about the reader's keypad. */
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "prompt/entry.h"
#include "prompt/language.h"

static void
head_add(const struct entry *entry, size_t name_max, struct pages *pages)
{
	summary_add_short(&entry->summary, name_max, pages);
}

static int
pin_by_keyboard(struct prompt *prompt, const struct entry *entry, int fd)
{
	const struct entry_field field = { .task = _("Enter your card's PIN."), .prompt = _("Card PIN:"), .ok = _("Sign"), .rule = entry->rule,
		.wrong = _("That can't be the PIN; it was not sent to the card."), .warns = true, .fits = entry_pin_fits,
		.error = entry->error == NULL ? NULL : strcmp(entry->error, "pin_incorrect") == 0 ? _("The PIN was wrong.") :
		_("The card did not take the PIN: its form is wrong.") };
	struct secret *pin = secret_new();
	int r = ERR_INTERNAL;

	if (pin != NULL && (r = entry_ask(prompt, entry, &field, pin)) == 0)
		r = entry_write(pin, fd);
	secret_free(&pin);
	return r;
}

int
pin_run(struct prompt *prompt, struct helper_call *call, cJSON **ret_result)
{
	struct entry entry;
	int fd = helper_take_fd(call, 0), r;

	if ((r = entry_read(call->request, &entry)) != 0 || (r = summary_read(call->request, &entry.summary)) != 0)
		goto out;
	entry.title = _("e-signature: PIN");
	entry.head_add = head_add;
	if ((r = entry_refused(&entry)) != 0)
		goto out;
	if (!entry.keypad && fd < 0)
		r = ERR_INVALID_PARAMS;
	if (r != 0 || (r = entry_confirm_last_try(prompt, &entry)) != 0)
		goto out;
	r = entry.keypad ? entry_on_keypad(prompt, &entry, _("Type your PIN on the keypad of the card reader.")) :
	    pin_by_keyboard(prompt, &entry, fd);
out:
	if (fd >= 0)
		close(fd);
	return r != 0 ? r : answer_make("entered", ret_result);
}
