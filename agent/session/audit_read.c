/* SPDX-License-Identifier: Apache-2.0 */
/* session/audit_read.c: the audit log's files in their order, line by line. */
#include "session/audit_read.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "session/audit.h"

struct walk {
	struct audit_report *report;
	void (*entry)(void *context, const cJSON *entry);
	void *context;
	bool started;
};

static bool
is_first(const char *previous)
{
	return strspn(previous, "0") == 64 && previous[64] == '\0';
}

static int
line_read(struct walk *walk, const char *path, size_t number, const char *line, size_t len)
{
	struct audit_report *report = walk->report;
	cJSON *json = NULL;
	const char *previous = json_parse(line, len, &json) == 0 ? json_string(json, "previous") : NULL;

	if (previous == NULL) {
		report->broken++;
	} else {
		if (!walk->started && !is_first(previous))
			report->chain = AUDIT_SHORTENED;
		else if (strcmp(previous, report->last) != 0 && report->chain != AUDIT_CUT) {
			report->chain = AUDIT_CUT;
			report->cut_line = number;
			report->cut_file = strdup(path);
		}
		report->entries++;
		if (walk->entry != NULL)
			walk->entry(walk->context, json);
	}
	walk->started = true;
	cJSON_Delete(json);
	return audit_line_hash(line, len, report->last);
}

static int
file_read(struct walk *walk, const char *path)
{
	FILE *file = fopen(path, "re");
	size_t capacity = 0, number = 0;
	char *line = NULL;
	ssize_t len;
	int r = 0;

	if (file == NULL) {
		if (errno == ENOENT)
			return 0;
		log_error("%s: %s", path, strerror(errno));
		return ERR_INTERNAL;
	}
	while (r == 0 && (len = getline(&line, &capacity, file)) > 0) {
		if (line[len - 1] == '\n')
			len--;
		r = line_read(walk, path, ++number, line, (size_t)len);
	}
	if (ferror(file)) {
		log_error("%s: %s", path, strerror(errno));
		r = ERR_INTERNAL;
	}
	free(line);
	fclose(file);
	return r;
}

int
audit_read(const char *folder, void (*entry)(void *context, const cJSON *entry), void *context, struct audit_report *ret_report)
{
	struct walk walk = { .report = ret_report, .entry = entry, .context = context };
	int r = 0;

	*ret_report = (struct audit_report){ .chain = AUDIT_WHOLE };
	memset(ret_report->last, '0', sizeof(ret_report->last) - 1);
	for (unsigned older = AUDIT_OLDER_MAX + 1; r == 0 && older-- > 0;) {
		char *path = audit_path(folder, older);

		r = path != NULL ? file_read(&walk, path) : ERR_INTERNAL;
		free(path);
	}
	return r;
}

void
audit_report_clear(struct audit_report *report)
{
	free(report->cut_file);
	*report = (struct audit_report){ 0 };
}
