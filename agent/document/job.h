/* SPDX-License-Identifier: Apache-2.0 */
/* document/job.h: one document between prepare and finish, and the two operations that a signature format is made of. */
#ifndef DOCUMENT_JOB_H
#define DOCUMENT_JOB_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>
#include <cjson/cJSON.h>
#include <openssl/cms.h>

#include "base/helper.h"
#include "document/signer.h"

#define JOBS_MAX 1000	/* documents of a batch; agent.info tells it */

struct job {
	int64_t number;
	const struct signature_format *format;
	struct signer signer;
	int input, output;			/* -1 once closed */
	uint64_t input_size;
	unsigned char input_sha256[32];		/* of what was read: the user is shown this one */
	time_t time;				/* the signing time that the file claims */
	CMS_ContentInfo *cms;
	unsigned char digest[EVP_MAX_MD_SIZE];	/* what the card signs */
	bool attached;				/* CAdES */
	unsigned char content_digest[EVP_MAX_MD_SIZE];
	uint64_t contents_offset;		/* PAdES: the first hex digit of /Contents in the output */
	size_t contents_room;			/* and how many bytes of CMS fit there */
	const char *detail;			/* English, static: why it was refused; or NULL */
	struct job *next;
};

struct signature_format {
	const char *name;
	/* Reads job->input, sets job->cms and job->digest. May write to job->output. */
	int (*prepare)(struct job *job, const cJSON *request);
	/* Completes job->output around the detached SignedData. */
	int (*finish)(struct job *job, const unsigned char *der, size_t len);
};

/* ETSI EN 319 122-1 and EN 319 142-1, level B-B. */
extern const struct signature_format format_cades, format_pades;

/* The jobs of this process. Zeroed at the start. */
struct jobs {
	struct job *first;
	size_t count;
	struct signer signer;	/* of the job before: a batch has one, and reading it takes longer than all else */
};

/* The ops `prepare` and `finish` of agent/HELPERS.md. */
int job_prepare(struct helper_call *call, struct jobs *jobs, cJSON **ret_result);
int job_finish(struct helper_call *call, struct jobs *jobs, cJSON **ret_result);

void jobs_clear(struct jobs *jobs);

#endif
