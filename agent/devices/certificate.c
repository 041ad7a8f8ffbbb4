/* SPDX-License-Identifier: Apache-2.0 */
/* devices/certificate.c: reads certificates with OpenSSL; what comes from a card is bounded and never trusted to be text. */
#include "devices/certificate.h"

#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "base/err.h"
#include "base/json.h"

#define KNOWN_MAX 32		/* certificates that are kept parsed: OpenSSL takes a third of a millisecond for one, and a page lists them again and again */
#define OIDS_MAX 32		/* object identifiers looked at in a qcStatements extension */
#define QC_COMPLIANCE "0.4.0.1862.1.1"				/* EN 319 412-5 clause 4.2.1 */
#define BTK_PERSON "2.16.792.1.61.0.1.5070.1.1"
#define BTK_CORPORATE_SEAL "2.16.792.1.61.0.1.5070.1.3"

struct certificate {
	unsigned references;
	unsigned char hash[SHA256_DIGEST_LENGTH];	/* of the DER */
	X509 *x509;
	unsigned char *der;
	size_t der_len;
	char *id, *serial;
	cJSON *subject, *issuer;	/* types.json name */
	char not_before[32], not_after[32];
	time_t starts, ends;
	bool qualified;
};

/* Of the loop's thread, like everything that holds certificates. */
static struct certificate *known[KNOWN_MAX];
static size_t known_next;

/* Whether it was memory that OpenSSL lacked, among whatever else went wrong since its errors were cleared last. */
static bool
memory_ran_out(void)
{
	bool found = false;
	unsigned long error;

	while ((error = ERR_get_error()) != 0)
		found |= ERR_GET_REASON(error) == ERR_R_MALLOC_FAILURE;
	return found;
}

/* Adds the first value of this attribute as UTF-8; one that is no text is left out. false: no memory. */
static bool
name_add(cJSON *object, const char *member, const X509_NAME *name, int nid)
{
	int at = X509_NAME_get_index_by_NID(name, nid, -1), len;
	unsigned char *text = NULL;
	bool ok = true;

	if (at < 0)
		return true;
	len = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
	/* An embedded NUL would show less than the certificate says. */
	if (len > 0 && memchr(text, 0, (size_t)len) == NULL)
		ok = cJSON_AddStringToObject(object, member, (char *)text) != NULL;
	OPENSSL_free(text);
	return ok;
}

static cJSON *
name_to_json(const X509_NAME *name)
{
	static const struct { const char *member; int nid; } parts[] = {
		{ "commonName", NID_commonName }, { "givenName", NID_givenName }, { "surname", NID_surname },
		{ "serialNumber", NID_serialNumber }, { "organization", NID_organizationName }, { "country", NID_countryName },
	};
	cJSON *object = cJSON_CreateObject();
	bool ok = object != NULL;

	for (size_t i = 0; ok && i < sizeof(parts) / sizeof(parts[0]); i++)
		ok = name_add(object, parts[i].member, name, parts[i].nid);
	if (ok && json_member(object, "commonName") == NULL) {
		const char *instead = json_string(object, "organization");

		ok = cJSON_AddStringToObject(object, "commonName", instead != NULL ? instead : "") != NULL;
	}
	if (ok)
		return object;
	cJSON_Delete(object);
	return NULL;
}

static int
time_read(const ASN1_TIME *asn1, time_t *ret_time, char text[32])
{
	struct tm tm;

	if (ASN1_TIME_to_tm(asn1, &tm) != 1)
		return ERR_CERTIFICATE_UNSUITABLE;
	*ret_time = timegm(&tm);
	strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", &tm);
	return 0;
}

/* Collects the object identifiers anywhere inside DER: Turkish certificates carry BTK's at the top level or inside semanticsInformation. */
static void
oids_collect(const unsigned char *p, long len, int depth, char oids[][64], size_t *count)
{
	const unsigned char *end = p + len;

	while (p < end && *count < OIDS_MAX) {
		const unsigned char *start = p;
		long content;
		int tag, class, flags = ASN1_get_object(&p, &content, &tag, &class, end - p);

		if ((flags & 0x80) != 0 || flags == (V_ASN1_CONSTRUCTED | 1))
			return;
		if ((flags & V_ASN1_CONSTRUCTED) != 0 && depth > 0)
			oids_collect(p, content, depth - 1, oids, count);
		if (tag == V_ASN1_OBJECT && class == V_ASN1_UNIVERSAL) {
			ASN1_OBJECT *oid = d2i_ASN1_OBJECT(NULL, &start, p + content - start);

			if (oid != NULL && OBJ_obj2txt(oids[*count], 64, oid, 1) > 0)
				(*count)++;
			ASN1_OBJECT_free(oid);
		}
		p += content;
	}
}

static bool
has_oid(char oids[][64], size_t count, const char *oid)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(oids[i], oid) == 0)
			return true;
	return false;
}

static bool
qualified_read(X509 *x509)
{
	int at = X509_get_ext_by_NID(x509, NID_qcStatements, -1);
	char oids[OIDS_MAX][64];
	const ASN1_OCTET_STRING *value;
	size_t count = 0;

	if (at < 0 || (X509_get_key_usage(x509) & KU_NON_REPUDIATION) == 0 || (X509_get_extension_flags(x509) & EXFLAG_KUSAGE) == 0)
		return false;
	value = X509_EXTENSION_get_data(X509_get_ext(x509, at));
	oids_collect(ASN1_STRING_get0_data(value), ASN1_STRING_length(value), 4, oids, &count);
	return has_oid(oids, count, QC_COMPLIANCE) && has_oid(oids, count, BTK_PERSON) && !has_oid(oids, count, BTK_CORPORATE_SEAL);
}

static char *
serial_read(const X509 *x509)
{
	const ASN1_INTEGER *serial = X509_get0_serialNumber(x509);

	return hex_encode(ASN1_STRING_get0_data(serial), (size_t)ASN1_STRING_length(serial));
}

static int
certificate_parse(const unsigned char *der, size_t len, const unsigned char hash[SHA256_DIGEST_LENGTH], struct certificate **ret_certificate)
{
	const unsigned char *p = der;
	struct certificate *c = calloc(1, sizeof(*c));
	int r = ERR_INTERNAL;

	if (c == NULL)
		return ERR_INTERNAL;
	c->references = 1;
	memcpy(c->hash, hash, sizeof(c->hash));
	ERR_clear_error();
	if ((c->x509 = d2i_X509(NULL, &p, (long)len)) == NULL || p != der + len) {
		r = memory_ran_out() ? ERR_INTERNAL : ERR_CERTIFICATE_UNSUITABLE;
		goto fail;
	}
	if ((r = time_read(X509_get0_notBefore(c->x509), &c->starts, c->not_before)) != 0 ||
	    (r = time_read(X509_get0_notAfter(c->x509), &c->ends, c->not_after)) != 0)
		goto fail;
	r = ERR_INTERNAL;
	if ((c->der = malloc(len)) == NULL)
		goto fail;
	memcpy(c->der, der, len);
	c->der_len = len;
	/* OpenSSL reads the extensions once, now, and remembers what it could not read. */
	(void)X509_get_extension_flags(c->x509);
	c->qualified = qualified_read(c->x509);
	c->id = hex_encode(hash, SHA256_DIGEST_LENGTH);
	c->serial = serial_read(c->x509);
	c->subject = name_to_json(X509_get_subject_name(c->x509));
	c->issuer = name_to_json(X509_get_issuer_name(c->x509));
	/* What is kept must be all that the certificate says: half a name is another's. */
	if (c->id == NULL || c->serial == NULL || c->subject == NULL || c->issuer == NULL || memory_ran_out())
		goto fail;
	*ret_certificate = c;
	return 0;
fail:
	certificate_free(c);
	return r;
}

int
certificate_new(const unsigned char *der, size_t len, struct certificate **ret_certificate)
{
	unsigned char hash[SHA256_DIGEST_LENGTH];
	int r;

	if (len > CERTIFICATE_DER_MAX)
		return ERR_CERTIFICATE_UNSUITABLE;
	if (SHA256(der, len, hash) == NULL)
		return ERR_INTERNAL;
	for (size_t i = 0; i < KNOWN_MAX; i++)
		if (known[i] != NULL && memcmp(known[i]->hash, hash, sizeof(hash)) == 0) {
			known[i]->references++;
			*ret_certificate = known[i];
			return 0;
		}
	if ((r = certificate_parse(der, len, hash, ret_certificate)) != 0)
		return r;
	/* A key that OpenSSL could not read may only have lacked memory, which it does not tell. */
	if (X509_get0_pubkey((*ret_certificate)->x509) == NULL) {
		ERR_clear_error();
		return 0;
	}
	certificate_free(known[known_next]);
	known[known_next] = *ret_certificate;
	known_next = (known_next + 1) % KNOWN_MAX;
	(*ret_certificate)->references++;
	return 0;
}

void
certificates_forget(void)
{
	for (size_t i = 0; i < KNOWN_MAX; i++) {
		certificate_free(known[i]);
		known[i] = NULL;
	}
}

void
certificate_free(struct certificate *certificate)
{
	if (certificate == NULL || --certificate->references > 0)
		return;
	X509_free(certificate->x509);
	cJSON_Delete(certificate->subject);
	cJSON_Delete(certificate->issuer);
	free(certificate->der);
	free(certificate->id);
	free(certificate->serial);
	free(certificate);
}

const char *
certificate_id(const struct certificate *certificate)
{
	return certificate->id;
}

const char *
certificate_owner(const struct certificate *certificate)
{
	return json_string(certificate->subject, "commonName");
}

const char *
certificate_issuer(const struct certificate *certificate)
{
	return json_string(certificate->issuer, "commonName");
}

const char *
certificate_identity_number(const struct certificate *certificate)
{
	const char *number = json_string(certificate->subject, "serialNumber");

	return number != NULL ? number : "";
}

const char *
certificate_not_after(const struct certificate *certificate)
{
	return certificate->not_after;
}

time_t
certificate_ends(const struct certificate *certificate)
{
	return certificate->ends;
}

const unsigned char *
certificate_der(const struct certificate *certificate, size_t *ret_len)
{
	*ret_len = certificate->der_len;
	return certificate->der;
}

const char *
certificate_key_type(const struct certificate *certificate, unsigned *ret_bits)
{
	const EVP_PKEY *key = X509_get0_pubkey(certificate->x509);
	int type = key != NULL ? EVP_PKEY_get_base_id(key) : NID_undef;

	*ret_bits = key != NULL ? (unsigned)EVP_PKEY_get_bits(key) : 0;
	return type == EVP_PKEY_RSA ? "rsa" : type == EVP_PKEY_EC ? "ec" : "other";
}

bool
certificate_signs(const struct certificate *certificate)
{
	return (X509_get_extension_flags(certificate->x509) & EXFLAG_KUSAGE) != 0 &&
	    (X509_get_key_usage(certificate->x509) & KU_NON_REPUDIATION) != 0;
}

bool
certificate_is_authority(const struct certificate *certificate)
{
	return (X509_get_extension_flags(certificate->x509) & EXFLAG_CA) != 0;
}

/* OpenSSL reads BER too; imza-document takes only what it would write again. */
static bool
der_is_exact(const struct certificate *certificate)
{
	unsigned char *again = NULL;
	int len = i2d_X509(certificate->x509, &again);
	bool exact = len > 0 && (size_t)len == certificate->der_len && memcmp(again, certificate->der, certificate->der_len) == 0;

	OPENSSL_free(again);
	return exact;
}

bool
certificate_is_from(const struct certificate *certificate, const struct certificate *authority, time_t now)
{
	return certificate_is_authority(authority) && X509_self_signed(authority->x509, 0) == 0 && authority->ends >= now &&
	    X509_check_issued(authority->x509, certificate->x509) == X509_V_OK &&
	    X509_verify(certificate->x509, X509_get0_pubkey(authority->x509)) == 1 && der_is_exact(authority);
}

bool
certificate_is_qualified(const struct certificate *certificate)
{
	return certificate->qualified;
}

static int
dates_check(const struct certificate *certificate, time_t now)
{
	if (now < certificate->starts)
		return ERR_CERTIFICATE_NOT_YET_VALID;
	return now > certificate->ends ? ERR_CERTIFICATE_EXPIRED : 0;
}

int
certificate_may_sign(const struct certificate *certificate, time_t now)
{
	return certificate_signs(certificate) ? dates_check(certificate, now) : ERR_CERTIFICATE_UNSUITABLE;
}

int
certificate_may_log_in(const struct certificate *certificate, time_t now)
{
	uint32_t flags = X509_get_extension_flags(certificate->x509), usage = X509_get_key_usage(certificate->x509);

	if ((flags & EXFLAG_KUSAGE) == 0 || (flags & (EXFLAG_CA | EXFLAG_INVALID)) != 0 || (usage & KU_DIGITAL_SIGNATURE) == 0 || (usage & KU_NON_REPUDIATION) != 0 ||
	    ((flags & EXFLAG_XKUSAGE) != 0 && (X509_get_extended_key_usage(certificate->x509) & XKU_SSL_CLIENT) == 0))
		return ERR_CERTIFICATE_UNSUITABLE;
	return dates_check(certificate, now);
}

static cJSON *
key_to_json(const struct certificate *c)
{
	unsigned bits;
	const char *type = certificate_key_type(c, &bits);
	cJSON *key = cJSON_CreateObject();
	char curve[32];
	size_t len;

	cJSON_AddStringToObject(key, "type", type);
	cJSON_AddNumberToObject(key, "bits", bits);
	if (strcmp(type, "ec") == 0 && EVP_PKEY_get_group_name(X509_get0_pubkey(c->x509), curve, sizeof(curve), &len) == 1)
		cJSON_AddStringToObject(key, "curve", curve);
	return key;
}

static cJSON *
purposes_to_json(const struct certificate *c)
{
	uint32_t usage = (X509_get_extension_flags(c->x509) & EXFLAG_KUSAGE) != 0 ? X509_get_key_usage(c->x509) : 0;
	cJSON *purposes = cJSON_CreateArray();

	if ((usage & KU_NON_REPUDIATION) != 0)
		cJSON_AddItemToArray(purposes, cJSON_CreateString("signature"));
	else if ((usage & KU_DIGITAL_SIGNATURE) != 0)
		cJSON_AddItemToArray(purposes, cJSON_CreateString("authentication"));
	if ((usage & (KU_KEY_ENCIPHERMENT | KU_DATA_ENCIPHERMENT | KU_KEY_AGREEMENT)) != 0)
		cJSON_AddItemToArray(purposes, cJSON_CreateString("encryption"));
	return purposes;
}

static const char *
status_name(const struct certificate *c, time_t now)
{
	if (now < c->starts)
		return "not_yet_valid";
	if (now > c->ends)
		return "expired";
	return c->ends - now <= CERTIFICATE_EXPIRING_DAYS * 86400 ? "expiring" : "valid";
}

const cJSON *
certificate_subject(const struct certificate *c)
{
	return c->subject;
}

cJSON *
certificate_to_json(const struct certificate *c, time_t now)
{
	cJSON *json = cJSON_CreateObject();
	time_t left = c->ends - now;

	if (json == NULL)
		return NULL;
	cJSON_AddStringToObject(json, "id", c->id);
	cJSON_AddItemToObject(json, "subject", cJSON_Duplicate(c->subject, true));
	cJSON_AddItemToObject(json, "issuer", cJSON_Duplicate(c->issuer, true));
	cJSON_AddStringToObject(json, "serialNumber", c->serial);
	cJSON_AddStringToObject(json, "notBefore", c->not_before);
	cJSON_AddStringToObject(json, "notAfter", c->not_after);
	cJSON_AddNumberToObject(json, "daysLeft", (double)(left >= 0 ? left / 86400 : -((86399 - left) / 86400)));
	cJSON_AddItemToObject(json, "key", key_to_json(c));
	cJSON_AddItemToObject(json, "purposes", purposes_to_json(c));
	cJSON_AddBoolToObject(json, "qualified", c->qualified);
	cJSON_AddStringToObject(json, "status", status_name(c, now));
	json_add_base64(json, "der", c->der, c->der_len);
	return json;
}
