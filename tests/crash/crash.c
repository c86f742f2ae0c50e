/*
 * Run a command again and again, killing it at random moments, or in many
 * processes at once.
 *
 *	crash kill RUNS WORKERS ACKS COMMAND...
 *	crash rerun RUNS COMMAND...
 *	crash busy RUNS WORKERS ACKS COMMAND...
 *
 * "kill": until each worker has killed RUNS of them with SIGKILL.  Every run
 * gets an id of its own in place of "{}"; the ids of those that ended with
 * status 0 are written to the file ACKS, which is what the world was told.
 * "rerun": one run after the other, most killed, the last one not.  "busy":
 * nobody is killed; how long each run took is printed.
 *
 * $CRASH_SEED repeats the choices, though not the machine's timing.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MORE_RUNS = 200, MAX_ARGS = 64, MAX_ARG = 512 };

struct worker {
	uint64_t random;
	int number;
	int64_t usual_us; /* how long a run takes that is left alone */
	int acks;         /* -1: none */
	char **command;
	long runs, killed, done, failed;
};

static int64_t
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* xorshift64* */
static uint64_t
next_random(struct worker *w)
{
	w->random ^= w->random >> 12;
	w->random ^= w->random << 25;
	w->random ^= w->random >> 27;
	return w->random * UINT64_C(2685821657736338717);
}

/* Wait so long, or until the child has ended. */
static void
wait_us(int64_t us)
{
	struct timespec t = { us / 1000000, us % 1000000 * 1000 };
	sigset_t child;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigtimedwait(&child, NULL, &t);
}

static void
hold_child_signals(int how)
{
	sigset_t child;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(how, &child, NULL);
}

static pid_t
start(const struct worker *w, const char *id)
{
	static char text[MAX_ARGS][MAX_ARG];
	char *argv[MAX_ARGS + 1];
	pid_t pid;
	int n;

	for (n = 0; w->command[n] != NULL && n < MAX_ARGS; n++) {
		const char *at = strstr(w->command[n], "{}");

		argv[n] = w->command[n];
		if (at == NULL)
			continue;
		snprintf(text[n], MAX_ARG, "%.*s%s%s",
		    (int)(at - w->command[n]), w->command[n], id, at + 2);
		argv[n] = text[n];
	}
	argv[n] = NULL;
	pid = fork();
	if (pid == 0) {
		hold_child_signals(SIG_UNBLOCK);
		execv(argv[0], argv);
		_exit(127);
	}
	return pid;
}

/* Wait for a run; true: it ended by itself and said yes. */
static bool
finish(struct worker *w, pid_t pid, const char *id)
{
	char line[64];
	int status, n;

	if (pid < 0 || waitpid(pid, &status, 0) != pid) {
		w->failed++;
		return false;
	}
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) {
		w->killed++;
		return false;
	}
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
		fprintf(stderr, "run %s: status %#x\n", id, (unsigned)status);
		w->failed++;
		return false;
	}
	w->done++;
	n = snprintf(line, sizeof(line), "%s\n", id);
	if (w->acks >= 0 && write(w->acks, line, (size_t)n) != n)
		w->failed++;
	return true;
}

static void
run_and_kill(struct worker *w, long i)
{
	int64_t began, patience;
	char id[48];
	pid_t pid;

	snprintf(id, sizeof(id), "w%d-%ld", w->number, i);
	patience = (int64_t)(next_random(w) % (uint64_t)(w->usual_us * 3 / 2));
	wait_us(0); /* the signal of the child before */
	began = now_us();
	pid = start(w, id);
	wait_us(patience);
	if (pid > 0)
		kill(pid, SIGKILL);
	if (finish(w, pid, id))
		w->usual_us = (7 * w->usual_us + now_us() - began) / 8;
	else if (w->usual_us < 10000000)
		w->usual_us +=
		    w->done == 0 ? w->usual_us : w->usual_us / 64 + 1;
}

static int
compare(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void
run_busy(struct worker *w)
{
	int64_t *took = calloc((size_t)w->runs, sizeof(*took));
	int64_t began = now_us();

	if (took == NULL)
		exit(1);
	for (long i = 0; i < w->runs; i++) {
		int64_t from = now_us();
		char id[48];

		snprintf(id, sizeof(id), "w%d-%ld", w->number, i);
		finish(w, start(w, id), id);
		took[i] = now_us() - from;
	}
	qsort(took, (size_t)w->runs, sizeof(*took), compare);
	printf("worker %d: %ld runs in %" PRId64 " ms, median %" PRId64
	       " us, longest %" PRId64 " us\n",
	    w->number, w->done, (now_us() - began) / 1000, took[w->runs / 2],
	    took[w->runs - 1]);
	free(took);
}

static int
work(struct worker *w, bool busy)
{
	if (busy) {
		run_busy(w);
	} else {
		/* until so many were killed, and some were not */
		for (long i = 0; i < 20 * w->runs + MORE_RUNS &&
		     (w->killed < w->runs || w->done == 0);
		     i++)
			run_and_kill(w, i);
		printf("worker %d: %ld killed, %ld done\n", w->number,
		    w->killed, w->done);
	}
	fflush(stdout);
	return w->failed > 0;
}

static uint64_t
seed(void)
{
	const char *text = getenv("CRASH_SEED");

	return text != NULL ? strtoull(text, NULL, 10)
			    : (uint64_t)now_us() ^ (uint64_t)getpid() << 32;
}

static int
many(struct worker w, int workers, bool busy)
{
	uint64_t first = seed();
	int status, bad = 0;

	fflush(stdout);
	for (int i = 0; i < workers; i++) {
		if (fork() != 0)
			continue;
		w.number = i + 1;
		w.random = (first + (uint64_t)i) * 2 + 1;
		_exit(work(&w, busy));
	}
	while (wait(&status) > 0)
		bad |= status != 0;
	return bad;
}

static int
rerun(struct worker w)
{
	w.random = seed() * 2 + 1;
	for (long i = 0; i < w.runs; i++)
		run_and_kill(&w, i);
	finish(&w, start(&w, "last"), "last");
	printf("%ld runs, %ld killed\n", w.runs, w.killed);
	return w.failed > 0;
}

int
main(int argc, char **argv)
{
	struct worker w = { .acks = -1, .usual_us = 8000 };
	const char *mode = argc > 1 ? argv[1] : "";

	hold_child_signals(SIG_BLOCK);
	if (argc >= 4 && strcmp(mode, "rerun") == 0) {
		w.runs = atol(argv[2]);
		w.command = argv + 3;
		return rerun(w);
	}
	if (argc < 6 ||
	    (strcmp(mode, "kill") != 0 && strcmp(mode, "busy") != 0))
		return 2;
	w.runs = atol(argv[2]);
	w.acks = open(argv[4], O_WRONLY | O_CREAT | O_APPEND, 0600);
	w.command = argv + 5;
	if (w.runs < 1 || w.acks < 0)
		return 2;
	return many(w, atoi(argv[3]), strcmp(mode, "busy") == 0);
}
