#ifndef TOKENIZER_CATEGORY_H
#define TOKENIZER_CATEGORY_H

#include <stddef.h>
#include <stdint.h>

/*
 * General categories of Unicode 16.0, one by one, as the properties of
 * regular expressions ask for them; src/count has the few classes that its
 * own patterns need.
 */
enum category {
	CATEGORY_Cn, /* not assigned */
	CATEGORY_Cc,
	CATEGORY_Cf,
	CATEGORY_Co,
	CATEGORY_Cs,
	CATEGORY_Ll,
	CATEGORY_Lm,
	CATEGORY_Lo,
	CATEGORY_Lt,
	CATEGORY_Lu,
	CATEGORY_Mc,
	CATEGORY_Me,
	CATEGORY_Mn,
	CATEGORY_Nd,
	CATEGORY_Nl,
	CATEGORY_No,
	CATEGORY_Pc,
	CATEGORY_Pd,
	CATEGORY_Pe,
	CATEGORY_Pf,
	CATEGORY_Pi,
	CATEGORY_Po,
	CATEGORY_Ps,
	CATEGORY_Sc,
	CATEGORY_Sk,
	CATEGORY_Sm,
	CATEGORY_So,
	CATEGORY_Zl,
	CATEGORY_Zp,
	CATEGORY_Zs,
	CATEGORIES,
};

struct category_range {
	uint32_t from, to;
	enum category category;
};

/* Sorted; made from the data of src/count at build time. */
extern const struct category_range category_ranges[];
extern const size_t category_range_count;

enum category category_of(uint32_t cp);

/* The bits of "L", "Lu", "Letter" and so on, 1 << category; 0: unknown. */
uint32_t category_bits(const char *name, size_t n);

#endif
