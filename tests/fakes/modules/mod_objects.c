/* SPDX-License-Identifier: Apache-2.0 */
/* mod_objects.c: the fake token's key, its certificates, their attributes and searches. */
#include "mod_objects.h"

#include <string.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

EVP_PKEY *objects_key;

static unsigned char *der;
static int der_len;
static CK_OBJECT_HANDLE found[OBJECT_EXTRA + MOD_EXTRAS_MAX];
static size_t found_count, found_next;

void
objects_make(void)
{
	static const unsigned char name[] = "S\xc4\xb1nama Ki\xc5\x9fisi";
	X509 *x509;
	X509_EXTENSION *extension;

	if (objects_key != NULL)
		return;
	objects_key = EVP_EC_gen("P-256");
	x509 = X509_new();
	X509_set_version(x509, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(x509), 42);
	X509_gmtime_adj(X509_getm_notBefore(x509), -3600);
	X509_gmtime_adj(X509_getm_notAfter(x509), 365 * 86400L);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_UTF8, name, -1, -1, 0);
	X509_set_issuer_name(x509, X509_get_subject_name(x509));
	X509_set_pubkey(x509, objects_key);
	extension = X509V3_EXT_conf_nid(NULL, NULL, NID_key_usage, "critical,digitalSignature,nonRepudiation");
	X509_add_ext(x509, extension, -1);
	X509_EXTENSION_free(extension);
	X509_sign(x509, objects_key, EVP_sha256());
	der_len = i2d_X509(x509, &der);
	X509_free(x509);
}

static void __attribute__((destructor))
objects_free(void)
{
	EVP_PKEY_free(objects_key);
	OPENSSL_free(der);
}

static bool
object_exists(CK_OBJECT_HANDLE object)
{
	if (mod.no_objects || object == 0)
		return false;
	return object < OBJECT_EXTRA ? object != OBJECT_PRIVATE || mod_state.logged_in : object < OBJECT_EXTRA + mod.extras_count;
}

/* Points *ret_data at an attribute; CKR_ATTRIBUTE_TYPE_INVALID when the object has none such. */
static CK_RV
object_attribute(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type, const void **ret_data, CK_ULONG *ret_len)
{
	static const unsigned char id[] = { 0x0a }, label[] = "Sahte sertifika";
	static const CK_OBJECT_CLASS classes[] = { 0, CKO_CERTIFICATE, CKO_PUBLIC_KEY, CKO_PRIVATE_KEY, CKO_CERTIFICATE };
	static const CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
	static const CK_ULONG x509 = CKC_X_509, ec = CKK_EC;
	size_t kind = object < OBJECT_EXTRA ? object : OBJECT_EXTRA;
	bool key = kind == OBJECT_PUBLIC || kind == OBJECT_PRIVATE;

#define GIVE(data, len) return *ret_data = (data), *ret_len = (len), CKR_OK
	if (type == CKA_CLASS)
		GIVE(&classes[kind], sizeof(classes[0]));
	if (type == CKA_ID && kind != OBJECT_EXTRA)
		GIVE(id, sizeof(id));
	if (type == CKA_LABEL)
		GIVE(label, sizeof(label) - 1);
	if (type == CKA_CERTIFICATE_TYPE && !key)
		GIVE(&x509, sizeof(x509));
	if (type == CKA_KEY_TYPE && key)
		GIVE(&ec, sizeof(ec));
	if (type == CKA_VALUE && kind == OBJECT_CERTIFICATE)
		GIVE(der, (CK_ULONG)der_len);
	if (type == CKA_VALUE && kind == OBJECT_EXTRA)
		GIVE(mod.extras[object - OBJECT_EXTRA].data, mod.extras[object - OBJECT_EXTRA].len);
	if ((type == CKA_PRIVATE || type == CKA_SIGN) && kind == OBJECT_PRIVATE)
		GIVE(&yes, sizeof(yes));
	if (type == CKA_ALWAYS_AUTHENTICATE && kind == OBJECT_PRIVATE)
		GIVE(mod.always_authenticate ? &yes : &no, sizeof(yes));
#undef GIVE
	return CKR_ATTRIBUTE_TYPE_INVALID;
}

CK_RV
C_GetAttributeValue(CK_SESSION_HANDLE handle, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *attributes, CK_ULONG count)
{
	CK_RV rv = CKR_OK;

	ENTER_SESSION("C_GetAttributeValue");
	if (!object_exists(object))
		return CKR_OBJECT_HANDLE_INVALID;
	for (CK_ULONG i = 0; i < count; i++) {
		const void *data = NULL;
		CK_ULONG len = CK_UNAVAILABLE_INFORMATION;
		CK_RV one = object_attribute(object, attributes[i].type, &data, &len);

		if (one == CKR_OK && attributes[i].pValue != NULL && data != NULL) {
			if (attributes[i].ulValueLen < len)
				one = CKR_BUFFER_TOO_SMALL;
			else
				memcpy(attributes[i].pValue, data, len);
			mod_length_give("C_GetAttributeValue", &len);
		}
		attributes[i].ulValueLen = len;
		if (one != CKR_OK)
			rv = one;
	}
	return rv;
}

static bool
object_matches(CK_OBJECT_HANDLE object, const CK_ATTRIBUTE *template, CK_ULONG count)
{
	for (CK_ULONG i = 0; i < count; i++) {
		const void *data;
		CK_ULONG len;

		if (object_attribute(object, template[i].type, &data, &len) != CKR_OK || len != template[i].ulValueLen ||
		    memcmp(data, template[i].pValue, len) != 0)
			return false;
	}
	return true;
}

CK_RV
C_FindObjectsInit(CK_SESSION_HANDLE handle, CK_ATTRIBUTE *template, CK_ULONG count)
{
	ENTER_SESSION("C_FindObjectsInit");
	found_count = found_next = 0;
	for (CK_OBJECT_HANDLE object = 1; object < OBJECT_EXTRA + MOD_EXTRAS_MAX; object++)
		if (object_exists(object) && object_matches(object, template, count))
			found[found_count++] = object;
	return CKR_OK;
}

CK_RV
C_FindObjects(CK_SESSION_HANDLE handle, CK_OBJECT_HANDLE *objects, CK_ULONG max, CK_ULONG *count)
{
	ENTER_SESSION("C_FindObjects");
	for (*count = 0; *count < max && found_next < found_count; (*count)++)
		objects[*count] = found[found_next++];
	mod_length_give("C_FindObjects", count);
	return CKR_OK;
}

CK_RV
C_FindObjectsFinal(CK_SESSION_HANDLE handle)
{
	ENTER_SESSION("C_FindObjectsFinal");
	return CKR_OK;
}
