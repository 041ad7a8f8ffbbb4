/* SPDX-License-Identifier: Apache-2.0 */
/* document/pdf_attach.c: embedded file, file specification, and the catalog that names it. */
#include "document/pdf_attach.h"

#include <stdio.h>
#include <string.h>
#include <openssl/evp.h>

#include "base/err.h"
#include "document/pdf_update.h"

#define FILE_NAME "(form.json)"

/* The identifier of this revision: of what is in it, so that the same form is the same file. */
static int
id_make(const struct buf *pdf, const struct buf *data, unsigned char id[EVP_MAX_MD_SIZE])
{
	EVP_MD_CTX *digest = EVP_MD_CTX_new();
	int ok = digest != NULL && EVP_DigestInit_ex(digest, EVP_sha256(), NULL) == 1 && EVP_DigestUpdate(digest, pdf->data, pdf->len) == 1 &&
	    EVP_DigestUpdate(digest, data->data, data->len) == 1 && EVP_DigestFinal_ex(digest, id, NULL) == 1;

	EVP_MD_CTX_free(digest);
	return ok ? 0 : ERR_INTERNAL;
}

static int
file_append(struct pdf_update *update, uint32_t number, const struct buf *data, const char *date)
{
	char head[200];
	int r;

	if ((r = pdf_update_begin(update, number, 0)) != 0)
		return r;
	snprintf(head, sizeof(head), "<</Type /EmbeddedFile\n/Subtype /application#2Fjson\n/Params <</Size %zu /ModDate %s>>\n/Length %zu>>\nstream\n",
	    data->len, date, data->len);
	buf_append_string(&update->out, head);
	buf_append(&update->out, data->data, data->len);
	buf_append_string(&update->out, "\nendstream");
	pdf_update_end(update);
	return 0;
}

static int
specification_append(struct pdf_update *update, uint32_t number, uint32_t file)
{
	char text[200];
	int r;

	if ((r = pdf_update_begin(update, number, 0)) != 0)
		return r;
	snprintf(text, sizeof(text), "<</Type /Filespec\n/F " FILE_NAME "\n/UF " FILE_NAME "\n/AFRelationship /Data\n/EF <</F %u 0 R /UF %u 0 R>>>>",
	    (unsigned)file, (unsigned)file);
	buf_append_string(&update->out, text);
	pdf_update_end(update);
	return 0;
}

static int
catalog_append(struct pdf_update *update, uint32_t specification)
{
	struct pdf_value reference, catalog, names, files;
	struct buf names_text, files_text;
	const struct pdf_entry_text entries[] = { { "Names", &names_text }, { "AF", &files_text } };
	char text[100];
	int r;

	if ((r = pdf_dict_get(&update->pdf->trailer, "Root", &reference)) != 0 || (r = pdf_resolve(update->pdf, &reference, &catalog)) != 0 ||
	    (r = pdf_dict_get(&catalog, "Names", &names)) != 0 || (r = pdf_dict_get(&catalog, "AF", &files)) != 0)
		return r;
	if (reference.type != PDF_REFERENCE || names.type != PDF_NULL || files.type != PDF_NULL)
		return ERR_INTERNAL;
	buf_init(&names_text, sizeof(text));
	buf_init(&files_text, sizeof(text));
	snprintf(text, sizeof(text), "<</EmbeddedFiles <</Names [" FILE_NAME " %u 0 R]>>>>", (unsigned)specification);
	buf_append_string(&names_text, text);
	snprintf(text, sizeof(text), "[%u 0 R]", (unsigned)specification);
	buf_append_string(&files_text, text);
	if ((r = pdf_update_begin(update, reference.number, reference.generation)) == 0 &&
	    (r = pdf_dict_rewrite(&update->out, &catalog, entries, 2)) == 0)
		pdf_update_end(update);
	buf_clear(&names_text);
	buf_clear(&files_text);
	return r;
}

/* "(D:20261124083000Z)" of 2026-11-24T08:30:00Z; the digits only. */
static void
date_text(const char *time, char date[24])
{
	size_t at = 0;

	memcpy(date, "(D:", 3);
	for (at = 3; *time != '\0' && at < 17; time++)
		if (*time >= '0' && *time <= '9')
			date[at++] = *time;
	memcpy(date + at, "Z)", 3);
}

int
pdf_attach_data(struct buf *pdf, const struct buf *data, const char *time)
{
	unsigned char id[EVP_MAX_MD_SIZE];
	struct pdf_update update;
	uint32_t file, specification;
	struct pdf opened;
	char date[24];
	int r;

	date_text(time, date);
	if ((r = pdf_open(&opened, pdf->data, pdf->len)) != 0) {
		pdf_close(&opened);
		return ERR_INTERNAL;
	}
	pdf_update_init(&update, &opened);
	file = pdf_update_number(&update);
	specification = pdf_update_number(&update);
	if ((r = id_make(pdf, data, id)) == 0 && (r = file_append(&update, file, data, date)) == 0 &&
	    (r = specification_append(&update, specification, file)) == 0 && (r = catalog_append(&update, specification)) == 0) {
		update.id = id;
		r = pdf_update_close(&update);
	}
	pdf_close(&opened);
	if (r == 0) {
		buf_append(pdf, update.out.data, update.out.len);
		r = pdf->failed ? ERR_TOO_LARGE : 0;
	}
	pdf_update_clear(&update);
	return r == 0 || r == ERR_TOO_LARGE ? r : ERR_INTERNAL;
}
