/* SPDX-License-Identifier: Apache-2.0 */
/* commands/forms.c: imza-agent forms: which forms there are, whether a file of data fits one, its page, and its signature. */
#include "commands/command.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/err.h"
#include "base/json.h"
#include "base/wire.h"
#include "commands/local.h"
#include "commands/signing.h"

/* What the command line asks for. */
struct wish {
	const char *form, *data, *out, *format, *certificate;
	bool json;
	const struct signing_options *options;
};

static int
forms_list(struct local *local, bool json)
{
	cJSON *result = NULL;
	int status = COMMAND_OK;
	const cJSON *form;

	if (local_call(local, "form.catalog", NULL, false, &result) != 0)
		return COMMAND_FAILED;
	if (json)
		status = command_print_json(result);
	else
		cJSON_ArrayForEach(form, json_member(result, "forms"))
			printf("%s\n    %s\n", json_string(form, "id"),
			    json_string(json_member(form, "title"), local_agent(local)->services.language));
	cJSON_Delete(result);
	return status;
}

/* A file of data as the params of form.validate and form.render. */
static int
data_read(const char *form, const char *path, cJSON **ret_params)
{
	FILE *file = fopen(path, "re");
	char *text = malloc(WIRE_MESSAGE_MAX);
	cJSON *data = NULL;
	int r = ERR_INTERNAL;

	if (file == NULL || text == NULL) {
		fprintf(stderr, "imza-agent: %s: %s\n", path, strerror(errno));
	} else if ((r = json_parse(text, fread(text, 1, WIRE_MESSAGE_MAX, file), &data)) != 0) {
		fprintf(stderr, "imza-agent: %s: %s\n", path, "not a JSON file");
	} else {
		*ret_params = cJSON_CreateObject();
		cJSON_AddStringToObject(*ret_params, "form", form);
		cJSON_AddItemToObject(*ret_params, "data", data);
	}
	if (file != NULL)
		fclose(file);
	free(text);
	return r;
}

/* By its name's ending: what the file is in truth, the agent looks at. */
static const char *
media_type_of(const char *path)
{
	static const struct {
		const char *ending, *media_type;
	} kinds[] = { { ".pdf", "application/pdf" }, { ".jpg", "image/jpeg" }, { ".jpeg", "image/jpeg" }, { ".png", "image/png" } };
	const char *ending = strrchr(path, '.');

	for (size_t i = 0; ending != NULL && i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (ascii_equal_folded(ending, kinds[i].ending))
			return kinds[i].media_type;
	return "application/octet-stream";
}

/* Sends the files of --attach and adds them to the params. 0, or an error that was told on stderr. */
static int
attachments_add(struct local *local, const struct wish *wish, cJSON *params)
{
	cJSON *list = wish->options->attachments_count > 0 ? cJSON_AddArrayToObject(params, "attachments") : NULL;

	for (size_t i = 0; i < wish->options->attachments_count; i++) {
		const char *text = wish->options->attachments[i], *path = strchr(text, '=') + 1, *slash = strrchr(path, '/');
		char *id = strndup(text, (size_t)(path - text) - 1);
		cJSON *item = cJSON_CreateObject();
		uint32_t handle;
		int r = local_upload(local, path, slash != NULL ? slash + 1 : path, media_type_of(path), &handle);

		cJSON_AddStringToObject(item, "id", id != NULL ? id : "");
		free(id);
		cJSON_AddNumberToObject(item, "document", r == 0 ? handle : 0);
		cJSON_AddItemToArray(list, item);
		if (r != 0)
			return r;
	}
	return 0;
}

/* The params of form.render and form.sign. */
static int
form_read(struct local *local, const struct wish *wish, cJSON **ret_params)
{
	cJSON *params = NULL;
	int r = data_read(wish->form, wish->data, &params);

	if (r == 0 && (r = attachments_add(local, wish, params)) == 0)
		*ret_params = params;
	else
		cJSON_Delete(params);
	return r;
}

static int
form_validate_file(struct local *local, const struct wish *wish)
{
	cJSON *params = NULL, *result = NULL;
	const cJSON *problem;
	bool valid;

	if (data_read(wish->form, wish->data, &params) != 0)
		return COMMAND_FAILED;
	cJSON_AddBoolToObject(params, "canonical", wish->json);
	if (local_call(local, "form.validate", params, false, &result) != 0)
		return COMMAND_FAILED;
	valid = json_true(result, "valid");
	if (wish->json)
		valid = command_print_json(result) == COMMAND_OK && valid;
	else
		cJSON_ArrayForEach(problem, json_member(result, "errors"))
			printf("%s: %s\n", json_string(problem, "pointer"),
			    json_string(json_member(problem, "message"), local_agent(local)->services.language));
	cJSON_Delete(result);
	return valid ? COMMAND_OK : COMMAND_FAILED;
}

static int
form_render_file(struct local *local, const struct wish *wish)
{
	cJSON *params = NULL, *result = NULL;
	int r;

	if (form_read(local, wish, &params) != 0 || local_call(local, "form.render", params, false, &result) != 0)
		return COMMAND_FAILED;
	r = local_download(local, (uint32_t)json_integer(result, "document", 0), wish->out);
	cJSON_Delete(result);
	return r == 0 ? COMMAND_OK : COMMAND_FAILED;
}

/* form.sign, with the dialogs of a page's. */
static int
form_sign_file(struct local *local, const struct wish *wish)
{
	const char *certificate = wish->certificate;
	cJSON *params = NULL, *list = NULL, *result = NULL;
	int status = COMMAND_FAILED;

	if (form_read(local, wish, &params) != 0)
		return COMMAND_FAILED;
	if (certificate == NULL && (certificate = local_certificate(local, &list)) == NULL) {
		cJSON_Delete(params);
		goto out;
	}
	cJSON_AddStringToObject(params, "certificate", certificate);
	cJSON_AddStringToObject(params, "format", wish->format);
	if (local_call(local, "form.sign", params, false, &result) != 0 ||
	    local_download(local, (uint32_t)json_integer(result, "document", 0), wish->out) != 0)
		goto out;
	status = wish->json ? command_print_json(result) : COMMAND_OK;
out:
	cJSON_Delete(list);
	cJSON_Delete(result);
	return status;
}

static int
forms_run(const char *config, int argc, char **argv)
{
	struct signing_options options;
	struct wish wish;
	struct local *local = NULL;
	bool list, validate, render, sign, plain, bare;
	char **words;
	int status;

	if (!signing_options_read(argc, argv, &options) || options.detached)
		return command_usage(&command_forms);
	words = argv + optind;
	argc -= optind;
	plain = options.format == NULL && options.certificate == NULL;
	bare = plain && options.out == NULL && options.attachments_count == 0;
	list = bare && (argc == 0 || (argc == 1 && strcmp(words[0], "list") == 0));
	validate = bare && argc == 3 && strcmp(words[0], "validate") == 0;
	render = plain && options.out != NULL && !options.json && argc == 3 && strcmp(words[0], "render") == 0;
	sign = options.out != NULL && argc == 3 && strcmp(words[0], "sign") == 0;
	if (!list && !validate && !render && !sign)
		return command_usage(&command_forms);
	wish = (struct wish){ .form = list ? NULL : words[1], .data = list ? NULL : words[2], .out = options.out,
		.format = options.format != NULL ? options.format : "pades", .certificate = options.certificate, .json = options.json,
		.options = &options };
	if (local_new(config, &local) != 0)
		return COMMAND_FAILED;
	status = list ? forms_list(local, wish.json) : validate ? form_validate_file(local, &wish) : render ? form_render_file(local, &wish) :
	    form_sign_file(local, &wish);
	local_free(local);
	return status;
}

const struct command command_forms = { "forms", "[list | validate FORM DATA.json | render FORM DATA.json -o OUT.pdf | sign FORM DATA.json -o OUT] [--attach ID=FILE] [--format pades|cades] [--certificate ID] [--json]",
	"Lists the application forms, checks data against one, makes its page, or signs it with the dialogs of a page.", forms_run };
