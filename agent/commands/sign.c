/* SPDX-License-Identifier: Apache-2.0 */
/* commands/sign.c: imza-agent sign: one file, with the same consent and PIN dialogs as for a page. */
#include "commands/command.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "commands/local.h"
#include "commands/signing.h"

struct wish {
	const char *format, *packaging, *certificate, *in, *out;
};

static cJSON *
request_make(const struct wish *wish, const char *certificate, uint32_t handle)
{
	cJSON *params = cJSON_CreateObject(), *documents, *document = cJSON_CreateObject();

	cJSON_AddStringToObject(params, "certificate", certificate);
	cJSON_AddStringToObject(params, "format", wish->format);
	if (wish->packaging != NULL)
		cJSON_AddStringToObject(params, "packaging", wish->packaging);
	cJSON_AddNumberToObject(document, "document", handle);
	documents = cJSON_AddArrayToObject(params, "documents");
	cJSON_AddItemToArray(documents, document);
	return params;
}

static int
file_sign(struct local *local, const struct wish *wish)
{
	const char *slash = strrchr(wish->in, '/'), *name = slash != NULL ? slash + 1 : wish->in, *certificate = wish->certificate;
	cJSON *list = NULL, *result = NULL;
	uint32_t handle = 0;
	int status = COMMAND_FAILED;

	if (certificate == NULL)
		certificate = local_certificate(local, &list);
	if (certificate == NULL || local_upload(local, wish->in, name,
	    strcmp(wish->format, "pades") == 0 ? "application/pdf" : "application/octet-stream", &handle) != 0 ||
	    local_call(local, "sign.document", request_make(wish, certificate, handle), false, &result) != 0)
		goto out;
	handle = (uint32_t)json_integer(cJSON_GetArrayItem(json_member(result, "documents"), 0), "document", 0);
	status = local_download(local, handle, wish->out) == 0 ? COMMAND_OK : COMMAND_FAILED;
out:
	cJSON_Delete(list);
	cJSON_Delete(result);
	return status;
}

static int
sign_run(const char *config, int argc, char **argv)
{
	struct signing_options options;
	struct local *local = NULL;
	struct wish wish;
	int status;

	if (!signing_options_read(argc, argv, &options) || optind + 1 != argc || options.out == NULL || options.json ||
	    options.attachments_count > 0)
		return command_usage(&command_sign);
	wish = (struct wish){ .format = options.format != NULL ? options.format : "pades", .packaging = options.detached ? "detached" : NULL,
		.certificate = options.certificate, .in = argv[optind], .out = options.out };
	if (options.detached && strcmp(wish.format, "cades") != 0)
		return command_usage(&command_sign);
	if (local_new(config, &local) != 0)
		return COMMAND_FAILED;
	status = file_sign(local, &wish);
	local_free(local);
	return status;
}

const struct command command_sign = { "sign", "[--format pades|cades] [--detached] [--certificate ID] IN -o OUT",
	"Signs a file with the card, after the same consent and PIN dialogs as for a page.", sign_run };
