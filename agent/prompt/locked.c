/* SPDX-License-Identifier: Apache-2.0 */
/* prompt/locked.c: a mapping an allocation; libassuan makes a handful a context. */
#include "prompt/locked.h"

#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

#define LOCKED_MAX (64u << 10)

struct block {
	size_t size;		/* of the mapping */
	max_align_t data[];
};

void *
locked_malloc(size_t size)
{
	struct block *block;

	if (size > LOCKED_MAX)
		return NULL;
	size += sizeof(*block);
	/* Not wiped on fork, as base/secret.c does: the child needs the context until exec, and no PIN is in it yet then. */
	block = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (block == MAP_FAILED)
		return NULL;
	if (mlock(block, size) != 0 || madvise(block, size, MADV_DONTDUMP) != 0) {
		munmap(block, size);
		return NULL;
	}
	block->size = size;
	return block->data;
}

static struct block *
block_of(void *data)
{
	return (struct block *)((char *)data - offsetof(struct block, data));
}

void
locked_free(void *data)
{
	struct block *block;
	size_t size;

	if (data == NULL)
		return;
	block = block_of(data);
	size = block->size;
	explicit_bzero(block, size);
	munmap(block, size);
}

void *
locked_realloc(void *data, size_t size)
{
	size_t old = data != NULL ? block_of(data)->size - sizeof(struct block) : 0;
	void *grown = locked_malloc(size);

	if (grown == NULL || data == NULL)
		return grown;
	memcpy(grown, data, old < size ? old : size);
	locked_free(data);
	return grown;
}
