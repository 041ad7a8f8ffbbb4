/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz.c: see fuzz.h. The linker's --wrap leads what our own objects allocate through here, as cJSON and OpenSSL are asked to, after libfido2's fuzz/wrap.c. */
#include "fuzz.h"

#include <cjson/cJSON.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <sanitizer/lsan_interface.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"

#define ONE_OF 400
#define SWEEP_DENSE 300

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
char *__real_strdup(const char *text);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
char *__wrap_strdup(const char *text);

static _Thread_local bool failing, failed;	/* the target's own thread alone runs out */
static _Thread_local uint32_t state, left;	/* left: allocations until the one that fails; 0: by chance */
static char folder[32];

static bool
fails(void)
{
	if (!failing)
		return false;
	if (left > 0) {
		if (failed || --left > 0)
			return false;
		failed = true;
		left = 1;
		return true;
	}
	/* xorshift32: the same input fails in the same places. */
	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	if (state % ONE_OF != 0)
		return false;
	failed = true;
	return true;
}

void *
__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *
__wrap_calloc(size_t count, size_t size)
{
	return fails() ? NULL : __real_calloc(count, size);
}

void *
__wrap_realloc(void *old, size_t size)
{
	return fails() ? NULL : __real_realloc(old, size);
}

char *
__wrap_strdup(const char *text)
{
	return fails() ? NULL : __real_strdup(text);
}

/* --- OpenSSL's memory, before it has any --- */

static void *
crypto_new(size_t size, const char *file, int line)
{
	(void)file, (void)line;
	return __wrap_malloc(size);
}

static void *
crypto_grow(void *old, size_t size, const char *file, int line)
{
	(void)file, (void)line;
	return __wrap_realloc(old, size);
}

static void
crypto_free(void *old, const char *file, int line)
{
	(void)file, (void)line;
	free(old);
}

__attribute__((constructor)) static void
crypto_hook(void)
{
	fuzz_require(CRYPTO_set_mem_functions(crypto_new, crypto_grow, crypto_free) == 1, "OpenSSL has memory already");
}

/* One allocation of this input fails in each run: each of the first SWEEP_DENSE, then ever fewer, up to the last or until the time is over. */
static void
sweep(const uint8_t *data, size_t size, int64_t milliseconds)
{
	int64_t end = clock_ms() + milliseconds;

	failed = true;
	for (uint32_t number = 1; failed && clock_ms() < end; number += 1 + number / SWEEP_DENSE) {
		left = number;
		failed = false;
		failing = true;
		fuzz_run(data, size);
		failing = false;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool begun;

	if (!begun) {
		cJSON_InitHooks(&(cJSON_Hooks){ __wrap_malloc, free });
		/* OpenSSL 3.0 does not survive its own beginning without memory. */
		EVP_MD_free(EVP_MD_fetch(NULL, "SHA256", NULL));
	}
	begun = true;
	failed = false;
	if (getenv("FUZZ_SWEEP") == NULL && (size < 3 || data[0] != 0xff)) {
		fuzz_run(data, size);
		return 0;
	}
	/* What is lost when memory is out is no leak that counts. */
	__lsan_disable();
	if (getenv("FUZZ_SWEEP") != NULL) {
		sweep(data, size, atol(getenv("FUZZ_SWEEP")));
	} else {
		state = 1 + ((uint32_t)data[1] << 8 | data[2]) * 2654435761u;
		failing = true;
		fuzz_run(data + 3, size - 3);
		failing = false;
	}
	__lsan_enable();
	return 0;
}

bool
fuzz_memory_pause(void)
{
	bool was = failing;

	failing = false;
	return was;
}

void
fuzz_memory_resume(bool was)
{
	failing = was;
}

bool
fuzz_memory_failed(void)
{
	return failed;
}

void
fuzz_require(bool condition, const char *what)
{
	if (!condition) {
		fprintf(stderr, "fuzz: %s\n", what);
		abort();
	}
}

static void
folder_remove(void)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -rf %s", folder);
	if (system(command) != 0)
		fprintf(stderr, "fuzz: %s is left\n", folder);
}

const char *
fuzz_folder(void)
{
	if (folder[0] == '\0') {
		snprintf(folder, sizeof(folder), "/dev/shm/fuzz-XXXXXX");
		fuzz_require(mkdtemp(folder) != NULL, "no folder");
		atexit(folder_remove);
	}
	return folder;
}

const char *
fuzz_file(const char *name, const void *data, size_t size)
{
	static char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", fuzz_folder(), name);
	file = fopen(path, "wbe");
	fuzz_require(file != NULL && fwrite(data, 1, size, file) == size && fclose(file) == 0, "no file");
	chmod(path, 0600);
	return path;
}
