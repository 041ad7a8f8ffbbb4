/* SPDX-License-Identifier: Apache-2.0 */
/* helpers/prompt.c: whose turn it is, and imza-prompt, which is asked for one dialog after another of that operation. */
#include "helpers/prompt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/frame.h"
#include "base/json.h"
#include "base/log.h"
#include "helpers/helper.h"

#define GRACE_MS 5000	/* the prompt ends a dialog by itself when its time is over; this much later it is killed */

struct prompts {
	struct loop *loop;
	struct prompt_settings settings;
	char arm_ms[16];
	const char *argv[4];
	struct helper_program program;
	struct prompt *open;			/* whose turn it is, or NULL */
	struct prompt *waiting;			/* in the order of their coming */
	unsigned long round;			/* the last one that began */
	struct loop_timer *turn;		/* the next one begins */
};

/* What a prompt that waits was asked for. */
struct ask {
	const char *op;
	cJSON *members;
	int fds[FRAME_FDS_MAX];
	size_t fds_count;
};

struct prompt {
	struct prompts *prompts;
	struct prompt *next;
	const char *origin;
	/*
	 * Fair queueing: the first request of an origin is of the round that is on, each further one of the round after the one before;
	 * the lowest round comes first.
	 */
	unsigned long round;
	struct prompt_turn turn;
	struct ask ask;				/* op NULL: nothing yet */
	struct helper *helper;
	struct helper_request *request;		/* under way, or NULL */
	void (*done)(void *context, int err, const char *answer);
	void *context;
	void (*event)(void *context, const char *name, const cJSON *event);
	void *event_context;
};

static bool
has_display(void)
{
	const char *x11 = getenv("DISPLAY"), *wayland = getenv("WAYLAND_DISPLAY");

	return (x11 != NULL && *x11 != '\0') || (wayland != NULL && *wayland != '\0');
}

int
prompts_new(struct loop *loop, const struct programs *programs, const struct prompt_settings *settings, struct prompts **ret_prompts)
{
	struct prompts *prompts = calloc(1, sizeof(*prompts));

	if (prompts == NULL)
		return ERR_INTERNAL;
	*prompts = (struct prompts){ .loop = loop, .settings = *settings };
	snprintf(prompts->arm_ms, sizeof(prompts->arm_ms), "%u", settings->arm_ms);
	prompts->argv[0] = settings->windows && programs->window != NULL && has_display() ? programs->window : programs->prompt;
	prompts->argv[1] = settings->pinentry;
	prompts->argv[2] = prompts->arm_ms;
	prompts->program = (struct helper_program){ prompts->argv, (const char *const *)programs->prompt_environment, 0 };
	*ret_prompts = prompts;
	return 0;
}

void
prompts_free(struct prompts *prompts)
{
	if (prompts != NULL)
		loop_cancel(&prompts->turn);
	free(prompts);
}

static void
ask_clear(struct ask *ask)
{
	for (size_t i = 0; i < ask->fds_count; i++)
		close(ask->fds[i]);
	cJSON_Delete(ask->members);
	*ask = (struct ask){ 0 };
}

/* How many of this origin wait, and the round for one more; of them all: *ret_all. */
static size_t
waiting_count(const struct prompts *prompts, const char *origin, unsigned long *ret_round, size_t *ret_all)
{
	size_t count = 0;

	*ret_round = prompts->round;
	*ret_all = 0;
	if (prompts->open != NULL && strcmp(prompts->open->origin, origin) == 0)
		*ret_round = prompts->open->round + 1;
	for (const struct prompt *prompt = prompts->waiting; prompt != NULL; prompt = prompt->next) {
		++*ret_all;
		if (strcmp(prompt->origin, origin) != 0)
			continue;
		count++;
		if (prompt->round >= *ret_round)
			*ret_round = prompt->round + 1;
	}
	return count;
}

static int
prompt_start(struct prompt *prompt)
{
	prompt->prompts->open = prompt;
	prompt->prompts->round = prompt->round;
	return helper_start(prompt->prompts->loop, &prompt->prompts->program, NULL, NULL, &prompt->helper);
}

int
prompt_open(struct prompts *prompts, const char *origin, const struct prompt_turn *turn, struct prompt **ret_prompt, bool *ret_waits)
{
	struct prompt *prompt, **end = &prompts->waiting;
	bool waits = prompts->open != NULL || prompts->waiting != NULL;
	unsigned long round;
	size_t all;

	if (waiting_count(prompts, origin, &round, &all) >= PROMPTS_OF_ORIGIN_MAX || all >= PROMPTS_WAITING_MAX)
		return ERR_BUSY;
	if ((prompt = calloc(1, sizeof(*prompt))) == NULL)
		return ERR_INTERNAL;
	*prompt = (struct prompt){ .prompts = prompts, .origin = origin, .round = round, .turn = *turn };
	if (waits) {
		while (*end != NULL)
			end = &(*end)->next;
		*end = prompt;
	} else if (prompt_start(prompt) != 0) {
		prompts->open = NULL;
		free(prompt);
		return ERR_INTERNAL;
	}
	*ret_prompt = prompt;
	*ret_waits = waits;
	return 0;
}

static void
prompt_answered(void *context, int err, const cJSON *content)
{
	struct prompt *prompt = context;
	const char *answer = err == 0 ? json_string(content, "answer") : NULL;

	prompt->request = NULL;
	if (err == 0 && answer == NULL)
		err = ERR_INTERNAL;
	/* What we gave it to show was wrong: no fault of the page's. */
	if (err == ERR_INVALID_PARAMS)
		err = ERR_INTERNAL;
	/* A prompt that died has not been answered. */
	if (err != 0 && content == NULL && err != ERR_TIMEOUT)
		err = ERR_USER_CANCELLED;
	prompt->done(prompt->context, err, answer);
}

static void
prompt_event(void *context, const char *name, const cJSON *event)
{
	struct prompt *prompt = context;

	if (prompt->event != NULL)
		prompt->event(prompt->event_context, name, event);
}

void
prompt_on_event(struct prompt *prompt, void (*event)(void *context, const char *name, const cJSON *event), void *context)
{
	prompt->event = event;
	prompt->event_context = context;
}

void
prompt_tell(struct prompt *prompt, cJSON *members, int fd)
{
	if (prompt->request == NULL)
		cJSON_Delete(members);
	else if (helper_tell(prompt->request, members, &fd, fd >= 0 ? 1 : 0) != 0)
		log_warning("a dialog could not be told more");
}

/* Takes the ask out of the prompt. */
static int
prompt_send(struct prompt *prompt)
{
	struct ask ask = prompt->ask;

	prompt->ask = (struct ask){ 0 };
	prompt->request = helper_request(prompt->helper, ask.op, ask.members, ask.fds, ask.fds_count, prompt->prompts->settings.seconds * 1000 + GRACE_MS,
	    ERR_TIMEOUT, (struct helper_callbacks){ prompt_answered, prompt_event, prompt });
	return prompt->request != NULL ? 0 : ERR_INTERNAL;
}

/* The next one's turn. Its owner may close it, or others, when it is told. */
static void
turn_begin(void *context)
{
	struct prompts *prompts = context;
	struct prompt *first = prompts->waiting, **place;
	int r;

	prompts->turn = NULL;
	if (prompts->open != NULL || first == NULL)
		return;
	for (struct prompt *prompt = first; prompt != NULL; prompt = prompt->next)
		if (prompt->round < first->round)
			first = prompt;
	for (place = &prompts->waiting; *place != first; place = &(*place)->next)
		;
	*place = first->next;
	if ((r = prompt_start(first)) == 0 && (r = first->turn.begins(first->turn.context)) == 0)
		r = first->ask.op != NULL ? prompt_send(first) : 0;
	if (r != 0 && first->done != NULL)
		first->done(first->context, r, NULL);
}

int
prompt_ask(struct prompt *prompt, const char *op, cJSON *members, const int *fds, size_t fds_count,
    void (*done)(void *context, int err, const char *answer), void *context)
{
	const struct prompt_settings *settings = &prompt->prompts->settings;

	if (members == NULL)
		members = cJSON_CreateObject();
	cJSON_AddStringToObject(members, "language", settings->language);
	cJSON_AddStringToObject(members, "origin", prompt->origin);
	cJSON_AddNumberToObject(members, "timeout", settings->seconds);
	prompt->done = done;
	prompt->context = context;
	prompt->ask = (struct ask){ .op = op, .members = members, .fds_count = fds_count };
	if (fds_count > 0)
		memcpy(prompt->ask.fds, fds, fds_count * sizeof(*fds));
	if (prompt->helper != NULL)
		return prompt_send(prompt);
	prompt->turn.waits(prompt->turn.context);
	return 0;
}

void
prompt_close(struct prompt **prompt)
{
	struct prompt *p = *prompt, **place;
	struct prompts *prompts;

	if (p == NULL)
		return;
	*prompt = NULL;
	prompts = p->prompts;
	for (place = &prompts->waiting; *place != NULL && *place != p; place = &(*place)->next)
		;
	if (*place == p)
		*place = p->next;
	helper_end(&p->helper);
	ask_clear(&p->ask);
	if (prompts->open == p) {
		prompts->open = NULL;
		/* From the loop: whoever closes this one is in the middle of something. */
		if (prompts->waiting != NULL && prompts->turn == NULL)
			prompts->turn = loop_after(prompts->loop, 0, turn_begin, prompts);
	}
	free(p);
}
