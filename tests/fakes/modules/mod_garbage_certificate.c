/* SPDX-License-Identifier: Apache-2.0 */
/* mod_garbage_certificate.c: beside the good certificate, values that are none; and a label in ISO-8859-9 with a control character. */
#include "mod_core.h"

#define HUGE_LEN (17u << 10)

static const unsigned char rubbish[] = "this is not a certificate";
static const unsigned char short_sequence[] = { 0x30, 0x82, 0x04, 0x00, 0x01 };
static const unsigned char padded_sequence[] = { 0x30, 0x03, 0x02, 0x01, 0x05, 0x00, 0x00, 0x00 };	/* kept, without its padding */
static const unsigned char indefinite[] = { 0x30, 0x80, 0x00, 0x00 };
static const unsigned char huge[HUGE_LEN] = { 0x30, 0x82, 0x40, 0x00 };
static const unsigned char label[] = "\xddmza\x01 Kart\xfd";

void
mod_setup(void)
{
	static const struct mod_extra extras[] = {
		{ rubbish, sizeof(rubbish) }, { rubbish, 0 }, { NULL, CK_UNAVAILABLE_INFORMATION }, { short_sequence, sizeof(short_sequence) },
		{ padded_sequence, sizeof(padded_sequence) }, { indefinite, sizeof(indefinite) }, { huge, sizeof(huge) },
	};

	mod.extras_count = sizeof(extras) / sizeof(extras[0]);
	for (size_t i = 0; i < mod.extras_count; i++)
		mod.extras[i] = extras[i];
	mod.label = label;
}
