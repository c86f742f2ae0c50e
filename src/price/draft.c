/* A period of prices that is about to be written into a user's file. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "price/price_int.h"

void
price_draft_init_empty(struct price_draft *d)
{
	memset(d, 0, sizeof(*d));
	memset(d->part, 0xff, sizeof(d->part)); /* -1 */
	memset(d->mode, 0xff, sizeof(d->mode));
	d->request = -1;
	d->from = INT64_MIN;
	d->basis = d->ref = "";
}

static void
take_rates(int64_t *part, const struct price_head *h, struct price_span span)
{
	const struct price_rate *r = PRICE_SPAN(h, span);

	for (uint32_t i = 0; i < span.n; i++)
		part[r[i].part] = r[i].value;
}

bool
price_draft_init(struct price_draft *d, const struct price_head *h,
    const struct price_period *p)
{
	const struct price_tier *t = PRICE_SPAN(h, p->tiers);

	price_draft_init_empty(d);
	d->from = p->from;
	d->h = h;
	d->like = p;
	d->basis = price_str(h, p->basis);
	d->ref = price_str(h, p->ref);
	take_rates(d->part, h, p->rates);
	if (p->tiers.n > PRICE_DRAFT_TIERS)
		return false;
	d->ntiers = p->tiers.n;
	for (uint32_t i = 0; i < p->tiers.n; i++) {
		memset(&d->tiers[i], 0xff, sizeof(d->tiers[i]));
		d->tiers[i].above = t[i].above;
		take_rates(d->tiers[i].part, h, t[i].rates);
	}
	return true;
}

int64_t
price_draft_price(const struct price_draft *d, const int64_t part[PRICE_PARTS],
    enum price_part which)
{
	for (int step = 0;; step++) {
		enum price_part k = price_fallback(which, step);

		/* A tier says only what it changes. */
		if (part[k] >= 0 || d->part[k] >= 0)
			return part[k] >= 0 ? part[k] : d->part[k];
		if (k <= PRICE_OUTPUT)
			return -1;
	}
}

int64_t
price_draft_mode(const struct price_draft *d, int mode, enum price_part which)
{
	struct price_span span =
	    d->like != NULL ? d->like->modes[mode] : (struct price_span){ 0 };
	const struct price_rate *r = NULL, *found = NULL;
	int64_t plain = price_draft_price(d, d->part, which);

	if (d->mode[mode][which] >= 0)
		return d->mode[mode][which];
	if (span.n > 0)
		r = PRICE_SPAN(d->h, span);
	for (uint32_t i = 0; i < span.n; i++)
		if (r[i].part == which || (r[i].part == PRICE_ALL && !found))
			found = &r[i];
	if (found != NULL && !found->multiplies)
		return found->value;
	if (found == NULL || plain < 0)
		return plain;
	return (int64_t)((tk_int128)plain * found->value / PRICE_PPM);
}

int64_t
price_draft_request(const struct price_draft *d)
{
	const struct price_rate *r;

	if (d->request >= 0 || d->like == NULL || d->like->fees.n == 0)
		return d->request;
	r = PRICE_SPAN(d->h, d->like->fees);
	for (uint32_t i = 0; i < d->like->fees.n; i++)
		if (r[i].part == PRICE_FEE_REQUEST)
			return r[i].value;
	return -1;
}

void
price_quote_add(struct tk_buf *b, const char *s)
{
	tk_buf_adds(b, "\"");
	for (; *s != '\0'; s++) {
		if (*s == '"' || *s == '\\')
			tk_buf_adds(b, "\\");
		if ((unsigned char)*s < ' ' || *s == 127)
			tk_buf_addf(b, "\\x%02x", (unsigned char)*s);
		else
			tk_buf_add(b, s, 1);
	}
	tk_buf_adds(b, "\"");
}

/* 150000 as "0.15": a decimal with that many places, without its zeros. */
static void
add_decimal(struct tk_buf *b, int64_t value, int scale)
{
	char digits[48];
	int n =
	    snprintf(digits, sizeof(digits), "%0*" PRId64, scale + 1, value);

	tk_buf_add(b, digits, (size_t)(n - scale));
	while (scale > 0 && digits[n - 1] == '0') {
		scale--;
		n--;
	}
	if (scale > 0) {
		tk_buf_adds(b, ".");
		tk_buf_add(b, digits + n - scale, (size_t)scale);
	}
}

/* ", input: "2.5"" */
static void
add_price(struct tk_buf *b, const char *name, int64_t value, int scale,
    const char *factor)
{
	tk_buf_addf(b, "%s: \"%s", name, factor);
	add_decimal(b, value, scale);
	tk_buf_adds(b, "\"");
}

static void
add_parts(struct tk_buf *b, const int64_t *part)
{
	for (int i = 0; i < PRICE_PARTS; i++) {
		if (part[i] < 0)
			continue;
		tk_buf_adds(b, ", ");
		add_price(b, price_part_names[i], part[i], 6, "");
	}
}

static void
add_rates(struct tk_buf *b, const struct price_head *h, struct price_span span)
{
	const struct price_rate *r = PRICE_SPAN(h, span);

	for (uint32_t i = 0; i < span.n; i++) {
		tk_buf_adds(b, ", ");
		add_price(b, price_part_names[r[i].part], r[i].value, 6,
		    r[i].multiplies ? "x" : "");
	}
}

static void
add_windows(struct tk_buf *b, const struct price_draft *d)
{
	struct price_span span = d->like->windows;
	const struct price_window *w = PRICE_SPAN(d->h, span);

	for (uint32_t i = 0; i < span.n; i++) {
		tk_buf_adds(b, i == 0 ? ", windows: [" : ", ");
		tk_buf_addf(b, "{utc: \"%02d:%02d-%02d:%02d\", days: \"",
		    w[i].start / 60, w[i].start % 60, w[i].end / 60,
		    w[i].end % 60);
		price_days_add(b, w[i].days);
		tk_buf_adds(b, "\"");
		add_rates(b, d->h, w[i].rates);
		tk_buf_adds(b, i + 1 == span.n ? "}]" : "}");
	}
}

static void
add_tiers(struct tk_buf *b, const struct price_draft *d)
{
	for (size_t i = 0; i < d->ntiers; i++) {
		tk_buf_addf(b, "%s{above: %" PRId64,
		    i == 0 ? ", tiers: [" : ", ", d->tiers[i].above);
		add_parts(b, d->tiers[i].part);
		tk_buf_adds(b, i + 1 == d->ntiers ? "}]" : "}");
	}
}

/* What the mode was, but for the parts that are said anew, and those. */
static void
add_mode(struct tk_buf *b, const struct price_draft *d, int mode)
{
	static const char *const names[PRICE_MODES] = { "batch", "flex",
		"priority", "fast" };
	struct price_span span =
	    d->like != NULL ? d->like->modes[mode] : (struct price_span){ 0 };
	const struct price_rate *all[PRICE_PARTS + 1] = { NULL };
	bool any = false;

	for (uint32_t i = 0; i < span.n; i++) {
		const struct price_rate *r = PRICE_SPAN(d->h, span);

		all[r[i].part] = &r[i];
	}
	for (int i = 0; i <= PRICE_PARTS; i++) {
		bool anew = i < PRICE_PARTS && d->mode[mode][i] >= 0;

		if (!anew && all[i] == NULL)
			continue;
		if (any)
			tk_buf_adds(b, ", ");
		else
			tk_buf_addf(b, ", %s: {", names[mode]);
		any = true;
		if (anew)
			add_price(b, price_part_names[i], d->mode[mode][i], 6,
			    "");
		else
			add_price(b, price_part_names[i], all[i]->value, 6,
			    all[i]->multiplies ? "x" : "");
	}
	if (any)
		tk_buf_adds(b, "}");
}

static void
add_fees(struct tk_buf *b, const struct price_draft *d)
{
	struct tk_buf fees = TK_BUF_INIT;
	struct price_span span =
	    d->like != NULL ? d->like->fees : (struct price_span){ 0 };
	const struct price_rate *r = NULL;

	if (span.n > 0)
		r = PRICE_SPAN(d->h, span);
	for (uint32_t i = 0; i < span.n; i++) {
		if (r[i].part == PRICE_FEE_REQUEST && d->request >= 0)
			continue;
		tk_buf_adds(&fees, ", ");
		add_price(&fees, price_fee_names[r[i].part], r[i].value, 12,
		    "");
	}
	if (d->request >= 0) {
		tk_buf_adds(&fees, ", ");
		add_price(&fees, price_fee_names[PRICE_FEE_REQUEST], d->request,
		    12, "");
	}
	if (fees.len > 0)
		tk_buf_addf(b, ", fees: {%s}", fees.s + 2);
	tk_buf_release(&fees);
}

void
price_draft_add(struct tk_buf *b, const struct price_draft *d)
{
	tk_buf_adds(b, "      - {");
	if (d->from != INT64_MIN) {
		tk_buf_adds(b, "from: \"");
		price_time_add(b, d->from);
		tk_buf_adds(b, "\", ");
	}
	tk_buf_adds(b, "basis: ");
	price_quote_add(b, d->basis);
	if (d->ref[0] != '\0') {
		tk_buf_adds(b, ", ref: ");
		price_quote_add(b, d->ref);
	}
	add_parts(b, d->part);
	for (int i = 0; i < PRICE_MODES; i++)
		add_mode(b, d, i);
	add_fees(b, d);
	add_tiers(b, d);
	if (d->like != NULL)
		add_windows(b, d);
	tk_buf_adds(b, "}\n");
}
