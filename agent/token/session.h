/* SPDX-License-Identifier: Apache-2.0 */
/* token/session.h: one PKCS #11 session, and reading objects through it without trusting a length. */
#ifndef TOKEN_SESSION_H
#define TOKEN_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <p11-kit/pkcs11.h>

#include "token/module.h"

struct session {
	struct module *module;		/* borrowed */
	CK_SESSION_HANDLE handle;
	bool open;
};

/*
 * Opens a session, read-only with extra_flags 0 (or CKF_RW_SESSION); waits a little while another program holds the card.  Pair with
 * session_close().  0 or an error, told to call.
 */
int session_open(struct module *module, CK_SLOT_ID slot, CK_FLAGS extra_flags, struct helper_call *call, struct session *ret_session);

/* Accepts a session that is not open. What a module says about closing is of no use and not listened to. */
void session_close(struct session *session);

/* Up to max objects that fit the template. 0 or an error, told to call. */
int session_find(struct session *session, CK_ATTRIBUTE *template, CK_ULONG template_count, struct helper_call *call,
    CK_OBJECT_HANDLE *objects, size_t max, size_t *ret_count);

/*
 * One attribute's bytes, which the caller frees, in one call to the module.  CKR_OK, or why not: an attribute that is over max bytes is
 * CKR_BUFFER_TOO_SMALL, one that is empty or said to be unavailable CKR_ATTRIBUTE_VALUE_INVALID.
 */
CK_RV session_attribute(struct session *session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type, size_t max,
    unsigned char **ret_data, size_t *ret_len);

/* A CK_BBOOL attribute, or fallback when the module does not tell. */
bool session_bool(struct session *session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type, bool fallback);

/* A CK_ULONG attribute, or fallback when the module does not tell. */
CK_ULONG session_ulong(struct session *session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type, CK_ULONG fallback);

#endif
