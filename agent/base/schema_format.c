/* SPDX-License-Identifier: Apache-2.0 */
/* base/schema_format.c: the formats that every schema set knows. */
#include "base/schema_rules.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define EMAIL_MAX 254	/* RFC 5321 4.5.3.1, with its erratum 1690 */

static const char digits[] = "0123456789";
static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/* A number of exactly count digits at *text, which moves behind it; -1 when there is none. */
static int
read_number(const char **text, size_t count)
{
	int value = 0;

	if (strspn(*text, digits) < count)
		return -1;
	for (; count > 0; count--)
		value = 10 * value + (*(*text)++ - '0');
	return value;
}

static bool
skip(const char **text, const char *any)
{
	if (**text == '\0' || strchr(any, **text) == NULL)
		return false;
	++*text;
	return true;
}

/* RFC 3339 full-date. */
static bool
read_date(const char **text)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int year, month, day;
	bool leap;

	if ((year = read_number(text, 4)) < 0 || !skip(text, "-") || (month = read_number(text, 2)) < 1 || month > 12 || !skip(text, "-") ||
	    (day = read_number(text, 2)) < 1)
		return false;
	leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	return day <= days[month - 1] + (month == 2 && leap);
}

/* RFC 3339 full-time; a leap second only where UTC can have one. */
static bool
read_time(const char **text)
{
	int hour, minute, second, sign, offset_hour, offset_minute, utc;

	if ((hour = read_number(text, 2)) < 0 || hour > 23 || !skip(text, ":") || (minute = read_number(text, 2)) < 0 || minute > 59 ||
	    !skip(text, ":") || (second = read_number(text, 2)) < 0 || second > 60)
		return false;
	if (skip(text, ".")) {
		size_t count = strspn(*text, digits);

		if (count == 0)
			return false;
		*text += count;
	}
	utc = 60 * hour + minute;
	if (!skip(text, "Zz")) {
		sign = **text == '-' ? 1 : -1;
		if (!skip(text, "+-") || (offset_hour = read_number(text, 2)) < 0 || offset_hour > 23 || !skip(text, ":") ||
		    (offset_minute = read_number(text, 2)) < 0 || offset_minute > 59)
			return false;
		utc = (utc + sign * (60 * offset_hour + offset_minute) + 1440) % 1440;
	}
	return second < 60 || utc == 1439;
}

bool
schema_format_date(const char *text)
{
	return read_date(&text) && *text == '\0';
}

bool
schema_format_date_time(const char *text)
{
	return read_date(&text) && skip(&text, "Tt") && read_time(&text) && *text == '\0';
}

static bool
is_ip(int family, const char *text, size_t len)
{
	unsigned char address[16];
	char copy[46];

	if (len >= sizeof(copy))
		return false;
	memcpy(copy, text, len);
	copy[len] = '\0';
	return inet_pton(family, copy, address) == 1;
}

/* Labels of letters, digits and inner hyphens, with dots between. */
static bool
is_domain(const char *text)
{
	for (;;) {
		size_t len = strcspn(text, ".");

		if (len == 0 || len > 63 || text[0] == '-' || text[len - 1] == '-')
			return false;
		for (size_t i = 0; i < len; i++)
			if (strchr(digits, text[i]) == NULL && strchr(letters, text[i]) == NULL && text[i] != '-')
				return false;
		text += len;
		if (*text == '\0')
			return true;
		text++;
	}
}

/* The end of RFC 5321's Local-part (Dot-string or Quoted-string); NULL when there is none. */
static const char *
local_part_end(const char *text)
{
	const char *start = text;

	if (*text == '"') {
		for (text++; *text != '"'; text++) {
			if (*text == '\\')
				text++;
			if (*text < ' ' || *text > '~')		/* which the terminator is, too */
				return NULL;
		}
		return text + 1;
	}
	for (; *text != '\0' && *text != '@'; text++) {
		if (*text == '.' ? text == start || text[-1] == '.' || text[1] == '@' :
		    strchr(digits, *text) == NULL && strchr(letters, *text) == NULL && strchr("!#$%&'*+-/=?^_`{|}~", *text) == NULL)
			return NULL;
	}
	return text > start ? text : NULL;
}

bool
schema_format_email(const char *text)
{
	const char *end = local_part_end(text);
	size_t len;

	if (end == NULL || *end != '@' || end - text > 64 || strlen(text) > EMAIL_MAX)
		return false;
	text = end + 1;
	len = strlen(text);
	if (*text != '[')
		return is_domain(text);
	if (len < 3 || text[len - 1] != ']')
		return false;
	return strncmp(text, "[IPv6:", 6) == 0 ? is_ip(AF_INET6, text + 6, len - 7) : is_ip(AF_INET, text + 1, len - 2);
}

/* Whether len bytes are unreserved, sub-delims, more, or percent-encoded (RFC 3986). */
static bool
is_uri_text(const char *text, size_t len, const char *more)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '%') {
			if (len - i < 3 || strspn(text + i + 1, "0123456789abcdefABCDEF") < 2)
				return false;
			i += 2;
		} else if (strchr(digits, text[i]) == NULL && strchr(letters, text[i]) == NULL && strchr("-._~!$&'()*+,;=", text[i]) == NULL &&
		    strchr(more, text[i]) == NULL) {
			return false;
		}
	}
	return true;
}

/* [userinfo@]host[:port] */
static bool
is_uri_authority(const char *text, size_t len)
{
	const char *at = memchr(text, '@', len), *port;
	size_t host;

	if (at != NULL) {
		if (!is_uri_text(text, (size_t)(at - text), ":"))
			return false;
		len -= (size_t)(at + 1 - text);
		text = at + 1;
	}
	if (len > 0 && *text == '[') {
		const char *close = memchr(text, ']', len);

		if (close == NULL)
			return false;
		host = (size_t)(close + 1 - text);
		if (!is_ip(AF_INET6, text + 1, host - 2) && !(text[1] == 'v' && is_uri_text(text + 2, host - 3, ":")))
			return false;
	} else {
		port = memchr(text, ':', len);
		host = port != NULL ? (size_t)(port - text) : len;
		if (!is_uri_text(text, host, ""))
			return false;
	}
	return host == len || (text[host] == ':' && strspn(text + host + 1, digits) >= len - host - 1);
}

bool
schema_format_uri(const char *text)
{
	size_t len;

	if (*text == '\0' || strchr(letters, *text) == NULL)
		return false;
	while (*text != '\0' && (strchr(digits, *text) != NULL || strchr(letters, *text) != NULL || strchr("+-.", *text) != NULL))
		text++;
	if (*text++ != ':')
		return false;
	if (strncmp(text, "//", 2) == 0) {
		text += 2;
		len = strcspn(text, "/?#");
		if (!is_uri_authority(text, len))
			return false;
		text += len;
	}
	len = strcspn(text, "?#");
	if (!is_uri_text(text, len, ":@/"))
		return false;
	text += len;
	if (*text == '?') {
		len = strcspn(++text, "#");
		if (!is_uri_text(text, len, ":@/?"))
			return false;
		text += len;
	}
	return *text == '\0' || is_uri_text(text + 1, strlen(text + 1), ":@/?");
}

/* The same as base64_decode() accepts, without decoding. */
bool
schema_format_base64(const char *text)
{
	static const char low_4_zero[] = "AQgw", low_2_zero[] = "AEIMQUYcgkosw048";
	size_t len = strlen(text), body = 0;

	while (body < len && (strchr(digits, text[body]) != NULL || strchr(letters, text[body]) != NULL || text[body] == '+' || text[body] == '/'))
		body++;
	if (len % 4 != 0 || len - body > 2)
		return false;
	if (len - body == 2)
		return text[body] == '=' && text[body + 1] == '=' && strchr(low_4_zero, text[body - 1]) != NULL;
	return len == body || (text[body] == '=' && strchr(low_2_zero, text[body - 1]) != NULL);
}
