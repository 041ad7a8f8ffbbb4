/* SPDX-License-Identifier: Apache-2.0 */
/* session/documents.c: spool files for what a page sends and gets; hashed while they come, never named on disk. */
#include "session/documents.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/encoding.h"
#include "base/err.h"

int
documents_spool(const char *folder)
{
	int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	/* Some file systems have no O_TMPFILE. */
	if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR))
		fd = memfd_create("document", MFD_CLOEXEC);
	return fd;
}

int
documents_have_room(const struct documents *documents, size_t count, uint64_t bytes)
{
	if (bytes > DOCUMENTS_SIZE_MAX || documents->bytes > DOCUMENTS_SIZE_MAX - bytes)
		return ERR_TOO_LARGE;
	return documents->count + count > DOCUMENTS_MAX ? ERR_BUSY : 0;
}

static int
document_add(struct documents *documents, int fd, uint64_t size, const char *name, const char *media_type, struct document **ret_document)
{
	struct document *document;

	int r = size > DOCUMENT_SIZE_MAX ? ERR_TOO_LARGE : documents_have_room(documents, 1, size);

	if (r != 0)
		return r;
	if (documents->last_handle == UINT32_MAX)
		return ERR_BUSY;
	if ((document = calloc(1, sizeof(*document))) == NULL)
		return ERR_INTERNAL;
	*document = (struct document){ .next = documents->first, .handle = ++documents->last_handle, .fd = fd, .size = size };
	snprintf(document->name, sizeof(document->name), "%s", name);
	snprintf(document->media_type, sizeof(document->media_type), "%s", media_type);
	documents->first = document;
	documents->count++;
	documents->bytes += size;
	*ret_document = document;
	return 0;
}

static int
document_finish(struct document *document)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned len;
	char *text;

	if (EVP_DigestFinal_ex(document->hash, digest, &len) != 1 || (text = hex_encode(digest, len)) == NULL)
		return ERR_INTERNAL;
	EVP_MD_CTX_free(document->hash);
	document->hash = NULL;
	snprintf(document->sha256, sizeof(document->sha256), "%s", text);
	free(text);
	return 0;
}

int
documents_open(struct documents *documents, const char *folder, uint64_t size, const char *name, const char *media_type,
    struct document **ret_document)
{
	struct document *document;
	int fd = documents_spool(folder), r;

	if (fd < 0)
		return ERR_INTERNAL;
	if ((r = document_add(documents, fd, size, name, media_type, &document)) != 0) {
		close(fd);
		return r;
	}
	document->hash = EVP_MD_CTX_new();
	if (document->hash == NULL || EVP_DigestInit_ex(document->hash, EVP_sha256(), NULL) != 1 ||
	    (size == 0 && document_finish(document) != 0)) {
		documents_close(documents, document);
		return ERR_INTERNAL;
	}
	*ret_document = document;
	return 0;
}

int
documents_adopt(struct documents *documents, int fd, uint64_t size, const char *sha256, const char *name, const char *media_type,
    struct document **ret_document)
{
	struct document *document;
	int r = document_add(documents, fd, size, name, media_type, &document);

	if (r != 0) {
		close(fd);
		return r;
	}
	document->received = size;
	snprintf(document->sha256, sizeof(document->sha256), "%s", sha256);
	*ret_document = document;
	return 0;
}

static int
bytes_append(struct document *document, const void *bytes, size_t len)
{
	const char *p = bytes;

	if (document->hash == NULL || len > document->size - document->received)
		return ERR_TOO_LARGE;
	if (EVP_DigestUpdate(document->hash, bytes, len) != 1)
		return ERR_INTERNAL;
	while (len > 0) {
		ssize_t n = pwrite(document->fd, p, len, (off_t)document->received);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 && (errno == ENOSPC || errno == EDQUOT) ? ERR_STORAGE_FULL : ERR_INTERNAL;
		p += n;
		len -= (size_t)n;
		document->received += (uint64_t)n;
	}
	return document->received == document->size ? document_finish(document) : 0;
}

int
document_append(struct document *document, const void *bytes, size_t len)
{
	int r = document->err != 0 ? document->err : bytes_append(document, bytes, len);

	return document->err = r;
}

int
document_check(const struct document *document)
{
	if (document->err != 0)
		return document->err;
	return document->sha256[0] != '\0' ? 0 : ERR_DOCUMENT_INVALID;
}

struct document *
documents_find(const struct documents *documents, uint32_t handle)
{
	struct document *document = documents->first;

	while (document != NULL && document->handle != handle)
		document = document->next;
	return document;
}

void
documents_close(struct documents *documents, struct document *document)
{
	struct document **place = &documents->first;

	while (*place != document)
		place = &(*place)->next;
	*place = document->next;
	documents->count--;
	documents->bytes -= document->size;
	EVP_MD_CTX_free(document->hash);
	close(document->fd);
	free(document);
}

void
documents_clear(struct documents *documents)
{
	while (documents->first != NULL)
		documents_close(documents, documents->first);
}
