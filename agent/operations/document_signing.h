/* SPDX-License-Identifier: Apache-2.0 */
/* operations/document_signing.h: signs a list of documents under one consent: prepare all, sign all, finish each as its signature comes. */
#ifndef OPERATIONS_DOCUMENT_SIGNING_H
#define OPERATIONS_DOCUMENT_SIGNING_H

#include <stdbool.h>
#include <stdint.h>

#include "operations/call.h"
#include "operations/signer.h"

struct document_job;
struct document_signing;

/* How every document of the list is signed; document_signing_new() copies it. */
struct signing_terms {
	const char *format, *level, *packaging;	/* protocol.md's words */
	const char *reason, *location;		/* PAdES; may be NULL */
	const char *kind;			/* "document" or "form", for the dialog */
	const char *form;			/* its id, for the audit log; NULL: it is none */
	int64_t form_version;
	const cJSON *appearance;		/* PAdES; op prepare's (agent/HELPERS.md); NULL: invisible */
	bool partial;				/* one that can't be signed does not stop the others */
};

/* What came of a document; fd is the callee's to take (and set to -1). */
struct signed_output {
	int err;		/* with partial: why it is not signed; then only detail counts */
	const char *detail;	/* of err, for logs; may be NULL; the signing's */
	int fd;
	uint64_t size;
	char sha256[65], time[32];
	char name[DOCUMENT_NAME_MAX * 4 + 1], media_type[128];
};

/* Whether we offer this: 0, or ERR_ALGORITHM_UNSUPPORTED. */
int signing_terms_check(const struct signing_terms *terms);

/*
 * What is seen of signatures that this call's page asked for (agent/HELPERS.md: appearance), at a place (op render's `signature`), or, NULL, where
 * a document keeps one.  The caller's; NULL: nothing.
 */
cJSON *signing_appearance(const struct call *call, const cJSON *place);

/* A new empty list for this call. NULL when memory runs out. */
struct document_signing *document_signing_new(struct call *call, const struct signing_terms *terms);

/* Adds a document: fd is borrowed and opened again; fields (taken; may be NULL) are shown in the dialog. 0 or ERR_INTERNAL. */
int document_signing_add(struct document_signing *signing, int fd, const char *name, const char *media_type, uint64_t size, const char *sha256,
    cJSON *fields);

/* Says what files the document that was added last carries (agent/HELPERS.md: attachments; taken). 0, or ERR_INTERNAL when attachments is NULL. */
int document_signing_attach(struct document_signing *signing, cJSON *attachments);

/* How many were added. */
size_t document_signing_count(const struct document_signing *signing);

/* A document that was asked for and can't be added; the dialog says how many those are. */
void document_signing_leave_out(struct document_signing *signing);

/* Adds what the dialog warns of (agent/HELPERS.md: warnings); both are copied. 0 or ERR_INTERNAL. */
int document_signing_warn(struct document_signing *signing, const char *code, const char *value);

/* Takes an imza-document that has been asked nothing yet, started while something else was under way; leaves NULL behind. */
void document_signing_take_job(struct document_signing *signing, struct document_job **job);

/*
 * Takes the signer.  done is called once, later: 0 and count outputs in the list's order (free() them), or an error and its members (may be
 * NULL).  With partial an error is told only while nothing has been signed; after that it is the outputs'.
 * 0, or ERR_INTERNAL; then done is not called.
 */
int document_signing_start(struct document_signing *signing, struct signer *signer,
    void (*done)(void *context, int err, const cJSON *content, struct signed_output *outputs, size_t count), void *context);

/* The signer that was given to document_signing_start(). */
const struct signer *document_signing_signer(const struct document_signing *signing);

/*
 * Stops the card but keeps what is signed: done comes, with ERR_USER_CANCELLED for the rest.  False when there is nothing to keep (yet, or
 * because it is all or none): then document_signing_end() it.
 */
bool document_signing_stop(struct document_signing *signing);

/* Stops at any step. Leaves NULL behind; accepts NULL. After done it only frees. */
void document_signing_end(struct document_signing **signing);

#endif
