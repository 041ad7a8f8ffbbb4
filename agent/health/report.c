/* SPDX-License-Identifier: Apache-2.0 */
/* health/report.c: gathers outcomes by check; the worst one of a check gives its status and text. */
#include "health/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/embedded.h"
#include "base/err.h"
#include "base/json.h"
#include "base/log.h"

#define MEASURED_MAX 1000	/* bytes of all that was measured for a check */

enum rank { RANK_NONE, RANK_SKIPPED, RANK_OK, RANK_WARNING, RANK_FAILED };
static const char *const rank_names[] = { "skipped", "skipped", "ok", "warning", "failed" };

struct told {
	enum rank rank;
	const cJSON *outcome;	/* its text and remedy; NULL: reason */
	const cJSON *reason;
	char measured[MEASURED_MAX];
};

struct report {
	cJSON *catalogue, *figures;
	struct told *told;	/* as checks[] of the catalogue */
};

int
report_new(struct report **ret_report)
{
	struct report *report = calloc(1, sizeof(*report));

	if (report == NULL)
		return ERR_INTERNAL;
	for (size_t i = 0; i < embedded_files_count && report->catalogue == NULL; i++)
		if (strcmp(embedded_files[i].name, "health/checks.json") == 0)
			json_parse(embedded_files[i].data, embedded_files[i].len, &report->catalogue);
	report->figures = cJSON_CreateArray();
	report->told = calloc((size_t)cJSON_GetArraySize(json_member(report->catalogue, "checks")) + 1, sizeof(*report->told));
	if (report->catalogue == NULL || report->figures == NULL || report->told == NULL) {
		report_free(report);
		return ERR_INTERNAL;
	}
	*ret_report = report;
	return 0;
}

void
report_free(struct report *report)
{
	if (report == NULL)
		return;
	cJSON_Delete(report->catalogue);
	cJSON_Delete(report->figures);
	free(report->told);
	free(report);
}

/* The check's place and entry; NULL (and a log line: the code and the catalogue disagree) when there is none. */
static struct told *
told_find(struct report *report, const char *id, const cJSON **ret_check)
{
	const cJSON *check;
	size_t i = 0;

	cJSON_ArrayForEach(check, json_member(report->catalogue, "checks")) {
		if (strcmp(json_string(check, "id"), id) == 0) {
			*ret_check = check;
			return &report->told[i];
		}
		i++;
	}
	log_error("there is no check %s", id);
	return NULL;
}

static void
measured_join(struct told *told, const char *text)
{
	size_t len = strlen(told->measured);

	snprintf(told->measured + len, sizeof(told->measured) - len, "%s%s", len > 0 && *text != '\0' ? "; " : "", text);
	/* Cut inside a character: the rest of it goes too. */
	if (strlen(told->measured) + 1 == sizeof(told->measured))
		for (len = sizeof(told->measured) - 2; len > 0 && (told->measured[len] & 0x80) != 0; len--)
			told->measured[len] = '\0';
	/* What drivers, readers and files are called is theirs to say, and may have been cut before. */
	json_text_mend(told->measured);
}

static enum rank
rank_of(const char *status)
{
	for (int rank = RANK_OK; status != NULL && rank <= RANK_FAILED; rank++)
		if (strcmp(rank_names[rank], status) == 0)
			return (enum rank)rank;
	return RANK_NONE;
}

void
report_tell(struct report *report, const char *id, const char *outcome, const char *format, ...)
{
	const cJSON *check = NULL, *entry;
	struct told *told = told_find(report, id, &check);
	char text[400];
	va_list ap;
	enum rank rank;

	if (told == NULL)
		return;
	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	entry = json_member(json_member(check, "outcomes"), outcome);
	if ((rank = rank_of(json_string(entry, "status"))) == RANK_NONE) {
		log_error("check %s has no outcome %s", id, outcome);
		return;
	}
	if (told->rank == RANK_SKIPPED)
		told->measured[0] = '\0';
	if (rank > told->rank) {
		told->rank = rank;
		told->outcome = entry;
	}
	measured_join(told, text);
}

void
report_skip(struct report *report, const char *id, const char *reason, const char *format, ...)
{
	const cJSON *check = NULL;
	struct told *told = told_find(report, id, &check);
	char text[400];
	va_list ap;

	if (told == NULL || told->rank != RANK_NONE)
		return;
	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	told->rank = RANK_SKIPPED;
	told->reason = json_member(json_member(report->catalogue, "reasons"), reason);
	measured_join(told, text);
}

void
report_figure(struct report *report, const char *name, const char *label, double value)
{
	cJSON *figure = cJSON_CreateObject();

	cJSON_AddStringToObject(figure, "name", name);
	cJSON_AddStringToObject(figure, "label", label);
	cJSON_AddNumberToObject(figure, "value", value);
	cJSON_AddItemToArray(report->figures, figure);
}

const cJSON *
report_hosts(const struct report *report)
{
	return json_member(report->catalogue, "hosts");
}

const cJSON *
report_folders(const struct report *report)
{
	return json_member(report->catalogue, "folders");
}

const cJSON *
report_figures(const struct report *report)
{
	return report->figures;
}

static cJSON *
check_result(const struct report *report, const cJSON *check, const struct told *told)
{
	const cJSON *from = told->outcome, *reason = told->reason;
	cJSON *json = cJSON_CreateObject();

	if (told->rank == RANK_NONE)
		reason = json_member(json_member(report->catalogue, "reasons"), "unknown");
	cJSON_AddStringToObject(json, "id", json_string(check, "id"));
	cJSON_AddItemToObject(json, "title", cJSON_Duplicate(json_member(check, "title"), true));
	cJSON_AddStringToObject(json, "status", rank_names[told->rank]);
	cJSON_AddStringToObject(json, "measured", told->measured);
	cJSON_AddItemToObject(json, "text", cJSON_Duplicate(from != NULL ? json_member(from, "text") : reason, true));
	if (from != NULL && json_member(from, "remedy") != NULL)
		cJSON_AddItemToObject(json, "remedy", cJSON_Duplicate(json_member(from, "remedy"), true));
	if (told->rank >= RANK_WARNING && json_member(check, "link") != NULL)
		cJSON_AddStringToObject(json, "link", json_string(check, "link"));
	return json;
}

cJSON *
report_result(struct report *report)
{
	cJSON *result = cJSON_CreateObject(), *list;
	enum rank worst = RANK_OK;
	const cJSON *check;
	size_t i = 0;

	list = cJSON_CreateArray();
	cJSON_ArrayForEach(check, json_member(report->catalogue, "checks")) {
		const struct told *told = &report->told[i++];

		worst = told->rank > worst ? told->rank : worst;
		cJSON_AddItemToArray(list, check_result(report, check, told));
	}
	cJSON_AddStringToObject(result, "status", rank_names[worst]);
	cJSON_AddItemToObject(result, "checks", list);
	return result;
}
