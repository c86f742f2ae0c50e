/*
 * How long whole processes take: runs each command n times, in turn, and
 * prints the median of their wall and CPU time in microseconds.
 *
 *	spawn N COMMAND [ARG...] [-- COMMAND [ARG...]]...
 *
 * "-- " separates the commands; all of them are compared with the first.
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

enum { MAX_COMMANDS = 8, MAX_RUNS = 100000 };

struct command {
	char **argv;
	int64_t *wall, *cpu; /* us */
};

static int64_t
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int64_t
us(struct timeval t)
{
	return (int64_t)t.tv_sec * 1000000 + t.tv_usec;
}

static void
run(struct command *c, int i)
{
	posix_spawn_file_actions_t files;
	struct rusage used;
	int64_t start;
	pid_t pid;

	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null",
	    O_WRONLY, 0);
	start = now_us();
	if (posix_spawnp(&pid, c->argv[0], &files, NULL, c->argv, environ) !=
	    0) {
		perror(c->argv[0]);
		exit(1);
	}
	wait4(pid, NULL, 0, &used);
	c->wall[i] = now_us() - start;
	c->cpu[i] = us(used.ru_utime) + us(used.ru_stime);
	posix_spawn_file_actions_destroy(&files);
}

static int
compare(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static int64_t
median(int64_t *v, int n)
{
	qsort(v, (size_t)n, sizeof(*v), compare);
	return v[n / 2];
}

int
main(int argc, char **argv)
{
	struct command command[MAX_COMMANDS];
	int n = argc > 2 ? atoi(argv[1]) : 0, commands = 0;
	int64_t first = 0;

	if (n < 1 || n > MAX_RUNS) {
		fprintf(stderr, "usage: spawn N COMMAND [-- COMMAND]...\n");
		return 2;
	}
	for (int i = 2; i < argc && commands < MAX_COMMANDS; i++) {
		struct command *c = &command[commands++];

		c->argv = &argv[i];
		c->wall = calloc((size_t)n, sizeof(*c->wall));
		c->cpu = calloc((size_t)n, sizeof(*c->cpu));
		while (i < argc && strcmp(argv[i], "--") != 0)
			i++;
		argv[i] = NULL;
	}
	for (int i = 0; i < n; i++)
		for (int k = 0; k < commands; k++)
			run(&command[k], i);
	for (int k = 0; k < commands; k++) {
		int64_t cpu = median(command[k].cpu, n);

		if (k == 0)
			first = cpu;
		printf("%6lld us wall  %6lld us cpu  (%+lld)  %s\n",
		    (long long)median(command[k].wall, n), (long long)cpu,
		    (long long)(cpu - first), command[k].argv[0]);
		free(command[k].wall);
		free(command[k].cpu);
	}
	return 0;
}
