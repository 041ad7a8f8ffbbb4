/* SPDX-License-Identifier: Apache-2.0 */
/* commands/bundle.c: metrics and bundles. */
#include "commands/bundle.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "base/replace_file.h"
#include "config/show.h"
#include "health/checks.h"

#define OUT_MAX (1u << 20)
#define BLOCK 512		/* POSIX.1-1988 ustar */

/* --- metrics --- */

/* A label's value, with what the format escapes. */
static void
label_append(struct buf *out, const char *text)
{
	for (; *text != '\0'; text++)
		if (*text == '"' || *text == '\\')
			buf_append(out, (const char[]){ '\\', *text }, 2);
		else if (*text == '\n')
			buf_append_string(out, "\\n");
		else
			buf_append(out, text, 1);
}

static void
sample_append(struct buf *out, const char *name, const char *label, const char *value, double number)
{
	char text[40];

	buf_append_string(out, "imza_agent_");
	buf_append_string(out, name);
	if (label != NULL) {
		buf_append_string(out, "{");
		buf_append_string(out, label);
		buf_append_string(out, "=\"");
		label_append(out, value);
		buf_append_string(out, "\"}");
	}
	snprintf(text, sizeof(text), " %.15g\n", number);
	buf_append_string(out, text);
}

static void
family_append(struct buf *out, const char *name, const char *help)
{
	buf_append_string(out, "# TYPE imza_agent_");
	buf_append_string(out, name);
	buf_append_string(out, " gauge\n# HELP imza_agent_");
	buf_append_string(out, name);
	buf_append_string(out, " ");
	buf_append_string(out, help);
	buf_append_string(out, "\n");
}

int
metrics_write(const char *path, const cJSON *result, const cJSON *figures)
{
	static const char *const names[] = { "ok", "warning", "failed" };
	static const struct { const char *name, *label, *help; } families[] = {
		{ "certificate_not_after_seconds", "certificate", "End of a signature certificate, seconds since 1970." },
		{ "card_command_median_seconds", "reader", "Median time of a command to the card." },
		{ "card_command_p95_seconds", "reader", "95th percentile of the time of a command to the card." },
		{ "free_bytes", "place", "Room that is left." },
	};
	const cJSON *item;
	struct buf out;
	int r;

	buf_init(&out, OUT_MAX);
	family_append(&out, "build", "Always 1; its label is the version.");
	sample_append(&out, "build", "version", IMZA_VERSION, 1);
	family_append(&out, "doctor_run_seconds", "When this was written, seconds since 1970.");
	sample_append(&out, "doctor_run_seconds", NULL, NULL, (double)time(NULL));
	family_append(&out, "check", "Outcome of a check: 0 ok, 1 warning, 2 failed. Checks that were skipped are left out.");
	cJSON_ArrayForEach(item, json_member(result, "checks"))
		for (int i = 0; i < 3; i++)
			if (strcmp(json_string(item, "status"), names[i]) == 0)
				sample_append(&out, "check", "id", json_string(item, "id"), i);
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		family_append(&out, families[i].name, families[i].help);
		cJSON_ArrayForEach(item, figures)
			if (strcmp(json_string(item, "name"), families[i].name) == 0)
				sample_append(&out, families[i].name, families[i].label, json_string(item, "label"), json_member(item, "value")->valuedouble);
	}
	buf_append_string(&out, "# EOF\n");
	r = out.failed ? ERR_TOO_LARGE : replace_file(path, out.data, out.len);
	/* Another user's collector reads it. */
	if (r == 0 && chmod(path, 0644) != 0)
		r = ERR_INTERNAL;
	buf_clear(&out);
	return r;
}

/* --- the bundle --- */

struct bundle {
	const char *folder;	/* NULL: an archive */
	struct buf archive;
};

static void
octal(char *field, size_t size, unsigned long long value)
{
	char text[32];

	snprintf(text, sizeof(text), "%0*llo", (int)size - 1, value);
	memcpy(field, text, size);
}

static void
member_archive(struct buf *archive, const char *name, const char *text, size_t len)
{
	static const char zeros[BLOCK];
	struct { char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], sum[8], type, link[100], magic[6], version[2], rest[247]; } head = { 0 };
	unsigned sum = 0;

	_Static_assert(sizeof(head) == BLOCK, "a ustar header is one block");
	snprintf(head.name, sizeof(head.name), "imza-agent-report/%s", name);
	octal(head.mode, sizeof(head.mode), 0644);
	octal(head.uid, sizeof(head.uid), 0);
	octal(head.gid, sizeof(head.gid), 0);
	octal(head.size, sizeof(head.size), len);
	octal(head.mtime, sizeof(head.mtime), (unsigned long long)time(NULL));
	memset(head.sum, ' ', sizeof(head.sum));
	head.type = '0';
	memcpy(head.magic, "ustar", 6);
	memcpy(head.version, "00", 2);
	for (size_t i = 0; i < sizeof(head); i++)
		sum += ((const unsigned char *)&head)[i];
	octal(head.sum, 7, sum);
	buf_append(archive, &head, sizeof(head));
	buf_append(archive, text, len);
	buf_append(archive, zeros, (BLOCK - len % BLOCK) % BLOCK);
}

/* The text with the user's home folder as ~ and the user's name as USER. */
static void
text_clean(const char *text, struct buf *out)
{
	const struct { const char *from, *to; } words[] = { { getenv("HOME"), "~" }, { getenv("USER"), "USER" }, { getenv("LOGNAME"), "USER" } };

	while (*text != '\0') {
		size_t i = 0, len = 0;

		for (; i < sizeof(words) / sizeof(words[0]); i++)
			if (words[i].from != NULL && (len = strlen(words[i].from)) > 1 && strncmp(text, words[i].from, len) == 0)
				break;
		if (i < sizeof(words) / sizeof(words[0])) {
			buf_append_string(out, words[i].to);
			text += len;
		} else {
			buf_append(out, text++, 1);
		}
	}
}

static int
member_add(struct bundle *bundle, const char *name, const char *text)
{
	struct buf clean;
	char *path = NULL;
	int r = 0;

	buf_init(&clean, OUT_MAX);
	text_clean(text, &clean);
	if (bundle->folder == NULL)
		member_archive(&bundle->archive, name, (const char *)clean.data, clean.len);
	else if (asprintf(&path, "%s/%s", bundle->folder, name) < 0)
		r = ERR_INTERNAL;
	else
		r = replace_file(path, clean.data, clean.len);
	if (clean.failed)
		r = ERR_TOO_LARGE;
	buf_clear(&clean);
	free(path);
	return r;
}

static char *
system_text(const struct agent *agent)
{
	char *text = NULL, *release;
	struct utsname system;
	size_t len;

	if (uname(&system) != 0)
		return NULL;
	release = health_file("/etc/os-release", 4096, &len);
	if (asprintf(&text, "imza-agent %s\n%s %s %s\nlanguage %s\n%s", IMZA_VERSION, system.sysname, system.release, system.machine,
	    agent->services.language, release != NULL ? release : "") < 0)
		text = NULL;
	free(release);
	return text;
}

static char *
settings_text(const struct agent *agent)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (out == NULL)
		return NULL;
	config_show_problems(agent->config.sources, "en", out);
	config_show(agent->config.sources, NULL, true, "en", out);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

int
bundle_write(const char *path, const struct agent *agent, const cJSON *result)
{
	static const char end[2 * BLOCK];
	size_t len = strlen(path);
	bool archive = len > 4 && strcmp(path + len - 4, ".tar") == 0;
	struct bundle bundle = { .folder = archive ? NULL : path };
	char *report = cJSON_Print(result), *system = system_text(agent);
	char *own = settings_text(agent);
	int r = report == NULL || system == NULL || own == NULL ? ERR_INTERNAL : 0;

	buf_init(&bundle.archive, 2 * OUT_MAX);
	if (!archive && mkdir(path, 0700) != 0 && errno != EEXIST) {
		log_error("%s: %s", path, strerror(errno));
		r = ERR_INTERNAL;
	}
	if (r == 0 && (r = member_add(&bundle, "report.json", report)) == 0 && (r = member_add(&bundle, "system.txt", system)) == 0)
		r = member_add(&bundle, "settings.conf", own);
	if (r == 0 && archive) {
		buf_append(&bundle.archive, end, sizeof(end));
		r = bundle.archive.failed ? ERR_TOO_LARGE : replace_file(path, bundle.archive.data, bundle.archive.len);
	}
	buf_clear(&bundle.archive);
	cJSON_free(report);
	free(system);
	free(own);
	return r;
}
