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

TEST_MAIN(TEST_CASE(each_keyword_accepts_and_refuses), TEST_CASE(the_alternative_that_was_meant_explains_the_error))
