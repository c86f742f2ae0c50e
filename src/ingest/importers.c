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
importer_count(void)
{
	return TK_LEN(importers) - 1;
}

const struct importer *
importer_at(size_t i)
{
	return importers[i];
}

const struct importer *
importer_find(const char *name)
{
	for (size_t i = 0; importers[i] != NULL; i++)
		if (strcmp(importers[i]->name, name) == 0)
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

const struct importer *
importer_probe(const struct ingest_options *o, const char *path,
    const char *head, size_t n)
{
	if (o->nfrom == 1)
		return o->from[0];
	for (size_t i = 0; importers[i] != NULL; i++)
		if (options_want(o, importers[i]) &&
		    importers[i]->probe(o, path, head, n))
			return importers[i];
	return NULL;
}
