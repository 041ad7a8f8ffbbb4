/* SPDX-License-Identifier: Apache-2.0 */
/* health/certificate.c: the certificates on the cards, told of by the start of their fingerprint and never by whose they are. */
#include "health/checks.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/err.h"
#include "base/json.h"

#define RSA_BITS_MIN 2048	/* since 2020; SOG-IS says the same */
#define EC_BITS_MIN 256
#define DAY_CHARACTERS 10	/* of an ISO 8601 time */

static time_t
seconds_of(const char *text)
{
	struct tm tm = { 0 };

	return strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm) != NULL ? timegm(&tm) : 0;
}

static void
key_check(struct health *h, const struct health_certificate *c)
{
	const cJSON *has_key = json_member(c->entry, "hasKey");
	unsigned bits;
	const char *type = certificate_key_type(c->certificate, &bits);
	bool weak = strcmp(type, "rsa") == 0 ? bits < RSA_BITS_MIN : bits < EC_BITS_MIN;

	if (cJSON_IsBool(has_key))
		report_tell(h->report, "certificate_key", cJSON_IsTrue(has_key) ? "ok" : "missing", "%s", c->what);
	report_tell(h->report, "certificate_strength", strcmp(type, "other") == 0 ? "unsupported" : weak ? "weak" : "ok", "%s: %s, %u bit",
	    c->what, type, bits);
}

/* Signature certificates of one person that end on different days: the renewal left the old one on the card. */
static void
renewed_check(struct health *h)
{
	bool two = false;

	for (size_t i = 0; i < h->certificates_count && !two; i++)
		for (size_t k = 0; k < i && !two; k++) {
			const struct health_certificate *a = &h->certificates[i], *b = &h->certificates[k];
			const char *number = certificate_identity_number(a->certificate);

			two = a->may_sign && b->may_sign && *number != '\0' && strcmp(number, certificate_identity_number(b->certificate)) == 0 &&
			    strncmp(certificate_not_after(a->certificate), certificate_not_after(b->certificate), DAY_CHARACTERS) != 0;
			if (two)
				report_tell(h->report, "certificate_renewed", "two", "%s and %s", a->what, b->what);
		}
	if (!two)
		report_tell(h->report, "certificate_renewed", "ok", "%zu certificates", h->certificates_count);
}

/* Dates count only where no certificate is good: an old one beside a new one is no fault. */
static void
dates_check(struct health *h)
{
	const struct health_certificate *best = NULL;
	size_t expired = 0, future = 0, good = 0;

	for (size_t i = 0; i < h->certificates_count; i++) {
		const struct health_certificate *c = &h->certificates[i];
		int r = certificate_may_sign(c->certificate, h->now);

		good += r == 0;
		expired += r == ERR_CERTIFICATE_EXPIRED;
		future += r == ERR_CERTIFICATE_NOT_YET_VALID;
		if (r == 0 && (best == NULL || strcmp(certificate_not_after(c->certificate), certificate_not_after(best->certificate)) > 0))
			best = c;
		if (c->may_sign)
			report_figure(h->report, "certificate_not_after_seconds", c->what, (double)seconds_of(certificate_not_after(c->certificate)));
	}
	report_tell(h->report, "certificate_expired", good == 0 && expired > 0 ? "expired" : "ok", "%zu good, %zu expired", good, expired);
	report_tell(h->report, "certificate_started", good == 0 && future > 0 ? "future" : "ok", "%zu good, %zu to come", good, future);
	if (best != NULL) {
		long days = (long)(seconds_of(certificate_not_after(best->certificate)) - h->now) / 86400;

		report_tell(h->report, "certificate_expiring", days <= CERTIFICATE_EXPIRING_DAYS ? "soon" : "ok", "%s: until %.10s, %ld days",
		    best->what, certificate_not_after(best->certificate), days);
	} else {
		report_skip(h->report, "certificate_expiring", "no_certificate", "%s", "");
	}
}

static void
readable_check(struct health *h)
{
	bool failed = false;

	for (size_t i = 0; i < h->modules_count; i++)
		if (h->modules[i].certificates_failed) {
			failed = true;
			report_tell(h->report, "certificate_readable", "fails", "%s: %s", h->modules[i].name, err_reason(h->modules[i].err));
		}
	if (!failed)
		report_tell(h->report, "certificate_readable", h->certificates_damaged > 0 ? "damaged" : "ok", "%zu read, %zu damaged",
		    h->certificates_count, h->certificates_damaged);
	if (failed)
		report_skip(h->report, "certificate_present", "unknown", "%s", "");
	else
		report_tell(h->report, "certificate_present", h->certificates_count + h->certificates_damaged > 0 ? "ok" : "none",
		    "%zu certificates", h->certificates_count);
}

void
check_certificates(struct health *h)
{
	static const char *const each[] = { "certificate_readable", "certificate_present", "certificate_kind", "certificate_qualified",
		"certificate_expired", "certificate_started", "certificate_expiring", "certificate_key", "certificate_strength", "certificate_renewed" };
	static const char *const dates[] = { "certificate_expired", "certificate_started", "certificate_expiring" };
	bool tokens = cJSON_GetArraySize(h->tokens) > 0;
	size_t signing = 0, qualified = 0;

	for (size_t i = 0; i < h->certificates_count; i++) {
		const struct health_certificate *c = &h->certificates[i];

		signing += c->may_sign;
		qualified += c->may_sign && certificate_is_qualified(c->certificate);
		if (c->may_sign)
			key_check(h, c);
	}
	if (tokens)
		readable_check(h);
	if (h->certificates_count > 0)
		report_tell(h->report, "certificate_kind", signing > 0 ? "ok" : "wrong", "%zu of %zu for signing", signing, h->certificates_count);
	for (size_t i = 0; health_clock_is_behind(h) && i < sizeof(dates) / sizeof(dates[0]); i++)
		report_skip(h->report, dates[i], "clock", "%s", "");
	if (signing > 0) {
		report_tell(h->report, "certificate_qualified", qualified > 0 ? "ok" : "none", "%zu of %zu qualified", qualified, signing);
		if (!health_clock_is_behind(h))
			dates_check(h);
		renewed_check(h);
	}
	for (size_t i = 0; i < sizeof(each) / sizeof(each[0]); i++)
		report_skip(h->report, each[i], !tokens ? "no_card" : signing > 0 ? "unknown" : "no_certificate", "%s", "");
}
