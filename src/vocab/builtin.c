#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/suggest.h"
#include "vocab/vocab.h"

/* embed.S puts each packed file between two symbols. */
#define VOCAB(name) \
	extern const unsigned char vocab_##name[], vocab_##name##_end[];
#include "vocab_list.h"
#undef VOCAB

static const struct {
	const char *name;
	const unsigned char *bytes, *end;
} builtin[] = {
#define VOCAB(name) { #name, vocab_##name, vocab_##name##_end },
#include "vocab_list.h"
#undef VOCAB
};

const char *
vocab_name(size_t n)
{
	return n < TK_LEN(builtin) ? builtin[n].name : NULL;
}

static int
unknown(const char *name, struct tk_err *err)
{
	struct tk_buf hint = TK_BUF_INIT;
	struct tk_suggest s;

	tk_fail(err, TK_NOTFOUND, "no encoding '%s' in this program", name);
	tk_suggest_init(&s, name);
	for (size_t i = 0; i < TK_LEN(builtin); i++)
		tk_suggest_offer(&s, builtin[i].name);
	tk_suggest_add(&s, &hint);
	if (hint.len == 0) {
		tk_buf_adds(&hint, "there is");
		for (size_t i = 0; i < TK_LEN(builtin); i++)
			tk_buf_addf(&hint, "%s %s", i > 0 ? "," : "",
			    builtin[i].name);
	}
	tk_hint(err, "%s", hint.s);
	tk_buf_release(&hint);
	return -1;
}

int
vocab_open(struct vocab **v, const char *name, struct tk_err *err)
{
	*v = NULL;
	for (size_t i = 0; i < TK_LEN(builtin); i++)
		if (strcmp(name, builtin[i].name) == 0)
			return vocab_open_mem(v, builtin[i].bytes,
			    (size_t)(builtin[i].end - builtin[i].bytes), err);
	return unknown(name, err);
}
