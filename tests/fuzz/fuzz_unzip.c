/*
 * Lines of any bytes, compressed or not: all of a file is read or it is said
 * what is wrong, from a file as from a pipe.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/err.h"
#include "ingest/lines.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* The bytes of all lines: a number that stands for them. */
static int
read_all(int fd, uint64_t *hash)
{
	struct tk_err err = TK_ERR_INIT;
	struct lines l;
	const char *text;
	size_t n, all = 0;
	int got;

	*hash = 5381;
	lines_init(&l, fd, 0, 1 << 20);
	while ((got = lines_next(&l, &text, &n, &err)) > 0 && all < 1 << 24) {
		for (size_t i = 0; got != LINES_LONG && i < n; i++)
			*hash = *hash * 33 + (uint8_t)text[i];
		all += n;
	}
	if (got < 0 && err.msg[0] == '\0')
		abort();
	lines_release(&l);
	return got < 0 ? -1 : 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	int file = memfd_create("fuzz", 0), pipes[2];
	uint64_t of_file, of_pipe;
	int a, b;

	if (len > 60000 || file < 0 || pipe(pipes) < 0)
		return 0;
	if (write(file, data, len) != (ssize_t)len ||
	    write(pipes[1], data, len) != (ssize_t)len)
		abort();
	lseek(file, 0, SEEK_SET);
	close(pipes[1]);
	a = read_all(file, &of_file);
	b = read_all(pipes[0], &of_pipe);
	if (a != b || (a == 0 && of_file != of_pipe))
		abort();
	close(file);
	close(pipes[0]);
	return 0;
}
