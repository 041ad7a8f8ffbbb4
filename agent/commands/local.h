/* SPDX-License-Identifier: Apache-2.0 */
/* commands/local.h: a verb as a page of its own: the wire's methods in this process, without a socket. */
#ifndef COMMANDS_LOCAL_H
#define COMMANDS_LOCAL_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cjson/cJSON.h>

#include "agent.h"

struct local;

/* Builds the agent and opens the connection; the readers' state is waited for. 0, or an error after a log line. Pair with local_free(). */
int local_new(const char *config, struct local **ret_local);
void local_free(struct local *local);

struct agent *local_agent(struct local *local);

/*
 * Calls a method (params taken; NULL: none) and waits for its answer.  0 and *ret_result (the caller's); or the error, told on stderr in the
 * user's language unless quiet is set.
 */
int local_call(struct local *local, const char *method, cJSON *params, bool quiet, cJSON **ret_result);

/* Sends a file as a document: *ret_handle. 0, or an error that was told on stderr. */
int local_upload(struct local *local, const char *path, const char *name, const char *media_type, uint32_t *ret_handle);

/* Writes a document to a new file beside path and puts it there when it is whole. 0, or an error that was told on stderr. */
int local_download(struct local *local, uint32_t handle, const char *path);

/* The recommended certificate's id, of *ret_list, which the caller deletes. NULL after it was told why there is none. */
const char *local_certificate(struct local *local, cJSON **ret_list);

/* One of two texts, by the user's language. */
const char *local_text(const struct local *local, const char *tr, const char *en);

#endif
