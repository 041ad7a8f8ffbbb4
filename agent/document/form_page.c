/* SPDX-License-Identifier: Apache-2.0 */
/* document/form_page.c: reads the request, counts the pages, draws them into a PDF and writes it out. */
#include "document/form_page.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cairo-pdf.h>
#include <openssl/evp.h>

#include "base/buf.h"
#include "base/encoding.h"
#include "base/err.h"
#include "base/json.h"
#include "document/form_archive.h"
#include "document/form_layout.h"
#include "forms/canonical.h"
#include "forms/profile.h"

#define DATA_MAX (4u << 20)

/* The SHA-256 in hex, in *ret_hex; the caller frees it. */
static int
digest_hex(const void *data, size_t len, char **ret_hex)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	char *hex;

	if (EVP_Digest(data, len, digest, NULL, EVP_sha256(), NULL) != 1 || (hex = hex_encode(digest, 32)) == NULL)
		return ERR_INTERNAL;
	*ret_hex = hex;
	return 0;
}

/* The day in Turkey of a time in UTC, YYYY-MM-DDTHH:MM:SSZ; 1970 when it is no such time. */
static struct day
day_read(const char *time)
{
	struct tm tm = { 0 };

	if (time == NULL || sscanf(time, "%4d-%2d-%2dT%2d:%2d:%2dZ", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &tm.tm_hour, &tm.tm_min, &tm.tm_sec) != 6)
		return day_in_turkey(0);
	tm.tm_year -= 1900;
	tm.tm_mon--;
	return day_in_turkey(timegm(&tm));
}

static int
content_read(const cJSON *request, struct form_content *content)
{
	const cJSON *form = json_member(request, "form"), *institution = json_member(request, "institution");
	const char *language = json_string(request, "language");

	if (language == NULL || (strcmp(language, "tr") != 0 && strcmp(language, "en") != 0))
		return ERR_INVALID_PARAMS;
	content->language = language;
	content->id = json_string(form, "id");
	content->version = (int)json_integer(form, "version", 0);
	content->title = profile_text(form, "title", language);
	content->layout = json_member(form, "layout");
	content->texts = json_member(form, "texts");
	content->data = json_member(request, "data");
	content->electronic = json_true(request, "electronic");
	content->profile = institution;
	content->today = day_read(json_string(request, "time"));
	content->institution = profile_text(institution, "name", language);
	content->unit = profile_text(institution, "unit", language);
	if (content->id == NULL || content->title[0] == '\0' || !cJSON_IsObject(content->layout) || !cJSON_IsObject(content->texts) ||
	    !cJSON_IsObject(content->data) || json_string(request, "time") == NULL)
		return ERR_INVALID_PARAMS;
	return 0;
}

/* Document information; the time is the request's, so that the same request gives the same bytes. */
static void
metadata_set(cairo_surface_t *surface, const struct form_content *content, const char *subject, const char *time)
{
	cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, content->title);
	cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_SUBJECT, subject);
	if (content->institution[0] != '\0')
		cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_AUTHOR, content->institution);
	cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATOR, "imza-agent");
	cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, time);
}

static int
pdf_make(const struct form_content *content, const char *subject, const char *time, struct buf *pdf, int *ret_pages,
    struct form_place ret_places[FORM_SIGNERS_MAX])
{
	struct paper paper;
	cairo_surface_t *surface = NULL;
	cairo_status_t status;
	enum form_density density = FORM_ROOMY;
	int pages, fewer, err;

	if ((err = paper_begin(&paper, content->language)) != 0)
		return err;
	pages = form_draw(&paper, content, FORM_ROOMY, 0, ret_places);
	for (enum form_density denser = FORM_MIDDLE; denser <= FORM_DENSE && paper.err == 0 && pages > 1; denser++)
		if ((fewer = form_draw(&paper, content, denser, 0, ret_places)) < pages) {
			density = denser;
			pages = fewer;
		}
	if (paper.err != 0)
		goto out;
	surface = cairo_pdf_surface_create_for_stream(paper_write, pdf, PAPER_WIDTH, PAPER_HEIGHT);
	cairo_pdf_surface_restrict_to_version(surface, CAIRO_PDF_VERSION_1_5);
	metadata_set(surface, content, subject, time);
	paper.cr = cairo_create(surface);
	form_draw(&paper, content, density, pages, ret_places);
	status = cairo_status(paper.cr);
	cairo_destroy(paper.cr);
	cairo_surface_finish(surface);
	if (status == CAIRO_STATUS_SUCCESS)
		status = cairo_surface_status(surface);
	if (paper.err == 0 && status != CAIRO_STATUS_SUCCESS)
		paper.err = pdf->failed ? ERR_TOO_LARGE : ERR_INTERNAL;
	*ret_pages = pages;
out:
	if (surface != NULL)
		cairo_surface_destroy(surface);
	paper_end(&paper);
	return paper.err;
}

/* In whole points, inside what was drawn. */
static struct pdf_place
place_of(const struct form_place *place)
{
	return (struct pdf_place){ (unsigned)place->page, (unsigned)ceil(place->x), (unsigned)ceil(PAPER_HEIGHT - place->y - place->height),
		(unsigned)floor(place->x + place->width), (unsigned)floor(PAPER_HEIGHT - place->y) };
}

static cJSON *
result_make(uint64_t size, const char *sha256, int pages, const struct form_place *place, const struct form_attachments *attachments)
{
	cJSON *result = cJSON_CreateObject(), *signature, *names;
	const double corners[] = { place->x, PAPER_HEIGHT - place->y - place->height, place->x + place->width, PAPER_HEIGHT - place->y };

	if (cJSON_AddNumberToObject(result, "size", (double)size) != NULL && cJSON_AddStringToObject(result, "sha256", sha256) != NULL &&
	    cJSON_AddNumberToObject(result, "pages", pages) != NULL && (signature = cJSON_AddObjectToObject(result, "signature")) != NULL &&
	    cJSON_AddNumberToObject(signature, "page", place->page) != NULL &&
	    cJSON_AddItemToObject(signature, "rectangle", cJSON_CreateDoubleArray(corners, 4)) &&
	    (names = cJSON_AddArrayToObject(result, "attachments")) != NULL) {
		size_t named = 0;

		while (named < attachments->count && cJSON_AddItemToArray(names, cJSON_CreateString(attachments->items[named].name)))
			named++;
		if (named == attachments->count)
			return result;
	}
	cJSON_Delete(result);
	return NULL;
}

int
form_page_render(const cJSON *request, const int *files, size_t files_count, int output_fd, cJSON **ret_result)
{
	struct form_content content = { 0 };
	struct form_attachments attachments = { .count = 0 };
	struct form_archive archive;
	char subject[128], *data_sha256 = NULL, *sha256 = NULL;
	struct form_place places[FORM_SIGNERS_MAX] = { { .page = 0 } };
	unsigned char digest[32];
	uint64_t size;
	int err, pages = 0;
	cJSON *result;
	struct buf pdf, canonical;

	buf_init(&pdf, FORM_PDF_MAX);
	buf_init(&canonical, DATA_MAX);
	if ((err = content_read(request, &content)) != 0 || (err = form_canonical(content.data, &canonical)) != 0 ||
	    (err = digest_hex(canonical.data, canonical.len, &data_sha256)) != 0 ||
	    (err = form_attachments_read(json_member(request, "attachments"), files, files_count, content.layout, content.texts, content.language,
	    &attachments)) != 0)
		goto out;
	content.digest = data_sha256;
	content.attachments = &attachments;
	snprintf(subject, sizeof(subject), "%s %d", content.id, content.version);
	archive = (struct form_archive){ &canonical, &attachments, json_string(request, "time"), content.language, content.title, content.institution,
		subject, { .page = 0 } };
	if ((err = pdf_make(&content, subject, archive.time, &pdf, &pages, places)) != 0)
		goto out;
	/* On paper the second who signs needs a pen, not a place. */
	if (content.electronic && places[1].page > 0)
		archive.countersignature = place_of(&places[1]);
	if ((err = form_archive(&pdf, &archive, output_fd, &size, digest)) != 0)
		goto out;
	if ((sha256 = hex_encode(digest, sizeof(digest))) == NULL || (result = result_make(size, sha256, pages, &places[0], &attachments)) == NULL)
		err = ERR_INTERNAL;
	else
		*ret_result = result;
out:
	form_attachments_clear(&attachments);
	buf_clear(&pdf);
	buf_clear(&canonical);
	free(data_sha256);
	free(sha256);
	return err;
}
