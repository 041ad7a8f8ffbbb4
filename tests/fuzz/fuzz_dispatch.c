/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_dispatch.c: a page's bytes through dispatch to the real operations, over services with no card, no reader and no helper program.
 * Each line of the input is a message; one that begins with a byte 01 is a binary frame: 4 bytes of handle, then bytes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "fuzz.h"
#include "protocol/dispatch.h"

#define TURNS_MAX 20

static struct services services;
static struct config config;
static struct programs programs;
static uint64_t connection;
static bool closed;
static size_t asked, answered;
static struct dispatch *dispatch;

static void
text_sent(void *context, uint64_t to, const char *text)
{
	bool memory = fuzz_memory_pause();
	cJSON *json = NULL;

	(void)context;
	fuzz_require(to == connection, "an answer for another page");
	fuzz_require(json_parse(text, strlen(text), &json) == 0, "an answer that is no JSON");
	fuzz_require(strcmp(json_string(json, "jsonrpc"), "2.0") == 0, "an answer that is no JSON-RPC");
	fuzz_require((json_member(json, "result") != NULL) + (json_member(json, "error") != NULL) + (json_member(json, "method") != NULL) == 1,
	    "neither an answer nor a notification");
	answered += json_member(json, "method") == NULL;
	cJSON_Delete(json);
	fuzz_memory_resume(memory);
}

static void
page_closed(void *context, uint64_t which, uint16_t code)
{
	(void)context, (void)code;
	fuzz_require(which == connection, "another page is closed");
	closed = true;
}

static void
binary_sent(void *transport, uint64_t to, uint32_t handle, const void *data, size_t len)
{
	(void)transport, (void)handle, (void)data, (void)len;
	fuzz_require(to == connection, "bytes for another page");
}

static void
devices_told(void *context, const char *notification, const cJSON *params)
{
	(void)context, (void)notification, (void)params;
}

static char *
folder_make(const char *name)
{
	char *path = NULL;

	fuzz_require(asprintf(&path, "%s/%s", fuzz_folder(), name) > 0 && mkdir(path, 0700) == 0, "no folder");
	return path;
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static char nowhere[] = "/nonexistent/helper", *nothing[] = { NULL };
	const char *store;

	(void)argc, (void)argv;
	log_init("fuzz", LOG_NONE);
	setenv("PCSCLITE_CSOCK_NAME", "/nonexistent/pcscd", 1);
	setenv("XDG_CONFIG_HOME", "/nonexistent", 1);
	config = (struct config){ .dialog_seconds = 120, .pinentry = nowhere };
	fuzz_require(config_list_add(&config.allowed_origins, "https://portal.example") == 0, "no memory");
	fuzz_require(config_list_add(&config.hash_origins, "https://portal.example") == 0, "no memory");
	fuzz_require(config_list_add(&config.modules, "/nonexistent/module.so") == 0, "no memory");
	programs = (struct programs){ .token = nowhere, .prompt = nowhere, .document = nowhere, .token_environment = nothing,
		.prompt_environment = nothing, .document_environment = nothing };
	services = (struct services){ .config = &config, .language = "tr", .programs = &programs, .history = history_new(),
		.limits = limits_new(0, 0), .rates = rates_new(0), .institution = cJSON_CreateObject(), .send_binary = binary_sent };
	store = fuzz_file("origins.json", "{}", 2);
	services.state = folder_make("state");
	services.spool = folder_make("spool");
	services.cache = folder_make("cache");
	fuzz_require(loop_new(&services.loop) == 0 && origins_new(&config, store, &services.origins) == 0 &&
	    identity_new(services.state, &services.identity) == 0 && audit_new(services.state, &services.audit) == 0 &&
	    manifests_new(&config.manifest_keys, services.state, 0, &services.manifests) == 0 &&
	    form_catalogue_new(NULL, 0, &services.forms) == 0 && anchors_new(&config.trust_folders, &services.anchors) == 0 &&
	    prompts_new(services.loop, &programs, &(struct prompt_settings){ .pinentry = nowhere, .language = "tr" }, &services.prompts) == 0 &&
	    devices_new(services.loop, &config, &programs, devices_told, NULL, &services.devices) == 0, "no services");
	fuzz_require(dispatch_new(&services, (struct dispatch_output){ text_sent, page_closed, NULL }, &dispatch) == 0, "no dispatch");
	return 0;
}

/* What can't be had again and again, a thousand times a second: a run of checks looks at the whole machine, and a child takes a fork. */
static bool
is_heavy(const char *line, size_t len)
{
	static const char *const words[] = { "reader.health", "requestAccess", "certificate.select", "pin.", "sign.", "form.sign", "form.render",
		"signature.verify", "certificate.validate" };
	static unsigned turn;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (memmem(line, len, words[i], strlen(words[i])) != NULL)
			return i == 0 || turn++ % 20 != 0;
	return false;
}

/* One message; a page that was closed says nothing more. */
static void
line_take(const uint8_t *line, size_t len)
{
	char *copy;

	if (closed || len == 0 || is_heavy((const char *)line, len))
		return;
	/* On the heap: a byte read behind the end is found. */
	fuzz_require((copy = malloc(len)) != NULL || fuzz_memory_failed(), "no memory");
	if (copy == NULL)
		return;
	memcpy(copy, line, len);
	asked++;
	if (line[0] == 1 && len >= 5)
		dispatch_binary(dispatch, connection, (uint32_t)line[1] << 24 | (uint32_t)line[2] << 16 | (uint32_t)line[3] << 8 | line[4],
		    line + 5, len - 5);
	else
		dispatch_text(dispatch, connection, copy, len);
	free(copy);
	for (int i = 0; i < 2; i++)
		loop_run_once(services.loop, 0);
	dispatch_drained(dispatch, connection);
}

void
fuzz_run(const uint8_t *data, size_t size)
{
	const uint8_t *end;
	bool memory;

	connection++;
	closed = false;
	asked = answered = 0;
	dispatch_opened(dispatch, connection, "https://portal.example");
	for (; size > 0; size -= (size_t)(end - data) + (end < data + size), data = end + (end < data + size)) {
		if ((end = memchr(data, '\n', size)) == NULL)
			end = data + size;
		line_take(data, (size_t)(end - data));
	}
	memory = fuzz_memory_pause();
	for (int i = 0; i < TURNS_MAX; i++)
		loop_run_once(services.loop, 0);
	fuzz_require(answered <= asked, "more answers than requests");
	dispatch_closed(dispatch, connection);
	loop_run_once(services.loop, 0);
	fuzz_memory_resume(memory);
}
