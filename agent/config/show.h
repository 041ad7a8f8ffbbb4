/* SPDX-License-Identifier: Apache-2.0 */
/* config/show.h: settings and their problems as text, for the command line and the help desk. */
#ifndef CONFIG_SHOW_H
#define CONFIG_SHOW_H

#include <stdio.h>

#include "config/sources.h"

/*
 * Prints the effective values as lines that a settings file could have.  key: only this one's; NULL: all,
 * and those that nobody has set as remarks.  origins: each with the place that it
 * comes from, as a remark behind it.  language: "tr" or "en".
 */
void config_show(const struct config_sources *sources, const char *key, bool origins, const char *language, FILE *out);

/* Prints a line for each problem, FILE:LINE first. The number of those that are more than a remark. */
size_t config_show_problems(const struct config_sources *sources, const char *language, FILE *out);

#endif
