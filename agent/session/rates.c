/* SPDX-License-Identifier: Apache-2.0 */
/* session/rates.c: a leaking bucket for each origin, the latest first. */
#include "session/rates.h"

#include <stdlib.h>
#include <string.h>

struct bucket {
	struct bucket *next;
	double level;		/* requests that have not leaked out yet */
	int64_t at;		/* when that was, in milliseconds */
	char origin[];
};

struct rates {
	unsigned per_second;
	struct bucket *buckets;
	size_t count;
};

struct rates *
rates_new(unsigned per_second)
{
	struct rates *rates = calloc(1, sizeof(*rates));

	if (rates != NULL)
		rates->per_second = per_second;
	return rates;
}

void
rates_free(struct rates *rates)
{
	if (rates == NULL)
		return;
	while (rates->buckets != NULL) {
		struct bucket *bucket = rates->buckets;

		rates->buckets = bucket->next;
		free(bucket);
	}
	free(rates);
}

/* The place of the origin's bucket, else that of the last one, which may be an empty end. */
static struct bucket **
bucket_place(struct rates *rates, const char *origin)
{
	struct bucket **place = &rates->buckets;

	while (*place != NULL && strcmp((*place)->origin, origin) != 0) {
		if ((*place)->next == NULL && rates->count == RATES_ORIGINS_MAX)
			break;
		place = &(*place)->next;
	}
	return place;
}

/* The origin's bucket, now the first of the list. NULL when memory runs out. */
static struct bucket *
bucket_get(struct rates *rates, const char *origin, int64_t now)
{
	struct bucket **place = bucket_place(rates, origin), *bucket = *place;
	size_t len = strlen(origin) + 1;

	if (bucket != NULL) {
		*place = bucket->next;
		rates->count--;
	}
	if (bucket == NULL || strcmp(bucket->origin, origin) != 0) {
		free(bucket);
		if ((bucket = calloc(1, sizeof(*bucket) + len)) == NULL)
			return NULL;
		memcpy(bucket->origin, origin, len);
		bucket->at = now;
	}
	bucket->next = rates->buckets;
	rates->buckets = bucket;
	rates->count++;
	return bucket;
}

uint32_t
rates_take(struct rates *rates, const char *origin, int64_t now)
{
	const double room = (double)rates->per_second * RATES_BURST_SECONDS;
	struct bucket *bucket;

	if (rates->per_second == 0 || (bucket = bucket_get(rates, origin, now)) == NULL)
		return 0;
	bucket->level -= (double)(now - bucket->at) / 1000 * rates->per_second;
	bucket->at = now;
	if (bucket->level < 0)
		bucket->level = 0;
	if (bucket->level >= 2 * room)
		return RATES_CLOSE;
	bucket->level++;
	return bucket->level <= room ? 0 : (uint32_t)((bucket->level - room) / rates->per_second) + 1;
}
