/* SPDX-License-Identifier: Apache-2.0 */
/* health/history.c: a ring of reader events. */
#include "health/history.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define EVENT_BYTES 24
#define READER_BYTES 128

struct event {
	time_t at;	/* CLOCK_MONOTONIC */
	char name[EVENT_BYTES], reader[READER_BYTES];
};

struct history {
	struct event events[HISTORY_MAX];
	size_t count, next;
};

static time_t
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

struct history *
history_new(void)
{
	return calloc(1, sizeof(struct history));
}

void
history_free(struct history *history)
{
	free(history);
}

void
history_add(struct history *history, const char *name, const char *reader)
{
	struct event *event = &history->events[history->next];

	event->at = now();
	snprintf(event->name, sizeof(event->name), "%s", name);
	snprintf(event->reader, sizeof(event->reader), "%s", reader);
	history->next = (history->next + 1) % HISTORY_MAX;
	if (history->count < HISTORY_MAX)
		history->count++;
}

size_t
history_count(const struct history *history, const char *name, const char *reader, unsigned seconds)
{
	time_t since = now() - (time_t)seconds;
	size_t count = 0;

	for (size_t i = 0; i < history->count; i++) {
		const struct event *event = &history->events[i];

		count += event->at >= since && strcmp(event->name, name) == 0 && (reader == NULL || strcmp(event->reader, reader) == 0);
	}
	return count;
}

size_t
history_size(const struct history *history)
{
	return history->count;
}
