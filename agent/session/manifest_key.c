/* SPDX-License-Identifier: Apache-2.0 */
/* session/manifest_key.c: an origin and a key in one line. */
#include "session/manifest_key.h"

#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "base/err.h"

int
manifest_key_read(const char *value, struct manifest_key *ret_key)
{
	struct manifest_key key = { 0 };
	size_t origin_len = strcspn(value, " \t"), len = 0;
	const char *x = value + origin_len + strspn(value + origin_len, " \t");
	unsigned char *bytes = NULL;
	int r;

	if (origin_len > ORIGIN_MAX)
		return ERR_INVALID_PARAMS;
	memcpy(key.origin, value, origin_len);
	if (!origin_text_is_https(key.origin) && !origin_text_is_http(key.origin))
		return ERR_INVALID_PARAMS;
	if ((r = base64url_decode(x, strlen(x), &bytes, &len)) == 0 && len != sizeof(key.key))
		r = ERR_INVALID_PARAMS;
	if (r == 0) {
		memcpy(key.key, bytes, sizeof(key.key));
		*ret_key = key;
	}
	free(bytes);
	return r;
}
