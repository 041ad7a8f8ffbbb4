/* SPDX-License-Identifier: Apache-2.0 */
/* commands/signing.h: the options of the verbs that sign. */
#ifndef COMMANDS_SIGNING_H
#define COMMANDS_SIGNING_H

#include <stdbool.h>

/* As they were given; NULL or false: they were not. */
struct signing_options {
	const char *out, *format, *certificate;
	bool detached, json;
};

/* Reads -o, --format (pades or cades), --certificate, --detached and --json; optind is then at the first word. False: another option, or format. */
bool signing_options_read(int argc, char **argv, struct signing_options *ret_options);

#endif
