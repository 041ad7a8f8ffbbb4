/* SPDX-License-Identifier: Apache-2.0 */
/* test_rates.c: how many requests an origin gets served, and what it costs to go on. */
#include "test.h"

#include "session/rates.h"

#define PORTAL "https://portal.example"
#define OTHER "https://other.example"

static unsigned
served(struct rates *rates, const char *origin, unsigned requests, int64_t now)
{
	unsigned count = 0;

	for (unsigned i = 0; i < requests; i++)
		count += rates_take(rates, origin, now) == 0;
	return count;
}

static void
a_burst_is_served_and_then_so_many_a_second(void)
{
	struct rates *rates = rates_new(5);

	CHECK_INT(served(rates, PORTAL, 50, 1000), 50);
	CHECK_INT(rates_take(rates, PORTAL, 1000), 1);
	CHECK_INT(served(rates, PORTAL, 20, 2000), 4);	/* five have leaked, one of them was the refused one */
	CHECK_INT(served(rates, PORTAL, 60, 60000), 50);
	rates_free(rates);
}

static void
whoever_goes_on_is_shut_out_until_it_is_quiet(void)
{
	struct rates *rates = rates_new(5);

	served(rates, PORTAL, 100, 0);
	CHECK(rates_take(rates, PORTAL, 0) == RATES_CLOSE);
	CHECK_INT(rates_take(rates, PORTAL, 1000), 10);
	CHECK_INT(rates_take(rates, PORTAL, 20000), 0);
	rates_free(rates);
}

static void
origins_are_apart(void)
{
	struct rates *rates = rates_new(1);

	CHECK_INT(served(rates, PORTAL, 30, 0), 10);
	CHECK_INT(served(rates, OTHER, 30, 0), 10);
	CHECK(rates_take(rates, PORTAL, 0) == RATES_CLOSE);
	rates_free(rates);
}

static void
none_is_no_limit(void)
{
	struct rates *rates = rates_new(0);

	CHECK_INT(served(rates, PORTAL, 10000, 0), 10000);
	rates_free(rates);
}

static void
the_list_is_bounded_and_the_latest_stay(void)
{
	struct rates *rates = rates_new(1);
	char origin[64];

	for (unsigned i = 0; i < 3 * RATES_ORIGINS_MAX; i++) {
		snprintf(origin, sizeof(origin), "https://%u.example", i);
		CHECK_INT(served(rates, PORTAL, 1, 0), i < 10);
		CHECK_INT(rates_take(rates, origin, 0), 0);
		if (i == 20)
			served(rates, PORTAL, 30, 0);
	}
	CHECK(rates_take(rates, PORTAL, 0) == RATES_CLOSE);
	rates_free(rates);
}

TEST_MAIN(TEST_CASE(a_burst_is_served_and_then_so_many_a_second), TEST_CASE(whoever_goes_on_is_shut_out_until_it_is_quiet),
    TEST_CASE(origins_are_apart), TEST_CASE(none_is_no_limit), TEST_CASE(the_list_is_bounded_and_the_latest_stay))
