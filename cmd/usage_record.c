/*
 * tokctl usage record - book calls as they happen
 *
 * When it returns 0 the records survive kill -9 and power loss.  From a
 * stream, records are booked in batches, never waiting for input with a
 * batch open.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/time.h"
#include "cmd.h"
#include "ingest/ingest.h"
#include "out/out.h"
#include "recording.h"
#include "usage.h"

struct record_args {
	struct cmd_common common;
	const char *user, *application, *model, *provider, *session, *project,
	    *agent, *endpoint, *key, *source, *request_id, *at, *cost, *error,
	    *tools, *metadata;
	int priority, tier;
	struct usage_tokens used;
	int64_t web_searches, latency, first_token, estimated;
	const char *jsonl, *csv;
	int64_t batch_size;
	const char *batch_timeout;
	bool strict, async, fallback;
};

#define NAME_OPT(letter, name, field, hint, help) \
	OPT_STR(letter, name, struct record_args, field, "name", hint, help)
#define COUNT_OPT(name, field, help) \
	OPT_INT(0, name, struct record_args, field, "n", help)

static const struct opt record_opts[] = {
	NAME_OPT('u', "user", user, HINT_USER, "who made the call"),
	NAME_OPT(0, "application", application, HINT_APPLICATION,
	    "which program made it"),
	OPT_STR('m', "model", struct record_args, model, "model", HINT_MODEL,
	    "which model answered"),
	OPT_USAGE_TOKENS(struct record_args, used),
	OPT_STR(0, "cost", struct record_args, cost, "usd", HINT_NONE,
	    "what it cost, if you know better"),
	OPT_STR(0, "at", struct record_args, at, "time", HINT_DATE,
	    "when it was; now, if not given"),
	OPT_STR(0, "request-id", struct record_args, request_id, "id",
	    HINT_NONE, "the same id is booked once, ever"),
	NAME_OPT(0, "session", session, HINT_SESSION, "the conversation"),
	NAME_OPT(0, "project", project, HINT_PROJECT, "the project"),
	NAME_OPT(0, "provider", provider, HINT_NONE, "who was paid"),
	NAME_OPT(0, "agent", agent, HINT_NONE, "the agent"),
	NAME_OPT(0, "endpoint", endpoint, HINT_NONE, "the API endpoint"),
	NAME_OPT(0, "key", key, HINT_NONE, "the API key that asked"),
	NAME_OPT(0, "source", source, HINT_SOURCE,
	    "where the record comes from (cli)"),
	OPT_CHOICE(0, "priority", struct record_args, priority, "level",
	    record_priorities, "how urgent it was"),
	OPT_CHOICE(0, "tier", struct record_args, tier, "tier", record_tiers,
	    "how it was billed"),
	OPT_STR(0, "error", struct record_args, error, "code", HINT_NONE,
	    "the call failed, with this code"),
	COUNT_OPT("latency", latency, "milliseconds until the end"),
	COUNT_OPT("first-token", first_token,
	    "milliseconds until the first token"),
	COUNT_OPT("estimated-input", estimated,
	    "input tokens as estimated before"),
	COUNT_OPT("web-searches", web_searches, "searches billed with it"),
	OPT_STR(0, "tools", struct record_args, tools, "names", HINT_NONE,
	    "tools used, separated by commas"),
	OPT_STR(0, "metadata", struct record_args, metadata, "json", HINT_NONE,
	    "a JSON object to keep with it"),
	OPT_STR(0, "jsonl", struct record_args, jsonl, "file", HINT_FILE,
	    "records from JSON Lines; - is standard input"),
	OPT_STR(0, "csv", struct record_args, csv, "file", HINT_FILE,
	    "records from CSV; - is standard input"),
	OPT_INT(0, "batch-size", struct record_args, batch_size, "n",
	    "records a batch of a stream (100)"),
	OPT_STR(0, "batch-timeout", struct record_args, batch_timeout,
	    "duration", HINT_NONE, "how long a batch may stay open (5s)"),
	OPT_FLAG(0, "strict", struct record_args, strict,
	    "stop at the first bad record"),
	OPT_FLAG(0, "async", struct record_args, async,
	    "do not wait: the next command books it"),
	OPT_FLAG(0, "fallback", struct record_args, fallback,
	    "keep it for later if the ledger cannot be written"),
	OPT_COMMON(struct record_args),
	OPT_END,
};

enum { BATCH_SIZE = 100 };

/* The last three are of one record: people would take them for all of a
 * stream.  The last column is there where records may have to wait. */
static const struct out_col record_cols[] = {
	{ "recorded", "Recorded", OUT_INT, 0 },
	{ "known", "Known before", OUT_INT, 0 },
	{ "bad", "Bad", OUT_INT, 0 },
	{ "id", "Id", OUT_INT, OUT_PLAIN },
	{ "total_tokens", "Tokens", OUT_INT, 0 },
	{ "cost_usd", "Cost", OUT_MONEY, 0 },
	{ "waiting", "Waiting", OUT_INT, 0 },
	OUT_COL_END,
};
enum { COL_ID = 3, COL_WAITING = 6 };

static bool
is_none(const char *text)
{
	return text == NULL || *text == '\0';
}

static void
fill_in(const struct record_args *a, struct usage_record *r)
{
	record_init(r);
	r->user = a->user;
	r->application = a->application;
	r->model = a->model;
	r->provider = a->provider;
	r->session = a->session;
	r->project = a->project;
	r->agent = a->agent;
	r->endpoint = a->endpoint;
	r->key = a->key;
	r->source = a->source != NULL ? a->source : "cli";
	r->error = a->error;
	r->tools = a->tools;
	r->request_id = a->request_id;
	r->metadata = a->metadata;
	r->priority = a->priority;
	r->tier = a->tier;
	r->web_searches =
	    a->web_searches != RECORD_UNKNOWN ? a->web_searches : 0;
	r->latency_ms = a->latency;
	r->first_token_ms = a->first_token;
	r->estimated_input_tokens = a->estimated;
}

static int
check_named(const struct record_args *a, struct tk_err *err)
{
	if (!is_none(a->model) || !is_none(a->application))
		return 0;
	tk_fail(err, TK_USAGE, "which model or application?");
	return tk_hint(err, "give --model or --application");
}

static int
record_one(struct recording *rec, const struct record_args *a,
    struct tk_err *err)
{
	struct usage_record r;

	fill_in(a, &r);
	r.time = rec->ctx->now;
	if (check_named(a, err) < 0 ||
	    usage_read_tokens(&a->used, &r, err) < 0 ||
	    usage_check_texts(&r, err) < 0 ||
	    usage_read_cost(a->cost, &r, err) < 0 ||
	    usage_read_time(rec->ctx, a->at, &r, err) < 0 ||
	    recording_complete(rec, &r, err) < 0)
		return -1;
	return recording_put(rec, &r,
	    a->at ? LEDGER_STRICT : LEDGER_STRICT_UNTIMED, err);
}

/* The records of a stream. */
struct streaming {
	struct recording *rec;
	const struct record_args *args;
};

static int
bad_record(struct streaming *st, int64_t line, const struct tk_err *bad,
    struct tk_err *err)
{
	struct recording *rec = st->rec;

	rec->bad++;
	if (!st->args->strict) {
		cmd_warn(rec->ctx, "line %" PRId64 ": %s", line, bad->msg);
		return 0;
	}
	if (recording_end_batch(rec, err) < 0)
		return -1;
	tk_fail(err, bad->code, "%s", bad->msg);
	return tk_wrap(err, "line %" PRId64, line);
}

static int
stream_record(struct usage_record *r, int64_t line, const struct tk_err *bad,
    void *data, struct tk_err *err)
{
	struct streaming *st = data;
	struct recording *rec = st->rec;
	struct tk_err refused = TK_ERR_INIT;
	enum ledger_rule rule;

	if (r == NULL)
		return bad_record(st, line, bad, err);
	if (r->source == NULL)
		r->source = st->args->source ? st->args->source : "cli";
	/* What has no time of its own was given that of this run. */
	rule = r->time == rec->ctx->now ? LEDGER_STRICT_UNTIMED : LEDGER_STRICT;
	if (recording_complete(rec, r, &refused) < 0)
		return bad_record(st, line, &refused, err);
	if (recording_put(rec, r, rule, &refused) < 0) {
		/* a ledger that fails is not the fault of the line */
		if (refused.code != TK_CONFLICT) {
			*err = refused;
			return -1;
		}
		return bad_record(st, line, &refused, err);
	}
	return recording_is_due(rec) ? recording_end_batch(rec, err) : 0;
}

static int
stream_idle(void *data, struct tk_err *err)
{
	return recording_end_batch(((struct streaming *)data)->rec, err);
}

static int
record_stream(struct recording *rec, const struct record_args *a,
    struct tk_err *err)
{
	const char *path = a->jsonl != NULL ? a->jsonl : a->csv;
	const char *format = a->jsonl != NULL ? "jsonl" : "csv";
	struct streaming st = { .rec = rec, .args = a };
	struct ingest_options o = { .user = rec->user,
		.prices = rec->ctx->prices,
		.zone = rec->ctx->zone,
		.now = rec->ctx->now,
		.idle = stream_idle };
	int fd = STDIN_FILENO;
	int rc;

	if (strcmp(path, "-") != 0) {
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			return tk_fail_errno(err, "cannot open '%s'", path);
	} else if (isatty(fd)) {
		cmd_say(rec->ctx,
		    "reading records from the terminal; end "
		    "with ^D");
	}
	rc = ingest_stream(fd, importer_find(format), &o, stream_record, &st,
	    err);
	if (fd != STDIN_FILENO)
		close(fd);
	return rc;
}

static const struct out_col *
choose_columns(bool stream, bool later)
{
	static struct out_col cols[TK_LEN(record_cols)]; /* out keeps it */

	memcpy(cols, record_cols, sizeof(cols));
	for (int i = COL_ID; i < COL_WAITING; i++)
		cols[i].flags |= stream || later ? OUT_MACHINE : 0;
	if (!later)
		cols[COL_WAITING] = record_cols[COL_WAITING + 1];
	return cols;
}

static void
print_result(const struct recording *rec, bool stream)
{
	struct out *o = rec->ctx->out;
	const struct usage_record *r = &rec->last;
	bool later = rec->async || rec->fallback;

	out_document(o,
	    &(struct out_doc){ .schema = "tokctl.usage.record/1",
		.shape = OUT_ONE });
	out_begin(o, choose_columns(stream, later));
	out_int(o, rec->fresh);
	out_int(o, rec->known);
	out_int(o, rec->bad);
	if (rec->fresh + rec->known == 0) {
		out_null(o);
		out_null(o);
		out_null(o);
	} else {
		out_int(o, rec->last_id);
		out_int(o, record_total(r));
		if (r->cost == RECORD_UNKNOWN)
			out_null(o);
		else
			out_money(o, r->cost);
	}
	if (later)
		out_int(o, rec->waiting);
	out_end_row(o);
}

/* What a stream says itself cannot be said by flags too. */
static int
check_stream(const struct record_args *a, struct tk_err *err)
{
	const struct {
		const void *given;
		const char *flag;
	} alone[] = {
		{ a->jsonl != NULL ? a->csv : NULL, "csv" },
		{ a->application, "application" },
		{ a->model, "model" },
		{ a->provider, "provider" },
		{ a->session, "session" },
		{ a->project, "project" },
		{ a->agent, "agent" },
		{ a->endpoint, "endpoint" },
		{ a->key, "key" },
		{ a->request_id, "request-id" },
		{ a->at, "at" },
		{ a->cost, "cost" },
		{ a->error, "error" },
		{ a->tools, "tools" },
		{ a->metadata, "metadata" },
		{ usage_says_tokens(&a->used) ? a : NULL,
		    "input, --output or --tokens" },
	};

	if (a->jsonl == NULL && a->csv == NULL)
		return 0;
	for (size_t i = 0; i < TK_LEN(alone); i++)
		if (alone[i].given != NULL)
			return tk_fail(err, TK_USAGE,
			    "--%s does not go with --%s", alone[i].flag,
			    a->jsonl ? "jsonl" : "csv");
	return 0;
}

static int
check_args(const struct record_args *a, struct recording *rec,
    struct tk_err *err)
{
	if (a->batch_size < 1)
		return tk_fail(err, TK_USAGE,
		    "--batch-size takes a positive number");
	if (check_stream(a, err) < 0)
		return -1;
	if (tk_duration_parse(a->batch_timeout, &rec->timeout, err) < 0)
		return tk_wrap(err, "--batch-timeout");
	return 0;
}

static int
record_run(struct cmd_ctx *ctx, const void *args, int argc, const char **argv,
    struct tk_err *err)
{
	const struct record_args *a = args;
	struct recording rec = { .ctx = ctx,
		.user = a->user,
		.async = a->async,
		.fallback = a->fallback,
		.batch_size = a->batch_size };
	bool stream = a->jsonl != NULL || a->csv != NULL;
	int rc;

	(void)argc, (void)argv;
	if (check_args(a, &rec, err) < 0 || usage_user(ctx, &rec.user, err) < 0)
		return -1;
	rc = recording_begin(&rec, err);
	if (rc == 0)
		rc = stream ? record_stream(&rec, a, err)
			    : record_one(&rec, a, err);
	if (rc == 0)
		rc = recording_end_batch(&rec, err);
	recording_release(&rec);
	if (rc < 0)
		return -1;
	if (stream || ctx->common->verbose > 0 || ctx->common->json ||
	    ctx->common->format > 0)
		print_result(&rec, stream);
	if (rec.bad == 0)
		return 0;
	cmd_warn(ctx, "%" PRId64 " of the records could not be booked",
	    rec.bad);
	return tk_exit_status(TK_DATA);
}

static void
record_defaults(void *args)
{
	struct record_args *a = args;

	usage_tokens_init(&a->used);
	a->web_searches = a->latency = a->first_token = a->estimated =
	    RECORD_UNKNOWN;
	a->batch_size = BATCH_SIZE;
	a->batch_timeout = "5s";
}

const struct cmd cmd_usage_record = {
	.name = "record",
	.summary = "book a call, or a stream of them",
	.examples =
	    "tokctl usage record -u alice -m gpt-4.1 --input 1200 --output "
	    "300\tone call\n"
	    "my-proxy | tokctl usage record --jsonl -\ta stream of them\n",
	.opts = record_opts,
	.args_size = sizeof(struct record_args),
	.defaults = record_defaults,
	.needs = CMD_OUT | CMD_LEDGER_NAME | CMD_PRICES,
	.run = record_run,
};
