/* SPDX-License-Identifier: Apache-2.0 */
/* mod_objects.h: what the two halves of the fake token share, and how each of their functions begins. */
#ifndef MOD_OBJECTS_H
#define MOD_OBJECTS_H

#include "mod_core.h"

#include <openssl/evp.h>

enum { OBJECT_CERTIFICATE = 1, OBJECT_PUBLIC, OBJECT_PRIVATE, OBJECT_EXTRA };

struct mod_state {
	bool initialized, logged_in;
	CK_SESSION_HANDLE session;	/* 0: none */
};

extern struct mod_state mod_state;
extern EVP_PKEY *objects_key;	/* OBJECT_PRIVATE's, after objects_make() */

/* The key and its certificate, once; they live as long as the module. */
void objects_make(void);

/* Lets mod.length change a length or count that call is about to give. */
void mod_length_give(const char *call, CK_ULONG *length);

#define ENTER(call) \
	do { \
		CK_RV enter_ = mod.before != NULL ? mod.before(call) : CKR_OK; \
		if (enter_ != CKR_OK) \
			return enter_; \
		if (!mod_state.initialized) \
			return CKR_CRYPTOKI_NOT_INITIALIZED; \
	} while (0)
#define ENTER_SESSION(call) \
	do { \
		ENTER(call); \
		if (mod_state.session == 0 || handle != mod_state.session || !mod.present) \
			return CKR_SESSION_HANDLE_INVALID; \
	} while (0)

#endif
