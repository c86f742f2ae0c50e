/* Bytes on their way out: in one buffer, and no failure is lost. */
#include <errno.h>
#include <string.h>

#include "out/out_int.h"

/* After the first failure the rest is thrown away, and out_close() says so. */
void
out_drain(struct out *o)
{
	errno = 0;
	if (o->error == 0 && fwrite(o->buf, 1, o->len, o->to) != o->len)
		o->error = errno != 0 ? errno : EIO;
	o->len = 0;
}

void
out_raw(struct out *o, const char *s, size_t len)
{
	while (len > 0) {
		size_t n = len < OUT_ROOM ? len : OUT_ROOM;

		memcpy(out_room(o, n), s, n);
		o->len += n;
		s += n;
		len -= n;
	}
}

void
out_puts(struct out *o, const char *s)
{
	out_raw(o, s, strlen(s));
}

void
out_flush(struct out *o)
{
	out_drain(o);
	errno = 0;
	if (o->error == 0 && fflush(o->to) != 0)
		o->error = errno != 0 ? errno : EIO;
}
