/* SPDX-License-Identifier: Apache-2.0 */
/* health/trust.c: whose the certificate is and whether it is revoked, by the findings of certificate.validate; and the clock beside a server's. */
#include "health/checks.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"

static const char *const each[] = { "certificate_trusted", "certificate_revoked", "certificate_suspended", "clock_agrees", "revocation_answers" };

static bool
has_reason(const cJSON *result, const char *code)
{
	const cJSON *reason;

	cJSON_ArrayForEach(reason, json_member(result, "reasons"))
		if (strcmp(json_string(reason, "code"), code) == 0)
			return true;
	return false;
}

/* The certificate's own revocation: what is known, and where nobody answered. */
static void
revocation_check(struct health *h, const char *what, const cJSON *revocation, bool asked)
{
	const char *status = json_string(revocation, "status"), *source = json_string(revocation, "source");
	const cJSON *attempt;

	if (strcmp(status, "unknown") != 0) {
		report_tell(h->report, "certificate_revoked", strcmp(status, "revoked") == 0 ? "revoked" : "ok", "%s: %s by %s", what, status, source);
		report_tell(h->report, "certificate_suspended", strcmp(status, "suspended") == 0 ? "suspended" : "ok", "%s: %s by %s", what, status, source);
	}
	if (!asked)
		return;
	cJSON_ArrayForEach(attempt, json_member(revocation, "attempts"))
		report_tell(h->report, "revocation_answers", strcmp(status, "unknown") == 0 ? "silent" : "ok", "%s: %s", json_string(attempt, "url"),
		    json_string(attempt, "problem"));
	if (strcmp(status, "unknown") != 0)
		report_tell(h->report, "revocation_answers", "ok", "%s answered", source);
}

void
check_trust(struct health *h)
{
	const cJSON *result = h->validation, *link = cJSON_GetArrayItem(json_member(result, "chain"), 0);
	const cJSON *revocation = json_member(link, "revocation");
	char what[32];
	bool asked = h->options.deep && h->options.network, nobody = has_reason(result, "NO_TRUST_ANCHORS");

	snprintf(what, sizeof(what), "certificate %.8s", result != NULL ? json_string(result, "certificate") : "");
	if (result != NULL && !nobody)
		report_tell(h->report, "certificate_trusted", json_true(result, "anchored") ? "ok" : "untrusted", "%s", what);
	if (revocation != NULL)
		revocation_check(h, what, revocation, asked);
	if (asked && json_member(result, "clockOff") != NULL)
		report_tell(h->report, "clock_agrees", "differs", "%d s ahead", (int)json_integer(result, "clockOff", 0));
	else if (asked && revocation != NULL && strcmp(json_string(revocation, "status"), "unknown") != 0 && !json_true(revocation, "cached"))
		report_tell(h->report, "clock_agrees", "ok", "%s", "at most 300 s apart");
	for (size_t i = 0; i < sizeof(each) / sizeof(each[0]); i++)
		report_skip(h->report, each[i], result == NULL ? "no_certificate" : nobody ? "no_anchors" : "not_asked", "%s", "");
}
