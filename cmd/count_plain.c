/*
 * tokctl count: what was counted, as lines for people, like those of wc(1)
 */
#include <inttypes.h>
#include <string.h>

#include "base/utf8.h"
#include "count.h"

/* Whatever is in a name, it stays on its line and draws nothing. */
static void
put_name(FILE *to, const char *name)
{
	size_t left = strlen(name), n;
	int32_t cp;

	putc(' ', to);
	for (; left > 0; name += n, left -= n) {
		n = tk_utf8_step(name, left, &cp);
		if (cp >= 0 && tk_utf8_columns(cp) < 0)
			putc('?', to);
		else
			fwrite(name, 1, n, to);
	}
}

static void
put_how(struct count_job *j, const struct count_target *t,
    const struct content *c)
{
	struct tk_buf b = TK_BUF_INIT;

	count_how(j, t, c, &b);
	fprintf(j->plain, " (%s)", b.s);
	tk_buf_release(&b);
}

void
count_plain_row(struct count_job *j, const struct count_target *t,
    const struct count_text *x, const struct count_figure *f)
{
	fprintf(j->plain, "%" PRId64, f->tokens);
	if (x->file != NULL && (x->line == 0 || j->inputs > 1))
		put_name(j->plain, x->file);
	if (count_is_estimate(j, t) && !j->args->total)
		put_how(j, t, &x->content);
	fputc('\n', j->plain);
}

/* Of several estimates there is no one way that they were made. */
void
count_plain_total(struct count_job *j)
{
	const struct count_target *t = &j->target[0];

	if (j->args->total)
		fprintf(j->plain, "%" PRId64 "\n", t->total);
	else
		fprintf(j->plain, "%" PRId64 " total%s\n", t->total,
		    count_is_estimate(j, t) ? " (estimated)" : "");
}
