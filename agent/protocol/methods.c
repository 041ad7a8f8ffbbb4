/* SPDX-License-Identifier: Apache-2.0 */
/* protocol/methods.c: every method of the wire, sorted by name. */
#include "protocol/methods.h"

#include "operations/methods.h"

const struct method *const methods[] = {
	&method_agent_info,
	&method_agent_request_access,
	&method_agent_subscribe,
	&method_card_list,
	&method_certificate_list,
	&method_certificate_select,
	&method_certificate_validate,
	&method_document_close,
	&method_document_open,
	&method_document_read,
	&method_form_catalog,
	&method_form_describe,
	&method_form_render,
	&method_form_sign,
	&method_form_validate,
	&method_identity_prove,
	&method_operation_cancel,
	&method_pin_change,
	&method_pin_status,
	&method_pin_unblock,
	&method_pin_verify,
	&method_reader_health,
	&method_reader_list,
	&method_sign_document,
	&method_sign_hash,
	&method_signature_verify,
};
const size_t methods_count = sizeof(methods) / sizeof(methods[0]);
