#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/mem.h"
#include "count/count.h"
#include "count/count_int.h"
#include "count/memo.h"
#include "vocab/vocab.h"

static struct count_encoding *
new_encoding(struct vocab *v, const char *name, struct special_source special)
{
	struct count_encoding *e = tk_xcalloc(1, sizeof(*e));
	uint32_t flags = v->head->flags;

	e->v = v;
	e->name = name;
	e->special = special;
	e->form = (flags & VOCAB_NFC) != 0 ? NORM_C
	    : (flags & VOCAB_NFKC) != 0    ? NORM_KC
					   : NORM_NONE;
	e->special_late = (flags & VOCAB_SPECIAL_LATE) != 0;
	e->memos = memo_pool_new();
	return e;
}

int
count_open(struct count_encoding **ep, const char *name, struct tk_err *err)
{
	const struct count_builtin *b = builtin_find(name, err);
	struct vocab *v;

	*ep = NULL;
	if (b == NULL || vocab_open(&v, b->vocab, err) < 0)
		return -1;
	*ep = new_encoding(v, b->name,
	    (struct special_source){ .rows = b->special, .always = b->always });
	return 0;
}

void
count_open_packed(struct count_encoding **ep, struct vocab *v, const char *name,
    void (*release)(void *self), void *self)
{
	*ep = new_encoding(v, name, (struct special_source){ .v = v });
	(*ep)->release = release;
	(*ep)->self = self;
}

void
count_open_other(struct count_encoding **ep, const char *name,
    const struct count_ops *ops, void *self)
{
	*ep = tk_xcalloc(1, sizeof(**ep));
	(*ep)->name = name;
	(*ep)->ops = ops;
	(*ep)->self = self;
}

void
count_close(struct count_encoding *e)
{
	if (e == NULL)
		return;
	if (e->ops != NULL)
		e->ops->close(e->self);
	memo_pool_free(e->memos);
	vocab_free(e->v);
	if (e->release != NULL)
		e->release(e->self);
	free(e);
}

const char *
count_encoding_name(const struct count_encoding *e)
{
	return e->name;
}

int
count_decode(const struct count_encoding *e, const uint32_t *ids, size_t n,
    struct tk_buf *out, struct tk_err *err)
{
	if (e->ops != NULL)
		return e->ops->decode(e->self, ids, n, false, out, err);
	for (size_t i = 0; i < n; i++) {
		uint8_t room[16];
		size_t len;
		const uint8_t *p = vocab_token(e->v,
		    vocab_rank_of_id(e->v, ids[i]), room, &len);

		if (p != NULL)
			tk_buf_add(out, p, len);
		else if (!special_text(&e->special, ids[i], out))
			return tk_fail(err, TK_DATA, "no token '%u' in %s",
			    ids[i], e->name);
	}
	return 0;
}

int
count_decode_text(const struct count_encoding *e, const uint32_t *ids, size_t n,
    struct tk_buf *out, struct tk_err *err)
{
	if (e->ops != NULL)
		return e->ops->decode(e->self, ids, n, true, out, err);
	return count_decode(e, ids, n, out, err);
}

static const struct engine *const engines[] = {
	&engine_avx2,
	&engine_neon,
	&engine_plain,
};

static const struct engine *chosen;

const struct engine *
engine_best(void)
{
	const struct engine *e = __atomic_load_n(&chosen, __ATOMIC_RELAXED);
	int i = 0;

	if (e != NULL)
		return e;
	while (!engines[i]->works())
		i++;
	__atomic_store_n(&chosen, engines[i], __ATOMIC_RELAXED);
	return engines[i];
}

bool
count_use_engine(const char *name)
{
	for (size_t i = 0; i < TK_LEN(engines); i++) {
		if (name == NULL || strcmp(name, engines[i]->name) != 0)
			continue;
		if (!engines[i]->works())
			return false;
		__atomic_store_n(&chosen, engines[i], __ATOMIC_RELAXED);
		return true;
	}
	__atomic_store_n(&chosen, NULL, __ATOMIC_RELAXED);
	return name == NULL;
}
