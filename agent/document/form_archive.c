/* SPDX-License-Identifier: Apache-2.0 */
/* document/form_archive.c: embedded files, metadata, colour profile, fonts, and the catalog that names them. */
#include "document/form_archive.h"

#include <stdio.h>
#include <string.h>
#include <openssl/evp.h>

#include "base/err.h"
#include "document/file.h"
#include "pdf/update.h"
#include "srgb_profile.h"

#define FILE_NAME "form.json"
#define METADATA_MAX ((size_t)64 << 10)
#define ENTRY_MAX ((size_t)1 << 10)	/* bytes of one entry of the catalog */
#define FILES_MAX (1 + FORM_ATTACHMENTS_MAX)

/* The update under way. */
struct archiving {
	const struct form_archive *archive;
	struct pdf_update update;
	char date[24];
	uint32_t specifications[FILES_MAX];	/* of the data, then of the attachments */
	size_t places[FORM_ATTACHMENTS_MAX];	/* where in update.out each attachment's bytes go */
};

/* A file that is embedded; data NULL: its bytes come when all is written. */
struct embedded {
	const char *name, *description, *media_type, *relationship, *id;	/* description, id: NULL for none */
	const struct buf *data;
	uint64_t size;
	const unsigned char *md5;
};

/* The identifier of this revision: of what is in it, so that the same form is the same file. */
static int
id_make(const struct buf *pdf, const struct form_archive *archive, unsigned char id[EVP_MAX_MD_SIZE])
{
	EVP_MD_CTX *digest = digest_new(EVP_sha256());
	int ok = digest != NULL && EVP_DigestUpdate(digest, pdf->data, pdf->len) == 1 &&
	    EVP_DigestUpdate(digest, archive->data->data, archive->data->len) == 1;

	for (size_t i = 0; i < archive->attachments->count && ok; i++)
		ok = EVP_DigestUpdate(digest, archive->attachments->items[i].sha256, sizeof(archive->attachments->items[i].sha256)) == 1;
	ok = ok && EVP_DigestFinal_ex(digest, id, NULL) == 1;
	EVP_MD_CTX_free(digest);
	return ok ? 0 : ERR_INTERNAL;
}

/* "/application#2Fpdf" */
static void
media_type_append(struct buf *out, const char *media_type)
{
	buf_append_string(out, "/");
	for (; *media_type != '\0'; media_type++)
		buf_append_string(out, *media_type == '/' ? "#2F" : (const char[]){ *media_type, '\0' });
}

/* The stream; *ret_place is where in update->out its bytes are, or belong. */
static int
file_append(struct pdf_update *update, uint32_t number, const struct embedded *file, const char *date, size_t *ret_place)
{
	char text[160];
	int r;

	if ((r = pdf_update_begin(update, number, 0)) != 0)
		return r;
	buf_append_string(&update->out, "<</Type /EmbeddedFile\n/Subtype ");
	media_type_append(&update->out, file->media_type);
	snprintf(text, sizeof(text), "\n/Params <</Size %llu /ModDate %s /CheckSum <", (unsigned long long)file->size, date);
	buf_append_string(&update->out, text);
	for (size_t i = 0; i < 16; i++) {
		snprintf(text, sizeof(text), "%02X", file->md5[i]);
		buf_append_string(&update->out, text);
	}
	snprintf(text, sizeof(text), ">>>\n/Length %llu>>\nstream\n", (unsigned long long)file->size);
	buf_append_string(&update->out, text);
	*ret_place = update->out.len;
	if (file->data != NULL)
		buf_append(&update->out, file->data->data, file->data->len);
	else
		update->between += file->size;
	buf_append_string(&update->out, "\nendstream");
	pdf_update_end(update);
	return 0;
}

static int
specification_append(struct pdf_update *update, uint32_t number, const struct embedded *file, uint32_t stream)
{
	char text[200];
	int r;

	if ((r = pdf_update_begin(update, number, 0)) != 0)
		return r;
	buf_append_string(&update->out, "<</Type /Filespec\n/F ");
	pdf_text_append(&update->out, file->name);
	buf_append_string(&update->out, "\n/UF ");
	pdf_text_append(&update->out, file->name);
	if (file->description != NULL) {
		buf_append_string(&update->out, "\n/Desc ");
		pdf_text_append(&update->out, file->description);
	}
	if (file->id != NULL) {
		buf_append_string(&update->out, "\n/" PDF_ATTACHMENT_ID " ");
		pdf_text_append(&update->out, file->id);
	}
	snprintf(text, sizeof(text), "\n/AFRelationship /%s\n/EF <</F %u 0 R /UF %u 0 R>>>>", file->relationship, (unsigned)stream, (unsigned)stream);
	buf_append_string(&update->out, text);
	pdf_update_end(update);
	return 0;
}

static int
embedded_append(struct archiving *archiving, const struct embedded *file, uint32_t *ret_specification, size_t *ret_place)
{
	uint32_t stream = pdf_update_number(&archiving->update), specification = pdf_update_number(&archiving->update);
	int r = file_append(&archiving->update, stream, file, archiving->date, ret_place);

	*ret_specification = specification;
	return r != 0 ? r : specification_append(&archiving->update, specification, file, stream);
}

static int
files_append(struct archiving *archiving)
{
	const struct buf *data = archiving->archive->data;
	const struct form_attachments *attachments = archiving->archive->attachments;
	unsigned char md5[EVP_MAX_MD_SIZE];
	size_t place;
	int r;

	if (EVP_Digest(data->data, data->len, md5, NULL, EVP_md5(), NULL) != 1)
		return ERR_INTERNAL;
	r = embedded_append(archiving, &(struct embedded){ .name = FILE_NAME, .media_type = "application/json", .relationship = "Data", .data = data,
	    .size = data->len, .md5 = md5 }, &archiving->specifications[0], &place);
	for (size_t i = 0; i < attachments->count && r == 0; i++) {
		const struct form_attachment *item = &attachments->items[i];

		r = embedded_append(archiving, &(struct embedded){ .name = item->name, .description = item->label, .media_type = item->media_type,
		    .relationship = "Supplement", .id = item->id, .size = item->size, .md5 = item->md5 }, &archiving->specifications[1 + i],
		    &archiving->places[i]);
	}
	return r;
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
metadata_append(struct pdf_update *update, uint32_t number, const struct form_archive *archive)
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

/* The catalog's /Names, whose keys are sorted, and /AF, in the order of the page. */
static void
files_name(const struct archiving *archiving, struct buf *names, struct buf *files)
{
	size_t count = archiving->archive->attachments->count;
	char text[60];

	buf_append_string(names, "<</EmbeddedFiles <</Names [");
	buf_append_string(files, "[");
	for (size_t i = 0; i <= count; i++) {
		if (i < count)
			snprintf(text, sizeof(text), "(attachment-%zu) ", i + 1);
		buf_append_string(names, i < count ? text : "(" FILE_NAME ") ");
		pdf_reference_append(names, archiving->specifications[(i + 1) % (count + 1)], 0);
		pdf_reference_append(files, archiving->specifications[i], 0);
		buf_append_string(names, i < count ? " " : "]>>>>");
		buf_append_string(files, i < count ? " " : "]");
	}
}

/* Rewrites the catalog with what it names now. */
static int
catalog_append(struct archiving *archiving, uint32_t metadata, uint32_t profile)
{
	struct pdf_update *update = &archiving->update;
	struct pdf_value reference, catalog, names, files;
	struct buf texts[7];
	const struct pdf_entry_text entries[] = { { "Names", &texts[0] }, { "AF", &texts[1] }, { "Metadata", &texts[2] },
		{ "OutputIntents", &texts[3] }, { "Lang", &texts[4] }, { "MarkInfo", &texts[5] }, { "PieceInfo", &texts[6] } };
	bool countersigned = archiving->archive->countersignature.page > 0;
	char text[240];
	int r;

	if ((r = pdf_dict_get(&update->pdf->trailer, "Root", &reference)) != 0 || (r = pdf_resolve(update->pdf, &reference, &catalog)) != 0 ||
	    (r = pdf_dict_get(&catalog, "Names", &names)) != 0 || (r = pdf_dict_get(&catalog, "AF", &files)) != 0)
		return r;
	if (reference.type != PDF_REFERENCE || names.type != PDF_NULL || files.type != PDF_NULL)
		return ERR_INTERNAL;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		buf_init(&texts[i], ENTRY_MAX);
	files_name(archiving, &texts[0], &texts[1]);
	pdf_reference_append(&texts[2], metadata, 0);
	snprintf(text, sizeof(text), "[<</Type /OutputIntent /S /GTS_PDFA1 /OutputConditionIdentifier (sRGB IEC61966-2.1) /Info (sRGB IEC61966-2.1)"
	    " /DestOutputProfile %u 0 R>>]", (unsigned)profile);
	buf_append_string(&texts[3], text);
	buf_append_string(&texts[4], strcmp(archiving->archive->language, "tr") == 0 ? "(tr-TR)" : "(en)");
	buf_append_string(&texts[5], "<</Marked true>>");
	if (countersigned)
		pdf_place_append(&texts[6], &archiving->archive->countersignature, archiving->date);
	if ((r = pdf_update_begin(update, reference.number, reference.generation)) == 0 &&
	    (r = pdf_dict_rewrite(&update->out, &catalog, entries, sizeof(entries) / sizeof(entries[0]) - !countersigned)) == 0)
		pdf_update_end(update);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		r = r == 0 && texts[i].failed ? ERR_INTERNAL : r;
		buf_clear(&texts[i]);
	}
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
update_build(struct archiving *archiving, const struct buf *pdf, unsigned char id[EVP_MAX_MD_SIZE])
{
	struct pdf_update *update = &archiving->update;
	uint32_t metadata = pdf_update_number(update), profile = pdf_update_number(update);
	int r;

	date_text(archiving->archive->time, archiving->date);
	if ((r = id_make(pdf, archiving->archive, id)) != 0 || (r = files_append(archiving)) != 0 ||
	    (r = metadata_append(update, metadata, archiving->archive)) != 0 || (r = profile_append(update, profile)) != 0 ||
	    (r = fonts_complete(update)) != 0 || (r = catalog_append(archiving, metadata, profile)) != 0)
		return r;
	update->id = id;
	return pdf_update_close(update);
}

/* What has been written, and its digest. */
struct writing {
	int output;
	uint64_t size;
	EVP_MD_CTX *digest;
};

static int
bytes_write(struct writing *writing, const unsigned char *bytes, size_t len)
{
	int r = len == 0 ? 0 : EVP_DigestUpdate(writing->digest, bytes, len) == 1 ? file_write(writing->output, writing->size, bytes, len) : ERR_INTERNAL;

	writing->size += len;
	return r;
}

/* The PDF and its update, with the attachments in their places. */
static int
all_write(struct writing *writing, const struct buf *pdf, const struct archiving *archiving)
{
	const struct form_attachments *attachments = archiving->archive->attachments;
	const struct buf *out = &archiving->update.out;
	size_t done = 0;
	int r = bytes_write(writing, pdf->data, pdf->len);

	for (size_t i = 0; i < attachments->count && r == 0; i++) {
		const struct form_attachment *item = &attachments->items[i];

		if ((r = bytes_write(writing, out->data + done, archiving->places[i] - done)) == 0)
			r = file_pass(item->file, item->size, writing->digest, writing->output, writing->size);
		writing->size += item->size;
		done = archiving->places[i];
	}
	return r != 0 ? r : bytes_write(writing, out->data + done, out->len - done);
}

int
form_archive(const struct buf *pdf, const struct form_archive *archive, int output, uint64_t *ret_size, unsigned char sha256[32])
{
	struct archiving archiving = { .archive = archive };
	struct writing writing = { .output = output, .digest = digest_new(EVP_sha256()) };
	unsigned char id[EVP_MAX_MD_SIZE];
	struct pdf opened;
	int r;

	if (writing.digest == NULL || (r = pdf_open(&opened, pdf->data, pdf->len)) != 0) {
		r = ERR_INTERNAL;
	} else {
		pdf_update_init(&archiving.update, &opened);
		if ((r = update_build(&archiving, pdf, id)) == 0 && (r = all_write(&writing, pdf, &archiving)) == 0 &&
		    EVP_DigestFinal_ex(writing.digest, sha256, NULL) != 1)
			r = ERR_INTERNAL;
		pdf_update_clear(&archiving.update);
	}
	if (writing.digest != NULL)
		pdf_close(&opened);
	EVP_MD_CTX_free(writing.digest);
	*ret_size = writing.size;
	return r == 0 || r == ERR_TOO_LARGE || r == ERR_STORAGE_FULL ? r : ERR_INTERNAL;
}
