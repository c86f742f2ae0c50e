/*
 * tokctl count --chat: requests as they are sent to chat APIs, by their parts
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "chat/chat.h"
#include "count.h"
#include "price/price.h"

enum col {
	COL_FILE,
	COL_LINE,
	COL_API,
	COL_MODEL,
	COL_ENCODING,
	COL_TOKENS,
	COL_SYSTEM,
	COL_MESSAGES,
	COL_TOOLS,
	COL_IMAGES,
	COL_OVERHEAD,
	COL_ESTIMATED,
	COL_REASON,
	COL_COST,
	COL_HOW,
	COL_ESTIMATE, /* the first of four */
	COLS = COL_ESTIMATE + 4,
};

static const struct out_col chat_cols[COLS] = {
	{ "file", "File", OUT_TEXT, OUT_WIDE },
	{ "line", "Line", OUT_INT, OUT_MACHINE },
	{ "api", "", OUT_TEXT, OUT_MACHINE },
	{ "model", "Model", OUT_TEXT, 0 },
	{ "encoding", "", OUT_TEXT, OUT_MACHINE },
	{ "tokens", "Tokens", OUT_INT, 0 },
	{ "system", "System", OUT_INT, OUT_MEDIUM },
	{ "messages", "Messages", OUT_INT, OUT_MEDIUM },
	{ "tools", "Tools", OUT_INT, OUT_MEDIUM },
	{ "images", "Images", OUT_INT, OUT_MEDIUM },
	{ "overhead", "Overhead", OUT_INT, OUT_MEDIUM },
	{ "estimated", "", OUT_BOOL, OUT_MACHINE },
	{ "reason", "", OUT_TEXT, OUT_MACHINE },
	{ "cost_usd", "Cost", OUT_MONEY, OUT_PARTIAL },
	{ "how", "How", OUT_TEXT, OUT_PEOPLE },
	COUNT_ESTIMATE_COLS,
};

struct chats {
	struct count_job *j;
	const struct count_input *in;
	int64_t line;
	struct count_stream **s; /* by job.e, as far as they were needed */
	size_t streams;
	int64_t requests;
	struct chat_counts total;
	tk_int128 cost;
	bool unpriced;
};

/* Of one target, for chat_count(). */
struct counting {
	struct count_stream *s;
	int64_t ppm;
};

static bool
wants(const struct count_job *j, int c)
{
	return c != COL_COST || j->args->cost;
}

static int
tokens_of(const char *text, size_t n, int64_t *millionths, void *c_,
    struct tk_err *err)
{
	const struct counting *c = c_;
	int64_t tokens;

	if (count_text(c->s, text, n, &tokens, err) < 0)
		return -1;
	if (__builtin_mul_overflow(tokens, c->ppm, millionths))
		return tk_fail(err, TK_DATA, "too many tokens to count");
	return 0;
}

static struct count_stream *
stream_of(struct chats *cs, size_t encoding)
{
	while (cs->streams <= encoding) {
		cs->s =
		    tk_xreallocarray(cs->s, cs->streams + 1, sizeof(*cs->s));
		cs->s[cs->streams++] = NULL;
	}
	if (cs->s[encoding] == NULL)
		cs->s[encoding] = count_stream_new(cs->j->e[encoding],
		    cs->j->args->special ? COUNT_SPECIAL : 0);
	return cs->s[encoding];
}

static void
put_how(struct count_job *j, const struct count_target *t,
    const struct chat_counts *c, const struct content *like)
{
	struct tk_buf b = TK_BUF_INIT;

	if (count_is_estimate(j, t))
		count_how(j, t, like, &b);
	else if (c->estimated)
		tk_buf_addf(&b, "estimated: %s", c->why);
	else
		tk_buf_adds(&b, "exact");
	out_text(j->ctx->out, b.s);
	tk_buf_release(&b);
}

/* The error that is known is of texts; the size of images is as good as it
 * is. */
static void
put_band(struct count_job *j, const struct count_target *t,
    const struct chat_counts *c, const struct content *like)
{
	struct count_figure f;

	count_band(t, like, c->total - c->images, &f);
	f.low += c->images;
	f.high += c->images;
	count_put_estimate(j, t, like, &f);
}

static void
put_counts(struct out *o, const struct chat_counts *c)
{
	out_int(o, c->total);
	out_int(o, c->system);
	out_int(o, c->messages);
	out_int(o, c->tools);
	out_int(o, c->images);
	out_int(o, c->overhead);
	out_bool(o, c->estimated);
	out_text(o, c->why);
}

static int
put_cost(struct chats *cs, const struct count_target *t, int64_t tokens,
    struct tk_err *err)
{
	int64_t cost;
	int known = count_cost(cs->j, t, tokens, &cost, err);

	if (known < 0)
		return -1;
	if (known > 0) {
		cs->cost += cost;
		out_money(cs->j->ctx->out, cost);
	} else {
		cs->unpriced = true;
		out_null(cs->j->ctx->out);
	}
	return 0;
}

static void
add_counts(struct chat_counts *to, const struct chat_counts *c)
{
	to->total += c->total;
	to->system += c->system;
	to->messages += c->messages;
	to->tools += c->tools;
	to->images += c->images;
	to->overhead += c->overhead;
	if (c->estimated && !to->estimated) {
		to->estimated = true;
		to->why = c->why;
	}
	to->unsized += c->unsized;
}

static int
put_request(struct chats *cs, struct chat_request *r, size_t target,
    struct tk_err *err)
{
	struct count_job *j = cs->j;
	struct count_target *t = &j->target[target];
	struct out *o = j->ctx->out;
	struct content like;
	struct counting counting = { 0 };
	struct chat_options options = { .model = t->model,
		.exact = !count_is_estimate(j, t),
		.tokens_of = tokens_of,
		.data = &counting };
	struct chat_counts c;

	chat_sample(r, &like);
	counting.s = stream_of(cs, t->encoding);
	counting.ppm = count_factor(t, &like);
	if (chat_count(r, &options, &c, err) < 0)
		return -1;
	t->total += c.total;
	add_counts(&cs->total, &c);
	cs->requests++;
	out_text(o, cs->in->file);
	out_int(o, cs->line);
	out_text(o, chat_api_name(r->api));
	out_text(o, t->model);
	out_text(o, count_target_encoding(j, t));
	put_counts(o, &c);
	if (wants(j, COL_COST) && put_cost(cs, t, c.total, err) < 0)
		return -1;
	put_how(j, t, &c, &like);
	put_band(j, t, &c, &like);
	out_end_row(o);
	return 0;
}

/* By the model that the request names, when none was asked for. */
static int
count_by_request(struct chats *cs, struct chat_request *r, struct tk_err *err)
{
	struct tk_buf model = TK_BUF_INIT;
	size_t at;
	int rc;

	if (r->model.p != NULL)
		json_text_add(&r->model, &model);
	rc = model.len > 0 ? count_target_model(cs->j, model.s, &at, err)
			   : count_target_default(cs->j, &at, err);
	if (rc < 0 && err->code == TK_NOTFOUND)
		tk_hint(err, "say which model it is with -m");
	if (rc == 0)
		rc = put_request(cs, r, at, err);
	tk_buf_release(&model);
	return rc;
}

static int
count_request(struct chats *cs, const char *text, size_t n, struct tk_err *err)
{
	const struct count_args *a = cs->j->args;
	struct chat_request r;
	int rc = 0;

	if (chat_parse(&r, text, n, err) < 0)
		goto wrong;
	if (a->models.n + a->encodings.n == 0)
		rc = count_by_request(cs, &r, err);
	for (size_t i = 0; rc == 0 && i < a->models.n + a->encodings.n; i++)
		rc = put_request(cs, &r, i, err);
	chat_release(&r);
	if (rc == 0)
		return 0;
wrong:
	return tk_wrap(err, "%s:%" PRId64, cs->in->name, cs->line);
}

static bool
is_blank(const char *s, size_t n)
{
	return strspn(s, " \t\r\n") >= n;
}

/* Whether one line is a whole value: then each line is a request. */
static bool
is_whole(const char *s, size_t n)
{
	struct json_scan scan;

	json_scan_init(&scan, s, n);
	json_scan_skip(&scan);
	return json_scan_end(&scan);
}

static int
read_requests(struct chats *cs, FILE *f, struct tk_err *err)
{
	struct tk_buf text = TK_BUF_INIT;
	int64_t line = 0;
	char *s = NULL;
	size_t cap = 0;
	ssize_t n;
	bool lines = false;
	int rc = 0;

	while (rc == 0 && (n = getline(&s, &cap, f)) >= 0) {
		line++;
		if (text.len == 0 && is_blank(s, (size_t)n))
			continue;
		if (text.len == 0)
			cs->line = line;
		lines = lines || (text.len == 0 && is_whole(s, (size_t)n));
		if (lines)
			rc = count_request(cs, s, (size_t)n, err);
		else
			tk_buf_add(&text, s, (size_t)n);
	}
	if (rc == 0 && ferror(f))
		rc = tk_fail_errno(err, "%s", cs->in->name);
	else if (rc == 0 && !lines)
		rc = count_request(cs, text.s, text.len, err);
	tk_buf_release(&text);
	free(s);
	return rc;
}

static int
chat_input(struct count_job *j, struct count_input *in, void *data,
    struct tk_err *err)
{
	struct chats *cs = data;
	FILE *f = count_input_stream(in, err);
	int rc;

	(void)j;
	if (f == NULL)
		return -1;
	cs->in = in;
	cs->line = 1;
	rc = read_requests(cs, f, err);
	fclose(f);
	return rc;
}

static void
put_total(struct chats *cs)
{
	struct out *o = cs->j->ctx->out;

	out_total(o);
	for (int c = COL_FILE; c <= COL_ENCODING; c++)
		out_null(o);
	put_counts(o, &cs->total);
	if (wants(cs->j, COL_COST)) {
		out_money(o, cs->cost);
		if (cs->unpriced)
			out_partial(o);
	}
	for (int c = COL_HOW; c < COLS; c++)
		out_null(o);
	out_end_row(o);
}

int
count_chats(struct count_job *j, struct tk_err *err)
{
	static const struct out_doc doc = { .schema = "tokctl.count.chat/1",
		.title = "Tokens of requests" };
	size_t given = j->args->models.n + j->args->encodings.n;
	struct chats cs = { .j = j };
	size_t n = 0;
	int rc;

	j->cols = tk_xcalloc(COLS + 1, sizeof(*j->cols));
	for (int c = 0; c < COLS; c++)
		if (wants(j, c))
			j->cols[n++] = chat_cols[c];
	j->cols[n] = (struct out_col)OUT_COL_END;
	out_document(j->ctx->out, &doc);
	out_begin(j->ctx->out, j->cols);
	rc = count_each_input(j, chat_input, &cs, err);
	/* Of one request by several models there is no sum. */
	if (rc == 0 && cs.requests > 1 && given <= 1)
		put_total(&cs);
	if (rc == 0 && cs.total.unsized > 0)
		out_warning(j->ctx->out, "image_size",
		    "%zu image%s of unknown size, taken for 1024 x 1024",
		    cs.total.unsized, cs.total.unsized == 1 ? "" : "s");
	for (size_t i = 0; i < cs.streams; i++)
		count_stream_free(cs.s[i]);
	free(cs.s);
	return rc;
}
