/* Values on their way to the format, cell by cell: see out.h. */
#include <assert.h>

#include "out/out_int.h"

enum { MS_PER_DAY = 86400000 };
#define FIRST_MS (INT64_C(-62167219200000) + MS_PER_DAY)
#define LAST_MS (INT64_C(253402300799999) - MS_PER_DAY)

bool
out_is_moment(int64_t ms)
{
	return ms >= FIRST_MS && ms <= LAST_MS;
}

static void put_twin(struct out *o, enum out_type type,
    const struct out_val *v);

/* A cell of the wrong type is a mistake of the command.  What the type does
 * not need of v is not set: this is called for every value of an export. */
static inline void
put(struct out *o, enum out_type type, const struct out_val *v)
{
	const struct out_col *c = &o->cols[o->col];

	assert(o->col < o->ncols);
	assert(v->null || c->type == type ||
	    (c->type == OUT_BYTES && type == OUT_INT) ||
	    (type == OUT_TEXT && o->row == OUT_ROW_SUMMARY));
	if (o->row == OUT_ROW_SUMMARY)
		o->word = type == OUT_TEXT && c->type != OUT_TEXT;
	if (o->shown[o->col] && (o->ops->rows & 1 << o->row))
		o->ops->cell(o, c, v);
	o->col++;
	if (o->twin != NULL)
		put_twin(o->twin, type, v);
}

static void
put_twin(struct out *o, enum out_type type, const struct out_val *v)
{
	put(o, type, v);
}

void
out_text(struct out *o, const char *s)
{
	struct out_val v;

	v.null = s == NULL;
	v.s = s;
	put(o, OUT_TEXT, &v);
}

void
out_json_text(struct out *o, const char *json)
{
	struct out_val v;

	v.null = json == NULL;
	v.s = json;
	put(o, OUT_JSON, &v);
}

void
out_shades(struct out *o, const char *s)
{
	struct out_val v;

	v.null = s == NULL;
	v.s = s;
	put(o, OUT_SHADES, &v);
}

static void
put_number(struct out *o, enum out_type type, tk_int128 n, bool known)
{
	struct out_val v;

	v.null = !known;
	v.n = n;
	v.s = NULL;
	put(o, type, &v);
}

void
out_int(struct out *o, tk_int128 n)
{
	put_number(o, OUT_INT, n, true);
}

void
out_money(struct out *o, tk_int128 pico)
{
	put_number(o, OUT_MONEY, pico, true);
}

void
out_time(struct out *o, int64_t ms)
{
	put_number(o, OUT_TIME, ms, out_is_moment(ms));
}

void
out_moment(struct out *o, int64_t ms)
{
	if (ms != 0)
		out_time(o, ms);
	else
		out_null(o);
}

void
out_day(struct out *o, int32_t day)
{
	put_number(o, OUT_DAY, day,
	    day >= FIRST_MS / MS_PER_DAY && day <= LAST_MS / MS_PER_DAY);
}

void
out_bool(struct out *o, bool yes)
{
	put_number(o, OUT_BOOL, yes, true);
}

void
out_bar(struct out *o, tk_int128 value)
{
	put_number(o, OUT_BAR, value, true);
}

void
out_ratio(struct out *o, tk_int128 part, tk_int128 whole)
{
	struct out_val v = { .null = whole == 0, .n = part, .of = whole };

	if (o->cols[o->col].flags & OUT_PERCENT)
		v.percent = true;
	put(o, OUT_RATIO, &v);
}

void
out_null(struct out *o)
{
	struct out_val v = { .null = true };

	put(o, OUT_TEXT, &v);
}

void
out_unknown(struct out *o, const char *word)
{
	struct out_val v = { .null = true, .s = word };

	put(o, OUT_TEXT, &v);
}

static void
mark(struct out *o, char c)
{
	assert(o->col > 0);
	if (o->ops->mark != NULL && o->shown[o->col - 1])
		o->ops->mark(o, c);
	if (o->twin != NULL)
		mark(o->twin, c);
}

void
out_partial(struct out *o)
{
	mark(o, '+');
}

void
out_unfinished(struct out *o)
{
	mark(o, '*');
}

void
out_end_row(struct out *o)
{
	if (o->twin != NULL)
		out_end_row(o->twin);
	assert(o->col == o->ncols);
	if (!o->muted && (o->ops->rows & 1 << o->row))
		o->ops->end_row(o);
	o->rows += o->row == OUT_ROW_DATA;
	o->row = OUT_ROW_DATA;
	o->col = 0;
	o->first = true;
}
