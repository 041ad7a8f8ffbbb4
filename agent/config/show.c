/* SPDX-License-Identifier: Apache-2.0 */
/* config/show.c: prints settings and problems. */
#include "config/show.h"

#include <string.h>

static void
origin_print(const struct config_value *value, bool turkish, FILE *out)
{
	fputs("\t# ", out);
	if (value->file == NULL)
		fputs(turkish ? "yerleşik" : "built in", out);
	else
		fprintf(out, "%s:%u%s", value->file, value->line, value->layer != CONFIG_LOCKED ? "" : turkish ? " (kilitli)" : " (locked)");
}

static bool
is_set(const struct config_value *values, size_t count, const struct config_key *key)
{
	for (size_t i = 0; i < count; i++)
		if (values[i].key == key)
			return true;
	return false;
}

void
config_show(const struct config_sources *sources, const char *key, bool origins, const char *language, FILE *out)
{
	size_t count;
	const struct config_value *values = config_sources_values(sources, &count);
	char unread[CONFIG_UNREAD_BYTES];

	for (size_t i = 0; i < count; i++) {
		const struct config_value *value = &values[i];

		if (key != NULL && strcmp(key, value->key->name) != 0)
			continue;
		if (value->unread && config_key_is_list(value->key)) {
			config_unread_text(value, language, unread);
			fprintf(out, "# %s\n", unread);
			continue;
		}
		fprintf(out, "%s =%s%s", value->key->name, value->value != NULL ? " " : "", value->value != NULL ? value->value : "");
		if (origins)
			origin_print(value, strcmp(language, "tr") == 0, out);
		fputc('\n', out);
	}
	for (size_t i = 0; key == NULL && i < config_keys_count; i++)
		if (!is_set(values, count, &config_keys[i]))
			fprintf(out, "# %s =\n", config_keys[i].name);
}

/* What is refused because of them. */
static void
unread_print(const struct config_sources *sources, const char *language, FILE *out)
{
	size_t count;
	const struct config_value *values = config_sources_values(sources, &count);
	char text[CONFIG_UNREAD_BYTES];

	for (size_t i = 0; i < count; i++)
		if (values[i].unread) {
			config_unread_text(&values[i], language, text);
			fprintf(out, "%s\n", text);
		}
}

size_t
config_show_problems(const struct config_sources *sources, const char *language, FILE *out)
{
	size_t count, found = 0;
	const struct config_problem *problems = config_sources_problems(sources, &count);

	for (size_t i = 0; i < count; i++) {
		const struct config_problem *p = &problems[i];

		fputs(p->file, out);
		if (p->line > 0)
			fprintf(out, ":%u", p->line);
		fprintf(out, ": %s%s%s\n", p->what, *p->what != '\0' ? ": " : "", config_problem_text(p->kind, language));
		found += config_problem_counts(p);
	}
	unread_print(sources, language, out);
	return found;
}
