/* SPDX-License-Identifier: Apache-2.0 */
/* test_audit.c: the audit log's chain goes on over restarts, half lines and rotation, and a cut shows. */
#include "test.h"

#include <openssl/sha.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/encoding.h"
#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "session/audit.h"
#include "session/audit_read.h"

static char folder[] = "/tmp/test-audit-XXXXXX", path[64], older[80];

static void
add(struct audit *audit, const char *result)
{
	cJSON *entry = cJSON_CreateObject();

	cJSON_AddStringToObject(entry, "result", result);
	audit_add(audit, entry);
}

/* Walks a file; ret_last goes in as the hash that its first line must name and comes out as that of its last. The count, or -1 when the chain is cut. */
static int
chain_count(const char *file, char ret_last[65])
{
	FILE *in = fopen(file, "r");
	char *line = NULL, *hash;
	unsigned char digest[SHA256_DIGEST_LENGTH];
	size_t capacity = 0;
	ssize_t len;
	int count = 0;

	while (in != NULL && count >= 0 && (len = getline(&line, &capacity, in)) > 0) {
		cJSON *json = NULL;
		const char *previous;

		line[--len] = '\0';
		previous = json_parse(line, (size_t)len, &json) == 0 ? json_string(json, "previous") : NULL;
		/* A line that a power cut left half has no JSON, but the next one names its hash. */
		count = json != NULL && (previous == NULL || strcmp(previous, ret_last) != 0) ? -1 : count + 1;
		cJSON_Delete(json);
		SHA256((unsigned char *)line, (size_t)len, digest);
		hash = hex_encode(digest, sizeof(digest));
		snprintf(ret_last, 65, "%s", hash);
		free(hash);
	}
	free(line);
	if (in != NULL)
		fclose(in);
	return count;
}

static void
first(char last[65])
{
	memset(last, '0', 64);
	last[64] = '\0';
}

/* The reader's verdict, which must agree with the walk above. */
static struct audit_report
report_of(void)
{
	struct audit_report report;

	CHECK_INT(audit_read(folder, NULL, NULL, &report), 0);
	return report;
}

static void
the_chain_goes_on_after_a_restart(void)
{
	struct audit *audit = NULL;
	struct audit_report report;
	struct stat about;
	char last[65];

	for (int i = 0; i < 3; i++) {
		CHECK_INT(audit_new(folder, &audit), 0);
		add(audit, "signed");
		add(audit, "user_denied");
		audit_free(audit);
	}
	first(last);
	CHECK_INT(chain_count(path, last), 6);
	CHECK(stat(path, &about) == 0 && (about.st_mode & 0777) == 0600);
	report = report_of();
	CHECK(report.chain == AUDIT_WHOLE && report.entries == 6 && report.broken == 0);
	CHECK_STR(report.last, last);
	audit_report_clear(&report);
}

static void
a_half_line_stays_alone(void)
{
	struct audit *audit = NULL;
	struct audit_report report;
	char last[65];
	FILE *file = fopen(path, "a");

	fputs("{\"result\":\"sig", file);
	fclose(file);
	CHECK_INT(audit_new(folder, &audit), 0);
	add(audit, "signed");
	audit_free(audit);
	first(last);
	CHECK_INT(chain_count(path, last), 8);
	report = report_of();
	CHECK(report.chain == AUDIT_WHOLE && report.entries == 7 && report.broken == 1);
	audit_report_clear(&report);
}

static void
a_cut_or_changed_line_shows(void)
{
	struct audit_report report;
	char last[65];

	CHECK_INT(truncate(path, 0), 0);
	first(last);
	{
		struct audit *audit = NULL;
		FILE *file;

		CHECK_INT(audit_new(folder, &audit), 0);
		add(audit, "signed");
		add(audit, "user_denied");
		add(audit, "signed");
		audit_free(audit);
		file = fopen(path, "r+");
		fputs("{\"result\":\"sIgned", file);	/* one letter of the first line */
		fclose(file);
	}
	CHECK_INT(chain_count(path, last), -1);
	report = report_of();
	CHECK(report.chain == AUDIT_CUT && report.cut_line == 2 && report.entries == 3);
	CHECK_STR(report.cut_file, path);
	audit_report_clear(&report);
}

static void
a_full_file_is_moved_and_the_chain_goes_on(void)
{
	struct audit *audit = NULL;
	struct audit_report report;
	char last[65], *text = malloc(200001);
	int before, after;

	unlink(path);
	memset(text, 'x', 200000);
	text[200000] = '\0';
	CHECK_INT(audit_new(folder, &audit), 0);
	for (int i = 0; i < 23; i++)
		add(audit, text);
	audit_free(audit);
	free(text);
	first(last);
	before = chain_count(older, last);
	after = chain_count(path, last);
	CHECK(before > 0 && after > 0 && before + after == 23);
	report = report_of();
	CHECK(report.chain == AUDIT_WHOLE && report.entries == 23);
	CHECK_STR(report.last, last);
	audit_report_clear(&report);
	/* What is dropped one day is said, and is no cut. */
	unlink(older);
	report = report_of();
	CHECK(report.chain == AUDIT_SHORTENED && report.entries == (size_t)after);
	audit_report_clear(&report);
}

static void
only_so_many_older_files_are_kept(void)
{
	struct audit *audit = NULL;
	struct audit_report report;
	char *oldest = audit_path(folder, AUDIT_OLDER_MAX), *beyond = audit_path(folder, AUDIT_OLDER_MAX + 1);

	CHECK_INT(audit_new(folder, &audit), 0);
	for (int i = 0; i < AUDIT_OLDER_MAX + 2; i++) {
		add(audit, "signed");
		CHECK_INT(truncate(path, AUDIT_SIZE_MAX), 0);	/* sparse: a full file in no time */
	}
	add(audit, "signed");
	audit_free(audit);
	CHECK(access(oldest, F_OK) == 0 && access(beyond, F_OK) != 0);
	report = report_of();
	CHECK(report.chain == AUDIT_CUT);	/* the filling was none of ours */
	audit_report_clear(&report);
	for (unsigned i = 0; i <= AUDIT_OLDER_MAX; i++) {
		char *file = audit_path(folder, i);

		unlink(file);
		free(file);
	}
	free(oldest);
	free(beyond);
}

static void
room_that_is_kept_changes_nothing(void)
{
	struct audit *audit = NULL;
	struct audit_report report;

	CHECK_INT(audit_new(folder, &audit), 0);
	CHECK_INT(audit_reserve(audit, 10000), 0);
	CHECK_INT(audit_add(audit, cJSON_CreateObject()), 0);
	CHECK_INT(audit_reserve(audit, 10000), 0);
	CHECK_INT(audit_add(audit, cJSON_CreateObject()), 0);
	audit_free(audit);
	report = report_of();
	CHECK(report.chain == AUDIT_WHOLE && report.entries == 2 && report.broken == 0);
	audit_report_clear(&report);
	unlink(path);
}

static void
what_can_t_be_written_is_no_crash(void)
{
	struct audit *audit = NULL;

	CHECK_INT(audit_new("/nonexistent", &audit), 0);
	CHECK_INT(audit_reserve(audit, 1000), ERR_AUDIT_UNAVAILABLE);
	CHECK_INT(audit_add(audit, cJSON_CreateObject()), ERR_AUDIT_UNAVAILABLE);
	add(audit, "signed");
	add(audit, "signed");
	audit_free(audit);
}

static const struct test_case cases[] = {
	TEST_CASE(the_chain_goes_on_after_a_restart), TEST_CASE(a_half_line_stays_alone), TEST_CASE(a_cut_or_changed_line_shows),
	TEST_CASE(a_full_file_is_moved_and_the_chain_goes_on),
	TEST_CASE(only_so_many_older_files_are_kept), TEST_CASE(room_that_is_kept_changes_nothing), TEST_CASE(what_can_t_be_written_is_no_crash),
};

int
main(void)
{
	int r;

	if (mkdtemp(folder) == NULL)
		return 1;
	snprintf(path, sizeof(path), "%s/" AUDIT_FILE, folder);
	snprintf(older, sizeof(older), "%s.1", path);
	log_init("test", LOG_ERROR);
	r = test_main(cases, COUNT_OF(cases));
	unlink(path);
	unlink(older);
	rmdir(folder);
	return r;
}
