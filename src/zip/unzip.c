#include "zip/unzip.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "base/mem.h"

enum { GZIP_WINDOW = 15 + 16 };

struct unzip {
	int fd;
	ZSTD_DCtx *zstd; /* NULL: gzip */
	z_stream gzip;
	bool ready;  /* there was memory for it */
	bool inside; /* a member or frame has begun and has not ended */
	bool eof;    /* of fd */
	size_t at, len;
	unsigned char in[UNZIP_ROOM];
};

static const unsigned char gzip_magic[] = { 0x1f, 0x8b };
static const unsigned char zstd_magic[] = { 0x28, 0xb5, 0x2f, 0xfd };

bool
unzip_begins(const void *bytes, size_t n)
{
	return (n >= sizeof(gzip_magic) &&
		   memcmp(bytes, gzip_magic, sizeof(gzip_magic)) == 0) ||
	    (n >= sizeof(zstd_magic) &&
		memcmp(bytes, zstd_magic, sizeof(zstd_magic)) == 0);
}

struct unzip *
unzip_new(int fd, const void *magic, size_t n)
{
	struct unzip *z = tk_xcalloc(1, sizeof(*z));

	assert(n <= UNZIP_ROOM);
	z->fd = fd;
	z->len = n;
	memcpy(z->in, magic, n);
	if (*(const unsigned char *)magic == zstd_magic[0]) {
		z->zstd = ZSTD_createDCtx();
		z->ready = z->zstd != NULL;
	} else {
		z->ready = inflateInit2(&z->gzip, GZIP_WINDOW) == Z_OK;
	}
	return z;
}

void
unzip_free(struct unzip *z)
{
	if (z == NULL)
		return;
	if (z->zstd != NULL)
		ZSTD_freeDCtx(z->zstd);
	else if (z->ready)
		inflateEnd(&z->gzip);
	free(z);
}

static int
fill(struct unzip *z, struct tk_err *err)
{
	ssize_t n;

	if (z->at < z->len || z->eof)
		return 0;
	do
		n = read(z->fd, z->in, UNZIP_ROOM);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return tk_fail_errno(err, "read");
	z->at = 0;
	z->len = (size_t)n;
	z->eof = n == 0;
	return 0;
}

static int
damaged(struct tk_err *err)
{
	return tk_fail(err, TK_DATA, "the compressed data is damaged");
}

static ssize_t
read_zstd(struct unzip *z, void *to, size_t n, struct tk_err *err)
{
	ZSTD_inBuffer in = { z->in, z->len, z->at };
	ZSTD_outBuffer out = { to, n, 0 };
	size_t rc = ZSTD_decompressStream(z->zstd, &out, &in);

	if (ZSTD_isError(rc))
		return damaged(err);
	z->at = in.pos;
	z->inside = rc != 0;
	return (ssize_t)out.pos;
}

static ssize_t
read_gzip(struct unzip *z, void *to, size_t n, struct tk_err *err)
{
	int rc;

	if (n > UNZIP_ROOM)
		n = UNZIP_ROOM;
	z->gzip.next_in = z->in + z->at;
	z->gzip.avail_in = (unsigned)(z->len - z->at);
	z->gzip.next_out = to;
	z->gzip.avail_out = (unsigned)n;
	rc = inflate(&z->gzip, Z_NO_FLUSH);
	if (rc != Z_OK && rc != Z_STREAM_END && rc != Z_BUF_ERROR)
		return damaged(err);
	z->at = z->len - z->gzip.avail_in;
	z->inside = rc != Z_STREAM_END;
	if (rc == Z_STREAM_END && inflateReset(&z->gzip) != Z_OK)
		return damaged(err);
	return (ssize_t)(n - z->gzip.avail_out);
}

ssize_t
unzip_read(struct unzip *z, void *to, size_t n, struct tk_err *err)
{
	ssize_t got = 0;

	if (!z->ready) {
		errno = ENOMEM;
		return tk_fail_errno(err, "cannot read compressed data");
	}
	while (got == 0) {
		if (fill(z, err) < 0)
			return -1;
		if (z->eof && !z->inside)
			return 0;
		got = z->zstd != NULL ? read_zstd(z, to, n, err)
				      : read_gzip(z, to, n, err);
		if (got == 0 && z->eof)
			return tk_fail(err, TK_DATA,
			    "the compressed data is cut short");
	}
	return got;
}
