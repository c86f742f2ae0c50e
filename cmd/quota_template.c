/*
 * tokctl quota template - quotas with a name, to set them at once
 */
#include <string.h>

#include "base/buf.h"
#include "base/num.h"
#include "base/suggest.h"
#include "cmd.h"
#include "config/config.h"
#include "ledger/ledger.h"
#include "limit.h"
#include "limit/people.h"
#include "out/out.h"
#include "quota.h"

struct template
{
	const char *name;
	size_t len;                  /* of the name */
	int64_t limit[QUOTA_LIMITS]; /* or QUOTA_ABSENT */
	int64_t warning, critical;   /* parts per million */
	bool own;                    /* from the settings */
};

#define TEMPLATE(name, daily, monthly, hard, warning, critical) \
	{ \
		(name), sizeof(name) - 1, \
		    { (daily), (monthly), (hard), QUOTA_ABSENT }, (warning), \
		    (critical), false \
	}

static const struct template templates[] = {
	TEMPLATE("basic", 5000, 150000, 500000, 800000, 950000),
	TEMPLATE("premium", 20000, 600000, 2000000, 850000, 950000),
	TEMPLATE("enterprise", 100000, 3000000, 10000000, 900000, 980000),
};

static int
bad(const char *text, size_t len, struct tk_err *err)
{
	return tk_fail(err, TK_USAGE,
	    "quota.templates: '%.*s' is not name=daily/monthly/hard", (int)len,
	    text);
}

/* "team=50000/1500000/-/0.8/0.95"; "-" is no limit. */
static int
read_template(const char *text, size_t len, struct template *t,
    struct tk_err *err)
{
	const char *end = text + len, *p = memchr(text, '=', len);
	int64_t *const parts[] = { &t->warning, &t->critical };
	int field = 0;

	if (p == NULL || p == text)
		return bad(text, len, err);
	*t = (struct template){ text, (size_t)(p - text),
		{ QUOTA_ABSENT, QUOTA_ABSENT, QUOTA_ABSENT, QUOTA_ABSENT },
		800000, 950000, true };
	for (p++; p <= end && field < 5; field++) {
		const char *stop = memchr(p, '/', (size_t)(end - p));
		size_t n = (size_t)((stop ? stop : end) - p);
		char word[32];

		if (n >= sizeof(word))
			return bad(text, len, err);
		memcpy(word, p, n);
		word[n] = '\0';
		if (field >= 3) {
			if (cmd_read_part("quota.templates", word,
				parts[field - 3], err) < 0)
				return bad(text, len, err);
		} else if (strcmp(word, "-") != 0 &&
		    (!tk_int_parse(word, n, &t->limit[field]) ||
			t->limit[field] < 0)) {
			return bad(text, len, err);
		}
		p += n + 1;
	}
	return field == 0 || p <= end || t->warning > t->critical
	    ? bad(text, len, err)
	    : 0;
}

typedef int template_fn(const struct template *t, void *data);

/* Those of the settings first: they may take the place of the others. */
static int
each_template(struct cmd_ctx *ctx, template_fn *fn, void *data,
    struct tk_err *err)
{
	const char *text = NULL;
	int rc = 0;

	if (config_get(ctx->config, "quota.templates", &text, err) < 0)
		return -1;
	while (text != NULL && *text != '\0' && rc == 0) {
		size_t len = strcspn(text, " ,;");
		struct template t;

		if (len > 0 && read_template(text, len, &t, err) < 0)
			return -1;
		if (len > 0)
			rc = fn(&t, data);
		text += len + (text[len] != '\0');
	}
	for (size_t i = 0; rc == 0 && i < TK_LEN(templates); i++)
		rc = fn(&templates[i], data);
	return rc;
}

struct wanted {
	const char *name;
	struct template found;
};

static int
find(const struct template *t, void *data)
{
	struct wanted *w = data;

	if (strlen(w->name) != t->len || strncmp(w->name, t->name, t->len) != 0)
		return 0;
	w->found = *t;
	return 1;
}

static int
offer(const struct template *t, void *data)
{
	if (!t->own)
		tk_suggest_offer(data, t->name);
	return 0;
}

static int
find_template(struct cmd_ctx *ctx, struct wanted *w, struct tk_err *err)
{
	struct tk_suggest near;
	int found = each_template(ctx, find, w, err);

	if (found != 0)
		return found < 0 ? -1 : 0;
	tk_suggest_init(&near, w->name);
	each_template(ctx, offer, &near, err);
	tk_fail(err, TK_NOTFOUND, "unknown template: '%.64s'", w->name);
	return tk_suggest_hint(&near, "see 'tokctl quota template'", err);
}

int
quota_template_apply(struct cmd_ctx *ctx, const char *name, struct quota *q,
    struct tk_err *err)
{
	struct wanted w = { .name = name };

	if (find_template(ctx, &w, err) < 0)
		return -1;
	for (int i = 0; i < QUOTA_LIMITS; i++)
		if (w.found.limit[i] != QUOTA_ABSENT)
			q->limit[i] = w.found.limit[i];
	q->warning = w.found.warning;
	q->critical = w.found.critical;
	q->template = name;
	return 0;
}

struct template_args {
	struct cmd_common common;
	struct cmd_scope scope;
};

static const struct opt template_opts[] = {
	OPT_SCOPE(struct template_args),
	OPT_COMMON(struct template_args),
	OPT_END,
};

static const struct out_col template_cols[] = {
	{ "template", "Template", OUT_TEXT, 0 },
	{ "daily", "Daily", OUT_INT, 0 },
	{ "monthly", "Monthly", OUT_INT, 0 },
	{ "hard", "Hard", OUT_INT, 0 },
	{ "warning_threshold", "Warning", OUT_RATIO, OUT_WHOLE },
	{ "critical_threshold", "Critical", OUT_RATIO, OUT_WHOLE },
	OUT_COL_END,
};

static int
list_template(const struct template *t, void *data)
{
	struct out *o = data;
	struct tk_buf name = TK_BUF_INIT;

	tk_buf_add(&name, t->name, t->len);
	out_text(o, name.s);
	tk_buf_release(&name);
	for (int i = 0; i < QUOTA_SESSION; i++) {
		if (t->limit[i] == QUOTA_ABSENT)
			out_null(o);
		else
			out_int(o, t->limit[i]);
	}
	out_ratio(o, t->warning, 1000000);
	out_ratio(o, t->critical, 1000000);
	out_end_row(o);
	return 0;
}

static int
list(struct cmd_ctx *ctx, struct tk_err *err)
{
	out_document(ctx->out,
	    &(struct out_doc){ .schema = "tokctl.quota.template/1",
		.title = "Templates" });
	out_begin(ctx->out, template_cols);
	return each_template(ctx, list_template, ctx->out, err);
}

static int
apply(struct cmd_ctx *ctx, const char *name, const struct limit_name *of,
    struct tk_err *err)
{
	struct tk_buf zone = TK_BUF_INIT, before = TK_BUF_INIT;
	struct ledger *l = NULL;
	struct ledger_actor by;
	struct quota q;
	int rc = -1;

	if (cmd_actor(ctx, &by, err) < 0 ||
	    ledger_open(&l, ctx->ledger_url, LEDGER_WRITE | LEDGER_CREATE,
		err) < 0)
		return -1;
	ctx->ledger = l; /* main() closes it */
	if (ledger_begin(l, err) < 0)
		return -1;
	if (quota_load(ctx, of, &q, &zone, &before, err) >= 0 &&
	    quota_template_apply(ctx, name, &q, err) == 0 &&
	    person_may_set(l, of, &by, err) == 0 &&
	    cmd_scope_user(ctx, of, &by, err) == 0 &&
	    quota_put(l, &q, &by, "quota.set", err) == 0)
		rc = ledger_commit(l, LEDGER_DURABLE, err);
	ledger_rollback(l);
	if (rc == 0)
		quota_say(ctx, &q);
	if (rc == 0 && ctx->common->format > 0)
		rc = quota_show(ctx, of, NULL, err);
	tk_buf_release(&zone);
	tk_buf_release(&before);
	return rc;
}

static int
template_run(struct cmd_ctx *ctx, const void *args_, int argc,
    const char **argv, struct tk_err *err)
{
	const struct template_args *args = args_;
	struct wanted w = { .name = argc > 0 ? argv[0] : NULL };
	struct limit_name of;
	int named = cmd_scope_read(&args->scope, &of, err);

	if (named < 0)
		return -1;
	if (argc > 0 && find_template(ctx, &w, err) < 0)
		return -1;
	if (argc > 1)
		return tk_fail(err, TK_USAGE, "one template at a time");
	if (argc == 0 && named > 0) {
		tk_fail(err, TK_USAGE, "which template?");
		return tk_hint(err, "'tokctl quota template' has them");
	}
	if (argc == 0)
		return list(ctx, err);
	if (cmd_scope_need(&args->scope, "quota", &of, err) < 0)
		return -1;
	return apply(ctx, argv[0], &of, err);
}

const struct cmd cmd_quota_template = {
	.name = "template",
	.summary = "list templates, or set a quota from one",
	.operands = "[template]",
	.examples = "tokctl quota template\twhat there is\n"
		    "tokctl quota template premium -u alice\tset it\n",
	.opts = template_opts,
	.args_size = sizeof(struct template_args),
	.needs = CMD_OUT | CMD_LEDGER_NAME,
	.run = template_run,
};
