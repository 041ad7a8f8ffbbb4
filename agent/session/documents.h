/* SPDX-License-Identifier: Apache-2.0 */
/* session/documents.h: the documents of one connection, in files that have no name and vanish with it. */
#ifndef SESSION_DOCUMENTS_H
#define SESSION_DOCUMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DOCUMENT_SIZE_MAX (512u << 20)		/* bytes of one document */
#define DOCUMENTS_SIZE_MAX (2048ull << 20)	/* bytes of all documents of a connection */
#define DOCUMENTS_MAX 2200			/* a batch of 1,000, what comes of it, and some more */
#define DOCUMENT_NAME_MAX 255		/* characters, of up to 4 bytes each (types.json fileName) */
#define DOCUMENT_MEDIA_TYPE_MAX 127
#define DOCUMENT_TERMS_MAX 128

struct document {
	struct document *next;
	uint32_t handle;
	int fd;			/* read-write, unlinked at birth */
	uint64_t size, received;
	void *hash;		/* EVP_MD_CTX, while bytes come in */
	char sha256[65];	/* lower-case hex, once all bytes are there */
	int err;		/* of its upload */
	bool in_batch;		/* an operation is signing it, in a batch that may be resumed */
	struct {
		char terms[DOCUMENT_TERMS_MAX];	/* with what certificate and how; "": never */
		uint32_t output;		/* the signed document's handle */
		char time[32];
	} signed_as;		/* so that a batch that is resumed does not sign it twice */
	char name[DOCUMENT_NAME_MAX * 4 + 1], media_type[DOCUMENT_MEDIA_TYPE_MAX + 1];
};

struct documents {
	struct document *first;
	uint32_t last_handle;
	size_t count;
	uint64_t bytes;		/* announced in all */
};

/* An anonymous file of mode 0600 in this folder. -1 when it can't be made. */
int documents_spool(const char *folder);

/*
 * A new document of exactly size bytes, which are to come.  The document stays the set's.  0, ERR_TOO_LARGE, ERR_BUSY (too many at once),
 * ERR_INTERNAL.
 */
int documents_open(struct documents *documents, const char *folder, uint64_t size, const char *name, const char *media_type,
    struct document **ret_document);

/* Whether count more documents of bytes in all can be adopted: 0, ERR_BUSY, ERR_TOO_LARGE. */
int documents_have_room(const struct documents *documents, size_t count, uint64_t bytes);

/* Takes fd as a finished document of size bytes with this SHA-256. 0, ERR_TOO_LARGE, ERR_BUSY, ERR_INTERNAL; then fd is closed. */
int documents_adopt(struct documents *documents, int fd, uint64_t size, const char *sha256, const char *name, const char *media_type,
    struct document **ret_document);

/* Adds the next bytes. 0, ERR_TOO_LARGE (more than announced), ERR_STORAGE_FULL, ERR_INTERNAL: document_check() tells it ever after. */
int document_append(struct document *document, const void *bytes, size_t len);

/* 0 when all its bytes are there; else the error of its upload, or ERR_DOCUMENT_INVALID while some are missing. */
int document_check(const struct document *document);

/* NULL when there is none with this handle. */
struct document *documents_find(const struct documents *documents, uint32_t handle);

void documents_close(struct documents *documents, struct document *document);
void documents_clear(struct documents *documents);

#endif
