/* SPDX-License-Identifier: Apache-2.0 */
/* base/err.c: the error catalogue, looked up by number or by name. */
#include "base/err.h"

#include <stddef.h>
#include <string.h>

#define ERR_ROW(name, reason, code, retry, ...) { reason, code, retry, __VA_ARGS__ },
static const struct err_text texts[] = { ERR_LIST(ERR_ROW) };
#undef ERR_ROW

static const size_t texts_count = sizeof(texts) / sizeof(texts[0]);

const struct err_text *
err_text(int err)
{
	if (err >= 0 || err <= -POSITIVE_END)
		err = ERR_INTERNAL;
	return &texts[-err - 1];
}

const char *
err_reason(int err)
{
	return err == 0 ? "ok" : err_text(err)->reason;
}

int
err_from_reason(const char *reason)
{
	for (size_t i = 0; reason != NULL && i < texts_count; i++)
		if (strcmp(texts[i].reason, reason) == 0)
			return -(int)i - 1;
	return ERR_INTERNAL;
}
