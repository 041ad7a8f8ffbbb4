/* SPDX-License-Identifier: Apache-2.0 */
/* forms/day.h: days of the calendar, as forms know them. */
#ifndef FORMS_DAY_H
#define FORMS_DAY_H

#include <stdbool.h>
#include <time.h>

struct day {
	int year, month, day;	/* month and day from 1 on */
};

/* Reads RFC 3339's full-date, YYYY-MM-DD; false when there is no such day. */
bool day_parse(const char *text, struct day *ret_day);

/* The day that it is in Turkey: UTC+3 all year since 2016. */
struct day day_in_turkey(time_t now);

/* The time of day there, in minutes after midnight. */
int minutes_in_turkey(time_t now);

/* Negative, 0 or positive, as a is before, on or after b. */
int day_compare(struct day a, struct day b);

/* The same day so many months earlier; the month's last day when it has no such day. */
struct day day_months_before(struct day day, int months);

/* The day for people: 24.11.2026 in Turkish, 24 November 2026 in English. The caller frees it; NULL when memory runs out. */
char *day_text(struct day day, const char *language);

#endif
