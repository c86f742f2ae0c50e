#include <string.h>

#include "base/attr.h"
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

int
vocab_open(struct vocab **v, const char *name, struct tk_err *err)
{
	*v = NULL;
	for (size_t i = 0; i < TK_LEN(builtin); i++)
		if (strcmp(name, builtin[i].name) == 0)
			return vocab_open_mem(v, builtin[i].bytes,
			    (size_t)(builtin[i].end - builtin[i].bytes), err);
	return tk_fail(err, TK_NOTFOUND, "no vocabulary '%s' in this program",
	    name);
}
