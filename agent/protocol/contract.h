/* SPDX-License-Identifier: Apache-2.0 */
/* protocol/contract.h: proto/ as the agent enforces it: each method's permission and the schema of its params. */
#ifndef PROTOCOL_CONTRACT_H
#define PROTOCOL_CONTRACT_H

#include "base/schema.h"
#include "operations/call.h"

enum permission { PERMISSION_NONE, PERMISSION_ORIGIN, PERMISSION_HASH };

/* A method as dispatch needs it: the code and its law. */
struct contract_method {
	const struct method *method;
	enum permission permission;
	const struct schema *params;
};

struct contract;

/* Reads the embedded files. ERR_INTERNAL (and a log line) when they and the method table disagree. */
int contract_new(struct contract **ret_contract);
void contract_free(struct contract *contract);

/* NULL when there is no such method. */
const struct contract_method *contract_find(const struct contract *contract, const char *name);

/* The topic that a page subscribes to for this notification, 0 when it goes to all. */
unsigned contract_topic(const char *notification);

#endif
