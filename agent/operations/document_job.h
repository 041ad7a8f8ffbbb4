/* SPDX-License-Identifier: Apache-2.0 */
/* operations/document_job.h: one imza-document process, for one operation. */
#ifndef OPERATIONS_DOCUMENT_JOB_H
#define OPERATIONS_DOCUMENT_JOB_H

#include "helpers/helper.h"
#include "operations/call.h"

#define DOCUMENT_JOB_SECONDS 60	/* for one request */

struct document_job;

/* Starts the process. 0 or ERR_INTERNAL. */
int document_job_new(struct services *services, struct document_job **ret_job);

/* The same in one of its modes (agent/HELPERS.md; static). */
int document_job_new_mode(struct services *services, const char *mode, struct document_job **ret_job);

/* Ends the process; no callback comes any more. Leaves NULL behind; accepts NULL. */
void document_job_end(struct document_job **job);

/*
 * Sends a request (members taken; fds borrowed). done is called once, later, with the result or an error (its members; NULL when the
 * process died, which a document made it do: ERR_DOCUMENT_INVALID, or was late: ERR_TOO_LARGE). 0 or ERR_INTERNAL (also when the process ended before); then done is not called.
 */
int document_job_ask(struct document_job *job, const char *op, cJSON *members, const int *fds, size_t fds_count,
    void (*done)(void *context, int err, const cJSON *content), void *context);

#endif
