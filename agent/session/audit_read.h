/* SPDX-License-Identifier: Apache-2.0 */
/* session/audit_read.h: reads the audit log from its oldest line to its newest and says whether the chain of hashes holds. */
#ifndef SESSION_AUDIT_READ_H
#define SESSION_AUDIT_READ_H

#include <stddef.h>
#include <cjson/cJSON.h>

enum audit_chain {
	AUDIT_WHOLE,	/* each line names the one before, from the first line that was ever written */
	AUDIT_SHORTENED,	/* the same, but what came before the oldest line is gone, as it is once old files are dropped */
	AUDIT_CUT,	/* a line was changed, taken out or put in */
};

struct audit_report {
	enum audit_chain chain;
	size_t entries;		/* whole lines that were read */
	size_t broken;		/* lines that are no entry: what a power cut left half, or a change */
	char *cut_file;		/* AUDIT_CUT: where the first line stands that does not name the one before; owned */
	size_t cut_line;
	char last[65];		/* SHA-256 of the newest line, hex: noted elsewhere it shows when the end is cut off; zeros when there is none */
};

/*
 * Walks the log in this folder; entry (may be NULL) gets each one in order, borrowed.  A log that is not there is whole and empty.
 * 0, or ERR_INTERNAL (a file that can't be read, no memory) after a log line; audit_report_clear() in every case.
 */
int audit_read(const char *folder, void (*entry)(void *context, const cJSON *entry), void *context, struct audit_report *ret_report);

void audit_report_clear(struct audit_report *report);

#endif
