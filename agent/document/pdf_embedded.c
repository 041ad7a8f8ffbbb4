/* SPDX-License-Identifier: Apache-2.0 */
/* document/pdf_embedded.c: catalog, /AF, file specification, embedded file (ISO 32000-2 14.13, ISO 32000-1 7.11.4). */
#include "document/pdf_embedded.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "document/pdf_signatures.h"

#define NAME_MAX_BYTES 256u

/* The stream of the associated file named form.json. 1: found, 0: there is none, negative: the document is odd. */
static int
file_find(struct pdf *pdf, struct pdf_object *ret_file)
{
	struct pdf_value root, catalog, files, item, name, embedded, stream;
	struct pdf_cursor c;
	char *text;
	int r;

	if ((r = pdf_catalog_read(pdf, &root, &catalog)) != 0 || (r = pdf_get(pdf, &catalog, "AF", &files)) != 0 || files.type != PDF_ARRAY)
		return r;
	c = pdf_items(&files);
	while ((r = pdf_array_next(&c, &item)) == 1) {
		if ((r = pdf_resolve(pdf, &item, &item)) != 0 || item.type != PDF_DICT || (r = pdf_get(pdf, &item, "UF", &name)) != 0 ||
		    (r = pdf_get(pdf, &item, "EF", &embedded)) != 0)
			return r;
		if (embedded.type != PDF_DICT || pdf_text_read(&name, NAME_MAX_BYTES, &text) != 0)
			continue;
		r = strcmp(text, "form.json");
		free(text);
		if (r != 0)
			continue;
		if ((r = pdf_dict_get(&embedded, "F", &stream)) != 0 || stream.type != PDF_REFERENCE)
			return r;
		return (r = pdf_object_read(pdf, &stream, ret_file)) != 0 ? r : ret_file->stream != NULL;
	}
	return r;
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

int
pdf_form_data_read(struct pdf *pdf, cJSON **ret_form)
{
	struct pdf_object file;
	unsigned char *bytes = NULL;
	char id[NAME_MAX_BYTES];
	cJSON *form, *data = NULL;
	size_t len = 0;
	int version;

	*ret_form = NULL;
	if (file_find(pdf, &file) != 1 || !subject_read(pdf, id, &version) || pdf_stream_decode(pdf, &file, &bytes, &len) != 0)
		return 0;
	if (len <= PDF_FORM_DATA_MAX && (json_parse((const char *)bytes, len, &data) != 0 || !cJSON_IsObject(data))) {
		cJSON_Delete(data);
		free(bytes);
		return 0;
	}
	free(bytes);
	if ((form = cJSON_CreateObject()) == NULL || cJSON_AddStringToObject(form, "id", id) == NULL ||
	    cJSON_AddNumberToObject(form, "version", version) == NULL || (data != NULL && !cJSON_AddItemToObject(form, "data", data))) {
		cJSON_Delete(form);
		return ERR_INTERNAL;
	}
	*ret_form = form;
	return 0;
}
