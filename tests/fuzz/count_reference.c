/*
 * count_reference ENCODING <TEXTS - compare with what count_reference.js says
 *
 * Each text is counted and encoded by every engine, whole and in two parts;
 * all must give the ids of the reference.  Ends with the bytes and texts
 * that agreed, or with a text that did not, in hexadecimal, and status 1.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "count/count.h"

struct text {
	uint8_t *bytes;
	uint32_t *ids;
	uint32_t n, n_ids;
};

static bool
read_some(void *to, size_t n)
{
	return fread(to, 1, n, stdin) == n;
}

static bool
read_text(struct text *t)
{
	if (!read_some(&t->n, sizeof(t->n)))
		return false;
	t->bytes = tk_xreallocarray(t->bytes, t->n + 1, 1);
	if (!read_some(t->bytes, t->n) ||
	    !read_some(&t->n_ids, sizeof(t->n_ids)))
		return false;
	t->ids = tk_xreallocarray(t->ids, t->n_ids + 1, sizeof(*t->ids));
	return read_some(t->ids, t->n_ids * sizeof(*t->ids));
}

static void
add_ids(const uint32_t *ids, size_t n, void *to)
{
	tk_buf_add(to, ids, n * sizeof(*ids));
}

static bool
agrees(struct count_stream *s, const struct text *t, size_t cut)
{
	struct tk_err err = TK_ERR_INIT;
	struct tk_buf ids = TK_BUF_INIT;
	int64_t n = -1, parts = -1, listed = -1;
	bool same;

	if (count_text(s, t->bytes, t->n, &n, &err) < 0 ||
	    count_stream_add(s, t->bytes, cut, &err) < 0 ||
	    count_stream_add(s, t->bytes + cut, t->n - cut, &err) < 0 ||
	    count_stream_end(s, &parts, &err) < 0)
		return false;
	count_stream_on_ids(s, add_ids, &ids);
	same = count_text(s, t->bytes, t->n, &listed, &err) == 0;
	count_stream_on_ids(s, NULL, NULL);
	same = same && n == t->n_ids && parts == n && listed == n &&
	    ids.len == t->n_ids * sizeof(*t->ids) &&
	    memcmp(ids.s, t->ids, ids.len) == 0;
	tk_buf_release(&ids);
	return same;
}

int
main(int argc, char **argv)
{
	static const char *const engines[] = { "plain", "avx2", "neon" };
	struct tk_err err = TK_ERR_INIT;
	struct text t = { 0 };
	struct count_encoding *e;
	struct count_stream *s;
	uint64_t bytes = 0, texts = 0;

	if (argc != 2 || count_open(&e, argv[1], &err) < 0) {
		fprintf(stderr, "count_reference: %s\n", err.msg);
		return 2;
	}
	s = count_stream_new(e, 0);
	while (read_text(&t)) {
		for (int i = 0; i < 3; i++) {
			if (!count_use_engine(engines[i]) ||
			    agrees(s, &t, texts % (t.n + UINT64_C(1))))
				continue;
			printf("engine %s differs from the reference at\n",
			    engines[i]);
			for (uint32_t k = 0; k < t.n; k++)
				printf("%02x", t.bytes[k]);
			printf("\n");
			return 1;
		}
		bytes += t.n;
		texts++;
	}
	printf("%s: %llu bytes in %llu texts, all equal\n", argv[1],
	    (unsigned long long)bytes, (unsigned long long)texts);
	count_stream_free(s);
	count_close(e);
	free(t.bytes);
	free(t.ids);
	return texts == 0;
}
