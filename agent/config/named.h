/* SPDX-License-Identifier: Apache-2.0 */
/* config/named.h: whether the files and folders that settings name are there. */
#ifndef CONFIG_NAMED_H
#define CONFIG_NAMED_H

#include <stdio.h>

#include "config/sources.h"

/*
 * Prints a line (FILE:LINE first) for each effective value that names a file or folder which is not there, can't be read or, for a file, is not
 * to be trusted (base/trusted_file.h); asked by root, also for a file that users could not read, settings among them.  The built-in values are
 * the health checks' part.  language: "tr" or "en".  Their number.
 */
size_t config_named_check(const struct config_sources *sources, const char *language, FILE *out);

#endif
