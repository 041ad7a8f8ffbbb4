/* SPDX-License-Identifier: Apache-2.0 */
/* document/form_embedded.c: catalog, /AF, file specification, embedded file (ISO 32000-2 14.13, ISO 32000-1 7.11.4). */
#include "document/form_embedded.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "base/encoding.h"
#include "base/err.h"
#include "base/json.h"
#include "document/form_archive.h"
#include "pdf/signatures.h"

#define NAME_MAX_BYTES 256u
#define FILE_NAME_MAX_BYTES 1024u
#define FILES_MAX 64u				/* that are looked at */
#define HASHED_MAX ((size_t)64 << 20)		/* bytes of attachments of a revision: twice what form.sign takes */

/* One associated file. */
struct associated_file {
	struct pdf_value specification, embedded;	/* dictionaries */
	struct pdf_object stream;
	bool several;	/* there are others, for other systems: readers differ in which one they take */
	char *name;
};

static void
file_clear(struct associated_file *file)
{
	free(file->name);
	*file = (struct associated_file){ .name = NULL };
}

/* The stream that the file's bytes are in. 1, 0, or negative as file_read(). */
static int
stream_find(struct pdf *pdf, struct associated_file *file)
{
	struct pdf_value key, value, stream = { .type = PDF_NULL };
	struct pdf_cursor c = pdf_items(&file->embedded);
	int r;

	while ((r = pdf_dict_next(&c, &key, &value)) == 1) {
		if (value.type != PDF_REFERENCE)
			continue;
		if (stream.type == PDF_NULL)
			stream = value;
		else if (value.number != stream.number || value.generation != stream.generation)
			file->several = true;
	}
	if (r != 0 || stream.type == PDF_NULL)
		return r;
	return (r = pdf_object_read(pdf, &stream, &file->stream)) != 0 ? r : file->stream.stream != NULL;
}

/* 1: read, to be cleared in every case; 0: it is no file that is in the document; negative: the document is odd. */
static int
file_read(struct pdf *pdf, const struct pdf_value *item, struct associated_file *ret_file)
{
	struct pdf_value name;
	int r;

	*ret_file = (struct associated_file){ .name = NULL };
	if ((r = pdf_resolve(pdf, item, &ret_file->specification)) != 0 || ret_file->specification.type != PDF_DICT ||
	    (r = pdf_get(pdf, &ret_file->specification, "UF", &name)) != 0 || (r = pdf_get(pdf, &ret_file->specification, "EF", &ret_file->embedded)) != 0)
		return r;
	if (ret_file->embedded.type != PDF_DICT)
		return 0;
	/* One without a name is there all the same. */
	if (pdf_text_read(&name, FILE_NAME_MAX_BYTES, &ret_file->name) != 0 && (ret_file->name = strdup("_")) == NULL)
		return ERR_INTERNAL;
	return stream_find(pdf, ret_file);
}

/* The form's id and version, from the document information: /Subject (renewal 1). */
static bool
subject_read(struct pdf *pdf, char id[NAME_MAX_BYTES], int *ret_version)
{
	struct pdf_value information, subject;
	char *text = NULL, rest;
	bool ok;

	if (pdf_get(pdf, &pdf->trailer, "Info", &information) != 0 || information.type != PDF_DICT ||
	    pdf_get(pdf, &information, "Subject", &subject) != 0 || pdf_text_read(&subject, NAME_MAX_BYTES - 1, &text) != 0)
		return false;
	ok = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") <= 64 && sscanf(text, "%64[a-z0-9-] %6d%c", id, ret_version, &rest) == 2 &&
	    id[0] >= 'a' && id[0] <= 'z' && *ret_version > 0;
	free(text);
	return ok;
}

/* What would mislead whoever shows it or writes a file of that name; control characters are gone already. */
static void
name_harmless(char *name)
{
	for (unsigned char *p = (unsigned char *)name; *p != '\0'; p++)
		if (*p == '/' || *p == '\\')
			*p = '_';
		else if (*p == 0xe2 && ((p[1] == 0x80 && p[2] >= 0xa8 && p[2] <= 0xae) || (p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9)))
			memset(p, '_', 3);
}

/* A string (in ASCII) or a name of a dictionary, without its escapes; NULL: it is neither, too long, or there is none. The caller frees it. */
static char *
word_read(struct pdf *pdf, const struct pdf_value *dict, const char *key)
{
	char *text = calloc(1, NAME_MAX_BYTES + 1);
	struct pdf_value value;
	size_t len = 0;

	if (text == NULL || pdf_get(pdf, dict, key, &value) != 0 || (value.type != PDF_NAME && value.type != PDF_STRING))
		goto none;
	if (value.type == PDF_STRING) {
		free(text);
		return pdf_text_read(&value, NAME_MAX_BYTES, &text) == 0 ? text : NULL;
	}
	for (const unsigned char *p = value.start + 1; p < value.end; p++) {
		bool escaped = *p == '#' && value.end - p > 2 && pdf_hex_digit(p[1]) >= 0 && pdf_hex_digit(p[2]) >= 0;

		if (len == NAME_MAX_BYTES)
			goto none;
		text[len++] = (char)(escaped ? pdf_hex_digit(p[1]) << 4 | pdf_hex_digit(p[2]) : *p);
		p += escaped ? 2 : 0;
	}
	return text;
none:
	free(text);
	return NULL;
}

/* Adds that as a member, when it is of these letters. false: no memory. */
static bool
word_add(cJSON *json, const char *member, struct pdf *pdf, const struct pdf_value *dict, const char *key, const char *letters)
{
	char *text = word_read(pdf, dict, key);
	bool ok = text == NULL || *text == '\0' || text[strspn(text, letters)] != '\0' || cJSON_AddStringToObject(json, member, text) != NULL;

	free(text);
	return ok;
}

/* Size and digest of the file's own bytes; hashed counts them. false: no memory. */
static bool
content_add(cJSON *json, struct pdf *pdf, const struct pdf_object *stream, size_t *hashed)
{
	unsigned char *bytes = NULL, digest[EVP_MAX_MD_SIZE];
	char *hex = NULL;
	size_t len = 0;
	bool ok = true;

	if (*hashed > HASHED_MAX || pdf_stream_decode(pdf, stream, &bytes, &len) != 0)
		return true;
	*hashed += len;
	ok = EVP_Digest(bytes, len, digest, NULL, EVP_sha256(), NULL) == 1 && (hex = hex_encode(digest, 32)) != NULL &&
	    cJSON_AddNumberToObject(json, "size", (double)len) != NULL && cJSON_AddStringToObject(json, "sha256", hex) != NULL;
	free(hex);
	free(bytes);
	return ok;
}

/* types.json verifiedSignature: form.attachments[]. false: no memory. */
static bool
attachment_add(cJSON *list, struct pdf *pdf, struct associated_file *file, size_t *hashed)
{
	cJSON *json = cJSON_CreateObject();

	name_harmless(file->name);
	if (cJSON_AddStringToObject(json, "name", file->name) == NULL || !cJSON_AddItemToArray(list, json)) {
		cJSON_Delete(json);
		return false;
	}
	return word_add(json, "id", pdf, &file->specification, PDF_ATTACHMENT_ID, "abcdefghijklmnopqrstuvwxyz0123456789-") &&
	    word_add(json, "mediaType", pdf, &file->stream.value, "Subtype", "abcdefghijklmnopqrstuvwxyz0123456789!#$&^_.+-/") &&
	    (file->several || content_add(json, pdf, &file->stream, hashed));
}

/* The associated files: form.json in *ret_data (PDF_NULL: there is none), the others in the list. 0 or ERR_INTERNAL. */
static int
files_read(struct pdf *pdf, struct pdf_object *ret_data, cJSON *list)
{
	struct pdf_value root, catalog, files, item;
	struct associated_file file;
	struct pdf_cursor c;
	size_t hashed = 0;
	bool ok = true;

	*ret_data = (struct pdf_object){ .stream = NULL };
	if (pdf_catalog_read(pdf, &root, &catalog) != 0 || pdf_get(pdf, &catalog, "AF", &files) != 0 || files.type != PDF_ARRAY)
		return 0;
	c = pdf_items(&files);
	for (size_t i = 0; ok && i < FILES_MAX && pdf_array_next(&c, &item) == 1; i++) {
		int r = file_read(pdf, &item, &file);

		ok = r != ERR_INTERNAL;
		if (r == 1) {
			if (ret_data->stream == NULL && !file.several && strcmp(file.name, "form.json") == 0)
				*ret_data = file.stream;
			else
				ok = attachment_add(list, pdf, &file, &hashed);
		}
		file_clear(&file);
	}
	return ok ? 0 : ERR_INTERNAL;
}

int
pdf_form_data_read(struct pdf *pdf, cJSON **ret_form)
{
	struct pdf_object file;
	unsigned char *bytes = NULL;
	char id[NAME_MAX_BYTES];
	cJSON *form = NULL, *data = NULL, *attachments;
	size_t len = 0;
	int version, r;

	*ret_form = NULL;
	if ((attachments = cJSON_CreateArray()) == NULL)
		return ERR_INTERNAL;
	if ((r = files_read(pdf, &file, attachments)) != 0 || file.stream == NULL || !subject_read(pdf, id, &version) ||
	    pdf_stream_decode(pdf, &file, &bytes, &len) != 0)
		goto out;
	if (len <= PDF_FORM_DATA_MAX && (json_parse((const char *)bytes, len, &data) != 0 || !cJSON_IsObject(data)))
		goto out;
	r = ERR_INTERNAL;
	if ((form = cJSON_CreateObject()) == NULL || cJSON_AddStringToObject(form, "id", id) == NULL || cJSON_AddNumberToObject(form, "version", version) == NULL)
		goto out;
	if (data != NULL && !cJSON_AddItemToObject(form, "data", data))
		goto out;
	data = NULL;
	if (cJSON_GetArraySize(attachments) > 0) {
		if (!cJSON_AddItemToObject(form, "attachments", attachments))
			goto out;
		attachments = NULL;
	}
	*ret_form = form;
	form = NULL;
	r = 0;
out:
	free(bytes);
	cJSON_Delete(data);
	cJSON_Delete(attachments);
	cJSON_Delete(form);
	return r;
}
