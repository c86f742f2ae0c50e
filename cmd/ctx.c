/* What every command asks of its context: the time; and the words it says. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/num.h"
#include "base/time.h"
#include "base/utf8.h"
#include "cmd.h"
#include "ledger/ledger.h"
#include "news.h"
#include "session.h"

/* $TOKCTL_NOW (seconds, or RFC 3339) makes a run repeatable. */
static int
run_time(int64_t *now, struct tk_err *err)
{
	const char *fixed = getenv("TOKCTL_NOW");
	struct timespec t;

	if (fixed == NULL || *fixed == '\0') {
		clock_gettime(CLOCK_REALTIME, &t);
		*now = (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
		return 0;
	}
	if (tk_int_parse(fixed, strlen(fixed), now) &&
	    *now >= TK_TIME_MIN / 1000 && *now <= TK_TIME_MAX / 1000) {
		*now *= 1000;
		return 0;
	}
	if (tk_time_parse(fixed, strlen(fixed), NULL, now))
		return 0;
	return tk_fail(err, TK_USAGE,
	    "TOKCTL_NOW: '%s' is no time in seconds or RFC 3339", fixed);
}

int
cmd_tick(struct cmd_ctx *ctx, struct tk_err *err)
{
	if (run_time(&ctx->now, err) < 0)
		return -1;
	if (ctx->ledger != NULL)
		ledger_set_now(ctx->ledger, ctx->now);
	return 0;
}

struct tk_clock
cmd_clock(const struct cmd_ctx *ctx)
{
	return (struct tk_clock){ .now = ctx->now,
		.zone = ctx->zone,
		.week_start = ctx->week_start };
}

void
say_line(const char *text)
{
	struct tk_buf line = TK_BUF_INIT;

	tk_utf8_add_clean(&line, text, strlen(text));
	fprintf(stderr, "%s\n", line.s);
	tk_buf_release(&line);
}

static void
say(const struct cmd_ctx *ctx, const char *text)
{
	struct tk_buf line = TK_BUF_INIT;

	tk_buf_addf(&line, "tokctl %s: %s", ctx->name, text);
	say_line(line.s);
	tk_buf_release(&line);
}

void
cmd_say(const struct cmd_ctx *ctx, const char *fmt, ...)
{
	struct tk_buf text = TK_BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	tk_buf_addv(&text, fmt, ap);
	va_end(ap);
	if (ctx->news != NULL)
		news_add(ctx->news, text.s);
	if (!ctx->common->quiet)
		say(ctx, text.s);
	tk_buf_release(&text);
}

void
cmd_warn(const struct cmd_ctx *ctx, const char *fmt, ...)
{
	struct tk_buf text = TK_BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	tk_buf_addv(&text, fmt, ap);
	va_end(ap);
	say(ctx, text.s);
	tk_buf_release(&text);
}
