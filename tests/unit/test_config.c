/* SPDX-License-Identifier: Apache-2.0 */
/* test_config.c: which layer of settings wins, and what becomes of files with mistakes. */
#include "config_tree.h"

#include <unistd.h>

#include "base/err.h"

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
    TEST_CASE(files_that_others_can_write_are_left_out), TEST_CASE(too_much_of_anything_is_a_problem_and_no_more),
    TEST_CASE(the_table_is_sorted_and_its_defaults_fit))
