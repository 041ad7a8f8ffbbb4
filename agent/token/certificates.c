/* SPDX-License-Identifier: Apache-2.0 */
/* token/certificates.c: certificate objects, and whether a private key goes with each. */
#include "token/certificates.h"

#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "token/ckr.h"
#include "token/padded.h"
#include "token/session.h"
#include "token/slots.h"

#define CERTIFICATES_MAX 64
#define DER_MAX (16u << 10)
#define CKA_ID_MAX 256
#define LABEL_MAX 256
#define KEYS_MAX 64

/* Bytes of the SEQUENCE that data starts with; 0 when there is none, or it does not fit. Cards pad a certificate's file to its size. */
static size_t
der_sequence_length(const unsigned char *data, size_t len)
{
	size_t octets, body = 0;

	if (len < 2 || data[0] != 0x30)
		return 0;
	if (data[1] < 0x80)
		return data[1] <= len - 2 ? 2u + data[1] : 0;
	octets = data[1] & 0x7f;
	if (octets == 0 || octets > 2 || octets > len - 2)
		return 0;
	for (size_t i = 0; i < octets; i++)
		body = body << 8 | data[2 + i];
	return body <= len - 2 - octets ? 2 + octets + body : 0;
}

/* The ids of the keys of a class that are seen now: one search for all certificates, as each costs some modules a look at every object. */
struct key_ids {
	struct {
		unsigned char *bytes;
		size_t len;
	} ids[KEYS_MAX];
	size_t count;
};

struct keys {
	struct key_ids private, public;
	bool private_shown;	/* a private key that is not among them is not there */
};

/*
 * Whether a private key that is not seen is not there.  Cards hide private objects until login, but a key that needs no PIN (PIV 9E) shows
 * itself always; so only a visible key that calls itself private proves that nothing is hidden.
 */
static bool
shows_private_keys(struct session *session, CK_SLOT_ID slot, struct helper_call *call, const CK_OBJECT_HANDLE *keys, size_t count)
{
	CK_TOKEN_INFO info;

	if (slot_token_info(session->module, slot, call, &info) == 0 && (info.flags & CKF_LOGIN_REQUIRED) == 0)
		return true;
	for (size_t i = 0; i < count; i++)
		if (session_bool(session, keys[i], CKA_PRIVATE, false))
			return true;
	return false;
}

/* Finds a class's keys, at most KEYS_MAX, and notes their ids; none when the module has no answer. */
static size_t
key_ids_read(struct session *session, struct helper_call *call, CK_OBJECT_CLASS class, CK_OBJECT_HANDLE *keys, struct key_ids *ids)
{
	CK_ATTRIBUTE template = { CKA_CLASS, &class, sizeof(class) };
	size_t count = 0;

	if (session_find(session, &template, 1, call, keys, KEYS_MAX, &count) != 0)
		return 0;
	for (size_t i = 0; i < count; i++)
		if (session_attribute(session, keys[i], CKA_ID, CKA_ID_MAX, &ids->ids[ids->count].bytes, &ids->ids[ids->count].len) == CKR_OK)
			ids->count++;
	return count;
}

static void
key_ids_clear(struct key_ids *ids)
{
	for (size_t i = 0; i < ids->count; i++)
		free(ids->ids[i].bytes);
	ids->count = 0;
}

static void
keys_read(struct session *session, CK_SLOT_ID slot, struct helper_call *call, struct keys *keys)
{
	CK_OBJECT_HANDLE objects[KEYS_MAX];
	size_t count = key_ids_read(session, call, CKO_PRIVATE_KEY, objects, &keys->private);

	keys->private_shown = shows_private_keys(session, slot, call, objects, count);
	if (!keys->private_shown)
		key_ids_read(session, call, CKO_PUBLIC_KEY, objects, &keys->public);
}

static bool
key_ids_have(const struct key_ids *ids, const unsigned char *id, size_t id_len)
{
	for (size_t i = 0; i < ids->count; i++)
		if (ids->ids[i].len == id_len && memcmp(ids->ids[i].bytes, id, id_len) == 0)
			return true;
	return false;
}

static cJSON *
has_key_json(const struct keys *keys, const unsigned char *id, size_t id_len)
{
	if (id_len == 0)	/* nothing to find a key by */
		return cJSON_CreateFalse();
	if (key_ids_have(&keys->private, id, id_len))
		return cJSON_CreateTrue();
	if (keys->private_shown)
		return cJSON_CreateFalse();
	return key_ids_have(&keys->public, id, id_len) ? cJSON_CreateTrue() : cJSON_CreateNull();
}

static cJSON *
certificate_json(struct session *session, CK_OBJECT_HANDLE object, const struct keys *keys, const unsigned char *der, size_t der_len)
{
	cJSON *certificate = cJSON_CreateObject(), *has_key = NULL;
	unsigned char *id = NULL, *label = NULL;
	size_t id_len = 0, label_len = 0;
	char *id_hex = NULL;
	bool ok = false;

	/* Either may be missing. */
	session_attribute(session, object, CKA_ID, CKA_ID_MAX, &id, &id_len);
	session_attribute(session, object, CKA_LABEL, LABEL_MAX, &label, &label_len);
	if ((id_hex = hex_encode(id, id_len)) == NULL || cJSON_AddStringToObject(certificate, "ckaId", id_hex) == NULL ||
	    !padded_add(certificate, "label", label, label_len) || !json_add_base64(certificate, "der", der, der_len))
		goto out;
	has_key = has_key_json(keys, id, id_len);
	ok = cJSON_AddItemToObject(certificate, "hasKey", has_key);
	if (!ok)
		cJSON_Delete(has_key);
out:
	if (!ok) {
		cJSON_Delete(certificate);
		certificate = NULL;
	}
	free(id_hex);
	free(label);
	free(id);
	return certificate;
}

/* A certificate that can't be read is left out: the others still count. */
static int
certificate_append(struct session *session, struct helper_call *call, CK_OBJECT_HANDLE object, const struct keys *keys, cJSON *certificates)
{
	unsigned char *value = NULL;
	size_t len = 0, der_len;
	cJSON *certificate;
	CK_RV rv;
	int r = 0;

	if (session_ulong(session, object, CKA_CERTIFICATE_TYPE, CKC_X_509) != CKC_X_509)
		return 0;
	if ((rv = session_attribute(session, object, CKA_VALUE, DER_MAX, &value, &len)) != CKR_OK) {
		log_info("a certificate is left out: CKA_VALUE: %s", ckr_name(rv));
		return err_from_ckr(rv) == ERR_CARD_REMOVED ? ckr_fail(call, "C_GetAttributeValue", rv) : 0;
	}
	if ((der_len = der_sequence_length(value, len)) == 0) {
		log_info("a certificate is left out: its %zu bytes are not DER", len);
	} else if ((certificate = certificate_json(session, object, keys, value, der_len)) == NULL) {
		r = ERR_INTERNAL;
	} else {
		cJSON_AddItemToArray(certificates, certificate);
	}
	free(value);
	return r;
}

int
certificates_list(struct helper_call *call, struct module *module, cJSON **ret_result)
{
	cJSON *result = cJSON_CreateObject(), *certificates = cJSON_AddArrayToObject(result, "certificates");
	int64_t slot = json_integer(call->request, "slot", -1);
	CK_OBJECT_CLASS class = CKO_CERTIFICATE;
	CK_ATTRIBUTE template = { CKA_CLASS, &class, sizeof(class) };
	CK_OBJECT_HANDLE objects[CERTIFICATES_MAX];
	struct session session = { .open = false };
	struct keys keys = { .private_shown = false };
	size_t count = 0;
	int r = ERR_INTERNAL;

	if (certificates == NULL)
		goto out;
	if (slot < 0) {
		r = call_fail(call, ERR_INVALID_PARAMS, "slot");
		goto out;
	}
	if ((r = session_open(module, (CK_SLOT_ID)slot, 0, call, &session)) != 0 ||
	    (r = session_find(&session, &template, 1, call, objects, CERTIFICATES_MAX, &count)) != 0)
		goto out;
	if (count > 0)
		keys_read(&session, (CK_SLOT_ID)slot, call, &keys);
	for (size_t i = 0; i < count && r == 0; i++)
		r = certificate_append(&session, call, objects[i], &keys, certificates);
	if (r == 0) {
		*ret_result = result;
		result = NULL;
	}
out:
	if (slot >= 0 && slot_lost_its_token(module, (CK_SLOT_ID)slot, r))
		r = call_fail(call, ERR_CARD_REMOVED, "the slot has no token any more");
	session_close(&session);
	key_ids_clear(&keys.private);
	key_ids_clear(&keys.public);
	cJSON_Delete(result);
	return r;
}
