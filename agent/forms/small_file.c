/* SPDX-License-Identifier: Apache-2.0 */
/* forms/small_file.c: see the header. */
#include "forms/small_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "base/trusted_file.h"

int
small_file_read(const char *path, size_t max, char **ret_text, size_t *ret_len)
{
	char *resolved = NULL, *text = NULL;
	const char *why = "there is no such file";
	FILE *file = NULL;
	size_t len;
	int err;

	if ((err = trusted_file_resolve(path, &resolved, &why)) != 0) {
		log_error("%s: %s", path, why);
		return err;
	}
	if ((file = fopen(resolved, "re")) == NULL || (text = malloc(max)) == NULL) {
		log_error("%s: %s", path, strerror(errno));
		err = ERR_INTERNAL;
		goto out;
	}
	if ((len = fread(text, 1, max, file)) == max || ferror(file)) {
		log_error("%s: it can't be read, or is longer than %zu bytes", path, max - 1);
		err = ferror(file) ? ERR_INTERNAL : ERR_TOO_LARGE;
		goto out;
	}
	*ret_text = text;
	*ret_len = len;
	text = NULL;
out:
	if (file != NULL)
		fclose(file);
	free(resolved);
	free(text);
	return err;
}
