/*
 * The JSON of ccusage
 *
 * As "ccusage claude daily --json" prints it: keys in the order of the
 * alphabet, two spaces a level.  Version 20 also has reports over all agents
 * (COMPAT_CCUSAGE_ALL), where a row says which agents it is of.
 */
#include "report_compat.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/time.h"
#include "config/config.h"
#include "out/out.h"
#include "report/report.h"
#include "report_compat_int.h"
#include "json/write.h"

const struct tk_choice report_compats[] = {
	{ "ccusage", COMPAT_CCUSAGE },
	{ "ccusage-all", COMPAT_CCUSAGE_ALL },
	{ "ccusage-codex", COMPAT_CCUSAGE_CODEX },
	{ NULL, 0 },
};

int
report_compat_check(const struct cmd_ctx *ctx, int compat, struct tk_err *err)
{
	int format = ctx->common->format;

	if (compat == COMPAT_NONE || format < 0 ||
	    format == out_format_named("json"))
		return 0;
	tk_fail(err, TK_USAGE, "--compat prints JSON and nothing else");
	return tk_hint(err, "leave --format out");
}

void
compat_stamp(struct tk_buf *b, int64_t ms)
{
	int rest = (int)(ms % 86400000);

	tk_day_add(b, (int32_t)(ms / 86400000));
	tk_buf_addf(b, "T%02d:%02d:%02d.%03dZ", rest / 3600000,
	    rest / 60000 % 60, rest / 1000 % 60, rest % 1000);
}

void
compat_time(struct json_write *w, const char *key, int64_t ms)
{
	struct tk_buf b = TK_BUF_INIT;

	compat_stamp(&b, ms);
	json_write_member_text(w, key, b.s);
	tk_buf_release(&b);
}

tk_int128
compat_input(const struct usage_sums *s)
{
	return s->v[SUM_INPUT] + s->v[SUM_UNSPLIT];
}

int
compat_print(struct cmd_ctx *ctx, struct tk_buf *b, struct tk_err *err)
{
	tk_buf_adds(b, "\n");
	if (fwrite(b->s, 1, b->len, ctx->to) != b->len || fflush(ctx->to) != 0)
		return tk_fail_errno(err, "cannot write the output");
	return 0;
}

void
compat_say_unpriced(const struct cmd_ctx *ctx, const struct usage_sums *s)
{
	long long n = (long long)s->v[SUM_UNPRICED];

	if (n > 0)
		cmd_say(ctx,
		    "warning: %lld request%s no price and cost%s "
		    "nothing here",
		    n, n == 1 ? " has" : "s have", n == 1 ? "s" : "");
}

void
compat_put_sums(struct json_write *w, const struct usage_sums *s,
    enum compat_sum which)
{
	static const char *const keys[] = { "cacheCreationTokens",
		"cacheReadTokens", "inputTokens", "outputTokens",
		"totalTokens" };
	tk_int128 v[] = { sums_cache_write(s), s->v[SUM_CACHE_READ],
		compat_input(s), s->v[SUM_OUTPUT], sums_total(s) };

	json_write_member_int(w, keys[which], v[which]);
}

static void
put_breakdowns(struct json_write *w, const struct unit *u)
{
	json_write_key(w, "modelBreakdowns");
	json_write_open(w, '[');
	for (size_t i = 0; i < u->parts; i++) {
		const struct part *p = &u->part[i];

		json_write_open(w, '{');
		compat_put_sums(w, &p->sums, CACHE_WRITE);
		compat_put_sums(w, &p->sums, CACHE_READ);
		json_write_member_money(w, "cost", p->sums.v[SUM_COST]);
		compat_put_sums(w, &p->sums, INPUT);
		json_write_member_text(w, "modelName", p->model);
		compat_put_sums(w, &p->sums, OUTPUT);
		json_write_close(w, '}');
	}
	json_write_close(w, ']');
}

static int
earliest_first(const void *a_, const void *b_)
{
	const struct part *a = *(struct part *const *)a_,
			  *b = *(struct part *const *)b_;

	if (a->first != b->first)
		return a->first < b->first ? -1 : 1;
	return strcmp(a->model, b->model);
}

static int
by_name(const void *a_, const void *b_)
{
	return strcmp((*(struct part *const *)a_)->model,
	    (*(struct part *const *)b_)->model);
}

static void
put_models(struct json_write *w, const struct unit *u, bool by_first)
{
	struct part **p = tk_xcalloc(u->parts, sizeof(struct part *));

	for (size_t i = 0; i < u->parts; i++)
		p[i] = &u->part[i];
	qsort(p, u->parts, sizeof(*p), by_first ? earliest_first : by_name);
	json_write_key(w, "modelsUsed");
	json_write_open(w, '[');
	for (size_t i = 0; i < u->parts; i++)
		json_write_text(w, p[i]->model);
	json_write_close(w, ']');
	free(p);
}

/* ccusage's names of the agents that we name otherwise. */
static const char *
agent_of(const char *source)
{
	static const struct {
		const char *source, *agent;
	} names[] = {
		{ "claude-code", "claude" },
		{ "gemini-cli", "gemini" },
		{ "copilot-cli", "copilot" },
		{ "qwen-code", "qwen" },
	};

	for (size_t i = 0; source != NULL && i < TK_LEN(names); i++)
		if (strcmp(source, names[i].source) == 0)
			return names[i].agent;
	return source != NULL ? source : "unknown";
}

static int
compare_words(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void
put_agents(struct json_write *w, const struct unit *u)
{
	const char **agent = tk_xcalloc(u->rows, sizeof(*agent));

	for (size_t i = 0; i < u->rows; i++)
		agent[i] = agent_of(u->row[i].name[BY_SOURCE]);
	qsort(agent, u->rows, sizeof(*agent), compare_words);
	json_write_key(w, "agents");
	json_write_open(w, '[');
	for (size_t i = 0; i < u->rows; i++)
		if (i == 0 || strcmp(agent[i], agent[i - 1]) != 0)
			json_write_text(w, agent[i]);
	json_write_close(w, ']');
	free(agent);
}

/* Claude Code's name of the folder for a project: what is neither a letter
 * nor a digit becomes a dash. */
static void
put_project(struct json_write *w, const struct unit *u)
{
	struct tk_buf b = TK_BUF_INIT;
	const char *name = NULL;

	for (size_t i = 0; name == NULL && i < u->rows; i++)
		name = u->row[i].name[BY_PROJECT];
	if (name != NULL && *name == '/') {
		for (; *name != '\0'; name++) {
			bool keep = (*name >= 'a' && *name <= 'z') ||
			    (*name >= 'A' && *name <= 'Z') ||
			    (*name >= '0' && *name <= '9');

			tk_buf_add(&b, keep ? name : "-", 1);
		}
		name = b.s;
	}
	json_write_member_text(w, "projectPath",
	    name != NULL ? name : "Unknown Project");
	tk_buf_release(&b);
}

/* One report: which dimension, and how its rows are called. */
struct shape {
	enum report_dim dim;
	const char *list, *list_all; /* "daily" */
	const char *key;
};

static const struct shape shapes[] = {
	{ DIM_DATE, "daily", "daily", "date" },
	{ DIM_WEEK, "weekly", "weekly", "week" },
	{ DIM_MONTH, "monthly", "monthly", "month" },
	{ (enum report_dim)NAME_SESSION, "sessions", "session", "sessionId" },
};

static const struct shape *
shape_of(enum report_dim dim)
{
	const struct shape *s = shapes;

	while (s->dim != dim)
		s++;
	return s;
}

void
compat_unit_name(struct tk_buf *b, const struct report_query *q,
    const struct unit *u)
{
	enum report_dim dim = q->dim[BY_UNIT];

	tk_buf_reset(b);
	if (dim == DIM_WEEK) /* by its first day */
		tk_day_add(b, (int32_t)u->row->key[BY_UNIT]);
	else
		report_key_text(b, q, u->row, BY_UNIT);
	if (b->len == 0)
		tk_buf_adds(b, "unknown");
}

/* Members between which others stand, in the order of the alphabet. */
static void
put_unit(struct json_write *w, const struct report_query *q,
    const struct unit *u)
{
	const struct shape *shape = shape_of(q->dim[BY_UNIT]);
	bool session = q->dim[BY_UNIT] == (enum report_dim)NAME_SESSION;
	struct tk_buf name = TK_BUF_INIT;

	compat_unit_name(&name, q, u);
	json_write_open(w, '{');
	compat_put_sums(w, &u->sums, CACHE_WRITE);
	compat_put_sums(w, &u->sums, CACHE_READ);
	if (q->dim[BY_UNIT] == DIM_DATE)
		json_write_member_text(w, shape->key, name.s);
	if (session)
		compat_time(w, "firstActivity", u->first);
	compat_put_sums(w, &u->sums, INPUT);
	if (session)
		compat_time(w, "lastActivity", u->last);
	put_breakdowns(w, u);
	put_models(w, u, true);
	if (q->dim[BY_UNIT] == DIM_MONTH)
		json_write_member_text(w, shape->key, name.s);
	compat_put_sums(w, &u->sums, OUTPUT);
	if (session) {
		put_project(w, u);
		json_write_member_text(w, shape->key, name.s);
	}
	json_write_member_money(w, "totalCost", u->sums.v[SUM_COST]);
	compat_put_sums(w, &u->sums, TOTAL);
	if (q->dim[BY_UNIT] == DIM_WEEK)
		json_write_member_text(w, shape->key, name.s);
	json_write_close(w, '}');
	tk_buf_release(&name);
}

static void
put_unit_all(struct json_write *w, const struct report_query *q,
    const struct unit *u)
{
	bool session = q->dim[BY_UNIT] == (enum report_dim)NAME_SESSION;
	const char *agent = session ? agent_of(u->row->name[BY_SOURCE]) : "all";
	struct tk_buf name = TK_BUF_INIT;

	compat_unit_name(&name, q, u);
	json_write_open(w, '{');
	json_write_member_text(w, "agent", agent);
	compat_put_sums(w, &u->sums, CACHE_WRITE);
	compat_put_sums(w, &u->sums, CACHE_READ);
	compat_put_sums(w, &u->sums, INPUT);
	json_write_key(w, "metadata");
	json_write_open(w, '{');
	if (session)
		compat_time(w, "lastActivity", u->last);
	else
		put_agents(w, u);
	if (session && strcmp(agent, "claude") != 0)
		json_write_member_int(w, "reasoningOutputTokens",
		    u->sums.v[SUM_REASONING]);
	json_write_close(w, '}');
	put_breakdowns(w, u);
	put_models(w, u, session);
	compat_put_sums(w, &u->sums, OUTPUT);
	json_write_member_text(w, "period", name.s);
	json_write_member_money(w, "totalCost", u->sums.v[SUM_COST]);
	compat_put_sums(w, &u->sums, TOTAL);
	json_write_close(w, '}');
	tk_buf_release(&name);
}

static void
put_totals(struct json_write *w, const struct usage_sums *total,
    enum report_compat compat)
{
	json_write_key(w, "totals");
	if (compat == COMPAT_CCUSAGE_CODEX) {
		compat_put_codex_totals(w, total);
		return;
	}
	json_write_open(w, '{');
	compat_put_sums(w, total, CACHE_WRITE);
	compat_put_sums(w, total, CACHE_READ);
	compat_put_sums(w, total, INPUT);
	compat_put_sums(w, total, OUTPUT);
	json_write_member_money(w, "totalCost", total->v[SUM_COST]);
	compat_put_sums(w, total, TOTAL);
	json_write_close(w, '}');
}

static int
by_place(const void *a_, const void *b_)
{
	const struct unit *a = *(const struct unit *const *)a_,
			  *b = *(const struct unit *const *)b_;

	return (a > b) - (a < b);
}

static int
latest_first(const void *a_, const void *b_)
{
	const struct unit *a = *(const struct unit *const *)a_,
			  *b = *(const struct unit *const *)b_;

	return a->last != b->last ? (a->last > b->last ? -1 : 1)
				  : by_place(a_, b_);
}

/* Which units are wanted, in their order; how many. */
static size_t
choose(const struct unit **unit, const struct units *all,
    const struct compat_rows *rows)
{
	size_t n = all->n;

	for (size_t i = 0; i < n; i++)
		unit[i] = &all->v[i];
	if ((uint64_t)rows->last < n) {
		qsort(unit, n, sizeof(*unit), latest_first);
		n = (size_t)rows->last;
		qsort(unit, n, sizeof(*unit), by_place);
	}
	for (size_t i = 0; rows->reverse && i < n / 2; i++) {
		const struct unit *u = unit[i];

		unit[i] = unit[n - 1 - i];
		unit[n - 1 - i] = u;
	}
	return (uint64_t)rows->top < n ? (size_t)rows->top : n;
}

static void
put_report(struct json_write *w, const struct report_query *q,
    const struct units *all, enum report_compat compat,
    const struct compat_rows *rows)
{
	const struct shape *shape = shape_of(q->dim[BY_UNIT]);
	bool of_all = compat == COMPAT_CCUSAGE_ALL;
	const char *list = of_all ? shape->list_all : shape->list;
	bool totals_first = strcmp(list, "totals") > 0;
	void (*put)(struct json_write *, const struct report_query *,
	    const struct unit *) = of_all ? put_unit_all : put_unit;
	const struct unit **unit = tk_xcalloc(all->n + 1, sizeof(*unit));
	size_t n = choose(unit, all, rows);
	struct usage_sums total = { 0 };

	if (compat == COMPAT_CCUSAGE_CODEX)
		put = compat_put_codex;
	for (size_t i = 0; i < n; i++)
		sums_add(&total, &unit[i]->sums);
	json_write_open(w, '{');
	if (totals_first)
		put_totals(w, &total, compat);
	json_write_key(w, list);
	json_write_open(w, '[');
	for (size_t i = 0; i < n; i++)
		put(w, q, unit[i]);
	json_write_close(w, ']');
	if (!totals_first)
		put_totals(w, &total, compat);
	json_write_close(w, '}');
	free(unit);
}

/* Its weeks begin on Sunday, unless the user has set a day. */
static int
first_weekday(struct cmd_ctx *ctx, enum report_compat compat, int *day,
    struct tk_err *err)
{
	const char *origin;

	if (compat == COMPAT_CCUSAGE_ALL)
		return 0;
	if (config_origin(ctx->config, "ui.week_start", &origin, err) < 0)
		return -1;
	if (strcmp(origin, "default") == 0)
		*day = 6;
	return 0;
}

int
report_compat_run(struct cmd_ctx *ctx, const struct report_query *query,
    enum report_compat compat, const struct compat_rows *rows,
    struct tk_err *err)
{
	struct report_query q = *query;
	struct tk_buf b = TK_BUF_INIT;
	struct json_write w = { .to = &b, .indent = 2 };
	struct units all = { 0 };
	struct report r;
	int rc;

	q.dim[BY_MODEL] = (enum report_dim)NAME_MODEL;
	q.dim[BY_SOURCE] = (enum report_dim)NAME_SOURCE;
	q.dim[BY_PROJECT] = (enum report_dim)NAME_PROJECT;
	q.dims = q.dim[BY_UNIT] == (enum report_dim)NAME_SESSION ? 4 : 3;
	if (first_weekday(ctx, compat, &q.week_start, err) < 0 ||
	    report_run(&r, ctx->ledger, &q, err) < 0)
		return -1;
	compat_units_init(&all, &r, compat, q.dims == 4);
	put_report(&w, &q, &all, compat, rows);
	rc = compat_print(ctx, &b, err);
	compat_say_unpriced(ctx, &all.total);
	compat_units_release(&all);
	report_release(&r);
	tk_buf_release(&b);
	return rc;
}
