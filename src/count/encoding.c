#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/mem.h"
#include "count/count.h"
#include "count/count_int.h"
#include "vocab/vocab.h"

static const struct {
	const char *spelling;
	const char *name;
} aliases[] = {
	{ "o200k", "o200k_base" },
	{ "cl100k", "cl100k_base" },
};

int
count_open(struct count_encoding **ep, const char *name, struct tk_err *err)
{
	struct vocab *v;

	*ep = NULL;
	for (size_t i = 0; i < TK_LEN(aliases); i++)
		if (strcmp(name, aliases[i].spelling) == 0)
			name = aliases[i].name;
	if (vocab_open(&v, name, err) < 0)
		return -1;
	*ep = tk_xcalloc(1, sizeof(**ep));
	(*ep)->v = v;
	for (struct vocab_special s; vocab_special(v, (*ep)->n_special, &s);) {
		struct vocab_special *all = (*ep)->special;
		size_t n = ++(*ep)->n_special;

		(*ep)->special = tk_xreallocarray(all, n, sizeof(*all));
		(*ep)->special[n - 1] = s;
		if (s.len > (*ep)->special_max)
			(*ep)->special_max = s.len;
	}
	return 0;
}

void
count_close(struct count_encoding *e)
{
	if (e == NULL)
		return;
	vocab_free(e->v);
	free(e->special);
	free(e);
}

const char *
count_encoding_name(const struct count_encoding *e)
{
	return e->v->head->name;
}

const char *
count_name(size_t n)
{
	return vocab_name(n);
}

static const uint8_t *
bytes_of(const struct count_encoding *e, uint32_t id, uint8_t room[16],
    size_t *len)
{
	const uint8_t *p =
	    vocab_token(e->v, vocab_rank_of_id(e->v, id), room, len);

	for (size_t i = 0; i < e->n_special && p == NULL; i++) {
		if (e->special[i].id == id) {
			*len = e->special[i].len;
			p = e->special[i].text;
		}
	}
	return p;
}

int
count_decode(const struct count_encoding *e, const uint32_t *ids, size_t n,
    struct tk_buf *out, struct tk_err *err)
{
	for (size_t i = 0; i < n; i++) {
		uint8_t room[16];
		size_t len;
		const uint8_t *p = bytes_of(e, ids[i], room, &len);

		if (p == NULL)
			return tk_fail(err, TK_DATA, "no token '%u' in %s",
			    ids[i], e->v->head->name);
		tk_buf_add(out, p, len);
	}
	return 0;
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
