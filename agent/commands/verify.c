/* SPDX-License-Identifier: Apache-2.0 */
/* commands/verify.c: imza-agent verify: what is to be said about the signatures of a file. */
#include "commands/command.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "commands/local.h"

/* Exit codes, besides COMMAND_USAGE and what could not be read, which are as indeterminate. */
enum { VERIFY_VALID = 0, VERIFY_INVALID = 1, VERIFY_INDETERMINATE = 2 };

static const char *
status_text(const struct local *local, const char *status)
{
	if (strcmp(status, "valid") == 0)
		return local_text(local, "GEÇERLİ", "VALID");
	return strcmp(status, "invalid") == 0 ? local_text(local, "GEÇERSİZ", "INVALID") : local_text(local, "BELİRSİZ", "INDETERMINATE");
}

/* Line and paragraph separators and changes of direction: U+2028 to U+202E and U+2066 to U+2069. */
static bool
is_format(const unsigned char *p)
{
	return p[0] == 0xe2 && ((p[1] == 0x80 && p[2] >= 0xa8 && p[2] <= 0xae) || (p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9));
}

/* Prints text from the document without its control characters: a terminal obeys those. */
static void
line_print(const char *label, const char *text)
{
	printf("  %s: ", label);
	for (const unsigned char *p = (const unsigned char *)text; *p != '\0'; p++) {
		/* U+0080 to U+009F are controls too. */
		if (*p == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0)
			p++;
		else if (is_format(p))
			p += 2;
		else if (*p >= 0x20 && *p != 0x7f)
			putchar(*p);
	}
	putchar('\n');
}

static void
changes_print(const struct local *local, const cJSON *changes)
{
	static const struct {
		const char *name, *tr, *en;
	} known[] = {
		{ "signature", "başka imza", "a further signature" },
		{ "signature_appearance", "sayfada görünen imza", "a signature seen on a page" },
		{ "time_stamp", "zaman damgası", "a time-stamp" },
		{ "validation_data", "doğrulama verisi", "validation data" },
		{ "metadata", "üst veri", "metadata" },
		{ "form_filling", "doldurulan form alanı", "a form field filled in" },
	};
	const cJSON *change;

	cJSON_ArrayForEach(change, changes)
		for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
			if (strcmp(known[i].name, cJSON_GetStringValue(change)) == 0)
				printf("  %s: %s\n", local_text(local, "sonradan eklenen", "added later"), local_text(local, known[i].tr, known[i].en));
}

static void
coverage_print(const struct local *local, const cJSON *signature)
{
	const char *coverage = json_string(signature, "coverage");
	int revision = (int)json_integer(signature, "revision", 0);

	if (strcmp(coverage, "whole_document") == 0)
		printf("  %s\n", local_text(local, "belgenin tümünü kapsıyor", "covers the whole document"));
	else if (strcmp(coverage, "revision") == 0 && revision > 0)
		printf("  %s: %d\n", local_text(local, "kapsadığı sürüm", "covers revision"), revision);
}

static void
form_print(const struct local *local, const cJSON *form)
{
	const cJSON *attachment;

	if (form == NULL)
		return;
	printf("  %s: %s %d\n", local_text(local, "form", "form"), json_string(form, "id"), (int)json_integer(form, "version", 0));
	cJSON_ArrayForEach(attachment, json_member(form, "attachments")) {
		line_print(local_text(local, "ek", "attachment"), json_string(attachment, "name"));
		if (json_string(attachment, "sha256") != NULL)
			printf("    %lld %s, SHA-256 %s\n", (long long)json_integer(attachment, "size", 0), local_text(local, "bayt", "bytes"),
			    json_string(attachment, "sha256"));
	}
}

static void
signature_print(const struct local *local, const cJSON *signature, int number)
{
	const char *language = local_text(local, "tr", "en"), *time = json_string(signature, "time");
	const cJSON *signer = json_member(signature, "signer"), *reason;

	printf("%s %d: %s\n", local_text(local, "İmza", "Signature"), number, status_text(local, json_string(signature, "status")));
	cJSON_ArrayForEach(reason, json_member(signature, "reasons"))
		printf("  ! %s (%s)\n", json_string(json_member(reason, "text"), language), json_string(reason, "code"));
	if (json_string(signature, "detail") != NULL)
		printf("    %s\n", json_string(signature, "detail"));
	if (signer != NULL) {
		line_print(local_text(local, "imzalayan", "signer"), json_string(json_member(signer, "subject"), "commonName"));
		line_print(local_text(local, "sertifikayı veren", "issuer"), json_string(json_member(signer, "issuer"), "commonName"));
	}
	if (json_true(signature, "qualified"))
		printf("  %s\n", local_text(local, "nitelikli elektronik sertifika", "qualified certificate"));
	if (time != NULL)
		printf("  %s: %s (%s)\n", local_text(local, "zaman", "time"), time, local_text(local, "imzalayanın bildirdiği", "as the signer claims"));
	if (json_string(signature, "field") != NULL)
		line_print(local_text(local, "alan", "field"), json_string(signature, "field"));
	coverage_print(local, signature);
	changes_print(local, json_member(signature, "changes"));
	form_print(local, json_member(signature, "form"));
	printf("  %s: %s; %s\n", local_text(local, "düzey", "level"), json_string(signature, "level"),
	    local_text(local, "iptal durumu denetlenmedi", "revocation was not checked"));
}

static int
result_print(const struct local *local, const cJSON *result, bool json)
{
	const char *status = json_string(result, "status");
	const cJSON *signature;
	int number = 0;

	if (json) {
		if (command_print_json(result) != COMMAND_OK)
			return VERIFY_INDETERMINATE;
	} else {
		cJSON_ArrayForEach(signature, json_member(result, "signatures"))
			signature_print(local, signature, ++number);
	}
	return strcmp(status, "valid") == 0 ? VERIFY_VALID : strcmp(status, "invalid") == 0 ? VERIFY_INVALID : VERIFY_INDETERMINATE;
}

static const char *
file_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

static int
file_verify(struct local *local, const char *path, const char *content, bool json)
{
	cJSON *params = cJSON_CreateObject(), *result = NULL;
	uint32_t handle = 0, content_handle = 0;
	int status = VERIFY_INDETERMINATE;

	if (local_upload(local, path, file_name(path), "application/octet-stream", &handle) != 0 ||
	    (content != NULL && local_upload(local, content, file_name(content), "application/octet-stream", &content_handle) != 0)) {
		cJSON_Delete(params);
		return status;
	}
	cJSON_AddNumberToObject(params, "document", handle);
	if (content != NULL)
		cJSON_AddNumberToObject(params, "content", content_handle);
	if (local_call(local, "signature.verify", params, false, &result) == 0)
		status = result_print(local, result, json);
	cJSON_Delete(result);
	return status;
}

static int
verify_run(const char *config, int argc, char **argv)
{
	static const struct option options[] = {
		{ "content", required_argument, NULL, 'c' }, { "json", no_argument, NULL, 'j' }, { NULL, 0, NULL, 0 },
	};
	struct local *local = NULL;
	const char *content = NULL;
	bool json = false;
	int c, status;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'c')
			content = optarg;
		else if (c == 'j')
			json = true;
		else
			return command_usage(&command_verify);
	}
	if (optind + 1 != argc)
		return command_usage(&command_verify);
	if (local_new(config, &local) != 0)
		return VERIFY_INDETERMINATE;
	status = file_verify(local, argv[optind], content, json);
	local_free(local);
	return status;
}

const struct command command_verify = { "verify", "[--content FILE] [--json] FILE",
	"Checks the signatures of a PDF or CMS file. Exit code 0: all valid, 1: not valid, 2: can't be told.", verify_run };
