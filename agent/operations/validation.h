/* SPDX-License-Identifier: Apache-2.0 */
/* operations/validation.h: asks imza-fetch whether a certificate counts: chain, then revocation. */
#ifndef OPERATIONS_VALIDATION_H
#define OPERATIONS_VALIDATION_H

#include "operations/call.h"

#define VALIDATION_SECONDS 40	/* imza-fetch stops fetching long before */

struct validation;

struct validation_terms {
	const struct certificate *certificate;	/* borrowed until done */
	const cJSON *token;			/* the listing's token whose authorities' certificates help (borrowed for the start), or NULL */
	int64_t at;				/* seconds since 1970; 0: now */
	bool offline;				/* ask nobody */
};

/*
 * Starts a process for it.  done is called once, later: 0 and the result (types.json certificateValidation; borrowed), or an error, ERR_TIMEOUT
 * among them.  What is wrong with the certificate or the network is in the result.  NULL: memory.
 */
struct validation *validation_start(struct services *services, const struct validation_terms *terms,
    void (*done)(void *context, int err, const cJSON *result), void *context);

/* Ends the process; done is not called. Leaves NULL behind; accepts NULL. */
void validation_cancel(struct validation **validation);

/* The certificates of authorities on a card, as base64: for chains. Never the ones that could be somebody's. The caller frees it. */
cJSON *token_authorities(const cJSON *token);

#endif
