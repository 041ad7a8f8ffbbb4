/* SPDX-License-Identifier: Apache-2.0 */
/* forms/day.c: reading, comparing and writing days without time zones or locales of the system. */
#include "forms/day.h"

#include <stdio.h>
#include <string.h>

#define TURKEY_OFFSET (3 * 60 * 60)

static int
month_days(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	if (month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0))
		return 29;
	return days[month - 1];
}

static int
number_read(const char *digits, int count)
{
	int number = 0;

	while (count-- > 0)
		number = number * 10 + *digits++ - '0';
	return number;
}

bool
day_parse(const char *text, struct day *ret_day)
{
	struct day day;

	if (strlen(text) != 10)
		return false;
	for (int i = 0; i < 10; i++)
		if (i == 4 || i == 7 ? text[i] != '-' : text[i] < '0' || text[i] > '9')
			return false;
	day = (struct day){ number_read(text, 4), number_read(text + 5, 2), number_read(text + 8, 2) };
	if (day.month < 1 || day.month > 12 || day.day < 1 || day.day > month_days(day.year, day.month))
		return false;
	*ret_day = day;
	return true;
}

struct day
day_in_turkey(time_t now)
{
	struct tm tm = { 0 };

	now += TURKEY_OFFSET;
	gmtime_r(&now, &tm);
	return (struct day){ tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday };
}

int
minutes_in_turkey(time_t now)
{
	return (int)((now + TURKEY_OFFSET) % (24 * 3600) / 60);
}

int
day_compare(struct day a, struct day b)
{
	if (a.year != b.year)
		return a.year - b.year;
	return a.month != b.month ? a.month - b.month : a.day - b.day;
}

struct day
day_months_before(struct day day, int months)
{
	int count = day.year * 12 + day.month - 1 - months;

	day.year = count / 12;
	day.month = count % 12 + 1;
	if (day.day > month_days(day.year, day.month))
		day.day = month_days(day.year, day.month);
	return day;
}

char *
day_text(struct day day, const char *language)
{
	static const char *const months[] = { "January", "February", "March", "April", "May", "June", "July", "August", "September",
		"October", "November", "December" };
	char *text = NULL;
	int len;

	if (strcmp(language, "en") == 0)
		len = asprintf(&text, "%d %s %04d", day.day, months[day.month - 1], day.year);
	else
		len = asprintf(&text, "%02d.%02d.%04d", day.day, day.month, day.year);
	return len < 0 ? NULL : text;
}
