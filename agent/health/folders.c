/* SPDX-License-Identifier: Apache-2.0 */
/* health/folders.c: where the agent keeps things: its state, its spool, the room that is left. */
#include "health/checks.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/json.h"

#define STORE_MAX (1u << 20)
#define ROOM_FULL (8ull << 20)		/* bytes */
#define ROOM_LOW (128ull << 20)

static void
state_check(struct health *h)
{
	const char *path = h->services->state;
	struct stat st;

	if (stat(path, &st) != 0 || access(path, R_OK | W_OK | X_OK) != 0)
		report_tell(h->report, "state_folder", "unusable", "%s: %s", path, strerror(errno));
	else if (!S_ISDIR(st.st_mode))
		report_tell(h->report, "state_folder", "unusable", "%s: no folder", path);
	else
		report_tell(h->report, "state_folder", st.st_uid != geteuid() || (st.st_mode & 077) != 0 ? "open" : "ok", "%s: mode %03o", path,
		    st.st_mode & 0777);
}

static void
store_check(struct health *h)
{
	char *path = NULL, *text = NULL;
	cJSON *json = NULL;
	size_t len = 0;
	bool sound;

	if (asprintf(&path, "%s/origins.json", h->services->state) < 0)
		return;
	if (access(path, F_OK) != 0) {
		report_tell(h->report, "origins_store", "ok", "none yet");
	} else {
		text = health_file(path, STORE_MAX, &len);
		sound = text != NULL && json_parse(text, len, &json) == 0 && cJSON_IsObject(json);
		report_tell(h->report, "origins_store", sound ? "ok" : "damaged", "%zu bytes, %d sites", len, cJSON_GetArraySize(json));
	}
	cJSON_Delete(json);
	free(text);
	free(path);
}

static void
runtime_check(struct health *h)
{
	const char *variable = getenv("XDG_RUNTIME_DIR"), *spool = h->services->spool;

	if (access(spool, R_OK | W_OK | X_OK) != 0)
		report_tell(h->report, "runtime_folder", "unusable", "%s: %s", spool, strerror(errno));
	else if (variable == NULL || *variable != '/')
		report_tell(h->report, "runtime_folder", "unset", "%s", spool);
	else
		report_tell(h->report, "runtime_folder", "ok", "%s", spool);
}

static void
room_check(struct health *h, const char *path, const char *what)
{
	struct statvfs fs;
	unsigned long long room;

	if (statvfs(path, &fs) != 0)
		return;
	room = (unsigned long long)fs.f_bavail * fs.f_frsize;
	report_tell(h->report, "disk_space", room < ROOM_FULL ? "full" : room < ROOM_LOW ? "low" : "ok", "%s: %llu MiB", what, room >> 20);
	report_figure(h->report, "free_bytes", what, (double)room);
}

void
check_folders(struct health *h)
{
	state_check(h);
	store_check(h);
	runtime_check(h);
	room_check(h, h->services->state, "state");
	room_check(h, h->services->spool, "spool");
	report_skip(h->report, "disk_space", "unknown", "%s", "");
	report_skip(h->report, "origins_store", "unknown", "%s", "");
}
