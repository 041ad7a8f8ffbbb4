/* SPDX-License-Identifier: Apache-2.0 */
/* document/job.c: reads the requests, keeps the jobs, leaves the formats to their own files. */
#include "document/job.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/encoding.h"
#include "base/err.h"
#include "base/json.h"
#include "document/cms.h"
#include "document/file.h"

static const struct signature_format *const formats[] = { &format_cades, &format_pades };

static const struct signature_format *
format_find(const char *name)
{
	for (size_t i = 0; name != NULL && i < sizeof(formats) / sizeof(formats[0]); i++)
		if (strcmp(formats[i]->name, name) == 0)
			return formats[i];
	return NULL;
}

static void
job_free(struct job *job)
{
	if (job == NULL)
		return;
	signer_clear(&job->signer);
	CMS_ContentInfo_free(job->cms);
	if (job->input >= 0)
		close(job->input);
	if (job->output >= 0)
		close(job->output);
	free(job);
}

/* The place of this job in the list; *place is NULL when there is none. */
static struct job **
job_place(struct jobs *jobs, int64_t number)
{
	struct job **place = &jobs->first;

	while (*place != NULL && (*place)->number != number)
		place = &(*place)->next;
	return place;
}

/* The request's signer; without a certificate in it, the one of the job before. */
static int
job_signer(struct jobs *jobs, const cJSON *request, struct job *job)
{
	int r;

	if (json_member(request, "certificate") == NULL && jobs->signer.certificate != NULL)
		return signer_share(&jobs->signer, &job->signer);
	if ((r = signer_read(request, &job->signer)) != 0)
		return r;
	signer_clear(&jobs->signer);
	return signer_share(&job->signer, &jobs->signer);
}

/* Checks what does not depend on the format, and takes the two descriptors. */
static int
job_read(struct jobs *jobs, struct job *job, struct helper_call *call)
{
	const char *level = json_string(call->request, "level");
	uint64_t output_size;
	int r;

	job->input = helper_take_fd(call, 0);
	job->output = helper_take_fd(call, 1);
	if ((job->format = format_find(json_string(call->request, "format"))) == NULL || level == NULL || strcmp(level, "B-B") != 0)
		return ERR_NOT_SUPPORTED;
	if ((r = file_size(job->output, &output_size)) != 0 || (r = file_size(job->input, &job->input_size)) != 0)
		return r;
	if (output_size != 0)
		return ERR_INVALID_PARAMS;
	if ((job->time = time(NULL)) == (time_t)-1)
		return ERR_INTERNAL;
	return job_signer(jobs, call->request, job);
}

static cJSON *
prepared_to_json(const struct job *job)
{
	cJSON *result = cJSON_CreateObject();
	char text[sizeof("2026-11-24T08:30:00Z")], *sha256 = hex_encode(job->input_sha256, sizeof(job->input_sha256));
	struct tm tm;

	if (result == NULL || sha256 == NULL || cJSON_AddStringToObject(result, "sha256", sha256) == NULL || gmtime_r(&job->time, &tm) == NULL || strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm) == 0 ||
	    !json_add_base64(result, "digest", job->digest, (size_t)EVP_MD_get_size(job->signer.md)) ||
	    cJSON_AddStringToObject(result, "digestAlgorithm", job->signer.digest_name) == NULL ||
	    cJSON_AddStringToObject(result, "time", text) == NULL) {
		cJSON_Delete(result);
		result = NULL;
	}
	free(sha256);
	return result;
}

/* Why, for the log and for data.detail. */
static void
detail_add(struct helper_call *call, const char *detail)
{
	if (detail != NULL && (call->error != NULL || (call->error = cJSON_CreateObject()) != NULL))
		cJSON_AddStringToObject(call->error, "detail", detail);
}

int
job_prepare(struct helper_call *call, struct jobs *jobs, cJSON **ret_result)
{
	int64_t number = json_integer(call->request, "job", -1);
	struct job *job = NULL;
	cJSON *result = NULL;
	int r;

	if (number < 0 || *job_place(jobs, number) != NULL)
		return ERR_INVALID_PARAMS;
	if (jobs->count >= JOBS_MAX)
		return ERR_TOO_LARGE;
	if ((job = calloc(1, sizeof(*job))) == NULL)
		return ERR_INTERNAL;
	job->number = number;
	if ((r = job_read(jobs, job, call)) != 0 || (r = job->format->prepare(job, call->request)) != 0) {
		detail_add(call, job->detail);
		goto out;
	}
	if ((result = prepared_to_json(job)) == NULL) {
		r = ERR_INTERNAL;
		goto out;
	}
	jobs->signer.cms_max = job->signer.cms_max;
	job->next = jobs->first;
	jobs->first = job;
	jobs->count++;
	job = NULL;
	*ret_result = result;
out:
	job_free(job);
	return r;
}

static int
output_to_json(int fd, cJSON **ret_result)
{
	EVP_MD_CTX *digest = digest_new(EVP_sha256());
	unsigned char sha256[EVP_MAX_MD_SIZE];
	unsigned int len;
	off_t size = lseek(fd, 0, SEEK_END);
	cJSON *result = NULL;
	char *hex = NULL;
	int r = ERR_INTERNAL;

	if (digest == NULL || size < 0 || file_pass(fd, (uint64_t)size, digest, -1, 0) != 0 || EVP_DigestFinal_ex(digest, sha256, &len) != 1 ||
	    (hex = hex_encode(sha256, len)) == NULL || (result = cJSON_CreateObject()) == NULL ||
	    cJSON_AddNumberToObject(result, "size", (double)size) == NULL || cJSON_AddStringToObject(result, "sha256", hex) == NULL)
		goto out;
	*ret_result = result;
	result = NULL;
	r = 0;
out:
	cJSON_Delete(result);
	free(hex);
	EVP_MD_CTX_free(digest);
	return r;
}

int
job_finish(struct helper_call *call, struct jobs *jobs, cJSON **ret_result)
{
	struct job **place = job_place(jobs, json_integer(call->request, "job", -1)), *job = *place;
	unsigned char *raw = NULL, *value = NULL, *der = NULL;
	size_t raw_len, value_len, der_len;
	int r;

	if (job == NULL)
		return ERR_NOT_FOUND;
	/* Whatever comes out, the job is over: one signature, one file. */
	*place = job->next;
	jobs->count--;
	if ((r = json_base64(call->request, "signature", &raw, &raw_len)) != 0 ||
	    (r = signer_encode_value(&job->signer, job->digest, raw, raw_len, &value, &value_len)) != 0 ||
	    (r = cms_finish(job->cms, value, value_len, &der, &der_len)) != 0 ||
	    (r = job->format->finish(job, der, der_len)) != 0)
		goto out;
	r = output_to_json(job->output, ret_result);
out:
	/* Nobody shall take a half-written file for a signed one. */
	if (r != 0 && ftruncate(job->output, 0) != 0)
		job->detail = "the output could not be emptied";
	if (r != 0)
		detail_add(call, job->detail);
	OPENSSL_free(der);
	OPENSSL_free(value);
	free(raw);
	job_free(job);
	return r;
}

void
jobs_clear(struct jobs *jobs)
{
	while (jobs->first != NULL) {
		struct job *job = jobs->first;

		jobs->first = job->next;
		job_free(job);
	}
	signer_clear(&jobs->signer);
	*jobs = (struct jobs){ .first = NULL };
}
