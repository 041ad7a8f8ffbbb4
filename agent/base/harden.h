/* SPDX-License-Identifier: Apache-2.0 */
/* base/harden.h: what each of the four programs gives up before it does anything. */
#ifndef BASE_HARDEN_H
#define BASE_HARDEN_H

/* No core file, not traceable by the same user, no new privileges, umask 077, SIGPIPE ignored. 0 or ERR_INTERNAL. */
int harden_process(void);

/* Caps the address space (bytes) and CPU time (seconds) of this process; 0 leaves one as it is. 0 or ERR_INTERNAL. */
int harden_limits(unsigned long memory, unsigned long cpu_seconds);

#endif
