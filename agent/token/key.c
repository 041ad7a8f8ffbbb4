/* SPDX-License-Identifier: Apache-2.0 */
/* token/key.c: mechanisms, DigestInfo, C_Sign. */
#include "token/key.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "token/ckr.h"

#define MECHANISMS_MAX 4096
#define KEYS_MAX 16
#define MODULUS_MAX (SIGNATURE_MAX + 1)		/* a leading zero is tolerated */
#define ECDSA_MAX (2 * 132)

int
key_check_mechanism(struct module *module, const struct sign_request *request, struct helper_call *call)
{
	CK_MECHANISM_TYPE wanted = request->rsa ? CKM_RSA_PKCS : CKM_ECDSA, *list = NULL;
	CK_ULONG count = 0, room;
	bool found = false;
	CK_RV rv;

	if ((rv = module_note(module, module->fn->C_GetMechanismList(request->slot, NULL, &count))) != CKR_OK)
		return ckr_fail(call, "C_GetMechanismList", rv);
	room = count < MECHANISMS_MAX ? count : MECHANISMS_MAX;
	if ((list = calloc(room + 1, sizeof(*list))) == NULL)
		return ERR_INTERNAL;
	rv = module_note(module, module->fn->C_GetMechanismList(request->slot, list, &room));
	for (CK_ULONG i = 0; rv == CKR_OK && i < room && i < count && i < MECHANISMS_MAX && !found; i++)
		found = list[i] == wanted;
	free(list);
	if (rv != CKR_OK)
		return ckr_fail(call, "C_GetMechanismList", rv);
	return found ? 0 : call_fail(call, ERR_ALGORITHM_UNSUPPORTED, request->rsa ? "the token has no CKM_RSA_PKCS" : "the token has no CKM_ECDSA");
}

int
key_check_certificate(struct session *session, const struct sign_request *request, struct helper_call *call)
{
	CK_OBJECT_CLASS class = CKO_CERTIFICATE;
	CK_ATTRIBUTE template[] = { { CKA_CLASS, &class, sizeof(class) }, { CKA_ID, request->cka_id, request->cka_id_len } };
	CK_OBJECT_HANDLE object;
	size_t count = 0;
	int r = session_find(session, template, 2, call, &object, 1, &count);

	if (r == 0 && count == 0)
		r = call_fail(call, ERR_NOT_FOUND, "no certificate has this CKA_ID");
	return r;
}

/* Bytes of an RSA key's modulus, which is as long as its signatures; 0 when the module does not show it. */
static size_t
modulus_length(struct session *session, CK_OBJECT_HANDLE key)
{
	unsigned char *modulus = NULL;
	size_t len = 0, zeros = 0;

	if (session_attribute(session, key, CKA_MODULUS, MODULUS_MAX, &modulus, &len) != CKR_OK)
		return 0;
	while (zeros < len && modulus[zeros] == 0)
		zeros++;
	free(modulus);
	return len - zeros;
}

int
key_find(struct session *session, const struct sign_request *request, struct helper_call *call, struct key *ret_key)
{
	CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
	CK_KEY_TYPE type = request->rsa ? CKK_RSA : CKK_EC;
	CK_ATTRIBUTE template[] = { { CKA_CLASS, &class, sizeof(class) }, { CKA_KEY_TYPE, &type, sizeof(type) },
		{ CKA_ID, request->cka_id, request->cka_id_len } };
	CK_OBJECT_HANDLE keys[KEYS_MAX];
	struct key key = { .rsa = request->rsa };
	size_t count = 0, i = 0;
	int r;

	if ((r = session_find(session, template, 3, call, keys, KEYS_MAX, &count)) != 0)
		return r;
	/* An encryption key may share the CKA_ID. */
	while (i < count && !session_bool(session, keys[i], CKA_SIGN, true))
		i++;
	if (i == count)
		return call_fail(call, ERR_NOT_FOUND, "no private key that signs has this CKA_ID and type");
	key.handle = keys[i];
	key.always_authenticate = session_bool(session, key.handle, CKA_ALWAYS_AUTHENTICATE, false);
	if (key.rsa)
		key.modulus_len = modulus_length(session, key.handle);
	*ret_key = key;
	return 0;
}

static bool
signature_length_is_right(const struct key *key, CK_ULONG len)
{
	if (len == 0 || len > SIGNATURE_MAX)
		return false;
	if (!key->rsa)
		return len % 2 == 0 && len <= ECDSA_MAX;
	return key->modulus_len == 0 || len == key->modulus_len;
}

int
key_sign(struct session *session, const struct key *key, const struct sign_request *request, size_t i, const struct secret *pin,
    struct helper_call *call, unsigned char *signature, size_t *ret_len)
{
	const struct digest_algorithm *algorithm = request->algorithm;
	CK_FUNCTION_LIST *fn = session->module->fn;
	CK_MECHANISM mechanism = { key->rsa ? CKM_RSA_PKCS : CKM_ECDSA, NULL, 0 };
	unsigned char data[DIGEST_PREFIX_LEN + DIGEST_MAX];
	size_t prefix = key->rsa ? DIGEST_PREFIX_LEN : 0;
	CK_ULONG len = SIGNATURE_MAX;
	CK_RV rv;
	int r;

	memcpy(data, algorithm->prefix, prefix);
	memcpy(data + prefix, request->digests + i * algorithm->len, algorithm->len);
	if ((rv = module_note(session->module, fn->C_SignInit(session->handle, &mechanism, key->handle))) != CKR_OK)
		return ckr_fail(call, "C_SignInit", rv);
	/* The user consented to the whole batch; the card wants to hear the PIN for each of it. */
	if (key->always_authenticate && (r = login_try(session, request->slot, CKU_CONTEXT_SPECIFIC, pin, call)) != 0)
		return r;
	if ((rv = module_note(session->module, fn->C_Sign(session->handle, data, prefix + algorithm->len, signature, &len))) != CKR_OK)
		return ckr_fail(call, "C_Sign", rv);
	if (!signature_length_is_right(key, len))
		return call_fail(call, ERR_MODULE_FAILED, "C_Sign: a signature of impossible length");
	*ret_len = len;
	return 0;
}
