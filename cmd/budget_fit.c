/*
 * tokctl budget fit - does a conversation fit, and if not, cut it
 *
 * The request as it is sent to a chat API is counted as "tokctl count
 * --chat" does; what is cut is in src/chat/trim.h.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "budget.h"
#include "chat/shorten.h"
#include "chat/trim.h"
#include "config/config.h"
#include "count.h"
#include "limit.h"
#include "out/out.h"

struct fit_args {
	struct cmd_common common;
	const char *chat, *model, *encoding, *warn;
	int64_t conversation, message, request, keep_last;
	bool truncate, split;
};

static const struct opt fit_opts[] = {
	OPT_STR(0, "chat", struct fit_args, chat, "file", HINT_FILE,
	    "the request, as JSON; - is standard input"),
	OPT_STR('m', "model", struct fit_args, model, "model", HINT_MODEL,
	    "count for this model; the one it names"),
	OPT_STR('e', "encoding", struct fit_args, encoding, "encoding",
	    HINT_ENCODING, "count with this encoding"),
	OPT_INT(0, "conversation", struct fit_args, conversation, "n",
	    "tokens of all but the tools (100000)"),
	OPT_INT(0, "message", struct fit_args, message, "n",
	    "tokens of one message (8192)"),
	OPT_INT(0, "request", struct fit_args, request, "n",
	    "tokens of all (200000)"),
	OPT_STR(0, "warn", struct fit_args, warn, "part", HINT_NONE,
	    "from this part of a limit on it is near (0.8)"),
	OPT_FLAG(0, "truncate", struct fit_args, truncate,
	    "write it, cut so that it fits"),
	OPT_FLAG(0, "split-messages", struct fit_args, split,
	    "with it, also cut messages that are too large"),
	OPT_INT(0, "keep-last", struct fit_args, keep_last, "n",
	    "messages at the end that stay (1)"),
	OPT_COMMON(struct fit_args),
	OPT_END,
};

static void
fit_defaults(void *args_)
{
	struct fit_args *a = args_;

	a->conversation = a->message = a->request = a->keep_last = -1;
}

enum { MOST_BYTES = 1 << 30 };

/* What is counted with, and the request. */
struct fitting {
	struct cmd_ctx *ctx;
	const struct fit_args *args;
	struct count_args count;
	struct count_job job;
	struct tk_buf text;
	struct chat_request r;
	struct chat_limits limits;
	int64_t warn; /* ppm */
	struct count_stream *stream;
	int64_t ppm;
	struct chat_options options;
	struct tk_buf model;
	const char *one[2]; /* the lists of count */
};

static int
read_limit(struct fitting *f, int64_t given, const char *key, int64_t *limit,
    struct tk_err *err)
{
	*limit = given;
	if (given < 0 && config_get_int(f->ctx->config, key, limit, err) < 0)
		return -1;
	if (*limit <= 0)
		return tk_fail(err, TK_USAGE,
		    "'%s' is a number of tokens above 0", key);
	return 0;
}

static int
read_limits(struct fitting *f, struct tk_err *err)
{
	const struct fit_args *a = f->args;
	const char *warn = a->warn;

	if (read_limit(f, a->conversation, "conversation.max",
		&f->limits.conversation, err) < 0 ||
	    read_limit(f, a->message, "conversation.message",
		&f->limits.message, err) < 0 ||
	    read_limit(f, a->request, "conversation.request",
		&f->limits.request, err) < 0)
		return -1;
	if (warn == NULL &&
	    config_get(f->ctx->config, "conversation.warning", &warn, err) < 0)
		return -1;
	return cmd_read_part("warn", warn, &f->warn, err);
}

static int
read_chat(struct fitting *f, struct tk_err *err)
{
	const char *path = f->args->chat;

	if (tk_read_file(path, MOST_BYTES, &f->text, err) < 0)
		return -1;
	if (chat_parse(&f->r, f->text.s, f->text.len, err) < 0)
		return tk_wrap(err, "%s", path);
	return 0;
}

static int
tokens_of(const char *text, size_t n, int64_t *millionths, void *f_,
    struct tk_err *err)
{
	const struct fitting *f = f_;
	int64_t tokens;

	if (count_text(f->stream, text, n, &tokens, err) < 0)
		return -1;
	if (__builtin_mul_overflow(tokens, f->ppm, millionths))
		return tk_fail(err, TK_DATA, "too many tokens to count");
	return 0;
}

/* With what: as it was asked for, or by the model that the request names. */
static int
find_target(struct fitting *f, size_t *at, struct tk_err *err)
{
	*at = 0;
	if (f->args->model != NULL || f->args->encoding != NULL)
		return 0;
	if (f->r.model.p != NULL)
		json_text_add(&f->r.model, &f->model);
	if (f->model.len == 0)
		return count_target_default(&f->job, at, err);
	if (count_target_model(&f->job, f->model.s, at, err) == 0)
		return 0;
	return err->code == TK_NOTFOUND
	    ? tk_hint(err, "say which model it is with -m")
	    : -1;
}

static int
open_count(struct fitting *f, struct tk_err *err)
{
	struct content like;
	struct count_target *t;
	size_t at;

	f->count.is_chat = true;
	if (f->args->model != NULL) {
		f->one[0] = f->args->model;
		f->count.models = (struct opt_list){ &f->one[0], 1 };
	}
	if (f->args->encoding != NULL) {
		f->one[1] = f->args->encoding;
		f->count.encodings = (struct opt_list){ &f->one[1], 1 };
	}
	f->job = (struct count_job){ .ctx = f->ctx, .args = &f->count };
	if (count_targets_open(&f->job, err) < 0 ||
	    find_target(f, &at, err) < 0)
		return -1;
	t = &f->job.target[at];
	chat_sample(&f->r, &like);
	f->stream = count_stream_new(f->job.e[t->encoding], 0);
	f->ppm = count_factor(t, &like);
	f->options = (struct chat_options){ .model = t->model,
		.exact = !count_is_estimate(&f->job, t),
		.tokens_of = tokens_of,
		.data = f };
	return 0;
}

enum state { FINE, NEAR, OVER };
static const char *const states[] = { "fine", "near", "over" };

static enum state
state_of(const struct fitting *f, int64_t tokens, int64_t limit)
{
	if (tokens > limit)
		return OVER;
	return (tk_int128)tokens * 1000000 >= (tk_int128)limit * f->warn ? NEAR
									 : FINE;
}

static const struct out_col fit_cols[] = {
	{ "limit", "Limit of", OUT_TEXT, 0 },
	{ "tokens", "Tokens", OUT_INT, 0 },
	{ "max", "Limit", OUT_INT, 0 },
	{ "remaining", "Left", OUT_INT, OUT_MEDIUM },
	{ "used_ratio", "Used", OUT_RATIO, OUT_MEDIUM },
	{ "state", "State", OUT_TEXT, OUT_STATE },
	{ "message", "Message", OUT_INT, OUT_MACHINE },
	{ "system", "System", OUT_INT, OUT_WIDE },
	{ "messages", "Messages", OUT_INT, OUT_WIDE },
	{ "tools", "Tools", OUT_INT, OUT_WIDE },
	{ "images", "Images", OUT_INT, OUT_WIDE },
	{ "overhead", "Overhead", OUT_INT, OUT_WIDE },
	{ "estimated", "Estimated", OUT_BOOL, OUT_MACHINE },
	OUT_COL_END,
};

/* Which item of the array of messages it is, from 1. */
static size_t
place_of(const struct chat_request *r, size_t message)
{
	size_t n = 1;

	for (size_t i = 0; i < message; i++)
		n += !r->message[i].outside;
	return n;
}

static void
put_row(const struct fitting *f, const char *name, int64_t tokens,
    int64_t limit, size_t message, const struct chat_counts *c)
{
	const int64_t part[] = { c->system, c->messages, c->tools, c->images,
		c->overhead };
	bool whole = message == SIZE_MAX;
	bool with_tools = strcmp(name, "request") == 0;
	struct out *o = f->ctx->out;

	out_text(o, name);
	out_int(o, tokens);
	out_int(o, limit);
	out_int(o, tokens > limit ? 0 : limit - tokens);
	out_ratio(o, tokens, limit);
	out_text(o, states[state_of(f, tokens, limit)]);
	if (whole)
		out_null(o);
	else
		out_int(o, (tk_int128)place_of(&f->r, message));
	for (size_t i = 0; i < TK_LEN(part); i++) {
		bool is_tools = i == 2;

		if (whole && (!is_tools || with_tools))
			out_int(o, part[i]);
		else
			out_null(o);
	}
	out_bool(o, c->estimated);
	out_end_row(o);
}

static int
show(struct fitting *f, const struct chat_size *s)
{
	const struct chat_limits *l = &f->limits;

	out_document(f->ctx->out,
	    &(struct out_doc){ .schema = "tokctl.budget.fit/1",
		.title = "What fits" });
	out_begin(f->ctx->out, fit_cols);
	put_row(f, "conversation", s->conversation, l->conversation, SIZE_MAX,
	    &s->counts);
	if (s->largest != SIZE_MAX)
		put_row(f, "message", s->message, l->message, s->largest,
		    &s->counts);
	put_row(f, "request", s->counts.total, l->request, SIZE_MAX,
	    &s->counts);
	if (s->counts.estimated)
		out_note(f->ctx->out, "estimated: %s", s->counts.why);
	return chat_fits(s, l) ? 0 : 1;
}

/* What is too large, although as little as may be was kept. */
static void
say_too_large(struct fitting *f, const struct chat_size *s)
{
	const struct {
		const char *what;
		int64_t tokens, limit;
	} all[] = {
		{ "the conversation", s->conversation, f->limits.conversation },
		{ "a message", s->message, f->limits.message },
		{ "the request", s->counts.total, f->limits.request },
	};

	for (size_t i = 0; i < TK_LEN(all); i++)
		if (all[i].tokens > all[i].limit)
			cmd_warn(f->ctx,
			    "%s that must be kept has %" PRId64
			    " tokens, over %" PRId64,
			    all[i].what, all[i].tokens, all[i].limit);
}

/* What came of cutting. */
struct outcome {
	struct tk_buf text;
	struct chat_size s;
	size_t dropped, shortened;
};

static int
trim(struct fitting *f, const char *text, size_t len, struct outcome *out,
    struct tk_err *err)
{
	int64_t keep = f->args->keep_last < 0 ? 1 : f->args->keep_last;
	struct chat_request r;
	int rc;

	if (chat_parse(&r, text, len, err) < 0)
		return -1;
	rc = chat_trim(&r, &f->options, &f->limits, (size_t)keep, &out->text,
	    &out->s, &out->dropped, err);
	chat_release(&r);
	return rc;
}

/* Cut messages first that could not stay as they are, and those that are
 * left when dropping others was not enough. */
static int
trim_and_split(struct fitting *f, struct outcome *out, struct tk_err *err)
{
	struct tk_buf cut = TK_BUF_INIT, more = TK_BUF_INIT;
	size_t again = 0, dropped;
	int rc = chat_shorten(f->text.s, f->text.len, &f->options, &f->limits,
	    false, &cut, &out->shortened, err);

	if (rc >= 0)
		rc = trim(f, cut.s, cut.len, out, err);
	if (rc == 0) {
		dropped = out->dropped;
		rc = chat_shorten(out->text.s, out->text.len, &f->options,
		    &f->limits, true, &more, &again, err);
		if (rc >= 0)
			rc = trim(f, more.s, more.len, out, err);
		out->dropped += dropped;
		out->shortened += again;
	}
	tk_buf_release(&cut);
	tk_buf_release(&more);
	return rc;
}

static void
say_outcome(struct fitting *f, const struct chat_size *was,
    const struct outcome *out)
{
	if (out->dropped > 0)
		cmd_say(f->ctx,
		    "%zu message%s dropped: %" PRId64 " tokens are %" PRId64,
		    out->dropped, out->dropped == 1 ? "" : "s",
		    was->counts.total, out->s.counts.total);
	if (out->shortened > 0)
		cmd_say(f->ctx, "%zu text%s cut: %" PRId64 " tokens are left",
		    out->shortened, out->shortened == 1 ? "" : "s",
		    out->s.counts.total);
}

static int
cut(struct fitting *f, const struct chat_size *was, struct tk_err *err)
{
	struct outcome out = { .text = TK_BUF_INIT };
	int rc = f->args->split ? trim_and_split(f, &out, err)
				: trim(f, f->text.s, f->text.len, &out, err);

	/* A file that is written to gets what there was. */
	if (rc == 0 && f->ctx->to != stdout)
		fwrite(f->text.s, 1, f->text.len, f->ctx->to);
	if (rc == 0)
		say_too_large(f, &out.s);
	if (rc > 0) {
		fwrite(out.text.s, 1, out.text.len, f->ctx->to);
		say_outcome(f, was, &out);
	}
	tk_buf_release(&out.text);
	return rc < 0 ? -1 : rc == 0;
}

static int
fit_check(const struct cmd_ctx *ctx, const void *args_, int argc,
    const char **argv, struct tk_err *err)
{
	const struct fit_args *a = args_;

	(void)ctx, (void)argc, (void)argv;
	if (a->chat == NULL) {
		tk_fail(err, TK_USAGE, "which conversation?");
		return tk_hint(err, "give --chat FILE, a request as JSON");
	}
	if (a->model != NULL && a->encoding != NULL)
		return tk_fail(err, TK_USAGE,
		    "--model and --encoding: one of them");
	if (a->keep_last >= 0 && !a->truncate)
		return tk_fail(err, TK_USAGE,
		    "--keep-last goes with --truncate");
	if (a->split && !a->truncate)
		return tk_fail(err, TK_USAGE,
		    "--split-messages goes with --truncate");
	return 0;
}

static int
fit_run(struct cmd_ctx *ctx, const void *args, int argc, const char **argv,
    struct tk_err *err)
{
	struct fitting f = { .ctx = ctx,
		.args = args,
		.text = TK_BUF_INIT,
		.model = TK_BUF_INIT };
	struct chat_size s;
	int rc = -1;

	(void)argc, (void)argv;
	if (read_limits(&f, err) < 0 || read_chat(&f, err) < 0)
		goto out;
	if (open_count(&f, err) == 0 &&
	    chat_measure(&f.r, &f.options, &s, err) == 0)
		rc = f.args->truncate ? cut(&f, &s, err) : show(&f, &s);
	count_stream_free(f.stream);
	count_targets_close(&f.job);
	chat_release(&f.r);
out:
	tk_buf_release(&f.text);
	tk_buf_release(&f.model);
	return rc;
}

const struct cmd cmd_budget_fit = {
	.name = "fit",
	.summary = "say whether a conversation fits, or cut it",
	.format = "table",
	.examples = "tokctl budget fit --chat talk.json\n"
		    "tokctl budget fit --chat talk.json --truncate "
		    "--keep-last 4 -o cut.json\n",
	.opts = fit_opts,
	.args_size = sizeof(struct fit_args),
	.defaults = fit_defaults,
	.needs = CMD_OUT | CMD_PRICES,
	.check = fit_check,
	.run = fit_run,
};
