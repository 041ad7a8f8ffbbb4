/* SPDX-License-Identifier: Apache-2.0 */
/* forms/canonical.c: RFC 8785 over cJSON: members in order, no white space; strings and numbers as cJSON writes them are the same. */
#include "forms/canonical.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"

static int
member_compare(const void *a, const void *b)
{
	return strcmp((*(const cJSON *const *)a)->string, (*(const cJSON *const *)b)->string);
}

static int
printed_append(cJSON *value, struct buf *buf)
{
	char *text = value == NULL ? NULL : cJSON_PrintUnformatted(value);

	if (text == NULL)
		return ERR_INTERNAL;
	buf_append_string(buf, text);
	cJSON_free(text);
	return 0;
}

static int
name_append(const char *name, struct buf *buf)
{
	cJSON *string = cJSON_CreateStringReference(name);
	int err = printed_append(string, buf);

	cJSON_Delete(string);
	buf_append_string(buf, ":");
	return err;
}

static int
object_append(const cJSON *object, struct buf *buf)
{
	size_t count = (size_t)cJSON_GetArraySize(object), n = 0;
	const cJSON **members = calloc(count + 1, sizeof(*members)), *member;
	int err = 0;

	if (members == NULL)
		return ERR_INTERNAL;
	cJSON_ArrayForEach(member, object)
		members[n++] = member;
	qsort(members, n, sizeof(*members), member_compare);
	for (size_t i = 0; i < n && err == 0; i++) {
		buf_append_string(buf, i == 0 ? "{" : ",");
		if ((err = name_append(members[i]->string, buf)) == 0)
			err = form_canonical(members[i], buf);
	}
	buf_append_string(buf, n == 0 ? "{}" : "}");
	free(members);
	return err;
}

int
form_canonical(const cJSON *data, struct buf *buf)
{
	const cJSON *item;
	int err = 0;

	if (cJSON_IsObject(data)) {
		err = object_append(data, buf);
	} else if (cJSON_IsArray(data)) {
		buf_append_string(buf, "[");
		cJSON_ArrayForEach(item, data) {
			if (item != data->child)
				buf_append_string(buf, ",");
			if (err == 0)
				err = form_canonical(item, buf);
		}
		buf_append_string(buf, "]");
	} else {
		cJSON *copy = cJSON_Duplicate(data, false);

		err = printed_append(copy, buf);
		cJSON_Delete(copy);
	}
	return err == 0 && buf->failed ? ERR_INTERNAL : err;
}
