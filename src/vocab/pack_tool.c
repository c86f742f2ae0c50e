/*
 * pack_tool LIST NAME OUT - pack one published vocabulary (table.h)
 *
 * A build tool.  Reads the vocabulary's lines in LIST, checks the digest of
 * its file, and writes the tables that the encoders use as they are.
 */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/mem.h"
#include "base/sha256.h"
#include "vocab/table.h"
#include "vocab/vocab.h"

struct token {
	uint8_t *bytes; /* NULL: no such rank */
	size_t len;
};

struct pack {
	struct vocab_head head;
	struct vocab v;       /* what is below, as the program will see it */
	struct token *tokens; /* by rank */
	uint64_t *short_key;
	uint32_t *short_rank;
	uint8_t *short_away;
	struct vocab_key16 *mid_key;
	uint32_t *mid_rank;
	uint8_t *mid_away;
	uint32_t *longs;
	uint8_t *bytes;
	size_t bytes_len;
	uint32_t *place;
	uint32_t byte_rank[256];
	uint32_t byte_pair[65536];
	uint64_t *pair;
	uint8_t special[4096];
	size_t special_len;
};

/* How full the tables are, in percent; see table.h for the two first. */
enum { SHORT_LOAD = 75, MID_LOAD = 75, LONG_LOAD = 50, PAIR_LOAD = 50 };

static TK_NORETURN void TK_PRINTF(1, 2) die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("pack_tool: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	exit(1);
}

static char *
read_file(const char *path, size_t *len)
{
	FILE *f = fopen(path, "rb");
	size_t cap = 1 << 16, n;
	char *s = tk_xreallocarray(NULL, cap, 1);

	if (f == NULL)
		die("cannot open '%s'", path);
	*len = 0;
	while ((n = fread(s + *len, 1, cap - *len - 1, f)) > 0) {
		*len += n;
		if (cap - *len == 1)
			s = tk_xreallocarray(s, cap *= 2, 1);
	}
	if (ferror(f))
		die("cannot read '%s'", path);
	fclose(f);
	s[*len] = '\0';
	return s;
}

/* One more special token: "ID TEXT". */
static void
add_special(struct pack *k, const char *line)
{
	char *text;
	uint32_t id = (uint32_t)strtoul(line, &text, 10);
	size_t n = strlen(++text);
	uint16_t len = (uint16_t)n;
	uint8_t *to = k->special + k->special_len;

	if (n == 0 || k->special_len + 6 + n > sizeof(k->special))
		die("special tokens are too long at '%s'", line);
	memcpy(to, &id, sizeof(id));
	memcpy(to + 4, &len, sizeof(len));
	memcpy(to + 6, text, n);
	k->special_len += 6 + n;
	k->head.specials++;
}

/* What the encoding does besides: "nfkc special-late". */
static void
add_flags(struct pack *k, const char *line)
{
	static const struct {
		const char *name;
		uint32_t flag;
	} flags[] = {
		{ "nfc", VOCAB_NFC },
		{ "nfkc", VOCAB_NFKC },
		{ "special-late", VOCAB_SPECIAL_LATE },
	};
	size_t n, i;

	for (; *line != '\0'; line += n + strspn(line + n, " ")) {
		n = strcspn(line, " ");
		for (i = 0; i < TK_LEN(flags); i++)
			if (strlen(flags[i].name) == n &&
			    memcmp(flags[i].name, line, n) == 0)
				break;
		if (i == TK_LEN(flags))
			die("no flag '%.*s'", (int)n, line);
		k->head.flags |= flags[i].flag;
	}
}

static uint32_t
pattern_named(const char *name)
{
	for (uint32_t i = 0; i < VOCAB_PATTERNS; i++)
		if (strcmp(vocab_patterns[i], name) == 0)
			return i;
	die("no pattern '%s'", name);
}

/* Find NAME in LIST; its file's name and digest. */
static void
read_list(struct pack *k, const char *list, const char *name, char file[64],
    char digest[65])
{
	size_t len;
	char *text = read_file(list, &len), *save = NULL;
	char word[32], path[64], sum[65], pattern[32];
	int mine = 0, found = 0;

	for (char *s = strtok_r(text, "\n", &save); s != NULL;
	     s = strtok_r(NULL, "\n", &save)) {
		if (strncmp(s, "special ", 8) == 0 && mine)
			add_special(k, s + 8);
		if (strncmp(s, "flags ", 6) == 0 && mine)
			add_flags(k, s + 6);
		if (strncmp(s, "vocab ", 6) != 0)
			continue;
		if (sscanf(s, "vocab %31s %63s %64s %31s", word, path, sum,
			pattern) != 4)
			die("%s: cannot read '%s'", list, s);
		mine = strcmp(word, name) == 0;
		if (!mine)
			continue;
		found = 1;
		memcpy(file, path, sizeof(path));
		memcpy(digest, sum, sizeof(sum));
		k->head.pattern = pattern_named(pattern);
	}
	if (!found)
		die("%s: no vocabulary '%s'", list, name);
	memcpy(k->head.magic, VOCAB_MAGIC, 8);
	snprintf(k->head.name, sizeof(k->head.name), "%s", name);
	free(text);
}

static int
base64_value(char c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *p = c != '\0' ? strchr(digits, c) : NULL;

	return p != NULL ? (int)(p - digits) : -1;
}

/* Decode to a new string; *end is left after the digits and padding. */
static struct token
decode_base64(const char *s, char **end)
{
	struct token t = { tk_xcalloc(strcspn(s, " ") + 1, 1), 0 };
	uint32_t bits = 0;
	int n = 0, value;

	for (; (value = base64_value(*s)) >= 0; s++) {
		bits = bits << 6 | (uint32_t)value;
		if ((n += 6) >= 8)
			t.bytes[t.len++] = (uint8_t)(bits >> (n -= 8));
	}
	*end = (char *)s + strspn(s, "=");
	return t;
}

static void
read_tokens(struct pack *k, const char *path, const char *digest)
{
	size_t len, cap = 0;
	char *text = read_file(path, &len), *save = NULL, hex[65], *end;
	uint8_t sum[TK_SHA256_LEN];

	tk_sha256(text, len, sum);
	tk_sha256_hex(sum, hex);
	if (strcmp(hex, digest) != 0)
		die("%s: SHA-256 is %s, expected %s", path, hex, digest);
	for (char *s = strtok_r(text, "\n", &save); s != NULL;
	     s = strtok_r(NULL, "\n", &save)) {
		struct token t = decode_base64(s, &end);
		unsigned long rank = strtoul(end, NULL, 10);

		if (*end != ' ' || t.len == 0 || t.len > UINT16_MAX ||
		    rank >= VOCAB_NO_RANK)
			die("%s: cannot read '%s'", path, s);
		while (rank >= cap) {
			size_t more = cap > 0 ? cap : 1024;

			k->tokens = tk_xreallocarray(k->tokens, cap + more,
			    sizeof(*k->tokens));
			memset(k->tokens + cap, 0, more * sizeof(*k->tokens));
			cap += more;
		}
		k->tokens[rank] = t;
		if (rank >= k->head.ranks)
			k->head.ranks = (uint32_t)rank + 1;
		if (t.len > k->head.max_len)
			k->head.max_len = (uint32_t)t.len;
	}
	free(text);
}

static uint32_t
at_load(size_t n, int load, size_t ways)
{
	return (uint32_t)(n * 100 / (size_t)load / ways + 1);
}

static void
make_tables(struct pack *k)
{
	size_t n_short = 0, n_mid = 0, n_long = 0;
	struct vocab *v = &k->v;

	for (uint32_t r = 0; r < k->head.ranks; r++) {
		size_t len = k->tokens[r].len;

		n_short += len > 0 && len <= VOCAB_SHORT_MAX;
		n_mid += len > VOCAB_SHORT_MAX && len <= VOCAB_MID_MAX;
		if (len > VOCAB_MID_MAX) {
			n_long++;
			k->bytes_len += 2 + len;
		}
	}
	v->short_lines = at_load(n_short, SHORT_LOAD, VOCAB_SHORT_WAYS);
	v->mid_lines = at_load(n_mid, MID_LOAD, VOCAB_MID_WAYS);
	v->long_slots = at_load(n_long, LONG_LOAD, 1);
	v->pair_lines = at_load(k->head.ranks, PAIR_LOAD, VOCAB_PAIR_WAYS);
	v->head = &k->head;
	v->short_key = k->short_key =
	    tk_xcalloc(v->short_lines, VOCAB_SHORT_WAYS * sizeof(uint64_t));
	v->short_rank = k->short_rank =
	    tk_xcalloc(v->short_lines, VOCAB_SHORT_WAYS * sizeof(uint32_t));
	v->mid_key = k->mid_key = tk_xcalloc(v->mid_lines,
	    VOCAB_MID_WAYS * sizeof(struct vocab_key16));
	v->mid_rank = k->mid_rank =
	    tk_xcalloc(v->mid_lines, VOCAB_MID_WAYS * sizeof(uint32_t));
	k->short_away = tk_xcalloc(v->short_lines / 8 + 1, 1);
	k->mid_away = tk_xcalloc(v->mid_lines / 8 + 1, 1);
	v->longs = k->longs = tk_xcalloc(v->long_slots, sizeof(uint32_t));
	v->bytes = k->bytes = tk_xcalloc(k->bytes_len + 1, 1);
	v->place = k->place = tk_xcalloc(k->head.ranks, sizeof(uint32_t));
	v->pair = k->pair =
	    tk_xcalloc(v->pair_lines, VOCAB_PAIR_WAYS * sizeof(uint64_t));
	v->byte_rank = k->byte_rank;
	v->byte_pair = k->byte_pair;
	v->special = k->special;
}

static uint32_t
put_short(struct pack *k, const struct token *t, uint32_t rank)
{
	uint64_t key = vocab_key8(t->bytes, t->len);
	size_t slots = (size_t)k->v.short_lines * VOCAB_SHORT_WAYS;
	uint32_t home = vocab_scale(vocab_mix8(key), k->v.short_lines);
	size_t i = (size_t)home * VOCAB_SHORT_WAYS;

	/* From the front of the home line on is what table.h says. */
	while (k->short_key[i] != 0)
		i = i + 1 == slots ? 0 : i + 1;
	k->short_key[i] = key;
	if (i / VOCAB_SHORT_WAYS != home)
		k->short_away[home / 8] |= (uint8_t)(1 << home % 8);
	k->short_rank[i] = rank;
	return (uint32_t)i | (uint32_t)VOCAB_AT_SHORT << 30;
}

static uint32_t
put_mid(struct pack *k, const struct token *t, uint32_t rank)
{
	struct vocab_key16 key = vocab_key16(t->bytes, t->len);
	size_t slots = (size_t)k->v.mid_lines * VOCAB_MID_WAYS;
	uint32_t home =
	    vocab_scale(vocab_mix16(key.lo, key.hi), k->v.mid_lines);
	size_t i = (size_t)home * VOCAB_MID_WAYS;

	while (k->mid_key[i].hi != 0)
		i = i + 1 == slots ? 0 : i + 1;
	k->mid_key[i] = key;
	if (i / VOCAB_MID_WAYS != home)
		k->mid_away[home / 8] |= (uint8_t)(1 << home % 8);
	k->mid_rank[i] = rank;
	return (uint32_t)i | (uint32_t)VOCAB_AT_MID << 30;
}

static uint32_t
put_long(struct pack *k, const struct token *t, uint32_t rank, size_t *used)
{
	uint32_t i =
	    vocab_scale(vocab_mix_bytes(t->bytes, t->len), k->v.long_slots);
	uint32_t at = (uint32_t)*used;
	uint16_t len = (uint16_t)t->len;

	while (k->longs[i] != 0)
		i = i + 1 == k->v.long_slots ? 0 : i + 1;
	k->longs[i] = rank + 1;
	memcpy(k->bytes + at, &len, sizeof(len));
	memcpy(k->bytes + at + 2, t->bytes, len);
	*used += 2 + (size_t)len;
	return at | (uint32_t)VOCAB_AT_BYTES << 30;
}

static void
put_tokens(struct pack *k)
{
	size_t used = 0;

	for (uint32_t r = 0; r < k->head.ranks; r++) {
		const struct token *t = &k->tokens[r];

		if (t->len == 0)
			k->place[r] = (uint32_t)VOCAB_AT_NOWHERE << 30;
		else if (vocab_rank(&k->v, t->bytes, t->len) != VOCAB_NONE)
			die("rank %u has the bytes of another", r);
		else if (t->len <= VOCAB_SHORT_MAX)
			k->place[r] = put_short(k, t, r);
		else if (t->len <= VOCAB_MID_MAX)
			k->place[r] = put_mid(k, t, r);
		else
			k->place[r] = put_long(k, t, r, &used);
	}
	for (unsigned i = 0; i < 256; i++) {
		uint8_t byte = (uint8_t)i;

		k->byte_rank[i] = vocab_rank(&k->v, &byte, 1);
		if (k->byte_rank[i] == VOCAB_NONE)
			die("byte %u is no token", i);
	}
}

/*
 * Merge the bytes of a token with the lower ranks alone, always the lowest
 * first.  Returns where the second of the last two parts starts, or 0 when
 * that is not what is left.
 */
static size_t
last_merge(const struct pack *k, const struct token *t, uint32_t rank)
{
	size_t start[UINT16_MAX + 1], n = t->len;

	for (size_t i = 0; i <= n; i++)
		start[i] = i;
	while (n > 2) {
		uint32_t best = rank;
		size_t at = 0;

		for (size_t i = 0; i + 1 < n; i++) {
			uint32_t r = vocab_rank(&k->v, t->bytes + start[i],
			    start[i + 2] - start[i]);

			if (r < best) {
				best = r;
				at = i;
			}
		}
		if (best == rank)
			return 0;
		memmove(start + at + 1, start + at + 2,
		    (n - at - 1) * sizeof(start[0]));
		n--;
	}
	return n == 2 ? start[1] : 0;
}

static void
put_pair(struct pack *k, const struct token *t, size_t cut, uint32_t rank)
{
	uint64_t key = vocab_pair_key(vocab_rank(&k->v, t->bytes, cut),
	    vocab_rank(&k->v, t->bytes + cut, t->len - cut));
	size_t slots = (size_t)k->v.pair_lines * VOCAB_PAIR_WAYS;
	size_t i = (size_t)vocab_scale(vocab_mix8(key), k->v.pair_lines) *
	    VOCAB_PAIR_WAYS;

	while (k->pair[i] != 0)
		i = i + 1 == slots ? 0 : i + 1;
	k->pair[i] = key << 24 | (rank + 1);
}

static void
put_pairs(struct pack *k)
{
	k->head.flags |= VOCAB_CLOSED;
	memset(k->byte_pair, 0xff, sizeof(k->byte_pair));
	for (uint32_t r = 0; r < k->head.ranks; r++) {
		const struct token *t = &k->tokens[r];
		size_t cut;

		if (t->len < 2)
			continue;
		cut = last_merge(k, t, r);
		if (cut == 0) {
			k->head.flags &= ~(uint32_t)VOCAB_CLOSED;
			continue;
		}
		put_pair(k, t, cut, r);
		if (t->len == 2)
			k->byte_pair[t->bytes[0] << 8 | t->bytes[1]] = r;
	}
}

static void
write_out(struct pack *k, const char *path)
{
	const struct {
		const void *bytes;
		size_t len;
	} parts[VOCAB_SECTIONS] = {
		[VOCAB_SHORT_KEY] = { k->short_key, k->v.short_lines * 64ul },
		[VOCAB_SHORT_RANK] = { k->short_rank, k->v.short_lines * 32ul },
		[VOCAB_SHORT_AWAY] = { k->short_away,
		    (k->v.short_lines + 7) / 8 },
		[VOCAB_MID_AWAY] = { k->mid_away, (k->v.mid_lines + 7) / 8 },
		[VOCAB_MID_KEY] = { k->mid_key, k->v.mid_lines * 64ul },
		[VOCAB_MID_RANK] = { k->mid_rank, k->v.mid_lines * 16ul },
		[VOCAB_LONG] = { k->longs, k->v.long_slots * 4ul },
		[VOCAB_BYTES] = { k->bytes, k->bytes_len },
		[VOCAB_PLACE] = { k->place, k->head.ranks * 4ul },
		[VOCAB_BYTE_RANK] = { k->byte_rank, sizeof(k->byte_rank) },
		[VOCAB_BYTE_PAIR] = { k->byte_pair, sizeof(k->byte_pair) },
		[VOCAB_PAIR] = { k->pair, k->v.pair_lines * 64ul },
		[VOCAB_SPECIAL] = { k->special, k->special_len },
	};
	uint64_t at = sizeof(k->head);
	FILE *f = fopen(path, "wb");
	int bad = f == NULL;

	for (int i = 0; i < VOCAB_SECTIONS; i++) {
		at = (at + 63) & ~UINT64_C(63);
		k->head.section[i].at = at;
		k->head.section[i].len = parts[i].len;
		at += parts[i].len;
	}
	k->head.size = at;
	bad = bad || fwrite(&k->head, sizeof(k->head), 1, f) != 1;
	for (int i = 0; i < VOCAB_SECTIONS && !bad; i++)
		bad = fseek(f, (long)k->head.section[i].at, SEEK_SET) != 0 ||
		    fwrite(parts[i].bytes, 1, parts[i].len, f) != parts[i].len;
	if (bad || fclose(f) != 0) {
		remove(path);
		die("cannot write '%s'", path);
	}
}

int
main(int argc, char **argv)
{
	struct pack *k = tk_xcalloc(1, sizeof(*k));
	char file[64], digest[65], path[1024];
	const char *slash;

	if (argc != 4)
		die("usage: pack_tool LIST NAME OUT");
	read_list(k, argv[1], argv[2], file, digest);
	slash = strrchr(argv[1], '/');
	snprintf(path, sizeof(path), "%.*s%s",
	    slash != NULL ? (int)(slash + 1 - argv[1]) : 0, argv[1], file);
	read_tokens(k, path, digest);
	make_tables(k);
	put_tokens(k);
	put_pairs(k);
	write_out(k, argv[3]);
	return 0;
}
