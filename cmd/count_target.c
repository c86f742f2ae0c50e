/*
 * tokctl count: which encoding a model is counted with, and how what is not
 * exact is estimated
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/suggest.h"
#include "config/config.h"
#include "count.h"
#include "ledger/ledger.h"
#include "price/price.h"
#include "report/accuracy.h"
#include "tokenizer/tokenizer.h"

enum { ONE = 1000000 };

static int
offer_model(const struct price_model *m, void *data)
{
	tk_suggest_offer(data, price_model_id(m));
	return 0;
}

/* A model that only those have who are not asked by default. */
struct wanted {
	const char *id;
	const struct price_model *found;
};

static int
same_id(const struct price_model *m, void *w_)
{
	struct wanted *w = w_;

	if (strcasecmp(price_model_id(m), w->id) == 0)
		w->found = m;
	return w->found != NULL;
}

static const struct price_model *
find_elsewhere(const struct cmd_ctx *ctx, const char *model)
{
	struct wanted w = { .id = model };

	price_each(ctx->prices, same_id, &w);
	return w.found;
}

static int
unknown_model(const struct cmd_ctx *ctx, const char *model, struct tk_err *err)
{
	struct tk_suggest s;

	tk_fail(err, TK_NOTFOUND, "no model '%s' in the price book", model);
	tk_suggest_init(&s, model);
	price_each(ctx->prices, offer_model, &s);
	return tk_suggest_hint(&s,
	    "name the encoding instead, as in '-e o200k_base'", err);
}

static int
which_price(const struct price_model *m, const char *model, struct tk_err *err)
{
	tk_fail(err, TK_NOTFOUND, "model '%s' has no price of its maker's",
	    model);
	return tk_hint(err, "say who sells it, as in '%s/%s'",
	    price_provider(m), model);
}

/* Open an encoding, or find that it is open. */
static int
use_encoding(struct count_job *j, const char *name, size_t *at,
    struct tk_err *err)
{
	struct count_encoding *e;

	if (count_open_named(&e, name, err) < 0)
		return -1;
	for (*at = 0; *at < j->encodings; ++*at) {
		if (strcmp(count_encoding_name(j->e[*at]),
			count_encoding_name(e)) != 0)
			continue;
		count_close(e);
		return 0;
	}
	j->e = tk_xreallocarray(j->e, j->encodings + 1, sizeof(*j->e));
	j->e[j->encodings++] = e;
	return 0;
}

static struct count_target *
add_target(struct count_job *j)
{
	j->target = tk_xreallocarray(j->target, j->n + 1, sizeof(*j->target));
	j->target[j->n] = (struct count_target){ 0 };
	return &j->target[j->n++];
}

static int
add_encoding(struct count_job *j, const char *name, struct tk_err *err)
{
	return use_encoding(j, name, &add_target(j)->encoding, err);
}

/* A file is opened for each time it is named. */
static int
add_tokenizer(struct count_job *j, const char *path, struct tk_err *err)
{
	struct count_target *t = add_target(j);
	struct count_encoding *e;

	if (tokenizer_open_file(&e, path, j->args->pattern, err) < 0)
		return -1;
	t->encoding = j->encodings;
	j->e = tk_xreallocarray(j->e, j->encodings + 1, sizeof(*j->e));
	j->e[j->encodings++] = e;
	return 0;
}

/* Exactly, where that tokenizer is built in or was added. */
static int
use_tokenizer(struct count_job *j, struct count_target *t, const char *name,
    bool exact, struct tk_err *err)
{
	if (name != NULL && exact) {
		if (use_encoding(j, name, &t->encoding, err) == 0)
			return 0;
		if (err->code != TK_NOTFOUND)
			return tk_wrap(err, "model '%s'", t->model);
		*err = (struct tk_err)TK_ERR_INIT;
	}
	t->estimate = estimate_find(name);
	return use_encoding(j, t->estimate->stand_in, &t->encoding, err);
}

static int
add_model(struct count_job *j, const char *model, struct tk_err *err)
{
	struct count_target *t = add_target(j);
	const char *name = NULL;
	bool exact = true;

	t->model = model;
	t->price = price_resolve(j->ctx->prices, NULL, model);
	/* Its tokens are the same wherever it runs; its price is not. */
	if (t->price == NULL) {
		t->price = find_elsewhere(j->ctx, model);
		if (t->price != NULL && j->args->cost)
			return which_price(t->price, model, err);
	}
	/* A family has a tokenizer, and no price of its own. */
	if (t->price != NULL)
		name = price_tokenizer(t->price, &exact);
	else if ((name = estimate_family(model)) == NULL)
		return unknown_model(j->ctx, model, err);
	if (j->args->heuristic)
		return 0;
	return use_tokenizer(j, t, name, exact, err);
}

int
count_target_model(struct count_job *j, const char *model, size_t *at,
    struct tk_err *err)
{
	for (*at = 0; *at < j->n; ++*at)
		if (j->target[*at].model != NULL &&
		    strcmp(j->target[*at].model, model) == 0)
			return 0;
	j->names = tk_xreallocarray(j->names, j->nnames + 1, sizeof(*j->names));
	j->names[j->nnames] = tk_xstrdup(model);
	return add_model(j, j->names[j->nnames++], err);
}

int
count_target_default(struct count_job *j, size_t *at, struct tk_err *err)
{
	for (*at = 0; *at < j->n; ++*at)
		if (j->target[*at].model == NULL)
			return 0;
	return add_encoding(j, "o200k_base", err);
}

/* What the ledger's calls of a kind of content say, or those of any. */
static void
calibrate_class(struct count_target *t, const struct accuracy *a,
    enum content_class class)
{
	for (size_t i = 0; i < a->rows; i++) {
		const struct accuracy_row *r = &a->row[i];

		/* Rows of a model begin with the one of any content. */
		if (strcmp(r->model, t->model) != 0 ||
		    r->calls < ACCURACY_ENOUGH ||
		    (r->content != NULL &&
			strcmp(r->content, content_class_name(class)) != 0))
			continue;
		t->calibrated[class] =
		    (struct count_calibration){ .by = { r->median_ppm,
						    r->low_ppm, r->high_ppm },
			    .calls = r->calls };
	}
}

static void
calibrate(struct count_job *j, struct count_target *t, const struct accuracy *a)
{
	for (int c = 0; c < CONTENT_CLASSES; c++)
		calibrate_class(t, a, (enum content_class)c);
	if (t->calibrated[CONTENT_PROSE].calls == 0)
		cmd_say(j->ctx,
		    "model '%s': fewer than %d calls with an estimate are in "
		    "the ledger, so nothing is corrected",
		    t->model, ACCURACY_ENOUGH);
}

static int
calibrate_all(struct count_job *j, struct tk_err *err)
{
	struct ledger_filter f;
	struct accuracy a = { 0 };
	const char *url;
	int rc = -1;

	ledger_filter_init(&f);
	if (config_get(j->ctx->config, "ledger.path", &url, err) < 0 ||
	    ledger_open(&j->ctx->ledger, url, LEDGER_READ, err) < 0)
		return -1;
	if (accuracy_run(&a, j->ctx->ledger, &f, err) == 0)
		rc = 0;
	for (size_t i = 0; rc == 0 && i < j->n; i++)
		if (j->target[i].estimate != NULL)
			calibrate(j, &j->target[i], &a);
	accuracy_release(&a);
	return rc;
}

int
count_targets_open(struct count_job *j, struct tk_err *err)
{
	const struct count_args *a = j->args;

	for (size_t i = 0; i < a->encodings.n; i++)
		if (add_encoding(j, a->encodings.v[i], err) < 0)
			return -1;
	for (size_t i = 0; i < a->tokenizers.n; i++)
		if (add_tokenizer(j, a->tokenizers.v[i], err) < 0)
			return -1;
	for (size_t i = 0; i < a->models.n; i++)
		if (add_model(j, a->models.v[i], err) < 0)
			return -1;
	if (j->n == 0 && a->heuristic)
		add_target(j);
	if (j->n == 0 && !a->is_chat && add_encoding(j, "o200k_base", err) < 0)
		return -1;
	return a->calibrated ? calibrate_all(j, err) : 0;
}

void
count_streams(struct count_job *j)
{
	j->s = tk_xcalloc(j->encodings, sizeof(*j->s));
	for (size_t i = 0; i < j->encodings; i++)
		j->s[i] = count_stream_new(j->e[i],
		    j->args->special ? COUNT_SPECIAL : 0);
}

void
count_targets_close(struct count_job *j)
{
	for (size_t i = 0; i < j->encodings; i++) {
		if (j->s != NULL)
			count_stream_free(j->s[i]);
		count_close(j->e[i]);
	}
	for (size_t i = 0; i < j->nnames; i++)
		free(j->names[i]);
	free(j->names);
	free(j->s);
	free(j->e);
	free(j->target);
}

const char *
count_target_encoding(const struct count_job *j, const struct count_target *t)
{
	return j->args->heuristic ? NULL
				  : count_encoding_name(j->e[t->encoding]);
}

const char *
count_target_name(const struct count_job *j, const struct count_target *t)
{
	if (t->model != NULL)
		return t->model;
	return j->args->heuristic ? "heuristic" : count_target_encoding(j, t);
}

bool
count_is_estimate(const struct count_job *j, const struct count_target *t)
{
	return t->estimate != NULL || j->args->heuristic;
}

static struct estimate_factor
factor_of(const struct count_target *t, const struct content *c)
{
	struct estimate_factor f = { ONE, ONE, ONE }, by;
	enum content_class class = content_class(c);

	if (t->estimate == NULL)
		return f;
	f = t->estimate->factor[class];
	by = t->calibrated[class].by;
	if (by.ppm == 0)
		return f;
	return (struct estimate_factor){ estimate_scale(f.ppm, by.ppm),
		estimate_scale(f.ppm, by.low_ppm),
		estimate_scale(f.ppm, by.high_ppm) };
}

void
count_figure(const struct count_job *j, const struct count_target *t,
    const int64_t *counted, const struct content *c, struct count_figure *f)
{
	struct estimate_factor by = factor_of(t, c);
	int64_t n;

	if (j->args->heuristic) {
		n = estimate_heuristic(c);
		*f = (struct count_figure){ .tokens = n,
			.low = n,
			.high = n,
			.factor_ppm = ONE };
		return;
	}
	n = counted[t->encoding];
	*f = (struct count_figure){ .tokens = estimate_scale(n, by.ppm),
		.low = estimate_scale(n, by.low_ppm),
		.high = estimate_scale(n, by.high_ppm),
		.factor_ppm = by.ppm };
}

void
count_band(const struct count_target *t, const struct content *c,
    int64_t tokens, struct count_figure *f)
{
	struct estimate_factor by = factor_of(t, c);

	*f = (struct count_figure){ .tokens = tokens,
		.low = (int64_t)((tk_int128)tokens * by.low_ppm / by.ppm),
		.high =
		    (int64_t)(((tk_int128)tokens * by.high_ppm + by.ppm - 1) /
			by.ppm),
		.factor_ppm = by.ppm };
}

int64_t
count_factor(const struct count_target *t, const struct content *c)
{
	return factor_of(t, c).ppm;
}

int64_t
count_limit(const struct count_target *t, int64_t max, const struct content *c)
{
	return estimate_unscale(max, factor_of(t, c).ppm);
}

/* "1.1", "0.985", from parts per million. */
static void
add_ppm(struct tk_buf *b, int64_t ppm)
{
	tk_money_add(b, (tk_int128)ppm * ONE);
}

/* "-5%", "+12%": how far it is from the factor, rounded outward. */
static void
add_percent(struct tk_buf *b, int64_t ppm, int64_t than)
{
	int64_t off = (ppm - than) * 100, by;

	if (than <= 0)
		return;
	by = off < 0 ? -((-off + than - 1) / than) : (off + than - 1) / than;
	tk_buf_addf(b, "%+" PRId64 "%%", by);
}

void
count_how(const struct count_job *j, const struct count_target *t,
    const struct content *c, struct tk_buf *b)
{
	const char *class = content_class_name(content_class(c));
	struct estimate_factor by = factor_of(t, c);

	if (!count_is_estimate(j, t)) {
		tk_buf_adds(b, "exact");
		return;
	}
	if (j->args->heuristic) {
		tk_buf_addf(b, "estimated: %s characters a token (%s)",
		    content_class(c) == CONTENT_CODE ? "1.5" : "3.5",
		    content_class(c) == CONTENT_CODE ? "code" : "prose");
		return;
	}
	tk_buf_addf(b, "estimated: %s x ", count_target_encoding(j, t));
	add_ppm(b, by.ppm);
	tk_buf_addf(b, " (%s), ", class);
	add_percent(b, by.low_ppm, by.ppm);
	tk_buf_adds(b, " to ");
	add_percent(b, by.high_ppm, by.ppm);
	if (t->calibrated[content_class(c)].calls > 0)
		tk_buf_addf(b, ", by %" PRId64 " calls",
		    t->calibrated[content_class(c)].calls);
}

void
count_say_estimate(struct count_job *j, const struct content *c)
{
	struct tk_buf b = TK_BUF_INIT;

	for (size_t i = 0; i < j->n; i++) {
		if (!count_is_estimate(j, &j->target[i]))
			continue;
		tk_buf_reset(&b);
		count_how(j, &j->target[i], c, &b);
		cmd_say(j->ctx, "%s: %s", count_target_name(j, &j->target[i]),
		    b.s);
	}
	tk_buf_release(&b);
}

bool
count_has_estimate(const struct count_job *j)
{
	for (size_t i = 0; i < j->n; i++)
		if (count_is_estimate(j, &j->target[i]))
			return true;
	return false;
}
