/* SPDX-License-Identifier: Apache-2.0 */
/* health/facts.c: small questions that several checks ask. */
#include "health/checks.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"

bool
health_looks_at(const struct health *h, const char *reader)
{
	return h->options.reader == NULL || strcmp(h->options.reader, reader) == 0;
}

bool
health_has_software_token(const struct health *h)
{
	const cJSON *token;

	cJSON_ArrayForEach(token, h->tokens)
		if (json_true(token, "software"))
			return true;
	return false;
}

char *
health_path(const struct health *h, const char *path)
{
	char *full;

	return asprintf(&full, "%s%s", h->options.root != NULL ? h->options.root : "", path) >= 0 ? full : NULL;
}

char *
health_file(const char *path, size_t max, size_t *ret_len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char *text = NULL;
	struct stat st;
	ssize_t n = -1;
	size_t len = 0;

	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (text = malloc(max + 1)) != NULL)
		while (len < max && (n = read(fd, text + len, max - len)) > 0)
			len += (size_t)n;
	if (fd >= 0)
		close(fd);
	if (text == NULL || n < 0) {
		free(text);
		return NULL;
	}
	text[len] = '\0';
	*ret_len = len;
	return text;
}
