/* SPDX-License-Identifier: Apache-2.0 */
/* prompt/summary.c: the summary of agent/HELPERS.md as lines of text. */
#include "prompt/summary.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/err.h"
#include "base/json.h"
#include "prompt/language.h"

#define NAME_BYTES TEXT_BYTES(TEXT_NAME_MAX)

static bool
warning_is_known(const char *code, const char *value)
{
	if (code == NULL || value == NULL)
		return false;
	if (strcmp(code, "left_out") == 0)
		return *value >= '1' && *value <= '9' && strlen(value) < 8 && strspn(value, "0123456789") == strlen(value);
	return strcmp(code, "name_differs") == 0;
}

static bool
attachments_are_whole(const cJSON *attachments)
{
	const cJSON *attachment;

	cJSON_ArrayForEach(attachment, attachments)
		if (json_string(attachment, "name") == NULL || json_string(attachment, "label") == NULL || json_string(attachment, "sha256") == NULL)
			return false;
	return true;
}

int
summary_read(const cJSON *request, struct summary *ret_summary)
{
	const cJSON *object = json_member(request, "summary"), *certificate = json_member(object, "certificate"), *document,
	    *warning;
	const char *kind = json_string(object, "kind");
	struct summary summary = { .documents = json_member(object, "documents"), .owner = json_string(certificate, "owner"),
		.issuer = json_string(certificate, "issuer"), .not_after = json_string(certificate, "notAfter"),
		.card = json_string(object, "card"), .reader = json_string(object, "reader"),
		.warnings = json_member(object, "warnings"), .purpose = json_string(object, "purpose") };

	if (kind == NULL || summary.owner == NULL || summary.issuer == NULL || summary.not_after == NULL || summary.card == NULL ||
	    summary.reader == NULL || (summary.purpose == NULL && json_member(object, "purpose") != NULL) || !cJSON_IsArray(summary.documents) ||
	    (summary.documents->child == NULL) != (strcmp(kind, "login") == 0))
		return ERR_INVALID_PARAMS;
	if (strcmp(kind, "document") == 0)
		summary.kind = SUMMARY_DOCUMENT;
	else if (strcmp(kind, "hash") == 0)
		summary.kind = SUMMARY_HASH;
	else if (strcmp(kind, "form") == 0)
		summary.kind = SUMMARY_FORM;
	else if (strcmp(kind, "login") == 0)
		summary.kind = SUMMARY_LOGIN;
	else
		return ERR_INVALID_PARAMS;
	cJSON_ArrayForEach(document, summary.documents) {
		if (json_string(document, "name") == NULL || !attachments_are_whole(json_member(document, "attachments")))
			return ERR_INVALID_PARAMS;
		summary.count++;
	}
	cJSON_ArrayForEach(warning, summary.warnings)
		if (!warning_is_known(json_string(warning, "code"), json_string(warning, "value")))
			return ERR_INVALID_PARAMS;
	*ret_summary = summary;
	return 0;
}

void
summary_day(const char *time_text, char ret_text[NAME_BYTES])
{
	struct tm parts = { 0 };
	const char *end = strptime(time_text, "%Y-%m-%dT%H:%M:%SZ", &parts);
	time_t seconds;

	if (end == NULL || *end != '\0') {
		text_safe(time_text, TEXT_NAME_MAX, ret_text);
		return;
	}
	seconds = timegm(&parts);
	localtime_r(&seconds, &parts);
	strftime(ret_text, NAME_BYTES, language_is_turkish() ? "%d.%m.%Y" : "%Y-%m-%d", &parts);
}

static void
size_text(int64_t size, char ret_text[32])
{
	static const char *const units[] = { "KB", "MB", "GB" };
	int64_t tenths = size * 10 / 1024;
	size_t unit = 0;

	if (size < 1024) {
		snprintf(ret_text, 32, plural_("%d byte", "%d bytes", (unsigned long)size), (int)size);
		return;
	}
	for (; tenths >= 10240 && unit + 1 < sizeof(units) / sizeof(units[0]); unit++)
		tenths /= 1024;
	snprintf(ret_text, 32, "%lld%c%lld %s", (long long)(tenths / 10), language_is_turkish() ? ',' : '.', (long long)(tenths % 10), units[unit]);
}

void
summary_asked(const struct summary *summary, char ret_text[SUMMARY_TEXT_BYTES])
{
	unsigned long n = summary->count;
	char owner[NAME_BYTES];

	switch (summary->kind) {
	case SUMMARY_FORM:
		snprintf(ret_text, SUMMARY_TEXT_BYTES, plural_("This site asks you to sign the form below.", "This site asks you to sign the %lu forms below.", n), n);
		break;
	case SUMMARY_DOCUMENT:
		snprintf(ret_text, SUMMARY_TEXT_BYTES, plural_("This site asks you to sign %lu document.", "This site asks you to sign %lu documents.", n), n);
		break;
	case SUMMARY_HASH:
		snprintf(ret_text, SUMMARY_TEXT_BYTES, plural_("This site asks you to sign %lu hash value.", "This site asks you to sign %lu hash values.", n), n);
		break;
	case SUMMARY_LOGIN:
		text_safe(summary->owner, TEXT_NAME_MAX, owner);
		snprintf(ret_text, SUMMARY_TEXT_BYTES, _("Log in at this site as %s? The site learns who you are; nothing is signed."), owner);
		break;
	}
}

const char *
summary_title(const struct summary *summary)
{
	return summary->kind == SUMMARY_LOGIN ? _("e-signature: log-in") : _("e-signature: consent");
}

const char *
summary_agree(const struct summary *summary)
{
	return summary->kind == SUMMARY_LOGIN ? _("Continue to log in") : _("Continue to sign");
}

const char *
summary_unknown(const struct summary *summary)
{
	if (summary->kind != SUMMARY_HASH)
		return NULL;
	return _("ATTENTION: the content is unknown to this program; it can't show what you sign. Go on only if you trust the site.");
}

void
summary_purpose(const struct summary *summary, char ret_text[SUMMARY_TEXT_BYTES])
{
	char purpose[TEXT_BYTES(TEXT_REASON_MAX)];

	text_safe(summary->purpose, TEXT_REASON_MAX, purpose);
	snprintf(ret_text, SUMMARY_TEXT_BYTES, _("Purpose, confirmed by the site's server: %s"), purpose);
}

void
summary_warning(const cJSON *warning, char ret_text[SUMMARY_TEXT_BYTES])
{
	unsigned long count;
	char name[NAME_BYTES];

	if (strcmp(json_string(warning, "code"), "left_out") == 0) {
		count = strtoul(json_string(warning, "value"), NULL, 10);
		snprintf(ret_text, SUMMARY_TEXT_BYTES, plural_("ATTENTION: %lu document that the site asked for can't be signed and is left out.",
		    "ATTENTION: %lu documents that the site asked for can't be signed and are left out.", count), count);
		return;
	}
	text_safe(json_string(warning, "value"), TEXT_NAME_MAX, name);
	snprintf(ret_text, SUMMARY_TEXT_BYTES, _("ATTENTION: the form's name (%s) differs from the certificate's."), name);
}

static void
asked_add(const struct summary *summary, struct pages *pages)
{
	const char *unknown = summary_unknown(summary);
	char text[SUMMARY_TEXT_BYTES];
	const cJSON *warning;

	summary_asked(summary, text);
	pages_add(pages, text, 0);
	if (summary->purpose != NULL) {
		summary_purpose(summary, text);
		pages_add(pages, text, 0);
	}
	if (unknown != NULL)
		pages_add(pages, unknown, 0);
	cJSON_ArrayForEach(warning, summary->warnings) {
		summary_warning(warning, text);
		pages_add(pages, text, 0);
	}
}

void
summary_add_valid_until(const char *not_after, struct pages *pages)
{
	char date[NAME_BYTES];

	summary_day(not_after, date);
	pages_add_format(pages, 4, _("Valid until: %s"), date);
}

void
summary_add_head(const struct summary *summary, struct pages *pages)
{
	char owner[NAME_BYTES], issuer[NAME_BYTES], card[NAME_BYTES], reader[NAME_BYTES];

	text_safe(summary->owner, TEXT_NAME_MAX, owner);
	text_safe(summary->issuer, TEXT_NAME_MAX, issuer);
	text_safe(summary->card, TEXT_NAME_MAX, card);
	text_safe(summary->reader, TEXT_NAME_MAX, reader);
	asked_add(summary, pages);
	pages_add_blank(pages);
	pages_add_format(pages, 4, summary->kind == SUMMARY_LOGIN ? _("Card holder: %s") : _("Signer: %s"), owner);
	pages_add_format(pages, 4, _("Certificate by: %s"), issuer);
	summary_add_valid_until(summary->not_after, pages);
	pages_add_format(pages, 4, _("Card: %s"), card);
	pages_add_format(pages, 4, _("Reader: %s"), reader);
}

static void
fields_add(const cJSON *fields, struct pages *pages)
{
	char label[NAME_BYTES], value[TEXT_BYTES(TEXT_VALUE_MAX)];
	const cJSON *field;

	cJSON_ArrayForEach(field, fields) {
		text_safe(json_string(field, "label") != NULL ? json_string(field, "label") : "", TEXT_NAME_MAX, label);
		text_safe(json_string(field, "value") != NULL ? json_string(field, "value") : "", TEXT_VALUE_MAX, value);
		pages_add_format(pages, 6, "  %s: %s", label, value);
	}
}

void
summary_document_line(const cJSON *document, const char *between, char ret_text[SUMMARY_TEXT_BYTES])
{
	const char *sha256 = json_string(document, "sha256");
	int64_t size = json_integer(document, "size", -1);
	bool hash = sha256 != NULL && strspn(sha256, "0123456789abcdef") >= SUMMARY_HASH_SHOWN;
	char size_shown[32] = "";

	if (size >= 0)
		size_text(size, size_shown);
	snprintf(ret_text, SUMMARY_TEXT_BYTES, "%s%s%s%.*s%s", size_shown, size_shown[0] != '\0' && hash ? between : "", hash ? "SHA-256 " : "",
	    SUMMARY_HASH_SHOWN, hash ? sha256 : "", hash ? "…" : "");
}

void
summary_attachment(const cJSON *attachment, char ret_text[SUMMARY_TEXT_BYTES])
{
	char label[NAME_BYTES];

	text_safe(json_string(attachment, "label"), TEXT_NAME_MAX, label);
	snprintf(ret_text, SUMMARY_TEXT_BYTES, _("Attachment, signed with it: %s"), label);
}

static void
attachments_add(const cJSON *attachments, struct pages *pages)
{
	char title[SUMMARY_TEXT_BYTES], name[NAME_BYTES], line[SUMMARY_TEXT_BYTES];
	const cJSON *attachment;

	cJSON_ArrayForEach(attachment, attachments) {
		summary_attachment(attachment, title);
		text_safe(json_string(attachment, "name"), TEXT_NAME_MAX, name);
		summary_document_line(attachment, ", ", line);
		pages_keep(pages, 3);
		pages_add_format(pages, 2, "+ %s", title);
		pages_add_format(pages, 4, "    %s", name);
		pages_add_format(pages, 4, "    %s", line);
	}
}

static void
document_add(const cJSON *document, struct pages *pages)
{
	char name[NAME_BYTES], line[SUMMARY_TEXT_BYTES];

	text_safe(json_string(document, "name"), TEXT_NAME_MAX, name);
	summary_document_line(document, ", ", line);
	pages_keep(pages, 2);
	pages_add_format(pages, 2, "• %s", name);
	if (line[0] != '\0')
		pages_add_format(pages, 4, "    %s", line);
	attachments_add(json_member(document, "attachments"), pages);
	fields_add(json_member(document, "fields"), pages);
}

void
summary_add_documents(const struct summary *summary, struct pages *pages)
{
	const cJSON *document;
	size_t shown = 0;

	cJSON_ArrayForEach(document, summary->documents) {
		/* The list is cut, a form never is: its fields are what is signed. */
		if (shown == SUMMARY_DOCUMENTS_SHOWN && summary->kind != SUMMARY_FORM) {
			pages_add_format(pages, 0, _("… and %zu more (%zu in all)"), summary->count - shown, summary->count);
			break;
		}
		document_add(document, pages);
		shown++;
	}
}

void
summary_add_short(const struct summary *summary, size_t name_max, struct pages *pages)
{
	char name[NAME_BYTES], owner[NAME_BYTES], card[NAME_BYTES], reader[NAME_BYTES];

	if (summary->kind != SUMMARY_LOGIN)
		text_safe(json_string(summary->documents->child, "name"), name_max, name);
	text_safe(summary->owner, name_max, owner);
	text_safe(summary->card, name_max, card);
	text_safe(summary->reader, name_max, reader);
	if (summary->kind == SUMMARY_LOGIN)
		pages_add(pages, _("To log in"), 4);
	else if (summary->count == 1)
		pages_add_format(pages, 4, _("To be signed: %s"), name);
	else
		pages_add_format(pages, 4, _("To be signed: %zu items, the first is %s"), summary->count, name);
	pages_add_format(pages, 4, summary->kind == SUMMARY_LOGIN ? _("Card holder: %s") : _("Signer: %s"), owner);
	pages_add_format(pages, 4, _("Card: %s"), card);
	pages_add_format(pages, 4, _("Reader: %s"), reader);
}
