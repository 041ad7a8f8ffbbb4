/* SPDX-License-Identifier: Apache-2.0 */
/* test_schema.c: the JSON Schema check: what it accepts, what it says about the rest, which schemas it refuses to compile. */
#include "test.h"

#include <stdlib.h>

#include "base/err.h"
#include "base/schema.h"

static bool
is_even(const char *text)
{
	return strlen(text) % 2 == 0;
}

/* A set of one document "t.json" with the format "even", finished; NULL (and *ret_problem) when it does not compile. */
static struct schema_set *
set_of(const char *schema, char **ret_problem)
{
	struct schema_set *set = NULL;
	cJSON *json = cJSON_Parse(schema);
	int err;

	CHECK_MSG(json != NULL, "%s", schema);
	CHECK_INT(schema_set_new(&set), 0);
	CHECK_INT(schema_format_register(set, "even", is_even), 0);
	err = schema_set_add(set, "t.json", json, ret_problem);
	if (err == 0)
		err = schema_set_finish(set, ret_problem);
	cJSON_Delete(json);
	if (err == 0)
		return set;
	schema_set_free(set);
	return NULL;
}

/* The first error as "POINTER KEYWORD", or "ok". */
static void
expect(const char *schema, const char *instance, const char *expected)
{
	struct schema_error error = { 0 };
	char *problem = NULL, got[300] = "ok";
	struct schema_set *set = set_of(schema, &problem);
	cJSON *json = cJSON_Parse(instance);
	size_t count = 99;
	int err;

	CHECK_MSG(set != NULL, "%s: %s", schema, problem);
	CHECK_MSG(json != NULL, "%s", instance);
	if (set != NULL && json != NULL) {
		err = schema_check(schema_find(set, "t.json"), json, &error, 1, &count);
		if (err == ERR_INVALID_PARAMS && count == 1)
			snprintf(got, sizeof(got), "%s %s", error.pointer, error.keyword);
		else if (err != 0 || count != 0)
			snprintf(got, sizeof(got), "error %d, count %zu", err, count);
	}
	CHECK_MSG(strcmp(got, expected) == 0, "%s with %s gives \"%s\", not \"%s\"", schema, instance, got, expected);
	schema_errors_clear(&error, 1);
	schema_set_free(set);
	cJSON_Delete(json);
	free(problem);
}

static void
each_keyword_accepts_and_refuses(void)
{
	static const struct { const char *schema, *instance, *expected; } cases[] = {
		{ "true", "1", "ok" }, { "false", "1", " false" }, { "{}", "null", "ok" },
		{ "{\"type\":\"integer\"}", "1.0", "ok" }, { "{\"type\":\"integer\"}", "1.5", " type" }, { "{\"type\":\"integer\"}", "1e300", "ok" },
		{ "{\"type\":[\"string\",\"null\"]}", "null", "ok" }, { "{\"type\":[\"string\",\"null\"]}", "false", " type" },
		{ "{\"enum\":[1,\"a\",{\"x\":[1,2]}]}", "{\"x\":[1.0,2]}", "ok" }, { "{\"enum\":[1,\"a\"]}", "\"A\"", " enum" },
		{ "{\"const\":{\"a\":1,\"b\":2}}", "{\"b\":2,\"a\":1}", "ok" }, { "{\"const\":false}", "0", " const" },
		{ "{\"minimum\":3}", "3", "ok" }, { "{\"minimum\":3}", "2.9", " minimum" }, { "{\"maximum\":3}", "3.1", " maximum" },
		{ "{\"exclusiveMinimum\":3}", "3", " exclusiveMinimum" }, { "{\"exclusiveMaximum\":3}", "3", " exclusiveMaximum" },
		{ "{\"multipleOf\":0.01}", "19.99", "ok" }, { "{\"multipleOf\":0.01}", "19.995", " multipleOf" }, { "{\"multipleOf\":3}", "10", " multipleOf" },
		{ "{\"minLength\":2}", "\"\xc4\x9f\xf0\x9f\x98\x80\"", "ok" }, { "{\"minLength\":2}", "\"\xc4\x9f\"", " minLength" },
		{ "{\"maxLength\":2}", "\"\xc4\x9f\xc4\x9f\"", "ok" }, { "{\"maxLength\":2}", "\"abc\"", " maxLength" }, { "{\"maxLength\":2}", "12345", "ok" },
		{ "{\"pattern\":\"^a+$\"}", "\"aaa\"", "ok" }, { "{\"pattern\":\"^a+$\"}", "\"aaa\\n\"", " pattern" }, { "{\"pattern\":\"b\"}", "\"abc\"", "ok" },
		{ "{\"pattern\":\"^\\\\d$\"}", "\"\xd9\xa3\"", " pattern" }, { "{\"pattern\":\"^\\\\p{Lu}$\"}", "\"\xc4\x9e\"", "ok" }, { "{\"pattern\":\"^.$\"}", "\"\xc4\x9e\"", "ok" },
		{ "{\"format\":\"even\"}", "\"ab\"", "ok" }, { "{\"format\":\"even\"}", "\"abc\"", " format" }, { "{\"format\":\"even\"}", "7", "ok" },
		{ "{\"format\":\"date\"}", "\"2024-02-29\"", "ok" }, { "{\"format\":\"date\"}", "\"2023-02-29\"", " format" },
		{ "{\"contentEncoding\":\"base64\"}", "\"YWI=\"", "ok" }, { "{\"contentEncoding\":\"base64\"}", "\"YWJ=\"", " contentEncoding" },
		{ "{\"contentEncoding\":\"base64\"}", "\"\"", "ok" }, { "{\"contentEncoding\":\"base64\"}", "\"YQ=\"", " contentEncoding" }, { "{\"contentEncoding\":\"base64\"}", "\"====\"", " contentEncoding" },
		{ "{\"minItems\":1}", "[]", " minItems" }, { "{\"maxItems\":1}", "[1,2]", " maxItems" }, { "{\"uniqueItems\":true}", "[1,{\"a\":1},{\"a\":1.0}]", " uniqueItems" },
		{ "{\"uniqueItems\":true}", "[1,true,\"1\",[1]]", "ok" }, { "{\"uniqueItems\":false}", "[1,1]", "ok" },
		{ "{\"prefixItems\":[{\"type\":\"string\"}],\"items\":{\"type\":\"number\"}}", "[\"a\",1,\"b\"]", "/2 type" },
		{ "{\"prefixItems\":[{\"type\":\"string\"}],\"items\":false}", "[\"a\",1]", "/1 items" },
		{ "{\"contains\":{\"const\":1}}", "[2]", " contains" }, { "{\"contains\":{\"const\":1},\"minContains\":0}", "[2]", "ok" },
		{ "{\"contains\":{\"const\":1},\"minContains\":2}", "[1]", " minContains" }, { "{\"contains\":{\"const\":1},\"maxContains\":1}", "[1,1]", " maxContains" },
		{ "{\"required\":[\"a/b~\"]}", "{}", "/a~1b~0 required" }, { "{\"required\":[\"a\"]}", "{\"a\":null}", "ok" },
		{ "{\"dependentRequired\":{\"a\":[\"b\"]}}", "{\"a\":1}", "/b dependentRequired" }, { "{\"dependentRequired\":{\"a\":[\"b\"]}}", "{}", "ok" },
		{ "{\"minProperties\":1}", "{}", " minProperties" }, { "{\"maxProperties\":1}", "{\"a\":1,\"b\":1}", " maxProperties" },
		{ "{\"propertyNames\":{\"maxLength\":1}}", "{\"ab\":1}", "/ab propertyNames" }, { "{\"properties\":{\"a\":{\"type\":\"null\"}}}", "{\"a\":1}", "/a type" },
		{ "{\"properties\":{\"a\":false}}", "{\"a\":1}", "/a properties" }, { "{\"properties\":{\"a\":false}}", "{\"A\":1}", "ok" },
		{ "{\"patternProperties\":{\"^x\":{\"type\":\"null\"}}}", "{\"x1\":1}", "/x1 type" },
		{ "{\"patternProperties\":{\"^x\":true},\"properties\":{\"a\":true},\"additionalProperties\":false}", "{\"x1\":1,\"a\":2}", "ok" },
		{ "{\"properties\":{\"a\":true},\"additionalProperties\":false}", "{\"a\":1,\"b/c\":2}", "/b~1c additionalProperties" },
		{ "{\"additionalProperties\":{\"type\":\"null\"}}", "{\"a\":1}", "/a type" },
		{ "{\"allOf\":[{\"minimum\":1},{\"maximum\":3}]}", "4", " maximum" }, { "{\"not\":{\"type\":\"null\"}}", "null", " not" }, { "{\"not\":{\"type\":\"null\"}}", "1", "ok" },
		{ "{\"if\":{\"minimum\":5},\"then\":{\"multipleOf\":5},\"else\":{\"multipleOf\":2}}", "7", " multipleOf" },
		{ "{\"if\":{\"minimum\":5},\"then\":false}", "7", " then" }, { "{\"if\":{\"minimum\":5},\"then\":false}", "4", "ok" },
		{ "{\"$ref\":\"#/$defs/x\",\"$defs\":{\"x\":{\"type\":\"null\"}}}", "1", " type" }, { "{\"$ref\":\"t.json#/$defs/x\",\"$defs\":{\"x\":{\"type\":\"null\"}}}", "null", "ok" },
		{ "{\"$id\":\"http://example.com/t\",\"$ref\":\"http://example.com/t#/$defs/x%22\",\"$defs\":{\"x\\\"\":{\"type\":\"null\"}}}", "1", " type" },
		{ "{\"properties\":{\"a\":{\"$ref\":\"#\"}},\"additionalProperties\":false}", "{\"a\":{\"a\":{\"b\":1}}}", "/a/a/b additionalProperties" },
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++)
		expect(cases[i].schema, cases[i].instance, cases[i].expected);
}

static void
the_alternative_that_was_meant_explains_the_error(void)
{
	static const char files[] = "{\"oneOf\":[{\"required\":[\"handle\"],\"properties\":{\"handle\":{\"type\":\"integer\"}},\"additionalProperties\":false},"
	    "{\"required\":[\"content\",\"name\"],\"properties\":{\"content\":{\"pattern\":\"^a*$\"},\"name\":{\"type\":\"string\"}},\"additionalProperties\":false}]}";
	static const char ids[] = "{\"anyOf\":[{\"type\":\"string\",\"minLength\":1},{\"type\":\"integer\",\"minimum\":0}]}";
	static const char kinds[] = "{\"oneOf\":[{\"properties\":{\"kind\":{\"const\":\"a\"}},\"required\":[\"kind\",\"x\"]},"
	    "{\"properties\":{\"kind\":{\"const\":\"b\"}},\"required\":[\"kind\",\"y\"]}]}";

	expect(files, "{\"handle\":1}", "ok");
	expect(files, "{\"handle\":\"x\"}", "/handle type");
	expect(files, "{\"handle\":1,\"more\":1}", "/more additionalProperties");
	expect(files, "{\"content\":\"!\",\"name\":\"n\"}", "/content pattern");
	expect(files, "{\"content\":\"a\"}", "/name required");
	expect(files, "7", " oneOf");	/* both hold: neither says type */
	expect(ids, "true", " anyOf");
	expect(ids, "-1", " minimum");
	expect(ids, "\"\"", " minLength");
	expect(kinds, "{\"kind\":\"b\"}", "/y required");
	expect("{\"oneOf\":[{\"minimum\":1},{\"minimum\":2}]}", "3", " oneOf");
	expect("{\"properties\":{\"d\":{\"oneOf\":[{\"required\":[\"a\"]},{\"required\":[\"b\"]}]}}}", "{\"d\":{}}", "/d oneOf");
}

static void
all_errors_are_told_at_once(void)
{
	static const char schema[] = "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\",\"minLength\":2,\"pattern\":\"^x\"},\"b\":{\"$ref\":\"#/$defs/n\"},"
	    "\"c\":{\"items\":{\"$ref\":\"#/$defs/n\"}}},\"required\":[\"d\",\"e\"],\"additionalProperties\":false,\"$defs\":{\"n\":{\"type\":\"integer\",\"maximum\":9}}}";
	static const char *const expected[] = { "/d required is missing.", "/e required is missing.", "/a minLength is shorter than 2 characters.", "/a pattern does not match ^x",
		"/b type is not a whole number.", "/c/1 maximum is more than 9.", "/f additionalProperties is not allowed here." };
	struct schema_error errors[20] = { 0 };
	char *problem = NULL, got[300];
	struct schema_set *set = set_of(schema, &problem);
	cJSON *json = cJSON_Parse("{\"a\":\"y\",\"b\":\"1\",\"c\":[1,10,2],\"f\":0}");
	size_t count = 0;

	CHECK_INT(schema_check(schema_find(set, "t.json"), json, errors, COUNT_OF(errors), &count), ERR_INVALID_PARAMS);
	CHECK_INT(count, COUNT_OF(expected));
	for (size_t i = 0; i < count && i < COUNT_OF(expected); i++) {
		snprintf(got, sizeof(got), "%s %s %s", errors[i].pointer, errors[i].keyword, errors[i].rule);
		CHECK_STR(got, expected[i]);
	}
	schema_errors_clear(errors, count);
	CHECK(errors[0].pointer == NULL && errors[0].rule == NULL);
	CHECK_INT(schema_check(schema_find(set, "t.json"), json, errors, 3, &count), ERR_INVALID_PARAMS);
	CHECK_INT(count, 3);
	schema_errors_clear(errors, count);
	CHECK_INT(schema_check(schema_find(set, "t.json"), json, NULL, 0, &count), ERR_INVALID_PARAMS);
	CHECK_INT(count, 0);
	cJSON_Delete(json);
	schema_set_free(set);
}

static void
a_schema_that_is_not_understood_is_refused(void)
{
	static const struct { const char *schema, *problem; } cases[] = {
		{ "{\"maxlength\":1}", "t.json#: the keyword \"maxlength\" is not supported" },
		{ "{\"properties\":{\"a/b\":{\"unevaluatedProperties\":false}}}", "t.json#/properties/a~1b: the keyword \"unevaluatedProperties\" is not supported" },
		{ "{\"$anchor\":\"a\"}", "t.json#: the keyword \"$anchor\"" }, { "{\"$dynamicRef\":\"#a\"}", "t.json#: the keyword" }, { "{\"definitions\":{}}", "t.json#: the keyword" },
		{ "{\"dependencies\":{}}", "t.json#: the keyword" }, { "{\"additionalItems\":true}", "t.json#: the keyword" }, { "{\"contentMediaType\":\"a/b\"}", "t.json#: the keyword" },
		{ "7", "t.json#: a schema is" }, { "[]", "t.json#: a schema is" }, { "null", "t.json#: a schema is" }, { "{\"items\":[{}]}", "t.json#/items: a schema is" }, { "{\"allOf\":[1]}", "t.json#/allOf/0: a schema is" },
		{ "{\"type\":\"int\"}", "t.json#/type: the keyword's value" }, { "{\"type\":[]}", "t.json#/type: " }, { "{\"type\":[\"null\",\"null\"]}", "t.json#/type: " }, { "{\"type\":[\"null\",1]}", "t.json#/type: " }, { "{\"type\":1}", "t.json#/type: " },
		{ "{\"enum\":1}", "t.json#/enum: " }, { "{\"minimum\":\"1\"}", "t.json#/minimum: " }, { "{\"multipleOf\":0}", "t.json#/multipleOf: " }, { "{\"multipleOf\":-1}", "t.json#/multipleOf: " },
		{ "{\"maxLength\":-1}", "t.json#/maxLength: " }, { "{\"maxLength\":1.5}", "t.json#/maxLength: " }, { "{\"minItems\":\"1\"}", "t.json#/minItems: " }, { "{\"uniqueItems\":1}", "t.json#/uniqueItems: " },
		{ "{\"required\":\"a\"}", "t.json#/required: " }, { "{\"required\":[1]}", "t.json#/required: " }, { "{\"required\":[\"a\",\"a\"]}", "t.json#/required: " }, { "{\"dependentRequired\":{\"a\":1}}", "t.json#/dependentRequired: " },
		{ "{\"properties\":[]}", "t.json#/properties: " }, { "{\"allOf\":[]}", "t.json#/allOf: " }, { "{\"allOf\":{}}", "t.json#/allOf: " }, { "{\"prefixItems\":[]}", "t.json#/prefixItems: " }, { "{\"title\":1}", "t.json#/title: " },
		{ "{\"examples\":1}", "t.json#/examples: " }, { "{\"pattern\":1}", "t.json#/pattern: " }, { "{\"pattern\":\"(\"}", "t.json#/pattern: the pattern is wrong at offset 1" }, { "{\"pattern\":\"\\\\C\"}", "t.json#/pattern: the pattern is wrong" },
		{ "{\"patternProperties\":{\"[\":true}}", "t.json#/patternProperties: the pattern is wrong" }, { "{\"format\":\"datum\"}", "t.json#/format: the format \"datum\" is unknown" }, { "{\"format\":1}", "t.json#/format: " },
		{ "{\"contentEncoding\":\"hex\"}", "t.json#/contentEncoding: " }, { "{\"$schema\":\"http://json-schema.org/draft-07/schema#\"}", "t.json#/$schema: " }, { "{\"items\":{\"$id\":\"x\"}}", "t.json#/items/$id: $id is supported at the root only" },
		{ "{\"$ref\":\"#/$defs/x\"}", "t.json#: $ref leads nowhere: #/$defs/x" }, { "{\"$ref\":\"other.json\"}", "t.json#: $ref leads nowhere: other.json" }, { "{\"items\":{\"$ref\":\"#x\"}}", "t.json#/items: $ref leads nowhere: #x" },
		{ "{\"$ref\":\"#/%zz\"}", "t.json#: $ref leads nowhere" }, { "{\"$ref\":\"#/%00\"}", "t.json#: $ref leads nowhere" }, { "{\"$ref\":\"#/enum/0\",\"enum\":[{}]}", "t.json#: $ref leads nowhere" }, { "{\"$ref\":1}", "t.json#/$ref: " },
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char *problem = NULL;
		struct schema_set *set = set_of(cases[i].schema, &problem);

		CHECK_MSG(set == NULL && problem != NULL && strncmp(problem, cases[i].problem, strlen(cases[i].problem)) == 0, "%s: %s", cases[i].schema, problem);
		schema_set_free(set);
		free(problem);
	}
}

static void
documents_refer_to_each_other(void)
{
	struct schema_set *set = NULL;
	struct schema_error error = { 0 };
	char *problem = NULL;
	size_t count = 0;
	cJSON *params = cJSON_Parse("{\"properties\":{\"n\":{\"$ref\":\"types.json#/$defs/n\"}}}"), *types = cJSON_Parse("{\"$defs\":{\"n\":{\"$ref\":\"#/$defs/m\"},\"m\":{\"maximum\":3}}}");
	cJSON *instance = cJSON_Parse("{\"n\":4}");

	CHECK_INT(schema_set_new(&set), 0);
	CHECK_INT(schema_set_add(set, "methods/x.json#/params", params, &problem), 0);
	CHECK_INT(schema_set_add(set, "types.json", types, &problem), 0);
	CHECK(schema_find(set, "types.json") == NULL);	/* not before the finish */
	CHECK_INT(schema_set_finish(set, &problem), 0);
	cJSON_Delete(params), cJSON_Delete(types);	/* the set has copies */
	CHECK(schema_find(set, "types.json") != NULL && schema_find(set, "types.json#/$defs/n") != NULL && schema_find(set, "methods/x.json#/params/properties/n") != NULL);
	CHECK(schema_find(set, "methods/x.json") == NULL && schema_find(set, "types.json#/$defs/k") == NULL && schema_find(set, "") == NULL);
	CHECK_INT(schema_check(schema_find(set, "methods/x.json#/params"), instance, &error, 1, &count), ERR_INVALID_PARAMS);
	CHECK_STR(error.pointer, "/n");
	schema_errors_clear(&error, 1);
	CHECK_INT(schema_set_add(set, "more.json", instance, &problem), ERR_INTERNAL);
	CHECK_STR(problem, "more.json: the set is finished");
	free(problem);
	schema_set_free(set);
	cJSON_Delete(instance);
}

static void
a_name_is_added_once(void)
{
	struct schema_set *set = NULL;
	char *problem = NULL;
	cJSON *any = cJSON_CreateTrue();

	CHECK_INT(schema_set_new(&set), 0);
	CHECK_INT(schema_set_add(set, "a", any, &problem), 0);
	CHECK_INT(schema_set_add(set, "a", any, &problem), ERR_INTERNAL);
	CHECK_STR(problem, "a: there is a document of this name already");
	free(problem);
	cJSON_Delete(any);
	schema_set_free(set);
	schema_set_free(NULL);
}

/* Checks the instance in an array of count copies; the error and how it reads. */
static int
check_copies(const char *schema, const char *instance, int count, struct schema_error *error)
{
	char *problem = NULL;
	struct schema_set *set = set_of(schema, &problem);
	cJSON *array = cJSON_CreateArray();
	size_t found = 0;
	int err;

	for (int i = 0; i < count; i++)
		cJSON_AddItemToArray(array, *instance == '#' ? cJSON_CreateNumber(i) : cJSON_Parse(instance));
	err = schema_check(schema_find(set, "t.json"), array, error, 1, &found);
	CHECK_INT(found, err == ERR_INVALID_PARAMS);
	cJSON_Delete(array);
	schema_set_free(set);
	return err;
}

static void
what_costs_too_much_ends(void)
{
	struct schema_error error = { 0 };

	/* The classic of exponential backtracking. */
	CHECK_INT(check_copies("{\"items\":{\"pattern\":\"^(a+)+$\"}}", "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!\"", 1, &error), ERR_INVALID_PARAMS);
	CHECK_STR(error.rule, "costs too much to match with ^(a+)+$");
	schema_errors_clear(&error, 1);
	CHECK_INT(check_copies("{\"uniqueItems\":true}", "#", 2000, &error), 0);
	CHECK_INT(check_copies("{\"uniqueItems\":true}", "#", 20000, &error), ERR_INVALID_PARAMS);
	CHECK_STR(error.rule, "costs too much to check.");
	CHECK_STR(error.pointer, "");
	schema_errors_clear(&error, 1);
	CHECK_INT(check_copies("{\"uniqueItems\":true,\"maxItems\":10}", "#", 20000, &error), ERR_INVALID_PARAMS);
	CHECK_STR(error.keyword, "maxItems");
	schema_errors_clear(&error, 1);
}

static void
references_that_double_end(void)
{
	struct schema_error error = { 0 };
	char schema[4000] = "{\"items\":{\"$ref\":\"#/$defs/0\"},\"$defs\":{";
	size_t len = strlen(schema);

	for (int i = 0; i < 30; i++)
		len += (size_t)snprintf(schema + len, sizeof(schema) - len, "\"%d\":{\"allOf\":[{\"$ref\":\"#/$defs/%d\"},{\"$ref\":\"#/$defs/%d\"}]},", i, i + 1, i + 1);
	snprintf(schema + len, sizeof(schema) - len, "\"30\":true}}");
	CHECK_INT(check_copies(schema, "1", 1, &error), ERR_INVALID_PARAMS);
	CHECK_STR(error.rule, "costs too much to check.");
	schema_errors_clear(&error, 1);
}

static void
a_reference_that_loops_ends(void)
{
	struct schema_error error = { 0 };

	CHECK_INT(check_copies("{\"$ref\":\"#\"}", "1", 1, &error), ERR_INTERNAL);
	CHECK_INT(check_copies("{\"allOf\":[{\"$ref\":\"#/$defs/a\"}],\"$defs\":{\"a\":{\"not\":{\"$ref\":\"#\"}}}}", "1", 1, &error), ERR_INTERNAL);
	CHECK(error.pointer == NULL && error.rule == NULL);
}

static void
formats_are_asserted(void)
{
	static const struct { const char *format, *good[8], *bad[20]; } cases[] = {
		{ "date", { "2024-02-29", "2000-02-29", "0001-01-01", "9999-12-31" },
		    { "", "2024-2-29", "2024-02-30", "1900-02-29", "2024-13-01", "2024-00-10", "2024-01-00", "2024-01-32", "24-01-01", "2024/01/01", "2024-01-01T", " 2024-01-01", "2024-01-1\xd9\xa1", "20240101", "2024-04-31" } },
		{ "date-time", { "2026-11-24T08:30:00Z", "2026-11-24t08:30:00.123+03:00", "1998-12-31T23:59:60Z", "1998-12-31T15:59:60-08:00", "2026-11-24T00:00:00-00:00" },
		    { "", "2026-11-24", "2026-11-24 08:30:00Z", "2026-11-24T08:30Z", "2026-11-24T24:00:00Z", "2026-11-24T08:60:00Z", "2026-11-24T08:30:61Z", "2026-11-24T08:30:60Z", "2026-11-24T08:30:00", "2026-11-24T08:30:00+3",
		      "2026-11-24T08:30:00.Z", "2026-11-24T08:30:00+24:00", "2026-11-24T08:30:00+03:60", "2026-11-24T08:30:00Z ", "2026-11-31T08:30:00Z" } },
		{ "email", { "a@b.tr", "ayse.deneme+form@ornek.com.tr", "\"a b\"@ornek.tr", "a@[127.0.0.1]", "a@[IPv6:::1]", "o'n/e@x-y.tr" },
		    { "", "a", "@b.tr", "a@", "a@b@c", ".a@b.tr", "a.@b.tr", "a..b@c.tr", "a b@c.tr", "a@-b.tr", "a@b-.tr", "a@b..tr", "a@.b", "a@[127.0.0.256]", "a@[]", "a@[IPv6:", "\"a@b.tr", "\"a\\", "a@b_c.tr" } },
		{ "uri", { "https://ornek.tr/", "http://a:b@[::1]:80/p?q#f", "mailto:a@b.tr", "urn:oid:1.2.3", "a:", "http://h/%C4%9F", "file:///etc/passwd", "http://[v1.a:b]/" },
		    { "", "ornek.tr", "//ornek.tr", "/a", ":a", "1a:b", "http://a b/", "http://a/\xc4\x9f", "http://a/%4", "http://a/%4g", "http://[::1/", "http://[x]/", "http://a:b:c/", "http://a:8x/", "http://a/<", "http://a/#b#c", "a\\b:c", "http://a@b@c/" } },
	};
	char schema[100], instance[200], expected[10];

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		snprintf(schema, sizeof(schema), "{\"format\":\"%s\"}", cases[i].format);
		for (size_t k = 0; k < COUNT_OF(cases[i].good) + COUNT_OF(cases[i].bad); k++) {
			bool good = k < COUNT_OF(cases[i].good);
			cJSON *text = cJSON_CreateString(good ? cases[i].good[k] : cases[i].bad[k - COUNT_OF(cases[i].good)]);

			if (text != NULL && cJSON_IsString(text) && text->valuestring != NULL) {
				CHECK(cJSON_PrintPreallocated(text, instance, sizeof(instance), false));
				snprintf(expected, sizeof(expected), "%s", good ? "ok" : " format");
				expect(schema, instance, expected);
			}
			cJSON_Delete(text);
		}
	}
}

TEST_MAIN(TEST_CASE(each_keyword_accepts_and_refuses), TEST_CASE(the_alternative_that_was_meant_explains_the_error), TEST_CASE(all_errors_are_told_at_once),
    TEST_CASE(a_schema_that_is_not_understood_is_refused), TEST_CASE(documents_refer_to_each_other), TEST_CASE(a_name_is_added_once),
    TEST_CASE(what_costs_too_much_ends), TEST_CASE(references_that_double_end), TEST_CASE(a_reference_that_loops_ends), TEST_CASE(formats_are_asserted))
