#include "tokenizer/category.h"

#include <string.h>
#include <strings.h>

#include "base/attr.h"

static const char names[CATEGORIES][3] = {
	"Cn",
	"Cc",
	"Cf",
	"Co",
	"Cs",
	"Ll",
	"Lm",
	"Lo",
	"Lt",
	"Lu",
	"Mc",
	"Me",
	"Mn",
	"Nd",
	"Nl",
	"No",
	"Pc",
	"Pd",
	"Pe",
	"Pf",
	"Pi",
	"Po",
	"Ps",
	"Sc",
	"Sk",
	"Sm",
	"So",
	"Zl",
	"Zp",
	"Zs",
};

static const struct {
	const char *name, *code;
} long_names[] = {
	{ "Letter", "L" },
	{ "Lowercase_Letter", "Ll" },
	{ "Uppercase_Letter", "Lu" },
	{ "Mark", "M" },
	{ "Number", "N" },
	{ "Punctuation", "P" },
	{ "Symbol", "S" },
	{ "Separator", "Z" },
};

enum category
category_of(uint32_t cp)
{
	size_t low = 0, high = category_range_count;

	while (low < high) {
		size_t middle = (low + high) / 2;
		const struct category_range *r = &category_ranges[middle];

		if (cp < r->from)
			high = middle;
		else if (cp > r->to)
			low = middle + 1;
		else
			return r->category;
	}
	return CATEGORY_Cn;
}

uint32_t
category_bits(const char *name, size_t n)
{
	uint32_t bits = 0;

	for (size_t i = 0; i < TK_LEN(long_names); i++) {
		if (strlen(long_names[i].name) == n &&
		    strncasecmp(long_names[i].name, name, n) == 0) {
			name = long_names[i].code;
			n = strlen(name);
		}
	}
	for (int i = 0; i < CATEGORIES && (n == 1 || n == 2); i++)
		if (strncasecmp(names[i], name, n) == 0)
			bits |= UINT32_C(1) << i;
	return bits;
}
