/* Every price of a model as a list, for "price show" and for comparing. */
#include <inttypes.h>
#include <string.h>

#include "price/price_int.h"

struct lister {
	price_row_fn *fn;
	void *data;
	const struct price_head *h;
	struct price_row row; /* what the rows of a period share */
};

static int
list_rates(struct lister *l, const char *when, struct price_span span)
{
	const struct price_rate *r = PRICE_SPAN(l->h, span);
	int rc = 0;

	l->row.when = when;
	for (uint32_t i = 0; i < span.n && rc == 0; i++) {
		const char *const *names =
		    l->row.fee ? price_fee_names : price_part_names;

		l->row.name = names[r[i].part];
		l->row.value = r[i].value;
		l->row.multiplies = r[i].multiplies;
		rc = l->fn(&l->row, l->data);
	}
	return rc;
}

void
price_days_add(struct tk_buf *b, uint32_t days)
{
	const char *sep = "";

	for (int i = 0; i < 7; i++) {
		int last = i;

		if (!(days >> i & 1))
			continue;
		while (last < 6 && (days >> (last + 1) & 1))
			last++;
		tk_buf_addf(b, "%s%s", sep, price_day_names[i]);
		if (last > i)
			tk_buf_addf(b, "-%s", price_day_names[last]);
		sep = ",";
		i = last;
	}
}

static int
list_windows(struct lister *l, struct price_span span)
{
	const struct price_window *w = PRICE_SPAN(l->h, span);
	struct tk_buf when = TK_BUF_INIT;
	int rc = 0;

	for (uint32_t i = 0; i < span.n && rc == 0; i++) {
		tk_buf_reset(&when);
		tk_buf_addf(&when, "%02d:%02d-%02d:%02d", w[i].start / 60,
		    w[i].start % 60, w[i].end / 60, w[i].end % 60);
		if (w[i].days != 127) {
			tk_buf_adds(&when, " ");
			price_days_add(&when, w[i].days);
		}
		rc = list_rates(l, when.s, w[i].rates);
	}
	tk_buf_release(&when);
	return rc;
}

static int
list_tiers(struct lister *l, struct price_span span)
{
	const struct price_tier *t = PRICE_SPAN(l->h, span);
	struct tk_buf when = TK_BUF_INIT;
	int rc = 0;

	for (uint32_t i = 0; i < span.n && rc == 0; i++) {
		tk_buf_reset(&when);
		tk_buf_addf(&when, "above %" PRId64, t[i].above);
		rc = list_rates(l, when.s, t[i].rates);
	}
	tk_buf_release(&when);
	return rc;
}

static int
list_period(struct lister *l, const struct price_period *p)
{
	static const char *const modes[PRICE_MODES] = { "batch", "flex",
		"priority", "fast" };
	int rc;

	l->row = (struct price_row){
		.from = p->from,
		.basis = price_str(l->h, p->basis),
		.ref = price_str(l->h, p->ref),
	};
	rc = list_rates(l, "", p->rates);
	if (rc == 0)
		rc = list_windows(l, p->windows);
	if (rc == 0)
		rc = list_tiers(l, p->tiers);
	for (int i = 0; i < PRICE_MODES && rc == 0; i++)
		rc = list_rates(l, modes[i], p->modes[i]);
	l->row.fee = true;
	return rc == 0 ? list_rates(l, "fee", p->fees) : rc;
}

int
price_rows(const struct price_book *pb, const struct price_model *m,
    price_row_fn *fn, void *data)
{
	const struct price_model *under = price_under(pb, m);
	const struct price_head *h = price_head_of(m), *hu = NULL;
	const struct price_period *p = PRICE_SPAN(h, m->periods), *q = NULL;
	struct lister l = { .fn = fn, .data = data };
	uint32_t i = 0, k = 0, n = m->periods.n, nu = 0;
	int64_t start = p[0].from;
	int rc = 0;

	if (under != NULL) {
		hu = price_head_of(under);
		q = PRICE_SPAN(hu, under->periods);
		nu = under->periods.n;
	}
	/* By time; of the model under it what price_period_at() may find. */
	while (rc == 0 && (i < n || k < nu)) {
		if (k < nu && (i == n || q[k].from < p[i].from)) {
			l.h = hu;
			if (q[k].from < start || m->updated)
				rc = list_period(&l, &q[k]);
			k++;
			continue;
		}
		/* At the same time the upper one hides the lower one. */
		k += k < nu && q[k].from == p[i].from;
		l.h = h;
		rc = list_period(&l, &p[i++]);
	}
	return rc;
}
