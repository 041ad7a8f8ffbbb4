/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_cms_verify.c: any bytes as a signed CMS file, attached; whatever is found, nothing is valid but with a good signature. */
#include "verify_input.h"

void
fuzz_run(const uint8_t *data, size_t size)
{
	struct verification verification;

	if (size == 0)
		return;
	verification_open(&verification, data, size);
	verification_close(&verification, verify_cades(&verification));
}
