/* SPDX-License-Identifier: Apache-2.0 */
/* commands/signing.h: the options of the verbs that sign. */
#ifndef COMMANDS_SIGNING_H
#define COMMANDS_SIGNING_H

#include <stdbool.h>
#include <stddef.h>

#include "forms/attachments.h"

/* As they were given; NULL or false: they were not. */
struct signing_options {
	const char *out, *format, *certificate;
	bool detached, json;
	const char *attachments[FORM_ATTACHMENTS_MAX];	/* ID=FILE */
	size_t attachments_count;
};

/*
 * Reads -o, --format (pades or cades), --certificate, --detached, --attach and --json; optind is then at the first word.  False: another option,
 * another format, or an attachment that is not ID=FILE or one too many.
 */
bool signing_options_read(int argc, char **argv, struct signing_options *ret_options);

#endif
