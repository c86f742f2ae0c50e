#ifndef COUNT_BYTES_H
#define COUNT_BYTES_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* Bytes that may be read, not used, behind the end of a text. */
enum { COUNT_PAD = 64 };

/* Text that waits; all zero is empty.  There is always room for the pad. */
struct count_bytes {
	uint8_t *s;
	size_t len, cap;
};

static inline void
count_bytes_room(struct count_bytes *b, size_t more)
{
	size_t need = b->len + more + COUNT_PAD;

	if (need <= b->cap)
		return;
	b->cap = need < 2 * b->cap ? 2 * b->cap : need;
	b->s = tk_xreallocarray(b->s, b->cap, 1);
}

static inline void
count_bytes_add(struct count_bytes *b, const void *bytes, size_t n)
{
	count_bytes_room(b, n);
	memcpy(b->s + b->len, bytes, n);
	b->len += n;
}

/* Forget the first n. */
static inline void
count_bytes_drop(struct count_bytes *b, size_t n)
{
	b->len -= n;
	if (b->len > 0 && n > 0)
		memmove(b->s, b->s + n, b->len);
}

#endif
