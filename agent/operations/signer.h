/* SPDX-License-Identifier: Apache-2.0 */
/* operations/signer.h: finds the card that holds a certificate, for the operations that sign. */
#ifndef OPERATIONS_SIGNER_H
#define OPERATIONS_SIGNER_H

#include "operations/call.h"

/* A certificate that may sign now (also by setting require-valid-certificate), and the card that has its key. */
struct signer {
	struct certificate *certificate;
	struct devices_key key;
	char *card, *reader;	/* labels for people */
	cJSON *pin;		/* types.json pinState */
	cJSON *chain;		/* base64 of the authorities between it and its root, as far as card and trust folders have them */
};

struct signer_search;

/*
 * Looks for the certificate with this id (hex SHA-256) on the cards that are in.  done is called once, later, with a signer that becomes the
 * callee's, or with ERR_NOT_FOUND, ERR_NO_CARD, ERR_CARD_UNSUPPORTED, ERR_CERTIFICATE_*, ERR_ALGORITHM_UNSUPPORTED, ERR_MODULE_*,
 * ERR_REVOCATION_UNAVAILABLE.  NULL: no memory.
 */
struct signer_search *signer_find(struct services *services, const char *certificate_id,
    void (*done)(void *context, int err, struct signer *signer), void *context);

/* The same for a certificate that may prove who its owner is (certificate_may_log_in()) and signs nothing else. */
struct signer_search *login_find(struct services *services, const char *certificate_id,
    void (*done)(void *context, int err, struct signer *signer), void *context);

/* Leaves NULL behind; accepts NULL. */
void signer_find_cancel(struct signer_search **search);

void signer_free(struct signer *signer);

/* The digest that this key signs documents over: the one of its own strength (ETSI TS 119 312). */
const char *signer_digest_algorithm(const struct signer *signer);

#endif
