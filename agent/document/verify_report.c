/* SPDX-License-Identifier: Apache-2.0 */
/* document/verify_report.c: the certificate's chain and dates as reasons, and all that was found out as JSON. */
#include <string.h>
#include <openssl/err.h>

#include "base/err.h"
#include "base/json.h"
#include "document/verify.h"

#define CAUSE(name, cause) cause,
static const char *const causes[] = { REASON_LIST(CAUSE) };
#undef CAUSE

/* What a chain's finding (trust/trust.h) is called here. The dates of the certificate itself are judged below. */
static void
chain_reason_add(struct reasons *reasons, const char *name)
{
	static const struct {
		const char *name;
		enum reason reason;
	} known[] = {
		{ "NO_CERTIFICATE_CHAIN_FOUND", REASON_CHAIN_MISSING },
		{ "CHAIN_CONSTRAINTS_FAILURE", REASON_CHAIN_RULES },
		{ "CRYPTO_CONSTRAINTS_FAILURE_NO_POE", REASON_CHAIN_WEAK },
		{ "OUT_OF_BOUNDS_NO_POE", REASON_EXPIRED_SINCE },
	};

	if (strcmp(name, "EXPIRED") == 0 || strcmp(name, "NOT_YET_VALID") == 0)
		return;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(known[i].name, name) == 0) {
			reason_add(reasons, known[i].reason);
			return;
		}
	reason_add(reasons, REASON_CHAIN_BROKEN);
}

/* The certificate's own dates, now and at the time that the signature claims, which proves nothing in its favour. */
static void
dates_judge(const struct verification *verification, struct signature_facts *facts)
{
	time_t now = verification->now, claimed = facts->has_time ? facts->time : now;
	const ASN1_TIME *begin = X509_get0_notBefore(facts->certificate), *end = X509_get0_notAfter(facts->certificate);

	if (facts->has_time && claimed > now + VERIFY_CLOCK_SECONDS)
		reason_add(&facts->reasons, REASON_TIME_IN_FUTURE);
	if (ASN1_TIME_cmp_time_t(begin, claimed) > 0 || ASN1_TIME_cmp_time_t(begin, now) > 0)
		reason_add(&facts->reasons, REASON_NOT_YET_VALID_AT_SIGNING);
	if (ASN1_TIME_cmp_time_t(end, claimed) < 0)
		reason_add(&facts->reasons, REASON_EXPIRED_AT_SIGNING);
	else if (ASN1_TIME_cmp_time_t(end, now) < 0)
		reason_add(&facts->reasons, REASON_EXPIRED_SINCE);
}

static int
chain_judge(const struct verification *verification, struct signature_facts *facts, STACK_OF(X509) *extra, bool *ret_anchored, const char **ret_detail)
{
	struct trust_chain chain;
	int r;

	if ((r = trust_check(verification->trust, facts->certificate, extra, TRUST_SIGNING, verification->now, &chain)) != 0)
		return r;
	*ret_anchored = chain.anchored;
	if (chain.reason != NULL) {
		chain_reason_add(&facts->reasons, chain.reason);
		*ret_detail = chain.detail;
	}
	trust_chain_clear(&chain);
	return 0;
}

static bool
time_add(cJSON *json, time_t time)
{
	char text[sizeof("2026-11-24T08:30:00Z")];
	struct tm tm;

	/* Years that RFC 3339 has no digits for are left out. */
	return gmtime_r(&time, &tm) == NULL || tm.tm_year < -1900 || tm.tm_year > 8099 ||
	    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm) == 0 || cJSON_AddStringToObject(json, "time", text) != NULL;
}

static bool
reasons_add(cJSON *json, const struct reasons *reasons)
{
	cJSON *list = cJSON_AddArrayToObject(json, "reasons");

	for (int reason = 0; list != NULL && reason < REASON_COUNT; reason++)
		if (reason_stands(reasons, (enum reason)reason) && !cJSON_AddItemToArray(list, cJSON_CreateString(causes[reason])))
			return false;
	return list != NULL;
}

int
verification_report(struct verification *verification, struct signature_facts *facts, STACK_OF(X509) *extra, cJSON **ret_json)
{
	cJSON *json = cJSON_CreateObject();
	const char *detail = NULL;
	bool anchored = false;
	int r = json == NULL ? ERR_INTERNAL : 0;

	if (r == 0 && facts->certificate != NULL) {
		r = chain_judge(verification, facts, extra, &anchored, &detail);
		dates_judge(verification, facts);
	}
	if (r == 0 && (!reasons_add(json, &facts->reasons) ||
	    (facts->certificate != NULL && !json_add_base64(json, "certificate", facts->der->start, (size_t)(facts->der->end - facts->der->start))) ||
	    (facts->has_time && !time_add(json, facts->time)) ||
	    (facts->digest_name != NULL && cJSON_AddStringToObject(json, "digestAlgorithm", facts->digest_name) == NULL) ||
	    (detail != NULL && cJSON_AddStringToObject(json, "detail", detail) == NULL) ||
	    cJSON_AddBoolToObject(json, "anchored", anchored) == NULL || cJSON_AddBoolToObject(json, "bound", facts->bound) == NULL ||
	    cJSON_AddNumberToObject(json, "timeStamps", facts->time_stamps) == NULL ||
	    cJSON_AddNumberToObject(json, "counterSignatures", facts->counter_signatures) == NULL ||
	    !cJSON_AddItemToArray(verification->signatures, json)))
		r = ERR_INTERNAL;
	if (r != 0) {
		cJSON_Delete(json);
		return r;
	}
	ERR_clear_error();
	*ret_json = json;
	return 0;
}
