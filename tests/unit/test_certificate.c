/* SPDX-License-Identifier: Apache-2.0 */
/* test_certificate.c: a certificate is parsed once and shared, however many hold it and however many more come by. */
#include "test.h"

#include "base/err.h"
#include "devices/certificate.h"
#include "pki.h"

#define MANY 40		/* more than are kept */

static size_t
der_make(const char *name, unsigned char **ret_der)
{
	struct pki_party party = pki_make(&(struct pki_wish){ .name = name });
	int len;

	*ret_der = NULL;
	len = i2d_X509(party.certificate, ret_der);
	pki_must(len > 0, "DER");
	pki_free(&party);
	return (size_t)len;
}

static void
the_same_certificate_is_parsed_once(void)
{
	struct certificate *first = NULL, *second = NULL, *other = NULL;
	unsigned char *der, *other_der;
	size_t len = der_make("Çağla Şule Öğüt", &der), other_len = der_make("Başkası", &other_der);

	CHECK_INT(certificate_new(der, len, &first), 0);
	CHECK_INT(certificate_new(der, len, &second), 0);
	CHECK_INT(certificate_new(other_der, other_len, &other), 0);
	CHECK(first == second && other != first);
	CHECK_STR(certificate_owner(other), "Başkası");
	/* Whoever still holds it, has it. */
	certificate_free(first);
	certificates_forget();
	CHECK_STR(certificate_owner(second), "Çağla Şule Öğüt");
	certificate_free(second);
	certificate_free(other);
	OPENSSL_free(der);
	OPENSSL_free(other_der);
}

static void
one_that_others_pushed_out_is_still_its_holders(void)
{
	struct certificate *held = NULL, *passing = NULL, *again = NULL;
	unsigned char *der, *more;
	size_t len = der_make("tutulan", &der);
	char name[32];

	CHECK_INT(certificate_new(der, len, &held), 0);
	for (int i = 0; i < MANY; i++) {
		size_t more_len;

		snprintf(name, sizeof(name), "geçen %d", i);
		more_len = der_make(name, &more);
		CHECK_INT(certificate_new(more, more_len, &passing), 0);
		CHECK_STR(certificate_owner(passing), name);
		certificate_free(passing);
		OPENSSL_free(more);
	}
	CHECK_STR(certificate_owner(held), "tutulan");
	CHECK_INT(certificate_new(der, len, &again), 0);
	CHECK_STR(certificate_id(again), certificate_id(held));
	certificate_free(again);
	certificate_free(held);
	OPENSSL_free(der);
}

static void
what_is_no_certificate_is_not_kept(void)
{
	struct certificate *certificate = NULL;
	unsigned char *der;
	size_t len = der_make("kesik", &der);

	for (int i = 0; i < 2; i++) {
		CHECK_INT(certificate_new(der, len - 1, &certificate), ERR_CERTIFICATE_UNSUITABLE);
		CHECK_INT(certificate_new((const unsigned char *)"", 0, &certificate), ERR_CERTIFICATE_UNSUITABLE);
	}
	CHECK(certificate == NULL);
	OPENSSL_free(der);
}

static const struct test_case cases[] = {
	TEST_CASE(the_same_certificate_is_parsed_once), TEST_CASE(one_that_others_pushed_out_is_still_its_holders),
	TEST_CASE(what_is_no_certificate_is_not_kept),
};

int
main(void)
{
	int r = test_main(cases, COUNT_OF(cases));

	certificates_forget();
	return r;
}
