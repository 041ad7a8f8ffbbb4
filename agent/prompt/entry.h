/* SPDX-License-Identifier: Apache-2.0 */
/* prompt/entry.h: asking for a PIN or a PUK: its form is checked here, before the card could count a try. */
#ifndef PROMPT_ENTRY_H
#define PROMPT_ENTRY_H

#include <stdbool.h>

#include "prompt/prompt.h"
#include "prompt/summary.h"

#define ENTRY_RULE_BYTES 160

/* What a request that asks for a PIN says; the strings are borrowed from it. */
struct entry {
	const cJSON *request;
	const char *title;
	const char *state, *error;	/* of pinState; the reason why the try before this one failed, or NULL */
	size_t min, max;		/* digits; 0: unknown */
	bool keypad;
	char rule[ENTRY_RULE_BYTES];
	void (*head_add)(const struct entry *entry, size_t name_max, struct pages *pages);	/* for whom, for what, with which card */
	const char *purpose, *card, *reader;	/* for head_add: what the site asks for, or else */
	struct summary summary;			/* what is to be signed */
};

/* One thing that is typed. */
struct entry_field {
	const char *task, *prompt, *ok;
	const char *rule;	/* NULL: anything goes */
	const char *wrong;	/* said with the rule when the form is wrong */
	const char *error;	/* said in red at first; NULL: nothing */
	bool warns;		/* it spends a try: say how few are left */
	bool (*fits)(const struct entry *entry, const struct secret *typed);
};

/* Reads `pin` and `error`; the caller sets title, head_add and what that needs. 0 or ERR_INVALID_PARAMS. */
int entry_read(const cJSON *request, struct entry *ret_entry);

/* ERR_PIN_LOCKED, ERR_PIN_NOT_SET, or 0: no dialog is needed to say that. */
int entry_refused(const struct entry *entry);

/* Before the last try the signer says in a dialog of its own that it is meant. 0 (also when it is not the last), ERR_USER_CANCELLED, ... */
int entry_confirm_last_try(struct prompt *prompt, const struct entry *entry);

/* A dialog that must be confirmed before anything is typed. 0, ERR_USER_CANCELLED, ... */
int entry_confirm(struct prompt *prompt, const struct entry *entry, const char *task, const char *warning, const char *ok);

/*
 * Asks until what is typed fits, five times at the most (ERR_PIN_POLICY).  The dialog's process ends with it, and libassuan's line.
 * 0 and the bytes in typed; ERR_USER_CANCELLED, ...
 */
int entry_ask(struct prompt *prompt, const struct entry *entry, const struct entry_field *field, struct secret *typed);

/* Digits only, within the token's lengths. */
bool entry_pin_fits(const struct entry *entry, const struct secret *typed);

/* Puts it into the pipe. 0 or ERR_INTERNAL: its reader is gone. */
int entry_write(const struct secret *typed, int fd);

/* A message about the reader's keypad, which stays. */
int entry_on_keypad(struct prompt *prompt, const struct entry *entry, const char *task);

#endif
