/* SPDX-License-Identifier: Apache-2.0 */
/* base/buf.c: the byte buffer. */
#include "base/buf.h"

#include <stdlib.h>
#include <string.h>

void
buf_init(struct buf *buf, size_t max)
{
	*buf = (struct buf){ .max = max };
}

void
buf_clear(struct buf *buf)
{
	if (buf->data != NULL)
		explicit_bzero(buf->data, buf->capacity);
	free(buf->data);
	*buf = (struct buf){ .max = buf->max };
}

unsigned char *
buf_reserve(struct buf *buf, size_t len)
{
	size_t capacity = buf->capacity;
	unsigned char *data;

	if (buf->failed || len > buf->max - buf->len) {
		buf->failed = true;
		return NULL;
	}
	if (buf->len + len <= capacity)
		return buf->data + buf->len;
	while (capacity < buf->len + len)
		capacity = capacity < 256 ? 256 : capacity * 2;
	if (capacity > buf->max)
		capacity = buf->max;
	/* Not realloc(): the old block may hold something to wipe. */
	if ((data = malloc(capacity)) == NULL) {
		buf->failed = true;
		return NULL;
	}
	if (buf->data != NULL) {
		memcpy(data, buf->data, buf->len);
		explicit_bzero(buf->data, buf->capacity);
		free(buf->data);
	}
	buf->data = data;
	buf->capacity = capacity;
	return buf->data + buf->len;
}

void
buf_append(struct buf *buf, const void *data, size_t len)
{
	unsigned char *room;

	if (len == 0 || (room = buf_reserve(buf, len)) == NULL)
		return;
	memcpy(room, data, len);
	buf->len += len;
}

void
buf_append_string(struct buf *buf, const char *text)
{
	buf_append(buf, text, strlen(text));
}

void
buf_consume(struct buf *buf, size_t len)
{
	if (len > buf->len)
		len = buf->len;
	if (len == 0)
		return;
	memmove(buf->data, buf->data + len, buf->len - len);
	buf->len -= len;
}
