/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_cms_verify.c: any bytes as a signed CMS file, attached; whatever is found, nothing is valid but with a good signature. */
#include "verify_input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct verification verification;

	if (size == 0)
		return 0;
	verification_open(&verification, data, size);
	verification_close(&verification, verify_cades(&verification));
	return 0;
}
