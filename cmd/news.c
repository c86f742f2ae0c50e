#include "news.h"

#include <string.h>

#include "out/out.h"

static const struct out_col news_cols[] = {
	{ "message", "Message", OUT_TEXT, 0 },
	OUT_COL_END,
};

void
news_add(struct news *n, const char *text)
{
	tk_buf_add(&n->texts, text, strlen(text) + 1);
}

void
news_print(const struct news *n, struct out *o)
{
	static const struct out_doc doc = { .schema = "tokctl.news/1" };

	out_document(o, &doc);
	out_begin(o, news_cols);
	for (size_t i = 0; i < n->texts.len; i += strlen(n->texts.s + i) + 1) {
		out_text(o, n->texts.s + i);
		out_end_row(o);
	}
}
