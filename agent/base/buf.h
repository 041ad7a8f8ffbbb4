/* SPDX-License-Identifier: Apache-2.0 */
/* base/buf.h: a growing byte buffer with a hard maximum; remembers its first failure, so that writers check once. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

struct buf {
	unsigned char *data;	/* NULL while empty; not terminated */
	size_t len, capacity, max;
	bool failed;		/* an append did not fit, or memory ran out */
};

/* An empty buffer that never holds more than max bytes. Pair with buf_clear(). */
void buf_init(struct buf *buf, size_t max);

/* Wipes and frees the content; the buffer is empty again and keeps its maximum. Accepts a zeroed struct. */
void buf_clear(struct buf *buf);

/* Copies len bytes to the end; on overflow nothing is added and buf->failed is set. */
void buf_append(struct buf *buf, const void *data, size_t len);

/* Appends a string without its terminator. */
void buf_append_string(struct buf *buf, const char *text);

/* Removes len bytes (at most buf->len) from the front. */
void buf_consume(struct buf *buf, size_t len);

/* Room for len more bytes at data + len, to be claimed by adding to buf->len; NULL (and failed) when it does not fit. */
unsigned char *buf_reserve(struct buf *buf, size_t len);

#endif
