/* SPDX-License-Identifier: Apache-2.0 */
/* base/pin_lengths.c: two ranges of lengths, and their common part. */
#include "base/pin_lengths.h"

#include <limits.h>

#include "base/json.h"

static unsigned
length_read(const cJSON *json, const char *name)
{
	int64_t length = json_integer(json, name, 0);

	return length > 0 && length <= INT_MAX ? (unsigned)length : 0;
}

struct pin_lengths
pin_lengths_read(const cJSON *json)
{
	return (struct pin_lengths){ length_read(json, "minLength"), length_read(json, "maxLength") };
}

struct pin_lengths
pin_lengths_narrow(struct pin_lengths token, struct pin_lengths kind)
{
	struct pin_lengths both = { kind.min > token.min ? kind.min : token.min,
		token.max == 0 || (kind.max > 0 && kind.max < token.max) ? kind.max : token.max };

	return both.max > 0 && both.min > both.max ? token : both;
}
