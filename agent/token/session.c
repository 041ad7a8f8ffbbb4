/* SPDX-License-Identifier: Apache-2.0 */
/* token/session.c: sessions, searches, attributes. */
#include "token/session.h"

#include <stdlib.h>
#include <time.h>

#include "base/err.h"
#include "token/ckr.h"

#define OPEN_TRIES 4
#define OPEN_PAUSE_MS 250

int
session_open(struct module *module, CK_SLOT_ID slot, CK_FLAGS extra_flags, struct helper_call *call, struct session *ret_session)
{
	const struct timespec pause = { 0, OPEN_PAUSE_MS * 1000000L };
	struct session session = { .module = module, .open = true };
	CK_RV rv = CKR_DEVICE_ERROR;

	/* CKR_DEVICE_ERROR is also how modules say SCARD_E_SHARING_VIOLATION: another program has the card for a moment. */
	for (int i = 0; i < OPEN_TRIES && rv == CKR_DEVICE_ERROR; i++) {
		if (i > 0)
			nanosleep(&pause, NULL);
		rv = module_note(module, module->fn->C_OpenSession(slot, CKF_SERIAL_SESSION | extra_flags, NULL, NULL, &session.handle));
	}
	if (rv != CKR_OK)
		return ckr_fail(call, "C_OpenSession", rv);
	*ret_session = session;
	return 0;
}

void
session_close(struct session *session)
{
	if (session->open)
		session->module->fn->C_CloseSession(session->handle);
	session->open = false;
}

int
session_find(struct session *session, CK_ATTRIBUTE *template, CK_ULONG template_count, struct helper_call *call,
    CK_OBJECT_HANDLE *objects, size_t max, size_t *ret_count)
{
	CK_FUNCTION_LIST *fn = session->module->fn;
	size_t count = 0;
	CK_ULONG found;
	CK_RV rv;

	if ((rv = module_note(session->module, fn->C_FindObjectsInit(session->handle, template, template_count))) != CKR_OK)
		return ckr_fail(call, "C_FindObjectsInit", rv);
	/* Some modules give one object a call, whatever was asked for. */
	do {
		found = 0;
		rv = module_note(session->module, fn->C_FindObjects(session->handle, objects + count, max - count, &found));
		if (rv == CKR_OK && found > max - count)
			rv = CKR_BUFFER_TOO_SMALL;
		if (rv == CKR_OK)
			count += found;
	} while (rv == CKR_OK && found > 0 && count < max);
	fn->C_FindObjectsFinal(session->handle);
	if (rv != CKR_OK)
		return ckr_fail(call, "C_FindObjects", rv);
	*ret_count = count;
	return 0;
}

CK_RV
session_attribute(struct session *session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type, size_t max,
    unsigned char **ret_data, size_t *ret_len)
{
	CK_ATTRIBUTE attribute = { type, calloc(1, max), max };
	CK_RV rv;

	if (attribute.pValue == NULL)
		return CKR_HOST_MEMORY;
	rv = module_note(session->module, session->module->fn->C_GetAttributeValue(session->handle, object, &attribute, 1));
	/* CK_UNAVAILABLE_INFORMATION, which some modules give with CKR_OK, is larger than any max. */
	if (rv == CKR_OK && (attribute.ulValueLen == 0 || attribute.ulValueLen > max))
		rv = CKR_ATTRIBUTE_VALUE_INVALID;
	if (rv != CKR_OK) {
		free(attribute.pValue);
		return rv;
	}
	*ret_data = attribute.pValue;
	*ret_len = attribute.ulValueLen;
	return CKR_OK;
}

bool
session_bool(struct session *session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type, bool fallback)
{
	CK_BBOOL value = CK_FALSE;
	CK_ATTRIBUTE attribute = { type, &value, sizeof(value) };
	CK_RV rv = session->module->fn->C_GetAttributeValue(session->handle, object, &attribute, 1);

	return rv == CKR_OK && attribute.ulValueLen == sizeof(value) ? value != CK_FALSE : fallback;
}

CK_ULONG
session_ulong(struct session *session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type, CK_ULONG fallback)
{
	CK_ULONG value = 0;
	CK_ATTRIBUTE attribute = { type, &value, sizeof(value) };
	CK_RV rv = session->module->fn->C_GetAttributeValue(session->handle, object, &attribute, 1);

	return rv == CKR_OK && attribute.ulValueLen == sizeof(value) ? value : fallback;
}
