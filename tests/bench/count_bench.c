/*
 * count_bench [-e ENC] [-x ENGINE] [-n ROUNDS] [-i] FILE... - time counting
 *
 * One line a file: tokens, and megabytes a CPU second of the first round
 * (cold: a new stream, nothing remembered) and of the best later one (warm).
 * With -i ids are made too.  The file is read before the clock starts.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "count/count.h"

static double
cpu_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static char *
read_file(const char *path, size_t *len)
{
	FILE *f = fopen(path, "rb");
	char *s = NULL;
	size_t cap = 0, n;

	*len = 0;
	if (f == NULL)
		return NULL;
	do {
		if (*len == cap)
			s = realloc(s, cap = cap > 0 ? 2 * cap : 1 << 20);
		n = fread(s + *len, 1, cap - *len, f);
		*len += n;
	} while (n > 0);
	fclose(f);
	return s;
}

static void
ignore(const uint32_t *ids, size_t n, void *data)
{
	*(uint64_t *)data += ids[n - 1];
}

static void
time_file(const struct count_encoding *e, const char *path, int rounds,
    bool with_ids)
{
	struct tk_err err = TK_ERR_INIT;
	struct count_stream *s = count_stream_new(e, 0);
	double cold = 0, warm = 0;
	int64_t tokens = 0;
	uint64_t seen = 0;
	size_t len;
	char *text = read_file(path, &len);

	if (text == NULL) {
		perror(path);
		exit(1);
	}
	if (with_ids)
		count_stream_on_ids(s, ignore, &seen);
	for (int i = 0; i < rounds; i++) {
		double start = cpu_seconds(), rate;

		if (count_text(s, text, len, &tokens, &err) < 0) {
			fprintf(stderr, "%s: %s\n", path, err.msg);
			exit(1);
		}
		rate = (double)len / 1e6 / (cpu_seconds() - start);
		if (i == 0)
			cold = rate;
		else if (rate > warm)
			warm = rate;
	}
	printf("%s tokens %lld cold %.1f warm %.1f\n", path, (long long)tokens,
	    cold, warm);
	count_stream_free(s);
	free(text);
}

int
main(int argc, char **argv)
{
	struct tk_err err = TK_ERR_INIT;
	struct count_encoding *e;
	const char *name = "o200k_base";
	bool with_ids = false;
	int c, rounds = 3;

	while ((c = getopt(argc, argv, "e:x:n:i")) != -1) {
		if (c == 'e')
			name = optarg;
		else if (c == 'x' && !count_use_engine(optarg))
			return 1;
		else if (c == 'n')
			rounds = atoi(optarg);
		else if (c == 'i')
			with_ids = true;
		else if (c == '?')
			return 2;
	}
	if (count_open(&e, name, &err) < 0) {
		fprintf(stderr, "%s\n", err.msg);
		return 1;
	}
	for (int i = optind; i < argc; i++)
		time_file(e, argv[i], rounds, with_ids);
	count_close(e);
	return 0;
}
