/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_pdf_verify.c: any bytes as a signed PDF: coverage, revisions, their changes, the CMS, the form's data. */
#include "verify_input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct verification verification;

	if (size == 0)
		return 0;
	verification_open(&verification, data, size);
	verification_close(&verification, verify_pades(&verification));
	return 0;
}
