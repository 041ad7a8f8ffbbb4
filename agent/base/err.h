/* SPDX-License-Identifier: Apache-2.0 */
/* base/err.h: every error by name; the list is proto/errors.json. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdbool.h>
#include "err_list.h"

#define ERR_ENUM_POSITIVE(name, ...) POSITIVE_##name,
enum { POSITIVE_OK, ERR_LIST(ERR_ENUM_POSITIVE) POSITIVE_END };
#undef ERR_ENUM_POSITIVE
#define ERR_ENUM(name, ...) name = -POSITIVE_##name,
/* 0 is success; functions return one of these negative values otherwise. */
enum err { ERR_LIST(ERR_ENUM) };
#undef ERR_ENUM

/* Everything that a user or a page reads about an error; static storage. */
struct err_text {
	const char *reason;	/* stable name on the wire */
	int code;		/* JSON-RPC error code */
	bool retry;		/* trying again may help */
	const char *message_tr, *message_en;
	const char *remedy_tr, *remedy_en;
};

/* The text of any error; an unknown one reads as ERR_INTERNAL. Never NULL. */
const struct err_text *err_text(int err);

/* err_text(err)->reason, for log lines. */
const char *err_reason(int err);

/* The error with this reason (a helper's word); ERR_INTERNAL when there is none. */
int err_from_reason(const char *reason);

#endif
