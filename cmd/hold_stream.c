/*
 * Reserving and settling from a stream: one JSON object a line, one answer a
 * line, which is durable when it is there.  For programs that ask often.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "hold.h"
#include "ledger/record.h"
#include "limit.h"
#include "out/out.h"
#include "json/json.h"

enum stream_op { OP_CHECK, OP_RESERVE, OP_SETTLE, OP_RELEASE, OPS };

static const char *const op_names[OPS] = { "check", "reserve", "settle",
	"release" };

enum { TEXTS = 16 };

/* What one line asks for; texts are kept in text[]. */
struct request {
	const char *op, *reservation, *user, *key, *ttl;
	int64_t tokens;
	struct hold_usage u;
	struct tk_buf text[TEXTS];
};

struct field {
	const char *key;
	bool text; /* else a count */
	size_t offset;
};

#define TEXT(name, member) \
	{ \
		name, true, offsetof(struct request, member) \
	}
#define COUNT(name, member) \
	{ \
		name, false, offsetof(struct request, member) \
	}

static const struct field fields[] = {
	TEXT("op", op),
	TEXT("reservation", reservation),
	TEXT("user", user),
	TEXT("application", u.application),
	TEXT("model", u.model),
	TEXT("provider", u.provider),
	TEXT("key", key),
	TEXT("session", u.session),
	TEXT("ttl", ttl),
	TEXT("request_id", u.request_id),
	TEXT("cost_usd", u.cost),
	TEXT("at", u.at),
	TEXT("error", u.error),
	COUNT("tokens", tokens),
	COUNT("input_tokens", u.used.input),
	COUNT("output_tokens", u.used.output),
	COUNT("cache_read_tokens", u.used.cache_read),
	COUNT("cache_write_5m_tokens", u.used.cache_write_5m),
	COUNT("cache_write_1h_tokens", u.used.cache_write_1h),
	COUNT("cache_write_other_tokens", u.used.cache_write),
	COUNT("reasoning_tokens", u.used.reasoning),
	COUNT("latency_ms", u.latency),
};

_Static_assert(sizeof(fields) / sizeof(fields[0]) - 9 <= TEXTS,
    "each text of a request has a buffer");

static const struct out_col stream_cols[] = {
	{ "op", "", OUT_TEXT, 0 },
	{ "status", "", OUT_INT, 0 },
	CMD_ANSWER_COLS,
	{ "state", "", OUT_TEXT, 0 },
	{ "again", "", OUT_BOOL, 0 },
	{ "id", "", OUT_INT, OUT_PLAIN },
	{ "total_tokens", "", OUT_INT, 0 },
	{ "cost_usd", "", OUT_MONEY, 0 },
	OUT_COL_END,
};

enum { ANSWER_CELLS = 17, RESULT_CELLS = 5 };

static void
nothing(struct out *o, int cells)
{
	while (cells-- > 0)
		out_null(o);
}

static void
request_init(struct request *r)
{
	*r = (struct request){ .tokens = -1 };
	hold_usage_init(&r->u);
	for (size_t i = 0; i < TEXTS; i++)
		r->text[i] = (struct tk_buf)TK_BUF_INIT;
}

static void
request_release(struct request *r)
{
	for (size_t i = 0; i < TEXTS; i++)
		tk_buf_release(&r->text[i]);
}

/* A text, or a number as text: money and ids may be either. */
static int
read_text(struct json_scan *s, struct tk_buf *b, const char *key,
    const char **to, struct tk_err *err)
{
	struct json_text t = { 0 };
	int got = json_scan_peek(s) == JSON_IS_NUMBER ? json_scan_number(s, &t)
						      : json_scan_text(s, &t);

	if (got < 0)
		return tk_fail(err, TK_DATA, "'%s' is no text", key);
	if (got == 0)
		return 0;
	json_text_add(&t, b);
	if (strlen(b->s) != b->len)
		return tk_fail(err, TK_DATA, "'%s' has a NUL in it", key);
	*to = b->s;
	return 0;
}

static int
read_count(struct json_scan *s, const char *key, int64_t *to,
    struct tk_err *err)
{
	int64_t n;
	int got = json_scan_int(s, &n);

	if (got < 0)
		return tk_fail(err, TK_DATA, "'%s' is no whole number", key);
	if (got > 0 && n < 0)
		return tk_fail(err, TK_DATA, "'%s' is negative: %" PRId64, key,
		    n);
	if (got > 0)
		*to = n;
	return 0;
}

static int
read_member(struct request *r, struct json_scan *s, const struct json_text *key,
    struct tk_err *err)
{
	for (size_t i = 0; i < TK_LEN(fields); i++) {
		const struct field *f = &fields[i];
		char *at = (char *)r + f->offset;

		if (!json_text_is(key, f->key))
			continue;
		if (!f->text)
			return read_count(s, f->key, (int64_t *)(void *)at,
			    err);
		tk_buf_reset(&r->text[i]);
		return read_text(s, &r->text[i], f->key,
		    (const char **)(void *)at, err);
	}
	json_scan_skip(s);
	return 0;
}

static int
read_request(struct request *r, const char *line, size_t len,
    struct tk_err *err)
{
	struct json_scan s;
	struct json_text key;

	json_scan_init(&s, line, len);
	if (json_scan_object(&s) > 0)
		while (json_scan_key(&s, &key))
			if (read_member(r, &s, &key, err) < 0)
				return -1;
	if (!json_scan_end(&s) || s.start == s.end || *line != '{')
		return tk_fail(err, TK_DATA, "%s",
		    s.wrong != NULL ? s.wrong : "this is no JSON object");
	return 0;
}

static int
ask_line(struct cmd_ctx *ctx, const struct request *r, bool reserve,
    struct tk_err *err)
{
	struct cmd_need need = { .user = r->user,
		.application = r->u.application,
		.model = r->u.model,
		.provider = r->u.provider,
		.key = r->key,
		.session = r->u.session,
		.tokens = r->tokens,
		.input = r->u.used.input,
		.output = r->u.used.output,
		.cost = r->u.cost,
		.ttl = r->ttl,
		.request_id = r->u.request_id };
	struct limit_answer a = { .reason = "" };
	struct limit_ask ask;
	int rc;

	if (cmd_need_ask(ctx, &need, &ask, err) < 0)
		return -1;
	if (reserve && ask.tokens < 0)
		return tk_fail(err, TK_USAGE, "how many tokens?");
	if (reserve) {
		rc = hold_reserve(ctx, &ask, &a, err);
	} else if ((rc = ledger_begin_read(ctx->ledger, err)) == 0) {
		rc = limit_check(ctx->ledger, &ask, &a, err);
		ledger_end_read(ctx->ledger);
	}
	if (rc == 0) {
		out_text(ctx->out, op_names[reserve ? OP_RESERVE : OP_CHECK]);
		out_int(ctx->out, a.allowed ? 0 : 1);
		cmd_answer_cells(ctx->out, &ask, &a);
		nothing(ctx->out, RESULT_CELLS);
		out_end_row(ctx->out);
	}
	limit_answer_release(&a);
	return rc;
}

static int
end_line(struct cmd_ctx *ctx, const struct request *r, bool settle,
    struct tk_err *err)
{
	struct hold_usage u = r->u;
	struct hold_result done;
	struct out *o = ctx->out;

	if (r->reservation == NULL)
		return tk_fail(err, TK_USAGE, "which reservation?");
	if (r->tokens >= 0)
		u.used.tokens = r->tokens;
	if (settle ? hold_settle(ctx, r->reservation, &u, &done, err) < 0
		   : hold_free(ctx, r->reservation, &done, err) < 0)
		return -1;
	out_text(o, op_names[settle ? OP_SETTLE : OP_RELEASE]);
	out_int(o, 0);
	out_null(o);
	out_text(o, done.id);
	nothing(o, ANSWER_CELLS - 2);
	out_text(o, limit_hold_state_name(done.state));
	out_bool(o, done.again);
	if (!settle) {
		nothing(o, RESULT_CELLS - 2);
	} else {
		out_int(o, done.record);
		out_int(o, done.total);
		if (done.priced)
			out_money(o, done.cost);
		else
			out_null(o);
	}
	out_end_row(o);
	return 0;
}

static int
do_line(struct cmd_ctx *ctx, const char *op, const char *line, size_t len,
    struct tk_err *err)
{
	struct request r;
	int which = 0, rc = -1;

	request_init(&r);
	r.op = op;
	if (cmd_tick(ctx, err) < 0 || read_request(&r, line, len, err) < 0)
		goto out;
	while (which < OPS && strcmp(op_names[which], r.op) != 0)
		which++;
	if (which == OPS)
		tk_fail(err, TK_DATA,
		    "'%.64s' is not check, reserve, settle "
		    "or release",
		    r.op);
	else if (which < OP_SETTLE)
		rc = ask_line(ctx, &r, which == OP_RESERVE, err);
	else
		rc = end_line(ctx, &r, which == OP_SETTLE, err);
out:
	request_release(&r);
	return rc;
}

static void
refuse_line(struct cmd_ctx *ctx, const char *op, const struct tk_err *err)
{
	out_text(ctx->out, op);
	out_int(ctx->out, tk_exit_status(err->code));
	nothing(ctx->out, ANSWER_CELLS - 1);
	out_text(ctx->out, err->msg);
	nothing(ctx->out, RESULT_CELLS);
	out_end_row(ctx->out);
}

int
hold_stream(struct cmd_ctx *ctx, const char *op, const char *path,
    struct tk_err *err)
{
	FILE *in = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	char *line = NULL;
	size_t cap = 0;
	ssize_t len;
	int bad = 0, rc = -1;

	if (in == NULL)
		return tk_fail_errno(err, "cannot open '%s'", path);
	if (in == stdin && isatty(STDIN_FILENO))
		cmd_say(ctx, "reading requests from the terminal; end with ^D");
	out_set_format(ctx->out, out_format_named("jsonl"));
	out_begin(ctx->out, stream_cols);
	while ((len = getline(&line, &cap, in)) > 0) {
		struct tk_err refused = TK_ERR_INIT;

		while (len > 0 && strchr("\r\n ", line[len - 1]) != NULL)
			len--;
		if (len == 0)
			continue;
		if (do_line(ctx, op, line, (size_t)len, &refused) < 0) {
			if (refused.code == TK_IO || refused.code == TK_BUG) {
				*err = refused;
				goto out;
			}
			refuse_line(ctx, op, &refused);
			bad++;
		}
		out_flush(ctx->out);
		if (out_failed(ctx->out))
			break;
	}
	rc = bad > 0 ? tk_exit_status(TK_DATA) : 0;
	if (ferror(in))
		rc = tk_fail_errno(err, "cannot read '%s'", path);
out:
	free(line);
	if (in != stdin)
		fclose(in);
	return rc;
}
