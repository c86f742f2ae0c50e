/*
 * Score the anomaly detector on the Numenta Anomaly Benchmark.
 *
 *	nab FOLDER
 *
 * FOLDER has data/ and labels/combined_windows.json.  For each cost profile
 * prints the score with the best threshold for that profile, as NAB does,
 * and with the threshold that "report anomalies" uses.  The scoring is that
 * of Lavin and Ahmad, "Evaluating Real-Time Anomaly Detection Algorithms",
 * 2015.
 */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/mem.h"
#include "stats/anomaly.h"

enum { FILES = 64, WINDOWS = 16, VALUES = 1 << 16, REST_PERCENT = 10 };

struct file {
	char (*time)[20]; /* 2014-04-10 16:15:00 */
	double *score;
	size_t n, learn;
	size_t left[WINDOWS], right[WINDOWS], windows;
};

static struct file files[FILES];
static size_t n_files;

static const struct profile {
	const char *name;
	double found, wrong, missed;
} profiles[] = {
	{ "standard", 1, 0.11, 1 },
	{ "low FP", 1, 0.22, 1 },
	{ "low FN", 1, 0.11, 2 },
};

static void
read_file(struct file *f, const char *folder, const char *name)
{
	char path[4096], line[256];
	double *y = tk_xcalloc(VALUES, sizeof(*y));
	FILE *in;

	snprintf(path, sizeof(path), "%s/data/%s", folder, name);
	in = fopen(path, "r");
	if (in == NULL || fgets(line, sizeof(line), in) == NULL) {
		fprintf(stderr, "nab: cannot read %s\n", path);
		exit(1);
	}
	f->time = tk_xcalloc(VALUES, sizeof(*f->time));
	while (f->n < VALUES && fgets(line, sizeof(line), in)) {
		memcpy(f->time[f->n], line, 19);
		y[f->n++] = atof(line + 20);
	}
	fclose(in);
	f->score = tk_xcalloc(f->n, sizeof(*f->score));
	anomaly_scores(y, f->n, ANOMALY_LATEST, f->score);
	f->learn = f->n < 5000 ? f->n * 15 / 100 : 750;
	for (size_t i = 0; i < f->learn; i++)
		f->score[i] = 0;
	free(y);
}

static size_t
place(const struct file *f, const char *time)
{
	for (size_t i = 0; i < f->n; i++)
		if (strncmp(f->time[i], time, 19) == 0)
			return i;
	fprintf(stderr, "nab: no %s\n", time);
	exit(1);
}

static double
sigmoid(double x)
{
	return x > 3 ? -1 : 2 / (1 + exp(5 * x)) - 1;
}

/* The window that i is in, or -1; *before: the last one that ended. */
static int
window_of(const struct file *f, size_t i, int *before)
{
	*before = -1;
	for (size_t w = 0; w < f->windows; w++) {
		if (i >= f->left[w] && i <= f->right[w])
			return (int)w;
		if (f->right[w] < i)
			*before = (int)w;
	}
	return -1;
}

static double
score_file(const struct file *f, const struct profile *p, double threshold)
{
	double best[WINDOWS] = { 0 }, sum = 0;
	struct anomaly_episode e;
	size_t at = f->learn;

	while (anomaly_next(f->score, f->n, threshold,
	    f->n * REST_PERCENT / 100, &at, &e)) {
		int before, w = window_of(f, e.from, &before);

		if (w >= 0) {
			double width = (double)(f->right[w] - f->left[w] + 1);
			double x = -(double)(f->right[w] - e.from + 1) / width;

			best[w] = fmax(best[w], sigmoid(x) / sigmoid(-1));
		} else if (before < 0) {
			sum -= p->wrong;
		} else {
			double width =
			    (double)(f->right[before] - f->left[before]);

			sum += p->wrong *
			    sigmoid(
				(double)(e.from - f->right[before]) / width);
		}
	}
	for (size_t w = 0; w < f->windows; w++)
		sum += best[w] > 0 ? p->found * best[w] : -p->missed;
	return sum;
}

static double
score_all(const struct profile *p, double threshold)
{
	double sum = 0, least = 0, most = 0;

	for (size_t i = 0; i < n_files; i++) {
		sum += score_file(&files[i], p, threshold);
		least -= p->missed * (double)files[i].windows;
		most += p->found * (double)files[i].windows;
	}
	return 100 * (sum - least) / (most - least);
}

int
main(int argc, char **argv)
{
	char path[4096];
	json_error_t error;
	json_t *labels, *windows;
	const char *name;

	if (argc < 2)
		return 2;
	snprintf(path, sizeof(path), "%s/labels/combined_windows.json",
	    argv[1]);
	labels = json_load_file(path, 0, &error);
	if (labels == NULL) {
		fprintf(stderr, "nab: %s: %s\n", path, error.text);
		return 1;
	}
	json_object_foreach(labels, name, windows)
	{
		struct file *f = &files[n_files++];
		size_t i;
		json_t *w;

		read_file(f, argv[1], name);
		json_array_foreach(windows, i, w)
		{
			f->left[f->windows] =
			    place(f, json_string_value(json_array_get(w, 0)));
			f->right[f->windows++] =
			    place(f, json_string_value(json_array_get(w, 1)));
		}
	}
	for (size_t i = 0; i < TK_LEN(profiles); i++) {
		double best = 0, at = 0;

		for (double t = 1; t < 200; t *= 1.02) {
			double score = score_all(&profiles[i], t);

			if (score > best) {
				best = score;
				at = t;
			}
		}
		printf("%-9s %5.1f at %.1f; %5.1f at %.1f\n", profiles[i].name,
		    best, at, score_all(&profiles[i], ANOMALY_THRESHOLD),
		    ANOMALY_THRESHOLD);
	}
	return 0;
}
