/* Which format a file is to have, from its name: see out.h. */
#include <string.h>
#include <strings.h>

#include "base/attr.h"
#include "out/out.h"

/* The end of a name without these last bytes is one of a file, too. */
static bool
ends_in(const char *s, size_t len, const char *suffix)
{
	size_t n = strlen(suffix);

	return len > n && s[len - n - 1] != '/' &&
	    strncasecmp(s + len - n, suffix, n) == 0;
}

int
out_format_of_file(const char *file)
{
	static const struct {
		const char *suffix, *format;
	} known[] = {
		{ ".json", "json" },
		{ ".jsonl", "jsonl" },
		{ ".ndjson", "jsonl" },
		{ ".csv", "csv" },
		{ ".md", "md" },
		{ ".markdown", "md" },
		{ ".html", "html" },
		{ ".htm", "html" },
		{ ".xlsx", "xlsx" },
	};
	size_t len = strlen(file);

	/* What zip/zip.h compresses. */
	if (ends_in(file, len, ".gz"))
		len -= strlen(".gz");
	else if (ends_in(file, len, ".zst"))
		len -= strlen(".zst");
	for (size_t i = 0; i < TK_LEN(known); i++)
		if (ends_in(file, len, known[i].suffix))
			return out_format_named(known[i].format);
	return ends_in(file, len, ".svg") ? out_format_svg : -1;
}
