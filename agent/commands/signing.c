/* SPDX-License-Identifier: Apache-2.0 */
/* commands/signing.c: what is signed with what, and where it goes. */
#include "commands/signing.h"

#include <getopt.h>
#include <string.h>

bool
signing_options_read(int argc, char **argv, struct signing_options *ret_options)
{
	static const struct option long_options[] = {
		{ "format", required_argument, NULL, 'f' }, { "certificate", required_argument, NULL, 'c' },
		{ "detached", no_argument, NULL, 'd' }, { "attach", required_argument, NULL, 'a' },
		{ "json", no_argument, NULL, 'j' }, { NULL, 0, NULL, 0 },
	};
	struct signing_options options = { 0 };
	int c;

	while ((c = getopt_long(argc, argv, "o:", long_options, NULL)) != -1)
		switch (c) {
		case 'o':
			options.out = optarg;
			break;
		case 'f':
			options.format = optarg;
			break;
		case 'c':
			options.certificate = optarg;
			break;
		case 'd':
			options.detached = true;
			break;
		case 'a':
			if (optarg[0] == '=' || strchr(optarg, '=') == NULL || options.attachments_count == FORM_ATTACHMENTS_MAX)
				return false;
			options.attachments[options.attachments_count++] = optarg;
			break;
		case 'j':
			options.json = true;
			break;
		default:
			return false;
		}
	*ret_options = options;
	return options.format == NULL || strcmp(options.format, "pades") == 0 || strcmp(options.format, "cades") == 0;
}
