/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz.h: what the targets share: promises, files out of bytes, memory that runs out. */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

/* Ends the program when a promise is broken. */
void fuzz_require(bool condition, const char *what);

/* A private folder in memory, made once and removed at the end. */
const char *fuzz_folder(void);

/* Writes bytes to a file in that folder, as this user's own; its path. */
const char *fuzz_file(const char *name, const void *data, size_t size);

/*
 * Memory that runs out: an input that begins with FF and two bytes has each allocation of our own code and of cJSON fail with a
 * probability of 1/400 from then on, by those bytes; *data and *size then stand behind them.  Whether it is so.
 */
bool fuzz_memory_begin(const uint8_t **data, size_t *size);
void fuzz_memory_end(void);

/* Around what a target does for itself. */
bool fuzz_memory_pause(void);
void fuzz_memory_resume(bool was);

/* Whether one has failed since fuzz_memory_begin(). */
bool fuzz_memory_failed(void);

#endif
