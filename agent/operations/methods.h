/* SPDX-License-Identifier: Apache-2.0 */
/* operations/methods.h: every method that the agent answers; protocol/methods.c lists them for dispatch. */
#ifndef OPERATIONS_METHODS_H
#define OPERATIONS_METHODS_H

#include "operations/call.h"

extern const struct method method_agent_info, method_agent_request_access, method_agent_subscribe;	/* agent.c */
extern const struct method method_reader_list, method_card_list;					/* card.c */
extern const struct method method_certificate_list, method_certificate_select;				/* certificate.c */
extern const struct method method_certificate_validate;							/* certificate_validate.c */
extern const struct method method_document_open, method_document_close, method_document_read;		/* document.c */
extern const struct method method_form_catalog, method_form_describe, method_form_validate, method_form_render,
    method_form_sign;											/* form.c */
extern const struct method method_reader_health;							/* health.c */
extern const struct method method_identity_prove;							/* identity_prove.c */
extern const struct method method_operation_cancel;							/* operation.c */
extern const struct method method_pin_status, method_pin_verify, method_pin_change, method_pin_unblock;	/* pin.c */
extern const struct method method_signature_verify;							/* signature_verify.c */
extern const struct method method_sign_document, method_sign_hash;					/* sign_document.c, sign_hash.c */

/* The next bytes of a document from the page. 0 (what went wrong with the document itself is told when it is used), or ERR_NOT_FOUND. */
int document_bytes(struct session *session, uint32_t handle, const unsigned char *bytes, size_t len);

#endif
