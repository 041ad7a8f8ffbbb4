/* SPDX-License-Identifier: Apache-2.0 */
/* prompt/main.c: imza-prompt PINENTRY [ARM-MS] and imza-window, helpers of imza-agent (agent/HELPERS.md): dialogs, the PIN into a pipe. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/confine.h"
#include "base/err.h"
#include "base/harden.h"
#include "base/json.h"
#include "base/log.h"
#include "prompt/language.h"
#include "prompt/prompt.h"

#define ARM_MS 700		/* attack 7: a click or key meant for the window that was there before */
#define ARM_MS_MAX 10000
#define TIMEOUT_DEFAULT 120
#define TIMEOUT_MAX 3600

static const struct operation {
	const char *op;
	int (*run)(struct prompt *prompt, struct helper_call *call, cJSON **ret_result);
	bool stays;	/* its dialog may outlive the answer */
} operations[] = {
	{ "access", access_run, false },
	{ "consent", consent_run, false },
	{ "pin", pin_run, true },
	{ "pin_change", pin_change_run, true },
	{ "pin_unblock", pin_unblock_run, true },
	{ "pin_verify", pin_verify_run, true },
	{ "select", select_run, false },
};

static int
request_serve(struct helper_call *call, void *context, cJSON **ret_result)
{
	int64_t timeout = json_integer(call->request, "timeout", TIMEOUT_DEFAULT);
	const struct operation *operation = NULL;
	struct prompt *prompt = context;
	int r;

	for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
		if (strcmp(call->op, operations[i].op) == 0)
			operation = &operations[i];
	if (operation == NULL)
		return ERR_METHOD_NOT_FOUND;
	pinentry_close(&prompt->pinentry);
	language_set(json_string(call->request, "language"));
	prompt->deadline = clock_ms() + (timeout < 1 ? 1 : timeout > TIMEOUT_MAX ? TIMEOUT_MAX : timeout) * 1000;
	r = operation->run(prompt, call, ret_result);
	if (r != 0 || !operation->stays)
		pinentry_close(&prompt->pinentry);
	return r;
}

/* Dialogs write nothing but caches, and reach the display by a local socket, unless it is another machine's (ssh -X: localhost:10). */
static int
walls_raise(void)
{
	const char *display = getenv("DISPLAY");

	return confine_process(&(struct confinement){ .network = display != NULL && *display != ':', .programs = true });
}

static int
arguments_read(int argc, char *argv[], struct prompt *prompt)
{
	char *end = NULL;
	long arm_ms;

	if (argc < 2 || argc > 3)
		return ERR_INVALID_PARAMS;
	prompt->program = argv[1];
	if (argc > 2) {
		arm_ms = strtol(argv[2], &end, 10);
		if (end == argv[2] || *end != '\0' || arm_ms < 0 || arm_ms > ARM_MS_MAX)
			return ERR_INVALID_PARAMS;
		prompt->arm_ms = (unsigned)arm_ms;
	}
	return 0;
}

int
main(int argc, char *argv[])
{
	struct prompt prompt = { .arm_ms = ARM_MS };
	int status;

	log_init("imza-prompt", LOG_INFO);
	if (arguments_read(argc, argv, &prompt) != 0 || harden_process() != 0 || fcntl(FRAME_HELPER_FD, F_SETFD, FD_CLOEXEC) != 0 ||
	    walls_raise() != 0) {
		log_error("usage: imza-prompt PINENTRY [ARM-MS], with a socket as descriptor 3; ARM-MS: at most %d", ARM_MS_MAX);
		return EXIT_FAILURE;
	}
	status = helper_run(request_serve, &prompt);
	pinentry_close(&prompt.pinentry);
	return status;
}
