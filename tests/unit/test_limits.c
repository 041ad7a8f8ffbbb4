/* SPDX-License-Identifier: Apache-2.0 */
/* test_limits.c: how many failures in a row an origin has, and for how long it pauses then. */
#include "test.h"

#include <stdio.h>

#include "session/limits.h"

#define PORTAL "https://portal.example"
#define OTHER "https://other.example"

static void
fail(struct limits *limits, const char *origin, enum limit limit, unsigned times, int64_t now)
{
	for (unsigned i = 0; i < times; i++)
		limits_failed(limits, origin, limit, now);
}

static void
the_third_refused_pin_pauses(void)
{
	struct limits *limits = limits_new(300, 60);

	fail(limits, PORTAL, LIMIT_PINS, 2, 1000);
	CHECK_INT(limits_wait(limits, PORTAL, LIMIT_PINS, 1000), 0);
	fail(limits, PORTAL, LIMIT_PINS, 1, 1000);
	CHECK_INT(limits_wait(limits, PORTAL, LIMIT_PINS, 1000), 300);
	CHECK_INT(limits_wait(limits, PORTAL, LIMIT_PINS, 1001), 299);
	CHECK_INT(limits_wait(limits, PORTAL, LIMIT_PINS, 1299), 1);
	CHECK_INT(limits_wait(limits, PORTAL, LIMIT_PINS, 1300), 0);
	limits_free(limits);
}

static void
after_a_pause_the_count_begins_anew(void)
{
	struct limits *limits = limits_new(300, 60);

	fail(limits, PORTAL, LIMIT_PINS, 3, 0);
	fail(limits, PORTAL, LIMIT_PINS, 2, 400);
	CHECK_INT(limits_wait(limits, PORTAL, LIMIT_PINS, 400), 0);
	fail(limits, PORTAL, LIMIT_PINS, 1, 400);
	CHECK_INT(limits_wait(limits, PORTAL, LIMIT_PINS, 400), 300);
	limits_free(limits);
}

static void
a_success_breaks_the_row(void)
{
	struct limits *limits = limits_new(300, 60);

	for (int i = 0; i < 5; i++) {
		fail(limits, PORTAL, LIMIT_PINS, 2, 0);
		limits_succeeded(limits, PORTAL, LIMIT_PINS);
	}
	CHECK_INT(limits_wait(limits, PORTAL, LIMIT_PINS, 0), 0);
	limits_free(limits);
}

static void
a_success_does_not_end_a_pause(void)
{
	struct limits *limits = limits_new(300, 60);

	fail(limits, PORTAL, LIMIT_PINS, 3, 0);
	limits_succeeded(limits, PORTAL, LIMIT_PINS);
	limits_succeeded(limits, OTHER, LIMIT_PINS);
	CHECK_INT(limits_wait(limits, PORTAL, LIMIT_PINS, 10), 290);
	limits_free(limits);
}

static void
the_tenth_refused_dialog_pauses(void)
{
	struct limits *limits = limits_new(300, 60);

	fail(limits, PORTAL, LIMIT_DIALOGS, 9, 5);
	CHECK_INT(limits_wait(limits, PORTAL, LIMIT_DIALOGS, 5), 0);
	fail(limits, PORTAL, LIMIT_DIALOGS, 1, 5);
	CHECK_INT(limits_wait(limits, PORTAL, LIMIT_DIALOGS, 5), 60);
	CHECK_INT(limits_wait(limits, PORTAL, LIMIT_DIALOGS, 65), 0);
	limits_free(limits);
}

static void
kinds_and_origins_are_apart(void)
{
	struct limits *limits = limits_new(300, 60);

	fail(limits, PORTAL, LIMIT_PINS, 3, 0);
	CHECK_INT(limits_wait(limits, PORTAL, LIMIT_DIALOGS, 0), 0);
	CHECK_INT(limits_wait(limits, OTHER, LIMIT_PINS, 0), 0);
	CHECK_INT(limits_wait(limits, PORTAL ".evil", LIMIT_PINS, 0), 0);
	limits_free(limits);
}

static void
no_pause_is_none(void)
{
	struct limits *limits = limits_new(0, 0);

	fail(limits, PORTAL, LIMIT_PINS, 100, 0);
	CHECK_INT(limits_wait(limits, PORTAL, LIMIT_PINS, 0), 0);
	limits_free(limits);
}

static void
the_list_of_origins_is_bounded_and_the_latest_stay(void)
{
	struct limits *limits = limits_new(300, 60);
	char origin[64];

	fail(limits, PORTAL, LIMIT_PINS, 3, 0);
	for (int i = 0; i < LIMITS_ORIGINS_MAX - 1; i++) {
		snprintf(origin, sizeof(origin), "https://%d.example", i);
		limits_failed(limits, origin, LIMIT_DIALOGS, 0);
	}
	CHECK_INT(limits_wait(limits, PORTAL, LIMIT_PINS, 0), 300);
	limits_failed(limits, PORTAL, LIMIT_PINS, 0);
	limits_failed(limits, OTHER, LIMIT_PINS, 0);
	CHECK_INT(limits_wait(limits, PORTAL, LIMIT_PINS, 0), 300);
	for (int i = 0; i < LIMITS_ORIGINS_MAX; i++) {
		snprintf(origin, sizeof(origin), "https://%d.test", i);
		limits_failed(limits, origin, LIMIT_DIALOGS, 0);
	}
	CHECK_INT(limits_wait(limits, PORTAL, LIMIT_PINS, 0), 0);
	limits_free(limits);
}

TEST_MAIN(
    TEST_CASE(the_third_refused_pin_pauses), TEST_CASE(after_a_pause_the_count_begins_anew), TEST_CASE(a_success_breaks_the_row),
    TEST_CASE(a_success_does_not_end_a_pause), TEST_CASE(the_tenth_refused_dialog_pauses), TEST_CASE(kinds_and_origins_are_apart),
    TEST_CASE(no_pause_is_none), TEST_CASE(the_list_of_origins_is_bounded_and_the_latest_stay))
