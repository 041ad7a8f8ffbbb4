/* SPDX-License-Identifier: Apache-2.0 */
/* document/main.c: imza-document: gives up what it can, then takes requests from the agent (agent/HELPERS.md). */
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <openssl/crypto.h>

#include "base/err.h"
#include "base/harden.h"
#include "base/helper.h"
#include "base/log.h"
#include "base/sandbox.h"
#include "document/cache.h"
#include "document/fetch.h"
#include "document/form_page.h"
#include "document/job.h"
#include "document/page.h"
#include "document/validate.h"
#include "document/verify.h"

#define MEMORY_MAX (1536ul << 20)	/* bytes of address space: a mapped document of DOCUMENT_MAX and room to work */
#define CPU_SECONDS_MAX 60		/* of one request */

/* For life: parses documents, without a network; asks servers, and parses none; has poppler draw pages. */
enum mode { MODE_DOCUMENTS, MODE_FETCH, MODE_PAGES };

struct program {
	struct jobs jobs;
	enum mode mode;
	int cache;	/* of one that fetches */
};

static int
op_prepare(struct helper_call *call, struct program *program, cJSON **ret_result)
{
	return job_prepare(call, &program->jobs, ret_result);
}

static int
op_finish(struct helper_call *call, struct program *program, cJSON **ret_result)
{
	return job_finish(call, &program->jobs, ret_result);
}

static int
op_render(struct helper_call *call, struct program *program, cJSON **ret_result)
{
	int output = helper_take_fd(call, 0), files[FRAME_FDS_MAX], r;
	size_t count = 0;

	(void)program;
	if (output < 0)
		return ERR_INVALID_PARAMS;
	while (count + 1 < FRAME_FDS_MAX && (files[count] = helper_take_fd(call, count + 1)) >= 0)
		count++;
	r = form_page_render(call->request, files, count, output, ret_result);
	/* Nobody shall take half a page for a page. */
	if (r != 0 && ftruncate(output, 0) != 0)
		log_warning("the output could not be emptied");
	while (count > 0)
		close(files[--count]);
	close(output);
	return r;
}

static int
op_page(struct helper_call *call, struct program *program, cJSON **ret_result)
{
	(void)program;
	return page_draw(call, ret_result);
}

static int
op_validate(struct helper_call *call, struct program *program, cJSON **ret_result)
{
	return validate(call, program->cache, ret_result);
}

static int
op_verify(struct helper_call *call, struct program *program, cJSON **ret_result)
{
	(void)program;
	return verify_document(call, ret_result);
}

static const struct {
	const char *name;
	int (*run)(struct helper_call *call, struct program *program, cJSON **ret_result);
	enum mode mode;
} ops[] = {
	{ "finish", op_finish, MODE_DOCUMENTS },
	{ "page", op_page, MODE_PAGES },
	{ "prepare", op_prepare, MODE_DOCUMENTS },
	{ "render", op_render, MODE_DOCUMENTS },
	{ "validate", op_validate, MODE_FETCH },
	{ "verify", op_verify, MODE_DOCUMENTS },
};

/* A request may take CPU_SECONDS_MAX, however many came before it: a batch is long. Past it the kernel ends the process. */
static int
cpu_allow(void)
{
	struct rusage used;
	struct rlimit limit;

	if (getrusage(RUSAGE_SELF, &used) != 0 || getrlimit(RLIMIT_CPU, &limit) != 0)
		return ERR_INTERNAL;
	limit.rlim_cur = (rlim_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) + CPU_SECONDS_MAX;
	if (limit.rlim_max != RLIM_INFINITY && limit.rlim_cur > limit.rlim_max)
		limit.rlim_cur = limit.rlim_max;
	return setrlimit(RLIMIT_CPU, &limit) != 0 ? ERR_INTERNAL : 0;
}

/* A batch of attached CAdES holds two descriptors a document until it is signed. */
static void
descriptors_allow(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
		log_warning("can't raise the limit of open files");
}

static int
serve(struct helper_call *call, void *context, cJSON **ret_result)
{
	struct program *program = context;
	int r;

	if ((r = cpu_allow()) != 0)
		return r;
	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
		if (strcmp(ops[i].name, call->op) == 0 && ops[i].mode == program->mode)
			return ops[i].run(call, program, ret_result);
	return ERR_METHOD_NOT_FOUND;
}

static int
document_sandbox(void)
{
	static const char *const readable[] = { "/usr/share/fonts", NULL };	/* of a form's page */

	return sandbox_enter(readable);
}

static int
fetch_sandbox(struct program *program, const char *cache)
{
	/* What finding a host and trusting a TLS server takes. */
	static const char *const readable[] = { "/etc/resolv.conf", "/etc/hosts", "/etc/host.conf", "/etc/nsswitch.conf", "/etc/gai.conf", "/etc/services",
		"/etc/ssl/certs", "/etc/ssl/cert.pem", "/usr/lib/ssl", "/usr/share/ca-certificates", "/usr/local/share/ca-certificates", NULL };

	if (fetch_init() != 0)
		return ERR_INTERNAL;
	program->cache = cache != NULL ? cache_open(cache) : -1;
	return sandbox_enter_network(readable, cache);
}

static enum mode
mode_read(const char *word)
{
	return word == NULL ? MODE_DOCUMENTS : strcmp(word, "fetch") == 0 ? MODE_FETCH : strcmp(word, "pages") == 0 ? MODE_PAGES : MODE_DOCUMENTS;
}

static int
mode_sandbox(struct program *program, const char *cache)
{
	switch (program->mode) {
	case MODE_FETCH:
		return fetch_sandbox(program, cache);
	case MODE_PAGES:
		return page_sandbox();
	case MODE_DOCUMENTS:
		break;
	}
	return document_sandbox();
}

/* imza-document, imza-document fetch [CACHE-FOLDER], or imza-document pages (agent/HELPERS.md). */
int
main(int argc, char **argv)
{
	struct program program = { .mode = mode_read(argc > 1 ? argv[1] : NULL), .cache = -1 };
	int status;

	log_init("imza-document", LOG_INFO);
	descriptors_allow();
	if (harden_process() != 0 || harden_limits(MEMORY_MAX, 0) != 0 || OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) != 1 ||
	    mode_sandbox(&program, argc > 2 ? argv[2] : NULL) != 0) {
		log_error("can't give up rights");
		return EXIT_FAILURE;
	}
	status = helper_run(serve, &program);
	jobs_clear(&program.jobs);
	return status;
}
