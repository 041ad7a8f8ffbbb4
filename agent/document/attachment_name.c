/* SPDX-License-Identifier: Apache-2.0 */
/* document/attachment_name.c: letters that the page has, no path, and the ending that the content deserves. */
#include "document/attachment_name.h"

#include <stddef.h>
#include <string.h>
#include <glib.h>

#define ENDING_MAX 6	/* characters, with the number of attachment_name_numbered() */

/* The first ending is the one that is given. */
static const struct {
	const char *media_type, *endings[2];
} kinds[] = {
	{ "application/pdf", { ".pdf", NULL } },
	{ "image/jpeg", { ".jpg", ".jpeg" } },
	{ "image/png", { ".png", NULL } },
};

/* What proto/forms call a line: visible characters that the page's font has. */
static bool
is_shown(gunichar c)
{
	static const struct {
		gunichar first, last;
	} ranges[] = { { 0x20, 0x7e }, { 0xa1, 0xac }, { 0xae, 0x24f }, { 0x1e00, 0x1ef9 }, { 0x2013, 0x2014 }, { 0x2018, 0x2019 }, { 0x201c, 0x201d },
		{ 0x2026, 0x2026 }, { 0x20ac, 0x20ac }, { 0x20ba, 0x20ba } };

	for (size_t i = 0; i < G_N_ELEMENTS(ranges); i++)
		if (c >= ranges[i].first && c <= ranges[i].last)
			return true;
	return false;
}

/* Of a path on any system, and what starts a hidden file or ends in nothing. */
static bool
is_of_a_path(const char *name, const char *p)
{
	bool first = p == name, last = p[1] == '\0';

	return strchr("/\\:*?\"<>|", *p) != NULL || ((first || last) && (*p == '.' || *p == ' ' || *p == '~'));
}

static char *
harmless(const char *name)
{
	char *valid = g_utf8_make_valid(name, -1), *composed = g_utf8_normalize(valid, -1, G_NORMALIZE_NFC);
	GString *text = g_string_new(NULL);
	glong count = 0;

	for (const char *p = composed; *p != '\0' && count < ATTACHMENT_NAME_MAX; p = g_utf8_find_next_char(p, NULL), count++) {
		gunichar c = g_utf8_get_char(p);

		g_string_append_unichar(text, is_shown(c) && !is_of_a_path(composed, p) ? c : '_');
	}
	g_free(composed);
	g_free(valid);
	return g_string_free(text, FALSE);
}

static bool
ends_in(const char *name, const char *ending)
{
	size_t len = strlen(name), part = strlen(ending);

	return len > part && g_ascii_strcasecmp(name + len - part, ending) == 0;
}

/* The name without its last characters when there would be no room for so many more. */
static char *
cut(const char *name, glong more)
{
	glong count = g_utf8_strlen(name, -1);

	return g_utf8_substring(name, 0, count > ATTACHMENT_NAME_MAX - more ? ATTACHMENT_NAME_MAX - more : count);
}

char *
attachment_name(const char *name, const char *media_type)
{
	const char *const *endings = NULL;
	char *safe, *stem, *whole;

	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
		if (strcmp(kinds[i].media_type, media_type) == 0)
			endings = kinds[i].endings;
	if (endings == NULL)
		return NULL;
	safe = harmless(name);
	if (ends_in(safe, endings[0]) || (endings[1] != NULL && ends_in(safe, endings[1])))
		return safe;
	stem = cut(safe, ENDING_MAX);
	whole = g_strconcat(stem, endings[0], NULL);
	g_free(stem);
	g_free(safe);
	return whole;
}

char *
attachment_name_numbered(const char *name, unsigned number)
{
	const char *ending = strrchr(name, '.');
	char *before = g_strndup(name, (gsize)(ending - name)), *stem = cut(before, ENDING_MAX + 2);
	char *whole = g_strdup_printf("%s-%u%s", stem, number, ending);

	g_free(before);
	g_free(stem);
	return whole;
}
