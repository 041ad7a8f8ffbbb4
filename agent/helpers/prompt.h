/* SPDX-License-Identifier: Apache-2.0 */
/* helpers/prompt.h: the native dialogs, one operation's at a time. */
#ifndef HELPERS_PROMPT_H
#define HELPERS_PROMPT_H

#include <stdbool.h>
#include <cjson/cJSON.h>

#include "base/loop.h"
#include "helpers/programs.h"

struct prompts;		/* the one place that knows whether a dialog is open */
struct prompt;		/* the dialogs of one operation */

struct prompt_settings {
	const char *pinentry;	/* absolute path */
	const char *language;	/* tr or en */
	unsigned arm_ms, seconds;
	bool windows;		/* ours, where there is a display; else pinentry's only */
};

/* Everything is borrowed. 0 or ERR_INTERNAL. */
int prompts_new(struct loop *loop, const struct programs *programs, const struct prompt_settings *settings, struct prompts **ret_prompts);
void prompts_free(struct prompts *prompts);

#define PROMPTS_OF_ORIGIN_MAX 3	/* of one origin that wait for their turn */
#define PROMPTS_WAITING_MAX 30	/* of all */

/* How the owner of a prompt that had to wait hears of it. */
struct prompt_turn {
	/* It has been asked, and waits. */
	void (*waits)(void *context);
	/* Its turn has come. 0, or an error, with which it is answered instead of being shown. */
	int (*begins)(void *context);
	void *context;
};

/*
 * Begins an operation's dialogs for this origin (borrowed).  One operation has the screen; others wait, and come in turn by origin: who has
 * asked for many does not keep the others waiting.  0; *ret_waits: it has to wait; ERR_BUSY: too many wait already; ERR_INTERNAL.
 */
int prompt_open(struct prompts *prompts, const char *origin, const struct prompt_turn *turn, struct prompt **ret_prompt, bool *ret_waits);

/*
 * Shows the dialogs of one op of imza-prompt (agent/HELPERS.md); members and fds_count fds are taken.  done is called once, with 0 and
 * the answer's word (borrowed), or with an error; not at all after prompt_close().  0 or ERR_INTERNAL; then done is not called.
 */
int prompt_ask(struct prompt *prompt, const char *op, cJSON *members, const int *fds, size_t fds_count,
    void (*done)(void *context, int err, const char *answer), void *context);

/* Told of the events of what is asked from now on (agent/HELPERS.md); the event is borrowed. */
void prompt_on_event(struct prompt *prompt, void (*event)(void *context, const char *name, const cJSON *event), void *context);

/* Says more about what is asked: members (taken), fd (borrowed; -1: none). Lost when nothing is asked any more. */
void prompt_tell(struct prompt *prompt, cJSON *members, int fd);

/* Takes the dialog off the screen or out of the queue, at once; leaves NULL behind. Accepts NULL. */
void prompt_close(struct prompt **prompt);

#endif
