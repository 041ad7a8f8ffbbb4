/* SPDX-License-Identifier: Apache-2.0 */
/* commands/forms.c: imza-agent forms: which forms there are, whether a file of data fits one, and its page. */
#include "commands/command.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/wire.h"
#include "commands/local.h"

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

static int
form_validate_file(struct local *local, const char *form, const char *path, bool json)
{
	cJSON *params = NULL, *result = NULL;
	const cJSON *problem;
	bool valid;

	if (data_read(form, path, &params) != 0 || local_call(local, "form.validate", params, false, &result) != 0)
		return COMMAND_FAILED;
	valid = json_true(result, "valid");
	if (json)
		valid = command_print_json(result) == COMMAND_OK && valid;
	else
		cJSON_ArrayForEach(problem, json_member(result, "errors"))
			printf("%s: %s\n", json_string(problem, "pointer"),
			    json_string(json_member(problem, "text"), local_agent(local)->services.language));
	cJSON_Delete(result);
	return valid ? COMMAND_OK : COMMAND_FAILED;
}

static int
form_render_file(struct local *local, const char *form, const char *path, const char *out)
{
	cJSON *params = NULL, *result = NULL;
	int r;

	if (data_read(form, path, &params) != 0 || local_call(local, "form.render", params, false, &result) != 0)
		return COMMAND_FAILED;
	r = local_download(local, (uint32_t)json_integer(result, "document", 0), out);
	cJSON_Delete(result);
	return r == 0 ? COMMAND_OK : COMMAND_FAILED;
}

static int
forms_run(const char *config, int argc, char **argv)
{
	static const struct option options[] = { { "json", no_argument, NULL, 'j' }, { NULL, 0, NULL, 0 } };
	struct local *local = NULL;
	const char *out = NULL;
	bool json = false, list, validate, render;
	int c, status;
	char **words;

	while ((c = getopt_long(argc, argv, "o:", options, NULL)) != -1)
		switch (c) {
		case 'o':
			out = optarg;
			break;
		case 'j':
			json = true;
			break;
		default:
			return command_usage(&command_forms);
		}
	words = argv + optind;
	argc -= optind;
	list = out == NULL && (argc == 0 || (argc == 1 && strcmp(words[0], "list") == 0));
	validate = out == NULL && argc == 3 && strcmp(words[0], "validate") == 0;
	render = out != NULL && !json && argc == 3 && strcmp(words[0], "render") == 0;
	if (!list && !validate && !render)
		return command_usage(&command_forms);
	if (local_new(config, &local) != 0)
		return COMMAND_FAILED;
	status = list ? forms_list(local, json) : validate ? form_validate_file(local, words[1], words[2], json) :
	    form_render_file(local, words[1], words[2], out);
	local_free(local);
	return status;
}

const struct command command_forms = { "forms", "[list | validate FORM DATA.json | render FORM DATA.json -o OUT.pdf] [--json]",
	"Lists the application forms, checks data against one, or makes its page.", forms_run };
