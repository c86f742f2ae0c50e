/* The separator of CSV files: csv.h. */
#include "base/csv.h"

#include <stdbool.h>

#include "base/attr.h"

char
tk_csv_separator(const char *text, size_t n)
{
	static const char known[] = { ',', ';', '\t', '|' };
	size_t seen[TK_LEN(known)] = { 0 }, best = 0;
	bool quoted = false;

	for (size_t i = 0; i < n && (quoted || text[i] != '\n'); i++) {
		quoted ^= text[i] == '"';
		for (size_t k = 0; k < TK_LEN(known); k++)
			seen[k] += !quoted && text[i] == known[k];
	}
	for (size_t k = 1; k < TK_LEN(known); k++)
		if (seen[k] > seen[best])
			best = k;
	return known[best];
}
