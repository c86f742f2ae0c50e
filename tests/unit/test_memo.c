/* What threads remember together (src/count/memo.h) is never another's. */
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "count/memo.h"
#include "count/word.h"
#include "tap.h"

enum { THREADS = 3, ROUNDS = 3000, LOOKS = 64, HALVES = 800 };

/*
 * A key of one of HALVES first halves and one of HALVES last, so that of one
 * that is half another's there is a number, too.
 */
struct number {
	enum memo_kind kind;
	uint32_t first, last;
};

static unsigned
count_of(struct number n)
{
	return 1 + (n.first * 7 + n.last * 5 + n.first * n.last) % 7;
}

static void
text_of(struct number n, uint8_t *p, size_t half)
{
	for (size_t i = 0; i < 2 * half; i++)
		p[i] = "bdfhkmprst"[i % 10];
	for (int i = 0; i < 4; i++) {
		p[i] = (uint8_t)(n.first >> 3 * i & 7);
		p[half + (size_t)i] = (uint8_t)(n.last >> 3 * i & 7);
	}
}

/* The count that is known of seven bytes. */
static unsigned
known_short(const struct memo *m, uint64_t key)
{
	const uint64_t *line = memo_short_line(m, key);
	uint64_t slot = memo_find_short(line, key);

	if (slot == 0 && memo_is_full(line, MEMO_LINE))
		slot = memo_find_short(memo_beside(line, MEMO_LINE), key);
	return (unsigned)(slot >> MEMO_SHORT_BITS);
}

/* The count that is known; if none is, it is put there. */
static unsigned
look(struct memo *m, struct number n)
{
	static const uint8_t halves[] = { 0, 7, 12, 28 };
	uint8_t p[MEMO_LONG_MAX + 2] = { 0 };
	size_t len = 2ul * halves[n.kind];
	unsigned known = 0;

	text_of(n, p, n.kind == MEMO_SHORT ? 4 : halves[n.kind]);
	if (n.kind == MEMO_SHORT) {
		uint64_t key = n.first | (uint64_t)n.last << 32 | 7ull << 56;

		known = known_short(m, key);
		if (known == 0)
			memo_put_short(m, key, count_of(n));
	} else if (n.kind == MEMO_MID) {
		struct vocab_key16 key = vocab_key16(p, len);

		const uint64_t *line = memo_line(m, key);

		known = memo_find(line, key);
		if (known == 0)
			known = memo_find(memo_beside(line, MEMO_LINE), key);
		if (known == 0)
			memo_put(m, key, count_of(n));
	} else if (n.kind == MEMO_MEDIUM) {
		struct memo_key32 key = memo_key32(p, len);

		known = memo_find_medium(m, key);
		if (known == 0)
			memo_put_medium(m, key, count_of(n));
	} else {
		struct memo_key64 key = memo_key64(p, len);

		known = memo_find_long(m, key);
		if (known == 0)
			memo_put_long(m, key, count_of(n));
	}
	return known;
}

struct thread {
	pthread_t id;
	struct memo_pool *pool;
	uint64_t state;
	unsigned wrong, known[MEMO_KINDS];
};

static uint32_t
random_below(uint64_t *state, uint32_t n)
{
	*state = *state * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (uint32_t)((*state >> 33) % n);
}

static void *
run(void *thread)
{
	struct thread *t = thread;
	struct memo *m = memo_new(t->pool);

	for (int round = 0; round < ROUNDS; round++) {
		memo_enter(m, 0);
		for (int i = 0; i < LOOKS; i++) {
			/* In the end of what there was no room for at first. */
			uint32_t from = round < ROUNDS / 2 ? 0 : HALVES / 2;
			struct number n = { random_below(&t->state, MEMO_KINDS),
				from + random_below(&t->state, HALVES / 2),
				random_below(&t->state, HALVES) };
			unsigned known = look(m, n);

			t->wrong += known != 0 && known != count_of(n);
			t->known[n.kind] += known != 0;
		}
		memo_leave(m);
	}
	memo_free(m);
	return NULL;
}

static void
finds_only_what_was_put(void)
{
	struct memo_pool *pool = memo_pool_new();
	struct thread t[THREADS];
	unsigned wrong = 0, known[MEMO_KINDS] = { 0 };

	for (int i = 0; i < THREADS; i++) {
		t[i] = (struct thread){ .pool = pool, .state = (uint64_t)i };
		pthread_create(&t[i].id, NULL, run, &t[i]);
	}
	for (int i = 0; i < THREADS; i++) {
		pthread_join(t[i].id, NULL);
		wrong += t[i].wrong;
		for (int k = 0; k < MEMO_KINDS; k++)
			known[k] += t[i].known[k];
	}
	CHECK(wrong == 0);
	for (int k = 0; k < MEMO_KINDS; k++)
		CHECK(known[k] > 1000);
	memo_pool_free(pool);
}

/* Put n new keys; returns how many of the second half are known after. */
static unsigned
fill(struct memo *m, enum memo_kind kind, uint32_t from, uint32_t n)
{
	unsigned known = 0;

	for (uint32_t i = 0; i < n; i++) {
		if (i % LOOKS == 0) {
			memo_leave(m);
			memo_enter(m, 0);
		}
		look(m,
		    (struct number){ kind, (from + i) / HALVES,
			(from + i) % HALVES });
	}
	for (uint32_t i = n - n / 2; i < n; i++)
		known += look(m,
			     (struct number){ kind, (from + i) / HALVES,
				 (from + i) % HALVES }) != 0;
	return known;
}

/* Small tables, the pool's, and larger ones; what was known stays so. */
static void
grows_twice(void)
{
	struct memo_pool *pool = memo_pool_new();
	struct memo *m = memo_new(pool), *other = memo_new(pool);
	uint32_t lines[3], known = 0;

	memo_free(other);
	memo_enter(m, 0);
	for (int i = 0; i < 3; i++) {
		static const uint32_t upto[] = { 0, 100, 2500, 1 << 15 };

		CHECK(m->shared == (i == 2));
		fill(m, MEMO_MID, upto[i], upto[i + 1] - upto[i]);
		lines[i] = m->t.lines[MEMO_MID];
	}
	CHECK(lines[0] < lines[1] && lines[1] < lines[2]);
	for (uint32_t n = 0; n < 1 << 15; n++)
		known += look(m,
			     (struct number){ MEMO_MID, n / HALVES,
				 n % HALVES }) != 0;
	CHECK(known > (1 << 15) / 100 * 95);
	memo_leave(m);
	memo_free(m);
	memo_pool_free(pool);
}

static void
makes_room_when_all_is_full(void)
{
	struct memo_pool *pool = memo_pool_new();
	struct memo *m = memo_new(pool);

	memo_enter(m, 0);
	for (enum memo_kind k = 0; k < MEMO_KINDS; k++) {
		uint32_t n = 3000;

		/* As much as there is room for, then too much. */
		CHECK(fill(m, k, 0, n) > n / 2 / 4);
		n = 4 * m->t.lines[k] * (k == MEMO_SHORT ? 8 : 4);
		n = n < HALVES * HALVES ? n : HALVES * HALVES;
		CHECK(fill(m, k, 0, n) > n / 2 / 32);
	}
	memo_leave(m);
	memo_free(m);
	memo_pool_free(pool);
}

/* Lines fill unevenly, but of three quarters hardly one in thirty is lost. */
static void
keeps_what_there_is_room_for(void)
{
	struct memo_pool *pool = memo_pool_new();
	struct memo *m = memo_new(pool);
	uint32_t n = 30000, known = 0;
	uint64_t key, state;

	memo_enter(m, 0);
	fill(m, MEMO_MID, 0, n); /* so that the tables are the large ones */
	n = m->t.lines[MEMO_SHORT] * MEMO_SHORT_WAYS / 4 * 3;
	for (int pass = 0; pass < 2; pass++) {
		state = 1;
		for (uint32_t i = 0; i < n; i++) {
			key = (uint64_t)random_below(&state, 1 << 28) << 28;
			key |= random_below(&state, 1 << 28) | 7ull << 56;
			known += known_short(m, key) != 0;
			if (pass == 0)
				memo_put_short(m, key, 3);
		}
	}
	CHECK(known > n / 30 * 29);
	memo_leave(m);
	memo_free(m);
	memo_pool_free(pool);
}

/* One that does nothing, and one that comes later, keep nobody waiting. */
static void
does_not_wait_for_those_at_rest(void)
{
	struct memo_pool *pool = memo_pool_new();
	struct memo *rests = memo_new(pool), *m = memo_new(pool), *late;

	memo_enter(rests, 0);
	fill(rests, MEMO_LONG, 0, 2000);
	memo_leave(rests);
	memo_enter(m, 0);
	CHECK(fill(m, MEMO_LONG, 0, 400000) > 0);
	memo_leave(m);
	late = memo_new(pool);
	memo_enter(late, 0);
	CHECK(fill(late, MEMO_LONG, 0, 2000) > 0);
	memo_free(m);
	memo_leave(late);
	memo_free(late);
	memo_free(rests);
	memo_pool_free(pool);
}

/* What a number says: read back, digit by digit. */
static size_t
word_of(uint64_t number, char *to)
{
	static const char *const before[] = { "", "", "", " ", " ", " ", "_",
		"_", ".", "-", "/", "\t" };
	static const char cases[] = "lculculullll";
	uint64_t form = number;
	char kind;
	size_t n, first;

	for (int i = 0; i < WORD_MOST; i++)
		form /= 27;
	strcpy(to, before[form]);
	kind = cases[form];
	n = first = strlen(to);
	for (; number % 27 != 0 && n < first + WORD_MOST; number /= 27) {
		bool upper = kind == 'u' || (kind == 'c' && n == first);

		to[n++] = (char)((upper ? 'A' : 'a') + (int)(number % 27) - 1);
	}
	return n;
}

static void
numbers_are_of_one_word(void)
{
	static const char bytes[] = "azAZ _.-/\t(@[`{0\xa0\xdf\xff\0";
	uint64_t state = 7;
	unsigned words[WORD_MOST + 1] = { 0 }, wrong = 0;

	for (int i = 0; i < 2000000; i++) {
		uint8_t p[16] = { 0 };
		char back[16];
		size_t n = 8 + random_below(&state, 8);
		uint32_t kind = random_below(&state, 4);
		uint64_t number;

		for (size_t k = 0; k < n; k++)
			p[k] = (uint8_t)((kind < 2 ? 'a' : 'A') +
			    (int)random_below(&state, 26));
		if (kind == 1)
			p[0] = 'Q';
		for (uint32_t k = random_below(&state, 3); k > 0; k--)
			p[random_below(&state, 3) > 0
				? 0
				: random_below(&state, 15)] = (uint8_t)
			    bytes[random_below(&state, sizeof(bytes) - 1)];
		for (size_t k = n; k < sizeof(p); k++)
			p[k] = 0;
		number = word_number(vocab_key16(p, n));
		if (number == 0)
			continue;
		words[n - !((p[0] | 32) >= 'a' && (p[0] | 32) <= 'z')]++;
		wrong += number >> 56 != 0 || word_of(number, back) != n ||
		    memcmp(p, back, n) != 0;
	}
	CHECK(wrong == 0);
	for (int n = WORD_LEAST; n <= WORD_MOST; n++)
		CHECK(words[n] > 20000);
}

int
main(void)
{
	finds_only_what_was_put();
	grows_twice();
	makes_room_when_all_is_full();
	keeps_what_there_is_room_for();
	does_not_wait_for_those_at_rest();
	numbers_are_of_one_word();
	return tap_done();
}
