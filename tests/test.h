/* SPDX-License-Identifier: Apache-2.0 */
/* tests/test.h: the whole test framework: cases are static functions named as sentences; a failed check is told and the rest goes on. */
#ifndef TEST_H
#define TEST_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

struct test_case {
	const char *name;
	void (*run)(void);
};

static int test_failures;

#define CHECK_MSG(condition, ...) \
	do { \
		if (!(condition)) { \
			test_failures++; \
			printf("# %s:%d: %s: ", __FILE__, __LINE__, #condition); \
			printf(__VA_ARGS__); \
			printf("\n"); \
		} \
	} while (0)
#define CHECK(condition) CHECK_MSG(condition, "failed")
#define CHECK_INT(actual, expected) \
	do { \
		long long actual_ = (actual), expected_ = (expected); \
		CHECK_MSG(actual_ == expected_, "%s is %lld, not %lld", #actual, actual_, expected_); \
	} while (0)
#define CHECK_STR(actual, expected) \
	do { \
		const char *actual_ = (actual), *expected_ = (expected); \
		CHECK_MSG(actual_ != NULL && strcmp(actual_, expected_) == 0, "%s is \"%s\", not \"%s\"", #actual, \
		    actual_ != NULL ? actual_ : "(null)", expected_); \
	} while (0)

/* TAP output, so that meson counts the cases. */
static inline int
test_main(const struct test_case *cases, size_t count)
{
	int failed_cases = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("1..%zu\n", count);
	for (size_t i = 0; i < count; i++) {
		test_failures = 0;
		cases[i].run();
		failed_cases += test_failures > 0;
		printf("%sok %zu - %s\n", test_failures > 0 ? "not " : "", i + 1, cases[i].name);
	}
	return failed_cases > 0;
}

#define TEST_CASE(function) { #function, function }
#define TEST_MAIN(...) \
	int main(void) \
	{ \
		static const struct test_case cases[] = { __VA_ARGS__ }; \
		return test_main(cases, COUNT_OF(cases)); \
	}

#endif
