/* SPDX-License-Identifier: Apache-2.0 */
/* fetch/validate.c: puts the chain and what was heard of revocation together: valid, invalid, or nobody knows, and why. */
#include "fetch/validate.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "fetch/inquiry.h"
#include "trust/certificates.h"

#define EXTRA_MAX 16		/* certificates of the card */
#define HOSTS_MAX 1000
#define SECONDS_MAX 25		/* for all that is fetched */

enum verdict { VALID, INDETERMINATE, INVALID };

struct validation {
	struct trust *trust;
	X509 *certificate;
	STACK_OF(X509) *extra;
	struct trust_chain chain;
	struct inquiry inquiry;
	const char *hosts[HOSTS_MAX];
	time_t at;
	enum verdict verdict;
	cJSON *entries, *reasons;
};

static const char *const verdicts[] = { "valid", "indeterminate", "invalid" };
static const char *const statuses[] = { "unknown", "good", "revoked", "suspended" };
/* RFC 5280 section 5.3.1; 7 is not used. */
static const char *const revocation_reasons[] = { "unspecified", "keyCompromise", "cACompromise", "affiliationChanged", "superseded",
	"cessationOfOperation", "certificateHold", NULL, "removeFromCRL", "privilegeWithdrawn", "aACompromise" };

static void
time_add(cJSON *object, const char *name, time_t time)
{
	char text[sizeof("2026-11-24T08:30:00Z") + 16];
	struct tm tm;

	if (time != 0 && gmtime_r(&time, &tm) != NULL && strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm) == sizeof("2026-11-24T08:30:00Z") - 1)
		cJSON_AddStringToObject(object, name, text);
}

static void
reason_add(struct validation *v, enum verdict verdict, const char *code, int depth, const char *detail)
{
	cJSON *reason = cJSON_CreateObject();

	cJSON_AddStringToObject(reason, "code", code);
	cJSON_AddNumberToObject(reason, "depth", depth);
	if (detail != NULL)
		cJSON_AddStringToObject(reason, "detail", detail);
	cJSON_AddItemToArray(v->reasons, reason);
	if (verdict > v->verdict)
		v->verdict = verdict;
}

/* --- the request --- */

static int
extra_read(struct validation *v, const cJSON *list)
{
	const cJSON *item;

	if (cJSON_GetArraySize(list) > EXTRA_MAX || (v->extra = sk_X509_new_null()) == NULL)
		return ERR_INVALID_PARAMS;
	cJSON_ArrayForEach(item, list) {
		X509 *certificate = NULL;

		/* What a card holds besides may be anything. */
		if (certificate_from_json(item, &certificate) != 0)
			continue;
		if (sk_X509_push(v->extra, certificate) <= 0) {
			X509_free(certificate);
			return ERR_INTERNAL;
		}
	}
	return 0;
}

static void
fetch_read(struct validation *v, const cJSON *request)
{
	const cJSON *host;
	int64_t seconds = json_integer(request, "seconds", SECONDS_MAX);
	size_t count = 0;

	cJSON_ArrayForEach(host, json_member(request, "hosts"))
		if (cJSON_IsString(host) && count < HOSTS_MAX)
			v->hosts[count++] = host->valuestring;
	v->inquiry.fetch = (struct fetch_settings){ v->hosts, count, json_string(request, "proxy") };
	v->inquiry.offline = json_true(request, "offline");
	v->inquiry.deadline = clock_ms() + 1000 * (seconds > 0 && seconds < SECONDS_MAX ? seconds : SECONDS_MAX);
}

static int
validation_read(struct validation *v, struct helper_call *call)
{
	int fd = helper_take_fd(call, 0), r = trust_read(fd, &v->trust);

	if (fd >= 0)
		close(fd);
	if ((v->inquiry.now = time(NULL)) == (time_t)-1)
		return ERR_INTERNAL;
	v->at = json_member(call->request, "at") != NULL ? (time_t)json_integer(call->request, "at", -1) : v->inquiry.now;
	if (v->at < 0)
		return ERR_INVALID_PARAMS;
	if (r == 0)
		r = certificate_from_json(json_member(call->request, "certificate"), &v->certificate);
	if (r == 0)
		r = extra_read(v, json_member(call->request, "extra"));
	if (r == 0)
		fetch_read(v, call->request);
	return r;
}

/* --- the findings --- */

static cJSON *
revocation_to_json(const struct inquiry_result *result)
{
	const struct revocation *r = &result->revocation;
	cJSON *json = cJSON_CreateObject();

	cJSON_AddStringToObject(json, "status", statuses[r->status]);
	if (r->problem != NULL)
		cJSON_AddStringToObject(json, "problem", r->problem);
	if (result->source != NULL) {
		cJSON_AddStringToObject(json, "source", result->source);
		cJSON_AddBoolToObject(json, "cached", result->kept);
	}
	time_add(json, "producedAt", r->produced_at);
	time_add(json, "thisUpdate", r->this_update);
	time_add(json, "nextUpdate", r->next_update);
	time_add(json, "revokedAt", r->revoked_at);
	if (r->reason >= 0 && (size_t)r->reason < sizeof(revocation_reasons) / sizeof(revocation_reasons[0]) && revocation_reasons[r->reason] != NULL)
		cJSON_AddStringToObject(json, "reason", revocation_reasons[r->reason]);
	cJSON_AddItemToObject(json, "attempts", cJSON_Duplicate(result->attempts, true));
	return json;
}

/* What one certificate's revocation means for the whole, at the time asked for. */
static void
revocation_weigh(struct validation *v, int index, const struct inquiry_result *result)
{
	const struct revocation *r = &result->revocation;
	time_t ends = revocation_time(X509_get0_notAfter(sk_X509_value(v->chain.certificates, index)));
	bool before = r->revoked_at != 0 && v->at < r->revoked_at;

	switch (r->status) {
	case REVOCATION_REVOKED:
		if (!before)
			reason_add(v, INVALID, index == 0 ? "REVOKED" : "REVOKED_CA_NO_POE", index, NULL);
		break;
	case REVOCATION_SUSPENDED:
		if (!before)
			reason_add(v, INVALID, "SUSPENDED", index, NULL);
		break;
	case REVOCATION_GOOD:
		/* Once it has expired nobody needs to tell any more that it was revoked (RFC 5280 section 3.3). */
		if (v->at <= ends && r->this_update > ends)
			reason_add(v, INDETERMINATE, "REVOCATION_OUT_OF_BOUNDS_NO_POE", index, NULL);
		break;
	case REVOCATION_UNKNOWN:
		reason_add(v, INDETERMINATE, "TRY_LATER", index, r->problem);
		break;
	}
	if (r->responder_unchecked)
		reason_add(v, VALID, "RESPONDER_NOT_CHECKED", index, NULL);
}

static int
entry_add(struct validation *v, int index, bool anchor)
{
	cJSON *entry = cJSON_CreateObject();
	unsigned char *der = NULL;
	int len = i2d_X509(sk_X509_value(v->chain.certificates, index), &der), r = 0;
	struct inquiry_result result;

	if (entry == NULL || len <= 0) {
		cJSON_Delete(entry);
		return ERR_INTERNAL;
	}
	json_add_base64(entry, "der", der, (size_t)len);
	OPENSSL_free(der);
	cJSON_AddBoolToObject(entry, "anchor", anchor);
	/* Only a chain that leads to an anchor says whom we may ask. */
	if (v->chain.anchored && !anchor && (r = inquiry_run(&v->inquiry, index, &result)) == 0) {
		cJSON_AddItemToObject(entry, "revocation", revocation_to_json(&result));
		revocation_weigh(v, index, &result);
		cJSON_Delete(result.attempts);
	}
	cJSON_AddItemToArray(v->entries, entry);
	return r;
}

static int
chain_judge(struct validation *v)
{
	const char *reason;
	int r = trust_check(v->trust, v->certificate, v->extra, TRUST_SIGNING, v->at, &v->chain), count;

	if (r != 0)
		return r;
	if ((reason = v->chain.reason) != NULL) {
		bool dates = strcmp(reason, "EXPIRED") == 0 || strcmp(reason, "NOT_YET_VALID") == 0;

		reason_add(v, dates ? INVALID : INDETERMINATE, reason, v->chain.depth, v->chain.detail);
	}
	v->inquiry.trust = v->trust;
	v->inquiry.chain = v->chain.certificates;
	count = sk_X509_num(v->chain.certificates);
	for (int i = 0; r == 0 && i < count; i++)
		r = entry_add(v, i, v->chain.anchored && i == count - 1);
	return r;
}

int
validate(struct helper_call *call, int cache, cJSON **ret_result)
{
	struct validation *v = calloc(1, sizeof(*v));
	cJSON *result = NULL;
	int r;

	if (v == NULL)
		return ERR_INTERNAL;
	v->inquiry.cache = cache;
	v->entries = cJSON_CreateArray();
	v->reasons = cJSON_CreateArray();
	if ((r = validation_read(v, call)) != 0 || (r = chain_judge(v)) != 0)
		goto out;
	if (v->inquiry.clock_off != 0)
		reason_add(v, VALID, "CLOCK_WRONG", 0, NULL);
	if ((result = cJSON_CreateObject()) == NULL) {
		r = ERR_INTERNAL;
		goto out;
	}
	cJSON_AddStringToObject(result, "status", verdicts[v->verdict]);
	time_add(result, "at", v->at);
	cJSON_AddBoolToObject(result, "anchored", v->chain.anchored);
	cJSON_AddNumberToObject(result, "anchors", (double)trust_anchors_count(v->trust));
	if (v->inquiry.clock_off != 0)
		cJSON_AddNumberToObject(result, "clockOff", (double)v->inquiry.clock_off);
	cJSON_AddItemToObject(result, "chain", v->entries);
	cJSON_AddItemToObject(result, "reasons", v->reasons);
	v->entries = v->reasons = NULL;
	*ret_result = result;
out:
	cJSON_Delete(v->entries);
	cJSON_Delete(v->reasons);
	trust_chain_clear(&v->chain);
	trust_free(v->trust);
	X509_free(v->certificate);
	sk_X509_pop_free(v->extra, X509_free);
	free(v);
	return r;
}
