#include "out/out.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "out/out_int.h"

enum { F_TABLE, F_JSON, F_JSONL, F_CSV, F_MD, F_HTML, F_XLSX, F_SVG };

const struct tk_choice out_formats[] = {
	{ "table", F_TABLE }, /* the default: value 0 */
	{ "json", F_JSON },
	{ "jsonl", F_JSONL },
	{ "csv", F_CSV },
	{ "md", F_MD },
	{ "html", F_HTML },
	{ "xlsx", F_XLSX },
	{ NULL, 0 },
};

static const struct out_ops *const ops_of[] = {
	[F_TABLE] = &out_table,
	[F_JSON] = &out_json,
	[F_JSONL] = &out_jsonl,
	[F_CSV] = &out_csv,
	[F_MD] = &out_md,
	[F_HTML] = &out_html,
	[F_XLSX] = &out_xlsx,
	[F_SVG] = &out_svg,
};

const int out_format_svg = F_SVG;

bool
out_format_is_text(int format)
{
	return format != F_XLSX;
}

int
out_format_named(const char *name)
{
	const struct tk_choice *c = out_formats;

	while (strcmp(c->name, name) != 0)
		c++;
	return c->value;
}

struct out *
out_new(FILE *to, const struct out_style *style)
{
	struct out *o = tk_xcalloc(1, sizeof(*o));

	o->ops = ops_of[style->format];
	o->to = to;
	o->style = *style;
	if (o->style.digits == NULL)
		o->style.digits = &tk_digits_default;
	o->buf = tk_xreallocarray(NULL, OUT_BUFFER + OUT_SLACK, 1);
	o->scratch = o->label = (struct tk_buf)TK_BUF_INIT;
	o->spell.zone = style->zone;
	o->spell.scratch = (struct tk_buf)TK_BUF_INIT;
	return o;
}

void
out_set_format(struct out *o, int format)
{
	o->style.format = format;
	o->ops = ops_of[format];
}

void
out_also(struct out *o, FILE *to, const struct out_style *style)
{
	struct out *twin = out_new(to, style);

	twin->twin = o->twin;
	o->twin = twin;
}

void
out_heading(const struct out *o, struct tk_buf *b)
{
	struct tk_buf range = TK_BUF_INIT;

	tk_buf_adds(b, o->title != NULL ? o->title : "a table");
	out_range(o, false, &range);
	if (range.len > 0)
		tk_buf_addf(b, ", %s", range.s);
	tk_buf_release(&range);
}

void
out_guard(struct out *o)
{
	o->guard = true;
}

bool
out_begun(const struct out *o)
{
	return o->cols != NULL;
}

bool
out_any(const struct out *o)
{
	return o->in_part ? o->any : o->rows > 0;
}

void
out_document(struct out *o, const struct out_doc *doc)
{
	if (o->twin != NULL)
		out_document(o->twin, doc);
	free(o->title);
	o->title = doc->title ? tk_xstrdup(doc->title) : NULL;
	o->copy = *doc;
	o->copy.title = o->title;
	o->doc = &o->copy;
}

/* What the format shows of these columns; nothing of a muted part. */
static void
take_cols(struct out *o, const struct out_col *cols)
{
	o->ncols = 0;
	while (cols[o->ncols].key != NULL)
		o->ncols++;
	o->cols = tk_xcalloc((size_t)o->ncols + 1, sizeof(*cols));
	memcpy(o->cols, cols, (size_t)o->ncols * sizeof(*cols));
	for (int i = 0; i < o->ncols; i++)
		o->cols[i].title = tk_xstrdup(cols[i].title);
	o->shown = tk_xcalloc((size_t)o->ncols, sizeof(*o->shown));
	for (int i = 0; i < o->ncols; i++)
		o->shown[i] = !o->muted &&
		    (cols[i].flags & o->ops->skip) == 0 &&
		    (cols[i].type != OUT_BAR || o->ops->bars) &&
		    ((cols[i].flags & OUT_SCREEN) == 0 ||
			(o->ops->bars && o->style.width > 0));
	o->first = true;
}

static void
drop_cols(struct out *o)
{
	for (int i = 0; o->keys != NULL && i < o->ncols; i++)
		tk_buf_release(&o->keys[i]);
	for (int i = 0; o->cols != NULL && i < o->ncols; i++)
		free((char *)(uintptr_t)o->cols[i].title);
	free(o->keys);
	free(o->shown);
	free(o->cols);
	o->keys = NULL;
	o->shown = NULL;
	o->cols = NULL;
}

/* Rows that nobody reads may still be drawn. */
static bool
is_muted(const struct out *o, int flags, enum out_picture picture)
{
	if (o->ops->draws && (flags & OUT_TWIN))
		return true;
	return (flags & o->ops->skip) != 0 &&
	    !(o->ops->draws && picture != OUT_BARS);
}

void
out_begin(struct out *o, const struct out_col *cols)
{
	if (o->twin != NULL)
		out_begin(o->twin, cols);
	if (o->doc != NULL) {
		o->picture = o->doc->picture;
		o->muted = is_muted(o, o->doc->flags, o->picture);
		o->shape = o->doc->shape;
	}
	take_cols(o, cols);
	o->ops->begin(o);
}

static void
end_part(struct out *o)
{
	if (o->ops->end_part != NULL && (!o->muted || !o->in_part))
		o->ops->end_part(o);
	if (o->error == 0)
		o->error = out_grid_error(o->grid);
}

void
out_part(struct out *o, const struct out_part *part, const struct out_col *cols)
{
	assert(o->col == 0 && o->cols != NULL);
	if (o->twin != NULL)
		out_part(o->twin, part, cols);
	end_part(o);
	drop_cols(o);
	free(o->part_title);
	o->part_title = tk_xstrdup(part->title);
	o->shape = part->shape;
	o->picture = part->picture;
	o->any |= !o->in_part && o->rows > 0;
	o->rows = 0;
	o->row = OUT_ROW_DATA;
	o->in_part = true;
	o->muted = o->ops->begin_part == NULL ||
	    is_muted(o, part->flags, part->picture);
	take_cols(o, cols);
	if (!o->muted)
		o->ops->begin_part(o, part);
}

void
out_total(struct out *o)
{
	if (o->twin != NULL)
		out_total(o->twin);
	o->row = OUT_ROW_TOTAL;
}

void
out_summary(struct out *o, const char *label)
{
	if (o->twin != NULL)
		out_summary(o->twin, label);
	o->row = OUT_ROW_SUMMARY;
	tk_buf_reset(&o->label);
	tk_buf_adds(&o->label, label);
}

void
out_empty(struct out *o, const char *text)
{
	if (o->twin != NULL)
		out_empty(o->twin, text);
	free(o->empty);
	o->empty = tk_xstrdup(text);
}

int
out_width(const struct out *o)
{
	return o->style.width;
}

bool
out_failed(const struct out *o)
{
	return o->error != 0;
}

int
out_close(struct out *o, struct tk_err *err)
{
	struct out *twin = o->twin;
	int rc = 0;

	o->twin = NULL;
	if (twin != NULL)
		rc = out_close(twin, err);
	if (o->cols != NULL) {
		end_part(o);
		o->ops->end(o);
	}
	out_flush(o);
	if (rc == 0 && out_xlsx_refusal(o) != NULL) {
		*err = *out_xlsx_refusal(o);
		rc = -1;
	} else if (rc == 0 && o->error != 0) {
		errno = o->error;
		rc = tk_fail_errno(err, "cannot write the output");
	}
	out_discard(o);
	return rc;
}

void
out_discard(struct out *o)
{
	if (o == NULL)
		return;
	out_discard(o->twin);
	drop_cols(o);
	free(o->title);
	free(o->part_title);
	out_free_remarks(&o->filters);
	out_free_remarks(&o->warnings);
	out_free_remarks(&o->notes);
	free(o->empty);
	out_grid_free(o->grid);
	out_xlsx_free(o);
	tk_buf_release(&o->spell.scratch);
	tk_buf_release(&o->scratch);
	tk_buf_release(&o->label);
	free(o->buf);
	free(o);
}
