/*
 * tokctl export - the ledger's records, for other programs
 *
 * Streams: any number of records in constant memory.
 */
#include "export_rows.h"

#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/suggest.h"
#include "base/time.h"
#include "out/out.h"
#include "record_out.h"
#include "report/report.h"
#include "zip/zip.h"

enum { SPLIT_NONE, SPLIT_DAY, SPLIT_MONTH };

static const struct tk_choice roll_ups[] = {
	{ "hour", DIM_HOUR },
	{ "day", DIM_DATE },
	{ "week", DIM_WEEK },
	{ "month", DIM_MONTH },
	{ NULL, 0 },
};

static const struct tk_choice splits[] = {
	{ "day", SPLIT_DAY },
	{ "month", SPLIT_MONTH },
	{ NULL, 0 },
};

static const struct opt export_opts[] = {
	OPT_FLAG('a', "all", struct export_args, all,
	    "with what was taken back, and what took it back"),
	OPT_STR(0, "columns", struct export_args, columns, "names", HINT_NONE,
	    "only these, in this order: time,user,cost_usd"),
	OPT_CHOICE(0, "roll-up", struct export_args, roll_up, "period",
	    roll_ups, "sums instead of records, by"),
	OPT_LIST(0, "by", struct export_args, by, "dimension", HINT_DIMENSION,
	    "roll up by this too: user, model, project, ..."),
	OPT_CHOICE(0, "split-by", struct export_args, common.split, "period",
	    splits, "a file each, named by -o with %Y, %m, %d:"),
	OPT_FLAG(0, "anonymize", struct export_args, anonymize,
	    "pseudonyms for people, sessions and the like"),
	OPT_STR(0, "key-file", struct export_args, key_file, "file", HINT_FILE,
	    "the secret behind pseudonyms; made if missing"),
	OPT_FLAG(0, "spreadsheet", struct export_args, spreadsheet,
	    "CSV with a byte order mark, and no formulas"),
	OPT_FILTER(struct export_args),
	OPT_COMMON(struct export_args),
	OPT_END,
};

/* One export while it is written. */
struct exporting {
	struct cmd_ctx *ctx;
	const struct export_args *args;
	struct ledger_filter filter;
	struct anonymizer *hide; /* NULL: names as they are */
	char uuid[33];
	int col[RECORD_OUT_COLS]; /* of enum record_out_col, then -1 */
	struct out_col cols[RECORD_OUT_COLS];
	struct export_rows *rows;
};

static int
unknown_column(const char *word, struct tk_err *err)
{
	struct tk_buf hint = TK_BUF_INIT;
	struct tk_suggest near;

	tk_fail(err, TK_USAGE, "--columns: '%s' is no column", word);
	tk_suggest_init(&near, word);
	for (int i = 0; i < RECORD_OUT_COLS - 1; i++)
		tk_suggest_offer(&near, record_out_cols[i].key);
	tk_suggest_add(&near, &hint);
	tk_buf_adds(&hint, hint.len > 0 ? " they are" : "they are");
	for (int i = 0; i < RECORD_OUT_COLS - 1; i++)
		tk_buf_addf(&hint, "%s %s", i > 0 ? "," : "",
		    record_out_cols[i].key);
	tk_hint(err, "%s", hint.s);
	tk_buf_release(&hint);
	return -1;
}

/* "time,user,cost_usd"; each at most once, so there is room for all. */
static int
read_columns(const char *list, int col[RECORD_OUT_COLS], struct tk_err *err)
{
	int n = 0;

	for (const char *s = list; list != NULL; s++) {
		size_t len = strcspn(s, ",");
		int c = 0;
		char word[40];

		while (c < RECORD_OUT_COLS - 1 &&
		    (strncmp(record_out_cols[c].key, s, len) != 0 ||
			record_out_cols[c].key[len] != '\0'))
			c++;
		snprintf(word, sizeof(word), "%.*s", (int)len, s);
		if (c == RECORD_OUT_COLS - 1)
			return unknown_column(word, err);
		for (int i = 0; i < n; i++)
			if (col[i] == c)
				return tk_fail(err, TK_USAGE,
				    "--columns: '%s' is there twice", word);
		col[n++] = c;
		s += len;
		if (*s == '\0')
			break;
	}
	for (int c = 0; list == NULL && c < RECORD_OUT_COLS - 1; c++)
		col[n++] = c;
	col[n] = -1;
	return 0;
}

/* Every part of the pattern that differs between the files. */
static int
check_pattern(const struct export_args *args, struct tk_err *err)
{
	const char *p = args->common.output;
	bool year, month, day;

	if (args->common.split == SPLIT_NONE)
		return 0;
	if (p == NULL || strcmp(p, "-") == 0) {
		tk_fail(err, TK_USAGE, "--split-by needs -o");
		return tk_hint(err, "as -o 'usage-%%Y-%%m.csv'");
	}
	year = strstr(p, "%Y") != NULL;
	month = strstr(p, "%m") != NULL;
	day = strstr(p, "%d") != NULL;
	for (const char *s = strchr(p, '%'); s != NULL; s = strchr(s + 2, '%'))
		if (s[1] == '\0' || strchr("Ymd%", s[1]) == NULL)
			return tk_fail(err, TK_USAGE,
			    "-o '%s': only %%Y, %%m, %%d and %%%% are known",
			    p);
	if (year && month && day == (args->common.split == SPLIT_DAY))
		return 0;
	tk_fail(err, TK_USAGE, "-o '%s' does not name %s", p,
	    args->common.split == SPLIT_DAY ? "days" : "months");
	return tk_hint(err, "it needs %%Y%s",
	    args->common.split == SPLIT_DAY ? ", %m and %d"
					    : " and %m, and no %d");
}

static int
export_check(const struct cmd_ctx *ctx, const void *args_, int argc,
    const char **argv, struct tk_err *err)
{
	const struct export_args *args = args_;
	int col[RECORD_OUT_COLS];

	(void)argc, (void)argv;
	if (read_columns(args->columns, col, err) < 0 ||
	    check_pattern(args, err) < 0 || export_roll_up_check(args, err) < 0)
		return -1;
	if (args->key_file != NULL && !args->anonymize)
		return tk_fail(err, TK_USAGE,
		    "--key-file goes with --anonymize");
	return cmd_filter_check(ctx, &args->filter, err);
}

static void
begin(struct exporting *e, struct out *o, const struct ledger_filter *f)
{
	struct out_doc doc = { .schema = "tokctl.export/1",
		.title = "Usage records",
		.since = f->since,
		.until = f->until };

	if (e->args->spreadsheet)
		out_guard(o);
	out_document(o, &doc);
	out_begin(o, e->cols);
}

static int
open_rows(struct exporting *e, const struct out *model, struct tk_err *err)
{
	struct export_what what = { .ctx = e->ctx,
		.all = e->args->all,
		.col = e->col,
		.hide = e->hide,
		.uuid = e->uuid };

	return export_rows_open(&e->rows, &what, model, err);
}

/* All records of one range into one writer. */
static int
export_all(struct exporting *e, struct tk_err *err)
{
	begin(e, e->ctx->out, &e->filter);
	if (open_rows(e, e->ctx->out, err) < 0)
		return -1;
	return export_rows_write(e->rows, &e->filter, &e->ctx->out, NULL, NULL,
	    err);
}

/* "usage-%Y-%m.csv" for the period that begins with this day. */
static void
name_part(const char *pattern, int32_t day, struct tk_buf *b)
{
	int year, month, mday;

	tk_day_to_civil(day, &year, &month, &mday);
	for (const char *s = pattern; *s != '\0'; s++)
		if (*s != '%')
			tk_buf_add(b, s, 1);
		else if (*++s == 'Y')
			tk_buf_addf(b, "%04d", year);
		else if (*s == 'm' || *s == 'd')
			tk_buf_addf(b, "%02d", *s == 'm' ? month : mday);
		else
			tk_buf_adds(b, "%");
}

/* A file of its own, from its first record on. */
struct part {
	struct exporting *e;
	const struct ledger_filter *filter;
	int32_t day;
	struct tk_new_file file;
	FILE *zipped;
	struct out *out;
};

static struct out_style
part_style(const struct exporting *e)
{
	struct out_style style = { .format = e->args->common.format,
		.now = e->ctx->now,
		.zone = e->ctx->zone };

	if (style.format < 0)
		style.format = out_format_named(e->ctx->cmd->format);
	return style;
}

static int
part_open(void *data, struct out **out, struct tk_err *err)
{
	struct part *p = data;
	struct exporting *e = p->e;
	struct out_style style = part_style(e);
	struct tk_buf name = TK_BUF_INIT;
	int rc = -1;

	name_part(e->args->common.output, p->day, &name);
	if (tk_new_file_open(&p->file, name.s, 0666, err) < 0)
		goto out;
	if (zip_open(&p->zipped, p->file.to, name.s, err) < 0) {
		tk_new_file_discard(&p->file);
		goto out;
	}
	*out = out_new(p->zipped, &style);
	begin(e, *out, p->filter);
	rc = 0;
out:
	tk_buf_release(&name);
	return rc;
}

static int
part_close(struct part *p, bool good, struct tk_err *err)
{
	int rc = good ? 0 : -1;

	if (p->out == NULL)
		return rc;
	if (!good)
		out_discard(p->out);
	else
		rc = out_close(p->out, err);
	if (p->zipped != p->file.to && fclose(p->zipped) != 0 && rc == 0)
		rc = tk_fail_errno(err, "cannot write the output");
	p->out = NULL;
	if (rc < 0) {
		tk_new_file_discard(&p->file);
		return -1;
	}
	return tk_new_file_commit(&p->file, err);
}

static int
export_part(struct exporting *e, int32_t day, const struct ledger_filter *f,
    struct tk_err *err)
{
	struct part p = { .e = e, .filter = f, .day = day };
	int rc = export_rows_write(e->rows, f, &p.out, part_open, &p, err);

	return part_close(&p, rc == 0, err);
}

/* As the parts will be: a writer that never writes. */
static int
open_part_rows(struct exporting *e, struct tk_err *err)
{
	struct out_style style = part_style(e);
	struct out *model = out_new(NULL, &style);
	int rc;

	begin(e, model, &e->filter);
	rc = open_rows(e, model, err);
	out_discard(model);
	return rc;
}

static int32_t
next_part(int split, int32_t day)
{
	return split == SPLIT_DAY ? day + 1
				  : tk_month_first_day(tk_day_month(day) + 1);
}

/* Period by period, each whole before the next: only what lies within it is
 * read, in constant memory. */
static int
export_split(struct exporting *e, struct tk_err *err)
{
	const struct tk_zone *z = e->ctx->zone;
	int split = e->args->common.split;
	struct ledger_extent extent;
	int64_t first, last;
	int32_t day, next;

	if (open_part_rows(e, err) < 0 ||
	    ledger_extent(e->ctx->ledger, &extent, err) < 0)
		return -1;
	if (extent.records == 0)
		return 0;
	first = extent.first > e->filter.since ? extent.first : e->filter.since;
	last =
	    extent.last < e->filter.until ? extent.last : e->filter.until - 1;
	day = tk_zone_day(z, first);
	if (split == SPLIT_MONTH)
		day = tk_month_first_day(tk_day_month(day));
	for (; first <= last && tk_zone_day_start(z, day) <= last; day = next) {
		struct ledger_filter f = e->filter;
		int64_t start = tk_zone_day_start(z, day), end;

		next = next_part(split, day);
		end = tk_zone_day_start(z, next);
		f.since = start > f.since ? start : f.since;
		f.until = end < f.until ? end : f.until;
		if (export_part(e, day, &f, err) < 0)
			return -1;
	}
	return 0;
}

static void
choose_columns(struct exporting *e)
{
	int n = 0;

	for (; e->col[n] >= 0; n++) {
		e->cols[n] = record_out_cols[e->col[n]];
		if (e->args->columns != NULL)
			e->cols[n].flags &= ~OUT_MACHINE;
	}
	e->cols[n] = (struct out_col)OUT_COL_END;
}

static int
run(struct exporting *e, struct tk_err *err)
{
	struct cmd_ctx silent = *e->ctx;
	int rc;

	/* what the rows were chosen by is not to be told, either */
	if (e->hide != NULL)
		silent.out = NULL;
	rc = cmd_filter_read(&silent, &e->args->filter, &e->filter, err);
	e->ctx->kept = silent.kept;
	if (rc < 0 || ledger_uuid(e->ctx->ledger, e->uuid, err) < 0 ||
	    read_columns(e->args->columns, e->col, err) < 0)
		return -1;
	choose_columns(e);
	if (e->args->roll_up != ROLL_UP_NONE) {
		if (e->args->spreadsheet)
			out_guard(e->ctx->out);
		return export_roll_up(e->ctx, e->args, &e->filter, e->hide,
		    err);
	}
	if (e->args->common.split != SPLIT_NONE)
		return export_split(e, err);
	return export_all(e, err);
}

static int
export_run(struct cmd_ctx *ctx, const void *args_, int argc, const char **argv,
    struct tk_err *err)
{
	const struct export_args *args = args_;
	struct exporting e = { .ctx = ctx, .args = args };
	struct anonymizer hide;
	int rc;

	(void)argc, (void)argv;
	if (args->anonymize) {
		if (anonymize_open(&hide, args->key_file, err) < 0) {
			anonymize_release(&hide);
			return -1;
		}
		e.hide = &hide;
	}
	rc = run(&e, err);
	export_rows_close(e.rows);
	if (e.hide != NULL)
		anonymize_release(&hide);
	return rc;
}

static void
export_defaults(void *args)
{
	((struct export_args *)args)->roll_up = ROLL_UP_NONE;
}

const struct cmd cmd_export = {
	.name = "export",
	.summary = "write the ledger's records for other programs",
	.examples = "tokctl export -o usage.xlsx\tall, for a spreadsheet\n"
		    "tokctl export --since this-month -f jsonl\tthis month\n",
	.format = "csv",
	.opts = export_opts,
	.args_size = sizeof(struct export_args),
	.defaults = export_defaults,
	.needs = CMD_OUT | CMD_LEDGER_READ,
	.check = export_check,
	.run = export_run,
};
