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

void
out_warning(struct out *o, const char *code, const char *fmt, ...)
{
	struct tk_buf b = TK_BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	tk_buf_addv(&b, fmt, ap);
	va_end(ap);
	for (; o != NULL; o = o->twin)
		remark(&o->warnings, code, b.s);
	tk_buf_release(&b);
}

void
out_note(struct out *o, const char *fmt, ...)
{
	struct tk_buf b = TK_BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	tk_buf_addv(&b, fmt, ap);
	va_end(ap);
	for (; o != NULL; o = o->twin)
		remark(&o->notes, NULL, b.s);
	tk_buf_release(&b);
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
