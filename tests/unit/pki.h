/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/pki.h: certificate authorities and certificates for tests, made on the spot. What goes wrong in here ends the test program. */
#ifndef TEST_PKI_H
#define TEST_PKI_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#define DAY 86400l
#define CA_EXTENSIONS "basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign"

struct pki_party {
	EVP_PKEY *key;
	X509 *certificate;
};

/* What a certificate is to be, where it isn't the usual: version 3, valid from yesterday for a year, SHA-256, P-256. */
struct pki_wish {
	const char *name;
	const struct pki_party *issuer;		/* NULL: itself */
	const char *extensions[6];		/* "name=value" of openssl x509v3_config */
	time_t starts, ends;
	long serial, version;			/* 0: 1000 and X509_VERSION_3; version -1: version 1 */
	const EVP_MD *md;
	unsigned rsa_bits;
	EVP_PKEY *key;				/* taken; NULL: a new one */
};

static inline void
pki_must(bool condition, const char *what)
{
	if (condition)
		return;
	fprintf(stderr, "test pki: %s\n", what);
	abort();
}

static inline struct pki_party
pki_make(const struct pki_wish *wish)
{
	struct pki_party party = { wish->key, X509_new() };
	const struct pki_party *issuer = wish->issuer != NULL ? wish->issuer : &party;
	X509_NAME *name = X509_get_subject_name(party.certificate);
	time_t now = time(NULL);
	X509V3_CTX ctx;

	if (party.key == NULL)
		party.key = wish->rsa_bits != 0 ? EVP_RSA_gen(wish->rsa_bits) : EVP_EC_gen("P-256");
	pki_must(party.key != NULL && party.certificate != NULL, "memory");
	X509_set_version(party.certificate, wish->version < 0 ? X509_VERSION_1 : X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(party.certificate), wish->serial != 0 ? wish->serial : 1000);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)wish->name, -1, -1, 0);
	X509_set_issuer_name(party.certificate, wish->issuer != NULL ? X509_get_subject_name(issuer->certificate) : name);
	ASN1_TIME_set(X509_getm_notBefore(party.certificate), wish->starts != 0 ? wish->starts : now - DAY);
	ASN1_TIME_set(X509_getm_notAfter(party.certificate), wish->ends != 0 ? wish->ends : now + 365 * DAY);
	X509_set_pubkey(party.certificate, party.key);
	X509V3_set_ctx(&ctx, issuer->certificate, party.certificate, NULL, NULL, 0);
	for (size_t i = 0; i < 6 && wish->extensions[i] != NULL; i++) {
		char text[256];
		char *value;
		X509_EXTENSION *extension;

		snprintf(text, sizeof(text), "%s", wish->extensions[i]);
		value = strchr(text, '=');
		*value++ = '\0';
		extension = X509V3_EXT_conf(NULL, &ctx, text, value);
		pki_must(extension != NULL && X509_add_ext(party.certificate, extension, -1) == 1, wish->extensions[i]);
		X509_EXTENSION_free(extension);
	}
	pki_must(X509_sign(party.certificate, issuer->key, wish->md != NULL ? wish->md : EVP_sha256()) > 0, "sign");
	return party;
}

static inline void
pki_free(struct pki_party *party)
{
	EVP_PKEY_free(party->key);
	X509_free(party->certificate);
	*party = (struct pki_party){ 0 };
}

/* These certificates (NULL ends them) as PEM; free() it. */
static inline char *
pki_pem(X509 *const *certificates)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *data, *text;

	for (; *certificates != NULL; certificates++)
		PEM_write_bio_X509(bio, *certificates);
	BIO_write(bio, "", 1);
	BIO_get_mem_data(bio, &data);
	text = strdup(data);
	BIO_free(bio);
	return text;
}

#endif
