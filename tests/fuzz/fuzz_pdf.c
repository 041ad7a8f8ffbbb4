/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_pdf.c: bytes through the PDF reader and the update that signing adds; what was updated must open again, with one signature more. */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "fuzz.h"
#include "pdf/form.h"
#include "pdf/pades_update.h"
#include "pdf/place.h"

static bool
is_refusal(int err)
{
	return err == ERR_DOCUMENT_INVALID || err == ERR_DOCUMENT_ENCRYPTED || err == ERR_DOCUMENT_LOCKED || err == ERR_DOCUMENT_DYNAMIC ||
	    err == ERR_TOO_LARGE;
}

/* The update is one more revision of the same document: found by the last startxref, with our field and our flags. */
static void
check_updated(const struct pdf *before, const struct pades_update *built)
{
	bool memory = fuzz_memory_pause();
	size_t size = before->size + built->update.out.len;
	unsigned char *updated = malloc(size);
	struct pdf pdf;
	struct pdf_form form;
	int r;

	fuzz_require(updated != NULL, "no memory");
	memcpy(updated, before->data, before->size);
	memcpy(updated + before->size, built->update.out.data, built->update.out.len);
	fuzz_require(updated[before->size + built->contents - 1] == '<', "the gap does not begin with a bracket");
	r = pdf_open(&pdf, updated, size);
	/* A document may stand just below a limit. */
	if (r == 0 && (r = pdf_form_read(&pdf, 1, &form)) == 0) {
		fuzz_require(form.names_used >= 1 && (form.flags & 3) == 3, "the form lacks the signature");
		fuzz_require(pdf.next_number > before->next_number && pdf.newest_is_stream == before->newest_is_stream, "another kind of section");
	}
	fuzz_require(r == 0 || r == ERR_TOO_LARGE, "the updated document is refused");
	pdf_close(&pdf);
	free(updated);
	fuzz_memory_resume(memory);
}

void
fuzz_run(const uint8_t *data, size_t size)
{
	const struct pades_request request = { .time = 1764000000, .reason = "Ba\xc5\x9fvuru", .location = "(", .contents_room = 100 };
	struct pades_update built;
	struct pdf_place place;
	struct pdf pdf;
	int r;

	if ((r = pdf_open(&pdf, data, size)) == 0 && (r = pdf_place_read(&pdf, &place)) == 0 && (r = pades_update_build(&pdf, &request, &built)) == 0) {
		check_updated(&pdf, &built);
		pdf_update_clear(&built.update);
	}
	fuzz_require(r == 0 || is_refusal(r) || (r == ERR_INTERNAL && fuzz_memory_failed()), "refused for another reason");
	pdf_close(&pdf);
}
