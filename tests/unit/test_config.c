/* SPDX-License-Identifier: Apache-2.0 */
/* test_config.c: which layer of settings wins, and what becomes of files with mistakes. */
#include "test.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "config/sources.h"

static char root[32], vendor[64], file[64], drop_ins[64], user[64], locked[64];
static const struct config_places places = { .vendor = vendor, .file = file, .drop_ins = drop_ins, .user = user, .locked = locked };

static void
tree_make(void)
{
	snprintf(root, sizeof(root), "/tmp/config-XXXXXX");
	CHECK(mkdtemp(root) != NULL);
	snprintf(vendor, sizeof(vendor), "%s/vendor", root);
	snprintf(file, sizeof(file), "%s/imza-agent.conf", root);
	snprintf(drop_ins, sizeof(drop_ins), "%s/conf.d", root);
	snprintf(user, sizeof(user), "%s/user.conf", root);
	snprintf(locked, sizeof(locked), "%s/policy.d", root);
}

static void
tree_remove(void)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -r %s", root);
	CHECK_INT(system(command), 0);
}

/* name NULL: the path itself. */
static void
write_to(const char *folder, const char *name, const char *text)
{
	char path[128];
	FILE *out;

	if (name != NULL)
		mkdir(folder, 0755);
	snprintf(path, sizeof(path), "%s%s%s", folder, name != NULL ? "/" : "", name != NULL ? name : "");
	out = fopen(path, "w");
	CHECK(out != NULL);
	fputs(text, out);
	fchmod(fileno(out), 0644);
	fclose(out);
}

static struct config_sources *
sources_read(void)
{
	struct config_sources *sources = NULL;

	CHECK_INT(config_sources_read(&places, &sources), 0);
	return sources;
}

/* The values of a key, "a,b" for a list, "" for none; "(none)" when it is not there at all. */
static const char *
values_of(const struct config_sources *sources, const char *key)
{
	static char text[200];
	size_t count, len = 0;
	const struct config_value *values = config_sources_values(sources, &count);

	snprintf(text, sizeof(text), "(none)");
	for (size_t i = 0; i < count; i++)
		if (!values[i].unread && strcmp(values[i].key->name, key) == 0)
			len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s", len > 0 ? "," : "",
			    values[i].value != NULL ? values[i].value : "");
	return text;
}

static void
each_layer_wins_over_the_one_below(void)
{
	static const char *const words[] = { "1", "2", "3", "4" };
	struct config_sources *sources;

	tree_make();
	sources = sources_read();
	CHECK_STR(values_of(sources, "dialog-seconds"), "120");
	CHECK_STR(values_of(sources, "language"), "(none)");
	config_sources_free(sources);
	for (int layer = 0; layer < 4; layer++) {
		char line[40];

		snprintf(line, sizeof(line), "dialog-seconds = %s\n", words[layer]);
		write_to(layer == 0 ? vendor : layer == 1 ? file : layer == 2 ? drop_ins : locked, layer == 1 ? NULL : "50-a.conf", line);
		sources = sources_read();
		CHECK_STR(values_of(sources, "dialog-seconds"), words[layer]);
		CHECK(config_sources_usable(sources));
		config_sources_free(sources);
	}
	tree_remove();
}

static void
drop_ins_are_read_in_the_order_of_their_names(void)
{
	const struct config_problem *problems;
	struct config_sources *sources;
	size_t count;

	tree_make();
	write_to(drop_ins, "90-b.conf", "dialog-seconds = 90\nallow-origin = https://b.example\n");
	write_to(drop_ins, "10-a.conf", "dialog-seconds = 10\nallow-origin = https://a.example\n");
	write_to(drop_ins, "99-c.conf.dpkg-dist", "dialog-seconds = 99\n");
	write_to(drop_ins, ".95-hidden.conf", "dialog-seconds = 95\n");
	sources = sources_read();
	CHECK_STR(values_of(sources, "dialog-seconds"), "90");
	CHECK_STR(values_of(sources, "allow-origin"), "https://a.example,https://b.example");
	CHECK_INT(config_sources_files(sources)->count, 2);
	/* One that reads like a file of settings and is none is told; nothing is wrong with it. */
	problems = config_sources_problems(sources, &count);
	CHECK_INT(count, 1);
	CHECK_INT(problems[0].kind, CONFIG_OTHER_NAME);
	CHECK(strstr(problems[0].file, "/conf.d/99-c.conf.dpkg-dist") != NULL && !config_problem_counts(&problems[0]));
	config_sources_free(sources);
	/* Nor does it keep the agent from starting where a mistake would. */
	write_to(locked, "10-lock.conf.dpkg-old", "colour = red\n");
	sources = sources_read();
	CHECK(config_sources_usable(sources));
	config_sources_free(sources);
	tree_remove();
}

static void
a_key_without_a_value_resets(void)
{
	struct config_sources *sources;

	tree_make();
	write_to(file, NULL, "allow-origin = https://a.example\ndialog-seconds = 30\ninstitution = /a\n");
	write_to(drop_ins, "50.conf", "allow-origin =\nallow-origin = https://b.example\ndialog-seconds =\ninstitution =\nmodule =\n");
	sources = sources_read();
	CHECK_STR(values_of(sources, "allow-origin"), "https://b.example");
	CHECK_STR(values_of(sources, "dialog-seconds"), "120");
	CHECK_STR(values_of(sources, "institution"), "");
	CHECK_STR(values_of(sources, "module"), "");
	config_sources_free(sources);
	tree_remove();
}

static void
a_locked_key_is_what_the_lock_says(void)
{
	const struct config_problem *problems;
	struct config_sources *sources;
	size_t count;

	tree_make();
	write_to(file, NULL, "allow-origin = https://a.example\n");
	write_to(user, NULL, "language = en\n");
	write_to(locked, "10.conf", "allow-origin = https://b.example\nlanguage = tr\nhash-origin =\n");
	write_to(locked, "20.conf", "allow-origin = https://c.example\n");
	sources = sources_read();
	CHECK_STR(values_of(sources, "allow-origin"), "https://b.example,https://c.example");
	CHECK_STR(values_of(sources, "language"), "tr");
	CHECK_STR(values_of(sources, "hash-origin"), "");
	/* Who wrote the other lines is told, and nothing is wrong. */
	problems = config_sources_problems(sources, &count);
	CHECK_INT(count, 2);
	for (size_t i = 0; i < count; i++) {
		CHECK_INT(problems[i].kind, CONFIG_OVERRIDDEN);
		CHECK_INT(problems[i].line, 1);
		CHECK(!config_problem_counts(&problems[i]));
	}
	CHECK(config_sources_usable(sources));
	config_sources_free(sources);
	tree_remove();
}

static void
a_user_sets_only_what_is_the_users(void)
{
	const struct config_problem *problems;
	struct config_sources *sources;
	size_t count;

	tree_make();
	write_to(drop_ins, "50.conf", "language = tr\n");
	write_to(user, NULL, "allow-origin = https://evil.example\nlanguage = en\n");
	sources = sources_read();
	CHECK_STR(values_of(sources, "language"), "en");
	CHECK_STR(values_of(sources, "allow-origin"), "(none)");
	problems = config_sources_problems(sources, &count);
	CHECK_INT(count, 1);
	CHECK_INT(problems[0].kind, CONFIG_NOT_A_USERS);
	CHECK(config_sources_usable(sources));
	config_sources_free(sources);
	tree_remove();
}

static void
the_rest_holds_beside_a_broken_line(void)
{
	static const struct {
		const char *line;
		enum config_problem_kind kind;
	} cases[] = {
		{ "colour = red", CONFIG_UNKNOWN_KEY }, { "ALLOW-ORIGIN = https://a.example", CONFIG_UNKNOWN_KEY },
		{ " = x", CONFIG_UNKNOWN_KEY }, { "dialog-seconds", CONFIG_NO_SETTING }, { "[section]", CONFIG_NO_SETTING },
		{ "dialog-seconds = 12x", CONFIG_BAD_VALUE }, { "dialog-seconds = -1", CONFIG_BAD_VALUE },
		{ "dialog-seconds = 99999999999999999999", CONFIG_BAD_VALUE }, { "language = de", CONFIG_BAD_VALUE },
		{ "language = t", CONFIG_BAD_VALUE }, { "language = tr|en", CONFIG_BAD_VALUE }, { "pinentry = pinentry", CONFIG_BAD_VALUE },
		{ "module = ../x.so", CONFIG_BAD_VALUE }, { "allow-origin = https://a.example/", CONFIG_BAD_VALUE },
		{ "allow-origin = *", CONFIG_BAD_VALUE }, { "allow-origin = https://*.example", CONFIG_BAD_VALUE },
		{ "allow-origin = https://A.example", CONFIG_BAD_VALUE }, { "hash-origin = a.example", CONFIG_BAD_VALUE },
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const struct config_problem *problems;
		struct config_sources *sources;
		char text[200];
		size_t count;

		tree_make();
		snprintf(text, sizeof(text), "# first\nmodule = /a.so\n%s\nmodule = /b.so\n", cases[i].line);
		write_to(drop_ins, "50.conf", text);
		sources = sources_read();
		problems = config_sources_problems(sources, &count);
		CHECK_MSG(count == 1 && problems[0].kind == cases[i].kind && problems[0].line == 3, "%s", cases[i].line);
		CHECK_STR(values_of(sources, "module"), "/a.so,/b.so");
		CHECK(config_sources_usable(sources));
		config_sources_free(sources);
		/* The same in a locked file keeps the agent from starting. */
		write_to(locked, "50.conf", text);
		sources = sources_read();
		CHECK(!config_sources_usable(sources));
		config_sources_free(sources);
		tree_remove();
	}
}

/* What of a key that narrows is in force although it could not be read: "yes", "*", an origin, with commas between; "" for nothing. */
static const char *
unread_of(const struct config_sources *sources, const char *key)
{
	static char text[200];
	size_t count, len = 0;
	const struct config_value *values = config_sources_values(sources, &count);

	*text = '\0';
	for (size_t i = 0; i < count; i++)
		if (values[i].unread && strcmp(values[i].key->name, key) == 0)
			len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s", len > 0 ? "," : "", values[i].value != NULL ? values[i].value : "*");
	return text;
}

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

static void
files_that_others_can_write_are_left_out(void)
{
	const struct config_problem *problems;
	struct config_sources *sources;
	char path[128];
	size_t count;

	tree_make();
	write_to(drop_ins, "10.conf", "module = /a.so\n");
	write_to(drop_ins, "20.conf", "module = /evil.so\n");
	snprintf(path, sizeof(path), "%s/20.conf", drop_ins);
	chmod(path, 0666);
	/* No file at all under this name, and a folder. */
	snprintf(path, sizeof(path), "%s/30.conf", drop_ins);
	CHECK_INT(symlink("/nonexistent", path), 0);
	snprintf(path, sizeof(path), "%s/40.conf", drop_ins);
	CHECK_INT(mkdir(path, 0755), 0);
	sources = sources_read();
	CHECK_STR(values_of(sources, "module"), "/a.so");
	CHECK_STR(unread_of(sources, "module"), "*");
	problems = config_sources_problems(sources, &count);
	CHECK_INT(count, 3);
	CHECK_INT(problems[0].kind, CONFIG_UNTRUSTED);
	CHECK_INT(problems[0].line, 0);
	CHECK_INT(problems[1].kind, CONFIG_UNREADABLE);
	CHECK_INT(problems[2].kind, CONFIG_UNTRUSTED);
	config_sources_free(sources);
	chmod(drop_ins, 0777);
	sources = sources_read();
	CHECK_STR(unread_of(sources, "module"), "*");
	config_sources_free(sources);
	tree_remove();
}

static void
too_much_of_anything_is_a_problem_and_no_more(void)
{
	const struct config_problem *problems;
	struct config_sources *sources;
	char *text = malloc(80000), *end = text;
	size_t count;

	CHECK(text != NULL);
	tree_make();
	for (int i = 0; i < 1200; i++)
		end += sprintf(end, "module = /module-%d.so\n", i);
	write_to(drop_ins, "50.conf", text);
	memset(text, 'x', 70000);
	strcpy(text + 70000, "\nbinary\n");
	write_to(drop_ins, "60.conf", text);
	sources = sources_read();
	problems = config_sources_problems(sources, &count);
	CHECK(count > 1);
	CHECK_INT(problems[0].kind, CONFIG_TOO_MANY);
	config_sources_free(sources);
	free(text);
	tree_remove();
}

static void
the_table_is_sorted_and_its_defaults_fit(void)
{
	for (size_t i = 0; i < config_keys_count; i++) {
		const struct config_key *key = &config_keys[i];

		CHECK_MSG(i == 0 || strcmp(config_keys[i - 1].name, key->name) < 0, "%s", key->name);
		CHECK_MSG(key->initial == NULL || config_key_accepts(key, key->initial), "%s", key->name);
		CHECK_MSG((key->choices != NULL) == (key->kind == CONFIG_CHOICE), "%s", key->name);
		CHECK_MSG(key->strictest == NULL || (config_key_is_list(key) ? strcmp(key->strictest, CONFIG_ANY) == 0 : config_key_accepts(key, key->strictest)),
		    "%s", key->name);
		CHECK_MSG(key->doc[strlen(key->doc) - 1] == '.', "%s", key->name);
	}
}

TEST_MAIN(TEST_CASE(each_layer_wins_over_the_one_below), TEST_CASE(drop_ins_are_read_in_the_order_of_their_names),
    TEST_CASE(a_key_without_a_value_resets), TEST_CASE(a_locked_key_is_what_the_lock_says),
    TEST_CASE(a_user_sets_only_what_is_the_users), TEST_CASE(the_rest_holds_beside_a_broken_line),
    TEST_CASE(what_narrows_and_can_t_be_read_counts_as_the_strictest), TEST_CASE(a_later_line_says_what_an_unread_one_may_have_said),
    TEST_CASE(a_file_that_can_t_be_read_may_have_said_anything), TEST_CASE(a_line_of_any_length_is_not_passed_over),
    TEST_CASE(a_lock_s_mistake_is_seen_behind_any_number_of_others),
    TEST_CASE(a_list_that_is_too_long_denies_the_rest_too), TEST_CASE(files_that_others_can_write_are_left_out), TEST_CASE(too_much_of_anything_is_a_problem_and_no_more),
    TEST_CASE(the_table_is_sorted_and_its_defaults_fit))
