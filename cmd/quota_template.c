/*
 * tokctl quota template - quotas with a name, to set them at once
 */
#include <string.h>

#include "base/buf.h"
#include "base/suggest.h"
#include "cmd.h"
#include "limit.h"
#include "out/out.h"
#include "quota.h"

static const struct template
{
	const char *name;
	int64_t daily, monthly, hard;
	int64_t warning, critical; /* parts per million */
}
templates[] = {
	{ "basic", 5000, 150000, 500000, 800000, 950000 },
	{ "premium", 20000, 600000, 2000000, 850000, 950000 },
	{ "enterprise", 100000, 3000000, 10000000, 900000, 980000 },
};

int
quota_template_apply(struct cmd_ctx *ctx, const char *name, struct quota *q,
    struct tk_err *err)
{
	(void)ctx;
	for (size_t i = 0; i < TK_LEN(templates); i++) {
		const struct template *t = &templates[i];

		if (strcmp(t->name, name) != 0)
			continue;
		q->limit[QUOTA_DAILY] = t->daily;
		q->limit[QUOTA_MONTHLY] = t->monthly;
		q->limit[QUOTA_HARD] = t->hard;
		q->warning = t->warning;
		q->critical = t->critical;
		q->template = t->name;
		return 0;
	}
	return tk_fail(err, TK_NOTFOUND, "Unknown template: %.64s", name);
}
