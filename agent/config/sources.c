/* SPDX-License-Identifier: Apache-2.0 */
/* config/sources.c: reads the layers from the weakest to the strongest and keeps what is in force, with its file and line. */
#include "config/sources.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/json.h"
#include "base/trusted_file.h"
#include "session/origin_text.h"

#define LINE_MAX_BYTES 4096
#define VALUES_MAX 900		/* of lists, below what one takes; single values are as many as there are keys */
#define PROBLEMS_MAX 200	/* more are not kept */

struct config_sources {
	struct config_list files;	/* owns the names that values and problems have, with the next */
	struct config_list passed_over;
	struct config_value *values;
	size_t values_count;
	struct config_problem *problems;
	size_t problems_count;
	bool file_named;
	bool unusable;
};

/* The file that is being read. */
struct reading {
	struct config_sources *sources;
	enum config_layer layer;
	const char *file;
	unsigned line;
};

static int
problem_add(struct reading *at, enum config_problem_kind kind, unsigned line, const char *what)
{
	struct config_sources *s = at->sources;
	struct config_problem *problems;
	char *copy;

	if (config_problem_counts(&(struct config_problem){ .kind = kind }) && (at->layer == CONFIG_LOCKED || (at->layer == CONFIG_FILE && s->file_named)))
		s->unusable = true;
	if (s->problems_count == PROBLEMS_MAX)
		return 0;
	if ((problems = realloc(s->problems, (s->problems_count + 1) * sizeof(*problems))) == NULL)
		return ERR_INTERNAL;
	s->problems = problems;
	if ((copy = strdup(what)) == NULL)
		return ERR_INTERNAL;
	json_text_mend(copy);
	problems[s->problems_count++] = (struct config_problem){ kind, at->layer, at->file, line, copy };
	return 0;
}

/* --- values --- */

/* What this key had before goes; in the locked layer only what another layer had set, and that is remarked. */
static int
values_remove(struct reading *at, const struct config_key *key, bool all)
{
	struct config_sources *s = at->sources;
	size_t kept = 0;
	int r = 0;

	for (size_t i = 0; i < s->values_count; i++) {
		const struct config_value value = s->values[i];
		bool goes = value.key == key && (all || (value.value == NULL && !value.unread) || (at->layer == CONFIG_LOCKED && value.layer != CONFIG_LOCKED));

		if (!goes) {
			s->values[kept++] = value;
			continue;
		}
		if (r == 0 && at->layer == CONFIG_LOCKED && value.layer > CONFIG_VENDOR && value.layer != CONFIG_LOCKED)
			r = problem_add(&(struct reading){ s, value.layer, value.file, 0 }, CONFIG_OVERRIDDEN, value.line, key->name);
		free(value.value);
	}
	s->values_count = kept;
	return r;
}

static int
value_append(struct reading *at, const struct config_key *key, const char *value, bool unread)
{
	struct config_sources *s = at->sources;
	struct config_value *values = realloc(s->values, (s->values_count + 1) * sizeof(*values));
	char *copy = NULL;

	if (values == NULL)
		return ERR_INTERNAL;
	s->values = values;
	if (value != NULL && (copy = strdup(value)) == NULL)
		return ERR_INTERNAL;
	values[s->values_count++] = (struct config_value){ key, at->layer, copy, at->file, at->line, unread };
	return 0;
}

static bool
any_is_unread(const struct config_sources *sources, const struct config_key *key)
{
	for (size_t i = 0; i < sources->values_count; i++)
		if (sources->values[i].key == key && sources->values[i].unread && sources->values[i].value == NULL)
			return true;
	return false;
}

/*
 * Each origin of a line that can't be read: two of them in one line are a slip, too.  Any, when the line begins with none or one can't be read.
 */
static int
origins_add(struct reading *at, const struct config_key *key, const char *rest)
{
	char origin[ORIGIN_MAX + 1];
	bool first = true;
	int r = 0;

	for (size_t len; r == 0 && (first || *rest != '\0'); rest += len + strspn(rest + len, " \t"), first = false) {
		len = strcspn(rest, " \t");
		snprintf(origin, sizeof(origin), "%.*s", (int)len, rest);
		if (at->sources->values_count < VALUES_MAX && len <= ORIGIN_MAX && (origin_text_is_https(origin) || origin_text_is_http(origin)))
			r = value_append(at, key, origin, true);
		else if (first || strstr(origin, "://") != NULL)
			return value_append(at, key, NULL, true);
	}
	return r;
}

/*
 * What can't be read, and may narrow what is allowed, counts as the strictest that it may have said.  rest: what stands behind the key's
 * name, for the origins in it; NULL: nobody knows.  A user narrows nothing.
 */
static int
strictest_add(struct reading *at, const struct config_key *key, const char *rest)
{
	int r;

	if (key == NULL || key->strictest == NULL || at->layer == CONFIG_USER)
		return 0;
	if (!config_key_is_list(key))
		return (r = values_remove(at, key, true)) != 0 ? r : value_append(at, key, key->strictest, true);
	return any_is_unread(at->sources, key) ? 0 : origins_add(at, key, rest != NULL ? rest : "");
}

/* value: empty for the default, or the empty list. */
static int
value_add(struct reading *at, const struct config_key *key, const char *value)
{
	int r;

	if ((r = values_remove(at, key, !config_key_is_list(key) || *value == '\0')) != 0)
		return r;
	if (config_key_is_list(key) && at->sources->values_count >= VALUES_MAX)
		return (r = problem_add(at, CONFIG_TOO_MANY, at->line, key->name)) != 0 ? r : strictest_add(at, key, value);
	return value_append(at, key, *value != '\0' ? value : NULL, false);
}

/* --- files --- */

/* The text without blanks at both ends, in place. */
static char *
trimmed(char *text)
{
	size_t len;

	text += strspn(text, " \t\r\n");
	for (len = strlen(text); len > 0 && strchr(" \t\r\n", text[len - 1]) != NULL; len--)
		text[len - 1] = '\0';
	return text;
}

/*
 * A line without a key of ours: its name, or the first word of that (value is then missing), may be a slip of a key that narrows.
 */
static int
line_guess(struct reading *at, enum config_problem_kind kind, const char *name, const char *value)
{
	size_t word = strcspn(name, " \t=");
	const struct config_key *meant = config_key_near(name, strlen(name));
	char what[200];
	int r;

	if (meant == NULL && (meant = config_key_near(name, word)) != NULL)
		value = name + word + strspn(name + word, " \t=");
	if (meant != NULL)
		snprintf(what, sizeof(what), "%.100s (%s?)", name, meant->name);
	else
		snprintf(what, sizeof(what), "%s", kind == CONFIG_UNKNOWN_KEY ? name : "");
	r = problem_add(at, kind, at->line, what);
	return r != 0 ? r : strictest_add(at, meant, value);
}

static int
line_read(struct reading *at, char *line)
{
	char *name = trimmed(line), *equals, *value;
	const struct config_key *key;
	int r;

	if (*name == '\0' || *name == '#')
		return 0;
	if ((equals = strchr(name, '=')) == NULL)
		return line_guess(at, CONFIG_NO_SETTING, name, "");
	*equals = '\0';
	value = trimmed(equals + 1);
	name = trimmed(name);
	if ((key = config_key_find(name)) == NULL)
		return line_guess(at, CONFIG_UNKNOWN_KEY, name, value);
	if (at->layer == CONFIG_USER && !key->user)
		return problem_add(at, CONFIG_NOT_A_USERS, at->line, name);
	if (*value != '\0' && !config_key_accepts(key, value))
		return (r = problem_add(at, CONFIG_BAD_VALUE, at->line, name)) != 0 ? r : strictest_add(at, key, value);
	return value_add(at, key, value);
}

/* A file, or a folder of files, that can't be read, or not to its end: it may have said anything. */
static int
file_problem(const struct reading *file, enum config_problem_kind kind, const char *why)
{
	struct reading at = { file->sources, file->layer, file->file, 0 };
	int r = problem_add(&at, kind, 0, why);

	for (size_t i = 0; r == 0 && i < config_keys_count; i++)
		r = strictest_add(&at, &config_keys[i], NULL);
	return r;
}

/* Reads the lines of an open file. */
static int
lines_read(struct reading *at, FILE *file)
{
	char *line = NULL;
	size_t capacity = 0;
	bool text_ends = false;
	ssize_t len;
	int r = 0;

	while (r == 0 && !text_ends && (len = getline(&line, &capacity, file)) >= 0) {
		at->line++;
		if ((text_ends = memchr(line, '\0', (size_t)len) != NULL))
			r = file_problem(at, CONFIG_UNREADABLE, "it is no text in UTF-8");
		else if (len > LINE_MAX_BYTES)
			r = line_guess(at, CONFIG_NO_SETTING, trimmed(line), "");
		else
			r = line_read(at, line);
	}
	if (r == 0 && ferror(file))
		r = file_problem(at, CONFIG_UNREADABLE, strerror(errno));
	free(line);
	return r;
}

/* must: that it is not there is a problem. */
static int
file_read(struct config_sources *sources, enum config_layer layer, const char *path, bool must)
{
	struct reading at = { sources, layer, NULL, 0 };
	const char *why = "";
	FILE *file;
	int r;

	if (!must && access(path, F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if ((r = config_list_add(&sources->files, path)) != 0)
		return r;
	at.file = sources->files.items[sources->files.count - 1];
	/* Whoever can write the settings chooses the module that gets the PIN. */
	if ((r = trusted_file_resolve(path, NULL, &why)) == ERR_MODULE_FAILED)
		return file_problem(&at, CONFIG_UNTRUSTED, why);
	if (r != 0)
		return file_problem(&at, CONFIG_UNREADABLE, why);
	if ((file = fopen(path, "re")) == NULL)
		return file_problem(&at, CONFIG_UNREADABLE, strerror(errno));
	r = lines_read(&at, file);
	fclose(file);
	return r;
}

static int
is_shown(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static bool
is_conf_file(const char *name)
{
	size_t len = strlen(name);

	return len > 5 && strcmp(name + len - 5, ".conf") == 0;
}

/* A remark: what package managers and editors leave behind is no mistake, but who means a file to count should know that it does not. */
static int
pass_over(struct config_sources *sources, enum config_layer layer, const char *path)
{
	struct reading at = { sources, layer, NULL, 0 };
	int r = config_list_add(&sources->passed_over, path);

	if (r != 0)
		return r == ERR_TOO_LARGE ? 0 : r;
	at.file = sources->passed_over.items[sources->passed_over.count - 1];
	return problem_add(&at, CONFIG_OTHER_NAME, 0, "");
}

static int
by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int
folder_read(struct config_sources *sources, enum config_layer layer, const char *folder)
{
	struct dirent **entries = NULL;
	int count = scandir(folder, &entries, is_shown, by_name), r = 0;

	if (count < 0 && errno != ENOENT) {
		struct reading at = { sources, layer, NULL, 0 };
		int error = errno;

		if ((r = config_list_add(&sources->files, folder)) != 0)
			return r;
		at.file = sources->files.items[sources->files.count - 1];
		return file_problem(&at, CONFIG_UNREADABLE, strerror(error));
	}
	for (int i = 0; i < count; i++) {
		char *path = NULL;

		if (r == 0)
			r = asprintf(&path, "%s/%s", folder, entries[i]->d_name) < 0 ? ERR_INTERNAL :
			    is_conf_file(entries[i]->d_name) ? file_read(sources, layer, path, true) : pass_over(sources, layer, path);
		free(path);
		free(entries[i]);
	}
	free(entries);
	return r;
}

static int
built_in_add(struct config_sources *sources)
{
	struct reading at = { sources, CONFIG_BUILT_IN, NULL, 0 };
	int r = 0;

	for (size_t i = 0; r == 0 && i < config_keys_count; i++)
		if (config_keys[i].initial != NULL)
			r = value_add(&at, &config_keys[i], config_keys[i].initial);
	return r;
}

/* `key =` of a single value gives it its default; sorted by key, a list's values stay in order. */
static int
values_settle(struct config_sources *sources)
{
	struct config_value *sorted = calloc(sources->values_count + 1, sizeof(*sorted));
	size_t count = 0;

	if (sorted == NULL)
		return ERR_INTERNAL;
	for (size_t k = 0; k < config_keys_count; k++)
		for (size_t i = 0; i < sources->values_count; i++) {
			struct config_value value = sources->values[i];
			const char *initial = config_keys[k].initial;

			if (value.key != &config_keys[k])
				continue;
			if (value.value == NULL && initial != NULL && (value.value = strdup(initial)) == NULL) {
				free(sorted);
				return ERR_INTERNAL;
			}
			sources->values[i].value = value.value;
			sorted[count++] = value;
		}
	free(sources->values);
	sources->values = sorted;
	return 0;
}

int
config_sources_read(const struct config_places *places, struct config_sources **ret_sources)
{
	struct config_sources *sources = calloc(1, sizeof(*sources));
	int r;

	if (sources == NULL)
		return ERR_INTERNAL;
	sources->file_named = places->file_named;
	r = built_in_add(sources);
	if (r == 0 && places->vendor != NULL)
		r = folder_read(sources, CONFIG_VENDOR, places->vendor);
	if (r == 0 && places->file != NULL)
		r = file_read(sources, CONFIG_FILE, places->file, places->file_named);
	if (r == 0 && places->drop_ins != NULL)
		r = folder_read(sources, CONFIG_DROP_INS, places->drop_ins);
	if (r == 0 && places->user != NULL)
		r = file_read(sources, CONFIG_USER, places->user, false);
	if (r == 0 && places->locked != NULL)
		r = folder_read(sources, CONFIG_LOCKED, places->locked);
	if (r == 0)
		r = values_settle(sources);
	if (r != 0) {
		config_sources_free(sources);
		return ERR_INTERNAL;
	}
	*ret_sources = sources;
	return 0;
}

void
config_sources_free(struct config_sources *sources)
{
	if (sources == NULL)
		return;
	for (size_t i = 0; i < sources->values_count; i++)
		free(sources->values[i].value);
	for (size_t i = 0; i < sources->problems_count; i++)
		free(sources->problems[i].what);
	config_list_clear(&sources->files);
	config_list_clear(&sources->passed_over);
	free(sources->values);
	free(sources->problems);
	free(sources);
}

bool
config_sources_usable(const struct config_sources *sources)
{
	return !sources->unusable;
}

bool
config_sources_file_is_named(const struct config_sources *sources)
{
	return sources->file_named;
}

const struct config_value *
config_sources_values(const struct config_sources *sources, size_t *ret_count)
{
	*ret_count = sources->values_count;
	return sources->values;
}

const struct config_problem *
config_sources_problems(const struct config_sources *sources, size_t *ret_count)
{
	*ret_count = sources->problems_count;
	return sources->problems;
}

const struct config_list *
config_sources_files(const struct config_sources *sources)
{
	return &sources->files;
}
