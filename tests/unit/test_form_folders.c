/* SPDX-License-Identifier: Apache-2.0 */
/* test_form_folders.c: an institution's own forms and versions; whatever is wrong in a folder, the others are there. */
#include "form_cases.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[] = "/tmp/imza-forms-XXXXXX";
static const char *const parts[] = { "form.json", "schema.json", "layout.json", "texts.json" };

static void
file_write(const char *form, const char *part, const char *text, mode_t mode)
{
	char path[300];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", root, form);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/%s/%s", root, form, part);
	unlink(path);
	if (text == NULL)
		return;
	file = fopen(path, "w");
	CHECK(file != NULL && fputs(text, file) >= 0);
	fclose(file);
	chmod(path, mode);
}

/* A small form of that id and version. */
static void
form_write(const char *id, int version)
{
	char text[2000];

	snprintf(text, sizeof(text), "{\"id\":\"%s\",\"version\":%d,\"title\":{\"tr\":\"Nöbet\",\"en\":\"Duty\"},\"identity\":\"/number\","
	    "\"certificateEnd\":\"/day\"}", id, version);
	file_write(id, parts[0], text, 0600);
	file_write(id, parts[1], "{\"type\":\"object\",\"properties\":{\"number\":{\"type\":\"string\",\"format\":\"tckn\"},\"day\":{\"type\":\"string\","
	    "\"format\":\"date\"}},\"required\":[\"number\"],\"additionalProperties\":false}", 0600);
	file_write(id, parts[2], "{\"sections\":[{\"title\":\"s\",\"fields\":[{\"pointer\":\"/number\",\"label\":\"n\",\"width\":\"half\",\"widget\":\"text\"},"
	    "{\"pointer\":\"/day\",\"label\":\"d\",\"width\":\"half\",\"widget\":\"date\"}]}],\"declaration\":[\"t\"],\"signature\":{\"label\":\"i\"}}", 0600);
	file_write(id, parts[3], "{\"tr\":{\"s\":\"Nöbet\",\"n\":\"Numara\",\"d\":\"Gün\",\"t\":\"Doğrudur.\",\"i\":\"İmza\"},"
	    "\"en\":{\"s\":\"Duty\",\"n\":\"Number\",\"d\":\"Day\",\"t\":\"True.\",\"i\":\"Signature\"}}", 0600);
}

static void
form_remove(const char *id)
{
	char path[300];

	for (size_t i = 0; i < 4; i++)
		file_write(id, parts[i], NULL, 0);
	snprintf(path, sizeof(path), "%s/%s", root, id);
	rmdir(path);
}

static struct form_catalogue *
with_folder(void)
{
	struct form_catalogue *made = NULL;
	const char *folder = root;

	CHECK_INT(form_catalogue_new(&folder, 1, &made), 0);
	return made;
}

/* The newest version in form.catalog; 0: it is not listed. */
static int
listed(struct form_catalogue *forms, const char *id)
{
	cJSON *list = form_catalogue_list(forms);
	const cJSON *entry;
	int version = 0;

	cJSON_ArrayForEach(entry, list)
		if (strcmp(json_string(entry, "id"), id) == 0) {
			CHECK_INT(version, 0);	/* each form once */
			version = (int)json_integer(entry, "version", 0);
		}
	cJSON_Delete(list);
	return version;
}

static void
a_form_is_added_without_recompiling(void)
{
	struct form_catalogue *forms;
	cJSON *data = cJSON_Parse("{\"number\":\"10000000146\"}"), *errors = NULL;

	form_write("duty-roster", 1);
	forms = with_folder();
	CHECK_INT(listed(forms, "duty-roster"), 1);
	CHECK_INT(listed(forms, "renewal"), 1);
	CHECK_INT(form_validate(forms, "duty-roster", 0, data, NOW, &errors), 0);
	CHECK_STR(form_identity_number(forms, "duty-roster", 0, data), "10000000146");
	CHECK_INT(form_way_check(forms, "duty-roster", 0, data, &errors), 0);	/* it knows no other way than to be signed */
	CHECK_INT(form_certificate_check(forms, "duty-roster", 0, data, NOW, NOW, &errors), 0);	/* not filled in */
	put(data, "/day", cJSON_CreateString("2026-11-25"));
	CHECK_INT(form_certificate_check(forms, "duty-roster", 0, data, NOW, NOW, &errors), ERR_FORM_INVALID);
	CHECK_STR(json_string(error_at(errors, "/day"), "code"), "certificate_end_differs");
	cJSON_Delete(errors);
	errors = NULL;
	put(data, "/number", cJSON_CreateString("10000000147"));
	CHECK_INT(form_validate(forms, "duty-roster", 0, data, NOW, &errors), ERR_FORM_INVALID);
	CHECK_STR(json_string(error_at(errors, "/number"), "code"), "identity_number");
	cJSON_Delete(errors);
	cJSON_Delete(data);
	form_catalogue_free(forms);
	form_remove("duty-roster");
}

static void
a_higher_version_replaces_and_the_old_one_stays_by_name(void)
{
	cJSON *data = cJSON_Parse("{\"number\":\"10000000146\"}"), *old = example("renewal"), *errors = NULL, *description = NULL;
	struct form_catalogue *forms;

	form_write("renewal", 3);
	forms = with_folder();
	CHECK_INT(listed(forms, "renewal"), 3);
	CHECK_INT(form_validate(forms, "renewal", 0, data, NOW, &errors), 0);
	CHECK_INT(form_validate(forms, "renewal", 3, data, NOW, &errors), 0);
	CHECK_INT(form_validate(forms, "renewal", 1, old, NOW, &errors), 0);
	CHECK_INT(form_validate(forms, "renewal", 2, old, NOW, &errors), ERR_NOT_FOUND);
	CHECK_INT(form_validate(forms, "renewal", 4, old, NOW, &errors), ERR_NOT_FOUND);
	CHECK(errors == NULL);
	CHECK_INT(form_validate(forms, "renewal", 1, data, NOW, &errors), ERR_FORM_INVALID);
	cJSON_Delete(errors);
	CHECK_INT(form_describe(forms, "renewal", 1, &description), 0);
	CHECK_INT(json_integer(description, "version", 0), 1);
	cJSON_Delete(description);
	form_catalogue_free(forms);
	form_remove("renewal");
	cJSON_Delete(data);
	cJSON_Delete(old);
}

static void
the_same_or_a_lower_version_does_not_replace(void)
{
	cJSON *old = example("renewal"), *errors = NULL;
	struct form_catalogue *forms;

	form_write("renewal", 1);
	forms = with_folder();
	CHECK_INT(listed(forms, "renewal"), 1);
	CHECK_INT(form_validate(forms, "renewal", 0, old, NOW, &errors), 0);
	form_catalogue_free(forms);
	form_remove("renewal");
	cJSON_Delete(old);
}

/* A layout with these files that may go along. */
#define WITH_FILES(files) "{\"sections\":[{\"title\":\"s\",\"fields\":[{\"pointer\":\"/number\",\"label\":\"n\",\"width\":\"half\",\"widget\":\"text\"}," \
	"{\"pointer\":\"/day\",\"label\":\"d\",\"width\":\"half\",\"widget\":\"date\"}]}],\"declaration\":[],\"signature\":{\"label\":\"i\"},\"attachments\":[" files "]}"
#define GOOD_FILE "{\"id\":\"a\",\"label\":\"i\",\"hint\":\"t\",\"mediaTypes\":[\"image/png\"],\"sizeMax\":33554432,\"with\":\"/day\",\"need\":\"required\"}"

static void
a_form_may_take_files(void)
{
	struct form_catalogue *forms;

	form_write("with-files", 1);
	file_write("with-files", "layout.json", WITH_FILES(GOOD_FILE), 0600);
	forms = with_folder();
	CHECK_INT(listed(forms, "with-files"), 1);
	form_catalogue_free(forms);
	form_remove("with-files");
}

static void
a_broken_form_leaves_the_rest(void)
{
	static const struct { const char *part, *text; mode_t mode; } broken[] = {
		{ "form.json", NULL, 0 }, { "schema.json", NULL, 0 }, { "layout.json", NULL, 0 }, { "texts.json", NULL, 0 },
		{ "form.json", "{", 0600 }, { "form.json", "[]", 0600 },
		{ "form.json", "{\"id\":\"other\",\"version\":1,\"title\":{\"tr\":\"a\",\"en\":\"b\"}}", 0600 },
		{ "form.json", "{\"id\":\"broken\",\"version\":0,\"title\":{\"tr\":\"a\",\"en\":\"b\"}}", 0600 },
		{ "form.json", "{\"id\":\"broken\",\"version\":1,\"title\":{\"tr\":\"a\"}}", 0600 },
		{ "form.json", "{\"id\":\"broken\",\"version\":1,\"title\":{\"tr\":\"a\",\"en\":\"b\"},\"identity\":\"/x\"}", 0600 },
		{ "form.json", "{\"id\":\"broken\",\"version\":1,\"title\":{\"tr\":\"a\",\"en\":\"b\"},\"certificateEnd\":\"/x\"}", 0600 },
		{ "form.json", "{\"id\":\"broken\",\"version\":1,\"title\":{\"tr\":\"a\",\"en\":\"b\"},\"signedWhen\":{\"pointer\":\"/x\",\"value\":\"a\"}}", 0600 },
		{ "form.json", "{\"id\":\"broken\",\"version\":1,\"title\":{\"tr\":\"a\",\"en\":\"b\"},\"signedWhen\":{\"pointer\":\"/day\"}}", 0600 },
		{ "form.json", "{\"id\":\"broken\",\"version\":1,\"title\":{\"tr\":\"a\",\"en\":\"b\"},\"rules\":[{\"rule\":\"x\",\"pointer\":\"/day\"}]}", 0600 },
		{ "schema.json", "[]", 0600 }, { "schema.json", "{\"type\":\"object\",\"properties\":{},\"colour\":1,\"additionalProperties\":false}", 0600 },
		{ "schema.json", "{\"$ref\":\"#/$defs/none\"}", 0600 },
		{ "schema.json", "{\"type\":\"object\",\"properties\":{\"number\":{\"type\":\"string\"}}}", 0600 },	/* open */
		{ "schema.json", "{\"type\":\"object\",\"properties\":{\"number\":{},\"hidden\":{}},\"additionalProperties\":false}", 0600 },
		{ "schema.json", "{\"type\":\"object\",\"properties\":{\"a\":{\"properties\":{\"hidden\":{}},\"additionalProperties\":false}},"
		    "\"additionalProperties\":false}", 0600 },
		{ "schema.json", "{\"type\":\"object\",\"properties\":{\"number\":{\"type\":\"array\"}},\"additionalProperties\":false}", 0600 },
		{ "schema.json", "{\"type\":\"object\",\"properties\":{\"number\":{\"type\":\"object\"}},\"additionalProperties\":false}", 0600 },
		{ "schema.json", "{\"type\":\"object\",\"properties\":{\"number\":{}},\"patternProperties\":{\"^x\":{}},\"additionalProperties\":false}",
		    0600 },
		{ "layout.json", "{}", 0600 },
		{ "layout.json", "{\"sections\":[{\"title\":\"s\",\"fields\":[{\"pointer\":\"/number\",\"label\":\"n\",\"width\":\"third\",\"widget\":\"text\"}]}],"
		    "\"declaration\":[],\"signature\":{\"label\":\"i\"}}", 0600 },
		{ "layout.json", "{\"sections\":[{\"title\":\"s\",\"fields\":[{\"pointer\":\"/number\",\"label\":\"n\",\"width\":\"half\",\"widget\":\"text\"},"
		    "{\"pointer\":\"/day\",\"label\":\"d\",\"width\":\"half\",\"widget\":\"date\"}]}],\"declaration\":[],\"signature\":{\"label\":\"i\"},"
		    "\"countersignature\":{\"label\":\"x\"}}", 0600 },
		{ "texts.json", "{\"tr\":{\"s\":\"a\"},\"en\":{\"s\":\"a\"}}", 0600 }, { "texts.json", "{\"tr\":{\"s\":5},\"en\":{}}", 0600 },
		{ "texts.json", "{\"tr\":{}}", 0600 },
		{ "texts.json", "{\"tr\":{\"s\":\"a\",\"n\":\"a\",\"d\":\"a\",\"t\":\"a\",\"i\":\"a\"},\"en\":{\"s\":\"a\",\"n\":\"a\",\"d\":\"a\",\"t\":\"a\"}}", 0600 },
		{ "layout.json", "{\"sections\":[]}", 0666 },
		{ "layout.json", WITH_FILES("{\"id\":\"a\",\"label\":\"i\",\"mediaTypes\":[\"text/html\"],\"sizeMax\":1}"), 0600 },
		{ "layout.json", WITH_FILES("{\"id\":\"a\",\"label\":\"i\",\"mediaTypes\":[],\"sizeMax\":1}"), 0600 },
		{ "layout.json", WITH_FILES("{\"id\":\"A/b\",\"label\":\"i\",\"mediaTypes\":[\"image/png\"],\"sizeMax\":1}"), 0600 },
		{ "layout.json", WITH_FILES("{\"id\":\"a\",\"label\":\"none\",\"mediaTypes\":[\"image/png\"],\"sizeMax\":1}"), 0600 },
		{ "layout.json", WITH_FILES("{\"id\":\"a\",\"label\":\"i\",\"mediaTypes\":[\"image/png\"],\"sizeMax\":33554433}"), 0600 },
		{ "layout.json", WITH_FILES("{\"id\":\"a\",\"label\":\"i\",\"mediaTypes\":[\"image/png\"],\"sizeMax\":1,\"with\":\"/num\"}"), 0600 },
		{ "layout.json", WITH_FILES("{\"id\":\"a\",\"label\":\"i\",\"mediaTypes\":[\"image/png\"],\"sizeMax\":1,\"statedBy\":\"/x\"}"), 0600 },
		{ "layout.json", WITH_FILES("{\"id\":\"a\",\"label\":\"i\",\"mediaTypes\":[\"image/png\"],\"sizeMax\":1,\"statedBy\":\"/number\"}"), 0600 },
		{ "layout.json", WITH_FILES(GOOD_FILE "," GOOD_FILE), 0600 },
		{ "schema.json", "{\"type\":\"object\",\"properties\":{\"number\":{},\"attachments\":{}},\"additionalProperties\":false}", 0600 },
	};

	for (size_t i = 0; i < COUNT_OF(broken); i++) {
		struct form_catalogue *forms;

		form_write("broken", 1);
		form_write("zz-good", 1);
		file_write("broken", broken[i].part, broken[i].text, broken[i].mode);
		forms = with_folder();
		CHECK_MSG(listed(forms, "broken") == 0, "%s: %s", broken[i].part, broken[i].text);
		CHECK_INT(listed(forms, "zz-good"), 1);
		CHECK_INT(listed(forms, "first-application"), 1);
		form_catalogue_free(forms);
	}
	form_remove("broken");
	form_remove("zz-good");
}

/* Whoever can write a form can have anything signed. */
static void
a_form_that_others_can_write_is_left_out(void)
{
	struct form_catalogue *forms;
	char path[300];

	form_write("duty-roster", 1);
	snprintf(path, sizeof(path), "%s/duty-roster/texts.json", root);
	chmod(path, 0666);
	forms = with_folder();
	CHECK_INT(listed(forms, "duty-roster"), 0);
	form_catalogue_free(forms);
	chmod(path, 0600);
	snprintf(path, sizeof(path), "%s/duty-roster", root);
	chmod(path, 0777);
	forms = with_folder();
	CHECK_INT(listed(forms, "duty-roster"), 0);
	form_catalogue_free(forms);
	chmod(path, 0700);
	forms = with_folder();
	CHECK_INT(listed(forms, "duty-roster"), 1);
	form_catalogue_free(forms);
	form_remove("duty-roster");
}

static void
other_names_and_missing_folders_do_no_harm(void)
{
	static const char *const folders[] = { "/nonexistent/forms.d", root };
	struct form_catalogue *forms = NULL;

	form_write("duty-roster", 1);
	form_write("Upper", 1);
	form_write(".hidden", 1);
	CHECK_INT(form_catalogue_new(folders, 2, &forms), 0);
	CHECK_INT(listed(forms, "duty-roster"), 1);
	CHECK_INT(listed(forms, "Upper"), 0);
	form_catalogue_free(forms);
	form_remove("duty-roster");
	form_remove("Upper");
	form_remove(".hidden");
	CHECK_INT(rmdir(root), 0);
}

static void
a_folder_is_made(void)
{
	CHECK(mkdtemp(root) != NULL);
}

TEST_MAIN(TEST_CASE(a_folder_is_made), TEST_CASE(a_form_is_added_without_recompiling),
    TEST_CASE(a_higher_version_replaces_and_the_old_one_stays_by_name), TEST_CASE(the_same_or_a_lower_version_does_not_replace),
    TEST_CASE(a_form_may_take_files), TEST_CASE(a_broken_form_leaves_the_rest), TEST_CASE(a_form_that_others_can_write_is_left_out),
    TEST_CASE(other_names_and_missing_folders_do_no_harm))
