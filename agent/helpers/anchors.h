/* SPDX-License-Identifier: Apache-2.0 */
/* helpers/anchors.h: the certificates of the trust folders, read by the agent and handed to imza-document, which opens no files. */
#ifndef HELPERS_ANCHORS_H
#define HELPERS_ANCHORS_H

#include <stddef.h>

#include "config.h"
#include "devices/certificate.h"

struct anchors;

/*
 * Certificates (PEM, one or many, or DER) in files that end in .pem, .crt, .cer or .der, in these folders (borrowed; none: the
 * administrator's /etc/imza-agent/trust.d and the package's own).  A file that others could have written, or that is no certificate, is told
 * in the log and left out.  0 or ERR_INTERNAL.
 */
int anchors_new(const struct config_list *folders, struct anchors **ret_anchors);

/* Accepts NULL. */
void anchors_free(struct anchors *anchors);

/*
 * A sealed file with all of them as PEM (trust/trust.h), as the folders are now; borrowed, until the next call.  The file may be
 * empty.  -1 when memory runs out.
 */
int anchors_fd(struct anchors *anchors);

/* The authority in the folders, no anchor, that has issued this certificate; borrowed, until the next call of anchors_fd(). NULL: none. */
const struct certificate *anchors_issuer(const struct anchors *anchors, const struct certificate *certificate);

/* How many certificates the file has. */
size_t anchors_count(const struct anchors *anchors);

#endif
