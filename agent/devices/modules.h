/* SPDX-License-Identifier: Apache-2.0 */
/* devices/modules.h: which PKCS #11 modules this machine has, when the settings name none. */
#ifndef DEVICES_MODULES_H
#define DEVICES_MODULES_H

#include <cjson/cJSON.h>

#include "config.h"

/*
 * Those that read some kind of card (devices/kinds.h) and lie in a folder where drivers are installed, those that p11-kit is told of, and
 * OpenSC's; each once, and only files that trusted_file_check() passes.  SoftHSM is for those who ask for it by name.  Adds absolute paths
 * to list.
 */
void modules_find(const cJSON *kinds, struct config_list *list);

/* Frees what modules_find() added. */
void modules_clear(struct config_list *list);

#endif
