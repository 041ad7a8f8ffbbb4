/* SPDX-License-Identifier: Apache-2.0 */
/* health/history.h: the last reader events of this process, in memory: how often a reader was lost. */
#ifndef HEALTH_HISTORY_H
#define HEALTH_HISTORY_H

#include <stddef.h>

#define HISTORY_MAX 200

struct history;

/* NULL when memory runs out. */
struct history *history_new(void);
void history_free(struct history *history);

/* Notes an event: the notification's name and its reader. The oldest one goes when there are HISTORY_MAX. */
void history_add(struct history *history, const char *event, const char *reader);

/* How often this event came for this reader (NULL: any) within the last seconds. */
size_t history_count(const struct history *history, const char *event, const char *reader, unsigned seconds);

size_t history_size(const struct history *history);

#endif
