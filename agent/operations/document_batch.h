/* SPDX-License-Identifier: Apache-2.0 */
/* operations/document_batch.h: the documents of one signing, and the imza-document processes that prepare them and finish them. */
#ifndef OPERATIONS_DOCUMENT_BATCH_H
#define OPERATIONS_DOCUMENT_BATCH_H

#include "operations/document_signing.h"

#define BATCH_WORKERS_MAX 2	/* a large batch is shared by two processes */

struct document_job;

/* One document; in the order of the request. */
struct batch_item {
	int in;
	uint64_t size;
	char sha256[65];
	char *name, *media_type;
	cJSON *fields, *attachments;	/* for the dialog; may be NULL */
	int err;		/* why it is not signed; 0: nothing speaks against it so far */
	char *detail;		/* of err, for logs; may be NULL */
	char *digest, *signature;	/* base64; NULL before */
	bool finished;
	struct signed_output out;
};

/* One process and the items that are its: every workers_count-th. */
struct batch_worker {
	struct batch *batch;
	struct document_job *job;
	size_t first, at;	/* at: the item under way, or the next */
	bool busy;
	bool knows_signer;	/* a job of this process has told it */
};

/* What the owner is told; it may end the batch in the last two. */
struct batch_callbacks {
	void (*progress)(void *context, const char *step, size_t done);
	/* All are prepared that can be; an error and its members (borrowed, may be NULL) when that ends the whole. */
	void (*prepared)(void *context, int err, const cJSON *content);
	/* After batch_close(): all are finished that can be; else as above. */
	void (*finished)(void *context, int err, const cJSON *content);
	void *context;
};

struct batch {
	struct services *services;
	const struct signing_terms *terms;	/* the owner's */
	const struct signer *signer;		/* the owner's */
	struct batch_item *items;
	size_t count, capacity;
	struct batch_worker workers[BATCH_WORKERS_MAX];
	size_t workers_count;
	struct document_job *ready;	/* a process for the first worker, from before; may be NULL */
	size_t done;		/* items of this step */
	int deaths;		/* of processes, while preparing */
	bool finishing, closed;
	int err;		/* of a batch of all or none, when finishing one fails */
	cJSON *content;		/* its members */
	struct batch_callbacks callbacks;
};

/* Adds a document: fd is borrowed and opened again, fields (taken; may be NULL) are shown in the dialog. 0 or ERR_INTERNAL. */
int batch_add(struct batch *batch, int fd, const char *name, const char *media_type, uint64_t size, const char *sha256, cJSON *fields);

/*
 * Has every item prepared: then item->digest is set, or item->err in a batch that may be signed in part.  prepared() comes later.
 * 0 or ERR_INTERNAL; then it does not come.
 */
int batch_prepare(struct batch *batch, const struct signer *signer, const struct batch_callbacks *callbacks);

/* An item's signature has come: it is finished in the background. 0 or ERR_INTERNAL. */
int batch_sign(struct batch *batch, size_t item, const char *signature);

/* No further signature comes: err is that of every item without one. Calls finished(), now or later. */
void batch_close(struct batch *batch, int err);

/* Ends the processes and frees what the batch holds, not the batch. */
void batch_clear(struct batch *batch);

#endif
