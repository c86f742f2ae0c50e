/* The table of importers, and the questions that are asked of all. */
#include <string.h>

#include "base/attr.h"
#include "ingest/ingest_int.h"

#define IMPORTER(name) extern const struct importer importer_##name;
#include "ingest/list.h"
#undef IMPORTER

const struct importer *const importers[] = {
#define IMPORTER(name) &importer_##name,
#include "ingest/list.h"
#undef IMPORTER
	NULL,
};

size_t
importer_place(const struct importer *im)
{
	size_t i = 0;

	while (importers[i] != im)
		i++;
	return i;
}

size_t
importer_count(void)
{
	return TK_LEN(importers) - 1;
}

const struct importer *
importer_at(size_t i)
{
	return importers[i];
}

/* "gemini-cli" and "qwen-code" are what people call gemini and qwen. */
static bool
is_called(const struct importer *im, const char *name)
{
	size_t n = strlen(im->name);

	return strncmp(im->name, name, n) == 0 &&
	    (name[n] == '\0' || strcmp(name + n, "-cli") == 0 ||
		strcmp(name + n, "-code") == 0);
}

const struct importer *
importer_find(const char *name)
{
	for (size_t i = 0; importers[i] != NULL; i++)
		if (is_called(importers[i], name))
			return importers[i];
	return NULL;
}

const char *
importer_name(const struct importer *im)
{
	return im->name;
}

const char *
importer_title(const struct importer *im)
{
	return im->title;
}

bool
options_want(const struct ingest_options *o, const struct importer *im)
{
	for (size_t i = 0; i < o->nfrom; i++)
		if (o->from[i] == im)
			return true;
	return o->nfrom == 0;
}

static int
ambiguous(const char *path, const struct importer *a, const struct importer *b,
    struct tk_err *err)
{
	tk_fail(err, TK_DATA, "'%s' may be of %s or of %s", path, a->name,
	    b->name);
	return tk_hint(err, "say which with --from");
}

static enum probe
probe(const struct importer *im, const struct ingest_options *o,
    const char *path, const char *head, size_t n)
{
	if (im->marks != NULL && marks_fit(im->marks, head, n))
		return PROBE_SURE;
	return im->probe != NULL ? im->probe(o, path, head, n) : PROBE_NO;
}

int
importer_probe(const struct importer **im, const struct ingest_options *o,
    const char *path, const char *head, size_t n, struct tk_err *err)
{
	const struct importer *other = NULL;
	enum probe best = PROBE_NO;

	*im = NULL;
	if (o->nfrom == 1) {
		*im = o->from[0];
		return 1;
	}
	for (size_t i = 0; importers[i] != NULL; i++) {
		enum probe fit;

		if (!options_want(o, importers[i]))
			continue;
		fit = probe(importers[i], o, path, head, n);
		if (fit == PROBE_NO || fit < best)
			continue;
		other = fit == best ? *im : NULL;
		*im = importers[i];
		best = fit;
	}
	if (other != NULL)
		return ambiguous(path, other, *im, err);
	return *im != NULL;
}
