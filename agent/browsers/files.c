/* SPDX-License-Identifier: Apache-2.0 */
/* browsers/files.c: reads and writes policy files. */
#include "browsers/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "base/replace_file.h"

char *
policy_read(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char *text = NULL;
	struct stat st;
	ssize_t n = -1;
	size_t len = 0;

	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (text = malloc(POLICY_MAX)) != NULL)
		while (len < POLICY_MAX - 1 && (n = read(fd, text + len, POLICY_MAX - 1 - len)) > 0)
			len += (size_t)n;
	if (fd >= 0)
		close(fd);
	if (text == NULL || n != 0) {
		free(text);
		return NULL;
	}
	text[len] = '\0';
	return text;
}

cJSON *
policy_parse(const char *text)
{
	cJSON *json = NULL;

	if (json_parse(text, strlen(text), &json) == 0 && cJSON_IsObject(json))
		return json;
	cJSON_Delete(json);
	return NULL;
}

int
policy_write(const char *path, const char *text)
{
	char *folder = strdup(path);
	int r;

	if (folder == NULL)
		return ERR_INTERNAL;
	for (char *slash = strchr(folder + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(folder, 0755) == 0)
			chmod(folder, 0755);	/* whatever the umask is: browsers of all users read it */
		*slash = '/';
	}
	free(folder);
	if ((r = replace_file(path, text, strlen(text))) == 0 && chmod(path, 0644) != 0) {
		log_error("%s: %s", path, strerror(errno));
		r = ERR_INTERNAL;
	}
	return r;
}

int
policy_remove(const char *path, int depth)
{
	char *folder;

	if (unlink(path) != 0) {
		if (errno == ENOENT || errno == ENOTDIR)
			return 0;
		log_error("%s: %s", path, strerror(errno));
		return ERR_INTERNAL;
	}
	if ((folder = strdup(path)) == NULL)
		return ERR_INTERNAL;
	for (char *slash = strrchr(folder, '/'); slash != NULL && slash != folder && depth > 0; slash = strrchr(folder, '/'), depth--) {
		*slash = '\0';
		if (rmdir(folder) != 0)
			break;
	}
	free(folder);
	return 0;
}

bool
policy_list_has(const cJSON *list, const char *text)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, list)
		if (cJSON_IsString(item) && (strcmp(item->valuestring, text) == 0 || strcmp(item->valuestring, "*") == 0))
			return true;
	return false;
}
