/* SPDX-License-Identifier: Apache-2.0 */
/* mod_core.h: a small token that works, and the places where a fake module makes it misbehave. */
#ifndef MOD_CORE_H
#define MOD_CORE_H

#include <stdbool.h>
#include <stddef.h>
#include <p11-kit/pkcs11.h>

#define MOD_PIN "123456"
#define MOD_PUK "12345678"
#define MOD_SLOT 1
#define MOD_SLOT_UNKNOWN 0	/* a slot whose card is not recognised */
#define MOD_EXTRAS_MAX 8

/* One more certificate object; len may be a lie when data is NULL. */
struct mod_extra {
	const unsigned char *data;
	CK_ULONG len;
};

/* The token: a P-256 key made at C_Initialize and its self-signed certificate, CKA_ID 0a, PIN 123456, PUK 12345678, three tries each. */
struct mod {
	const unsigned char *label;		/* up to 32 bytes, terminated */
	CK_FLAGS flags;				/* beside those about tries */
	CK_ULONG min_pin, max_pin;
	int tries, puk_tries;
	bool present, unknown_slot, no_objects, always_authenticate, refuses_args, no_puk, ends_when_locked;
	struct mod_extra extras[MOD_EXTRAS_MAX];
	size_t extras_count;
	/* Called first in each function, by its name; anything but CKR_OK is its answer. */
	CK_RV (*before)(const char *call);
	/* Called with a length or count that a function is about to give. */
	void (*length)(const char *call, CK_ULONG *length);
};

extern struct mod mod;

/* Each module's own: changes mod, once, when the module is loaded. */
void mod_setup(void);

/* Whether call is the one named by the environment's MOD_CALL (or else fallback). */
bool mod_call_is(const char *call, const char *fallback);

/* A whole number of the environment, or fallback. */
long mod_number(const char *name, long fallback);

#endif
