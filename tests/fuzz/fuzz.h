/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz.h: what the targets share: promises, files out of bytes, memory that runs out. */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

/*
 * What a target does with an input. Memory runs out meanwhile when the input began with FF and two bytes, which are taken off: each allocation of
 * our own code, of cJSON and of OpenSSL then fails with a probability of 1/400, by those bytes. With FUZZ_SWEEP in the environment each input is run again
 * and again, and another one of its allocations fails each time: each of the first hundreds, then ever
 * fewer, for so many milliseconds.
 */
void fuzz_run(const uint8_t *data, size_t size);

/* Ends the program when a promise is broken. */
void fuzz_require(bool condition, const char *what);

/* A private folder in memory, made once and removed at the end. */
const char *fuzz_folder(void);

/* Writes bytes to a file in that folder, as this user's own; its path. */
const char *fuzz_file(const char *name, const void *data, size_t size);

/* Around what a target does for itself. */
bool fuzz_memory_pause(void);
void fuzz_memory_resume(bool was);

/* Whether one has failed in this run. */
bool fuzz_memory_failed(void);

#endif
