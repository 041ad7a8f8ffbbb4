/* SPDX-License-Identifier: Apache-2.0 */
/* document/signature_picture.h: what is seen of a signature on its page: who signed, when, with which certificate, on which site. */
#ifndef DOCUMENT_SIGNATURE_PICTURE_H
#define DOCUMENT_SIGNATURE_PICTURE_H

#include <time.h>
#include <openssl/x509.h>

#include "base/buf.h"

struct signature_picture {
	const char *language;		/* "tr", or else "en" */
	const char *origin;
	X509 *certificate;
	time_t time;			/* that the signature claims */
	int offset;			/* of the local time, seconds east of UTC */
	double width, height;		/* points */
};

/*
 * Draws it into a PDF of one page.  What has no room is shortened with an ellipsis; characters that would not be seen, that the font lacks,
 * or that are written from right to left become U+FFFD.  The same picture gives the same content and fonts.  0 or ERR_INTERNAL.
 */
int signature_picture_draw(const struct signature_picture *picture, struct buf *pdf);

#endif
