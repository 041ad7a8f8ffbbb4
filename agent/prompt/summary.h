/* SPDX-License-Identifier: Apache-2.0 */
/* prompt/summary.h: what is about to be signed, by whom and with which card, in words. */
#ifndef PROMPT_SUMMARY_H
#define PROMPT_SUMMARY_H

#include <cjson/cJSON.h>

#include "prompt/pages.h"
#include "prompt/text.h"

#define SUMMARY_HASH_SHOWN 16	/* hex digits of a SHA-256 */
#define SUMMARY_TEXT_BYTES 1000	/* room for a sentence of ours, with a name or a purpose in it */
#define SUMMARY_DOCUMENTS_SHOWN 20	/* of a batch; the count is always told */

enum summary_kind { SUMMARY_DOCUMENT, SUMMARY_HASH, SUMMARY_FORM, SUMMARY_LOGIN };

struct summary {
	enum summary_kind kind;
	const cJSON *documents;	/* an array; empty only for a log-in */
	const cJSON *warnings;	/* an array or NULL */
	size_t count;
	const char *purpose;	/* NULL: nobody vouches for one */
	const char *owner, *issuer, *not_after, *card, *reader;
};

/* Reads the request's "summary"; the strings are borrowed from it. 0 or ERR_INVALID_PARAMS: something to show is missing. */
int summary_read(const cJSON *request, struct summary *ret_summary);

/* What the site asks for, in a sentence. */
void summary_asked(const struct summary *summary, char ret_text[SUMMARY_TEXT_BYTES]);

/* What the dialog and the button that agrees are called; static. */
const char *summary_title(const struct summary *summary);
const char *summary_agree(const struct summary *summary);

/* What is said to warn the signer of hashes, of which nobody can tell what they are; NULL: nothing. */
const char *summary_unknown(const struct summary *summary);

/* What the site's server has signed as the purpose, in a sentence; only with one. */
void summary_purpose(const struct summary *summary, char ret_text[SUMMARY_TEXT_BYTES]);

/* One of the warnings, in a sentence. */
void summary_warning(const cJSON *warning, char ret_text[SUMMARY_TEXT_BYTES]);

/* A time of the wire as the day in local time, as people here write it; the text as it is when it is no time. */
void summary_day(const char *time_text, char ret_text[TEXT_BYTES(TEXT_NAME_MAX)]);

/* Size and start of the hash of a document, in one line with between between them; may be empty. */
void summary_document_line(const cJSON *document, const char *between, char ret_text[SUMMARY_TEXT_BYTES]);

/* What a file is that goes along with a form. */
void summary_attachment(const cJSON *attachment, char ret_text[SUMMARY_TEXT_BYTES]);

/* What is asked, the signer and the card. */
void summary_add_head(const struct summary *summary, struct pages *pages);

/* "Valid until" a time of the wire, as a day in local time. */
void summary_add_valid_until(const char *not_after, struct pages *pages);

/* The documents, each with its fields. */
void summary_add_documents(const struct summary *summary, struct pages *pages);

/* In three lines, for the PIN dialog; names are cut at name_max code points. */
void summary_add_short(const struct summary *summary, size_t name_max, struct pages *pages);

#endif
