/*
 * tokctl usage import - read usage from the logs of other programs
 *
 * How and what is in src/ingest.  With --watch it goes on until a signal
 * ends it, and says on stderr what it found.
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "alert.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/suggest.h"
#include "cli/term.h"
#include "cmd.h"
#include "ingest/ingest.h"
#include "ledger/ledger.h"
#include "limit.h"
#include "limit/people.h"
#include "out/out.h"
#include "spool.h"
#include "usage.h"
#include "usage_explain.h"
#include "usage_import.h"

struct import_args {
	struct cmd_common common;
	struct opt_list from, map;
	const char *user;
	bool dry_run, watch, strict, again, list_sources, explain, spool;
};

static const struct opt import_opts[] = {
	OPT_LIST(0, "from", struct import_args, from, "kind", HINT_SOURCE,
	    "only from these; several with commas"),
	OPT_STR('u', "user", struct import_args, user, "name", HINT_USER,
	    "whose calls they are, where no file says so"),
	OPT_FLAG('n', "dry-run", struct import_args, dry_run,
	    "show what would be imported, and change nothing"),
	OPT_FLAG(0, "watch", struct import_args, watch,
	    "go on, and import what is added to the files"),
	OPT_FLAG(0, "strict", struct import_args, strict,
	    "import nothing if there is a line that cannot be read"),
	OPT_FLAG(0, "again", struct import_args, again,
	    "read all of the files, not only what is new in them"),
	OPT_FLAG(0, "list-sources", struct import_args, list_sources,
	    "list the places where logs are looked for"),
	OPT_FLAG(0, "explain", struct import_args, explain,
	    "say what lines, or a call's lines, became"),
	OPT_FLAG(0, "spool", struct import_args, spool,
	    "book only the records that wait for the ledger"),
	OPT_LIST(0, "map", struct import_args, map, "column=field", HINT_NONE,
	    "what a column of CSV or JSON Lines is"),
	OPT_COMMON(struct import_args),
	OPT_END,
};

/* What --watch ends with: the signal that came. */
static volatile sig_atomic_t caught;

static void catch (int sig)
{
	caught = sig;
}

static int
unknown_source(const char *name, struct tk_err *err)
{
	struct tk_buf hint = TK_BUF_INIT;
	struct tk_suggest s;

	tk_suggest_init(&s, name);
	for (size_t i = 0; importer_at(i) != NULL; i++)
		tk_suggest_offer(&s, importer_name(importer_at(i)));
	tk_suggest_add(&s, &hint);
	if (hint.len == 0) {
		tk_buf_adds(&hint, "there are ");
		for (size_t i = 0; importer_at(i) != NULL; i++)
			tk_buf_addf(&hint, "%s%s", i > 0 ? ", " : "",
			    importer_name(importer_at(i)));
	}
	tk_fail(err, TK_USAGE, "--from: there is no source '%s'", name);
	tk_hint(err, "%s", hint.s);
	tk_buf_release(&hint);
	return -1;
}

/* "claude-code,codex" and several of them. */
static int
read_from(const struct opt_list *names, const struct importer ***from,
    size_t *n, struct tk_err *err)
{
	struct tk_buf name = TK_BUF_INIT;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < names->n; i++) {
		const char *p = names->v[i];

		while (rc == 0 && *p != '\0') {
			const struct importer *im;
			size_t len = strcspn(p, ",");

			tk_buf_reset(&name);
			tk_buf_add(&name, p, len);
			p += len + (p[len] == ',');
			im = importer_find(name.s);
			if (im == NULL) {
				rc = unknown_source(name.s, err);
				break;
			}
			*from = tk_xreallocarray(*from, *n + 1, sizeof(**from));
			(*from)[(*n)++] = im;
		}
	}
	tk_buf_release(&name);
	return rc;
}

int
usage_import_status(const struct ingest_report *r)
{
	bool failed = r->failed > 0;

	for (size_t i = 0; importer_at(i) != NULL; i++)
		failed = failed || r->tally[i].failed > 0;
	return failed ? tk_exit_status(TK_IO) : 0;
}

/* A ledger that is not there yet holds nothing, and stays not there. */
static int
open_to_look(const char *url, struct ledger **l, struct tk_err *err)
{
	const char *path = strncmp(url, "sqlite:", 7) == 0 ? url + 7 : url;

	if (strstr(path, "://") == NULL && access(path, F_OK) < 0 &&
	    errno == ENOENT)
		return 0;
	return ledger_open(l, url, LEDGER_READ, err);
}

static int
list_sources(struct cmd_ctx *ctx, const struct ingest_options *o,
    struct tk_err *err)
{
	struct ingest_dry dry = { 0 };
	struct ingest_place *v = NULL;
	size_t n = 0;
	int rc = open_to_look(ctx->ledger_url, &dry.ledger, err);

	if (rc == 0)
		rc = ingest_places(o, &ingest_nowhere, &dry, &v, &n, err);
	if (rc == 0)
		import_print_places(ctx->out, v, n);
	ingest_places_free(v, n);
	ingest_dry_release(&dry);
	ledger_close(dry.ledger);
	return rc;
}

static int
explain(struct cmd_ctx *ctx, struct ingest_options *o, struct tk_err *err)
{
	struct ledger *l = NULL;
	int rc = open_to_look(ctx->ledger_url, &l, err);

	if (rc == 0)
		rc = usage_explain(ctx, o, l, err);
	ledger_close(l);
	return rc;
}

static void
show_progress(const struct ingest_progress *p, void *data)
{
	struct term_progress *t = data;

	t->total = p->all_bytes;
	term_progress_update(t, p->bytes);
}

static int
reprice(struct usage_record *r, void *data, struct tk_err *err)
{
	return ingest_price(data, r, err);
}

static int
dry_run(struct cmd_ctx *ctx, const struct ingest_options *o,
    struct ingest_report *report, struct tk_err *err)
{
	struct ingest_dry dry = { 0 };
	int rc = open_to_look(ctx->ledger_url, &dry.ledger, err);

	if (rc == 0)
		rc = ingest_run(o, &ingest_nowhere, &dry, report, err);
	ingest_dry_release(&dry);
	ledger_close(dry.ledger);
	return rc;
}

static void
say_report(const struct cmd_ctx *ctx, const struct ingest_report *r)
{
	for (size_t i = 0; importer_at(i) != NULL; i++) {
		const struct ingest_tally *t = &r->tally[i];

		if (t->fresh + t->updated > 0)
			cmd_say(ctx, "%s: %" PRId64 " new, %" PRId64 " updated",
			    importer_name(importer_at(i)), t->fresh,
			    t->updated);
	}
	for (size_t i = 0; i < r->nnotes; i++)
		cmd_warn(ctx, "%s", r->notes[i].text);
}

/* Locked, or the disk is full: that passes. */
static int
wait_a_little(const struct cmd_ctx *ctx, const struct tk_err *err)
{
	cmd_warn(ctx, "%s; trying again", err->msg);
	nanosleep(&(struct timespec){ .tv_sec = 1 }, NULL);
	return 1;
}

/* Until a signal: what was committed stays, and the signal is raised. */
static int
watch(struct cmd_ctx *ctx, struct ingest_options *o, struct ledger *l,
    struct tk_err *err)
{
	struct sigaction sa = { .sa_handler = catch };
	struct ingest_watch *w = NULL;
	int more = 1;

	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	o->stop = &caught;
	o->flags |= INGEST_FOLLOW;
	if (ingest_watch_open(&w, o, err) < 0)
		return -1;
	if (ingest_watch_is_blind(w))
		cmd_warn(ctx,
		    "too many folders to be told of each change: looking "
		    "every %d seconds; fs.inotify.max_user_watches and "
		    "max_user_instances say how many",
		    ingest_look_ms / 1000);
	cmd_say(ctx, "watching; stop with ^C");
	while (more > 0) {
		struct ingest_report report;

		more = ingest_run(o, &ingest_ledger, l, &report, err);
		if (more == 0)
			say_report(ctx, &report);
		ingest_report_release(&report);
		o->flags &= ~INGEST_AGAIN;
		if (more == 0)
			more = ingest_watch_wait(w, err);
		else if (err->code == TK_IO && caught == 0)
			more = wait_a_little(ctx, err);
	}
	ingest_watch_close(w);
	return more;
}

struct admitting {
	struct ledger *l;
	enum limit_strangers strangers;
};

static int
admit(struct usage_record *r, void *data, struct tk_err *err)
{
	struct admitting *a = data;

	return person_admit(a->l, a->strangers, r, err);
}

static int
import_now(struct cmd_ctx *ctx, struct ingest_options *o,
    const struct import_args *args, struct tk_err *err)
{
	struct term_progress progress = { .to = ctx->progress ? stderr : NULL,
		.what = "importing",
		.bytes = true };
	struct ingest_report report = { 0 };
	struct admitting admitting = { 0 };
	struct ledger *l = NULL;
	int rc = -1;

	if (!args->dry_run)
		spool_try(ctx, false);
	if (cmd_strangers(ctx, &admitting.strangers, err) < 0)
		return -1;
	if (!args->watch) {
		o->progress = show_progress;
		o->progress_data = &progress;
	}
	if (args->dry_run) {
		rc = dry_run(ctx, o, &report, err);
	} else if (ledger_open(&l, ctx->ledger_url,
		       LEDGER_WRITE | LEDGER_CREATE, err) == 0 &&
	    cmd_tell_limits(ctx, l, err) == 0) {
		admitting.l = l;
		if (admitting.strangers != STRANGERS_CREATE) {
			o->admit = admit;
			o->admit_data = &admitting;
		}
		ledger_set_pricer(l, reprice, ctx->prices);
		rc = args->watch
		    ? watch(ctx, o, l, err)
		    : ingest_run(o, &ingest_ledger, l, &report, err);
		/* Who names a file sees what becomes of it. */
		if (rc == 0 && !args->watch && o->npaths == 0)
			rc = alert_tell_import(l, &report, ctx->now, err);
	}
	if (tk_tidy)
		ledger_close(l);
	else
		ledger_quit(l);
	term_progress_end(&progress);
	if (args->watch && caught != 0) {
		signal(caught, SIG_DFL);
		raise(caught);
	}
	if (rc == 0) {
		import_print_report(ctx->out, &report, args->dry_run,
		    o->npaths > 0);
		rc = usage_import_status(&report);
	}
	ingest_report_release(&report);
	return rc;
}

static const struct out_col spool_cols[] = {
	{ "lines", "Lines", OUT_INT, 0 },
	{ "new", "New", OUT_INT, 0 },
	{ "known", "Known", OUT_INT, 0 },
	{ "bad_lines", "Bad", OUT_INT, 0 },
	OUT_COL_END,
};

/* What "usage record" left for later. */
static int
import_spool(struct cmd_ctx *ctx, struct tk_err *err)
{
	struct spool_result done;

	if (spool_book(ctx, &done, err) < 0)
		return -1;
	out_document(ctx->out,
	    &(struct out_doc){ .schema = "tokctl.usage.import.spool/1",
		.shape = OUT_ONE });
	out_begin(ctx->out, spool_cols);
	out_int(ctx->out, done.lines);
	out_int(ctx->out, done.fresh);
	out_int(ctx->out, done.known);
	out_int(ctx->out, done.bad);
	out_end_row(ctx->out);
	return done.bad > 0 ? tk_exit_status(TK_DATA) : 0;
}

static int
import_run(struct cmd_ctx *ctx, const void *args_, int argc, const char **argv,
    struct tk_err *err)
{
	const struct import_args *args = args_;
	const struct importer **from = NULL;
	struct ingest_options o = {
		.paths = argv,
		.npaths = (size_t)argc,
		.map = args->map.v,
		.nmap = args->map.n,
		.user = args->user,
		.prices = ctx->prices,
		.zone = ctx->zone,
		.now = ctx->now,
	};
	int rc = -1;

	if (args->strict)
		o.flags |= INGEST_STRICT;
	if (args->again)
		o.flags |= INGEST_AGAIN;
	if (args->watch && args->dry_run)
		return tk_fail(err, TK_USAGE,
		    "--watch and --dry-run exclude each other");
	if (args->watch && args->common.output != NULL)
		return tk_fail(err, TK_USAGE,
		    "--watch reports as it goes: it takes no --output");
	for (int i = 0; args->watch && i < argc; i++)
		if (strcmp(argv[i], "-") == 0)
			return tk_fail(err, TK_USAGE,
			    "--watch: standard input cannot be watched");
	if (args->spool && argc > 0)
		return tk_fail(err, TK_USAGE, "--spool takes no paths");
	if (args->spool)
		return import_spool(ctx, err);
	if (read_from(&args->from, &from, &o.nfrom, err) < 0)
		goto out;
	o.from = from;
	if (args->list_sources)
		rc = list_sources(ctx, &o, err);
	else if (usage_user(ctx, &o.user, err) < 0 ||
	    usage_machine(ctx, &o.machine, err) < 0)
		goto out;
	else if (args->explain)
		rc = explain(ctx, &o, err);
	else
		rc = import_now(ctx, &o, args, err);
out:
	free(from);
	return rc;
}

const struct cmd cmd_usage_import = {
	.name = "import",
	.summary = "import the usage that other programs have logged",
	.operands = "[path...]",
	.examples =
	    "tokctl usage import\teverything that coding agents have logged\n"
	    "tokctl usage import --from codex --dry-run\twhat would come\n"
	    "tokctl usage import calls.csv --map who=user\ta table\n"
	    "tokctl usage import --watch\tand go on\n"
	    "tokctl usage import --explain\twhat became of their lines\n",
	.opts = import_opts,
	.args_size = sizeof(struct import_args),
	.needs = CMD_OUT | CMD_LEDGER_NAME | CMD_PRICES,
	.run = import_run,
};
