/* SPDX-License-Identifier: Apache-2.0 */
/* test_loop.c: descriptors, timers and posts of the event loop. */
#include "test.h"

#include <pthread.h>
#include <poll.h>
#include <unistd.h>

#include "base/loop.h"

struct seen {
	struct loop *loop;
	struct loop_watch *watches[2];
	char order[16];
	int pipes[2][2];
};

static void
note_a(void *context)
{
	struct seen *seen = context;

	strcat(seen->order, "a");
}

static void
note_b(void *context)
{
	struct seen *seen = context;

	strcat(seen->order, "b");
}

static void
run_for(struct loop *loop, int rounds)
{
	while (rounds-- > 0)
		loop_run_once(loop, 50);
}

static void
timers_fire_in_order_and_a_cancelled_one_does_not(void)
{
	struct seen seen = { 0 };
	struct loop_timer *cancelled;

	CHECK(loop_new(&seen.loop) == 0);
	CHECK(loop_after(seen.loop, 20, note_b, &seen) != NULL);
	CHECK(loop_after(seen.loop, 5, note_a, &seen) != NULL);
	cancelled = loop_after(seen.loop, 1, note_b, &seen);
	loop_cancel(&cancelled);
	CHECK(cancelled == NULL);
	run_for(seen.loop, 4);
	CHECK_STR(seen.order, "ab");
	loop_free(seen.loop);
}

/* The first handler to run ends both watches; the other must not be called although its descriptor was ready too. */
static void
unwatch_both(void *context, uint32_t events)
{
	struct seen *seen = context;

	(void)events;
	note_a(seen);
	loop_unwatch(&seen->watches[0]);
	loop_unwatch(&seen->watches[1]);
}

static void
a_handler_may_end_another_watch(void)
{
	struct seen seen = { 0 };

	CHECK(loop_new(&seen.loop) == 0);
	for (int i = 0; i < 2; i++) {
		CHECK(pipe(seen.pipes[i]) == 0 && write(seen.pipes[i][1], "x", 1) == 1);
		seen.watches[i] = loop_watch(seen.loop, seen.pipes[i][0], EPOLLIN, unwatch_both, &seen);
	}
	run_for(seen.loop, 3);
	CHECK_STR(seen.order, "a");
	for (int i = 0; i < 2; i++)
		close(seen.pipes[i][0]), close(seen.pipes[i][1]);
	loop_free(seen.loop);
}

static void *
post_both(void *context)
{
	struct seen *seen = context;

	loop_post(seen->loop, note_b, NULL, seen);
	loop_post(seen->loop, note_a, NULL, seen);
	return NULL;
}

static void
posts_of_another_thread_run_here_in_order(void)
{
	struct seen seen = { 0 };
	pthread_t thread;

	CHECK(loop_new(&seen.loop) == 0);
	CHECK(pthread_create(&thread, NULL, post_both, &seen) == 0);
	pthread_join(thread, NULL);
	CHECK_STR(seen.order, "");
	run_for(seen.loop, 2);
	CHECK_STR(seen.order, "ba");
	loop_free(seen.loop);
}

static void
its_descriptor_tells_when_there_is_work(void)
{
	struct seen seen = { 0 };
	struct pollfd p = { .events = POLLIN };

	CHECK(loop_new(&seen.loop) == 0);
	p.fd = loop_fd(seen.loop);
	CHECK_INT(poll(&p, 1, 0), 0);
	loop_post(seen.loop, note_a, NULL, &seen);
	CHECK_INT(poll(&p, 1, 0), 1);
	run_for(seen.loop, 1);
	CHECK_INT(poll(&p, 1, 0), 0);
	CHECK_STR(seen.order, "a");
	loop_free(seen.loop);
}

static void
what_the_loop_does_not_run_is_discarded(void)
{
	struct seen seen = { 0 };

	CHECK(loop_new(&seen.loop) == 0);
	loop_post(seen.loop, note_a, note_b, &seen);
	loop_free(seen.loop);
	CHECK_STR(seen.order, "b");
}

TEST_MAIN(TEST_CASE(what_the_loop_does_not_run_is_discarded), TEST_CASE(timers_fire_in_order_and_a_cancelled_one_does_not), TEST_CASE(a_handler_may_end_another_watch),
    TEST_CASE(posts_of_another_thread_run_here_in_order), TEST_CASE(its_descriptor_tells_when_there_is_work))
