/* Comparing a dataset with a book: which periods are new. */
#include "price/update.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "price/price_int.h"

static void
add_diff(struct price_update *u, const struct price_change *c, const char *when,
    const char *part, const int64_t price[2])
{
	const struct price_draft *p = &c->period[c->n - 1];
	struct price_diff_text d = { .d = { .provider = c->provider,
					 .model = c->id,
					 .part = part,
					 .from = p->from,
					 .before = price[0],
					 .after = price[1],
					 .new_model = c->m == NULL } };

	snprintf(d.when, sizeof(d.when), "%s", when);
	tk_buf_add(&u->diffs, &d, sizeof(d));
}

/* Take over what is said of these parts; true if that is new. */
static bool
merge_parts(struct price_update *u, const struct price_change *c,
    struct price_draft *p, int64_t *to, const int64_t *said, const char *when)
{
	const struct price_draft old = *p;
	int64_t was[PRICE_PARTS];
	bool changed = false;

	memcpy(was, to, sizeof(was));
	for (int i = 0; i < PRICE_PARTS; i++) {
		enum price_part part = (enum price_part)i;
		int64_t before = price_draft_price(&old, was, part);

		if (said[i] < 0 || said[i] == price_draft_price(p, to, part))
			continue;
		/* A cache write is that for five minutes, where the book
		 * tells lifetimes apart. */
		if (part == PRICE_CACHE_WRITE && p->part[i] < 0 &&
		    p->part[PRICE_CACHE_WRITE_5M] >= 0)
			part = PRICE_CACHE_WRITE_5M;
		to[part] = said[i];
		changed = true;
		if (before != said[i])
			add_diff(u, c, when, price_part_names[part],
			    (int64_t[]){ before, said[i] });
	}
	return changed;
}

static bool
merge_modes(struct price_update *u, const struct price_change *c,
    struct price_draft *p, const struct price_quote *q)
{
	static const char *const names[PRICE_MODES] = { "batch", "flex",
		"priority", "fast" };
	bool changed = false;

	for (int m = 0; m < PRICE_MODES; m++) {
		for (int i = 0; i < PRICE_PARTS; i++) {
			int64_t said = q->mode[m][i];
			int64_t is = price_draft_mode(p, m, (enum price_part)i);

			if (said < 0 || said == is)
				continue;
			p->mode[m][i] = said;
			changed = true;
			add_diff(u, c, names[m], price_part_names[i],
			    (int64_t[]){ is, said });
		}
	}
	return changed;
}

static bool
merge_tiers(struct price_update *u, const struct price_change *c,
    struct price_draft *p, const struct price_quote *q)
{
	bool fresh = p->ntiers == 0, changed = false;
	char when[24];

	if (q->ntiers == 0 || (!fresh && p->ntiers != q->ntiers)) {
		if (p->ntiers > 0 && q->ntiers > 0)
			price_dataset_warn(&u->data,
			    "'%s': has other tiers, which are left as they "
			    "are",
			    c->id);
		return false;
	}
	for (size_t i = 0; i < q->ntiers; i++) {
		struct price_quote_tier *t = &p->tiers[i];

		/* Where a tier starts is told in many ways, and the book
		 * has looked at that; prices change more often. */
		if (fresh) {
			memset(t, 0xff, sizeof(*t));
			t->above = q->tiers[i].above;
		}
		snprintf(when, sizeof(when), "above %" PRId64, t->above);
		if (merge_parts(u, c, p, t->part, q->tiers[i].part, when))
			changed = true;
	}
	if (fresh && changed)
		p->ntiers = q->ntiers;
	return changed;
}

/* What the dataset cannot know, while what it belongs to has changed. */
static void
warn_of_rest(struct price_update *u, const struct price_change *c,
    const struct price_draft *p, const struct price_quote *q)
{
	static const uint8_t lifetimes[] = { PRICE_CACHE_WRITE_1H,
		PRICE_CACHE_WRITE_12H };

	if (p->ntiers > 0 && q->ntiers == 0)
		price_dataset_warn(&u->data,
		    "'%s': the list has no tiers; those of the book stay",
		    c->id);
	for (size_t i = 0; i < TK_LEN(lifetimes); i++)
		if (p->part[lifetimes[i]] >= 0 && q->part[lifetimes[i]] < 0)
			price_dataset_warn(&u->data,
			    "'%s': the list has no %s; that of the book stays",
			    c->id, price_part_names[lifetimes[i]]);
}

/* Make the last period of c what the quote says; false if it is already. */
static bool
merge(struct price_update *u, struct price_change *c,
    const struct price_quote *q)
{
	struct price_draft *p = &c->period[c->n - 1];
	bool base = merge_parts(u, c, p, p->part, q->part, "");
	bool tiers = merge_tiers(u, c, p, q);
	bool modes = merge_modes(u, c, p, q);
	int64_t request = price_draft_request(p);
	bool fee = q->request >= 0 && q->request != request;

	if (base)
		warn_of_rest(u, c, p, q);
	if (fee) {
		p->request = q->request;
		add_diff(u, c, "fee", price_fee_names[PRICE_FEE_REQUEST],
		    (int64_t[]){ request, q->request });
	}
	return base || tiers || modes || fee;
}

/* One more period for c, as the one before it or as in the book. */
static struct price_draft *
add_period(struct price_update *u, struct price_change *c, int64_t from)
{
	const struct price_period *p = NULL;
	const struct price_head *h;
	struct price_draft *d;
	int64_t last = c->n > 0 ? c->period[c->n - 1].from : INT64_MIN;

	c->period = tk_xreallocarray(c->period, c->n + 1, sizeof(*d));
	d = &c->period[c->n++];
	if (c->m != NULL)
		p = price_period_at(u->pb, c->m, from, &h);
	if (c->n > 1 && (p == NULL || p->from <= last))
		*d = d[-1];
	else if (p == NULL || !price_draft_init(d, h, p))
		price_draft_init_empty(d);
	d->from = c->m != NULL || c->n > 1 ? from : INT64_MIN;
	d->basis = u->said ? "given" : "dataset";
	d->ref = u->ref.s;
	return d;
}

/* Does the list say that what costs something is free?  It means that it
 * does not know. */
static bool
says_nothing(const struct price_quote *q)
{
	return q->part[PRICE_INPUT] == 0 && q->part[PRICE_OUTPUT] <= 0 &&
	    q->request <= 0;
}

/* Why a model that is in the book is left alone; NULL: it is not. */
static const char *
reason_to_keep(const struct price_update *u, const struct price_candidate *c)
{
	const struct price_book *pb = u->pb;
	const struct price_head *h;
	const struct price_period *p = price_period_at(pb, c->m, u->o.from, &h);

	if (pb->nlayers == 2 && !c->m->updated &&
	    price_head_of(c->m) == pb->layers[0])
		return "what you wrote stays";
	if (!u->said && p != NULL &&
	    strcmp(price_str(h, p->basis), "given") == 0)
		return "what you set stays";
	if (c->e->quote->by_hour || (p != NULL && p->windows.n > 0))
		return "it depends on the time of day, and stays";
	if (p != NULL && p->tiers.n > PRICE_DRAFT_TIERS)
		return "it has too many tiers, and stays";
	return !u->said && says_nothing(c->e->quote)
	    ? "the list says that it is free, which is not taken"
	    : NULL;
}

/* The price of the model when this update is done. */
static int64_t
price_after(const struct price_update *u, const struct price_model *m,
    enum price_part part)
{
	for (size_t i = 0; i < u->nchanges; i++) {
		const struct price_draft *d = u->change[i].period;

		if (u->change[i].m == m && d->from <= u->o.from)
			return price_draft_price(d, d->part, part);
	}
	return price_rate_at(u->pb, m, part, u->o.from);
}

/* As of its input and output, which is all that is worth a warning. */
static bool
is_different(const struct price_update *u, const struct price_candidate *c,
    const struct price_model *m)
{
	static const uint8_t parts[] = { PRICE_INPUT, PRICE_OUTPUT };

	for (size_t i = 0; i < TK_LEN(parts); i++) {
		int64_t said = c->e->quote->part[parts[i]];

		if (said >= 0 &&
		    said != price_after(u, m, (enum price_part)parts[i]))
			return true;
	}
	return false;
}

/* The quote that holds at the time, or the first one. */
static size_t
quote_at(const struct price_entry *e, int64_t ms)
{
	size_t i = e->nquotes;

	while (i > 1 && e->quote[i - 1].from > ms)
		i--;
	return i - 1;
}

static void
compare_known(struct price_update *u, const struct price_candidate *c,
    struct price_change *to)
{
	const struct price_entry *e = c->e;

	for (size_t i = quote_at(e, u->o.from); i < e->nquotes; i++) {
		int64_t from = e->quote[i].from;

		add_period(u, to, from > u->o.from ? from : u->o.from);
		if (!merge(u, to, &e->quote[i]))
			to->n--;
	}
}

static void
compare_new(struct price_update *u, const struct price_candidate *c,
    struct price_change *to)
{
	for (size_t i = 0; i < c->e->nquotes; i++) {
		add_period(u, to, c->e->quote[i].from);
		if (!merge(u, to, &c->e->quote[i]))
			to->n--;
	}
}

static void
compare(struct price_update *u, const struct price_candidate *c)
{
	struct price_change to = { .provider = c->seller->id, .e = c->e };
	const char *keep;

	if (c->m == NULL && !u->said &&
	    (u->o.flags & PRICE_UPDATE_KNOWN || c->e->quote->by_hour ||
		says_nothing(c->e->quote)))
		return;
	if (c->via != NULL && !is_different(u, c, c->via)) {
		u->counts.same++;
		return;
	}
	if (c->m != NULL && (keep = reason_to_keep(u, c)) != NULL) {
		if (is_different(u, c, c->m)) {
			u->counts.kept++;
			price_dataset_warn(&u->data, "'%s': %s", c->id, keep);
		} else {
			u->counts.same++;
		}
		return;
	}
	to.m = c->m;
	to.id = tk_xstrdup(c->m != NULL ? price_model_id(c->m) : c->id);
	if (c->m != NULL)
		compare_known(u, c, &to);
	else
		compare_new(u, c, &to);
	if (to.n == 0) {
		u->counts.same += c->m != NULL;
		free(to.period);
		free(to.id);
		return;
	}
	*(c->m != NULL ? &u->counts.changed : &u->counts.added) += 1;
	u->change =
	    tk_xreallocarray(u->change, u->nchanges + 1, sizeof(*u->change));
	u->change[u->nchanges++] = to;
}

static void
compare_all(struct price_update *u)
{
	struct price_candidate *c;
	size_t n =
	    price_candidates(u->pb, &u->data, u->o.provider, &c, &u->counts);

	/* Who takes over the prices of others comes after those. */
	for (int via = 0; via < 2; via++)
		for (size_t i = 0; i < n; i++)
			if ((c[i].via != NULL) == via)
				compare(u, &c[i]);
	free(c);
}

int
price_update_new(struct price_update **to, const struct price_book *pb,
    const char *text, size_t len, const struct price_update_options *o,
    struct tk_err *err)
{
	struct price_update *u;
	const char *slash = strrchr(o->file, '/');

	*to = NULL;
	if (o->provider != NULL && price_seller_like(pb, o->provider) == NULL)
		return tk_fail(err, TK_NOTFOUND,
		    "no provider named '%s' in the price book", o->provider);
	u = tk_xcalloc(1, sizeof(*u));
	u->pb = pb;
	u->o = *o;
	u->ref = u->diffs = (struct tk_buf)TK_BUF_INIT;
	if (price_dataset_read(&u->data, text, len, o->file, err) < 0) {
		price_update_free(u);
		return -1;
	}
	u->counts.format = u->data.format;
	u->counts.read = u->data.n;
	tk_buf_addf(&u->ref, "%s, %s", u->data.format,
	    slash != NULL ? slash + 1 : o->file);
	compare_all(u);
	*to = u;
	return 0;
}

/* Whose model it is; NULL: nobody knows. */
static const char *
provider_of(const struct price_book *pb, const struct price_said *said)
{
	const struct price_model *m;

	if (said->provider != NULL)
		return said->provider;
	m = price_resolve(pb, NULL, said->model);
	return m != NULL ? price_provider(m) : NULL;
}

static int
compare_said(struct price_update *u, const struct price_said *said,
    struct tk_err *err)
{
	const char *provider = provider_of(u->pb, said);
	struct price_entry *e = price_dataset_add(&u->data);
	struct price_candidate c;

	if (provider == NULL) {
		tk_fail(err, TK_NOTFOUND, "the price book knows no model '%s'",
		    said->model);
		return tk_hint(err, "say who sells it: --provider");
	}
	e->provider = tk_xstrdup(provider);
	e->id = tk_xstrdup(said->model);
	memcpy(e->quote->part, said->part, sizeof(said->part));
	if (price_seller_like(u->pb, provider) == NULL) {
		tk_fail(err, TK_NOTFOUND,
		    "no provider named '%s' in the price book", provider);
		return tk_hint(err,
		    "write it into your price file, under 'models': see "
		    "tokctl-price(1)");
	}
	if (!price_candidate_of(u->pb, e, &c))
		return tk_fail(err, TK_USAGE,
		    "'%s' cannot be the name of a model", said->model);
	compare(u, &c);
	if (u->counts.kept > 0 && u->data.nwarnings > 0)
		return tk_fail(err, TK_USAGE, "%s", u->data.warnings.s);
	return 0;
}

int
price_update_said(struct price_update **to, const struct price_book *pb,
    const struct price_said *said, const struct price_update_options *o,
    struct tk_err *err)
{
	struct price_update *u = tk_xcalloc(1, sizeof(*u));

	*to = NULL;
	u->pb = pb;
	u->o = *o;
	u->said = true;
	u->ref = u->diffs = u->data.warnings = (struct tk_buf)TK_BUF_INIT;
	u->counts.read = 1;
	if (compare_said(u, said, err) < 0) {
		price_update_free(u);
		return -1;
	}
	*to = u;
	return 0;
}

void
price_update_free(struct price_update *u)
{
	if (u == NULL)
		return;
	for (size_t i = 0; i < u->nchanges; i++) {
		free(u->change[i].period);
		free(u->change[i].id);
	}
	free(u->change);
	tk_buf_release(&u->diffs);
	tk_buf_release(&u->ref);
	price_dataset_release(&u->data);
	free(u);
}

int
price_update_each(const struct price_update *u, price_diff_fn *fn, void *data)
{
	const struct price_diff_text *d =
	    (const struct price_diff_text *)(const void *)u->diffs.s;
	size_t n = u->diffs.len / sizeof(*d);
	int rc = 0;

	for (size_t i = 0; i < n && rc == 0; i++) {
		struct price_diff one = d[i].d;

		one.when = d[i].when;
		rc = fn(&one, data);
	}
	return rc;
}

void
price_update_count(const struct price_update *u, struct price_update_counts *c)
{
	*c = u->counts;
	c->warnings = u->data.nwarnings;
}

const char *
price_update_warning(const struct price_update *u, size_t i)
{
	const char *s = u->data.warnings.s;
	const char *end = s + u->data.warnings.len;

	for (; i > 0 && s < end; i--)
		s += strlen(s) + 1;
	return s < end ? s : NULL;
}
