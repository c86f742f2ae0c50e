#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { LEAST = 64 }; /* of what is named, however long the reason is */

/* Add ": <reason>" to the message. */
static void
add_reason(struct tk_err *err, const char *reason)
{
	size_t room = sizeof(err->msg) - sizeof(": "), n = strlen(reason);
	size_t most = n + LEAST < room ? room - n : LEAST;
	size_t len = strlen(err->msg);

	if (len > most) {
		memcpy(err->msg + most - 3, "...", 3);
		len = most;
	}
	snprintf(err->msg + len, sizeof(err->msg) - len, ": %s", reason);
}

int
tk_fail(struct tk_err *err, enum tk_code code, const char *fmt, ...)
{
	va_list ap;

	err->code = code;
	err->hint[0] = '\0';
	va_start(ap, fmt);
	vsnprintf(err->msg, sizeof(err->msg), fmt, ap);
	va_end(ap);
	return -1;
}

int
tk_fail_errno(struct tk_err *err, const char *fmt, ...)
{
	int saved = errno;
	va_list ap;

	err->code = TK_IO;
	err->hint[0] = '\0';
	va_start(ap, fmt);
	vsnprintf(err->msg, sizeof(err->msg), fmt, ap);
	va_end(ap);
	add_reason(err, strerror(saved));
	return -1;
}

int
tk_wrap(struct tk_err *err, const char *fmt, ...)
{
	char inner[sizeof(err->msg)];
	va_list ap;

	memcpy(inner, err->msg, sizeof(inner));
	va_start(ap, fmt);
	vsnprintf(err->msg, sizeof(err->msg), fmt, ap);
	va_end(ap);
	add_reason(err, inner);
	return -1;
}

int
tk_hint(struct tk_err *err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(err->hint, sizeof(err->hint), fmt, ap);
	va_end(ap);
	return -1;
}

int
tk_exit_status(enum tk_code code)
{
	static const unsigned char status[] = {
		[TK_OK] = 0,
		[TK_USAGE] = 2,
		[TK_NOTFOUND] = 3,
		[TK_DATA] = 3,
		[TK_CONFLICT] = 3,
		[TK_IO] = 4,
		[TK_BUG] = 5,
	};

	return status[code];
}
