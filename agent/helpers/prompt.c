/* SPDX-License-Identifier: Apache-2.0 */
/* helpers/prompt.c: starts imza-prompt for an operation and asks it for one dialog after another. */
#include "helpers/prompt.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
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
	struct prompt *open;
};

struct prompt {
	struct prompts *prompts;
	const char *origin;
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
	free(prompts);
}

int
prompt_open(struct prompts *prompts, const char *origin, struct prompt **ret_prompt)
{
	struct prompt *prompt;

	if (prompts->open != NULL)
		return ERR_BUSY;
	if ((prompt = calloc(1, sizeof(*prompt))) == NULL)
		return ERR_INTERNAL;
	*prompt = (struct prompt){ .prompts = prompts, .origin = origin };
	if (helper_start(prompts->loop, &prompts->program, NULL, NULL, &prompt->helper) != 0) {
		free(prompt);
		return ERR_INTERNAL;
	}
	prompts->open = prompt;
	*ret_prompt = prompt;
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
	prompt->request = helper_request(prompt->helper, op, members, fds, fds_count, settings->seconds * 1000 + GRACE_MS, ERR_TIMEOUT,
	    (struct helper_callbacks){ prompt_answered, prompt_event, prompt });
	return prompt->request != NULL ? 0 : ERR_INTERNAL;
}

void
prompt_close(struct prompt **prompt)
{
	struct prompt *p = *prompt;

	if (p == NULL)
		return;
	*prompt = NULL;
	p->prompts->open = NULL;
	helper_end(&p->helper);
	free(p);
}
