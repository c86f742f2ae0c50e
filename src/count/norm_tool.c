/*
 * norm_tool DATA OUT.c - the tables of norm.h
 *
 * A build tool.  DATA says what its lines are.  Flags are kept in blocks of
 * 64 code points, of which those that are alike are kept once.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "count/norm.h"

enum { POINTS = 0x110000, BLOCKS = POINTS / 64, KEPT_MAX = 256 };
enum { MAPS_MAX = 8192, CODES_MAX = 65536, TO_MAX = 32 };

struct maps {
	struct norm_map map[MAPS_MAX];
	size_t n;
};

static struct maps canon, compat;
static uint32_t codes[CODES_MAX];
static size_t n_codes;
static struct norm_pair pairs[MAPS_MAX];
static size_t n_pairs;
static struct norm_class classes[MAPS_MAX];
static size_t n_classes;

static uint8_t has_class[POINTS], is_second[POINTS], is_composite[POINTS];
static uint8_t flags[POINTS];
static uint8_t block_of[BLOCKS];
static uint8_t kept[KEPT_MAX][64];

/* Both tables are read in the order of the code points. */
static int
add_map(struct maps *m, const uint32_t *v, int n)
{
	if (n < 2 || m->n == MAPS_MAX || n_codes + (size_t)n > CODES_MAX ||
	    (m->n > 0 && m->map[m->n - 1].code >= v[0]))
		return -1;
	m->map[m->n++] =
	    (struct norm_map){ v[0], (uint32_t)n_codes, (uint32_t)n - 1 };
	memcpy(codes + n_codes, v + 1, ((size_t)n - 1) * sizeof(*v));
	n_codes += (size_t)n - 1;
	return 0;
}

static int
add_class(const uint32_t *v, int n, uint32_t class)
{
	if (n != 2 || n_classes == MAPS_MAX || v[0] > v[1] || class > 254 ||
	    (n_classes > 0 && classes[n_classes - 1].to >= v[0]))
		return -1;
	classes[n_classes++] =
	    (struct norm_class){ v[0], v[1], (uint8_t) class };
	memset(has_class + v[0], 1, v[1] - v[0] + 1);
	return 0;
}

static int
add_pair(const uint32_t *v, int n)
{
	if (n != 3 || n_pairs == MAPS_MAX)
		return -1;
	pairs[n_pairs++] = (struct norm_pair){ v[0], v[1], v[2] };
	is_second[v[1]] = 1;
	is_composite[v[2]] = 1;
	return 0;
}

static int
read_line(char *line)
{
	char *save = NULL, *kind = strtok_r(line, "\t\n", &save), *s, *end;
	uint32_t v[TO_MAX], class = 0;
	int n = 0;

	if (kind == NULL || *kind == '#')
		return 0;
	while ((s = strtok_r(NULL, "\t\n", &save)) != NULL) {
		if (n == 2 && strcmp(kind, "ccc") == 0) {
			class = (uint32_t)strtoul(s, NULL, 10);
			break;
		}
		if (n == TO_MAX)
			return -1;
		v[n] = (uint32_t)strtoul(s, &end, 16);
		if (*end != '\0' || v[n++] >= POINTS)
			return -1;
	}
	if (strcmp(kind, "ccc") == 0)
		return add_class(v, n, class);
	if (strcmp(kind, "pair") == 0)
		return add_pair(v, n);
	return strcmp(kind, "canon") == 0 ? add_map(&canon, v, n)
	    : strcmp(kind, "compat") == 0 ? add_map(&compat, v, n)
					  : -1;
}

static int
read_data(const char *path)
{
	FILE *f = fopen(path, "r");
	char line[512];
	int rc = f != NULL ? 0 : -1;

	while (rc == 0 && fgets(line, sizeof(line), f) != NULL)
		rc = read_line(line);
	return f != NULL && fclose(f) == 0 ? rc : -1;
}

static int
compare_pairs(const void *a_, const void *b_)
{
	const struct norm_pair *a = a_, *b = b_;

	if (a->first != b->first)
		return a->first < b->first ? -1 : 1;
	return a->second < b->second ? -1 : a->second > b->second;
}

/* The first code point that c decomposes to; *same: c composes again. */
static uint32_t
first_of(uint32_t c, const struct maps *a, const struct maps *b, int *same)
{
	const struct maps *maps[] = { a, b };

	*same = 1;
	if (c >= HANGUL_S && c < HANGUL_S + HANGUL_SS)
		return HANGUL_L;
	for (int k = 0; k < 2; k++) {
		for (size_t i = 0; maps[k] != NULL && i < maps[k]->n; i++) {
			if (maps[k]->map[i].code != c)
				continue;
			*same = maps[k] == &canon && is_composite[c];
			return codes[maps[k]->map[i].at];
		}
	}
	return c;
}

static int
combines_back(uint32_t c)
{
	return has_class[c] || is_second[c] ||
	    (c >= HANGUL_V && c < HANGUL_V + HANGUL_VS) ||
	    (c > HANGUL_T && c < HANGUL_T + HANGUL_TS);
}

/* What has no decomposition is its own; the search for one is slow. */
static uint8_t maybe_mapped[POINTS];

static void
set_flags(void)
{
	for (size_t i = 0; i < canon.n; i++)
		maybe_mapped[canon.map[i].code] = 1;
	for (size_t i = 0; i < compat.n; i++)
		maybe_mapped[compat.map[i].code] = 1;
	for (uint32_t c = 0; c < POINTS; c++) {
		int same = 1;
		uint32_t first = c;

		if (maybe_mapped[c])
			first = first_of(c, &canon, NULL, &same);
		if (!combines_back(first))
			flags[c] |= (uint8_t)(NORM_C_BOUNDARY |
			    (same && !has_class[c] ? NORM_C_SAME : 0));
		if (maybe_mapped[c])
			first = first_of(c, &compat, &canon, &same);
		if (!combines_back(first))
			flags[c] |= (uint8_t)(NORM_KC_BOUNDARY |
			    (same && !has_class[c] ? NORM_KC_SAME : 0));
		if (has_class[c])
			flags[c] |= NORM_HAS_CLASS;
	}
}

static int
keep_blocks(void)
{
	int n = 0;

	for (int b = 0; b < BLOCKS; b++) {
		int i = 0;

		while (i < n && memcmp(kept[i], flags + 64 * b, 64) != 0)
			i++;
		if (i == KEPT_MAX)
			return -1;
		if (i == n)
			memcpy(kept[n++], flags + 64 * b, 64);
		block_of[b] = (uint8_t)i;
	}
	return n;
}

static void
print_bytes(FILE *f, const uint8_t *p, int n)
{
	for (int i = 0; i < n; i++)
		fprintf(f, "%d,%s", p[i], i % 32 == 31 ? "\n" : "");
}

static void
print_maps(FILE *f, const char *name, const struct maps *m)
{
	fprintf(f, "const size_t %ss = %zu;\n", name, m->n);
	fprintf(f, "const struct norm_map %s[] = {\n", name);
	for (size_t i = 0; i < m->n; i++)
		fprintf(f, "{ %u, %u, %u },\n", m->map[i].code, m->map[i].at,
		    m->map[i].len);
	fputs("};\n", f);
}

static void
print_all(FILE *f, int n_kept)
{
	fputs("#include \"count/norm.h\"\n", f);
	fputs("const uint8_t norm_block[0x110000 / 64] = {\n", f);
	print_bytes(f, block_of, BLOCKS);
	fputs("};\nconst uint8_t norm_flags_of[][64] = {\n", f);
	for (int i = 0; i < n_kept; i++) {
		fputs("{\n", f);
		print_bytes(f, kept[i], 64);
		fputs("},\n", f);
	}
	fputs("};\nconst uint32_t norm_codes[] = {\n", f);
	for (size_t i = 0; i < n_codes; i++)
		fprintf(f, "%u,%s", codes[i], i % 16 == 15 ? "\n" : "");
	fputs("};\n", f);
	print_maps(f, "norm_canon", &canon);
	print_maps(f, "norm_compat", &compat);
	fprintf(f, "const size_t norm_pair_count = %zu;\n", n_pairs);
	fputs("const struct norm_pair norm_pairs[] = {\n", f);
	for (size_t i = 0; i < n_pairs; i++)
		fprintf(f, "{ %u, %u, %u },\n", pairs[i].first, pairs[i].second,
		    pairs[i].code);
	fprintf(f, "};\nconst size_t norm_class_count = %zu;\n", n_classes);
	fputs("const struct norm_class norm_classes[] = {\n", f);
	for (size_t i = 0; i < n_classes; i++)
		fprintf(f, "{ %u, %u, %u },\n", classes[i].from, classes[i].to,
		    classes[i].class);
	fputs("};\n", f);
}

int
main(int argc, char **argv)
{
	FILE *f;
	int n;

	if (argc != 3 || read_data(argv[1]) != 0) {
		fputs("norm_tool: cannot read the data\n", stderr);
		return 1;
	}
	qsort(pairs, n_pairs, sizeof(pairs[0]), compare_pairs);
	set_flags();
	n = keep_blocks();
	if (n < 0 || (f = fopen(argv[2], "w")) == NULL) {
		fputs("norm_tool: cannot make the tables\n", stderr);
		return 1;
	}
	print_all(f, n);
	if (ferror(f) || fclose(f) != 0) {
		remove(argv[2]);
		return 1;
	}
	return 0;
}
