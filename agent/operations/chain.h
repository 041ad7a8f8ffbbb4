/* SPDX-License-Identifier: Apache-2.0 */
/* operations/chain.h: the authorities' certificates that go into a signature, so that whoever checks it needs only the root besides. */
#ifndef OPERATIONS_CHAIN_H
#define OPERATIONS_CHAIN_H

#include "operations/call.h"

/*
 * The authorities between a certificate and its root, nearest first, as base64 of DER: from the card that it is on (token, of a listing;
 * borrowed) and the trust folders.  Whether they lead to one that counts is another matter.  The caller frees it; NULL: memory.
 */
cJSON *chain_build(struct services *services, const cJSON *token, const struct certificate *certificate);

#endif
