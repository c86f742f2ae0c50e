/* Records into documents: see export_rows.h. */
#include "export_rows.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "ledger/names.h"
#include "out/out_rows.h"
#include "record_out.h"

/* What one thread at a time works with. */
struct piece {
	struct export_rows *of; /* only looked at by another thread */
	struct out_rows *rows;
	struct record_made made;
	struct tk_buf name, hidden;
};

struct export_rows {
	struct export_what what;
	struct out_names *names; /* NULL: cell by cell */
	struct piece piece[LEDGER_PIECES];
	uint32_t kinds; /* of names that columns are, one bit each */
	struct names_ahead ahead;
	bool looks_ahead;
	struct tk_buf hidden, uuid_name;
	/* while a range is written */
	struct out **out;
	export_start_fn *start;
	void *data;
};

static void
open_pieces(struct export_rows *x, const struct out *model)
{
	struct out_field field[RECORD_OUT_COLS];

	for (int i = 0; x->what.col[i] >= 0; i++) {
		int col = x->what.col[i];

		record_out_field(col, &field[i]);
		if (x->what.hide != NULL &&
		    (col == RECORD_OUT_TOOLS || col == RECORD_OUT_METADATA))
			field[i].kind = OUT_FIELD_NULL;
	}
	for (int i = 0; i < LEDGER_PIECES; i++) {
		struct piece *p = &x->piece[i];

		p->of = x;
		p->rows = out_rows_new(model, x->names, field);
		p->name = p->hidden = (struct tk_buf)TK_BUF_INIT;
	}
}

int
export_rows_open(struct export_rows **rows, const struct export_what *what,
    const struct out *model, struct tk_err *err)
{
	struct ledger *l = what->ctx->ledger;
	struct export_rows *x;
	uint32_t most;

	/* names that come later are not of these records */
	if (ledger_begin_read(l, err) < 0)
		return -1;
	*rows = x = tk_xcalloc(1, sizeof(*x));
	x->what = *what;
	x->kinds = record_out_names(what->col);
	x->hidden = x->uuid_name = (struct tk_buf)TK_BUF_INIT;
	if (!out_takes_rows(model))
		return 0;
	if (names_most(ledger_names(l), &most, err) < 0)
		return -1;
	x->names = out_names_new(model, most);
	open_pieces(x, model);
	return 0;
}

void
export_rows_close(struct export_rows *x)
{
	if (x == NULL)
		return;
	for (int i = 0; x->names != NULL && i < LEDGER_PIECES; i++) {
		out_rows_free(x->piece[i].rows);
		tk_buf_release(&x->piece[i].name);
		tk_buf_release(&x->piece[i].hidden);
	}
	out_names_free(x->names);
	tk_buf_release(&x->hidden);
	tk_buf_release(&x->uuid_name);
	ledger_end_read(x->what.ctx->ledger);
	free(x);
}

static int
add_name(enum name_kind kind, uint32_t id, const char *name, void *data,
    struct tk_err *err)
{
	struct export_rows *x = data;

	(void)err;
	if (!(x->kinds >> kind & 1) || out_names_has(x->names, id))
		return 0;
	if (x->what.hide != NULL)
		name = anonymize_text(x->what.hide, pack_names[kind].key, name,
		    &x->hidden);
	out_names_add(x->names, id, name);
	if (id > x->ahead.id && !x->looks_ahead)
		x->ahead.id = id;
	return 0;
}

static int
find_name(struct export_rows *x, const struct packed_record *v, uint32_t id,
    struct ledger *l, struct tk_err *err)
{
	const char *name;
	int kind = 0;

	/* what is not asked for is not known */
	while (kind < NAME_KINDS - 1 &&
	    (!(x->kinds >> kind & 1) || v->name[kind] != id))
		kind++;
	if (names_text(ledger_names(l), id, &name, err) < 0)
		return -1;
	return add_name((enum name_kind)kind, id, name, x, err);
}

/* A record as it leaves the ledger: it always has an identity. */
static void
identify(struct piece *p, const struct packed_record *v)
{
	const struct export_what *what = &p->of->what;

	if (p->made.request_id == NULL && v->r.reverses == 0) {
		ledger_name_record(what->uuid, v->r.id, &p->name);
		p->made.request_id = p->name.s;
	}
	if (what->hide != NULL)
		p->made.request_id = anonymize_text(what->hide, "request_id",
		    p->made.request_id, &p->hidden);
}

static void
begin_piece(void *piece)
{
	out_rows_clear(((struct piece *)piece)->rows);
}

static int
add_record(const struct packed_record *v, struct ledger *l, void *piece,
    struct tk_err *err)
{
	struct piece *p = piece;
	const void *from[OUT_STRUCTS] = { v, &p->made };
	uint32_t missing;

	record_make(&p->made, v);
	identify(p, v);
	while ((missing = out_rows_add(p->rows, from)) != 0) {
		if (l == NULL)
			return 0;
		/* it is this thread's, then */
		if (find_name(p->of, v, missing, l, err) < 0)
			return -1;
	}
	return 1;
}

static int
write_piece(void *piece, void *data, struct tk_err *err)
{
	struct export_rows *x = data;
	struct piece *p = piece;

	if (out_rows_count(p->rows) == 0)
		return 0;
	if (*x->out == NULL && x->start(x->data, x->out, err) < 0)
		return -1;
	out_put_rows(*x->out, p->rows);
	return out_failed(*x->out);
}

/* From the largest name so far on: those before were of use, or are not. */
static int
look_ahead(int64_t last_id, void *data, struct tk_err *err)
{
	struct export_rows *x = data;

	x->looks_ahead = true;
	return names_read_ahead(ledger_names(x->what.ctx->ledger), &x->ahead,
	    last_id, add_name, x, err);
}

static int
write_pieces(struct export_rows *x, const struct ledger_filter *f,
    struct tk_err *err)
{
	struct ledger_piece_fns fn = { .begin = begin_piece,
		.record = add_record,
		.done = write_piece,
		.ahead = look_ahead };
	void *piece[LEDGER_PIECES];

	for (int i = 0; i < LEDGER_PIECES; i++)
		piece[i] = &x->piece[i];
	return ledger_scan_pieces(x->what.ctx->ledger, f,
	    x->what.all ? SCAN_ALL : SCAN_STANDING, &fn, piece, LEDGER_PIECES,
	    x, err);
}

static int
write_cells(struct export_rows *x, struct ledger_scan *scan,
    struct packed_record *v, struct tk_err *err)
{
	if (ledger_scan_resolve(scan, v, err) < 0)
		return -1;
	if (v->r.request_id == NULL && v->r.reverses == 0) {
		ledger_name_record(x->what.uuid, v->r.id, &x->uuid_name);
		v->r.request_id = x->uuid_name.s;
	}
	if (x->what.hide != NULL)
		anonymize_record(x->what.hide, &v->r);
	if (*x->out == NULL && x->start(x->data, x->out, err) < 0)
		return -1;
	for (const int *c = x->what.col; *c >= 0; c++)
		record_out_cell(*x->out, &v->r, *c);
	out_end_row(*x->out);
	return 0;
}

static int
write_all_cells(struct export_rows *x, const struct ledger_filter *f,
    struct tk_err *err)
{
	struct ledger_scan *scan;
	struct packed_record *v;
	int more;

	if (ledger_scan_open(&scan, x->what.ctx->ledger, f,
		x->what.all ? SCAN_ALL : SCAN_STANDING, err) < 0)
		return -1;
	ledger_scan_want(scan, x->kinds);
	while ((more = ledger_scan_next(scan, &v, err)) > 0) {
		more = write_cells(x, scan, v, err);
		if (more < 0 || out_failed(*x->out))
			break;
	}
	ledger_scan_close(scan);
	return more < 0 ? -1 : 0;
}

int
export_rows_write(struct export_rows *x, const struct ledger_filter *f,
    struct out **out, export_start_fn *start, void *data, struct tk_err *err)
{
	x->out = out;
	x->start = start;
	x->data = data;
	return x->names != NULL ? write_pieces(x, f, err)
				: write_all_cells(x, f, err);
}
