#include "zip/archive.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/buf.h"
#include "base/mem.h"

/* Quick, and small tables: what comes is much alike. */
enum { ROOM = 1 << 16, LEVEL = 2, PLAIN_WINDOW = -15, MEMORY = 7 };

/* The 1st of January 1980, and what a reader has to know: data descriptors,
 * deflate, names in UTF-8. */
enum {
	DAY_ONE = 1 << 5 | 1,
	VERSION = 20,
	FLAGS = 1 << 3 | 1 << 11,
	DEFLATED = 8,
};

struct archive {
	FILE *to;
	z_stream z;
	char *name; /* of the member that is written, or NULL */
	uint32_t crc;
	uint64_t size, begin; /* of its bytes; where it begins */
	uint64_t offset;      /* of what comes next */
	struct tk_buf list;   /* the central directory */
	unsigned members;
	int error; /* errno of the first failure */
	size_t len;
	unsigned char room[ROOM];
};

static void
drain(struct archive *a)
{
	errno = 0;
	if (a->error == 0 && fwrite(a->room, 1, a->len, a->to) != a->len)
		a->error = errno != 0 ? errno : EIO;
	a->len = 0;
}

static void
put(struct archive *a, const void *bytes, size_t n)
{
	const char *s = bytes;

	a->offset += n;
	while (n > 0) {
		size_t part = ROOM - a->len < n ? ROOM - a->len : n;

		memcpy(a->room + a->len, s, part);
		a->len += part;
		s += part;
		n -= part;
		if (a->len == ROOM)
			drain(a);
	}
}

static void
add16(struct tk_buf *b, unsigned n)
{
	uint16_t le = htole16((uint16_t)n);

	tk_buf_add(b, &le, 2);
}

static void
add32(struct tk_buf *b, uint64_t n)
{
	uint32_t le = htole32((uint32_t)n);

	tk_buf_add(b, &le, 4);
}

/* What the local header and the list have in common. */
static void
add_common(struct tk_buf *b, const char *name, uint32_t crc, uint64_t packed,
    uint64_t size)
{
	add16(b, VERSION);
	add16(b, FLAGS);
	add16(b, DEFLATED);
	add16(b, 0);
	add16(b, DAY_ONE);
	add32(b, crc);
	add32(b, packed);
	add32(b, size);
	add16(b, (unsigned)strlen(name));
	add16(b, 0);
}

static void
put_header(struct archive *a)
{
	struct tk_buf b = TK_BUF_INIT;

	tk_buf_add(&b, "PK\3\4", 4);
	add_common(&b, a->name, 0, 0, 0);
	tk_buf_adds(&b, a->name);
	put(a, b.s, b.len);
	tk_buf_release(&b);
}

static void
pack(struct archive *a, const char *bytes, size_t n, int flush)
{
	int rc;

	a->z.next_in = (unsigned char *)(uintptr_t)bytes;
	a->z.avail_in = (unsigned)n;
	do {
		size_t left = ROOM - a->len;

		a->z.next_out = a->room + a->len;
		a->z.avail_out = (unsigned)left;
		rc = deflate(&a->z, flush);
		a->len += left - a->z.avail_out;
		a->offset += left - a->z.avail_out;
		if (a->len == ROOM)
			drain(a);
	} while (a->z.avail_in > 0 ||
	    (flush == Z_FINISH && rc != Z_STREAM_END && a->error == 0));
	if (a->offset > ARCHIVE_MOST && a->error == 0)
		a->error = EFBIG;
}

static void
end_member(struct archive *a)
{
	struct tk_buf b = TK_BUF_INIT;
	uint64_t packed;

	if (a->name == NULL)
		return;
	pack(a, "", 0, Z_FINISH);
	packed = a->z.total_out;
	tk_buf_add(&b, "PK\7\10", 4);
	add32(&b, a->crc);
	add32(&b, packed);
	add32(&b, a->size);
	put(a, b.s, b.len);
	tk_buf_release(&b);
	tk_buf_add(&a->list, "PK\1\2", 4);
	add16(&a->list, VERSION);
	add_common(&a->list, a->name, a->crc, packed, a->size);
	for (int i = 0; i < 5; i++) /* no comment, no attributes */
		add16(&a->list, 0);
	add32(&a->list, a->begin);
	tk_buf_adds(&a->list, a->name);
	a->members++;
	free(a->name);
	a->name = NULL;
}

void
archive_member(struct archive *a, const char *name)
{
	end_member(a);
	a->name = tk_xstrdup(name);
	a->begin = a->offset;
	a->size = 0;
	a->crc = (uint32_t)crc32(0, NULL, 0);
	deflateReset(&a->z);
	put_header(a);
}

uint64_t
archive_size(const struct archive *a)
{
	return a->size;
}

void
archive_abandon(struct archive *a)
{
	a->error = ECANCELED;
}

static void
put_list(struct archive *a)
{
	uint64_t at = a->offset;
	struct tk_buf b = TK_BUF_INIT;

	put(a, a->list.s, a->list.len);
	tk_buf_add(&b, "PK\5\6", 4);
	add32(&b, 0);
	add16(&b, a->members);
	add16(&b, a->members);
	add32(&b, a->list.len);
	add32(&b, at);
	add16(&b, 0);
	put(a, b.s, b.len);
	tk_buf_release(&b);
	if ((a->offset > ARCHIVE_MOST || a->members >= UINT16_MAX) &&
	    a->error == 0)
		a->error = EFBIG;
	drain(a);
}

static ssize_t
archive_write(void *cookie, const char *bytes, size_t n)
{
	struct archive *a = cookie;

	for (size_t done = 0; done < n && a->error == 0;) {
		size_t part = n - done < ROOM ? n - done : ROOM;

		a->crc = (uint32_t)crc32(a->crc, (const void *)(bytes + done),
		    (unsigned)part);
		a->size += part;
		pack(a, bytes + done, part, Z_NO_FLUSH);
		if (a->size > ARCHIVE_MOST && a->error == 0)
			a->error = EFBIG;
		done += part;
	}
	errno = a->error;
	return a->error == 0 ? (ssize_t)n : 0; /* to stdio: an error */
}

static int
archive_close(void *cookie)
{
	struct archive *a = cookie;
	int error;

	if (a->error == 0)
		end_member(a);
	if (a->error == 0)
		put_list(a);
	error = a->error;
	deflateEnd(&a->z);
	tk_buf_release(&a->list);
	free(a->name);
	free(a);
	errno = error;
	return error == 0 ? 0 : -1;
}

int
archive_open(struct archive **archive, FILE **in, FILE *to, struct tk_err *err)
{
	static const cookie_io_functions_t fns = { .write = archive_write,
		.close = archive_close };
	struct archive *a = tk_xcalloc(1, sizeof(*a));

	a->to = to;
	a->list = (struct tk_buf)TK_BUF_INIT;
	if (deflateInit2(&a->z, LEVEL, Z_DEFLATED, PLAIN_WINDOW, MEMORY,
		Z_DEFAULT_STRATEGY) != Z_OK)
		goto fail;
	*in = fopencookie(a, "w", fns);
	if (*in != NULL) {
		setvbuf(*in, NULL, _IONBF, 0);
		*archive = a;
		return 0;
	}
	deflateEnd(&a->z);
fail:
	free(a);
	return tk_fail(err, TK_IO, "cannot compress the output");
}
