/* SPDX-License-Identifier: Apache-2.0 */
/* test_config_unread.c: what narrows what is allowed and can't be read fails closed. */
#include "config_tree.h"

#include <unistd.h>

static void
what_narrows_and_can_t_be_read_counts_as_the_strictest(void)
{
#define KEY " 11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
	static const struct { const char *line, *key, *unread; } cases[] = {
		{ "listed-origins-only = ja", "listed-origins-only", "yes" }, { "require-audit-log = true", "require-audit-log", "yes" },
		{ "require-valid-certificate = revoked", "require-valid-certificate", "revocation" }, { "module-network = off", "module-network", "no" },
		{ "deny-origin = https://a.example/", "deny-origin", "*" }, { "deny-origin = a.example", "deny-origin", "*" },
		{ "deny-origin = https://a.example  https://b.example", "deny-origin", "https://a.example,https://b.example" },
		{ "deny-origin = https://a.example https://b.example/", "deny-origin", "https://a.example,*" },
		{ "deny-origin = https://a.example, https://b.example", "deny-origin", "*" }, { "deny-origin = https://a.example # why", "deny-origin", "https://a.example" },
		{ "module = akis.so", "module", "*" }, { "trust-dir = trust.d", "trust-dir", "*" },
		{ "manifest-key = https://a.example AAAA", "manifest-key", "https://a.example" }, { "manifest-key = https://a.example", "manifest-key", "https://a.example" },
		{ "manifest-key = https://a.example" KEY "=", "manifest-key", "https://a.example" },
		{ "manifest-key = https://a.example/" KEY, "manifest-key", "*" }, { "manifest-key = x" KEY, "manifest-key", "*" },
		/* the = is missing, or another stands there */
		{ "manifest-key https://a.example" KEY, "manifest-key", "https://a.example" }, { "listed-origins-only: yes", "listed-origins-only", "yes" },
		{ "manifest-key https://a.example" KEY "=", "manifest-key", "https://a.example" },
		/* slips of the name */
		{ "manifest-keys = https://a.example" KEY, "manifest-key", "https://a.example" }, { "MANIFEST_KEY = x", "manifest-key", "*" },
		{ "deny-orgin = https://a.example", "deny-origin", "https://a.example" }, { "deny origin = https://a.example", "deny-origin", "https://a.example" },
		{ "denied-origin = https://a.example", "deny-origin", "https://a.example" }, { "listed-origin-only = no", "listed-origins-only", "yes" },
		{ "require-auditlog = yes", "require-audit-log", "yes" }, { "require-certificate = chain", "require-valid-certificate", "revocation" },
		/* no slips of such a name, but of another's, or of none */
		{ "alow-origin = https://a.example", "deny-origin", "" }, { "module-folders = /a", "module", "" }, { "colour = red", "module", "" },
		{ "forms-dirs = /a", "trust-dir", "" }, { "hash-orign = https://a.example", "deny-origin", "" }, { "= x", "module", "" },
		{ "dialog-seconds = long", "listed-origins-only", "" }, { "language = de", "listed-origins-only", "" },
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct config_sources *sources;
		char text[200];
		size_t count;

		tree_make();
		snprintf(text, sizeof(text), "# first\n%s\n", cases[i].line);
		write_to(drop_ins, "50.conf", text);
		sources = sources_read();
		config_sources_problems(sources, &count);
		CHECK_MSG(count == 1, "%s", cases[i].line);
		CHECK_MSG(strcmp(unread_of(sources, cases[i].key), cases[i].unread) == 0, "%s: %s", cases[i].line, unread_of(sources, cases[i].key));
		CHECK(config_sources_usable(sources));
		config_sources_free(sources);
		/* A user can't narrow, not by a slip either. */
		write_to(drop_ins, "50.conf", "");
		write_to(user, NULL, text);
		sources = sources_read();
		CHECK_STR(unread_of(sources, cases[i].key), "");
		config_sources_free(sources);
		tree_remove();
	}
#undef KEY
}

static void
a_later_line_says_what_an_unread_one_may_have_said(void)
{
	struct config_sources *sources;

	tree_make();
	write_to(drop_ins, "50.conf", "require-audit-log = ja\ndeny-origin = a.example\ndeny-origin = b.example\ndeny-origin = https://c.example\nmanifest-key = x\n");
	sources = sources_read();
	CHECK_STR(unread_of(sources, "require-audit-log"), "yes");
	CHECK_STR(unread_of(sources, "deny-origin"), "*");
	CHECK_STR(values_of(sources, "deny-origin"), "https://c.example");
	config_sources_free(sources);
	write_to(drop_ins, "60.conf", "require-audit-log = no\ndeny-origin =\n");
	write_to(locked, "10.conf", "manifest-key =\n");
	sources = sources_read();
	CHECK_STR(values_of(sources, "require-audit-log"), "no");
	CHECK_STR(unread_of(sources, "require-audit-log"), "");
	CHECK_STR(unread_of(sources, "deny-origin"), "");
	CHECK_STR(unread_of(sources, "manifest-key"), "");
	config_sources_free(sources);
	tree_remove();
}

static void
a_file_that_can_t_be_read_may_have_said_anything(void)
{
	char path[128];

	for (int i = 0; i < 3; i++) {
		struct config_sources *sources;

		tree_make();
		write_to(drop_ins, "20.conf", "language = en\n");
		snprintf(path, sizeof(path), i == 1 ? "%s/30.conf" : "%s/20.conf", drop_ins);
		if (i == 0)
			chmod(path, 0666);	/* not to be trusted */
		if (i == 1)
			CHECK_INT(symlink("/nonexistent", path), 0);
		sources = sources_read();
		for (size_t key = 0; key < config_keys_count; key++) {
			const char *strictest = config_keys[key].strictest;

			CHECK_MSG(strcmp(unread_of(sources, config_keys[key].name), i == 2 || strictest == NULL ? "" : strictest) == 0, "%s", config_keys[key].name);
		}
		config_sources_free(sources);
		tree_remove();
	}
}

static void
a_line_of_any_length_is_not_passed_over(void)
{
	struct config_sources *sources;
	char path[128], *text = malloc(6000);
	FILE *out;

	CHECK(text != NULL);
	tree_make();
	memset(text, 'a', 5999);
	text[5999] = '\0';
	memcpy(text, "deny-origin=", 12);
	write_to(drop_ins, "10.conf", text);
	sources = sources_read();
	CHECK_STR(unread_of(sources, "deny-origin"), "*");
	config_sources_free(sources);
	/* As an editor of Windows may save it: UTF-16. */
	snprintf(path, sizeof(path), "%s/10.conf", drop_ins);
	out = fopen(path, "w");
	CHECK_INT(fwrite("\xff\xfe" "d\0e\0n\0y\0-\0o\0r\0i\0g\0i\0n\0=\0x\0\n\0", 1, 30, out), 30);
	fclose(out);
	sources = sources_read();
	CHECK_STR(unread_of(sources, "deny-origin"), "*");
	CHECK_STR(unread_of(sources, "require-audit-log"), "yes");
	config_sources_free(sources);
	free(text);
	tree_remove();
}

static void
a_lock_s_mistake_is_seen_behind_any_number_of_others(void)
{
	struct config_sources *sources;
	char *text = calloc(1, 20000), *end = text;
	size_t count;

	CHECK(text != NULL);
	tree_make();
	for (int i = 0; i < 1000; i++)
		end += sprintf(end, "colour = red\n");
	write_to(drop_ins, "50.conf", text);
	write_to(locked, "10.conf", "listed-origins-only = ja\n");
	sources = sources_read();
	config_sources_problems(sources, &count);
	CHECK(count < 1000 && !config_sources_usable(sources));
	config_sources_free(sources);
	free(text);
	tree_remove();
}

static void
a_list_that_is_too_long_denies_the_rest_too(void)
{
	struct config_sources *sources;
	char *text = calloc(1, 80000), *end = text;

	CHECK(text != NULL);
	tree_make();
	for (int i = 0; i < 1200; i++)
		end += sprintf(end, "deny-origin = https://site-%d.example\n", i);
	sprintf(end, "manifest-key = x\npinentry = /a\nconsent-window =\nrequire-audit-log = ja\n");
	write_to(drop_ins, "50.conf", text);
	sources = sources_read();
	CHECK_STR(unread_of(sources, "deny-origin"), "*");
	CHECK_STR(unread_of(sources, "manifest-key"), "*");
	CHECK_STR(unread_of(sources, "require-audit-log"), "yes");
	/* What takes one value has room. */
	CHECK_STR(values_of(sources, "pinentry"), "/a");
	CHECK_STR(values_of(sources, "consent-window"), "auto");
	config_sources_free(sources);
	free(text);
	tree_remove();
}

TEST_MAIN(TEST_CASE(what_narrows_and_can_t_be_read_counts_as_the_strictest),
    TEST_CASE(a_later_line_says_what_an_unread_one_may_have_said),
    TEST_CASE(a_file_that_can_t_be_read_may_have_said_anything),
    TEST_CASE(a_line_of_any_length_is_not_passed_over),
    TEST_CASE(a_lock_s_mistake_is_seen_behind_any_number_of_others),
    TEST_CASE(a_list_that_is_too_long_denies_the_rest_too))
