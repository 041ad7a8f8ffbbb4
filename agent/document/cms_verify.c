/* SPDX-License-Identifier: Apache-2.0 */
/* document/cms_verify.c: the digest of the content, the certificate that the signature is bound to, the value over the signed attributes. */
#include "document/cms_verify.h"

#include <string.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "base/err.h"
#include "document/cms_attributes.h"
#include "document/signer.h"
#include "trust/certificates.h"

#define SET_OF 0x31		/* what stands for the tag of the signed attributes when they are hashed (RFC 5652 5.4) */
#define PSS_SALT_MAX 512

/* --- algorithms --- */

static const struct digest {
	const char *name;
	const EVP_MD *(*md)(void);
	unsigned char oid[9], rsa[9], ecdsa[8];	/* itself, and as part of a signature algorithm */
} digests[CMS_DIGESTS] = {
	{ "sha256", EVP_sha256, { 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01 },
	  { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b }, { 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02 } },
	{ "sha384", EVP_sha384, { 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02 },
	  { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0c }, { 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03 } },
	{ "sha512", EVP_sha512, { 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03 },
	  { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0d }, { 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x04 } },
};
static const unsigned char rsa_encryption[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01 };
static const unsigned char rsa_pss[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a };

/* An AlgorithmIdentifier's type and, when plain, no parameters but NULL. */
static bool
algorithm_read(const struct tlv *algorithm, bool plain, struct tlv *ret_oid)
{
	struct tlv_cursor c = tlv_inside(algorithm, false);
	struct tlv null;

	if (!tlv_take_universal(&c, V_ASN1_OBJECT, ret_oid))
		return false;
	if (plain && tlv_take_universal(&c, V_ASN1_NULL, &null) && tlv_content_len(&null) != 0)
		return false;
	return !plain || tlv_at_end(&c);
}

static const struct digest *
digest_find(const struct tlv *algorithm)
{
	struct tlv oid;

	if (!algorithm_read(algorithm, true, &oid))
		return NULL;
	for (size_t i = 0; i < CMS_DIGESTS; i++)
		if (tlv_is(&oid, digests[i].oid, sizeof(digests[i].oid)))
			return &digests[i];
	return NULL;
}

/* RSASSA-PSS (RFC 4056): the same digest for the message and the mask. The salt's length, or -1. */
static int
pss_salt(const struct tlv *algorithm, const struct digest *digest)
{
	const unsigned char *p = algorithm->start;
	X509_ALGOR *algor = d2i_X509_ALGOR(NULL, &p, (long)(algorithm->end - algorithm->start));
	RSA_PSS_PARAMS *params = NULL;
	const ASN1_OBJECT *oid;
	const void *value;
	int type, salt = -1, nid = EVP_MD_get_type(digest->md());

	if (algor == NULL)
		return -1;
	X509_ALGOR_get0(NULL, &type, &value, algor);
	if (type == V_ASN1_SEQUENCE) {
		p = ASN1_STRING_get0_data(value);
		params = d2i_RSA_PSS_PARAMS(NULL, &p, ASN1_STRING_length(value));
	}
	if (params != NULL && params->hashAlgorithm != NULL && params->maskGenAlgorithm != NULL && params->saltLength != NULL) {
		X509_ALGOR *mask = NULL;

		X509_ALGOR_get0(&oid, &type, &value, params->maskGenAlgorithm);
		if (OBJ_obj2nid(oid) == NID_mgf1 && type == V_ASN1_SEQUENCE) {
			p = ASN1_STRING_get0_data(value);
			mask = d2i_X509_ALGOR(NULL, &p, ASN1_STRING_length(value));
		}
		if (mask != NULL && OBJ_obj2nid(mask->algorithm) == nid && OBJ_obj2nid(params->hashAlgorithm->algorithm) == nid &&
		    (params->trailerField == NULL || ASN1_INTEGER_get(params->trailerField) == 1))
			salt = (int)ASN1_INTEGER_get(params->saltLength);
		X509_ALGOR_free(mask);
	}
	RSA_PSS_PARAMS_free(params);
	X509_ALGOR_free(algor);
	return salt >= 0 && salt <= PSS_SALT_MAX ? salt : -1;
}

/* Whether the signature algorithm is one for this key and digest; *ret_salt is -1 unless it is RSASSA-PSS. */
static bool
algorithm_fits(const struct tlv *algorithm, const EVP_PKEY *key, const struct digest *digest, int *ret_salt)
{
	struct tlv oid;

	*ret_salt = -1;
	if (!algorithm_read(algorithm, false, &oid))
		return false;
	if (!EVP_PKEY_is_a(key, "RSA"))
		return EVP_PKEY_is_a(key, "EC") && tlv_is(&oid, digest->ecdsa, sizeof(digest->ecdsa)) && algorithm_read(algorithm, true, &oid);
	if (tlv_is(&oid, rsa_pss, sizeof(rsa_pss)))
		return (*ret_salt = pss_salt(algorithm, digest)) >= 0;
	return algorithm_read(algorithm, true, &oid) &&
	    (tlv_is(&oid, rsa_encryption, sizeof(rsa_encryption)) || tlv_is(&oid, digest->rsa, sizeof(digest->rsa)));
}

/* --- certificates --- */

int
cms_certificates_read(const struct cms_message *message, struct cms_certificates *ret_certificates)
{
	*ret_certificates = (struct cms_certificates){ .stack = sk_X509_new_null() };
	if (ret_certificates->stack == NULL)
		return ERR_INTERNAL;
	for (size_t i = 0; i < message->certificates_count; i++) {
		const struct tlv *element = &message->certificates[i];
		X509 *certificate = certificate_from_der(element->start, (size_t)(element->end - element->start));

		ret_certificates->items[i] = certificate;
		if (certificate != NULL && sk_X509_push(ret_certificates->stack, certificate) <= 0) {
			cms_certificates_free(ret_certificates);
			return ERR_INTERNAL;
		}
	}
	ERR_clear_error();
	return 0;
}

void
cms_certificates_free(struct cms_certificates *certificates)
{
	for (size_t i = 0; i < CMS_CERTIFICATES_MAX; i++)
		X509_free(certificates->items[i]);
	sk_X509_free(certificates->stack);
	*certificates = (struct cms_certificates){ .stack = NULL };
}

/* What a SignerIdentifier (5.3) names; zeroed where it is the other kind. */
struct identifier {
	X509_NAME *issuer;
	ASN1_INTEGER *serial;
	struct tlv key;
};

static void
identifier_read(const struct tlv *sid, struct identifier *id)
{
	struct tlv_cursor c = tlv_inside(sid, false);
	struct tlv issuer, serial;
	const unsigned char *p;

	*id = (struct identifier){ .issuer = NULL };
	if (sid->class != V_ASN1_UNIVERSAL) {
		id->key = *sid;
	} else if (tlv_take_universal(&c, V_ASN1_SEQUENCE, &issuer) && tlv_take_universal(&c, V_ASN1_INTEGER, &serial) && tlv_at_end(&c)) {
		p = issuer.start;
		id->issuer = d2i_X509_NAME(NULL, &p, (long)(issuer.end - issuer.start));
		p = serial.start;
		id->serial = d2i_ASN1_INTEGER(NULL, &p, (long)(serial.end - serial.start));
	}
}

static void
identifier_clear(struct identifier *id)
{
	X509_NAME_free(id->issuer);
	ASN1_INTEGER_free(id->serial);
}

static bool
identifier_names(const struct identifier *id, X509 *certificate)
{
	const ASN1_OCTET_STRING *key = X509_get0_subject_key_id(certificate);

	if (id->key.start != NULL)
		return key != NULL && tlv_is(&id->key, ASN1_STRING_get0_data(key), (size_t)ASN1_STRING_length(key));
	return id->issuer != NULL && id->serial != NULL && X509_NAME_cmp(id->issuer, X509_get_issuer_name(certificate)) == 0 &&
	    ASN1_INTEGER_cmp(id->serial, X509_get0_serialNumber(certificate)) == 0;
}

/* Whether a certificate's bytes have this hash. */
static bool
certificate_has_hash(const struct tlv *element, const struct digest *digest, const struct tlv *hash)
{
	unsigned char value[EVP_MAX_MD_SIZE];
	unsigned int len;

	return EVP_Digest(element->start, (size_t)(element->end - element->start), value, &len, digest->md(), NULL) == 1 && tlv_is(hash, value, len);
}

/* The certificate that the signer is named by, and of several the one that the signature is bound to (RFC 5035 3). */
static void
certificate_find(const struct cms_message *message, const struct cms_signer *signer, const struct cms_certificates *certificates,
    const struct cms_attributes *attributes, struct signature_facts *facts)
{
	struct cms_certificate_id bound;
	const struct digest *digest = &digests[0];
	bool is_bound = attributes->certificate_v2.start != NULL, unreadable = false;
	struct identifier id;

	if (is_bound && !cms_certificate_id_read(&attributes->certificate_v2, &bound)) {
		reason_add(&facts->reasons, REASON_ATTRIBUTES_MALFORMED);
		is_bound = false;
	}
	if (is_bound && bound.algorithm.start != NULL && (digest = digest_find(&bound.algorithm)) == NULL)
		reason_add(&facts->reasons, REASON_DIGEST_NOT_ALLOWED);
	identifier_read(&signer->sid, &id);
	for (size_t i = 0; i < message->certificates_count && !facts->bound; i++) {
		X509 *certificate = certificates->items[i];

		unreadable = unreadable || certificate == NULL;
		if (certificate == NULL || !identifier_names(&id, certificate))
			continue;
		facts->bound = is_bound && digest != NULL && certificate_has_hash(&message->certificates[i], digest, &bound.hash);
		if (facts->certificate == NULL || facts->bound) {
			facts->certificate = certificate;
			facts->der = &message->certificates[i];
		}
	}
	identifier_clear(&id);
	if (facts->certificate == NULL)
		reason_add(&facts->reasons, unreadable ? REASON_CERTIFICATE_MALFORMED : REASON_CERTIFICATE_MISSING);
	else if (is_bound && digest != NULL && !facts->bound)
		reason_add(&facts->reasons, REASON_CERTIFICATE_DIFFERS);
}

static void
certificate_judge(struct signature_facts *facts)
{
	uint32_t flags = X509_get_extension_flags(facts->certificate);

	if ((flags & (EXFLAG_INVALID | EXFLAG_CA)) != 0 || (flags & EXFLAG_KUSAGE) == 0 ||
	    (X509_get_key_usage(facts->certificate) & KU_NON_REPUDIATION) == 0)
		reason_add(&facts->reasons, REASON_USAGE_WRONG);
	if (signer_key_check(X509_get0_pubkey(facts->certificate)) != 0)
		reason_add(&facts->reasons, REASON_KEY_NOT_ALLOWED);
}

/* --- attributes and value --- */

static int
content_check(struct cms_content *content, const struct digest *digest, const struct tlv *message_digest, struct signature_facts *facts)
{
	size_t i = (size_t)(digest - digests);
	int r;

	if (!content->have[i]) {
		r = content->digest(content->context, digest->md(), content->values[i]);
		if (r == ERR_NOT_FOUND) {
			reason_add(&facts->reasons, REASON_CONTENT_MISSING);
			return 0;
		}
		if (r != 0)
			return r;
		content->have[i] = true;
	}
	if (message_digest->class != V_ASN1_UNIVERSAL || message_digest->tag != V_ASN1_OCTET_STRING || message_digest->constructed)
		reason_add(&facts->reasons, REASON_ATTRIBUTES_MALFORMED);
	else if (!tlv_is(message_digest, content->values[i], (size_t)EVP_MD_get_size(digest->md())))
		reason_add(&facts->reasons, REASON_CONTENT_CHANGED);
	return 0;
}

static int
value_check(const struct cms_signer *signer, const struct digest *digest, struct signature_facts *facts)
{
	EVP_PKEY *key = X509_get0_pubkey(facts->certificate);
	const unsigned char set = SET_OF;
	EVP_MD_CTX *ctx = NULL;
	EVP_PKEY_CTX *pkey;
	int salt, r = ERR_INTERNAL;

	if (key == NULL || !algorithm_fits(&signer->algorithm, key, digest, &salt)) {
		reason_add(&facts->reasons, REASON_ALGORITHM_NOT_ALLOWED);
		return 0;
	}
	facts->is_pss = salt >= 0;
	if ((ctx = EVP_MD_CTX_new()) == NULL || EVP_DigestVerifyInit(ctx, &pkey, digest->md(), NULL, key) != 1)
		goto out;
	if (EVP_PKEY_is_a(key, "RSA") && EVP_PKEY_CTX_set_rsa_padding(pkey, salt >= 0 ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING) != 1)
		goto out;
	if (salt >= 0 && (EVP_PKEY_CTX_set_rsa_pss_saltlen(pkey, salt) != 1 || EVP_PKEY_CTX_set_rsa_mgf1_md(pkey, digest->md()) != 1))
		goto out;
	if (EVP_DigestVerifyUpdate(ctx, &set, 1) != 1 ||
	    EVP_DigestVerifyUpdate(ctx, signer->attributes.start + 1, (size_t)(signer->attributes.end - signer->attributes.start) - 1) != 1)
		goto out;
	if (EVP_DigestVerifyFinal(ctx, signer->value.content, tlv_content_len(&signer->value)) != 1)
		reason_add(&facts->reasons, REASON_SIGNATURE_WRONG);
	r = 0;
out:
	EVP_MD_CTX_free(ctx);
	ERR_clear_error();
	return r;
}

/* The rules about which attributes must be there, and what they say. */
static void
attributes_judge(const struct cms_message *message, const struct cms_attributes *attributes, enum cms_rules rules, struct signature_facts *facts)
{
	struct reasons *reasons = &facts->reasons;
	const struct tlv *type = &message->content_type;

	if (attributes->content_type.start == NULL || attributes->message_digest.start == NULL)
		reason_add(reasons, REASON_ATTRIBUTES_MISSING);
	if (attributes->content_type.start != NULL && ((size_t)(attributes->content_type.end - attributes->content_type.start) !=
	    (size_t)(type->end - type->start) || memcmp(attributes->content_type.start, type->start, (size_t)(type->end - type->start)) != 0))
		reason_add(reasons, REASON_CONTENT_TYPE_WRONG);
	if (rules == CMS_RULES_CADES && attributes->certificate_v2.start == NULL)
		reason_add(reasons, attributes->certificate_v1.start != NULL ? REASON_CERTIFICATE_BOUND_BY_SHA1 : REASON_CERTIFICATE_NOT_BOUND);
	if (attributes->signing_time.start != NULL && !(facts->has_time = cms_time_read(&attributes->signing_time, &facts->time)))
		reason_add(reasons, REASON_ATTRIBUTES_MALFORMED);
}

int
cms_signer_verify(const struct cms_message *message, const struct cms_signer *signer, const struct cms_certificates *certificates,
    struct cms_content *content, enum cms_rules rules, struct signature_facts *ret_facts)
{
	struct signature_facts facts = { .certificate = NULL };
	const struct digest *digest = digest_find(&signer->digest_algorithm);
	struct cms_attributes attributes = { .content_type = { .start = NULL } };
	bool readable = signer->attributes.start != NULL;
	int r = 0;

	if (digest == NULL)
		reason_add(&facts.reasons, REASON_DIGEST_NOT_ALLOWED);
	else
		facts.digest_name = digest->name;
	if (!readable) {
		reason_add(&facts.reasons, REASON_ATTRIBUTES_MISSING);
	} else if (!(readable = cms_attributes_read(&signer->attributes, &attributes))) {
		reason_add(&facts.reasons, REASON_ATTRIBUTES_MALFORMED);
		attributes = (struct cms_attributes){ .content_type = { .start = NULL } };
	} else {
		attributes_judge(message, &attributes, rules, &facts);
	}
	if (signer->unsigned_attributes.start != NULL)
		cms_unsigned_count(&signer->unsigned_attributes, &facts.time_stamps, &facts.counter_signatures);
	certificate_find(message, signer, certificates, &attributes, &facts);
	if (facts.certificate != NULL)
		certificate_judge(&facts);
	if (digest != NULL && attributes.message_digest.start != NULL)
		r = content_check(content, digest, &attributes.message_digest, &facts);
	if (r == 0 && digest != NULL && readable && facts.certificate != NULL)
		r = value_check(signer, digest, &facts);
	if (r == 0)
		*ret_facts = facts;
	return r;
}
