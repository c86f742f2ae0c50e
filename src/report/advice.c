/* What would have cost less: see advice.h. */
#include "report/advice.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ledger/names.h"

const char *const advice_names[ADVICE_KINDS] = { "model", "cache", "batch",
	"failed", "retry", "truncate" };

/*
 * Conversations that are looked at together.  When there are more within a few
 * minutes, the one that was quiet for longest is forgotten: then a saving is
 * said to be smaller than it is, never larger.
 */
enum { MOST_OTHERS = 8, TURNS = 1 << 16, PROBES = 16 };

/* What one model could save in one way. */
struct saving {
	int64_t requests;
	tk_int128 cost, saves;
};

struct candidate {
	uint32_t id;
	const char *name;
	struct saving by[ADVICE_KINDS];     /* but ADVICE_MODEL: */
	struct saving instead[MOST_OTHERS]; /* by the other model */
};

/* The latest call of a conversation with one model. */
struct turn {
	uint32_t session, model; /* session 0: the slot is free */
	int64_t time, prompt;
	tk_int128 premium; /* what it would have cost to write it */
	bool chained;      /* that was subtracted already */
	int64_t failed_at, failed_prompt; /* of the latest that failed */
};

struct search {
	struct ledger *l;
	advice_price_fn *price;
	void *data;
	struct candidate *model;
	size_t models;
	size_t other[MOST_OTHERS]; /* those that calls could go to */
	size_t others;
	struct turn *turn; /* TURNS of them, by their hash */
};

static void
find_models(struct search *s, const struct report *r)
{
	s->model = tk_xcalloc(r->rows + 1, sizeof(*s->model));
	for (size_t i = 0; i < r->rows; i++) {
		const struct report_row *row = &r->row[i];

		if (row->name[0] == NULL)
			continue;
		/* One that answers: embeddings have no output. */
		if (row->sums.v[SUM_OUTPUT] > 0 && s->others < MOST_OTHERS)
			s->other[s->others++] = s->models;
		s->model[s->models++] =
		    (struct candidate){ .id = (uint32_t)row->key[0],
			    .name = row->name[0] };
	}
}

static struct candidate *
model_of(const struct search *s, uint32_t id)
{
	for (size_t i = 0; i < s->models; i++)
		if (s->model[i].id == id)
			return &s->model[i];
	return NULL;
}

static void
book(struct saving *s, int64_t cost, tk_int128 less)
{
	s->requests++;
	s->cost += cost;
	s->saves += less;
}

/* RECORD_UNKNOWN without a price. */
static int64_t
price_as(const struct search *s, struct usage_record r)
{
	struct tk_err ignored = TK_ERR_INIT;

	r.cost = RECORD_UNKNOWN;
	r.cost_origin = COST_UNKNOWN;
	/* What costs more than can be counted has no price here. */
	return s->price(&r, s->data, &ignored) < 0 ? RECORD_UNKNOWN : r.cost;
}

static void
try_models(const struct search *s, struct candidate *m,
    const struct usage_record *r, int64_t cost)
{
	for (size_t i = 0; i < s->others; i++) {
		struct usage_record other = *r;
		int64_t less;

		if (s->model[s->other[i]].id == m->id)
			continue;
		other.model = s->model[s->other[i]].name;
		other.provider = NULL;
		less = price_as(s, other);
		if (less != RECORD_UNKNOWN)
			book(&m->instead[i], cost, (tk_int128)cost - less);
	}
}

static void
try_batch(const struct search *s, struct candidate *m,
    const struct usage_record *r, int64_t cost)
{
	struct usage_record other = *r;
	int64_t less;

	other.tier = TIER_BATCH;
	less = price_as(s, other);
	if (less != RECORD_UNKNOWN && less < cost)
		book(&m->by[ADVICE_BATCH], cost, (tk_int128)cost - less);
}

static struct turn *
turn_of(struct search *s, uint32_t session, uint32_t model)
{
	uint64_t hash =
	    ((uint64_t)session << 32 | model) * UINT64_C(0x9e3779b97f4a7c15);
	struct turn *oldest = NULL;

	for (size_t i = 0; i < PROBES; i++) {
		struct turn *t = &s->turn[((hash >> 32) + i) % TURNS];

		if (t->session == session && t->model == model)
			return t;
		if (oldest == NULL ||
		    (oldest->session != 0 &&
			(t->session == 0 || t->time < oldest->time)))
			oldest = t;
	}
	*oldest = (struct turn){ .session = session,
		.model = model,
		.time = INT64_MIN,
		.failed_at = INT64_MIN };
	return oldest;
}

/* r with the first tokens of its input read from a cache, the rest written. */
static int64_t
price_cached(const struct search *s, const struct usage_record *r, int64_t read)
{
	struct usage_record other = *r;

	other.cache_read_tokens = read;
	other.cache_write_5m_tokens = r->input_tokens - read;
	other.input_tokens = 0;
	return price_as(s, other);
}

/* The prompt of a conversation grows, so the one before is its beginning.
 * The first one of a chain had to be written, which costs more. */
static void
try_cache(struct search *s, struct candidate *m, const struct packed_record *v,
    int64_t cost)
{
	const struct usage_record *r = &v->r;
	int64_t cached = RECORD_UNKNOWN, written;
	struct turn *t;

	if (v->name[NAME_SESSION] == 0 || r->cache_read_tokens > 0 ||
	    record_cache_write(r) > 0 || r->unsplit_tokens > 0)
		return;
	t = turn_of(s, v->name[NAME_SESSION], m->id);
	if (t->time != INT64_MIN && t->time <= r->time &&
	    r->time - t->time <= ADVICE_WITHIN_MS &&
	    t->prompt >= ADVICE_CACHED && r->input_tokens >= t->prompt)
		cached = price_cached(s, r, t->prompt);
	if (cached != RECORD_UNKNOWN) {
		book(&m->by[ADVICE_CACHE], cost,
		    (tk_int128)cost - cached - (t->chained ? 0 : t->premium));
		t->chained = true;
	} else {
		written = price_cached(s, r, 0);
		t->premium =
		    written == RECORD_UNKNOWN ? 0 : (tk_int128)written - cost;
		t->chained = false;
	}
	t->time = r->time;
	t->prompt = r->input_tokens;
}

static tk_int128
prompt_of(const struct usage_record *r)
{
	return (tk_int128)r->input_tokens + r->cache_read_tokens +
	    record_cache_write(r);
}

static void
try_failed(struct search *s, struct candidate *m, const struct packed_record *v)
{
	const struct usage_record *r = &v->r;
	tk_int128 prompt = prompt_of(r);
	struct turn *t;

	if (r->cost != RECORD_UNKNOWN && r->cost > 0)
		book(&m->by[ADVICE_FAILED], r->cost, r->cost);
	if (v->name[NAME_SESSION] == 0 || prompt > INT64_MAX)
		return;
	t = turn_of(s, v->name[NAME_SESSION], m->id);
	if (t->failed_at != INT64_MIN && t->failed_at <= r->time &&
	    r->time - t->failed_at <= ADVICE_WITHIN_MS &&
	    t->failed_prompt == prompt && r->cost != RECORD_UNKNOWN &&
	    r->cost > 0)
		book(&m->by[ADVICE_RETRY], r->cost, r->cost);
	t->failed_at = r->time;
	t->failed_prompt = (int64_t)prompt;
}

/* Take as many off as there are. */
static void
take_off(int64_t *tokens, int64_t *excess)
{
	int64_t n = *tokens < *excess ? *tokens : *excess;

	*tokens -= n;
	*excess -= n;
}

static void
try_truncate(const struct search *s, struct candidate *m,
    const struct packed_record *v, int64_t cost)
{
	struct usage_record other = v->r;
	tk_int128 prompt = prompt_of(&v->r);
	int64_t excess, less;

	if (v->name[NAME_SESSION] == 0 || prompt <= ADVICE_CONVERSATION ||
	    prompt > INT64_MAX || other.unsplit_tokens > 0)
		return;
	excess = (int64_t)prompt - ADVICE_CONVERSATION;
	take_off(&other.cache_read_tokens, &excess);
	take_off(&other.input_tokens, &excess);
	take_off(&other.cache_write_5m_tokens, &excess);
	take_off(&other.cache_write_1h_tokens, &excess);
	take_off(&other.cache_write_other_tokens, &excess);
	less = price_as(s, other);
	if (less != RECORD_UNKNOWN && less < cost)
		book(&m->by[ADVICE_TRUNCATE], cost, (tk_int128)cost - less);
}

/* The texts that a price depends on. */
static int
resolve(const struct search *s, struct packed_record *v, struct tk_err *err)
{
	struct names *names = ledger_names(s->l);

	if (names_text(names, v->name[NAME_MODEL], &v->r.model, err) < 0)
		return -1;
	return names_text(names, v->name[NAME_PROVIDER], &v->r.provider, err);
}

static int
look_at(struct search *s, struct packed_record *v, struct tk_err *err)
{
	struct candidate *m = model_of(s, v->name[NAME_MODEL]);
	const struct usage_record *r = &v->r;
	tk_int128 prompt;
	int64_t cost;

	if (m == NULL)
		return 0;
	if (resolve(s, v, err) < 0)
		return -1;
	if (v->name[NAME_ERROR] != 0) {
		try_failed(s, m, v);
		return 0;
	}
	cost = price_as(s, *r);
	if (cost == RECORD_UNKNOWN || cost == 0)
		return 0;
	prompt = prompt_of(r);
	if (prompt <= ADVICE_SMALL_INPUT && r->unsplit_tokens == 0 &&
	    r->output_tokens <= ADVICE_SMALL_OUTPUT)
		try_models(s, m, r, cost);
	if (r->tier == TIER_STANDARD && r->priority == PRIORITY_LOW)
		try_batch(s, m, r, cost);
	try_cache(s, m, v, cost);
	try_truncate(s, m, v, cost);
	return 0;
}

static void
add(struct advices *a, enum advice_kind kind, const struct candidate *m,
    const struct saving *s, const char *other)
{
	if (s->saves <= 0)
		return;
	a->v = tk_xreallocarray(a->v, a->n + 1, sizeof(*a->v));
	a->v[a->n++] = (struct advice){ kind, m->name, other, s->requests,
		s->cost, s->saves };
}

static int
by_saving(const void *a_, const void *b_)
{
	const struct advice *a = a_, *b = b_;

	if (a->saves != b->saves)
		return a->saves > b->saves ? -1 : 1;
	return a->kind != b->kind ? (int)a->kind - (int)b->kind
				  : strcmp(a->model, b->model);
}

static void
conclude(const struct search *s, struct advices *a)
{
	for (size_t i = 0; i < s->models; i++) {
		const struct candidate *m = &s->model[i];
		size_t best = 0;

		for (size_t k = 1; k < s->others; k++)
			if (m->instead[k].saves > m->instead[best].saves)
				best = k;
		if (s->others > 0)
			add(a, ADVICE_MODEL, m, &m->instead[best],
			    s->model[s->other[best]].name);
		for (int k = ADVICE_MODEL + 1; k < ADVICE_KINDS; k++)
			add(a, (enum advice_kind)k, m, &m->by[k], NULL);
	}
	if (a->n > 1)
		qsort(a->v, a->n, sizeof(*a->v), by_saving);
}

static int
search(struct search *s, const struct ledger_filter *f, struct tk_err *err)
{
	struct ledger_scan *scan;
	struct packed_record *v;
	int more;

	if (ledger_scan_open(&scan, s->l, f, SCAN_STANDING, err) < 0)
		return -1;
	while ((more = ledger_scan_next(scan, &v, err)) > 0)
		if (look_at(s, v, err) < 0) {
			more = -1;
			break;
		}
	ledger_scan_close(scan);
	return more;
}

int
advice_run(struct advices *a, struct ledger *l, const struct report_query *q,
    advice_price_fn *price, void *data, struct tk_err *err)
{
	struct search s = { .l = l,
		.price = price,
		.data = data,
		.turn = tk_xcalloc(TURNS, sizeof(*s.turn)) };
	struct report_query models = *q;
	struct report r;
	int rc;

	*a = (struct advices){ 0 };
	models.dim[0] = (enum report_dim)NAME_MODEL;
	models.dims = 1;
	models.latency = false;
	if (report_run(&r, l, &models, err) < 0) {
		free(s.turn);
		return -1;
	}
	report_sort(&r, &models, ORDER_REQUESTS, false);
	find_models(&s, &r);
	report_release(&r);
	rc = search(&s, &q->filter, err);
	if (rc == 0)
		conclude(&s, a);
	free(s.model);
	free(s.turn);
	return rc;
}

void
advice_release(struct advices *a)
{
	free(a->v);
	*a = (struct advices){ 0 };
}
