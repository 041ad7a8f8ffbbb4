/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_pdf_verify.c: any bytes as a signed PDF: coverage, revisions, their changes, the CMS, the form's data. */
#include "verify_input.h"

void
fuzz_run(const uint8_t *data, size_t size)
{
	struct verification verification;

	if (size == 0)
		return;
	verification_open(&verification, data, size);
	verification_close(&verification, verify_pades(&verification));
}
