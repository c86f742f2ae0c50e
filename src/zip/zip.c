#include "zip/zip.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "base/mem.h"

enum { ROOM = 1 << 16, GZIP_LEVEL = 6, ZSTD_LEVEL = 3, GZIP_WINDOW = 15 + 16 };

struct zip {
	FILE *to;
	ZSTD_CCtx *zstd; /* NULL: gzip */
	z_stream gzip;
	unsigned char room[ROOM];
};

static int
put(struct zip *z, size_t n)
{
	return n > 0 && fwrite(z->room, 1, n, z->to) != n ? -1 : 0;
}

static int
add_gzip(struct zip *z, const char *bytes, size_t n, int flush)
{
	int rc;

	z->gzip.next_in = (unsigned char *)(uintptr_t)bytes;
	z->gzip.avail_in = (unsigned)n;
	do {
		z->gzip.next_out = z->room;
		z->gzip.avail_out = ROOM;
		rc = deflate(&z->gzip, flush);
		if (put(z, ROOM - z->gzip.avail_out) < 0)
			return -1;
	} while (z->gzip.avail_out == 0 ||
	    (flush == Z_FINISH && rc != Z_STREAM_END));
	return 0;
}

static int
add_zstd(struct zip *z, const char *bytes, size_t n, ZSTD_EndDirective end)
{
	ZSTD_inBuffer in = { bytes, n, 0 };
	size_t left;

	do {
		ZSTD_outBuffer out = { z->room, ROOM, 0 };

		left = ZSTD_compressStream2(z->zstd, &out, &in, end);
		if (ZSTD_isError(left)) {
			errno = EIO;
			return -1;
		}
		if (put(z, out.pos) < 0)
			return -1;
	} while (end == ZSTD_e_end ? left > 0 : in.pos < in.size);
	return 0;
}

static ssize_t
zip_write(void *cookie, const char *bytes, size_t n)
{
	struct zip *z = cookie;
	size_t done = 0;

	while (done < n) {
		size_t part = n - done < ROOM ? n - done : ROOM;
		int rc = z->zstd != NULL
		    ? add_zstd(z, bytes + done, part, ZSTD_e_continue)
		    : add_gzip(z, bytes + done, part, Z_NO_FLUSH);

		if (rc < 0)
			return 0; /* to stdio: an error */
		done += part;
	}
	return (ssize_t)n;
}

static int
zip_close(void *cookie)
{
	struct zip *z = cookie;
	int rc = z->zstd != NULL ? add_zstd(z, "", 0, ZSTD_e_end)
				 : add_gzip(z, "", 0, Z_FINISH);

	if (fflush(z->to) != 0)
		rc = -1;
	if (z->zstd != NULL)
		ZSTD_freeCCtx(z->zstd);
	else
		deflateEnd(&z->gzip);
	free(z);
	return rc;
}

static int
ends_with(const char *name, const char *suffix)
{
	size_t n = strlen(name), m = strlen(suffix);

	return n > m && strcmp(name + n - m, suffix) == 0;
}

int
zip_open(FILE **zipped, FILE *to, const char *name, struct tk_err *err)
{
	static const cookie_io_functions_t fns = { .write = zip_write,
		.close = zip_close };
	struct zip *z;

	*zipped = to;
	if (!ends_with(name, ".gz") && !ends_with(name, ".zst"))
		return 0;
	z = tk_xcalloc(1, sizeof(*z));
	z->to = to;
	if (ends_with(name, ".zst")) {
		z->zstd = ZSTD_createCCtx();
		if (z->zstd == NULL)
			goto fail;
		ZSTD_CCtx_setParameter(z->zstd, ZSTD_c_compressionLevel,
		    ZSTD_LEVEL);
		ZSTD_CCtx_setParameter(z->zstd, ZSTD_c_checksumFlag, 1);
	} else if (deflateInit2(&z->gzip, GZIP_LEVEL, Z_DEFLATED, GZIP_WINDOW,
		       8, Z_DEFAULT_STRATEGY) != Z_OK) {
		goto fail;
	}
	*zipped = fopencookie(z, "w", fns);
	if (*zipped != NULL)
		return 0;
	if (z->zstd != NULL)
		ZSTD_freeCCtx(z->zstd);
	else
		deflateEnd(&z->gzip);
fail:
	free(z);
	return tk_fail(err, TK_IO, "cannot compress '%s'", name);
}
