/* SPDX-License-Identifier: Apache-2.0 */
/* forms/field.c: values of a form's fields as people read them. */
#include "forms/field.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "forms/day.h"

/* Whether the pointer's first reference token, up to '/' or the end, is this name (RFC 6901 section 4). */
static bool
token_is(const char *token, const char *name)
{
	for (; *token != '\0' && *token != '/'; token++, name++) {
		char c = *token;

		if (c == '~' && (token[1] == '0' || token[1] == '1'))
			c = *++token == '0' ? '~' : '/';
		if (c != *name)
			return false;
	}
	return *name == '\0';
}

const cJSON *
field_value(const cJSON *data, const char *pointer)
{
	while (data != NULL && *pointer == '/') {
		const cJSON *member, *found = NULL;

		pointer++;
		if (!cJSON_IsObject(data))
			return NULL;
		cJSON_ArrayForEach(member, data)
			if (token_is(pointer, member->string))
				found = member;
		data = found;
		pointer += strcspn(pointer, "/");
	}
	return data;
}

const char *
field_text(const cJSON *texts, const char *language, const char *key)
{
	const char *text = json_string(json_member(texts, language), key);

	return text != NULL ? text : key;
}

char *
field_number_text(double number, const char *language)
{
	char *text = NULL;
	double hundredths = round(number * 100);
	long long whole;
	int len;

	if (!(fabs(hundredths) < 9e15))
		return strdup("?");	/* no schema of a form lets it through */
	whole = (long long)fabs(hundredths);
	if (whole % 100 == 0)
		len = asprintf(&text, "%s%lld", hundredths < 0 ? "-" : "", whole / 100);
	else
		len = asprintf(&text, "%s%lld%s%02lld", hundredths < 0 ? "-" : "", whole / 100, strcmp(language, "en") == 0 ? "." : ",",
		    whole % 100);
	return len < 0 ? NULL : text;
}

static const char *
option_label(const cJSON *field, const char *value, const cJSON *texts, const char *language)
{
	const cJSON *option;

	cJSON_ArrayForEach(option, json_member(field, "options")) {
		const char *own = json_string(option, "value"), *label = json_string(option, "label");

		if (own != NULL && label != NULL && strcmp(own, value) == 0)
			return field_text(texts, language, label);
	}
	return value;
}

static char *
string_text(const cJSON *field, const char *value, const cJSON *texts, const char *language)
{
	const char *widget = json_string(field, "widget");
	struct day day;

	if (widget != NULL && strcmp(widget, "choice") == 0)
		return strdup(option_label(field, value, texts, language));
	if (widget != NULL && strcmp(widget, "date") == 0 && day_parse(value, &day))
		return day_text(day, language);
	return strdup(value);
}

int
field_value_text(const cJSON *field, const cJSON *data, const cJSON *texts, const char *language, char **ret_text)
{
	const char *pointer = json_string(field, "pointer");
	const cJSON *value = pointer == NULL ? NULL : field_value(data, pointer);
	char *text;

	if (cJSON_IsString(value) && value->valuestring[0] != '\0')
		text = string_text(field, value->valuestring, texts, language);
	else if (cJSON_IsNumber(value))
		text = field_number_text(value->valuedouble, language);
	else if (cJSON_IsBool(value) && strcmp(language, "en") == 0)
		text = strdup(cJSON_IsTrue(value) ? "Yes" : "No");
	else if (cJSON_IsBool(value))
		text = strdup(cJSON_IsTrue(value) ? "Evet" : "Hayır");
	else {
		*ret_text = NULL;
		return 0;
	}
	if (text == NULL)
		return ERR_INTERNAL;
	*ret_text = text;
	return 0;
}
