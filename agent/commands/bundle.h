/* SPDX-License-Identifier: Apache-2.0 */
/* commands/bundle.h: what doctor leaves in files: metrics for a fleet, a bundle for the help desk. */
#ifndef COMMANDS_BUNDLE_H
#define COMMANDS_BUNDLE_H

#include "agent.h"

/*
 * Writes a run's result as text that OpenMetrics and the node_exporter's textfile collector read, whole or not at all.  0, or an error after
 * a log line.
 */
int metrics_write(const char *path, const cJSON *result, const cJSON *figures);

/*
 * Writes a tar archive (path ends in .tar) or a folder: the result, the settings that hold with their places, and what system this is.  The user's name and folder are
 * left out.  0, or an error after a log line.
 */
int bundle_write(const char *path, const struct agent *agent, const cJSON *result);

#endif
