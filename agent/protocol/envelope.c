/* SPDX-License-Identifier: Apache-2.0 */
/* protocol/envelope.c: the JSON-RPC 2.0 envelope; every error carries its reason, message and remedy in Turkish and English. */
#include "protocol/envelope.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "operations/results.h"

#define ID_MAX 64	/* characters of a string id, as types.json operationId says */

/* UTF-8 that json_parse() has checked. */
static size_t
characters_count(const char *text)
{
	size_t count = 0;

	for (; *text != '\0'; text++)
		count += (*text & 0xc0) != 0x80;
	return count;
}

static const cJSON *
id_read(const cJSON *json)
{
	const cJSON *id = json_member(json, "id");

	if (cJSON_IsString(id) && *id->valuestring != '\0' && characters_count(id->valuestring) <= ID_MAX)
		return id;
	return cJSON_IsNumber(id) && json_integer(json, "id", -1) >= 0 ? id : NULL;
}

/* cJSON compares and prints numbers to 15 digits; two ids may differ in the 16th. */
static long long
number_exact(const cJSON *number)
{
	return (long long)number->valuedouble;
}

static bool
members_are_known(const cJSON *json)
{
	static const char *const known[] = { "jsonrpc", "id", "method", "params" };
	const cJSON *member;

	cJSON_ArrayForEach(member, json) {
		size_t i = 0;

		while (i < sizeof(known) / sizeof(known[0]) && strcmp(known[i], member->string) != 0)
			i++;
		if (i == sizeof(known) / sizeof(known[0]))
			return false;
	}
	return true;
}

int
request_read(const char *text, size_t len, struct request *ret_request)
{
	struct request request = { 0 };
	const char *version;
	int r = json_parse(text, len, &request.json);

	if (r == 0) {
		request.id = id_read(request.json);
		request.method = json_string(request.json, "method");
		request.params = json_member(request.json, "params");
		version = json_string(request.json, "jsonrpc");
		if (!cJSON_IsObject(request.json) || version == NULL || strcmp(version, "2.0") != 0 || request.id == NULL ||
		    request.method == NULL || (request.params != NULL && !cJSON_IsObject(request.params)) ||
		    !members_are_known(request.json))
			r = ERR_INVALID_REQUEST;
	}
	*ret_request = request;
	return r;
}

void
request_clear(struct request *request)
{
	cJSON_Delete(request->json);
	*request = (struct request){ 0 };
}

int
request_id_equal(const cJSON *a, const cJSON *b)
{
	if (cJSON_IsNumber(a) && cJSON_IsNumber(b))
		return number_exact(a) == number_exact(b);
	return cJSON_Compare(a, b, true);
}

cJSON *
request_id_copy(const cJSON *id)
{
	char digits[24];

	if (!cJSON_IsNumber(id))
		return id != NULL ? cJSON_Duplicate(id, true) : cJSON_CreateNull();
	snprintf(digits, sizeof(digits), "%lld", number_exact(id));
	return cJSON_CreateRaw(digits);
}

static char *
message_print(const cJSON *id, const char *kind, cJSON *content)
{
	cJSON *message = cJSON_CreateObject();
	char *text = NULL;

	if (message != NULL && cJSON_AddStringToObject(message, "jsonrpc", "2.0") != NULL &&
	    cJSON_AddItemToObject(message, "id", request_id_copy(id)) &&
	    cJSON_AddItemToObject(message, kind, content)) {
		content = NULL;
		text = cJSON_PrintUnformatted(message);
	}
	cJSON_Delete(content);
	cJSON_Delete(message);
	return text;
}

char *
envelope_result(const cJSON *id, cJSON *result)
{
	return message_print(id, "result", result);
}

char *
envelope_error(const cJSON *id, int err, cJSON *data)
{
	return message_print(id, "error", error_to_json(err, data));
}

char *
envelope_notification(const char *method, cJSON *params)
{
	cJSON *message = cJSON_CreateObject();
	char *text = NULL;

	cJSON_AddStringToObject(message, "jsonrpc", "2.0");
	cJSON_AddStringToObject(message, "method", method);
	cJSON_AddItemToObject(message, "params", params);
	text = cJSON_PrintUnformatted(message);
	cJSON_Delete(message);
	return text;
}
