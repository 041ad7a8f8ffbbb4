/* SPDX-License-Identifier: Apache-2.0 */
/* health/checks.h: the facts that a run has gathered, and the checks that judge them; inside health/. */
#ifndef HEALTH_CHECKS_H
#define HEALTH_CHECKS_H

#include "health/health.h"
#include "health/probe.h"
#include "health/report.h"

#define HEALTH_CERTIFICATES_MAX 64

/* What came of asking a module for its tokens. */
struct health_module {
	const char *path, *name;
	bool asked;		/* false: it could not even be started */
	int err;
	char *detail;		/* its own words; NULL: it died or was late without any */
	bool certificates_failed;
};

struct health_certificate {
	struct certificate *certificate;
	const cJSON *token, *entry;	/* borrowed from tokens */
	bool may_sign;			/* by its kind, whatever the date */
	char what[80];			/* how it is told of: no name, no number of a person */
};

struct health {
	struct services *services;
	struct health_options options;
	struct report *report;
	struct pcsc_snapshot pcsc;
	bool probed;			/* all of probe is there */
	bool ports_known;		/* all but PC/SC is */
	struct probe_result probe;
	struct health_module *modules;
	size_t modules_count;
	cJSON *tokens;			/* as devices_list() gives them */
	struct health_certificate certificates[HEALTH_CERTIFICATES_MAX];
	size_t certificates_count, certificates_damaged;
	time_t now;
	cJSON *validation;		/* of the certificate that would sign, as certificate.validate has it; NULL: there is none */
	/* A deep run's way to a signature. */
	bool way_tried;
	const char *way_outcome;	/* NULL: not come to an end */
	char way_measured[120];
};

/* Each judges one part and tells the report. */
void check_service(struct health *health);
void check_readers(struct health *health);
void check_cards(struct health *health);
void check_modules(struct health *health);
void check_certificates(struct health *health);
void check_trust(struct health *health);
void check_agent(struct health *health);
void check_folders(struct health *health);
void check_clock(struct health *health);
void check_browsers(struct health *health);
void check_tls(struct health *health);
void check_deep(struct health *health);

/* Whether this reader (a name) is one that the run looks at. */
bool health_looks_at(const struct health *health, const char *reader);

/* Whether this computer's clock can't be right: what a certificate's dates say is then no fault of the certificate. */
bool health_clock_is_behind(const struct health *health);

/* Whether any token lives in software, so that nothing of PC/SC is needed. */
bool health_has_software_token(const struct health *health);

/* A path below options.root; the caller frees it. */
char *health_path(const struct health *health, const char *path);

/* The size of a file below a limit, and its content (terminated, the caller frees it); NULL when it can't be read. */
char *health_file(const char *path, size_t max, size_t *ret_len);

#endif
