/* Filters, warnings and notes, kept until the format prints them. */
#include <stdarg.h>
#include <stdlib.h>

#include "base/mem.h"
#include "out/out_int.h"

static void
remark(struct out_remarks *all, const char *code, const char *text)
{
	struct out_remark *r;

	all->v = tk_xreallocarray(all->v, all->n + 1, sizeof(*all->v));
	r = &all->v[all->n++];
	r->code = code == NULL ? NULL : tk_xstrdup(code);
	r->text = tk_xstrdup(text);
}

void
out_filter(struct out *o, const char *key, const char *value)
{
	if (o->twin != NULL)
		out_filter(o->twin, key, value);
	remark(&o->filters, key, value);
}

/* To each writer that gets the same: a warning, or (code NULL) a note. */
static void TK_PRINTF(3, 0)
    remark_all(struct out *o, const char *code, const char *fmt, va_list ap)
{
	struct tk_buf b = TK_BUF_INIT;

	tk_buf_addv(&b, fmt, ap);
	for (; o != NULL; o = o->twin)
		remark(code != NULL ? &o->warnings : &o->notes, code, b.s);
	tk_buf_release(&b);
}

void
out_warning(struct out *o, const char *code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	remark_all(o, code, fmt, ap);
	va_end(ap);
}

void
out_note(struct out *o, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	remark_all(o, NULL, fmt, ap);
	va_end(ap);
}

void
out_free_remarks(struct out_remarks *all)
{
	for (size_t i = 0; i < all->n; i++) {
		free(all->v[i].code);
		free(all->v[i].text);
	}
	free(all->v);
}
