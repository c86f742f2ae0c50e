#include <sched.h>

#include "ingest/ingest_int.h"
#include "mem_sink.h"
#include "tap.h"

enum { FOLDERS = 60, FILES = 3 };

#define PROJECTS ".claude/projects"

static void
add_link(const struct world *w, const char *to, const char *name)
{
	const char *path = world_path(w, name);

	if (symlink(to, path) != 0)
		abort();
}

/* Folders below folders, with files that are logs and others. */
static void
make_tree(const struct world *w)
{
	for (int i = 0; i < FOLDERS; i++) {
		for (int j = 0; j < FILES; j++) {
			struct tk_buf b = TK_BUF_INIT;

			tk_buf_addf(&b, PROJECTS "/p%d/%s%d.jsonl", i,
			    i % 4 == 0 ? "deep/er/" : "", j);
			world_add(w, b.s, "{}\n");
			tk_buf_addf(&b, ".txt");
			world_add(w, b.s, "{}\n");
			tk_buf_release(&b);
		}
	}
}

static int
by_path(const void *a_, const void *b_)
{
	const struct walk_file *a = a_, *b = b_;

	return strcmp(a->path, b->path);
}

static struct walk
walk(const struct world *w)
{
	struct walk found = { .want_folders = true };
	struct tk_err err = TK_ERR_INIT;

	CHECK(walk_all(&found, &w->options, &err) == 0);
	qsort(found.files, found.n, sizeof(*found.files), by_path);
	return found;
}

static bool
are_equal(const struct walk *a, const struct walk *b)
{
	if (a->n != b->n || a->nfolders != b->nfolders)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (strcmp(a->files[i].path, b->files[i].path) != 0 ||
		    a->files[i].inode != b->files[i].inode ||
		    a->files[i].root != b->files[i].root)
			return false;
	return true;
}

/* With one processor, and with all. */
static void
check_alone_and_together(const struct world *w, size_t files)
{
	struct walk alone, together;
	cpu_set_t all, one;
	int first = 0;

	CHECK(sched_getaffinity(0, sizeof(all), &all) == 0);
	while (!CPU_ISSET(first, &all))
		first++;
	CPU_ZERO(&one);
	CPU_SET(first, &one);
	CHECK(sched_setaffinity(0, sizeof(one), &one) == 0);
	alone = walk(w);
	CHECK(sched_setaffinity(0, sizeof(all), &all) == 0);
	CHECK(alone.n == files);
	for (int i = 0; i < 20; i++) {
		together = walk(w);
		CHECK(are_equal(&alone, &together));
		walk_release(&together);
	}
	walk_release(&alone);
}

static void
as_many_threads_find_the_same(struct world *w)
{
	make_tree(w);
	check_alone_and_together(w, FOLDERS * FILES);
}

static void
links_lead_nowhere_twice(struct world *w)
{
	make_tree(w);
	add_link(w, "p1", PROJECTS "/a-link");
	add_link(w, "..", PROJECTS "/p2/up");
	add_link(w, ".", PROJECTS "/p3/here");
	add_link(w, "../p5/0.jsonl", PROJECTS "/p6/same.jsonl");
	add_link(w, "nothing", PROJECTS "/p6/nothing.jsonl");
	world_add(w, "elsewhere/q/0.jsonl", "{}\n");
	world_add(w, "elsewhere/r/0.jsonl", "{}\n");
	add_link(w, "../r", "elsewhere/q/other");
	add_link(w, "../../../elsewhere/q", PROJECTS "/p7/away");
	check_alone_and_together(w, FOLDERS * FILES + 2);
}

static void
what_cannot_be_listed_is_said(struct world *w)
{
	struct walk found;
	struct tk_buf b = TK_BUF_INIT;

	make_tree(w);
	add_link(w, "loop", PROJECTS "/loop");
	tk_buf_addf(&b, "chmod 0 %s", world_path(w, PROJECTS "/p1"));
	CHECK(system(b.s) == 0);
	found = walk(w);
	if (geteuid() == 0) { /* who may list everything */
		CHECK(found.n == FOLDERS * FILES && found.nproblems == 0);
	} else {
		CHECK(found.n == (FOLDERS - 1) * FILES);
		CHECK(found.nproblems == 1 &&
		    strstr(found.problems[0], "/p1: ") != NULL);
	}
	walk_release(&found);
	tk_buf_release(&b);
	CHECK(chmod(world_path(w, PROJECTS "/p1"), 0700) == 0);
}

int
main(void)
{
	void (*const tests[])(struct world *) = {
		as_many_threads_find_the_same,
		links_lead_nowhere_twice,
		what_cannot_be_listed_is_said,
	};

	for (size_t i = 0; i < TK_LEN(tests); i++) {
		struct world w;

		world_begin(&w);
		tests[i](&w);
		world_end(&w);
	}
	return tap_done();
}
