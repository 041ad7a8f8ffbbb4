/* SPDX-License-Identifier: Apache-2.0 */
/* test_authority.c: what an authority of ours can vouch for, as OpenSSL judges it, and what not, had its key been kept. */
#include "tls/authority.c"	/* its key never leaves: forging takes what is static in there */

#include <openssl/x509_vfy.h>
#include <time.h>

#include "test.h"

static X509 *
pem_certificate(const char *text)
{
	BIO *bio = BIO_new_mem_buf(text, -1);
	X509 *certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);

	BIO_free(bio);
	return certificate;
}

/* The verdict on a leaf for a server, X509_V_OK or why not. host, address: what it is asked for; NULL: not. */
static int
verdict(X509 *authority, X509 *between, X509 *leaf, const char *host, const char *address)
{
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *context = X509_STORE_CTX_new();
	STACK_OF(X509) *chain = sk_X509_new_null();
	X509_VERIFY_PARAM *param;
	int r;

	X509_STORE_add_cert(store, authority);
	if (between != NULL)
		sk_X509_push(chain, between);
	X509_STORE_CTX_init(context, store, leaf, chain);
	param = X509_STORE_CTX_get0_param(context);
	X509_VERIFY_PARAM_set_purpose(param, X509_PURPOSE_SSL_SERVER);
	if (host != NULL)
		X509_VERIFY_PARAM_set1_host(param, host, 0);
	if (address != NULL)
		X509_VERIFY_PARAM_set1_ip_asc(param, address);
	X509_verify_cert(context);
	r = X509_STORE_CTX_get_error(context);
	sk_X509_free(chain);
	X509_STORE_CTX_free(context);
	X509_STORE_free(store);
	return r;
}

static void
it_vouches_for_this_computer(void)
{
	static const struct { const char *host, *address; int verdict; } cases[] = {
		{ "localhost", NULL, X509_V_OK },
		{ NULL, "127.0.0.1", X509_V_OK },
		{ NULL, "::1", X509_V_OK },
		{ "portal.example", NULL, X509_V_ERR_HOSTNAME_MISMATCH },
		{ NULL, "127.0.0.2", X509_V_ERR_IP_ADDRESS_MISMATCH },
	};
	struct authority made = { .id = "" };
	X509 *authority, *leaf;

	CHECK_INT(authority_make(time(NULL), &made), 0);
	authority = pem_certificate(made.certificate);
	leaf = pem_certificate(made.server);
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		CHECK_INT(verdict(authority, NULL, leaf, cases[i].host, cases[i].address), cases[i].verdict);
	X509_free(authority);
	X509_free(leaf);
	authority_clear(&made);
}

/* An authority whose key we keep, and a leaf of it with these names. */
static int
forged_verdict(const char *names, const char *common_name, const char *host)
{
	const struct extension forged[] = {
		{ NID_basic_constraints, "critical,CA:FALSE" }, { NID_ext_key_usage, "serverAuth" }, { NID_subject_alt_name, names }, { NID_undef, NULL },
	};
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *authority = certificate_make(time(NULL), "authority", key, NULL, key, authority_extensions);
	X509 *leaf = certificate_make(time(NULL), common_name, key, authority, key, forged);
	int r = authority != NULL && leaf != NULL ? verdict(authority, NULL, leaf, host, NULL) : -1;

	X509_free(authority);
	X509_free(leaf);
	EVP_PKEY_free(key);
	return r;
}

static void
with_its_key_no_other_name_could_be_had(void)
{
	static const char *const names[] = {
		"DNS:google.com", "DNS:localhost.evil.example", "DNS:localhost,DNS:portal.example", "DNS:evil-localhost", "DNS:*", "IP:127.0.0.2",
		"IP:0.0.0.0", "IP:192.168.1.1", "IP:::2", "IP:::ffff:127.0.0.1", "email:a@b.example", "email:a@localhost", "URI:https://portal.example/",
		"URI:https://localhost/", "DNS:localhost,URI:https://portal.example/",
	};

	CHECK_INT(forged_verdict("DNS:localhost", "localhost", "localhost"), X509_V_OK);
	for (size_t i = 0; i < COUNT_OF(names); i++)
		CHECK_MSG(forged_verdict(names[i], "localhost", NULL) == X509_V_ERR_PERMITTED_VIOLATION, "%s", names[i]);
	/* A subject that is not ours. */
	CHECK_INT(forged_verdict("DNS:localhost", "portal.example", "portal.example"), X509_V_ERR_HOSTNAME_MISMATCH);
}

static void
a_subject_outside_our_own_is_refused(void)
{
	static const struct extension forged[] = { { NID_subject_alt_name, "DNS:localhost" }, { NID_undef, NULL } };
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *authority = certificate_make(time(NULL), "authority", key, NULL, key, authority_extensions);
	X509 *leaf = certificate_make(time(NULL), "localhost", key, authority, key, forged);
	X509_NAME *name = X509_NAME_new();

	X509_NAME_add_entry_by_NID(name, NID_organizationName, MBSTRING_UTF8, (const unsigned char *)"A bank", -1, -1, 0);
	X509_set_subject_name(leaf, name);
	X509_sign(leaf, key, EVP_sha256());
	CHECK_INT(verdict(authority, NULL, leaf, "localhost", NULL), X509_V_ERR_PERMITTED_VIOLATION);
	X509_NAME_free(name);
	X509_free(leaf);
	X509_free(authority);
	EVP_PKEY_free(key);
}

static void
it_can_make_no_other_authority(void)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *authority = certificate_make(time(NULL), "authority", key, NULL, key, authority_extensions);
	X509 *between = certificate_make(time(NULL), "between", key, authority, key, authority_extensions);
	X509 *leaf = certificate_make(time(NULL), "localhost", key, between, key, leaf_extensions);

	CHECK_INT(verdict(authority, between, leaf, "localhost", NULL), X509_V_ERR_PATH_LENGTH_EXCEEDED);
	X509_free(leaf);
	X509_free(between);
	X509_free(authority);
	EVP_PKEY_free(key);
}

static void
it_is_good_for_servers_only(void)
{
	struct authority made = { .id = "" };
	X509 *authority;

	CHECK_INT(authority_make(time(NULL), &made), 0);
	authority = pem_certificate(made.certificate);
	CHECK(X509_check_purpose(authority, X509_PURPOSE_SSL_SERVER, 1) == 1);
	CHECK(X509_check_purpose(authority, X509_PURPOSE_SMIME_SIGN, 1) == 0);
	CHECK(X509_check_purpose(authority, X509_PURPOSE_SSL_CLIENT, 1) == 0);
	CHECK(X509_get_key_usage(authority) == KU_KEY_CERT_SIGN);
	CHECK(X509_get_pathlen(authority) == 0);
	for (size_t i = 0; i < 2; i++) {
		static const int critical[] = { NID_name_constraints, NID_basic_constraints };

		CHECK(X509_EXTENSION_get_critical(X509_get_ext(authority, X509_get_ext_by_NID(authority, critical[i], -1))) == 1);
	}
	X509_free(authority);
	authority_clear(&made);
}

static void
it_lasts_397_days_and_no_longer(void)
{
	struct authority made = { .id = "" };
	X509 *leaf;
	int days, seconds;

	CHECK_INT(authority_make(time(NULL), &made), 0);
	leaf = pem_certificate(made.server);
	CHECK(ASN1_TIME_diff(&days, &seconds, X509_get0_notBefore(leaf), X509_get0_notAfter(leaf)) == 1);
	CHECK_INT(days, 396);
	CHECK_INT(seconds, 86399);
	CHECK(X509_cmp_current_time(X509_get0_notBefore(leaf)) < 0);
	X509_free(leaf);
	authority_clear(&made);
}

static void
two_have_nothing_in_common(void)
{
	struct authority one = { .id = "" }, other = { .id = "" };
	X509 *a, *b;

	CHECK_INT(authority_make(time(NULL), &one), 0);
	CHECK_INT(authority_make(time(NULL), &other), 0);
	CHECK(strcmp(one.id, other.id) != 0);
	a = pem_certificate(one.certificate);
	b = pem_certificate(other.server);
	CHECK(EVP_PKEY_eq(X509_get0_pubkey(a), X509_get0_pubkey(b)) != 1);
	CHECK(verdict(a, NULL, b, "localhost", NULL) != X509_V_OK);
	X509_free(b);
	b = pem_certificate(other.certificate);
	CHECK(EVP_PKEY_eq(X509_get0_pubkey(a), X509_get0_pubkey(b)) != 1);
	X509_free(a);
	X509_free(b);
	authority_clear(&one);
	authority_clear(&other);
}

TEST_MAIN(TEST_CASE(it_vouches_for_this_computer), TEST_CASE(with_its_key_no_other_name_could_be_had), TEST_CASE(a_subject_outside_our_own_is_refused),
    TEST_CASE(it_can_make_no_other_authority), TEST_CASE(it_is_good_for_servers_only), TEST_CASE(it_lasts_397_days_and_no_longer),
    TEST_CASE(two_have_nothing_in_common))
