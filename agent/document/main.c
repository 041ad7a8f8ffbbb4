/* SPDX-License-Identifier: Apache-2.0 */
/* document/main.c: imza-document [pages]: gives up what it can, then takes requests from the agent (agent/HELPERS.md). */
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <openssl/crypto.h>

#include "base/err.h"
#include "base/harden.h"
#include "base/helper_ops.h"
#include "base/log.h"
#include "base/sandbox.h"
#include "document/form_page.h"
#include "document/job.h"
#include "document/page.h"
#include "document/verify.h"

#define MEMORY_MAX (1536ul << 20)	/* bytes of address space: a mapped document of DOCUMENT_MAX and room to work */

static int
op_prepare(struct helper_call *call, void *jobs, cJSON **ret_result)
{
	return job_prepare(call, jobs, ret_result);
}

static int
op_finish(struct helper_call *call, void *jobs, cJSON **ret_result)
{
	return job_finish(call, jobs, ret_result);
}

static int
op_render(struct helper_call *call, void *jobs, cJSON **ret_result)
{
	int output = helper_take_fd(call, 0), files[FRAME_FDS_MAX], r;
	size_t count = 0;

	(void)jobs;
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
op_page(struct helper_call *call, void *jobs, cJSON **ret_result)
{
	(void)jobs;
	return page_draw(call, ret_result);
}

static int
op_verify(struct helper_call *call, void *jobs, cJSON **ret_result)
{
	(void)jobs;
	return verify_document(call, ret_result);
}

static const struct helper_op document_ops[] = { { "finish", op_finish }, { "prepare", op_prepare }, { "render", op_render }, { "verify", op_verify } };
static const struct helper_op page_ops[] = { { "page", op_page } };

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
document_sandbox(void)
{
	static const char *const readable[] = { "/usr/share/fonts", NULL };	/* of a form's page */

	return sandbox_enter(readable);
}

/* For life it either reads documents or has poppler draw their pages. */
int
main(int argc, char **argv)
{
	bool pages = argc > 1 && strcmp(argv[1], "pages") == 0;
	struct jobs jobs = { 0 };
	int status;

	log_init("imza-document", LOG_INFO);
	descriptors_allow();
	if (harden_process() != 0 || harden_limits(MEMORY_MAX, 0) != 0 || OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) != 1 ||
	    (pages ? page_sandbox() : document_sandbox()) != 0) {
		log_error("can't give up rights");
		return EXIT_FAILURE;
	}
	status = helper_ops_run(pages ? &(struct helper_ops){ page_ops, sizeof(page_ops) / sizeof(page_ops[0]), NULL } :
	    &(struct helper_ops){ document_ops, sizeof(document_ops) / sizeof(document_ops[0]), &jobs });
	jobs_clear(&jobs);
	return status;
}
