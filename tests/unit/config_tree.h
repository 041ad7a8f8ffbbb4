/* SPDX-License-Identifier: Apache-2.0 */
/* unit/config_tree.h: settings of every layer in a folder of the test's own, and what is read of them. */
#ifndef UNIT_CONFIG_TREE_H
#define UNIT_CONFIG_TREE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "config/sources.h"
#include "test.h"

static char root[32], vendor[64], file[64], drop_ins[64], user[64], locked[64];
static const struct config_places places = { .vendor = vendor, .file = file, .drop_ins = drop_ins, .user = user, .locked = locked };

static void
tree_make(void)
{
	snprintf(root, sizeof(root), "/tmp/config-XXXXXX");
	CHECK(mkdtemp(root) != NULL);
	snprintf(vendor, sizeof(vendor), "%s/vendor", root);
	snprintf(file, sizeof(file), "%s/imza-agent.conf", root);
	snprintf(drop_ins, sizeof(drop_ins), "%s/conf.d", root);
	snprintf(user, sizeof(user), "%s/user.conf", root);
	snprintf(locked, sizeof(locked), "%s/policy.d", root);
}

static void
tree_remove(void)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -r %s", root);
	CHECK_INT(system(command), 0);
}

/* name NULL: the path itself. */
static void
write_to(const char *folder, const char *name, const char *text)
{
	char path[128];
	FILE *out;

	if (name != NULL)
		mkdir(folder, 0755);
	snprintf(path, sizeof(path), "%s%s%s", folder, name != NULL ? "/" : "", name != NULL ? name : "");
	out = fopen(path, "w");
	CHECK(out != NULL);
	fputs(text, out);
	fchmod(fileno(out), 0644);
	fclose(out);
}

static struct config_sources *
sources_read(void)
{
	struct config_sources *sources = NULL;

	CHECK_INT(config_sources_read(&places, &sources), 0);
	return sources;
}

/* The values of a key, "a,b" for a list, "" for none; "(none)" when it is not there at all. */
static const char *
values_of(const struct config_sources *sources, const char *key)
{
	static char text[200];
	size_t count, len = 0;
	const struct config_value *values = config_sources_values(sources, &count);

	snprintf(text, sizeof(text), "(none)");
	for (size_t i = 0; i < count; i++)
		if (!values[i].unread && strcmp(values[i].key->name, key) == 0)
			len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s", len > 0 ? "," : "",
			    values[i].value != NULL ? values[i].value : "");
	return text;
}

/* What of a key that narrows is in force although it could not be read: "yes", "*", an origin, with commas between; "" for nothing. */
static const char *
unread_of(const struct config_sources *sources, const char *key)
{
	static char text[200];
	size_t count, len = 0;
	const struct config_value *values = config_sources_values(sources, &count);

	*text = '\0';
	for (size_t i = 0; i < count; i++)
		if (values[i].unread && strcmp(values[i].key->name, key) == 0)
			len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s", len > 0 ? "," : "", values[i].value != NULL ? values[i].value : "*");
	return text;
}

#endif
