#include "zip/archive.h"

#include <endian.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/thread.h"
#include "base/who.h"

/* Quick, and small tables: what comes is much alike. */
enum { LEVEL = 2, PLAIN_WINDOW = -15, MEMORY = 7 };

/* What is packed at once, as blocks of its own, so that two threads can. */
enum { ROOM = 1 << 16, HALF = 1 << 18, ALONE = 1 << 20 };

/* The 1st of January 1980, and what a reader has to know: data descriptors,
 * deflate, names in UTF-8. */
enum {
	DAY_ONE = 1 << 5 | 1,
	VERSION = 20,
	FLAGS = 1 << 3 | 1 << 11,
	DEFLATED = 8,
};

struct half {
	z_stream z;
	char *bytes;
	size_t len;
	bool last; /* of its member */
	uint32_t crc;
	struct tk_buf packed;
	unsigned char room[ROOM];
};

/*
 * One half is filled.  When it is full it goes to a second thread, if that has
 * nothing to do; else the first thread packs it.  Only the first thread, which
 * may end by a signal, writes.
 */
struct archive {
	FILE *to;
	char *name; /* of the member that is written, or NULL */
	uint32_t crc;
	uint64_t size;      /* of it */
	uint64_t begin;     /* where it begins */
	uint64_t from;      /* and its bytes */
	uint64_t offset;    /* of what comes next */
	struct tk_buf list; /* the central directory */
	unsigned members;
	int error;         /* errno of the first failure */
	struct tk_buf out; /* what is not written yet */
	struct half half[2], *fill;
	pthread_t thread;
	bool started;
	pthread_mutex_t lock; /* for what follows */
	pthread_cond_t change;
	struct half *given; /* to the thread */
	bool busy, over;
};

static void
drain(struct archive *a)
{
	errno = 0;
	if (a->error == 0 &&
	    fwrite(a->out.s, 1, a->out.len, a->to) != a->out.len)
		a->error = errno != 0 ? errno : EIO;
	tk_buf_reset(&a->out);
}

static void
put(struct archive *a, const void *bytes, size_t n)
{
	a->offset += n;
	tk_buf_add(&a->out, bytes, n);
	if (a->out.len >= ROOM)
		drain(a);
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
pack(struct half *h)
{
	int flush = h->last ? Z_FINISH : Z_SYNC_FLUSH, rc;

	h->crc = (uint32_t)crc32(0, (const void *)h->bytes, (unsigned)h->len);
	deflateReset(&h->z);
	h->z.next_in = (unsigned char *)h->bytes;
	h->z.avail_in = (unsigned)h->len;
	do {
		h->z.next_out = h->room;
		h->z.avail_out = ROOM;
		rc = deflate(&h->z, flush);
		tk_buf_add(&h->packed, h->room, ROOM - h->z.avail_out);
	} while (h->z.avail_out == 0 || (h->last && rc != Z_STREAM_END));
}

static void *
pack_given(void *archive)
{
	struct archive *a = archive;

	pthread_mutex_lock(&a->lock);
	for (;;) {
		while (!a->busy && !a->over)
			pthread_cond_wait(&a->change, &a->lock);
		if (!a->busy)
			break;
		pthread_mutex_unlock(&a->lock);
		pack(a->given);
		pthread_mutex_lock(&a->lock);
		a->busy = false;
		pthread_cond_signal(&a->change);
	}
	pthread_mutex_unlock(&a->lock);
	return NULL;
}

static void
put_half(struct archive *a, struct half *h)
{
	a->crc = (uint32_t)crc32_combine(a->crc, h->crc, (long)h->len);
	put(a, h->packed.s, h->packed.len);
	tk_buf_reset(&h->packed);
	h->len = 0;
	if (a->offset > ARCHIVE_MOST && a->error == 0)
		a->error = EFBIG;
}

/* What was given to the thread goes out. */
static void
await(struct archive *a)
{
	if (a->given == NULL)
		return;
	pthread_mutex_lock(&a->lock);
	while (a->busy)
		pthread_cond_wait(&a->change, &a->lock);
	pthread_mutex_unlock(&a->lock);
	put_half(a, a->given);
	a->given = NULL;
}

static bool
is_free(struct archive *a)
{
	bool busy;

	if (!a->started && a->size >= ALONE && tk_processors() > 1)
		a->started = tk_thread_start(&a->thread, pack_given, a);
	pthread_mutex_lock(&a->lock);
	busy = a->busy;
	pthread_mutex_unlock(&a->lock);
	return a->started && !busy;
}

/* The half that was filled is to be packed. */
static void
hand_on(struct archive *a)
{
	struct half *h = a->fill;

	if (h->last || !is_free(a)) {
		pack(h);
		await(a);
		put_half(a, h);
		return;
	}
	await(a);
	pthread_mutex_lock(&a->lock);
	a->given = h;
	a->busy = true;
	pthread_cond_signal(&a->change);
	pthread_mutex_unlock(&a->lock);
	a->fill = &a->half[h == a->half];
}

static void
end_member(struct archive *a)
{
	struct tk_buf b = TK_BUF_INIT;
	uint64_t packed;

	if (a->name == NULL)
		return;
	a->fill->last = true;
	hand_on(a);
	a->fill->last = false;
	packed = a->offset - a->from;
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
	a->crc = 0;
	put_header(a);
	a->from = a->offset;
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
		struct half *h = a->fill;
		size_t left = HALF - h->len;
		size_t part = n - done < left ? n - done : left;

		memcpy(h->bytes + h->len, bytes + done, part);
		h->len += part;
		a->size += part;
		done += part;
		if (h->len == HALF)
			hand_on(a);
		if (a->size > ARCHIVE_MOST && a->error == 0)
			a->error = EFBIG;
	}
	errno = a->error;
	return a->error == 0 ? (ssize_t)n : 0; /* to stdio: an error */
}

static void
release(struct archive *a)
{
	for (int i = 0; i < 2; i++) {
		deflateEnd(&a->half[i].z);
		tk_buf_release(&a->half[i].packed);
		free(a->half[i].bytes);
	}
	pthread_cond_destroy(&a->change);
	pthread_mutex_destroy(&a->lock);
	tk_buf_release(&a->list);
	tk_buf_release(&a->out);
	free(a->name);
	free(a);
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
	await(a);
	error = a->error;
	if (a->started) {
		pthread_mutex_lock(&a->lock);
		a->over = true;
		pthread_cond_signal(&a->change);
		pthread_mutex_unlock(&a->lock);
		pthread_join(a->thread, NULL);
	}
	release(a);
	errno = error;
	return error == 0 ? 0 : -1;
}

int
archive_open(struct archive **archive, FILE **in, FILE *to, struct tk_err *err)
{
	static const cookie_io_functions_t fns = { .write = archive_write,
		.close = archive_close };
	struct archive *a = tk_xcalloc(1, sizeof(*a));
	bool good = true;

	a->to = to;
	a->list = a->out = (struct tk_buf)TK_BUF_INIT;
	a->fill = &a->half[0];
	for (int i = 0; i < 2; i++) {
		a->half[i].packed = (struct tk_buf)TK_BUF_INIT;
		a->half[i].bytes = tk_xcalloc(HALF, 1);
		good &= deflateInit2(&a->half[i].z, LEVEL, Z_DEFLATED,
			    PLAIN_WINDOW, MEMORY, Z_DEFAULT_STRATEGY) == Z_OK;
	}
	pthread_mutex_init(&a->lock, NULL);
	pthread_cond_init(&a->change, NULL);
	*in = good ? fopencookie(a, "w", fns) : NULL;
	if (*in == NULL) {
		release(a);
		return tk_fail(err, TK_IO, "cannot compress the output");
	}
	setvbuf(*in, NULL, _IONBF, 0);
	*archive = a;
	return 0;
}
