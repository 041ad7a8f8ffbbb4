/* SPDX-License-Identifier: Apache-2.0 */
/* base/encoding.c: base64 and hex. */
#include "base/encoding.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

char *
base64_encode(const void *data, size_t len)
{
	const unsigned char *in = data;
	char *text = malloc((len + 2) / 3 * 4 + 1), *out = text;

	if (text == NULL)
		return NULL;
	for (size_t i = 0; i < len; i += 3) {
		size_t left = len - i;
		uint32_t group = (uint32_t)in[i] << 16 | (left > 1 ? (uint32_t)in[i + 1] << 8 : 0) | (left > 2 ? in[i + 2] : 0);

		*out++ = alphabet[group >> 18];
		*out++ = alphabet[group >> 12 & 63];
		*out++ = left > 1 ? alphabet[group >> 6 & 63] : '=';
		*out++ = left > 2 ? alphabet[group & 63] : '=';
	}
	*out = '\0';
	return text;
}

static int
base64_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

int
base64_decode(const char *text, unsigned char **ret_data, size_t *ret_len)
{
	size_t len = strlen(text), padding = 0, n = 0;
	unsigned char *data;

	if (len % 4 != 0)
		return ERR_INVALID_PARAMS;
	if (len > 0 && text[len - 1] == '=')
		padding = text[len - 2] == '=' ? 2 : 1;
	if ((data = malloc(len / 4 * 3 + 1)) == NULL)
		return ERR_INTERNAL;
	for (size_t i = 0; i < len; i += 4) {
		size_t digits = i + 4 == len ? 4 - padding : 4;
		uint32_t group = 0;

		for (size_t k = 0; k < 4; k++) {
			int value = k < digits ? base64_value(text[i + k]) : 0;

			if (value < 0)
				goto bad;
			group = group << 6 | (uint32_t)value;
		}
		if ((digits == 2 && (group & 0xffff) != 0) || (digits == 3 && (group & 0xff) != 0))
			goto bad;
		for (size_t k = 0; k + 1 < digits; k++)
			data[n++] = (unsigned char)(group >> (16 - 8 * k));
	}
	*ret_data = data;
	*ret_len = n;
	return 0;
bad:
	free(data);
	return ERR_INVALID_PARAMS;
}

int
base64url_decode(const char *text, size_t len, unsigned char **ret_data, size_t *ret_len)
{
	char *plain = malloc(len + 4);
	size_t padded = len;
	int r = ERR_INVALID_PARAMS;

	if (plain == NULL)
		return ERR_INTERNAL;
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\0' || strchr("+/=", text[i]) != NULL)
			goto out;
		plain[i] = text[i] == '-' ? '+' : text[i] == '_' ? '/' : text[i];
	}
	while (padded % 4 != 0)
		plain[padded++] = '=';
	plain[padded] = '\0';
	r = base64_decode(plain, ret_data, ret_len);
out:
	free(plain);
	return r;
}

char *
hex_encode(const void *data, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *in = data;
	char *text = malloc(2 * len + 1);

	if (text == NULL)
		return NULL;
	for (size_t i = 0; i < len; i++) {
		text[2 * i] = digits[in[i] >> 4];
		text[2 * i + 1] = digits[in[i] & 15];
	}
	text[2 * len] = '\0';
	return text;
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

int
hex_decode(const char *text, unsigned char **ret_data, size_t *ret_len)
{
	size_t len = strlen(text);
	unsigned char *data;

	if (len % 2 != 0)
		return ERR_INVALID_PARAMS;
	if ((data = malloc(len / 2 + 1)) == NULL)
		return ERR_INTERNAL;
	for (size_t i = 0; i < len; i += 2) {
		int high = hex_value(text[i]), low = hex_value(text[i + 1]);

		if (high < 0 || low < 0) {
			free(data);
			return ERR_INVALID_PARAMS;
		}
		data[i / 2] = (unsigned char)(high << 4 | low);
	}
	*ret_data = data;
	*ret_len = len / 2;
	return 0;
}
