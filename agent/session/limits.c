/* SPDX-License-Identifier: Apache-2.0 */
/* session/limits.c: a list of the origins that went wrong, the latest first; one that has done nothing wrong is not in it. */
#include "session/limits.h"

#include <stdlib.h>
#include <string.h>

#define KINDS 2

static const unsigned in_a_row[KINDS] = { [LIMIT_PINS] = LIMITS_PINS_MAX, [LIMIT_DIALOGS] = LIMITS_DIALOGS_MAX };

struct entry {
	struct entry *next;
	unsigned count[KINDS];
	int64_t until[KINDS];	/* end of a pause; 0: none */
	char origin[];
};

struct limits {
	unsigned pause[KINDS];
	struct entry *entries;
	size_t count;
};

struct limits *
limits_new(unsigned pins_pause, unsigned dialogs_pause)
{
	struct limits *limits = calloc(1, sizeof(*limits));

	if (limits != NULL)
		*limits = (struct limits){ .pause = { [LIMIT_PINS] = pins_pause, [LIMIT_DIALOGS] = dialogs_pause } };
	return limits;
}

void
limits_free(struct limits *limits)
{
	if (limits == NULL)
		return;
	while (limits->entries != NULL) {
		struct entry *entry = limits->entries;

		limits->entries = entry->next;
		free(entry);
	}
	free(limits);
}

static struct entry **
entry_place(struct limits *limits, const char *origin)
{
	struct entry **place = &limits->entries;

	while (*place != NULL && strcmp((*place)->origin, origin) != 0)
		place = &(*place)->next;
	return place;
}

static void
last_drop(struct limits *limits)
{
	struct entry **place = &limits->entries;

	while ((*place)->next != NULL)
		place = &(*place)->next;
	free(*place);
	*place = NULL;
	limits->count--;
}

/* The origin's entry, now the first of the list. NULL when memory runs out. */
static struct entry *
entry_get(struct limits *limits, const char *origin)
{
	struct entry **place = entry_place(limits, origin), *entry = *place;
	size_t len = strlen(origin) + 1;

	if (entry != NULL) {
		*place = entry->next;
	} else {
		if (limits->count == LIMITS_ORIGINS_MAX)
			last_drop(limits);
		if ((entry = calloc(1, sizeof(*entry) + len)) == NULL)
			return NULL;
		memcpy(entry->origin, origin, len);
		limits->count++;
	}
	entry->next = limits->entries;
	limits->entries = entry;
	return entry;
}

void
limits_failed(struct limits *limits, const char *origin, enum limit limit, int64_t now)
{
	struct entry *entry = entry_get(limits, origin);

	if (entry == NULL || ++entry->count[limit] < in_a_row[limit])
		return;
	entry->count[limit] = 0;
	entry->until[limit] = now + limits->pause[limit];
}

void
limits_succeeded(struct limits *limits, const char *origin, enum limit limit)
{
	struct entry *entry = *entry_place(limits, origin);

	if (entry != NULL)
		entry->count[limit] = 0;
}

unsigned
limits_wait(const struct limits *limits, const char *origin, enum limit limit, int64_t now)
{
	const struct entry *entry = limits->entries;

	while (entry != NULL && strcmp(entry->origin, origin) != 0)
		entry = entry->next;
	return entry != NULL && entry->until[limit] > now ? (unsigned)(entry->until[limit] - now) : 0;
}
