/* The options that choose records: see filter.h. */
#include "filter.h"

#include <string.h>

#include "base/buf.h"
#include "filter_kept.h"
#include "out/out.h"

const struct opt cmd_filter_opts[] = {
	OPT_RANGE(struct cmd_filter),
	OPT_LIST(0, "department", struct cmd_filter, department, "name",
	    HINT_NONE, "only users while in this department"),
	OPT_LIST(0, "model-family", struct cmd_filter, model_family, "name",
	    HINT_NONE, "only models of this family"),
	OPT_LIST(0, "priority", struct cmd_filter, priority, "priority",
	    HINT_NONE, "only calls of this priority"),
	OPT_LIST(0, "tier", struct cmd_filter, tier, "tier", HINT_NONE,
	    "only calls of this service tier"),
	OPT_LIST(0, "error", struct cmd_filter, error, "code", HINT_NONE,
	    "only calls that failed with this"),
	OPT_LIST(0, "key", struct cmd_filter, key, "name", HINT_NONE,
	    "only calls with this API key"),
	OPT_LIST('u', "user", struct cmd_filter, user, "name", HINT_USER,
	    "only this user; may be repeated"),
	OPT_LIST(0, "application", struct cmd_filter, application, "name",
	    HINT_APPLICATION, "only this application"),
	OPT_LIST('m', "model", struct cmd_filter, model, "model", HINT_MODEL,
	    "only this model"),
	OPT_LIST(0, "provider", struct cmd_filter, provider, "name", HINT_NONE,
	    "only this provider"),
	OPT_LIST(0, "session", struct cmd_filter, session, "id", HINT_SESSION,
	    "only this session"),
	OPT_LIST(0, "project", struct cmd_filter, project, "name", HINT_PROJECT,
	    "only this project"),
	OPT_LIST(0, "agent", struct cmd_filter, agent, "name", HINT_NONE,
	    "only this agent"),
	OPT_LIST(0, "endpoint", struct cmd_filter, endpoint, "name", HINT_NONE,
	    "only this API endpoint"),
	OPT_LIST(0, "source", struct cmd_filter, source, "name", HINT_SOURCE,
	    "only what came from this source"),
	OPT_LIST(0, "machine", struct cmd_filter, machine, "name", HINT_NONE,
	    "only what was logged on this machine"),
	OPT_END,
};

/* The lists of the struct, by the kind of name they hold. */
struct list_of {
	enum name_kind kind;
	size_t offset;
};

#define LIST(kind, field) \
	{ \
		(kind), offsetof(struct cmd_filter, field) \
	}

static const struct list_of lists[] = {
	LIST(NAME_ERROR, error),
	LIST(NAME_KEY, key),
	LIST(NAME_USER, user),
	LIST(NAME_APPLICATION, application),
	LIST(NAME_MODEL, model),
	LIST(NAME_PROVIDER, provider),
	LIST(NAME_SESSION, session),
	LIST(NAME_PROJECT, project),
	LIST(NAME_AGENT, agent),
	LIST(NAME_ENDPOINT, endpoint),
	LIST(NAME_SOURCE, source),
	LIST(NAME_MACHINE, machine),
};

static const struct opt_list *
list_at(const struct cmd_filter *args, size_t i)
{
	return (const struct opt_list *)(const void *)((const char *)args +
	    lists[i].offset);
}

bool
cmd_filter_has_range(const struct cmd_filter *args)
{
	return args->since != NULL || args->until != NULL ||
	    args->period != NULL;
}

int
cmd_filter_check(const struct cmd_ctx *ctx, const struct cmd_filter *args,
    struct tk_err *err)
{
	struct tk_clock clock = cmd_clock(ctx);
	struct tk_range range;
	int flags;

	if (filter_kept_check(args, err) < 0)
		return -1;
	if (!cmd_filter_has_range(args))
		return 0;
	return tk_range_resolve(args->since, args->until, args->period, &clock,
	    &range, &flags, err);
}

bool
cmd_filter_other(const struct cmd_filter *args, size_t i, const char **option,
    const struct opt_list **list)
{
	static const char *const options[] = { "department", "model-family",
		"priority", "tier" };
	const struct opt_list *const of[] = { &args->department,
		&args->model_family, &args->priority, &args->tier };

	if (i >= TK_LEN(options))
		return false;
	*option = options[i];
	*list = of[i];
	return true;
}

/* JSON has the names of dimensions. */
static void
tell_others(struct cmd_ctx *ctx, const struct cmd_filter *args)
{
	const struct opt_list *l;
	const char *option;

	for (size_t i = 0; cmd_filter_other(args, i, &option, &l); i++)
		for (size_t k = 0; ctx->out != NULL && k < l->n; k++)
			out_filter(ctx->out,
			    strcmp(option, "model-family") == 0 ? "model_family"
								: option,
			    l->v[k]);
}

int
cmd_range_read(struct cmd_ctx *ctx, const char *since, const char *until,
    const char *period, struct tk_range *r, struct tk_err *err)
{
	struct tk_clock clock = cmd_clock(ctx);
	int flags;

	*r = (struct tk_range){ INT64_MIN, INT64_MAX };
	if (since == NULL && until == NULL && period == NULL)
		return 0;
	if (tk_range_resolve(since, until, period, &clock, r, &flags, err) < 0)
		return -1;
	if (r->since == TK_TIME_MIN) /* "start": since whenever it is */
		r->since = INT64_MIN;
	if (flags & TK_RANGE_OPEN)
		r->until = INT64_MAX;
	if (flags & TK_RANGE_FUTURE)
		cmd_say(ctx, "warning: the range starts in the future");
	return 0;
}

int
cmd_filter_read(struct cmd_ctx *ctx, const struct cmd_filter *args,
    struct ledger_filter *f, struct tk_err *err)
{
	struct tk_range range;

	if (cmd_range_read(ctx, args->since, args->until, args->period, &range,
		err) < 0)
		return -1;
	ledger_filter_init(f);
	f->since = range.since;
	f->until = range.until;
	for (size_t i = 0; i < TK_LEN(lists); i++) {
		const struct opt_list *l = list_at(args, i);
		enum name_kind kind = lists[i].kind;

		f->name[kind] = l->v;
		f->names[kind] = l->n;
		for (size_t k = 0; ctx->out != NULL && k < l->n; k++)
			out_filter(ctx->out, pack_names[kind].key, l->v[k]);
	}
	tell_others(ctx, args);
	return filter_kept_read(ctx, args, f, err);
}

void
cmd_filter_title(const struct cmd_filter *args, struct tk_buf *b)
{
	size_t start = b->len;
	const struct opt_list *other;
	const char *option;

	for (size_t i = 0; i < TK_LEN(lists); i++) {
		const struct opt_list *l = list_at(args, i);

		for (size_t k = 0; k < l->n; k++) {
			tk_buf_adds(b, b->len > start ? ", " : "");
			if (lists[i].kind != NAME_USER)
				tk_buf_addf(b, "%s ",
				    pack_names[lists[i].kind].key);
			tk_buf_adds(b, l->v[k]);
		}
	}
	for (size_t i = 0; cmd_filter_other(args, i, &option, &other); i++)
		for (size_t k = 0; k < other->n; k++)
			tk_buf_addf(b, "%s%s %s", b->len > start ? ", " : "",
			    option, other->v[k]);
	if (b->len == start)
		tk_buf_adds(b, "all users");
}
