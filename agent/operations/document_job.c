/* SPDX-License-Identifier: Apache-2.0 */
/* operations/document_job.c: requests to imza-document, and what its death or delay means to the page. */
#include "operations/document_job.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "base/frame.h"

struct document_job {
	const char *argv[3];
	struct helper_program program;
	struct helper *helper;
	bool dead;	/* it ended by itself: nothing answers any more */
	void (*done)(void *context, int err, const cJSON *content);
	void *context;
};

static void
job_died(void *context)
{
	struct document_job *job = context;

	job->dead = true;
}

int
document_job_new(struct services *services, struct document_job **ret_job)
{
	return document_job_new_mode(services, NULL, ret_job);
}

int
document_job_new_mode(struct services *services, const char *mode, struct document_job **ret_job)
{
	struct document_job *job = calloc(1, sizeof(*job));

	if (job == NULL)
		return ERR_INTERNAL;
	job->argv[0] = services->programs->document;
	job->argv[1] = mode;
	job->program = (struct helper_program){ job->argv, (const char *const *)services->programs->document_environment, 0 };
	if (helper_start(services->loop, &job->program, job_died, job, &job->helper) != 0) {
		free(job);
		return ERR_INTERNAL;
	}
	*ret_job = job;
	return 0;
}

void
document_job_end(struct document_job **job)
{
	if (*job == NULL)
		return;
	helper_end(&(*job)->helper);
	free(*job);
	*job = NULL;
}

static void
job_answered(void *context, int err, const cJSON *content)
{
	struct document_job *job = context;

	if (err == ERR_MODULE_FAILED && content == NULL)
		err = ERR_DOCUMENT_INVALID;
	job->done(job->context, err, content);
}

int
document_job_ask(struct document_job *job, const char *op, cJSON *members, const int *fds, size_t fds_count,
    void (*done)(void *context, int err, const cJSON *content), void *context)
{
	int copies[FRAME_FDS_MAX];

	if (job->dead) {
		cJSON_Delete(members);
		return ERR_INTERNAL;
	}
	for (size_t i = 0; i < fds_count; i++)
		if ((copies[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, 0)) < 0) {
			while (i > 0)
				close(copies[--i]);
			cJSON_Delete(members);
			return ERR_INTERNAL;
		}
	job->done = done;
	job->context = context;
	return helper_request(job->helper, op, members, copies, fds_count, DOCUMENT_JOB_SECONDS * 1000, ERR_TOO_LARGE,
	    (struct helper_callbacks){ job_answered, NULL, job }) != NULL ? 0 : ERR_INTERNAL;
}
