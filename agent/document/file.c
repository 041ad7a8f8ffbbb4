/* SPDX-License-Identifier: Apache-2.0 */
/* document/file.c: reading and writing a job's files in pieces. */
#include "document/file.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"

#define PIECE (256u << 10)

EVP_MD_CTX *
digest_new(const EVP_MD *md)
{
	EVP_MD_CTX *digest = EVP_MD_CTX_new();

	if (digest != NULL && EVP_DigestInit_ex(digest, md, NULL) != 1) {
		EVP_MD_CTX_free(digest);
		digest = NULL;
	}
	return digest;
}

int
file_size(int fd, uint64_t *ret_size)
{
	struct stat st;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return ERR_INVALID_PARAMS;
	if ((uint64_t)st.st_size > DOCUMENT_MAX)
		return ERR_TOO_LARGE;
	*ret_size = (uint64_t)st.st_size;
	return 0;
}

int
file_write(int fd, uint64_t offset, const void *data, size_t len)
{
	const unsigned char *p = data;

	while (len > 0) {
		ssize_t n = pwrite(fd, p, len, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 && (errno == ENOSPC || errno == EDQUOT) ? ERR_STORAGE_FULL : ERR_INTERNAL;
		p += n;
		offset += (uint64_t)n;
		len -= (size_t)n;
	}
	return 0;
}

static int
pass(int fd, uint64_t size, EVP_MD_CTX *digest, EVP_MD_CTX *also, int output, uint64_t offset)
{
	unsigned char *piece = malloc(PIECE);
	int r = piece == NULL ? ERR_INTERNAL : 0;

	for (uint64_t done = 0; r == 0 && done < size; ) {
		ssize_t n = pread(fd, piece, size - done < PIECE ? (size_t)(size - done) : PIECE, (off_t)done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0 || EVP_DigestUpdate(digest, piece, (size_t)n) != 1 || (also != NULL && EVP_DigestUpdate(also, piece, (size_t)n) != 1))
			r = ERR_INTERNAL;
		else if (output >= 0)
			r = file_write(output, offset + done, piece, (size_t)n);
		done += n > 0 ? (uint64_t)n : 0;
	}
	free(piece);
	return r;
}

int
file_pass(int fd, uint64_t size, EVP_MD_CTX *digest, int output, uint64_t offset)
{
	return pass(fd, size, digest, NULL, output, offset);
}

int
file_pass_sha256(int fd, uint64_t size, EVP_MD_CTX *digest, int output, unsigned char sha256[32])
{
	EVP_MD_CTX *own = digest_new(EVP_sha256());
	bool same = EVP_MD_is_a(EVP_MD_CTX_get0_md(digest), "SHA256");
	int r = ERR_INTERNAL;

	if (own != NULL && (r = pass(fd, size, digest, same ? NULL : own, output, 0)) == 0 &&
	    ((same && EVP_MD_CTX_copy_ex(own, digest) != 1) || EVP_DigestFinal_ex(own, sha256, NULL) != 1))
		r = ERR_INTERNAL;
	EVP_MD_CTX_free(own);
	return r;
}
