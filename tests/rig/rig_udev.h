/* SPDX-License-Identifier: Apache-2.0 */
/* rig_udev.h: what the two parts that the rig puts into pcscd tell each other. */
#ifndef RIG_UDEV_H
#define RIG_UDEV_H

#define RIG_READERS_MAX 16

/* Has unplugged(n) called, on pcscd's hot-plug thread, before pcscd hears that reader n is gone. */
void rig_on_unplug(void (*unplugged)(int reader));

#endif
