/* SPDX-License-Identifier: Apache-2.0 */
/* test_origin.c: which pages may connect, which are allowed, and what is remembered. */
#include "test.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "session/origin.h"

static char *portal = (char[]){ "https://portal.example" }, *developer = (char[]){ "http://127.0.0.1:8765" };

static const struct config config = {
	.allowed_origins = { .items = &portal, .count = 1 }, .developer_origins = { .items = &developer, .count = 1 }, .hash_origins = { .items = &portal, .count = 1 },
};

static void
only_canonical_origins_may_connect(void)
{
	static const struct { const char *origin; bool may; } cases[] = {
		{ "https://portal.example", true }, { "https://portal.example:8443", true }, { "https://a", true }, { "https://[::1]:1", true },
		{ "https://xn--rnek-5qa.gov.tr", true }, { "https://192.0.2.1", true }, { "http://127.0.0.1:8765", true },
		{ "http://127.0.0.1:8766", false }, { "http://portal.example", false }, { "https://portal.example:443", false },
		{ "https://portal.example:080", false }, { "https://portal.example:65536", false }, { "https://portal.example:", false },
		{ "https://portal.example:1x", false }, { "https://portal.example/", false }, { "https://portal.example.", false },
		{ "https://.example", false }, { "https://a..b", false }, { "https://Portal.example", false }, { "https://a@b", false },
		{ "https://a b", false }, { "https://", false }, { "HTTPS://a", false }, { "null", false }, { "", false }, { "file://", false },
		{ "https://[::1", false }, { "https://[]", false }, { "https://*.example", false }, { "https://portal.example%00.evil", false },
	};
	struct origins *origins = NULL;

	CHECK_INT(origins_new(&config, "/nonexistent/origins.json", &origins), 0);
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		CHECK_MSG(origins_may_connect(origins, cases[i].origin) == cases[i].may, "%s", cases[i].origin);
	origins_free(origins);
}

static void
a_denial_that_can_t_be_read_denies_whom_it_may_name(void)
{
	char command_line[] = "the command line", *allowed[] = { portal, command_line };
	struct config shut = { .allowed_origins = { .items = allowed, .count = 2 } };
	struct origins *origins = NULL;

	CHECK_INT(config_list_add_unread(&shut.denied_origins, "https://a.example", "a.conf:1"), 0);
	CHECK_INT(origins_new(&shut, "/nonexistent/origins.json", &origins), 0);
	CHECK_INT(origins_grant(origins, portal), GRANT_LISTED);
	CHECK_INT(origins_grant(origins, "https://a.example"), GRANT_DENIED);
	CHECK(origins_shut(origins, portal) == NULL && origins_shut(origins, "https://a.example") == NULL);
	CHECK_INT(config_list_add_unread(&shut.denied_origins, NULL, "a.conf:2"), 0);
	CHECK_INT(origins_grant(origins, portal), GRANT_DENIED);
	CHECK_INT(origins_grant(origins, "http://a.example"), GRANT_DENIED);
	/* Who would be allowed is told why, others are not; all may connect to hear it. */
	CHECK_STR(origins_shut(origins, portal), "a.conf:2");
	CHECK(origins_shut(origins, "https://b.example") == NULL && origins_may_connect(origins, portal));
	/* The command line is no site. */
	CHECK_INT(origins_grant(origins, "the command line"), GRANT_LISTED);
	origins_free(origins);
	config_list_clear(&shut.denied_origins);
}

static void
a_long_host_or_label_is_none(void)
{
	struct origins *origins = NULL;
	char origin[400] = "https://";

	CHECK_INT(origins_new(&config, "/nonexistent/origins.json", &origins), 0);
	memset(origin + 8, 'a', 63);
	CHECK(origins_may_connect(origins, origin));
	origin[71] = 'a';
	CHECK(!origins_may_connect(origins, origin));
	for (size_t i = 8; i < 8 + 260; i++)
		origin[i] = i % 10 == 9 ? '.' : 'a';
	CHECK(!origins_may_connect(origins, origin));
	origins_free(origins);
}

static void
lists_are_exact(void)
{
	struct origins *origins = NULL;

	CHECK_INT(origins_new(&config, "/nonexistent/origins.json", &origins), 0);
	CHECK_INT(origins_grant(origins, portal), GRANT_LISTED);
	CHECK_INT(origins_grant(origins, "https://portal.example.evil.com"), GRANT_NONE);
	CHECK_INT(origins_grant(origins, "https://portal.example:8443"), GRANT_NONE);
	CHECK_INT(origins_grant(origins, "https://sub.portal.example"), GRANT_NONE);
	CHECK(origins_may_sign_hashes(origins, portal) && !origins_may_sign_hashes(origins, developer));
	origins_free(origins);
}

static void
the_administrators_word_is_the_last(void)
{
	char *denied[] = { (char[]){ "https://denied.example" }, portal };
	const struct config strict = { .allowed_origins = { .items = &portal, .count = 1 }, .denied_origins = { .items = denied, .count = 2 } };
	const struct config listed = { .allowed_origins = { .items = &portal, .count = 1 }, .developer_origins = { .items = &developer, .count = 1 }, .listed_origins_only = true };
	struct origins *origins = NULL;

	CHECK_INT(origins_new(&strict, "/nonexistent/origins.json", &origins), 0);
	CHECK(!origins_may_connect(origins, "https://denied.example"));
	CHECK(!origins_may_connect(origins, portal));
	CHECK(origins_may_connect(origins, "https://denied.example:8443"));
	CHECK(origins_may_connect(origins, "https://sub.denied.example"));
	origins_free(origins);
	CHECK_INT(origins_new(&listed, "/nonexistent/origins.json", &origins), 0);
	origins_remember(origins, "https://a.example", true);
	CHECK(!origins_may_connect(origins, "https://a.example"));
	CHECK(!origins_may_connect(origins, "https://portal.example.evil.com"));
	CHECK(!origins_may_connect(origins, "https://portal.example:8443"));
	CHECK(origins_may_connect(origins, portal) && origins_may_connect(origins, developer));
	origins_free(origins);
}

static void
denied_is_remembered_even_of_a_listed_one(void)
{
	char path[] = "/tmp/test-origins-XXXXXX";
	struct origins *origins = NULL;
	int fd = mkstemp(path);

	close(fd);
	CHECK_INT(origins_new(&config, path, &origins), 0);
	CHECK_INT(origins_remember(origins, portal, false), 0);
	CHECK_INT(origins_remember(origins, "https://a.example", true), 0);
	CHECK_INT(origins_remember(origins, "https://a.example", false), 0);
	origins_free(origins);
	CHECK_INT(origins_new(&config, path, &origins), 0);
	CHECK_INT(origins_grant(origins, portal), GRANT_DENIED);
	CHECK_INT(origins_grant(origins, "https://a.example"), GRANT_DENIED);
	CHECK_INT(cJSON_GetArraySize(origins_remembered(origins)), 2);
	CHECK_INT(origins_forget(origins, portal), 0);
	CHECK_INT(origins_grant(origins, portal), GRANT_LISTED);
	origins_free(origins);
	unlink(path);
}

static void
always_is_remembered_and_a_damaged_store_forgets(void)
{
	char path[] = "/tmp/test-origins-XXXXXX";
	struct origins *origins = NULL;
	int fd = mkstemp(path);

	CHECK_INT(origins_new(&config, path, &origins), 0);
	CHECK_INT(origins_remember(origins, "https://a.example", true), 0);
	origins_free(origins);
	CHECK_INT(origins_new(&config, path, &origins), 0);
	CHECK_INT(origins_grant(origins, "https://a.example"), GRANT_ALWAYS);
	CHECK_INT(origins_grant(origins, "https://b.example"), GRANT_NONE);
	origins_free(origins);
	CHECK(ftruncate(fd, 5) == 0);
	close(fd);
	CHECK_INT(truncate(path, 5), 0);
	CHECK_INT(origins_new(&config, path, &origins), 0);
	CHECK_INT(origins_grant(origins, "https://a.example"), GRANT_NONE);
	origins_free(origins);
	unlink(path);
}

static void
what_can_t_be_written_holds_until_the_end(void)
{
	struct origins *origins = NULL;

	CHECK_INT(origins_new(&config, "/nonexistent/origins.json", &origins), 0);
	CHECK(origins_remember(origins, "https://a.example", true) != 0);
	CHECK_INT(origins_grant(origins, "https://a.example"), GRANT_ALWAYS);
	origins_free(origins);
}

static void
what_another_program_changes_is_seen_at_once(void)
{
	char folder[] = "/tmp/test-origins-XXXXXX", path[100];
	struct origins *ours = NULL, *other = NULL;

	CHECK(mkdtemp(folder) != NULL);
	snprintf(path, sizeof(path), "%s/origins.json", folder);
	CHECK_INT(origins_new(&config, path, &ours), 0);
	CHECK_INT(origins_new(&config, path, &other), 0);
	CHECK_INT(origins_remember(other, "https://a.example", true), 0);
	CHECK_INT(origins_grant(ours, "https://a.example"), GRANT_ALWAYS);
	CHECK_INT(origins_remember(ours, "https://b.example", true), 0);
	CHECK_INT(origins_forget(other, "https://a.example"), 0);
	CHECK_INT(origins_grant(ours, "https://a.example"), GRANT_NONE);
	CHECK_INT(origins_grant(ours, "https://b.example"), GRANT_ALWAYS);
	CHECK_INT(origins_forget(ours, "https://a.example"), ERR_NOT_FOUND);
	CHECK_INT(cJSON_GetArraySize(origins_remembered(ours)), 1);
	/* A store that is taken away takes its sites with it only when the agent starts anew. */
	unlink(path);
	CHECK_INT(origins_grant(ours, "https://b.example"), GRANT_ALWAYS);
	origins_free(ours);
	origins_free(other);
	rmdir(folder);
}

TEST_MAIN(TEST_CASE(what_another_program_changes_is_seen_at_once), TEST_CASE(only_canonical_origins_may_connect), TEST_CASE(a_denial_that_can_t_be_read_denies_whom_it_may_name),
    TEST_CASE(a_long_host_or_label_is_none), TEST_CASE(lists_are_exact),
    TEST_CASE(the_administrators_word_is_the_last), TEST_CASE(denied_is_remembered_even_of_a_listed_one),
    TEST_CASE(always_is_remembered_and_a_damaged_store_forgets), TEST_CASE(what_can_t_be_written_holds_until_the_end))
