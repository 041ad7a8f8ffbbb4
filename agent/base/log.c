/* SPDX-License-Identifier: Apache-2.0 */
/* base/log.c: log lines, written whole with one write(2) so that processes sharing stderr do not mix them. */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

static const char *program = "imza";
static enum log_level threshold = LOG_INFO;

void
log_init(const char *name, enum log_level highest)
{
	program = name;
	threshold = highest;
}

void
log_write(enum log_level level, const char *function, const char *format, ...)
{
	static const char *const names[] = { "error", "warning", "info", "debug" };
	char text[1000], line[4 * sizeof(text) + 100];
	size_t n;
	va_list ap;
	int prefix;

	if (level > threshold)
		return;
	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);

	prefix = snprintf(line, sizeof(line), "%s[%d] %s %s: ", program, (int)getpid(), names[level], function);
	if (prefix < 0 || prefix > 90)
		prefix = 0;
	n = (size_t)prefix;
	for (const char *p = text; *p != '\0'; p++) {
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			n += (size_t)snprintf(line + n, 5, "\\x%02x", (unsigned char)*p);
		else
			line[n++] = *p;
	}
	line[n++] = '\n';
	if (write(STDERR_FILENO, line, n) < 0)
		return; /* nowhere left to say so */
}
