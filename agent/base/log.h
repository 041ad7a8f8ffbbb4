/* SPDX-License-Identifier: Apache-2.0 */
/* base/log.h: one line a message on stderr; a peer's strings go in through %s only, and come out escaped and cut. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

enum log_level { LOG_NONE = -1, LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

/* Sets the program's name for each line, and the highest level that is written. Borrows name. */
void log_init(const char *name, enum log_level highest);

/* Writes one line; control characters are escaped, the line is cut at 1,000 bytes. Thread-safe. */
void log_write(enum log_level level, const char *function, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#define log_error(...) log_write(LOG_ERROR, __func__, __VA_ARGS__)
#define log_warning(...) log_write(LOG_WARNING, __func__, __VA_ARGS__)
#define log_info(...) log_write(LOG_INFO, __func__, __VA_ARGS__)
#define log_debug(...) log_write(LOG_DEBUG, __func__, __VA_ARGS__)

#endif
