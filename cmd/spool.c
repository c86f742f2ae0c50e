/* Records that wait for the ledger: spool.h. */
#include "spool.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/sha256.h"
#include "config/config.h"
#include "ingest/ingest.h"
#include "ledger/ledger.h"
#include "limit.h"
#include "limit/people.h"
#include "out/out.h"
#include "record_out.h"
#include "store/store.h"

/* So long somebody who only reads waits to book what waits. */
enum { READER_WAITS_MS = 250 };

/* The file with all links followed, also when it is not there yet. */
static void
add_real(struct tk_buf *b, const char *file)
{
	char *path = tk_xstrdup(file), *rest = path + strlen(path);
	char *real = realpath(path, NULL);

	while (real == NULL && rest > path) {
		while (rest > path && *--rest != '/')
			;
		*rest = '\0';
		real = realpath(rest > path ? path
			: *file == '/'      ? "/"
					    : ".",
		    NULL);
	}
	if (real != NULL && strcmp(real, "/") != 0)
		tk_buf_adds(b, real);
	rest = path + strlen(path);
	file += rest - path;
	tk_buf_addf(b, "%s%s", *file == '\0' || *file == '/' ? "" : "/", file);
	free(real);
	free(path);
}

/* One for each ledger, by whatever name it is called. */
static int
spool_path(struct cmd_ctx *ctx, const char *tail, struct tk_buf *path,
    struct tk_err *err)
{
	uint8_t digest[TK_SHA256_LEN];
	char hex[65];
	struct tk_buf name = TK_BUF_INIT;
	int rc;

	add_real(&name, store_path(ctx->ledger_url));
	tk_sha256(name.s, name.len, digest);
	tk_sha256_hex(digest, hex);
	tk_buf_reset(&name);
	tk_buf_addf(&name, "spool/%.16s%s", hex, tail);
	rc = config_path(PLACE_STATE, name.s, path, err);
	tk_buf_release(&name);
	return rc;
}

/* That folder is made with the first record that waits. */
static bool
any_spool(void)
{
	struct tk_buf folder = TK_BUF_INIT;
	struct tk_err ignored = TK_ERR_INIT;
	bool any;

	any = config_path(PLACE_STATE, "spool", &folder, &ignored) == 0 &&
	    access(folder.s, F_OK) == 0;
	tk_buf_release(&folder);
	return any;
}

bool
spool_waits(struct cmd_ctx *ctx)
{
	struct tk_buf path = TK_BUF_INIT;
	struct tk_err ignored = TK_ERR_INIT;
	struct stat sb;
	bool waits;

	if (!any_spool())
		return false;
	waits = spool_path(ctx, ".jsonl", &path, &ignored) == 0 &&
	    stat(path.s, &sb) == 0 && S_ISREG(sb.st_mode) && sb.st_size > 0;
	tk_buf_release(&path);
	return waits;
}

int
spool_add_record(struct cmd_ctx *ctx, const struct usage_record *r,
    struct tk_buf *lines, struct tk_err *err)
{
	struct out_style style = { .format = out_format_named("jsonl"),
		.now = ctx->now,
		.zone = ctx->zone };
	struct usage_record bare = *r;
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);
	struct out *o;
	int rc = -1;

	if (to == NULL)
		return tk_fail_errno(err, "cannot write a record");
	if (bare.cost_origin != COST_GIVEN) {
		bare.cost = RECORD_UNKNOWN;
		bare.cost_origin = COST_UNKNOWN;
	}
	o = out_new(to, &style);
	out_begin(o, record_out_cols);
	record_out_row(o, &bare);
	if (out_close(o, err) == 0)
		rc = fclose(to) == 0
		    ? 0
		    : tk_fail_errno(err, "cannot write a record");
	else
		fclose(to);
	if (rc == 0)
		tk_buf_add(lines, text, len);
	free(text);
	return rc;
}

int
spool_keep(struct cmd_ctx *ctx, const struct tk_buf *lines,
    enum spool_sync sync, struct tk_err *err)
{
	struct tk_buf path = TK_BUF_INIT;
	int64_t most;
	int rc = -1;

	if (config_get_int(ctx->config, "ledger.spool", &most, err) == 0 &&
	    spool_path(ctx, ".jsonl", &path, err) == 0)
		rc =
		    spool_append(path.s, lines->s, lines->len, most, sync, err);
	tk_buf_release(&path);
	return rc;
}

/* What drains, and what it has done. */
struct draining {
	struct cmd_ctx *ctx;
	enum limit_strangers strangers;
	const struct spool *spool;
	struct tk_buf bad; /* lines that are refused */
	struct spool_result *done;
};

static void
keep_line(struct draining *d, int64_t line)
{
	const char *p = d->spool->text.s;

	while (--line > 0)
		p = strchr(p, '\n') + 1;
	tk_buf_add(&d->bad, p, strcspn(p, "\n") + 1);
}

static int
book(struct draining *d, struct usage_record *r, struct tk_err *err)
{
	enum ledger_result result;

	if (ingest_price(d->ctx->prices, r, err) < 0 ||
	    ledger_accepts(r, err) < 0 ||
	    person_admit(d->ctx->ledger, d->strangers, r, err) < 0 ||
	    ledger_put(d->ctx->ledger, r, LEDGER_STRICT_UNTIMED, &result, err) <
		0)
		return -1;
	if (result == LEDGER_NEW)
		d->done->fresh++;
	else
		d->done->known++;
	return 0;
}

static int
drain_record(struct usage_record *r, int64_t line, const struct tk_err *bad,
    void *data, struct tk_err *err)
{
	struct draining *d = data;
	struct tk_err refused = TK_ERR_INIT;

	d->done->lines++;
	if (r != NULL && book(d, r, &refused) == 0)
		return 0;
	if (r == NULL)
		refused = *bad;
	if (refused.code == TK_IO || refused.code == TK_BUG) {
		*err = refused;
		return -1;
	}
	cmd_warn(d->ctx, "a record that waited is refused: %s", refused.msg);
	d->done->bad++;
	keep_line(d, line);
	return 0;
}

/* Those that are refused first: then nothing is lost, whatever happens. */
static int
put_aside(struct draining *d, struct tk_err *err)
{
	struct tk_buf path = TK_BUF_INIT;
	int rc = 0;

	if (d->bad.len == 0)
		return 0;
	rc = spool_path(d->ctx, ".bad", &path, err);
	if (rc == 0 &&
	    spool_append(path.s, d->bad.s, d->bad.len, INT64_MAX, SPOOL_DURABLE,
		err) < 0)
		rc = -1;
	if (rc == 0)
		cmd_warn(d->ctx, "see '%s'", path.s);
	tk_buf_release(&path);
	return rc;
}

static int
drain(struct draining *d, const char *path, struct tk_err *err)
{
	struct cmd_ctx *ctx = d->ctx;
	struct ingest_options o = { .prices = ctx->prices,
		.zone = ctx->zone,
		.now = ctx->now };
	struct spool s;
	int rc = spool_open(&s, path, err);

	if (rc <= 0)
		return rc;
	d->spool = &s;
	rc = ingest_stream(s.fd, importer_find("jsonl"), &o, drain_record, d,
	    err);
	if (rc == 0)
		rc = put_aside(d, err);
	if (rc == 0)
		rc = ledger_commit(ctx->ledger, LEDGER_DURABLE, err);
	if (rc == 0)
		rc = spool_empty(&s, err);
	spool_close(&s);
	return rc;
}

static int
drain_all(struct cmd_ctx *ctx, struct spool_result *done, struct tk_err *err)
{
	struct draining d = { .ctx = ctx, .bad = TK_BUF_INIT, .done = done };
	struct tk_buf path = TK_BUF_INIT;
	int rc = -1;

	/* The ledger first: nobody waits for the spool while we wait. */
	if (cmd_strangers(ctx, &d.strangers, err) == 0 &&
	    spool_path(ctx, ".jsonl", &path, err) == 0 &&
	    ledger_begin(ctx->ledger, err) == 0)
		rc = drain(&d, path.s, err);
	ledger_rollback(ctx->ledger);
	tk_buf_release(&d.bad);
	tk_buf_release(&path);
	return rc;
}

int
spool_book(struct cmd_ctx *ctx, struct spool_result *done, struct tk_err *err)
{
	int rc = -1;

	*done = (struct spool_result){ 0 };
	if (!spool_waits(ctx))
		return 0;
	if (ledger_open(&ctx->ledger, ctx->ledger_url,
		LEDGER_WRITE | LEDGER_CREATE, err) == 0) {
		ledger_set_now(ctx->ledger, ctx->now);
		rc = cmd_tell_limits(ctx, ctx->ledger, err);
	}
	if (rc == 0)
		rc = drain_all(ctx, done, err);
	ledger_close(ctx->ledger);
	ctx->ledger = NULL;
	return rc;
}

void
spool_try(struct cmd_ctx *ctx, bool writes)
{
	struct tk_err failed = TK_ERR_INIT;
	struct spool_result done;
	int wait = store_busy_ms, rc;

	if (!writes && wait > READER_WAITS_MS)
		store_busy_ms = READER_WAITS_MS;
	rc = spool_book(ctx, &done, &failed);
	store_busy_ms = wait;
	if (rc < 0)
		cmd_warn(ctx, "records wait that could not be booked: %s",
		    failed.msg);
}
