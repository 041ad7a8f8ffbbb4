/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_certificate.c: what a card calls a certificate, with its QC statements, to what a page gets to see of it. */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "devices/certificate.h"
#include "fuzz.h"

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	return 0;
}

static void
certificate_look(const struct certificate *certificate, const uint8_t *data, size_t size)
{
	unsigned bits = 0;
	size_t len = 0;
	const char *type = certificate_key_type(certificate, &bits);
	int r = certificate_may_sign(certificate, 1764000000);
	cJSON *json;
	char *text;

	fuzz_require(strlen(certificate_id(certificate)) == 64, "no id");
	fuzz_require(certificate_owner(certificate) != NULL && certificate_issuer(certificate) != NULL, "no name");
	fuzz_require(certificate_identity_number(certificate) != NULL, "no number");
	fuzz_require(strcmp(type, "rsa") == 0 || strcmp(type, "ec") == 0 || strcmp(type, "other") == 0, "no kind of key");
	fuzz_require(memcmp(certificate_der(certificate, &len), data, size) == 0 && len == size, "another certificate");
	fuzz_require(r == 0 || r == ERR_CERTIFICATE_UNSUITABLE || r == ERR_CERTIFICATE_EXPIRED || r == ERR_CERTIFICATE_NOT_YET_VALID, "another reason");
	fuzz_require(r != 0 || certificate_signs(certificate), "it may sign and does not");
	(void)certificate_is_qualified(certificate);
	(void)certificate_is_authority(certificate);
	if ((json = certificate_to_json(certificate, 1764000000)) != NULL) {
		fuzz_require((text = cJSON_PrintUnformatted(json)) != NULL || fuzz_memory_failed(), "no text");
		cJSON_free(text);
		cJSON_Delete(json);
	}
}

/* One that was read while memory ran out is the same, or may less. */
static void
certificates_compare(const struct certificate *certificate, const struct certificate *sober)
{
	unsigned bits;

	fuzz_require(strcmp(certificate_owner(certificate), certificate_owner(sober)) == 0 &&
	    strcmp(certificate_identity_number(certificate), certificate_identity_number(sober)) == 0, "somebody else's");
	fuzz_require(certificate_may_sign(certificate, 1764000000) != 0 || certificate_may_sign(sober, 1764000000) == 0, "it may sign, without memory");
	fuzz_require(certificate_may_log_in(certificate, 1764000000) != 0 || certificate_may_log_in(sober, 1764000000) == 0, "it may log in, without memory");
	fuzz_require(strcmp(certificate_key_type(certificate, &bits), "other") == 0 || strcmp(certificate_key_type(certificate, &bits), certificate_key_type(sober, &bits)) == 0,
	    "another key, without memory");
	fuzz_require(!certificate_is_qualified(certificate) || certificate_is_qualified(sober), "it is qualified, without memory");
}

void
fuzz_run(const uint8_t *data, size_t size)
{
	struct certificate *certificate = NULL, *sober = NULL;
	bool memory = fuzz_memory_pause();
	int r;

	if (memory) {
		(void)certificate_new(data, size, &sober);
		certificates_forget();
	}
	fuzz_memory_resume(memory);
	r = certificate_new(data, size, &certificate);
	fuzz_require((r == 0) == (certificate != NULL), "half a certificate");
	fuzz_require(r == 0 || r == ERR_CERTIFICATE_UNSUITABLE || (r == ERR_INTERNAL && fuzz_memory_failed()), "refused for another reason");
	if (r == 0)
		certificate_look(certificate, data, size);
	if (r == 0 && memory) {
		fuzz_require(sober != NULL, "it is none, with memory");
		certificates_compare(certificate, sober);
	}
	certificate_free(certificate);
	certificate_free(sober);
}
