/* Finding the files of a run while something else is done: ingest.h. */
#include <stdlib.h>

#include "base/mem.h"
#include "base/thread.h"
#include "base/who.h"
#include "ingest/search.h"

struct ingest_search {
	const struct ingest_options *options;
	struct walk walk;
	struct tk_err err;
	int rc;
	bool running, done;
	pthread_t thread;
};

static void *
find(void *data)
{
	struct ingest_search *s = data;

	s->rc = walk_all(&s->walk, s->options, &s->err);
	s->done = true;
	return NULL;
}

/* In a thread of its own for all places: named paths are few. */
struct ingest_search *
ingest_search_begin(const struct ingest_options *o)
{
	struct ingest_search *s = tk_xcalloc(1, sizeof(*s));

	s->options = o;
	s->running = o->npaths == 0 && tk_processors() > 1 &&
	    tk_thread_start(&s->thread, find, s);
	return s;
}

int
search_end(struct ingest_search *s, const struct walk **found,
    struct tk_err *err)
{
	if (s->running)
		pthread_join(s->thread, NULL);
	s->running = false;
	if (!s->done)
		find(s);
	*found = &s->walk;
	if (s->rc < 0)
		*err = s->err;
	return s->rc;
}

void
ingest_search_free(struct ingest_search *s)
{
	if (s == NULL)
		return;
	if (s->running)
		pthread_join(s->thread, NULL);
	walk_release(&s->walk);
	free(s);
}
