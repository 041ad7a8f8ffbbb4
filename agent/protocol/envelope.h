/* SPDX-License-Identifier: Apache-2.0 */
/* protocol/envelope.h: JSON-RPC 2.0 messages: taken apart and put together. */
#ifndef PROTOCOL_ENVELOPE_H
#define PROTOCOL_ENVELOPE_H

#include <stddef.h>
#include <cjson/cJSON.h>

struct request {
	cJSON *json;		/* owns the rest */
	const cJSON *id;	/* a string or whole number; NULL when it could not be read */
	const char *method;
	const cJSON *params;	/* an object; NULL: none */
};

/*
 * Reads one request.  0; ERR_PARSE_ERROR or ERR_INVALID_REQUEST, with ret_request->id set where it could still be read.  In every case the
 * caller ends it with request_clear().
 */
int request_read(const char *text, size_t len, struct request *ret_request);
void request_clear(struct request *request);

/* Whether two ids are the same: the same type and value. */
int request_id_equal(const cJSON *a, const cJSON *b);

/* The id as it goes into a message, exact to the last digit; NULL gives null. NULL when memory runs out. */
cJSON *request_id_copy(const cJSON *id);

/* Messages to the page; content is taken, id copied (NULL: null). The caller frees the text with cJSON_free(); NULL when memory runs out. */
char *envelope_result(const cJSON *id, cJSON *result);
char *envelope_error(const cJSON *id, int err, cJSON *data);
char *envelope_notification(const char *method, cJSON *params);

#endif
