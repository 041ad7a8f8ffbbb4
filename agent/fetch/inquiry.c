/* SPDX-License-Identifier: Apache-2.0 */
/* fetch/inquiry.c: OCSP by the certificate's authorityInfoAccess, then CRLs by its cRLDistributionPoints; the first that knows decides. */
#include "fetch/inquiry.h"

#include <stdlib.h>
#include <string.h>
#include <openssl/x509v3.h>

#include "base/err.h"
#include "fetch/cache.h"

#define ADDRESSES_MAX 4		/* of one kind in one certificate */
#define OCSP_KEPT_SECONDS 3600	/* a kept answer counts so long, and never beyond its nextUpdate */
#define CRL_KEPT_SECONDS (12 * 3600)

/* The way of one kind of answer. */
struct kind {
	const char *name;
	size_t max;
	time_t kept_seconds;
	int (*judge)(const struct inquiry *inquiry, int index, const unsigned char *der, size_t len, OCSP_REQUEST *request, time_t now,
	    struct revocation *ret_revocation);
};

static int
judge_ocsp(const struct inquiry *inquiry, int index, const unsigned char *der, size_t len, OCSP_REQUEST *request, time_t now,
    struct revocation *ret_revocation)
{
	return ocsp_judge(inquiry->trust, inquiry->chain, index, der, len, request, now, ret_revocation);
}

static int
judge_crl(const struct inquiry *inquiry, int index, const unsigned char *der, size_t len, OCSP_REQUEST *request, time_t now,
    struct revocation *ret_revocation)
{
	(void)request;
	return crl_judge(inquiry->trust, inquiry->chain, index, der, len, now, ret_revocation);
}

static const struct kind kind_ocsp = { "ocsp", OCSP_ANSWER_MAX, OCSP_KEPT_SECONDS, judge_ocsp };
static const struct kind kind_crl = { "crl", CRL_BYTES_MAX, CRL_KEPT_SECONDS, judge_crl };

/* --- what the certificate names --- */

static void
address_add(const GENERAL_NAME *name, char *urls[ADDRESSES_MAX], size_t *count)
{
	int type;
	const ASN1_STRING *value = GENERAL_NAME_get0_value(name, &type);
	const char *text;
	size_t len;

	if (type != GEN_URI || *count == ADDRESSES_MAX)
		return;
	text = (const char *)ASN1_STRING_get0_data(value);
	len = (size_t)ASN1_STRING_length(value);
	for (size_t i = 0; i < len; i++)
		if (text[i] <= ' ' || text[i] > '~')
			return;
	if (len > 0 && len <= FETCH_URL_MAX && (urls[*count] = strndup(text, len)) != NULL)
		(*count)++;
}

static size_t
ocsp_addresses(X509 *certificate, char *urls[ADDRESSES_MAX])
{
	AUTHORITY_INFO_ACCESS *access = X509_get_ext_d2i(certificate, NID_info_access, NULL, NULL);
	size_t count = 0;

	for (int i = 0; i < sk_ACCESS_DESCRIPTION_num(access); i++) {
		const ACCESS_DESCRIPTION *description = sk_ACCESS_DESCRIPTION_value(access, i);

		if (OBJ_obj2nid(description->method) == NID_ad_OCSP)
			address_add(description->location, urls, &count);
	}
	AUTHORITY_INFO_ACCESS_free(access);
	return count;
}

static size_t
crl_addresses(X509 *certificate, char *urls[ADDRESSES_MAX])
{
	CRL_DIST_POINTS *points = X509_get_ext_d2i(certificate, NID_crl_distribution_points, NULL, NULL);
	size_t count = 0;

	for (int i = 0; i < sk_DIST_POINT_num(points); i++) {
		const DIST_POINT *point = sk_DIST_POINT_value(points, i);

		/* Lists of another issuer, or of some reasons only, don't tell all. */
		if (point->CRLissuer != NULL || point->reasons != NULL || point->distpoint == NULL || point->distpoint->type != 0)
			continue;
		for (int k = 0; k < sk_GENERAL_NAME_num(point->distpoint->name.fullname); k++)
			address_add(sk_GENERAL_NAME_value(point->distpoint->name.fullname, k), urls, &count);
	}
	CRL_DIST_POINTS_free(points);
	return count;
}

static void
addresses_free(char *urls[ADDRESSES_MAX], size_t count)
{
	while (count > 0)
		free(urls[--count]);
}

/* --- one address --- */

static void
attempt_add(struct inquiry_result *result, const struct kind *kind, const char *url, const char *problem)
{
	cJSON *attempt = cJSON_CreateObject();

	cJSON_AddStringToObject(attempt, "source", kind->name);
	cJSON_AddStringToObject(attempt, "url", url);
	cJSON_AddStringToObject(attempt, "problem", problem);
	cJSON_AddItemToArray(result->attempts, attempt);
}

/* Both files of the cache are named by certificate and issuer, or by the list's address, which several certificates share. */
static void
name_of(const struct inquiry *inquiry, int index, const struct kind *kind, const char *url, char name[CACHE_NAME_MAX])
{
	unsigned char fingerprint[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	if (kind == &kind_crl)
		cache_name(kind->name, url, strlen(url), name);
	else if (X509_digest(sk_X509_value(inquiry->chain, index), EVP_sha256(), fingerprint, &len) == 1)
		cache_name(kind->name, fingerprint, len, name);
	else
		name[0] = '\0';
}

/*
 * What is kept counts while it is young and fresh.  A revocation that was good when it came is final (RFC 5280 section 5.3.1: only a hold
 * can be lifted), so that an old "good" that is played to us again does not undo it.
 */
static int
kept_judge(const struct inquiry *inquiry, int index, const struct kind *kind, const char *name, struct inquiry_result *result, bool *ret_known)
{
	unsigned char *data = NULL;
	struct revocation r;
	time_t kept;
	size_t len;
	bool young;
	int err;

	*ret_known = false;
	if (cache_get(inquiry->cache, name, kind->max, &data, &len, &kept) != 0)
		return 0;
	young = kept <= inquiry->now + CLOCK_TOLERANCE && kept > inquiry->now - kind->kept_seconds;
	err = kind->judge(inquiry, index, data, len, NULL, kept, &r);
	if (err == 0 && r.status != REVOCATION_REVOKED)
		err = kind->judge(inquiry, index, data, len, NULL, inquiry->now, &r);
	if (err == 0 && (r.status == REVOCATION_REVOKED || (r.status != REVOCATION_UNKNOWN && (young || inquiry->offline)))) {
		result->revocation = r;
		result->source = kind->name;
		result->kept = *ret_known = true;
	}
	free(data);
	return err;
}

static void
clock_compare(struct inquiry *inquiry, int64_t server)
{
	int64_t off = server != 0 ? (int64_t)time(NULL) - server : 0;

	if (off > CLOCK_TOLERANCE || off < -CLOCK_TOLERANCE)
		inquiry->clock_off = (long)off;
}

static int
address_ask(struct inquiry *inquiry, int index, const struct kind *kind, const char *url, const char *name, struct inquiry_result *result,
    bool *ret_known)
{
	struct fetch_request request = { .url = url, .max = kind->max, .deadline = inquiry->deadline, .media_type = "application/ocsp-request" };
	struct fetched fetched = { 0 };
	OCSP_REQUEST *question = NULL;
	unsigned char *body = NULL;
	struct revocation r;
	const char *problem = NULL;
	int err = 0, len;

	if (kind == &kind_ocsp) {
		if ((err = ocsp_request_make(inquiry->chain, index, &question)) != 0 || (len = i2d_OCSP_REQUEST(question, &body)) <= 0) {
			err = ERR_INTERNAL;
			goto out;
		}
		request.body = body;
		request.body_len = (size_t)len;
	}
	if ((err = fetch(&inquiry->fetch, &request, &fetched, &problem)) != 0) {
		err = err == ERR_REVOCATION_UNAVAILABLE ? 0 : err;
		goto out;
	}
	clock_compare(inquiry, fetched.date);
	if ((err = kind->judge(inquiry, index, fetched.data, fetched.len, question, inquiry->now, &r)) != 0)
		goto out;
	if ((problem = r.problem) == NULL) {
		result->revocation = r;
		result->source = kind->name;
		*ret_known = true;
		/* Who says when the next one comes lets this one be used till then. */
		if (r.next_update != 0)
			cache_put(inquiry->cache, name, fetched.data, fetched.len);
	}
out:
	if (err == 0 && problem != NULL)
		attempt_add(result, kind, url, problem);
	free(fetched.data);
	OPENSSL_free(body);
	OCSP_REQUEST_free(question);
	return err;
}

static int
kind_try(struct inquiry *inquiry, int index, const struct kind *kind, char *const *urls, size_t count, struct inquiry_result *result,
    bool *ret_known)
{
	char name[CACHE_NAME_MAX];
	int err = 0;

	for (size_t i = 0; err == 0 && !*ret_known && i < count; i++) {
		name_of(inquiry, index, kind, urls[i], name);
		err = kept_judge(inquiry, index, kind, name, result, ret_known);
	}
	for (size_t i = 0; err == 0 && !*ret_known && i < count; i++) {
		if (inquiry->offline) {
			attempt_add(result, kind, urls[i], "offline");
			continue;
		}
		name_of(inquiry, index, kind, urls[i], name);
		err = address_ask(inquiry, index, kind, urls[i], name, result, ret_known);
	}
	return err;
}

int
inquiry_run(struct inquiry *inquiry, int index, struct inquiry_result *ret_result)
{
	X509 *certificate = sk_X509_value(inquiry->chain, index);
	struct inquiry_result result = { .revocation = { .reason = -1 }, .attempts = cJSON_CreateArray() };
	char *ocsp[ADDRESSES_MAX], *crl[ADDRESSES_MAX];
	size_t ocsp_count = ocsp_addresses(certificate, ocsp), crl_count = crl_addresses(certificate, crl);
	bool known = false;
	int r;

	r = result.attempts == NULL ? ERR_INTERNAL : kind_try(inquiry, index, &kind_ocsp, ocsp, ocsp_count, &result, &known);
	if (r == 0 && !known)
		r = kind_try(inquiry, index, &kind_crl, crl, crl_count, &result, &known);
	if (r == 0 && !known)
		result.revocation.problem = ocsp_count + crl_count == 0 ? "no_address" : "no_answer";
	addresses_free(ocsp, ocsp_count);
	addresses_free(crl, crl_count);
	if (r != 0) {
		cJSON_Delete(result.attempts);
		return r;
	}
	*ret_result = result;
	return 0;
}
