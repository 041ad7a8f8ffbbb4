/* SPDX-License-Identifier: Apache-2.0 */
/* health/report.h: the outcomes of a run's checks, with the texts of proto/health/checks.json. */
#ifndef HEALTH_REPORT_H
#define HEALTH_REPORT_H

#include <cjson/cJSON.h>

struct report;

/* An empty report. 0 or ERR_INTERNAL. Pair with report_free(). */
int report_new(struct report **ret_report);
void report_free(struct report *report);

/*
 * Tells an outcome of a check (both names from checks.json), and what was measured, in English.  A check may be told of several readers or
 * certificates: the worst outcome stays, what was measured is joined.
 */
void report_tell(struct report *report, const char *check, const char *outcome, const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Tells that a check was not made, with a reason's name from checks.json; what was told of it before stays. */
void report_skip(struct report *report, const char *check, const char *reason, const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Adds a figure for metrics. */
void report_figure(struct report *report, const char *name, const char *label, double value);

/* The hosts, and the folders where drivers are put, of checks.json; borrowed. */
const cJSON *report_hosts(const struct report *report);
const cJSON *report_folders(const struct report *report);

/* The result of reader.health; the caller frees it. Checks that nobody told of come as skipped for reason unknown. */
cJSON *report_result(struct report *report);
const cJSON *report_figures(const struct report *report);

#endif
