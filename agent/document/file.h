/* SPDX-License-Identifier: Apache-2.0 */
/* document/file.h: the input and output descriptors of a job, read and written in pieces whatever their size. */
#ifndef DOCUMENT_FILE_H
#define DOCUMENT_FILE_H

#include <stddef.h>
#include <stdint.h>
#include <openssl/evp.h>

#define DOCUMENT_MAX ((uint64_t)512 << 20)	/* bytes of a document to sign; agent.info tells it */

/* An open digest of this kind; free it with EVP_MD_CTX_free(). NULL when memory runs out. */
EVP_MD_CTX *digest_new(const EVP_MD *md);

/* Size of a regular file. 0, ERR_INVALID_PARAMS (no regular file) or ERR_TOO_LARGE (beyond DOCUMENT_MAX). */
int file_size(int fd, uint64_t *ret_size);

/* Writes all of data at offset. 0 or ERR_INTERNAL (disk full, not writable). */
int file_write(int fd, uint64_t offset, const void *data, size_t len);

/*
 * Feeds the first size bytes of a file to digest and, unless output is -1, writes them to output at offset.
 * 0 or ERR_INTERNAL (the file is shorter, the output can't be written).
 */
int file_pass(int fd, uint64_t size, EVP_MD_CTX *digest, int output, uint64_t offset);

/* The same, to output at 0, and the bytes' SHA-256 too; digest must be new. */
int file_pass_sha256(int fd, uint64_t size, EVP_MD_CTX *digest, int output, unsigned char sha256[32]);

#endif
