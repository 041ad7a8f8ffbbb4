/* SPDX-License-Identifier: Apache-2.0 */
/* operations/signature.h: the one way to a signature: what is signed is shown, the user consents, the PIN goes to the card, the card signs. */
#ifndef OPERATIONS_SIGNATURE_H
#define OPERATIONS_SIGNATURE_H

#include "operations/call.h"
#include "operations/signer.h"

struct signature;

/* How a signature's owner hears of it; both get borrowed content. */
struct signature_callbacks {
	/* Each signature (base64) as it comes, in the digests' order; may be NULL. */
	void (*made)(void *context, const char *signature);
	/* The consent window wants to see a page: `document` (of the summary, from 0), `page`, `width`; signature_show() answers. May be NULL. */
	void (*page)(void *context, const cJSON *wanted);
	/* Once: 0 and all signatures[], or an error and its members (may be NULL); what made() was told stands. */
	void (*done)(void *context, int err, const cJSON *content);
	void *context;
};

/*
 * Asks the user for consent to exactly these digests (base64, all of digest_algorithm) under this summary (agent/HELPERS.md; `certificate`,
 * `card` and `reader` are added here, and the purpose of the call's manifest, which is used up), then for the PIN, and signs.  Takes digests
 * and summary; borrows call and signer until done, which comes later.  0, or ERR_BUSY, ERR_RATE_LIMITED, ERR_MANIFEST_REPLAYED,
 * ERR_AUDIT_UNAVAILABLE, ERR_PIN_LOCKED, ERR_PIN_NOT_SET, ERR_INTERNAL before anything is shown.
 */
int signature_start(struct call *call, const struct signer *signer, cJSON *summary, const char *digest_algorithm, cJSON *digests,
    const struct signature_callbacks *callbacks, struct signature **ret_signature);

/* Gives the consent window what it wanted (agent/HELPERS.md: `page`, taken), with its picture (borrowed; -1: there is none). */
void signature_show(struct signature *signature, cJSON *page, int picture);

/*
 * Takes the dialogs away and stops the card; done is not called.  Leaves NULL behind; accepts NULL.  0, or ERR_AUDIT_UNAVAILABLE: what was
 * made may not be given away.
 */
int signature_cancel(struct signature **signature);

#endif
