/*
 * How many reservations are made and settled by long-lived workers at once,
 * beside what one process can commit at all.
 *
 *	pairs workers SECONDS N COMMAND...
 *	pairs commits SECONDS DATABASE
 *
 * "workers": N times COMMAND, a stream of requests (tokctl quota reserve
 * --jsonl -), each driven by a process of its own: reserve, read the answer,
 * settle, read the answer.  Prints pairs a second, the slowest answer, and
 * the slowest and the fastest worker.  "commits": a number is raised by one
 * in a new SQLite database, in WAL mode with synchronous=FULL.
 */
#include <signal.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_WORKERS = 64 };

struct result {
	long pairs, refused;
	int64_t slowest_us;
};

static int64_t
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static FILE *to, *from;

static pid_t
start(char **command)
{
	int in[2], out[2];
	pid_t pid;

	if (pipe(in) != 0 || pipe(out) != 0)
		exit(1);
	pid = fork();
	if (pid == 0) {
		dup2(in[0], STDIN_FILENO);
		dup2(out[1], STDOUT_FILENO);
		close(in[1]);
		close(out[0]);
		execvp(command[0], command);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	to = fdopen(in[1], "w");
	from = fdopen(out[0], "r");
	return pid;
}

/* Ask, and wait for the answer. */
static char *
ask(const char *line, int64_t *slowest)
{
	static char *answer;
	static size_t cap;
	int64_t began = now_us(), took;

	fputs(line, to);
	fflush(to);
	if (getline(&answer, &cap, from) <= 0) {
		fprintf(stderr, "no answer to %s", line);
		exit(1);
	}
	took = now_us() - began;
	if (took > *slowest)
		*slowest = took;
	return answer;
}

static void
work(int number, int seconds, char **command, struct result *r)
{
	int64_t end = now_us() + (int64_t)seconds * 1000000;
	char line[256], *id;
	pid_t pid = start(command);

	while (now_us() < end) {
		snprintf(line, sizeof(line),
		    "{\"user\":\"u%d\",\"application\":\"web\",\"model\":"
		    "\"gpt-4.1\",\"tokens\":1000}\n",
		    number);
		id = strstr(ask(line, &r->slowest_us), "\"reservation\":\"");
		if (id == NULL) {
			r->refused++;
			continue;
		}
		id += strlen("\"reservation\":\"");
		*strchr(id, '"') = '\0';
		snprintf(line, sizeof(line),
		    "{\"op\":\"settle\",\"reservation\":\"%s\","
		    "\"input_tokens\":700,\"output_tokens\":90}\n",
		    id);
		ask(line, &r->slowest_us);
		r->pairs++;
	}
	fclose(to);
	waitpid(pid, NULL, 0);
}

static int
workers(int seconds, int n, char **command)
{
	struct result *r = mmap(NULL, sizeof(*r) * MAX_WORKERS,
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	long total = 0, least = INT32_MAX, most = 0;
	int64_t slowest = 0;

	for (int i = 0; i < n; i++) {
		if (fork() != 0)
			continue;
		work(i, seconds, command, &r[i]);
		_exit(0);
	}
	while (wait(NULL) > 0)
		;
	for (int i = 0; i < n; i++) {
		total += r[i].pairs;
		least = r[i].pairs < least ? r[i].pairs : least;
		most = r[i].pairs > most ? r[i].pairs : most;
		slowest = r[i].slowest_us > slowest ? r[i].slowest_us : slowest;
	}
	printf("%d workers: %ld pairs/s, slowest answer %ld us, "
	       "pairs of a worker %ld to %ld\n",
	    n, total / seconds, (long)slowest, least, most);
	return 0;
}

static int
commits(int seconds, const char *path)
{
	int64_t end = now_us() + (int64_t)seconds * 1000000;
	long n = 0;
	sqlite3 *db;

	if (sqlite3_open(path, &db) != SQLITE_OK ||
	    sqlite3_exec(db,
		"PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
		"CREATE TABLE t (n INTEGER); INSERT INTO t VALUES (0)",
		NULL, NULL, NULL) != SQLITE_OK)
		return 1;
	for (; now_us() < end; n++)
		if (sqlite3_exec(db,
			"BEGIN IMMEDIATE; UPDATE t SET n = n + 1; COMMIT", NULL,
			NULL, NULL) != SQLITE_OK)
			return 1;
	printf("empty durable commits of one process: %ld/s\n", n / seconds);
	sqlite3_close(db);
	return 0;
}

int
main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	if (argc == 4 && strcmp(argv[1], "commits") == 0)
		return commits(atoi(argv[2]), argv[3]);
	if (argc > 4 && strcmp(argv[1], "workers") == 0 && atoi(argv[3]) > 0 &&
	    atoi(argv[3]) <= MAX_WORKERS)
		return workers(atoi(argv[2]), atoi(argv[3]), argv + 4);
	return 2;
}
