/* SPDX-License-Identifier: Apache-2.0 */
/* test_trust.c: which chains lead to whom this machine trusts, and how it is called when they don't. */
#include "test.h"

#include <time.h>

#include "base/err.h"
#include "trust/revocation.h"
#include "unit/pki.h"

#define SIGNER_EXTENSIONS "basicConstraints=CA:FALSE", "keyUsage=critical,nonRepudiation,digitalSignature"

/* A root, an authority below it, and one person. */
struct chain_of_three {
	struct pki_party root, sub, leaf;
};

static struct chain_of_three
three_make(const struct pki_wish *sub, const struct pki_wish *leaf)
{
	struct chain_of_three three;
	struct pki_wish sub_wish = sub != NULL ? *sub : (struct pki_wish){ .extensions = { CA_EXTENSIONS } };
	struct pki_wish leaf_wish = leaf != NULL ? *leaf : (struct pki_wish){ .extensions = { SIGNER_EXTENSIONS } };

	three.root = pki_make(&(struct pki_wish){ .name = "Kök", .extensions = { CA_EXTENSIONS } });
	sub_wish.name = "Alt";
	sub_wish.issuer = &three.root;
	three.sub = pki_make(&sub_wish);
	leaf_wish.name = "Ayşe";
	leaf_wish.issuer = &three.sub;
	three.leaf = pki_make(&leaf_wish);
	return three;
}

static void
three_free(struct chain_of_three *three)
{
	pki_free(&three->root);
	pki_free(&three->sub);
	pki_free(&three->leaf);
}

static struct trust *
trust_of(X509 *const *certificates)
{
	struct trust *trust = NULL;
	char *pem = pki_pem(certificates);

	CHECK_INT(trust_new(pem, strlen(pem), &trust), 0);
	free(pem);
	return trust;
}

/* What comes of the leaf with root and sub given, as "REASON@depth" or "good". */
static const char *
judged(const struct chain_of_three *three, enum trust_purpose purpose, time_t at, int *ret_count)
{
	static char text[80];
	struct trust *trust = trust_of((X509 *[]){ three->root.certificate, three->sub.certificate, NULL });
	struct trust_chain chain = { 0 };

	CHECK_INT(trust_check(trust, three->leaf.certificate, NULL, purpose, at, &chain), 0);
	if (chain.reason == NULL)
		snprintf(text, sizeof(text), "good");
	else
		snprintf(text, sizeof(text), "%s@%d", chain.reason, chain.depth);
	CHECK(chain.reason == NULL || chain.detail != NULL);
	if (ret_count != NULL)
		*ret_count = sk_X509_num(chain.certificates);
	trust_chain_clear(&chain);
	trust_free(trust);
	return text;
}

static void
a_chain_of_three_leads_to_its_anchor(void)
{
	struct chain_of_three three = three_make(NULL, NULL);
	int count = 0;

	CHECK_STR(judged(&three, TRUST_SIGNING, time(NULL), &count), "good");
	CHECK_INT(count, 3);
	three_free(&three);
}

static void
an_authority_in_between_may_come_along_and_proves_nothing(void)
{
	struct chain_of_three three = three_make(NULL, NULL);
	struct trust *root_only = trust_of((X509 *[]){ three.root.certificate, NULL });
	struct trust *sub_only = trust_of((X509 *[]){ three.sub.certificate, NULL });
	STACK_OF(X509) *extra = sk_X509_new_null();
	struct trust_chain chain = { 0 };

	CHECK_INT(trust_anchors_count(root_only), 1);
	CHECK_INT(trust_anchors_count(sub_only), 0);
	CHECK_INT(sk_X509_num(trust_intermediates(sub_only)), 1);
	CHECK_INT(trust_check(root_only, three.leaf.certificate, NULL, TRUST_SIGNING, time(NULL), &chain), 0);
	CHECK_STR(chain.reason, "NO_CERTIFICATE_CHAIN_FOUND");
	CHECK(!chain.anchored);
	trust_chain_clear(&chain);
	sk_X509_push(extra, three.sub.certificate);
	CHECK_INT(trust_check(root_only, three.leaf.certificate, extra, TRUST_SIGNING, time(NULL), &chain), 0);
	CHECK(chain.reason == NULL && chain.anchored);
	trust_chain_clear(&chain);
	/* A root that only comes along is nobody's. */
	sk_X509_push(extra, three.root.certificate);
	CHECK_INT(trust_check(sub_only, three.leaf.certificate, extra, TRUST_SIGNING, time(NULL), &chain), 0);
	CHECK_STR(chain.reason, "NO_CERTIFICATE_CHAIN_FOUND");
	trust_chain_clear(&chain);
	sk_X509_free(extra);
	trust_free(root_only);
	trust_free(sub_only);
	three_free(&three);
}

static void
without_anchors_nobody_is_trusted(void)
{
	struct chain_of_three three = three_make(NULL, NULL);
	struct trust_chain chain = { 0 };
	struct trust *trust = NULL;

	CHECK_INT(trust_read(-1, &trust), 0);
	CHECK_INT(trust_check(trust, three.root.certificate, NULL, TRUST_SIGNING, time(NULL), &chain), 0);
	CHECK_STR(chain.reason, "NO_CERTIFICATE_CHAIN_FOUND");
	trust_chain_clear(&chain);
	trust_free(trust);
	three_free(&three);
}

static void
each_broken_rule_has_its_name(void)
{
	time_t now = time(NULL);
	const struct {
		const char *expected;
		struct pki_wish sub, leaf;
	} cases[] = {
		{ "EXPIRED@0", { .extensions = { CA_EXTENSIONS } }, { .extensions = { SIGNER_EXTENSIONS }, .starts = now - 9 * DAY, .ends = now - DAY } },
		{ "NOT_YET_VALID@0", { .extensions = { CA_EXTENSIONS } }, { .extensions = { SIGNER_EXTENSIONS }, .starts = now + DAY } },
		{ "OUT_OF_BOUNDS_NO_POE@1", { .extensions = { CA_EXTENSIONS }, .starts = now - 9 * DAY, .ends = now - DAY },
		    { .extensions = { SIGNER_EXTENSIONS } } },
		{ "CHAIN_CONSTRAINTS_FAILURE@1", { .extensions = { "basicConstraints=CA:FALSE" } }, { .extensions = { SIGNER_EXTENSIONS } } },
		{ "CHAIN_CONSTRAINTS_FAILURE@0", { .extensions = { CA_EXTENSIONS } }, { .extensions = { "keyUsage=critical,keyEncipherment" } } },
		{ "CHAIN_CONSTRAINTS_FAILURE@0", { .extensions = { CA_EXTENSIONS } }, { .extensions = { SIGNER_EXTENSIONS }, .version = -1 } },
		{ "CHAIN_CONSTRAINTS_FAILURE@0", { .extensions = { CA_EXTENSIONS } }, { .extensions = { SIGNER_EXTENSIONS }, .serial = -5 } },
		{ "CHAIN_CONSTRAINTS_FAILURE@0", { .extensions = { CA_EXTENSIONS } },
		    { .extensions = { SIGNER_EXTENSIONS, "1.2.3.4=critical,ASN1:NULL" } } },
		{ "CRYPTO_CONSTRAINTS_FAILURE_NO_POE@0", { .extensions = { CA_EXTENSIONS } }, { .extensions = { SIGNER_EXTENSIONS }, .rsa_bits = 1024 } },
		{ "CRYPTO_CONSTRAINTS_FAILURE_NO_POE@0", { .extensions = { CA_EXTENSIONS } }, { .extensions = { SIGNER_EXTENSIONS }, .md = EVP_sha1() } },
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct chain_of_three three = three_make(&cases[i].sub, &cases[i].leaf);
		const char *got = judged(&three, TRUST_SIGNING, now, NULL);

		CHECK_MSG(strcmp(got, cases[i].expected) == 0, "case %zu: %s, not %s", i, got, cases[i].expected);
		three_free(&three);
	}
}

static void
dates_are_judged_at_the_time_asked_for(void)
{
	time_t now = time(NULL);
	struct chain_of_three three = three_make(NULL, &(struct pki_wish){ .extensions = { SIGNER_EXTENSIONS }, .starts = now - DAY / 2,
		.ends = now + DAY });
	int count = 0;

	CHECK_STR(judged(&three, TRUST_SIGNING, now, NULL), "good");
	CHECK_STR(judged(&three, TRUST_SIGNING, now + 2 * DAY, &count), "EXPIRED@0");
	CHECK_INT(count, 3);
	CHECK_STR(judged(&three, TRUST_SIGNING, now - DAY * 3 / 4, NULL), "NOT_YET_VALID@0");
	three_free(&three);
}

static void
a_forged_signature_is_no_chain(void)
{
	struct chain_of_three three = three_make(NULL, NULL), other = three_make(NULL, NULL);
	struct trust *trust = trust_of((X509 *[]){ other.root.certificate, other.sub.certificate, NULL });
	struct trust_chain chain = { 0 };

	/* The names are the same, the keys are not. */
	CHECK_INT(trust_check(trust, three.leaf.certificate, NULL, TRUST_SIGNING, time(NULL), &chain), 0);
	CHECK(chain.reason != NULL && !chain.anchored);
	trust_chain_clear(&chain);
	trust_free(trust);
	three_free(&three);
	three_free(&other);
}

static void
purposes_are_kept_apart(void)
{
	static const struct {
		const char *usage;
		enum trust_purpose purpose;
		bool good;
	} cases[] = {
		{ "extendedKeyUsage=critical,timeStamping", TRUST_TIME_STAMPING, true },
		{ "extendedKeyUsage=timeStamping", TRUST_TIME_STAMPING, false },
		{ "extendedKeyUsage=critical,timeStamping,clientAuth", TRUST_TIME_STAMPING, false },
		{ "extendedKeyUsage=OCSPSigning", TRUST_TIME_STAMPING, false },
		{ "extendedKeyUsage=OCSPSigning", TRUST_OCSP_SIGNING, true },
		{ "extendedKeyUsage=anyExtendedKeyUsage", TRUST_OCSP_SIGNING, false },
		{ "subjectKeyIdentifier=hash", TRUST_OCSP_SIGNING, false },
		{ "subjectKeyIdentifier=hash", TRUST_TIME_STAMPING, false },
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct chain_of_three three = three_make(NULL, &(struct pki_wish){ .extensions = { "keyUsage=critical,digitalSignature", cases[i].usage } });

		CHECK_MSG((strcmp(judged(&three, cases[i].purpose, time(NULL), NULL), "good") == 0) == cases[i].good, "case %zu", i);
		three_free(&three);
	}
}

static void
bad_bytes_are_refused(void)
{
	static const char broken[] = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
	struct trust *trust = NULL;

	CHECK_INT(trust_new(broken, strlen(broken), &trust), ERR_INVALID_PARAMS);
	CHECK_INT(trust_new(broken, TRUST_BYTES_MAX + 1, &trust), ERR_TOO_LARGE);
	CHECK(trust == NULL);
	CHECK_INT(trust_new("just words\n", 11, &trust), 0);
	trust_free(trust);
}

static void
old_digests_protect_no_answer(void)
{
	static const struct {
		int algorithm;
		bool weak;
	} cases[] = {
		{ NID_ecdsa_with_SHA1, true }, { NID_sha1WithRSAEncryption, true }, { NID_md5WithRSAEncryption, true }, { NID_sha256, true },
		{ NID_ecdsa_with_SHA256, false }, { NID_ecdsa_with_SHA384, false }, { NID_sha512WithRSAEncryption, false }, { NID_rsassaPss, false },
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		X509_ALGOR *algorithm = X509_ALGOR_new();

		X509_ALGOR_set0(algorithm, OBJ_nid2obj(cases[i].algorithm), V_ASN1_NULL, NULL);
		CHECK_MSG(revocation_weak(algorithm) == cases[i].weak, "case %zu", i);
		X509_ALGOR_free(algorithm);
	}
}

TEST_MAIN(TEST_CASE(a_chain_of_three_leads_to_its_anchor), TEST_CASE(an_authority_in_between_may_come_along_and_proves_nothing),
    TEST_CASE(without_anchors_nobody_is_trusted), TEST_CASE(each_broken_rule_has_its_name), TEST_CASE(dates_are_judged_at_the_time_asked_for),
    TEST_CASE(a_forged_signature_is_no_chain), TEST_CASE(purposes_are_kept_apart), TEST_CASE(bad_bytes_are_refused), TEST_CASE(old_digests_protect_no_answer))
