/*
 * Files that need not be opened: since they were read, nothing that is known
 * without opening them has changed.
 */
#include "ingest/known.h"
#include "ingest/run.h"

/* Nothing that other files have said makes it worth to be read again. */
static bool
is_fresh(const struct importer *im, const char *path, const char *ask)
{
	return ask == NULL || im->stale == NULL || !im->stale(path, ask);
}

static bool
is_same(const struct known_file *k, const struct walk_file *f)
{
	return k != NULL && known_is_same(k, f) &&
	    k->version == k->importer->version && k->offset != DATABASE &&
	    is_fresh(k->importer, f->path, k->ask);
}

static void
pass_over(struct run *run, const struct walk_file *f, const struct importer *im,
    const char *ask)
{
	run_read_whole(run, f,
	    &(struct walk_read){ .size = f->size,
		.mtime = f->mtime,
		.ctime = f->ctime },
	    ask != NULL ? ask : "");
	run_tally(run, im)->files++;
	run_tally(run, im)->unchanged++;
}

/* As whichever importer's it was read: it is in a folder that was named. */
static const struct known_file *
find_anyones(const struct run *run, const struct walk_file *f)
{
	const struct known_file *k;

	for (size_t i = 0; importers[i] != NULL; i++) {
		if (!options_want(run->options, importers[i]))
			continue;
		k = known_find(&run->known, importers[i], f->path);
		if (is_same(k, f))
			return k;
	}
	return NULL;
}

bool
run_passes_over(struct run *run, const struct walk_file *f)
{
	const struct known_file *k;

	if (f->same && is_fresh(f->importer, f->path, f->ask)) {
		pass_over(run, f, f->importer, f->ask);
		return true;
	}
	if (f->named || run->known.n == 0)
		return false;
	k = f->importer != NULL ? known_find(&run->known, f->importer, f->path)
				: find_anyones(run, f);
	if (!is_same(k, f))
		return false;
	pass_over(run, f, k->importer, k->ask);
	return true;
}
