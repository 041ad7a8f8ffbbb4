/* SPDX-License-Identifier: Apache-2.0 */
/* helpers/programs.h: where the three helper programs lie, and the little environment that each gets. */
#ifndef HELPERS_PROGRAMS_H
#define HELPERS_PROGRAMS_H

/* Environment variable: the terminal that imza-prompt may show dialogs on where there is no display; set for a verb of the command line only. */
#define PROGRAMS_TERMINAL "IMZA_TTY"

struct programs {
	char *token, *prompt, *document, *fetch;	/* absolute paths */
	char *window;				/* prompt's twin with windows; NULL where it is not installed */
	char **token_environment, **prompt_environment, **document_environment;	/* NULL-terminated "NAME=value" */
};

/* Helpers beside the agent's own executable (a build tree), else in the installed libexec folder. Pair with programs_clear(). 0 or ERR_INTERNAL. */
int programs_find(struct programs *ret_programs);
void programs_clear(struct programs *programs);

#endif
