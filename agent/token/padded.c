/* SPDX-License-Identifier: Apache-2.0 */
/* token/padded.c: trimming and UTF-8 repair. */
#include "token/padded.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define REPLACEMENT "\xef\xbf\xbd"

/* Length of the UTF-8 character (RFC 3629: no surrogates, nothing overlong) at the start of left > 0 bytes; 0 when there is none. */
static size_t
utf8_length(const unsigned char *p, size_t left)
{
	static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t length = p[0] < 0x80 ? 1 : p[0] < 0xc0 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : p[0] < 0xf8 ? 4 : 0;
	uint32_t character;

	if (length <= 1)
		return length;
	if (length > left)
		return 0;
	character = p[0] & (0x7fu >> length);
	for (size_t i = 1; i < length; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		character = character << 6 | (p[i] & 0x3fu);
	}
	if (character < smallest[length] || character > 0x10ffff || (character >= 0xd800 && character <= 0xdfff))
		return 0;
	return length;
}

char *
padded_text(const unsigned char *data, size_t len)
{
	char *text, *out;

	while (len > 0 && (data[len - 1] == ' ' || data[len - 1] == '\0'))
		len--;
	if ((text = out = malloc(len * (sizeof(REPLACEMENT) - 1) + 1)) == NULL)
		return NULL;
	for (size_t i = 0; i < len;) {
		size_t length = utf8_length(data + i, len - i);

		if (length == 0 || (length == 1 && (data[i] < 0x20 || data[i] == 0x7f))) {
			memcpy(out, REPLACEMENT, sizeof(REPLACEMENT) - 1);
			out += sizeof(REPLACEMENT) - 1;
			i++;
		} else {
			memcpy(out, data + i, length);
			out += length;
			i += length;
		}
	}
	*out = '\0';
	return text;
}

bool
padded_add(cJSON *object, const char *name, const unsigned char *data, size_t len)
{
	char *text = padded_text(data, len);
	bool ok = text != NULL && cJSON_AddStringToObject(object, name, text) != NULL;

	free(text);
	return ok;
}
