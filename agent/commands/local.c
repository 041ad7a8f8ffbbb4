/* SPDX-License-Identifier: Apache-2.0 */
/* commands/local.c: pumps the loop between a verb and dispatch, which can't tell it from a page that the user has allowed. */
#include "commands/local.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "protocol/dispatch.h"

#define CONNECTION 1
#define READERS_MS 1500		/* a PC/SC service that does not answer in this time is left out */
#define CHUNK (256u << 10)

struct local {
	struct agent agent;
	struct dispatch *dispatch;
	int last_id;
	cJSON *answer;		/* to last_id */
	bool closed, out_failed, drain;
	int out;		/* where a document's bytes go; -1: nowhere */
};

static void
on_answer(void *context, uint64_t connection, const char *text)
{
	struct local *local = context;
	cJSON *json = NULL;

	(void)connection;
	if (json_parse(text, strlen(text), &json) == 0 && json_integer(json, "id", 0) == local->last_id && local->answer == NULL) {
		local->answer = json;
		json = NULL;
	}
	cJSON_Delete(json);
}

static void
on_close(void *context, uint64_t connection, uint16_t code)
{
	(void)connection;
	(void)code;
	((struct local *)context)->closed = true;
}

static void
on_bytes(void *context, uint64_t connection, uint32_t handle, const void *data, size_t len)
{
	struct local *local = context;
	const char *p = data;

	(void)connection;
	(void)handle;
	while (len > 0 && !local->out_failed) {
		ssize_t n = write(local->out, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		local->out_failed = n <= 0;
		p += n;
		len -= (size_t)n;
	}
	local->drain = true;
}

/* Where there is no display, the dialogs of a verb come to its own terminal. */
static void
terminal_tell(void)
{
	const char *terminal = isatty(STDIN_FILENO) ? ttyname(STDIN_FILENO) : NULL;

	if (terminal != NULL)
		setenv(PROGRAMS_TERMINAL, terminal, 1);
	else
		unsetenv(PROGRAMS_TERMINAL);
}

int
local_new(const char *config, struct local **ret_local)
{
	struct local *local = calloc(1, sizeof(*local));
	const char *origin;
	int64_t end;
	int r;

	if (local == NULL)
		return ERR_INTERNAL;
	local->out = -1;
	terminal_tell();
	if ((r = agent_configure(&local->agent, config)) != 0)
		goto fail;
	/* What the dialogs show as the site; no origin of a page can read so (origins_may_connect()). */
	origin = strcmp(config_language(&local->agent.config), "tr") == 0 ? "bu bilgisayarın komut satırı" : "this computer's command line";
	if ((r = config_list_add(&local->agent.config.allowed_origins, origin)) != 0 || (r = agent_build(&local->agent, NULL, NULL)) != 0)
		goto fail;
	local->agent.services.send_binary = on_bytes;
	local->agent.services.transport = local;
	if ((r = dispatch_new(&local->agent.services, (struct dispatch_output){ on_answer, on_close, local }, &local->dispatch)) != 0)
		goto fail;
	dispatch_opened(local->dispatch, CONNECTION, origin);
	for (end = clock_ms() + READERS_MS; !devices_seen(local->agent.services.devices) && clock_ms() < end;)
		loop_run_once(local->agent.loop, (int)(end - clock_ms()) + 1);
	*ret_local = local;
	return 0;
fail:
	fprintf(stderr, "imza-agent: %s\n", err_text(r)->message_en);
	local_free(local);
	return r;
}

void
local_free(struct local *local)
{
	if (local == NULL)
		return;
	dispatch_free(local->dispatch);
	agent_clear(&local->agent);
	cJSON_Delete(local->answer);
	free(local);
}

struct agent *
local_agent(struct local *local)
{
	return &local->agent;
}

const char *
local_text(const struct local *local, const char *tr, const char *en)
{
	return strcmp(local->agent.services.language, "tr") == 0 ? tr : en;
}

static void
pump(struct local *local)
{
	if (local->drain) {
		local->drain = false;
		dispatch_drained(local->dispatch, CONNECTION);
	} else {
		loop_run_once(local->agent.loop, -1);
	}
}

static void
error_tell(const struct local *local, const cJSON *error)
{
	const cJSON *data = json_member(error, "data"), *problem, *problems = json_member(data, "errors");
	const char *language = local->agent.services.language, *pointer = json_string(data, "pointer");
	const char *message = json_string(json_member(data, "message"), language), *remedy = json_string(json_member(data, "remedy"), language);

	fprintf(stderr, "imza-agent: %s%s%s\n", message != NULL ? message : "", remedy != NULL ? " " : "", remedy != NULL ? remedy : "");
	if (pointer != NULL)
		fprintf(stderr, "  %s: %s\n", *pointer != '\0' ? pointer : "/", json_string(data, "rule"));
	cJSON_ArrayForEach(problem, problems)
		fprintf(stderr, "  %s: %s\n", json_string(problem, "pointer"), json_string(json_member(problem, "message"), language));
}

int
local_call(struct local *local, const char *method, cJSON *params, bool quiet, cJSON **ret_result)
{
	cJSON *request = cJSON_CreateObject(), *error;
	char *text;
	int r = 0;

	cJSON_AddStringToObject(request, "jsonrpc", "2.0");
	cJSON_AddNumberToObject(request, "id", ++local->last_id);
	cJSON_AddStringToObject(request, "method", method);
	cJSON_AddItemToObject(request, "params", params != NULL ? params : cJSON_CreateObject());
	text = cJSON_PrintUnformatted(request);
	cJSON_Delete(request);
	if (text == NULL)
		return ERR_INTERNAL;
	dispatch_text(local->dispatch, CONNECTION, text, strlen(text));
	cJSON_free(text);
	while (local->answer == NULL && !local->closed)
		pump(local);
	if ((error = json_member(local->answer, "error")) != NULL || local->answer == NULL)
		r = err_from_reason(json_string(json_member(error, "data"), "reason"));
	else
		*ret_result = cJSON_DetachItemFromObjectCaseSensitive(local->answer, "result");
	if (error != NULL && !quiet)
		error_tell(local, error);
	cJSON_Delete(local->answer);
	local->answer = NULL;
	return r;
}

/* --- documents --- */

static int
file_tell(const char *path)
{
	fprintf(stderr, "imza-agent: %s: %s\n", path, strerror(errno));
	return ERR_NOT_FOUND;
}

static int
bytes_send(struct local *local, int fd, const char *path, uint32_t handle)
{
	unsigned char *chunk = malloc(CHUNK);
	ssize_t n = chunk != NULL ? 0 : -1;

	while (chunk != NULL && (n = read(fd, chunk, CHUNK)) > 0)
		dispatch_binary(local->dispatch, CONNECTION, handle, chunk, (size_t)n);
	free(chunk);
	return n == 0 ? 0 : file_tell(path);
}

int
local_upload(struct local *local, const char *path, const char *name, const char *media_type, uint32_t *ret_handle)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), r;
	cJSON *params, *result = NULL;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		if (fd >= 0) {
			close(fd);
			errno = EINVAL;
		}
		return file_tell(path);
	}
	params = cJSON_CreateObject();
	cJSON_AddNumberToObject(params, "size", (double)st.st_size);
	cJSON_AddStringToObject(params, "mediaType", media_type);
	cJSON_AddStringToObject(params, "name", name);
	if ((r = local_call(local, "document.open", params, false, &result)) == 0) {
		*ret_handle = (uint32_t)json_integer(result, "document", 0);
		r = bytes_send(local, fd, path, *ret_handle);
	}
	cJSON_Delete(result);
	close(fd);
	return r;
}

int
local_download(struct local *local, uint32_t handle, const char *path)
{
	cJSON *params = cJSON_CreateObject(), *result = NULL;
	char *beside = NULL;
	int r = ERR_INTERNAL;

	cJSON_AddNumberToObject(params, "document", handle);
	if (asprintf(&beside, "%s.new-XXXXXX", path) < 0 || (local->out = mkostemp(beside, O_CLOEXEC)) < 0) {
		cJSON_Delete(params);
		r = file_tell(path);
		goto out;
	}
	local->out_failed = false;
	r = local_call(local, "document.read", params, false, &result);
	if (close(local->out) != 0 || local->out_failed || (r == 0 && rename(beside, path) != 0))
		r = file_tell(path);
	if (r != 0)
		unlink(beside);
out:
	local->out = -1;
	cJSON_Delete(result);
	free(beside);
	return r;
}

const char *
local_certificate(struct local *local, cJSON **ret_list)
{
	const cJSON *certificate;

	if (local_call(local, "certificate.list", NULL, false, ret_list) != 0)
		return NULL;
	cJSON_ArrayForEach(certificate, json_member(*ret_list, "certificates"))
		if (json_true(certificate, "recommended"))
			return json_string(certificate, "id");
	fprintf(stderr, "imza-agent: %s\n", local_text(local, "Kartlarda imza atabilecek bir sertifika yok.",
	    "No certificate on the cards can sign."));
	return NULL;
}
