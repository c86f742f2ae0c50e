/*
 * Importers on any bytes: no crash, and a file that is read in two runs
 * gives what it gives in one.  The first byte picks the importer, the second
 * where the first run ends.
 */
#include <assert.h>
#include <fcntl.h>

#include "../unit/mem_sink.h"
#include "ingest/ingest_int.h"
#include "zip/unzip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
write_part(const char *path, int flags, const uint8_t *data, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | flags, 0600);

	if (fd < 0 || write(fd, data, n) != (ssize_t)n)
		abort();
	close(fd);
}

static size_t
count_importers(void)
{
	size_t n = 0;

	while (importer_at(n) != NULL)
		n++;
	return n;
}

static void
run(struct world *w, int flags)
{
	w->options.flags = (enum ingest_flags)flags;
	if (world_run(w) < 0)
		abort();
}

static int
ignore(struct usage_record *r, int64_t line, const struct tk_err *bad,
    void *data, struct tk_err *err)
{
	(void)line, (void)data, (void)err;
	assert((r == NULL) == (bad != NULL));
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char path[] = "/dev/shm/tokctl-fuzz-ingest";
	const char *const paths[] = { path };
	const struct importer *from[1];
	struct world one = { .mem.puts_left = -1 }, two = one;
	struct usage_record a, b;
	size_t cut;
	int fd;

	if (size < 2)
		return 0;
	from[0] = importer_at(data[0] % count_importers());
	if (from[0]->line == NULL) /* it reads databases alone */
		return 0;
	cut = data[1] * (size - 2) / 256;
	data += 2;
	size -= 2;
	if (unzip_begins(data, size)) /* fuzz_unzip's; it may be damaged */
		return 0;
	one.options = (struct ingest_options){ .from = from,
		.nfrom = 1,
		.paths = paths,
		.npaths = 1,
		.user = "u" };
	two.options = one.options;

	write_part(path, O_TRUNC, data, size);
	run(&one, 0);
	fd = open(path, O_RDONLY);
	ingest_stream(fd, from[0], &one.options, ignore, NULL, &one.err);
	close(fd);

	write_part(path, O_TRUNC, data, cut);
	run(&two, INGEST_FOLLOW);
	write_part(path, O_APPEND, data + cut, size - cut);
	run(&two, 0);

	a = world_sum(&one);
	b = world_sum(&two);
	assert(one.mem.n == two.mem.n);
	assert(record_total(&a) == record_total(&b));
	for (int i = 0; i < 2; i++) {
		struct world *w = i == 0 ? &one : &two;

		ingest_report_release(&w->report);
		mem_cut(&w->mem, 0, 0);
		free(w->mem.v);
		free(w->mem.sources);
	}
	return 0;
}
