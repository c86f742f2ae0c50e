/*
 * class_tool CATEGORIES OUT.c - the tables of class.h
 *
 * A build tool.  CATEGORIES has "start end category" a line, the code points
 * in hexadecimal.  Blocks of 64 code points that are alike are kept once.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "count/class.h"

enum { POINTS = 0x110000, BLOCKS = POINTS / 64, KEPT_MAX = 1024 };

static uint16_t class_of[POINTS];
static uint16_t block_of[BLOCKS];
static uint16_t kept[KEPT_MAX][64];

static const struct {
	const char *category; /* a prefix */
	enum count_class class;
} categories[] = {
	{ "Ll", CLASS_LOWER },
	{ "Lu", CLASS_UPPER },
	{ "Lt", CLASS_UPPER },
	{ "L", CLASS_CASELESS },
	{ "M", CLASS_MARK },
	{ "N", CLASS_NUMBER },
	{ "P", CLASS_PUNCT },
	{ "S", CLASS_PUNCT },
	{ "", CLASS_OTHER },
};

/* White_Space of PropList.txt. */
static const uint32_t spaces[][2] = {
	{ 0x9, 0xd },
	{ 0x20, 0x20 },
	{ 0x85, 0x85 },
	{ 0xa0, 0xa0 },
	{ 0x1680, 0x1680 },
	{ 0x2000, 0x200a },
	{ 0x2028, 0x2029 },
	{ 0x202f, 0x202f },
	{ 0x205f, 0x205f },
	{ 0x3000, 0x3000 },
};

static enum count_class
class_named(const char *category)
{
	int i = 0;

	while (strncmp(categories[i].category, category,
		   strlen(categories[i].category)) != 0)
		i++;
	return categories[i].class;
}

static void
set_class(uint32_t from, uint32_t to, enum count_class class)
{
	for (uint32_t c = from; c <= to; c++)
		class_of[c] = (uint16_t) class;
}

static int
read_categories(const char *path)
{
	FILE *f = fopen(path, "r");
	char line[256], category[8];
	unsigned from, to;

	if (f == NULL)
		return -1;
	set_class(0, POINTS - 1, CLASS_OTHER);
	while (fgets(line, sizeof(line), f) != NULL) {
		if (line[0] == '#')
			continue;
		if (sscanf(line, "%x %x %7s", &from, &to, category) != 3 ||
		    from > to || to >= POINTS) {
			fclose(f);
			return -1;
		}
		set_class(from, to, class_named(category));
	}
	for (size_t i = 0; i < sizeof(spaces) / sizeof(spaces[0]); i++)
		set_class(spaces[i][0], spaces[i][1], CLASS_SPACE);
	return fclose(f);
}

static int
keep_blocks(void)
{
	int n = 0;

	for (int b = 0; b < BLOCKS; b++) {
		int i = 0;

		while (i < n &&
		    memcmp(kept[i], class_of + 64 * b, sizeof(kept[i])) != 0)
			i++;
		if (i == KEPT_MAX)
			return -1;
		if (i == n)
			memcpy(kept[n++], class_of + 64 * b, sizeof(kept[0]));
		block_of[b] = (uint16_t)i;
	}
	return n;
}

static void
print_numbers(FILE *f, const uint16_t *p, int n)
{
	for (int i = 0; i < n; i++)
		fprintf(f, "%d,%s", p[i], i % 32 == 31 ? "\n" : "");
}

static bool
is_caseless(int block)
{
	for (int i = 0; i < 64; i++)
		if (class_of[64 * block + i] != CLASS_CASELESS)
			return false;
	return true;
}

/* The last range of the 64 blocks of each lead byte; 255 to 0 is none. */
static void
find_caseless(uint16_t range[2][16])
{
	for (int lead = 0; lead < 16; lead++) {
		int i = 63;

		while (i >= 0 && !is_caseless(64 * lead + i))
			i--;
		range[1][lead] = (uint16_t)(i >= 0 ? 0x80 + i : 0);
		while (i > 0 && is_caseless(64 * lead + i - 1))
			i--;
		range[0][lead] = (uint16_t)(i >= 0 ? 0x80 + i : 255);
	}
}

int
main(int argc, char **argv)
{
	uint16_t caseless[2][16];
	FILE *f;
	int n;

	if (argc != 3 || read_categories(argv[1]) != 0 ||
	    (n = keep_blocks()) < 0 || (f = fopen(argv[2], "w")) == NULL) {
		fputs("class_tool: cannot make the tables\n", stderr);
		return 1;
	}
	fputs("#include \"count/class.h\"\n", f);
	fputs("const uint16_t count_class_block[0x110000 / 64] = {\n", f);
	print_numbers(f, block_of, BLOCKS);
	fputs("};\nconst uint8_t count_class_of[][64] = {\n", f);
	for (int i = 0; i < n; i++) {
		fputs("{\n", f);
		print_numbers(f, kept[i], 64);
		fputs("},\n", f);
	}
	fputs("};\nconst uint8_t count_class_caseless[2][16] = {\n{\n", f);
	find_caseless(caseless);
	print_numbers(f, caseless[0], 16);
	fputs("},\n{\n", f);
	print_numbers(f, caseless[1], 16);
	fputs("},\n};\n", f);
	if (ferror(f) || fclose(f) != 0) {
		remove(argv[2]);
		return 1;
	}
	return 0;
}
