/* SPDX-License-Identifier: Apache-2.0 */
/* test_helper.c: the agent's side of a helper process: answers, lateness, death, cancelling; the helper is this program itself. */
#include "test.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "base/helper.h"
#include "base/json.h"
#include "base/log.h"
#include "helpers/helper.h"

static struct {
	struct loop *loop;
	struct helper *helper;
	struct helper_request *requests[4];
	char order[64];
	int errs[8], answers, died, events;
	bool content;
} seen;

/* --- the helper --- */

static int
helper_serve(struct helper_call *call, void *context, cJSON **ret_result)
{
	(void)context;
	if (strcmp(call->op, "hang") == 0)
		sleep(100);
	if (strcmp(call->op, "die") == 0)
		_exit(1);
	if (strcmp(call->op, "garbage") == 0)
		return write(FRAME_HELPER_FD, "\xff\xff\xff\xff", 4) == 4 ? ERR_INTERNAL : ERR_BUSY;
	if (strcmp(call->op, "fail") == 0) {
		call->error = cJSON_CreateObject();
		cJSON_AddStringToObject(call->error, "detail", "why");
		return ERR_CARD_REMOVED;
	}
	helper_event(call, "halfway", NULL);
	*ret_result = cJSON_CreateObject();
	cJSON_AddStringToObject(*ret_result, "op", call->op);
	return 0;
}

/* --- the agent --- */

static void
on_done(void *context, int err, const cJSON *content)
{
	const char *op = json_string(content, "op");

	(void)context;
	strcat(seen.order, op != NULL ? op : "-");
	seen.content = content != NULL;
	seen.errs[seen.answers++] = err;
}

static void
on_event(void *context, const char *name, const cJSON *event)
{
	(void)context;
	seen.events += strcmp(name, "halfway") == 0 && json_integer(event, "id", 0) > 0;
}

static void
on_died(void *context)
{
	(void)context;
	seen.died++;
	helper_end(&seen.helper);
}

static const struct helper_callbacks callbacks = { on_done, on_event, NULL };
static char own[4096];
static const char *const argv[] = { own, "helper", NULL }, *const environment[] = { NULL };
static const struct helper_program program = { argv, environment, 0 };

static void
start(void)
{
	memset(&seen, 0, sizeof(seen));
	CHECK_INT(loop_new(&seen.loop), 0);
	CHECK_INT(helper_start(seen.loop, &program, on_died, NULL, &seen.helper), 0);
}

static struct helper_request *
ask(const char *op, unsigned deadline)
{
	return helper_request(seen.helper, op, NULL, NULL, 0, deadline, ERR_TIMEOUT, callbacks);
}

static void
run_until_answers(int count)
{
	for (int i = 0; i < 200 && seen.answers < count; i++)
		loop_run_once(seen.loop, 50);
}

static void
finish(void)
{
	helper_end(&seen.helper);
	loop_free(seen.loop);
}

static void
requests_are_answered_in_order_with_their_events(void)
{
	start();
	ask("a", 5000);
	ask("b", 5000);
	ask("fail", 5000);
	ask("c", 5000);
	CHECK_STR(seen.order, "");	/* never from within the call */
	run_until_answers(4);
	CHECK_STR(seen.order, "ab-c");
	CHECK_INT(seen.errs[2], ERR_CARD_REMOVED);
	CHECK_INT(seen.events, 3);
	finish();
}

static void
a_late_helper_is_killed_and_everyone_hears(void)
{
	start();
	ask("hang", 100);
	ask("b", 5000);
	run_until_answers(2);
	CHECK_INT(seen.errs[0], ERR_TIMEOUT);
	CHECK_INT(seen.errs[1], ERR_MODULE_FAILED);
	CHECK(!seen.content);
	CHECK_INT(seen.died, 1);
	CHECK(seen.helper == NULL);
	finish();
}

static void
a_death_and_garbage_are_told_once(void)
{
	static const char *const ops[] = { "die", "garbage" };

	for (size_t i = 0; i < COUNT_OF(ops); i++) {
		start();
		ask(ops[i], 5000);
		run_until_answers(1);
		CHECK_INT(seen.answers, 1);
		CHECK_INT(seen.errs[0], ERR_MODULE_FAILED);
		CHECK_INT(seen.died, 1);
		finish();
	}
}

static void
a_cancelled_request_is_silent(void)
{
	start();
	seen.requests[0] = ask("a", 5000);
	seen.requests[1] = ask("b", 5000);
	ask("c", 5000);
	helper_cancel(&seen.requests[0]);	/* under way */
	helper_cancel(&seen.requests[1]);	/* waiting */
	CHECK(seen.requests[0] == NULL && seen.requests[1] == NULL);
	run_until_answers(1);
	CHECK_STR(seen.order, "c");
	finish();
}

static void
an_aborted_request_ends_the_process_when_it_is_under_way(void)
{
	start();
	seen.requests[0] = ask("hang", 5000);
	seen.requests[1] = ask("b", 5000);
	helper_abort(&seen.requests[1]);
	CHECK_INT(seen.died, 0);
	helper_abort(&seen.requests[0]);
	CHECK_INT(seen.died, 1);
	CHECK_INT(seen.answers, 0);
	finish();
}

static void
a_program_that_is_missing_is_an_error_at_once(void)
{
	static const char *const missing[] = { "/nonexistent/helper", NULL };
	const struct helper_program none = { missing, environment, 0 };

	memset(&seen, 0, sizeof(seen));
	CHECK_INT(loop_new(&seen.loop), 0);
	CHECK_INT(helper_start(seen.loop, &none, on_died, NULL, &seen.helper), ERR_INTERNAL);
	loop_free(seen.loop);
}

/* A document's helper that was killed while a dialog was open: what it was asked then waited until the call's own deadline. */
static void
a_request_to_one_that_died_meanwhile_is_answered(void)
{
	memset(&seen, 0, sizeof(seen));
	CHECK_INT(loop_new(&seen.loop), 0);
	CHECK_INT(helper_start(seen.loop, &program, NULL, NULL, &seen.helper), 0);
	ask("die", 5000);
	run_until_answers(1);
	for (int i = 2; i < 4; i++) {
		ask("a", 5000);
		CHECK_INT(seen.answers, i - 1);	/* never from within the call */
		run_until_answers(i);
		CHECK_INT(seen.answers, i);
		CHECK_INT(seen.errs[i - 1], ERR_MODULE_FAILED);
	}
	finish();
}

static const struct test_case cases[] = {
	TEST_CASE(requests_are_answered_in_order_with_their_events), TEST_CASE(a_late_helper_is_killed_and_everyone_hears),
	TEST_CASE(a_death_and_garbage_are_told_once), TEST_CASE(a_cancelled_request_is_silent),
	TEST_CASE(an_aborted_request_ends_the_process_when_it_is_under_way), TEST_CASE(a_program_that_is_missing_is_an_error_at_once),
	TEST_CASE(a_request_to_one_that_died_meanwhile_is_answered),
};

int
main(int argc, char **arguments)
{
	ssize_t len = readlink("/proc/self/exe", own, sizeof(own) - 1);

	if (argc == 2 && strcmp(arguments[1], "helper") == 0)
		return helper_run(helper_serve, NULL);
	own[len > 0 ? len : 0] = '\0';
	log_init("test", LOG_ERROR);
	return test_main(cases, COUNT_OF(cases));
}
