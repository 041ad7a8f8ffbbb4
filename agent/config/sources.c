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
#include "base/trusted_file.h"

#define LINE_MAX_BYTES 4096
#define VALUES_MAX 900		/* below what a list takes */
#define PROBLEMS_MAX 200	/* more are not kept */

struct config_sources {
	struct config_list files;	/* owns the names that values and problems have */
	struct config_value *values;
	size_t values_count;
	struct config_problem *problems;
	size_t problems_count;
	bool file_named;
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

	if (s->problems_count == PROBLEMS_MAX)
		return 0;
	if ((problems = realloc(s->problems, (s->problems_count + 1) * sizeof(*problems))) == NULL)
		return ERR_INTERNAL;
	s->problems = problems;
	if ((copy = strdup(what)) == NULL)
		return ERR_INTERNAL;
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
		bool goes = value.key == key && (all || value.value == NULL || (at->layer == CONFIG_LOCKED && value.layer != CONFIG_LOCKED));

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

/* value: empty for the default, or the empty list. */
static int
value_add(struct reading *at, const struct config_key *key, const char *value)
{
	struct config_sources *s = at->sources;
	struct config_value *values;
	char *copy = NULL;
	int r;

	if ((r = values_remove(at, key, !config_key_is_list(key) || *value == '\0')) != 0)
		return r;
	if (s->values_count == VALUES_MAX)
		return problem_add(at, CONFIG_TOO_MANY, at->line, key->name);
	if ((values = realloc(s->values, (s->values_count + 1) * sizeof(*values))) == NULL)
		return ERR_INTERNAL;
	s->values = values;
	if (*value != '\0' && (copy = strdup(value)) == NULL)
		return ERR_INTERNAL;
	values[s->values_count++] = (struct config_value){ key, at->layer, copy, at->file, at->line };
	return 0;
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

static int
line_read(struct reading *at, char *line)
{
	char *name = trimmed(line), *equals, *value;
	const struct config_key *key;

	if (*name == '\0' || *name == '#')
		return 0;
	if ((equals = strchr(name, '=')) == NULL)
		return problem_add(at, CONFIG_NO_SETTING, at->line, "");
	*equals = '\0';
	value = trimmed(equals + 1);
	name = trimmed(name);
	if ((key = config_key_find(name)) == NULL)
		return problem_add(at, CONFIG_UNKNOWN_KEY, at->line, name);
	if (at->layer == CONFIG_USER && !key->user)
		return problem_add(at, CONFIG_NOT_A_USERS, at->line, name);
	if (*value != '\0' && !config_key_accepts(key, value))
		return problem_add(at, CONFIG_BAD_VALUE, at->line, name);
	return value_add(at, key, value);
}

/* Reads the lines of an open file. */
static int
lines_read(struct reading *at, FILE *file)
{
	char *line = NULL;
	size_t capacity = 0;
	ssize_t len;
	int r = 0;

	while (r == 0 && (len = getline(&line, &capacity, file)) >= 0) {
		at->line++;
		if (len > LINE_MAX_BYTES || memchr(line, '\0', (size_t)len) != NULL)
			r = problem_add(at, CONFIG_NO_SETTING, at->line, "");
		else
			r = line_read(at, line);
	}
	if (r == 0 && ferror(file))
		r = problem_add(at, CONFIG_UNREADABLE, 0, strerror(errno));
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
		return problem_add(&at, CONFIG_UNTRUSTED, 0, why);
	if (r != 0)
		return problem_add(&at, CONFIG_UNREADABLE, 0, why);
	if ((file = fopen(path, "re")) == NULL)
		return problem_add(&at, CONFIG_UNREADABLE, 0, strerror(errno));
	r = lines_read(&at, file);
	fclose(file);
	return r;
}

static int
is_conf_file(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return entry->d_name[0] != '.' && len > 5 && strcmp(entry->d_name + len - 5, ".conf") == 0;
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
	int count = scandir(folder, &entries, is_conf_file, by_name), r = 0;

	if (count < 0 && errno != ENOENT) {
		struct reading at = { sources, layer, NULL, 0 };
		int error = errno;

		if ((r = config_list_add(&sources->files, folder)) != 0)
			return r;
		at.file = sources->files.items[sources->files.count - 1];
		return problem_add(&at, CONFIG_UNREADABLE, 0, strerror(error));
	}
	for (int i = 0; i < count; i++) {
		char *path = NULL;

		if (r == 0)
			r = asprintf(&path, "%s/%s", folder, entries[i]->d_name) < 0 ? ERR_INTERNAL : file_read(sources, layer, path, true);
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
	free(sources->values);
	free(sources->problems);
	free(sources);
}

bool
config_problem_counts(const struct config_problem *problem)
{
	return problem->kind != CONFIG_OVERRIDDEN;
}

bool
config_sources_usable(const struct config_sources *sources)
{
	for (size_t i = 0; i < sources->problems_count; i++) {
		const struct config_problem *problem = &sources->problems[i];

		if (config_problem_counts(problem) && (problem->layer == CONFIG_LOCKED || (problem->layer == CONFIG_FILE && sources->file_named)))
			return false;
	}
	return true;
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

const char *
config_problem_text(enum config_problem_kind kind, const char *language)
{
	static const struct { const char *tr, *en; } texts[CONFIG_PROBLEM_KINDS] = {
		[CONFIG_UNREADABLE] = { "dosya okunamıyor", "the file can't be read" },
		[CONFIG_UNTRUSTED] = { "dosya root'un ya da sizin olmalı, başkası yazamamalı; dikkate alınmadı",
		    "the file must belong to root or to you and nobody else may write it; it is left out" },
		[CONFIG_NO_SETTING] = { "satır `anahtar = değer` biçiminde değil", "the line is not `key = value`" },
		[CONFIG_UNKNOWN_KEY] = { "böyle bir ayar yok", "there is no such key" },
		[CONFIG_BAD_VALUE] = { "bu ayar böyle bir değer alamaz", "this key can't have such a value" },
		[CONFIG_NOT_A_USERS] = { "bu ayarı yalnız yönetici yapar", "only the administrator sets this key" },
		[CONFIG_TOO_MANY] = { "çok fazla değer var", "there are too many values" },
		[CONFIG_OVERRIDDEN] = { "bu ayar kilitli (policy.d); satırın etkisi yok", "this key is locked (policy.d); the line has no effect" },
	};

	return strcmp(language, "tr") == 0 ? texts[kind].tr : texts[kind].en;
}
