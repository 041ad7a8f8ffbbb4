/* SPDX-License-Identifier: Apache-2.0 */
/* document/verify_pades.c: each signature of a PDF: which bytes it covers, whether they are a whole revision, what came after it. */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "document/file.h"
#include "document/form_embedded.h"
#include "document/verify.h"
#include "pdf/changes.h"
#include "pdf/signatures.h"

#define CONTENTS_MAX ((size_t)8 << 20)	/* bytes of CMS in one signature */

/* One signature on its way. */
struct pdf_check {
	struct verification *verification;
	struct pdf *now;			/* the document as it is */
	const struct pdf_signature *signature;
	const struct pdf_signatures *all;
	struct reasons reasons;
	uint64_t gap, rest, end;		/* [gap, rest) is /Contents, end that of the signed bytes; 0: not known */
	unsigned changes, revision;
	cJSON *form;
	const char *detail;
};

/* --- the bytes --- */

/* /ByteRange must be all bytes from the first to some end but exactly the token of /Contents (12.8.1). */
static bool
range_check(struct pdf_check *check)
{
	const struct pdf_signature *signature = check->signature;
	const unsigned char *data = check->verification->data;
	const struct pdf_value *contents = &signature->contents;

	if (!signature->has_range || contents->type != PDF_STRING || contents->start < data || contents->end > data + check->verification->size ||
	    *contents->start != '<')
		return false;
	check->gap = (uint64_t)(contents->start - data);
	check->rest = (uint64_t)(contents->end - data);
	if (signature->range[0] != 0 || signature->range[1] != check->gap || signature->range[2] != check->rest ||
	    signature->range[3] > check->verification->size - check->rest)
		return false;
	check->end = check->rest + signature->range[3];
	return true;
}

/* cms_content.digest */
static int
content_digest(void *context, const EVP_MD *md, unsigned char *out)
{
	const struct pdf_check *check = context;
	EVP_MD_CTX *ctx = digest_new(md);
	int r = ERR_INTERNAL;

	if (ctx != NULL && (r = verification_hash(check->verification, ctx, 0, (size_t)check->gap)) == 0 &&
	    (r = verification_hash(check->verification, ctx, check->rest, (size_t)(check->end - check->rest))) == 0 &&
	    EVP_DigestFinal_ex(ctx, out, NULL) != 1)
		r = ERR_INTERNAL;
	EVP_MD_CTX_free(ctx);
	return r;
}

/* --- the revisions --- */

/* Sections follow each other in the file, but for a linearized document's two, of which the older stands behind. */
static unsigned
revision_of(const struct pdf *pdf)
{
	unsigned revision = 1;

	for (size_t i = 0; i + 1 < pdf->sections_count; i++)
		revision += pdf->sections[i] > pdf->sections[i + 1];
	return revision;
}

/* Whether the signed revision by itself has this signature in this field, once. */
static int
field_check(struct pdf_check *check, struct pdf *signed_revision)
{
	struct pdf_signatures signatures = { NULL, 0 };
	bool found = false;
	int r = pdf_signatures_read(signed_revision, &signatures);

	for (size_t i = 0; i < signatures.count; i++)
		found = found || (signatures.items[i].contents.start == check->signature->contents.start &&
		    strcmp(signatures.items[i].name, check->signature->name) == 0);
	pdf_signatures_free(&signatures);
	if (r == ERR_INTERNAL)
		return r;
	if (r != 0)
		reason_add(&check->reasons, REASON_REVISION_UNREADABLE);
	else if (!found)
		reason_add(&check->reasons, REASON_FIELD_ELSEWHERE);
	return 0;
}

/* A form that a program draws shows what that program wants (XFA). */
static int
dynamic_check(struct pdf_check *check, struct pdf *pdf)
{
	struct pdf_value root, catalog, form, xfa = { .type = PDF_NULL }, needs;

	if (pdf_catalog_read(pdf, &root, &catalog) != 0 || pdf_get(pdf, &catalog, "AcroForm", &form) != 0 ||
	    pdf_get(pdf, &catalog, "NeedsRendering", &needs) != 0 || (form.type == PDF_DICT && pdf_get(pdf, &form, "XFA", &xfa) != 0))
		reason_add(&check->reasons, REASON_REVISION_UNREADABLE);
	else if (xfa.type != PDF_NULL && pdf_is_true(&needs))
		reason_add(&check->reasons, REASON_DYNAMIC_FORM);
	return 0;
}

static int
changes_check(struct pdf_check *check, struct pdf *signed_revision)
{
	unsigned permission;
	int r;

	check->now->detail = NULL;
	if ((r = pdf_permission_read(signed_revision, check->signature, &permission)) == 0)
		r = pdf_changes_find(signed_revision, check->now, permission, &check->changes);
	if (r == ERR_INTERNAL || r == ERR_TOO_LARGE)
		return r;
	if (r != 0) {
		reason_add(&check->reasons, r == ERR_DOCUMENT_LOCKED ? REASON_CHANGES_FORBIDDEN : REASON_CHANGED_AFTER);
		check->detail = check->now->detail;
	}
	return 0;
}

static int
revision_check(struct pdf_check *check)
{
	struct pdf signed_revision;
	int r = pdf_open(&signed_revision, check->verification->data, (size_t)check->end);

	if (r == ERR_DOCUMENT_INVALID || r == ERR_DOCUMENT_ENCRYPTED) {
		reason_add(&check->reasons, REASON_REVISION_UNREADABLE);
		check->detail = signed_revision.detail;
		r = 0;
		goto out;
	}
	if (r != 0)
		goto out;
	check->revision = revision_of(&signed_revision);
	if ((r = field_check(check, &signed_revision)) != 0 || (r = dynamic_check(check, &signed_revision)) != 0)
		goto out;
	if (check->end != check->verification->size)
		r = changes_check(check, &signed_revision);
	if (r == 0)
		r = pdf_form_data_read(&signed_revision, &check->form);
out:
	if (r != 0 && check->verification->detail == NULL)
		check->verification->detail = signed_revision.detail;
	pdf_close(&signed_revision);
	return r;
}

/* Two fields with one name, or one signature in two fields: readers differ in which one they show. */
static void
names_check(struct pdf_check *check)
{
	size_t same = 0;

	for (size_t i = 0; i < check->all->count; i++) {
		const struct pdf_signature *other = &check->all->items[i];

		same += strcmp(other->name, check->signature->name) == 0 || other->contents.start == check->signature->contents.start;
	}
	if (same != 1)
		reason_add(&check->reasons, REASON_NAME_TWICE);
}

/* --- the CMS --- */

static int
cms_check(struct pdf_check *check, const unsigned char *der, size_t len, struct cms_message *message, struct cms_certificates *certificates,
    struct signature_facts *facts)
{
	struct cms_content content = { .digest = content_digest, .context = check };
	enum cms_rules rules = check->signature->kind == PDF_SIGNATURE_CADES ? CMS_RULES_CADES : CMS_RULES_PLAIN;
	int r = cms_read(der, len, true, message);

	if (r != 0 || message->content.start != NULL) {
		reason_add(&check->reasons, REASON_SIGNATURE_MALFORMED);
		return 0;
	}
	/* The gap is filled up with zeros. */
	for (const unsigned char *p = message->end; p < der + len; p++)
		if (*p != 0) {
			reason_add(&check->reasons, REASON_CONTENTS_TRAILING);
			break;
		}
	if (message->signers_count != 1) {
		reason_add(&check->reasons, REASON_SIGNER_COUNT);
		return 0;
	}
	if ((r = cms_certificates_read(message, certificates)) != 0)
		return r;
	return cms_signer_verify(message, &message->signers[0], certificates, &content, rules, facts);
}

/* --- the report --- */

static bool
names_add(cJSON *json, const char *member, unsigned set, const char *const *names, size_t count)
{
	cJSON *list = cJSON_AddArrayToObject(json, member);

	for (size_t i = 0; list != NULL && i < count; i++)
		if ((set & 1u << i) != 0 && !cJSON_AddItemToArray(list, cJSON_CreateString(names[i])))
			return false;
	return list != NULL;
}

static int
check_report(struct pdf_check *check, struct signature_facts *facts, STACK_OF(X509) *extra)
{
	/* As the bits of pdf/changes.h. */
	static const char *const changes[] = { "signature", "signature_appearance", "time_stamp", "validation_data", "metadata", "form_filling" };
	static const char *const missing[] = { "signing_certificate", "signing_time", "cades" };
	unsigned lacks = (facts->bound ? 0u : 1u) | (facts->has_time ? 0u : 2u) | (check->signature->kind == PDF_SIGNATURE_CADES ? 0u : 4u);
	const char *coverage = check->end == 0 ? "none" : check->end == check->verification->size ? "whole_document" : "revision";
	cJSON *json;
	int r;

	facts->reasons.bits |= check->reasons.bits;
	if ((r = verification_report(check->verification, facts, extra, &json)) != 0)
		return r;
	if (check->form != NULL) {
		if (!cJSON_AddItemToObject(json, "form", check->form))
			return ERR_INTERNAL;
		check->form = NULL;
	}
	if (!names_add(json, "missing", lacks, missing, sizeof(missing) / sizeof(missing[0])) ||
	    !names_add(json, "changes", check->changes, changes, sizeof(changes) / sizeof(changes[0])) ||
	    cJSON_AddStringToObject(json, "coverage", coverage) == NULL || cJSON_AddStringToObject(json, "field", check->signature->name) == NULL ||
	    (check->revision != 0 && cJSON_AddNumberToObject(json, "revision", check->revision) == NULL))
		return ERR_INTERNAL;
	if (check->detail != NULL) {
		cJSON_DeleteItemFromObject(json, "detail");
		if (cJSON_AddStringToObject(json, "detail", check->detail) == NULL)
			return ERR_INTERNAL;
	}
	return 0;
}

/* The time that the signature claims: /M (EN 319 142-1 5.3). */
static int
time_read(struct pdf_check *check, struct signature_facts *facts)
{
	struct pdf_value date;
	int r = pdf_get(check->now, &check->signature->dict, "M", &date);

	if (r == 0 && pdf_date_read(&date, &facts->time))
		facts->has_time = true;
	return r;
}

static int
signature_verify(struct pdf_check *check)
{
	struct cms_message *message = calloc(1, sizeof(*message));
	struct cms_certificates certificates = { .stack = NULL };
	struct signature_facts facts = { .certificate = NULL };
	struct buf der;
	int r = message == NULL ? ERR_INTERNAL : 0;

	buf_init(&der, CONTENTS_MAX);
	if (check->signature->kind == PDF_SIGNATURE_OTHER)
		reason_add(&check->reasons, REASON_KIND_UNKNOWN);
	names_check(check);
	if (r == 0 && !range_check(check))
		reason_add(&check->reasons, REASON_RANGE_WRONG);
	else if (r == 0)
		r = revision_check(check);
	if (r == 0 && check->end != 0 && check->signature->kind != PDF_SIGNATURE_OTHER &&
	    (r = pdf_string_bytes(&check->signature->contents, &der)) == 0)
		r = cms_check(check, der.data, der.len, message, &certificates, &facts);
	if (r == 0)
		r = time_read(check, &facts);
	if (r == 0)
		r = check_report(check, &facts, certificates.stack);
	buf_clear(&der);
	cJSON_Delete(check->form);
	cms_certificates_free(&certificates);
	free(message);
	return r;
}

/* As they were made: each update comes behind the others. */
static int
signature_compare(const void *a, const void *b)
{
	const unsigned char *x = ((const struct pdf_signature *)a)->contents.start, *y = ((const struct pdf_signature *)b)->contents.start;

	return x < y ? -1 : x > y;
}

static int
signatures_verify(struct verification *verification, struct pdf *pdf, struct pdf_signatures *signatures)
{
	unsigned time_stamps = 0;
	int r = 0;

	if (signatures->count > 0)
		qsort(signatures->items, signatures->count, sizeof(*signatures->items), signature_compare);
	for (size_t i = 0; r == 0 && i < signatures->count; i++) {
		struct pdf_check check = { .verification = verification, .now = pdf, .signature = &signatures->items[i], .all = signatures };

		if (signatures->items[i].kind == PDF_SIGNATURE_TIME_STAMP)
			time_stamps++;
		else
			r = signature_verify(&check);
	}
	if (r == 0 && (cJSON_AddStringToObject(verification->result, "format", "pades") == NULL ||
	    cJSON_AddNumberToObject(verification->result, "revisions", revision_of(pdf)) == NULL ||
	    cJSON_AddNumberToObject(verification->result, "timeStamps", time_stamps) == NULL))
		r = ERR_INTERNAL;
	return r;
}

int
verify_pades(struct verification *verification)
{
	struct pdf_signatures signatures = { NULL, 0 };
	struct pdf pdf;
	int r;

	if (verification->content_fd >= 0) {
		verification->detail = "a PDF carries its content: give no other";
		return ERR_DOCUMENT_INVALID;
	}
	if ((r = pdf_open(&pdf, verification->data, verification->size)) == 0 && (r = pdf_signatures_read(&pdf, &signatures)) == 0)
		r = signatures_verify(verification, &pdf, &signatures);
	if (r != 0 && verification->detail == NULL)
		verification->detail = pdf.detail;
	pdf_signatures_free(&signatures);
	pdf_close(&pdf);
	return r;
}
