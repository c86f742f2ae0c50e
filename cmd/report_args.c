/* What was asked for, and whether it goes together: report_int.h. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/suggest.h"
#include "filter.h"
#include "report_compat.h"
#include "report_int.h"

static int
unknown_dim(const char *word, struct tk_err *err)
{
	struct tk_buf hint = TK_BUF_INIT;
	struct tk_suggest near;

	tk_fail(err, TK_USAGE, "'%s' is no dimension", word);
	tk_suggest_init(&near, word);
	for (const struct tk_choice *c = report_dims; c->name != NULL; c++)
		tk_suggest_offer(&near, c->name);
	tk_suggest_add(&near, &hint);
	tk_buf_adds(&hint, hint.len > 0 ? " it is one of" : "one of");
	for (const struct tk_choice *c = report_dims; c->name != NULL; c++)
		tk_buf_addf(&hint, "%s %s", c == report_dims ? "" : ",",
		    c->name);
	tk_hint(err, "%s", hint.s);
	tk_buf_release(&hint);
	return -1;
}

int
report_args_dims(struct report_query *q, const char *list, struct tk_err *err)
{
	for (const char *s = list;; s++) {
		size_t n = strcspn(s, ",");
		const struct tk_choice *c = report_dims;
		char word[32];

		while (c->name != NULL &&
		    (strncmp(c->name, s, n) != 0 || c->name[n] != '\0'))
			c++;
		if (c->name == NULL) {
			snprintf(word, sizeof(word), "%.*s", (int)n, s);
			return unknown_dim(word, err);
		}
		for (size_t d = 0; d < q->dims; d++)
			if (q->dim[d] == (enum report_dim)c->value)
				return tk_fail(err, TK_USAGE,
				    "'%s' is a dimension already", c->name);
		if (q->dims == REPORT_MAX_DIMS)
			return tk_fail(err, TK_USAGE, "more than %d dimensions",
			    REPORT_MAX_DIMS);
		q->dim[q->dims++] = (enum report_dim)c->value;
		s += n;
		if (*s == '\0')
			return 0;
	}
}

int
report_args_step(struct report_query *q, int step, struct tk_err *err)
{
	return step == UNSAID
	    ? 0
	    : report_args_dims(q, report_dim_key((enum report_dim)step), err);
}

/* A matrix has one dimension of time and at least one other. */
static int
check_matrix(const struct report_args *args, size_t dims, struct tk_err *err)
{
	if (!args->matrix)
		return 0;
	if (args->full || args->compare > 0 || args->success || args->latency ||
	    args->errors || args->complete || args->sort != ORDER_UNSAID ||
	    args->reverse)
		return tk_fail(err, TK_USAGE,
		    "--matrix takes no other columns and no other order");
	if (dims < 2) {
		tk_fail(err, TK_USAGE, "a matrix of what?");
		return tk_hint(err,
		    "as 'tokctl report monthly --by model --matrix' or "
		    "'tokctl report by model -g week --matrix'");
	}
	return 0;
}

static int
check_limits(const struct cmd_ctx *ctx, const struct report_args *args,
    struct tk_err *err)
{
	if (args->compat != COMPAT_NONE &&
	    (args->by.n > 0 || args->sort != ORDER_UNSAID || args->complete))
		return tk_fail(err, TK_USAGE, "--%s does not go with --compat",
		    args->by.n > 0       ? "by"
			: args->complete ? "complete"
					 : "sort");
	if (report_compat_check(ctx, args->compat, err) < 0)
		return -1;
	if (args->full && (args->by.n > 0 || args->sort != ORDER_UNSAID))
		return tk_fail(err, TK_USAGE, "--full does not go with --%s",
		    args->by.n > 0 ? "by" : "sort");
	if (args->top < 1 || args->last < 1)
		return tk_fail(err, TK_USAGE, "--%s takes a positive number",
		    args->top < 1 ? "top" : "last");
	return 0;
}

int
report_args_check(const struct cmd_ctx *ctx, const void *args_, int argc,
    const char **argv, struct tk_err *err)
{
	const struct report_args *args = args_;
	struct report_query q = { 0 };

	if (argc == 0 && ctx->cmd->operands != NULL) {
		tk_fail(err, TK_USAGE, "by what?");
		return tk_hint(err,
		    "as 'tokctl report by model' or "
		    "'tokctl report by user,model'");
	}
	for (int i = 0; i < argc; i++)
		if (report_args_dims(&q, argv[i], err) < 0)
			return -1;
	for (size_t i = 0; i < args->by.n; i++)
		if (report_args_dims(&q, args->by.v[i], err) < 0)
			return -1;
	if (report_args_step(&q, args->step, err) < 0 ||
	    check_matrix(args, q.dims + (ctx->cmd->operands == NULL), err) < 0)
		return -1;
	if (check_limits(ctx, args, err) < 0)
		return -1;
	return cmd_filter_check(ctx, &args->filter, err);
}
