/* SPDX-License-Identifier: Apache-2.0 */
/* session/audit.h: what was asked to be signed, for whom, and how it ended: one JSON line each, chained by hash so that a cut shows. */
#ifndef SESSION_AUDIT_H
#define SESSION_AUDIT_H

#include <cjson/cJSON.h>

#define AUDIT_FILE "audit.jsonl"
#define AUDIT_SIZE_MAX (4u << 20)	/* bytes; then the file is moved to AUDIT_FILE.1, over an older one, and the chain goes on */

struct audit;

/*
 * Opens the log in this folder; the chain goes on from its last line. A log that can't be written is told once and is no reason not to sign.
 * 0 or ERR_INTERNAL (no memory).
 */
int audit_new(const char *folder, struct audit **ret_audit);
void audit_free(struct audit *audit);

/*
 * Appends an entry: members (taken) and `time` (RFC 3339), `previous` (SHA-256 of the line before, hex; zeros for the first). Members hold no
 * file name, no text of a document and no person's number.
 */
void audit_add(struct audit *audit, cJSON *members);

#endif
