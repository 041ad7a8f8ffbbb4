/* SPDX-License-Identifier: Apache-2.0 */
/* tls/stores.c: the places of browsers' NSS databases, and who has one open. */
#include "tls/stores.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"

#define LINE_MAX_BYTES 4096

/* Folders below home that hold a Chromium's ~; a snap or a Flatpak that is not installed has none. */
static const char *const chromium_homes[] = {
	"snap/chromium/current", "snap/brave/current", "snap/opera/current",
	".var/app/org.chromium.Chromium", ".var/app/com.google.Chrome", ".var/app/com.microsoft.Edge", ".var/app/com.brave.Browser",
};

/* Folders below home with a profiles.ini; the first ones of each way to install it are those since the move to XDG's folders. */
static const char *const firefox_homes[] = {
	".mozilla/firefox", "snap/firefox/common/.config/mozilla/firefox", "snap/firefox/common/.mozilla/firefox",
	".var/app/org.mozilla.firefox/config/mozilla/firefox", ".var/app/org.mozilla.firefox/.mozilla/firefox",
};

static bool
is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool
has_database(const char *folder)
{
	char *path = NULL;
	bool there = asprintf(&path, "%s/cert9.db", folder) >= 0 && access(path, F_OK) == 0;

	free(path);
	return there;
}

int
stores_add(struct stores *stores, const char *folder)
{
	char *copy;

	for (size_t i = 0; i < stores->count; i++)
		if (strcmp(stores->items[i].folder, folder) == 0)
			return 0;
	if (stores->count == STORES_MAX)
		return ERR_TOO_LARGE;
	if ((copy = strdup(folder)) == NULL)
		return ERR_INTERNAL;
	stores->items[stores->count++] = (struct store){ copy, has_database(folder) };
	return 0;
}

/*
 * The two places of one Chromium; data: its XDG data folder.  It reads ~/.pki/nssdb where that is there and the other one where not, so the
 * first is not made beside the second: the certificates in that would be lost from sight.
 */
static int
chromium_find(struct stores *stores, const char *home, const char *data)
{
	char *old = NULL, *new = NULL;
	int r = ERR_INTERNAL;

	if (asprintf(&old, "%s/.pki/nssdb", home) >= 0 && asprintf(&new, "%s/pki/nssdb", data) >= 0) {
		r = has_database(new) ? stores_add(stores, new) : 0;
		if (r == 0 && (has_database(old) || !has_database(new)))
			r = stores_add(stores, old);
	}
	free(old);
	free(new);
	return r;
}

/* Adds the profile that a section of profiles.ini spoke of, if its folder is there. path is emptied. */
static int
profile_add(struct stores *stores, const char *home, char *path, bool relative)
{
	char *folder = NULL;
	int r = 0;

	if (*path == '\0')
		return 0;
	if (asprintf(&folder, "%s%s%s", relative ? home : "", relative ? "/" : "", path) < 0)
		return ERR_INTERNAL;
	*path = '\0';
	if (is_folder(folder))
		r = stores_add(stores, folder);
	free(folder);
	return r;
}

static int
firefox_find(struct stores *stores, const char *home)
{
	char *ini = NULL, line[LINE_MAX_BYTES], path[LINE_MAX_BYTES] = "";
	bool relative = true, in_profile = false;
	FILE *file = asprintf(&ini, "%s/profiles.ini", home) >= 0 ? fopen(ini, "re") : NULL;
	int r = 0;

	free(ini);
	if (file == NULL)
		return 0;
	while (r == 0 && fgets(line, sizeof(line), file) != NULL) {
		line[strcspn(line, "\r\n")] = '\0';
		if (*line == '[') {
			r = profile_add(stores, home, path, relative);
			in_profile = strncmp(line, "[Profile", 8) == 0;
			relative = true;
		} else if (in_profile && strncmp(line, "Path=", 5) == 0) {
			snprintf(path, sizeof(path), "%s", line + 5);
		} else if (in_profile && strncmp(line, "IsRelative=", 11) == 0) {
			relative = line[11] != '0';
		}
	}
	if (r == 0)
		r = profile_add(stores, home, path, relative);
	fclose(file);
	return r;
}

/* A variable's folder, or its default below home. NULL when memory runs out. */
static char *
xdg_folder(const char *value, const char *home, const char *fallback)
{
	char *path = NULL;

	if (value != NULL && *value == '/')
		return strdup(value);
	return asprintf(&path, "%s/%s", home, fallback) < 0 ? NULL : path;
}

static int
xdg_find(struct stores *stores, const char *home, const char *xdg_config, const char *xdg_data)
{
	char *data = xdg_folder(xdg_data, home, ".local/share"), *config = xdg_folder(xdg_config, home, ".config"), *firefox = NULL;
	int r = ERR_INTERNAL;

	if (data != NULL && config != NULL && asprintf(&firefox, "%s/mozilla/firefox", config) >= 0 &&
	    (r = chromium_find(stores, home, data)) == 0)
		r = firefox_find(stores, firefox);
	free(data);
	free(config);
	free(firefox);
	return r;
}

int
stores_find(const char *home, const char *xdg_config, const char *xdg_data, struct stores *ret_stores)
{
	int r;

	*ret_stores = (struct stores){ .count = 0 };
	r = xdg_find(ret_stores, home, xdg_config, xdg_data);
	for (size_t i = 0; r == 0 && i < sizeof(chromium_homes) / sizeof(chromium_homes[0]); i++) {
		char *place = NULL, *data = NULL;
		bool flatpak = strncmp(chromium_homes[i], ".var/", 5) == 0;

		if (asprintf(&place, "%s/%s", home, chromium_homes[i]) < 0 || asprintf(&data, "%s/%s", place, flatpak ? "data" : ".local/share") < 0)
			r = ERR_INTERNAL;
		else if (is_folder(place))
			r = chromium_find(ret_stores, place, data);
		free(place);
		free(data);
	}
	for (size_t i = 0; r == 0 && i < sizeof(firefox_homes) / sizeof(firefox_homes[0]); i++) {
		char *place = NULL;

		r = asprintf(&place, "%s/%s", home, firefox_homes[i]) < 0 ? ERR_INTERNAL : firefox_find(ret_stores, place);
		free(place);
	}
	return r;
}

void
stores_clear(struct stores *stores)
{
	while (stores->count > 0)
		free(stores->items[--stores->count].folder);
}

/* Whether one of the process's descriptors is this very file, by whatever name its sandbox knows it. */
static bool
process_has(int proc, const char *pid, const struct stat *file)
{
	char path[300];
	struct dirent *entry;
	struct stat st;
	bool found = false;
	DIR *folder;
	int fd;

	snprintf(path, sizeof(path), "%s/fd", pid);
	if ((fd = openat(proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0 || (folder = fdopendir(fd)) == NULL) {
		if (fd >= 0)
			close(fd);
		return false;
	}
	while (!found && (entry = readdir(folder)) != NULL)
		found = fstatat(fd, entry->d_name, &st, 0) == 0 && st.st_dev == file->st_dev && st.st_ino == file->st_ino;
	closedir(folder);
	return found;
}

bool
store_in_use(const struct store *store)
{
	DIR *proc = opendir("/proc");
	char *path = NULL;
	struct dirent *entry;
	struct stat file;
	bool used = false;

	if (proc != NULL && asprintf(&path, "%s/cert9.db", store->folder) >= 0 && stat(path, &file) == 0)
		while (!used && (entry = readdir(proc)) != NULL)
			used = isdigit((unsigned char)entry->d_name[0]) && process_has(dirfd(proc), entry->d_name, &file);
	free(path);
	if (proc != NULL)
		closedir(proc);
	return used;
}
