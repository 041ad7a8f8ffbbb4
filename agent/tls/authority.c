/* SPDX-License-Identifier: Apache-2.0 */
/* tls/authority.c: the authority's and the leaf's certificates (RFC 5280), by OpenSSL. */
#include "tls/authority.h"

#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/log.h"

#define SECURE_HEAP 65536
#define SERIAL_BYTES 16
#define CLOCK_SLACK 3600	/* a page in a virtual machine whose clock is a little behind */
#define DAY 86400

struct extension {
	int nid;
	const char *value;
};

/*
 * Names of a kind that no permitted subtree speaks of would be free (RFC 5280 section 4.2.1.10), so each kind has one: mail and URIs are
 * left a domain that can't exist (RFC 6761 section 6.4), directory names our own. The purpose shuts out what is no server's.
 */
static const struct extension authority_extensions[] = {
	{ NID_basic_constraints, "critical,CA:TRUE,pathlen:0" },
	{ NID_key_usage, "critical,keyCertSign" },
	{ NID_ext_key_usage, "serverAuth" },
	{ NID_name_constraints, "critical,permitted;DNS:localhost,permitted;IP:127.0.0.1/255.255.255.255,"
	    "permitted;IP:::1/ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff,permitted;email:invalid,permitted;URI:invalid,permitted;dirName:own" },
	{ NID_subject_key_identifier, "hash" },
	{ NID_undef, NULL },
};
static const struct extension leaf_extensions[] = {
	{ NID_basic_constraints, "critical,CA:FALSE" },
	{ NID_key_usage, "critical,digitalSignature" },
	{ NID_ext_key_usage, "serverAuth" },
	{ NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1,IP:::1" },
	{ NID_subject_key_identifier, "hash" },
	{ NID_authority_key_identifier, "keyid:always" },
	{ NID_undef, NULL },
};
static const char own_name[] = "[own]\nO=imza-agent\n";

/* The configuration that "dirName:own" refers to. NULL when memory runs out. */
static CONF *
names_read(void)
{
	BIO *text = BIO_new_mem_buf(own_name, sizeof(own_name) - 1);
	CONF *names = NCONF_new(NULL);
	long line;

	if (text == NULL || names == NULL || NCONF_load_bio(names, text, &line) != 1) {
		NCONF_free(names);
		names = NULL;
	}
	BIO_free(text);
	return names;
}

static bool
extensions_add(X509 *certificate, X509 *issuer, const struct extension *extensions)
{
	CONF *names = names_read();
	X509V3_CTX context;
	bool ok = names != NULL;

	X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
	X509V3_set_nconf(&context, names);
	for (; ok && extensions->value != NULL; extensions++) {
		X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, extensions->nid, extensions->value);

		ok = extension != NULL && X509_add_ext(certificate, extension, -1) == 1;
		X509_EXTENSION_free(extension);
	}
	NCONF_free(names);
	return ok;
}

static bool
serial_set(X509 *certificate)
{
	unsigned char bytes[SERIAL_BYTES];
	BIGNUM *number;
	bool ok;

	if (RAND_bytes(bytes, sizeof(bytes)) != 1)
		return false;
	bytes[0] = (bytes[0] & 0x3f) | 0x40;	/* positive, and of one length */
	number = BN_bin2bn(bytes, sizeof(bytes), NULL);
	ok = number != NULL && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != NULL;
	BN_free(number);
	return ok;
}

static bool
name_set(X509_NAME *name, const char *common_name)
{
	return X509_NAME_add_entry_by_NID(name, NID_organizationName, MBSTRING_UTF8, (const unsigned char *)"imza-agent", -1, -1, 0) == 1 &&
	    X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8, (const unsigned char *)common_name, -1, -1, 0) == 1;
}

/* A certificate for key, signed by issuer_key; issuer NULL: by itself. NULL when it can't be made. */
static X509 *
certificate_make(int64_t now, const char *common_name, EVP_PKEY *key, X509 *issuer, EVP_PKEY *issuer_key, const struct extension *extensions)
{
	X509 *certificate = X509_new();
	const int64_t begin = now - CLOCK_SLACK, end = begin + (int64_t)AUTHORITY_DAYS * DAY - 1;

	if (certificate == NULL || X509_set_version(certificate, X509_VERSION_3) != 1 || !serial_set(certificate) ||
	    ASN1_TIME_set(X509_getm_notBefore(certificate), begin) == NULL || ASN1_TIME_set(X509_getm_notAfter(certificate), end) == NULL ||
	    !name_set(X509_get_subject_name(certificate), common_name) ||
	    X509_set_issuer_name(certificate, X509_get_subject_name(issuer != NULL ? issuer : certificate)) != 1 ||
	    X509_set_pubkey(certificate, key) != 1 || !extensions_add(certificate, issuer != NULL ? issuer : certificate, extensions) ||
	    X509_sign(certificate, issuer_key, EVP_sha256()) == 0) {
		X509_free(certificate);
		return NULL;
	}
	return certificate;
}

/* What was written, as a string of our own; the memory of the BIO is wiped. NULL when memory runs out. */
static char *
bio_text(BIO *bio)
{
	char *data, *text;
	long len = BIO_get_mem_data(bio, &data);

	if (len <= 0)
		return NULL;
	if ((text = calloc(1, (size_t)len + 1)) != NULL)
		memcpy(text, data, (size_t)len);
	OPENSSL_cleanse(data, (size_t)len);
	return text;
}

static char *
certificate_text(X509 *certificate, EVP_PKEY *key)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *text = NULL;

	if (bio != NULL && PEM_write_bio_X509(bio, certificate) == 1 &&
	    (key == NULL || PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1))
		text = bio_text(bio);
	BIO_free(bio);
	return text;
}

static int
id_make(char id[AUTHORITY_ID_LEN + 1])
{
	unsigned char bytes[AUTHORITY_ID_LEN / 2];

	if (RAND_bytes(bytes, sizeof(bytes)) != 1)
		return ERR_INTERNAL;
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(id + 2 * i, 3, "%02x", bytes[i]);
	return 0;
}

/* The whole life of the authority's key is in here. */
static int
pair_make(int64_t now, struct authority *made)
{
	EVP_PKEY *key = EVP_EC_gen("P-256"), *leaf_key = EVP_EC_gen("P-256");
	X509 *certificate = NULL, *leaf = NULL;
	char name[64];
	int r = ERR_INTERNAL;

	snprintf(name, sizeof(name), "imza-agent on this computer only %s", made->id);
	if (key == NULL || leaf_key == NULL ||
	    (certificate = certificate_make(now, name, key, NULL, key, authority_extensions)) == NULL ||
	    (leaf = certificate_make(now, "localhost", leaf_key, certificate, key, leaf_extensions)) == NULL)
		goto out;
	EVP_PKEY_free(key);	/* wiped: nothing can be signed by this authority any more */
	key = NULL;
	if ((made->certificate = certificate_text(certificate, NULL)) != NULL && (made->server = certificate_text(leaf, leaf_key)) != NULL)
		r = 0;
out:
	X509_free(certificate);
	X509_free(leaf);
	EVP_PKEY_free(leaf_key);
	EVP_PKEY_free(key);
	return r;
}

int
authority_make(int64_t now, struct authority *ret_authority)
{
	struct authority made = { .id = "" };
	int r;

	/* 2: the heap is there, but not locked. */
	if (!CRYPTO_secure_malloc_initialized() && CRYPTO_secure_malloc_init(SECURE_HEAP, 16) != 1) {
		log_error("no memory can be locked for the authority's key");
		return ERR_INTERNAL;
	}
	if ((r = id_make(made.id)) == 0)
		r = pair_make(now, &made);
	if (r != 0) {
		authority_clear(&made);
		return r;
	}
	*ret_authority = made;
	return 0;
}

void
authority_clear(struct authority *authority)
{
	if (authority->server != NULL)
		OPENSSL_cleanse(authority->server, strlen(authority->server));
	free(authority->server);
	free(authority->certificate);
	*authority = (struct authority){ .id = "" };
}
