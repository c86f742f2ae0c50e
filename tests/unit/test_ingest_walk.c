#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include <time.h>

#include "ingest/ingest_int.h"
#include "ingest/known_folder.h"
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

/* Past the moment in which a change may leave no trace in a folder's times. */
static void
let_settle(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = 150000000 }, NULL);
}

static struct walk
walk_known(const struct world *w, const struct walk_look_up *look_up)
{
	struct walk found = { .look_up = look_up };
	struct tk_err err = TK_ERR_INIT;

	CHECK(walk_all(&found, &w->options, &err) == 0);
	if (found.n > 0)
		qsort(found.files, found.n, sizeof(*found.files), by_path);
	return found;
}

static bool
has_path(const struct walk *w, const char *path)
{
	for (size_t i = 0; i < w->n; i++)
		if (strcmp(w->files[i].path, path) == 0)
			return true;
	return false;
}

/* Is it what the ledger says that was read? */
static bool
was_read_so(struct world *w, const struct walk_file *f)
{
	struct tk_err err = TK_ERR_INIT;
	struct ledger_source s;
	bool is;

	if (mem_source_get(&w->mem, f->importer->name, f->path, &s, &err) <= 0)
		return false;
	is = s.device == f->device && s.inode == f->inode &&
	    s.size == f->size && s.mtime == f->mtime;
	free(s.carry);
	return is;
}

/* With what is known the same is found as without, but what has not changed,
 * and that is counted. */
static size_t
check_known(struct world *w)
{
	struct walk_look_up look_up = { .sink = &mem_sink, .to = &w->mem };
	struct walk with = walk_known(w, &look_up);
	struct walk without = walk_known(w, NULL);
	size_t n =
	    (size_t)with.same[importer_place(importer_find("claude-code"))];

	CHECK(with.n + n == without.n);
	for (size_t i = 0; i < with.n; i++)
		CHECK(has_path(&without, with.files[i].path));
	for (size_t i = 0; i < without.n; i++)
		CHECK(has_path(&with, without.files[i].path) ||
		    was_read_so(w, &without.files[i]));
	walk_release(&with);
	walk_release(&without);
	return n;
}

static void
folders_that_are_known_are_not_listed(struct world *w)
{
	make_tree(w);
	let_settle();
	CHECK(world_run(w) == 0);
	CHECK(world_tally(w, "claude-code")->files == FOLDERS * FILES);
	CHECK(check_known(w) == FOLDERS * FILES);
	CHECK(world_run(w) == 0);
	CHECK(world_tally(w, "claude-code")->unchanged == FOLDERS * FILES);
	/* only that one is listed, since a name in it is new */
	world_add(w, PROJECTS "/p1/new.jsonl", "{}\n");
	CHECK(check_known(w) == (FOLDERS - 1) * FILES);
	let_settle();
	CHECK(world_run(w) == 0);
	CHECK(world_tally(w, "claude-code")->unchanged == FOLDERS * FILES);
	CHECK(world_tally(w, "claude-code")->lines == 1);
	CHECK(check_known(w) == FOLDERS * FILES + 1);
	/* of a file that grows only that is looked at */
	world_add(w, PROJECTS "/p2/1.jsonl", "{}\n{}\n");
	CHECK(check_known(w) == FOLDERS * FILES);
	CHECK(world_run(w) == 0);
	CHECK(world_tally(w, "claude-code")->lines == 2);
	CHECK(check_known(w) == FOLDERS * FILES + 1);
}

/* Of many files in a folder few have changed: what is said of it stays. */
static void
what_is_said_of_a_folder_is_true_for_ever(struct world *w)
{
	for (int i = 0; i < 200; i++) {
		struct tk_buf b = TK_BUF_INIT;

		tk_buf_addf(&b, PROJECTS "/p/%d\n\"%%?.jsonl", i);
		world_add(w, b.s, "{}\n");
		tk_buf_release(&b);
	}
	let_settle();
	CHECK(world_run(w) == 0 && check_known(w) == 200);
	for (int more = 1; more <= 4; more++) {
		struct tk_buf b = TK_BUF_INIT;

		tk_buf_addf(&b, PROJECTS "/p/%d\n\"%%?.jsonl", more);
		world_add(w, b.s, "{}\n{}\n");
		tk_buf_release(&b);
		CHECK(world_run(w) == 0);
		CHECK(world_tally(w, "claude-code")->unchanged == 199);
		/* until there are so many that it is written anew */
		CHECK(check_known(w) == (more < 4 ? 200 - (size_t)more : 200));
	}
}

static void
a_file_that_is_put_in_place_of_another_is_seen(struct world *w)
{
	struct timespec times[2] = { { .tv_sec = 1700000000 },
		{ .tv_sec = 1700000000 } };
	const char *path;

	world_add(w, PROJECTS "/p/a.jsonl", "{}\n");
	path = world_path(w, PROJECTS "/p/a.jsonl");
	CHECK(utimensat(AT_FDCWD, path, times, 0) == 0);
	let_settle();
	CHECK(world_run(w) == 0 && check_known(w) == 1);
	/* as long, and as old */
	world_add(w, PROJECTS "/p/a.jsonl", "[]\n");
	path = world_path(w, PROJECTS "/p/a.jsonl");
	CHECK(utimensat(AT_FDCWD, path, times, 0) == 0);
	CHECK(check_known(w) == 0);
	CHECK(world_run(w) == 0);
	CHECK(world_tally(w, "claude-code")->lines == 1);
}

/* Whoever wrote it: nothing is believed of what makes no sense. */
static void
what_is_said_of_folders_is_read_to_the_end(struct world *w)
{
	static const struct {
		const char *text;
		int last; /* of known_next_name() */
		size_t n;
	} cases[] = {
		{ "", 0, 0 },
		{ "a/d\nb/?\nc/1 2 3 -4\nd\n/1 2 3 4?5:6\n", 0, 4 },
		{ "a/d", -1, 0 },
		{ "a/d\nb", -1, 1 },
		{ "/d\n", -1, 0 },
		{ "a/1 2 3\n", -1, 0 },
		{ "a/1 2 3 x\n", -1, 0 },
		{ "a/1 2 3 4?5", -1, 0 },
		{ "a/ 2 3 4\n", -1, 0 },
		{ "a/99999999999999999999 2 -9223372036854775808 "
		  "-9223372036854775808\n",
		    0, 1 },
	};

	(void)w;
	for (size_t i = 0; i < TK_LEN(cases); i++) {
		const char *p = cases[i].text;
		struct known_name name;
		size_t n = 0;
		int more;

		while ((more = known_next_name(&p, &name)) > 0)
			n++;
		CHECK(more == cases[i].last && n == cases[i].n);
	}
}

/* What a link leads to may change without the folder that it is in. */
static void
folders_with_links_are_listed(struct world *w)
{
	make_tree(w);
	world_add(w, "elsewhere/0.txt", "");
	add_link(w, "../../../elsewhere", PROJECTS "/p2/away");
	let_settle();
	CHECK(world_run(w) == 0);
	CHECK(check_known(w) == (FOLDERS - 1) * FILES);
	world_add(w, "elsewhere/0.jsonl", "{}\n");
	CHECK(check_known(w) == (FOLDERS - 1) * FILES);
	CHECK(world_run(w) == 0);
	CHECK(world_tally(w, "claude-code")->lines == 1);
}

/* One of the things that happen to folders, by chance. */
static void
change_something(const struct world *w, unsigned chance)
{
	static const char *const ways[] = {
		"rm -f p%u/1.jsonl",
		"echo {} >p%u/1.jsonl",
		"echo {} >>p%u/2.jsonl",
		"mv p%u/0.jsonl p%u/zero.jsonl",
		"mv p%u/zero.jsonl p%u/0.jsonl",
		"mkdir p%u/sub && echo {} >p%u/sub/x.jsonl",
		"rm -rf p%u/sub",
		"mv p%u away && mkdir p%u",
		"rm -rf p%u && mv away p%u",
		"ln -s ../p1/0.jsonl p%u/link.jsonl",
		"ln -s ../p3 p%u/sub",
		"rm -f p%u/link.jsonl",
		"mv p%u/2.jsonl p%u/sub/",
		"echo {} >new && mv new p%u/2.jsonl",
		"rm -rf p%u",
		"mkdir -p p%u/1.jsonl",
		"ln p%u/0.jsonl p%u/twin.jsonl",
		"rm -rf p%u/sub && cp -r p4 p%u/sub",
		"ln -s ../../../elsewhere p%u/elsewhere",
		"printf \"\\037\\213\\010\" >p%u/damaged.jsonl",
	};
	unsigned n = chance % 12, way = chance / 12 % TK_LEN(ways);
	struct tk_buf b = TK_BUF_INIT;

	tk_buf_addf(&b, "cd %s/" PROJECTS " && (", w->home);
	for (const char *p = ways[way]; *p != '\0'; p++) {
		if (p[0] == '%') {
			tk_buf_addf(&b, "%u", n);
			p++;
		} else {
			tk_buf_add(&b, p, 1);
		}
	}
	tk_buf_adds(&b, ") 2>/dev/null");
	CHECK(system(b.s) != -1);
	tk_buf_release(&b);
}

static void
no_change_is_missed(struct world *w)
{
	unsigned chance = 1;
	size_t known = 0;

	make_tree(w);
	world_add(w, "elsewhere/0.jsonl", "{}\n");
	world_add(w, PROJECTS "/p0/damaged.jsonl", "\x1f\x8b\b");
	add_link(w, "../../../elsewhere", PROJECTS "/p2/elsewhere");
	for (int i = 0; i < 80; i++) {
		if (i % 20 == 5)
			let_settle();
		if (i % 3 == 0)
			CHECK(world_run(w) == 0);
		chance = chance * 1103515245 + 12345;
		change_something(w, chance >> 8);
		known += check_known(w);
	}
	CHECK(known > 0);
}

int
main(void)
{
	void (*const tests[])(struct world *) = {
		folders_that_are_known_are_not_listed,
		what_is_said_of_a_folder_is_true_for_ever,
		a_file_that_is_put_in_place_of_another_is_seen,
		what_is_said_of_folders_is_read_to_the_end,
		folders_with_links_are_listed,
		no_change_is_missed,
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
