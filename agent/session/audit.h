/* SPDX-License-Identifier: Apache-2.0 */
/* session/audit.h: what was asked to be signed, for whom, and how it ended: one JSON line each, chained by hash so that a cut shows. */
#ifndef SESSION_AUDIT_H
#define SESSION_AUDIT_H

#include <stddef.h>
#include <cjson/cJSON.h>

#define AUDIT_FILE "audit.jsonl"
#define AUDIT_SIZE_MAX (4u << 20)	/* bytes; then the file becomes AUDIT_FILE.1, what was .1 becomes .2, and the chain goes on */
#define AUDIT_OLDER_MAX 8		/* the number of the oldest file that is kept: some 100,000 signatures */

struct audit;

/* Opens the log in this folder; the chain goes on from its last line. A log that can't be written is told once. 0 or ERR_INTERNAL (no memory). */
int audit_new(const char *folder, struct audit **ret_audit);
void audit_free(struct audit *audit);

/*
 * Whether an entry can be written whose members take so many bytes of JSON now and may get a longer result: room is kept for it as far as the
 * file system can.  0 or ERR_AUDIT_UNAVAILABLE.
 */
int audit_reserve(struct audit *audit, size_t bytes);

/*
 * Appends an entry: members (taken) and `time` (RFC 3339), `previous` (SHA-256 of the line before, hex; zeros for the first). Members hold no
 * file name, no text of a document and no person's number.  A short form goes to the program's log too, which a service's journal keeps: who
 * takes lines out here does not reach those.  0, or ERR_AUDIT_UNAVAILABLE, told in the log: whether that is a reason not to sign is the
 * setting require-audit-log's.
 */
int audit_add(struct audit *audit, cJSON *members);

/* --- for session/audit_read.c --- */

/* Where the log is, or the older one of this number (0: the log itself). The caller frees it. NULL when memory runs out. */
char *audit_path(const char *folder, unsigned older);

/* SHA-256 of a line without its end, in hex. 0 or ERR_INTERNAL. */
int audit_line_hash(const char *line, size_t len, char ret_hash[65]);

#endif
