/* SPDX-License-Identifier: Apache-2.0 */
/* document/pdf_archive.c: embedded file, metadata, colour profile, fonts, and the catalog that names them. */
#include "document/pdf_archive.h"

#include <stdio.h>
#include <string.h>
#include <openssl/evp.h>

#include "base/err.h"
#include "document/pdf_update.h"
#include "srgb_profile.h"

#define FILE_NAME "(form.json)"
#define METADATA_MAX ((size_t)64 << 10)

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

/* Text as XML content; control characters can't be in it (ISO 19005-3 6.6.2.1: well-formed XML). */
static void
xml_append(struct buf *out, const char *text)
{
	for (; *text != '\0'; text++) {
		const char *entity = *text == '&' ? "&amp;" : *text == '<' ? "&lt;" : *text == '>' ? "&gt;" : NULL;

		if (entity != NULL)
			buf_append_string(out, entity);
		else if ((unsigned char)*text >= ' ')
			buf_append(out, text, 1);
	}
}

/* One property of Dublin Core, as the kind of container that it wants (XMP part 1, 8.4). */
static void
dublin_append(struct buf *out, const char *name, const char *container, const char *text)
{
	const char *attribute = strcmp(container, "Alt") == 0 ? " xml:lang=\"x-default\"" : "";
	char tags[160];

	if (*text == '\0')
		return;
	snprintf(tags, sizeof(tags), "<dc:%s><rdf:%s><rdf:li%s>", name, container, attribute);
	buf_append_string(out, tags);
	xml_append(out, text);
	snprintf(tags, sizeof(tags), "</rdf:li></rdf:%s></dc:%s>\n", container, name);
	buf_append_string(out, tags);
}

/* The XMP packet (ISO 16684-1), never compressed, so that any program finds it. */
static int
metadata_append(struct pdf_update *update, uint32_t number, const struct pdf_archive *archive)
{
	struct buf xmp;
	char text[200];
	int r;

	buf_init(&xmp, METADATA_MAX);
	buf_append_string(&xmp, "<?xpacket begin=\"\xef\xbb\xbf\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n"
	    "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n"
	    "<rdf:Description rdf:about=\"\" xmlns:pdfaid=\"http://www.aiim.org/pdfa/ns/id/\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\""
	    " xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\">\n<pdfaid:part>3</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>\n"
	    "<dc:format>application/pdf</dc:format>\n");
	dublin_append(&xmp, "title", "Alt", archive->title);
	dublin_append(&xmp, "creator", "Seq", archive->author);
	dublin_append(&xmp, "description", "Alt", archive->subject);
	dublin_append(&xmp, "language", "Bag", archive->language);
	snprintf(text, sizeof(text), "<xmp:CreatorTool>imza-agent</xmp:CreatorTool><xmp:CreateDate>%s</xmp:CreateDate>\n", archive->time);
	buf_append_string(&xmp, text);
	buf_append_string(&xmp, "</rdf:Description></rdf:RDF></x:xmpmeta>\n<?xpacket end=\"r\"?>");
	if (xmp.failed)
		r = ERR_TOO_LARGE;
	else if ((r = pdf_update_begin(update, number, 0)) == 0) {
		snprintf(text, sizeof(text), "<</Type /Metadata\n/Subtype /XML\n/Length %zu>>\nstream\n", xmp.len);
		buf_append_string(&update->out, text);
		buf_append(&update->out, xmp.data, xmp.len);
		buf_append_string(&update->out, "\nendstream");
		pdf_update_end(update);
	}
	buf_clear(&xmp);
	return r;
}

static int
profile_append(struct pdf_update *update, uint32_t number)
{
	char head[60];
	int r;

	if ((r = pdf_update_begin(update, number, 0)) != 0)
		return r;
	snprintf(head, sizeof(head), "<</N 3\n/Length %zu>>\nstream\n", sizeof(srgb_profile));
	buf_append_string(&update->out, head);
	buf_append(&update->out, srgb_profile, sizeof(srgb_profile));
	buf_append_string(&update->out, "\nendstream");
	pdf_update_end(update);
	return 0;
}

/* ISO 19005-3 6.2.11.3.2: an embedded TrueType font says how its characters find their shapes. Cairo 1.16 leaves it to the default. */
static int
fonts_complete(struct pdf_update *update)
{
	struct pdf_value reference = { .type = PDF_REFERENCE }, type, map;
	struct pdf_object object;
	struct buf text;
	const struct pdf_entry_text entry = { "CIDToGIDMap", &text };
	int r = 0;

	buf_init(&text, 16);
	buf_append_string(&text, "/Identity");
	for (uint32_t number = 1; r == 0 && number < update->pdf->next_number; number++) {
		reference.number = number;
		if ((r = pdf_object_read(update->pdf, &reference, &object)) != 0 || object.value.type != PDF_DICT || object.stream != NULL)
			continue;
		if ((r = pdf_dict_get(&object.value, "Subtype", &type)) != 0 || !pdf_name_is(&type, "CIDFontType2") ||
		    (r = pdf_dict_get(&object.value, "CIDToGIDMap", &map)) != 0 || map.type != PDF_NULL)
			continue;
		if ((r = pdf_update_begin(update, number, 0)) == 0 && (r = pdf_dict_rewrite(&update->out, &object.value, &entry, 1)) == 0)
			pdf_update_end(update);
	}
	buf_clear(&text);
	return r;
}

/* Rewrites the catalog with what it names now. */
static int
catalog_append(struct pdf_update *update, const struct pdf_archive *archive, const char *date, uint32_t specification, uint32_t metadata, uint32_t profile)
{
	struct pdf_value reference, catalog, names, files;
	struct buf texts[7];
	const struct pdf_entry_text entries[] = { { "Names", &texts[0] }, { "AF", &texts[1] }, { "Metadata", &texts[2] },
		{ "OutputIntents", &texts[3] }, { "Lang", &texts[4] }, { "MarkInfo", &texts[5] }, { "PieceInfo", &texts[6] } };
	bool countersigned = archive->countersignature.page > 0;
	char text[240];
	int r;

	if ((r = pdf_dict_get(&update->pdf->trailer, "Root", &reference)) != 0 || (r = pdf_resolve(update->pdf, &reference, &catalog)) != 0 ||
	    (r = pdf_dict_get(&catalog, "Names", &names)) != 0 || (r = pdf_dict_get(&catalog, "AF", &files)) != 0)
		return r;
	if (reference.type != PDF_REFERENCE || names.type != PDF_NULL || files.type != PDF_NULL)
		return ERR_INTERNAL;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		buf_init(&texts[i], sizeof(text));
	snprintf(text, sizeof(text), "<</EmbeddedFiles <</Names [" FILE_NAME " %u 0 R]>>>>", (unsigned)specification);
	buf_append_string(&texts[0], text);
	snprintf(text, sizeof(text), "[%u 0 R]", (unsigned)specification);
	buf_append_string(&texts[1], text);
	pdf_reference_append(&texts[2], metadata, 0);
	snprintf(text, sizeof(text), "[<</Type /OutputIntent /S /GTS_PDFA1 /OutputConditionIdentifier (sRGB IEC61966-2.1) /Info (sRGB IEC61966-2.1)"
	    " /DestOutputProfile %u 0 R>>]", (unsigned)profile);
	buf_append_string(&texts[3], text);
	buf_append_string(&texts[4], strcmp(archive->language, "tr") == 0 ? "(tr-TR)" : "(en)");
	buf_append_string(&texts[5], "<</Marked true>>");
	if (countersigned)
		pdf_place_append(&texts[6], &archive->countersignature, date);
	if ((r = pdf_update_begin(update, reference.number, reference.generation)) == 0 &&
	    (r = pdf_dict_rewrite(&update->out, &catalog, entries, sizeof(entries) / sizeof(entries[0]) - !countersigned)) == 0)
		pdf_update_end(update);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		buf_clear(&texts[i]);
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

static int
update_build(struct pdf_update *update, const struct buf *pdf, const struct pdf_archive *archive, unsigned char id[EVP_MAX_MD_SIZE])
{
	uint32_t file = pdf_update_number(update), specification = pdf_update_number(update), metadata = pdf_update_number(update),
	    profile = pdf_update_number(update);
	char date[24];
	int r;

	date_text(archive->time, date);
	if ((r = id_make(pdf, archive->data, id)) != 0 || (r = file_append(update, file, archive->data, date)) != 0 ||
	    (r = specification_append(update, specification, file)) != 0 || (r = metadata_append(update, metadata, archive)) != 0 ||
	    (r = profile_append(update, profile)) != 0 || (r = fonts_complete(update)) != 0 ||
	    (r = catalog_append(update, archive, date, specification, metadata, profile)) != 0)
		return r;
	update->id = id;
	return pdf_update_close(update);
}

int
pdf_archive(struct buf *pdf, const struct pdf_archive *archive)
{
	unsigned char id[EVP_MAX_MD_SIZE];
	struct pdf_update update;
	struct pdf opened;
	int r;

	if ((r = pdf_open(&opened, pdf->data, pdf->len)) != 0) {
		pdf_close(&opened);
		return ERR_INTERNAL;
	}
	pdf_update_init(&update, &opened);
	r = update_build(&update, pdf, archive, id);
	pdf_close(&opened);
	if (r == 0) {
		buf_append(pdf, update.out.data, update.out.len);
		r = pdf->failed ? ERR_TOO_LARGE : 0;
	}
	pdf_update_clear(&update);
	return r == 0 || r == ERR_TOO_LARGE ? r : ERR_INTERNAL;
}
