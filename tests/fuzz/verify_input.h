/* SPDX-License-Identifier: Apache-2.0 */
/* verify_input.h: bytes of a fuzzer as a file to verify, and what must hold of the outcome. */
#ifndef FUZZ_VERIFY_INPUT_H
#define FUZZ_VERIFY_INPUT_H

#include <string.h>
#include <sys/mman.h>

#include "base/err.h"
#include "base/json.h"
#include "document/verify.h"
#include "fuzz.h"

/* The bytes in a mapping of their own, as imza-document has them: what is hashed is given back to the system. */
static inline void
verification_open(struct verification *verification, const uint8_t *data, size_t size)
{
	bool memory = fuzz_memory_pause();
	void *copy = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	fuzz_require(copy != MAP_FAILED, "no memory");
	memcpy(copy, data, size);
	*verification = (struct verification){ .data = copy, .size = size, .fd = -1, .content_fd = -1, .now = 1764000000,
		.result = cJSON_CreateObject() };
	verification->signatures = cJSON_AddArrayToObject(verification->result, "signatures");
	fuzz_require(verification->signatures != NULL && trust_new(NULL, 0, &verification->trust) == 0, "no memory");
	fuzz_memory_resume(memory);
}

/* Refusals are of the known kinds. Without roots there is a reason against every signature. */
static inline void
verification_close(struct verification *verification, int r)
{
	const cJSON *signature;

	fuzz_require(r == 0 || r == ERR_DOCUMENT_INVALID || r == ERR_DOCUMENT_ENCRYPTED || r == ERR_TOO_LARGE || (r == ERR_INTERNAL && fuzz_memory_failed()), "refused for another reason");
	cJSON_ArrayForEach(signature, verification->signatures) {
		fuzz_require(cJSON_GetArraySize(json_member(signature, "reasons")) > 0 || r != 0, "nothing is wrong, although nobody is trusted");
		fuzz_require(r != 0 || json_string(signature, "coverage") != NULL, "no coverage");
	}
	cJSON_Delete(verification->result);
	trust_free(verification->trust);
	munmap((void *)(uintptr_t)verification->data, verification->size);
}

#endif
