/* SPDX-License-Identifier: Apache-2.0 */
/* base/secret.c: secrets in a page of their own (mlock, no dump, wiped on fork and on free). */
#include "base/secret.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/err.h"

struct secret {
	size_t len;
	unsigned char data[SECRET_MAX + 1];	/* one more: a longer PIN is refused, not cut */
};

struct secret *
secret_new(void)
{
	struct secret *secret = mmap(NULL, sizeof(*secret), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (secret == MAP_FAILED)
		return NULL;
	if (mlock(secret, sizeof(*secret)) != 0 || madvise(secret, sizeof(*secret), MADV_DONTDUMP) != 0 ||
	    madvise(secret, sizeof(*secret), MADV_WIPEONFORK) != 0) {
		munmap(secret, sizeof(*secret));
		return NULL;
	}
	return secret;
}

void
secret_free(struct secret **secret)
{
	if (*secret == NULL)
		return;
	explicit_bzero(*secret, sizeof(**secret));
	munmap(*secret, sizeof(**secret));
	*secret = NULL;
}

int
secret_read(struct secret *secret, int fd)
{
	ssize_t n;

	secret->len = 0;
	while (secret->len < sizeof(secret->data)) {
		n = read(fd, secret->data + secret->len, sizeof(secret->data) - secret->len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return ERR_INTERNAL;
		if (n == 0)
			return secret->len > 0 ? 0 : ERR_USER_CANCELLED;
		secret->len += (size_t)n;
	}
	return ERR_TOO_LARGE;
}

int
secret_append(struct secret *secret, const void *data, size_t len)
{
	if (len > SECRET_MAX - secret->len)
		return ERR_TOO_LARGE;
	/* libassuan tells of an END as of NULL with no bytes. */
	if (len > 0)
		memcpy(secret->data + secret->len, data, len);
	secret->len += len;
	return 0;
}

void
secret_clear(struct secret *secret)
{
	explicit_bzero(secret, sizeof(*secret));
}

const unsigned char *
secret_data(const struct secret *secret)
{
	return secret->data;
}

size_t
secret_len(const struct secret *secret)
{
	return secret->len;
}
