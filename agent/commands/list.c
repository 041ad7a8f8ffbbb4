/* SPDX-License-Identifier: Apache-2.0 */
/* commands/list.c: imza-agent list: readers, cards and certificates. */
#include "commands/command.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "commands/local.h"

static void
readers_print(const struct local *local, const cJSON *list)
{
	const cJSON *reader;

	if (strcmp(json_string(list, "service"), "running") != 0)
		puts(local_text(local, "Kart okuyucu hizmeti (pcscd) çalışmıyor.", "The card reader service (pcscd) is not running."));
	printf("%s\n", local_text(local, "Okuyucular:", "Readers:"));
	cJSON_ArrayForEach(reader, json_member(list, "readers"))
		printf("  %s (%s)\n", json_string(reader, "name"), json_string(reader, "state"));
}

static void
cards_print(const struct local *local, const cJSON *list)
{
	const cJSON *card;

	printf("%s\n", local_text(local, "Kartlar:", "Cards:"));
	cJSON_ArrayForEach(card, json_member(list, "cards")) {
		const cJSON *problem = json_member(card, "problem");
		const char *language = local_text(local, "tr", "en");

		if (problem != NULL)
			printf("  %s: %s %s\n", json_string(card, "reader"), json_string(json_member(problem, "message"), language),
			    json_string(json_member(problem, "remedy"), language));
		else
			printf("  %s, %s, %s: PIN %s\n", json_string(card, "label"), json_string(card, "reader"), json_string(card, "module"),
			    json_string(json_member(card, "pin"), "state"));
	}
}

static void
validation_print(const struct local *local, const cJSON *validation)
{
	const char *status = json_string(validation, "status"), *language = local_text(local, "tr", "en");
	const cJSON *reason;

	printf("      %s\n", strcmp(status, "valid") == 0 ? local_text(local, "geçerli", "valid") :
	    strcmp(status, "invalid") == 0 ? local_text(local, "geçersiz", "invalid") : local_text(local, "bilinemiyor", "indeterminate"));
	cJSON_ArrayForEach(reason, json_member(validation, "reasons"))
		printf("      - %s %s\n", json_string(json_member(reason, "text"), language),
		    json_member(reason, "remedy") != NULL ? json_string(json_member(reason, "remedy"), language) : "");
}

static void
certificates_print(const struct local *local, const cJSON *list)
{
	const cJSON *certificate;

	printf("%s\n", local_text(local, "Sertifikalar:", "Certificates:"));
	cJSON_ArrayForEach(certificate, json_member(list, "certificates")) {
		printf("  %s, %s: %s, %.10s%s\n      %s\n", json_string(json_member(certificate, "subject"), "commonName"),
		    json_string(json_member(certificate, "issuer"), "commonName"), json_string(certificate, "status"),
		    json_string(certificate, "notAfter"), json_true(certificate, "recommended") ? " *" : "", json_string(certificate, "id"));
		if (json_member(certificate, "validation") != NULL)
			validation_print(local, json_member(certificate, "validation"));
	}
}

static int
json_print(cJSON *readers, cJSON *cards, cJSON *certificates)
{
	cJSON *all = cJSON_CreateObject();
	int status;

	cJSON_AddItemToObject(all, "service", cJSON_Duplicate(json_member(readers, "service"), true));
	cJSON_AddItemToObject(all, "readers", cJSON_Duplicate(json_member(readers, "readers"), true));
	cJSON_AddItemToObject(all, "cards", cards != NULL ? cJSON_Duplicate(json_member(cards, "cards"), true) : cJSON_CreateArray());
	cJSON_AddItemToObject(all, "certificates",
	    certificates != NULL ? cJSON_Duplicate(json_member(certificates, "certificates"), true) : cJSON_CreateArray());
	status = command_print_json(all);
	cJSON_Delete(all);
	return status;
}

/* Adds to each certificate what certificate.validate says of it. */
static int
certificates_validate(struct local *local, cJSON *list)
{
	cJSON *certificate, *result, *params;
	int r;

	cJSON_ArrayForEach(certificate, json_member(list, "certificates")) {
		params = cJSON_CreateObject();
		cJSON_AddStringToObject(params, "certificate", json_string(certificate, "id"));
		result = NULL;
		if ((r = local_call(local, "certificate.validate", params, false, &result)) != 0)
			return r;
		cJSON_AddItemToObject(certificate, "validation", result);
	}
	return 0;
}

static int
everything_list(struct local *local, bool json, bool validate)
{
	cJSON *readers = NULL, *cards = NULL, *certificates = NULL;
	int status = COMMAND_OK, r;

	if (local_call(local, "reader.list", NULL, false, &readers) != 0)
		return COMMAND_FAILED;
	if (local_call(local, "card.list", NULL, false, &cards) != 0)
		status = COMMAND_FAILED;
	/* No card is an answer here. */
	if (status == COMMAND_OK && (r = local_call(local, "certificate.list", NULL, true, &certificates)) != 0 && r != ERR_NO_CARD && r != ERR_CARD_UNSUPPORTED) {
		fprintf(stderr, "imza-agent: %s\n", local_text(local, err_text(r)->message_tr, err_text(r)->message_en));
		status = COMMAND_FAILED;
	}
	if (validate && certificates_validate(local, certificates) != 0)
		status = COMMAND_FAILED;
	if (json) {
		if (json_print(readers, cards, certificates) != COMMAND_OK)
			status = COMMAND_FAILED;
	} else {
		readers_print(local, readers);
		cards_print(local, cards);
		certificates_print(local, certificates);
	}
	cJSON_Delete(readers);
	cJSON_Delete(cards);
	cJSON_Delete(certificates);
	return status;
}

static int
list_run(const char *config, int argc, char **argv)
{
	static const struct option options[] = { { "json", no_argument, NULL, 'j' }, { "validate", no_argument, NULL, 'v' },
		{ NULL, 0, NULL, 0 } };
	struct local *local = NULL;
	bool json = false, validate = false;
	int c, status;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c != 'j' && c != 'v')
			return command_usage(&command_list);
		json = json || c == 'j';
		validate = validate || c == 'v';
	}
	if (optind != argc)
		return command_usage(&command_list);
	if (local_new(config, &local) != 0)
		return COMMAND_FAILED;
	status = everything_list(local, json, validate);
	local_free(local);
	return status;
}

const struct command command_list = { "list", "[--json] [--validate]", "Lists readers, cards and certificates; * marks the certificate to offer first; --validate asks whether each is revoked.",
	list_run };
