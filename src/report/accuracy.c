#include "report/accuracy.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/num.h"
#include "ledger/names.h"
#include "json/json.h"

struct accuracy_group {
	uint32_t model;
	char *name, *content; /* NULL: not said */
	int64_t *ratio;       /* of each call, ppm */
	size_t n, cap;
	tk_int128 estimated, billed;
};

/* While the ledger is read. */
struct reading {
	struct accuracy_group *group;
	size_t n, cap;
	/* By hash, linear probing: 1 + the place in group; 0 is free.  Less
	 * than half are taken. */
	uint32_t *slot;
	size_t slots;
	struct tk_buf content;
};

/* Whether the metadata says what kind of content it was. */
static bool
read_content(struct reading *rd, const char *metadata)
{
	struct json_scan s;
	struct json_text key, value;
	bool found = false;

	tk_buf_reset(&rd->content);
	if (metadata == NULL)
		return false;
	json_scan_init(&s, metadata, strlen(metadata));
	if (json_scan_object(&s) <= 0)
		return false;
	while (json_scan_key(&s, &key)) {
		if (!json_text_is(&key, "content")) {
			json_scan_skip(&s);
		} else if (json_scan_text(&s, &value) > 0) {
			tk_buf_reset(&rd->content);
			json_text_add(&value, &rd->content);
			found = rd->content.len > 0;
		}
	}
	return found && json_scan_end(&s);
}

static size_t
hash_of(uint32_t model, const char *content)
{
	uint64_t h = model + UINT64_C(0x9e3779b97f4a7c15);

	for (const char *p = content != NULL ? content : ""; *p != '\0'; p++)
		h = (h ^ (uint8_t)*p) * UINT64_C(0x100000001b3);
	return (size_t)(h ^ h >> 32);
}

static bool
is_of(const struct accuracy_group *g, uint32_t model, const char *content)
{
	if (g->model != model || (g->content == NULL) != (content == NULL))
		return false;
	return content == NULL || strcmp(g->content, content) == 0;
}

/* Where the group is, or a free slot for it. */
static uint32_t *
find_slot(const struct reading *rd, uint32_t model, const char *content)
{
	size_t at = hash_of(model, content) & (rd->slots - 1);

	while (rd->slot[at] != 0 &&
	    !is_of(&rd->group[rd->slot[at] - 1], model, content))
		at = (at + 1) & (rd->slots - 1);
	return &rd->slot[at];
}

static void
make_room(struct reading *rd)
{
	rd->cap = rd->cap > 0 ? 2 * rd->cap : 16;
	rd->group = tk_xreallocarray(rd->group, rd->cap, sizeof(*rd->group));
	free(rd->slot);
	rd->slots = 2 * rd->cap;
	rd->slot = tk_xcalloc(rd->slots, sizeof(*rd->slot));
	for (size_t i = 0; i < rd->n; i++)
		*find_slot(rd, rd->group[i].model, rd->group[i].content) =
		    (uint32_t)i + 1;
}

static struct accuracy_group *
find_group(struct reading *rd, uint32_t model, const char *content)
{
	uint32_t *slot;

	if (rd->n == rd->cap)
		make_room(rd);
	slot = find_slot(rd, model, content);
	if (*slot == 0) {
		rd->group[rd->n] = (struct accuracy_group){ .model = model,
			.content =
			    content != NULL ? tk_xstrdup(content) : NULL };
		*slot = (uint32_t)++rd->n;
	}
	return &rd->group[*slot - 1];
}

static void
add_call(struct accuracy_group *g, int64_t estimated, tk_int128 billed)
{
	tk_int128 ratio = billed * 1000000 / estimated;

	if (g->n == g->cap) {
		g->cap = g->cap > 0 ? 2 * g->cap : 4;
		g->ratio =
		    tk_xreallocarray(g->ratio, g->cap, sizeof(*g->ratio));
	}
	g->ratio[g->n++] = ratio > INT64_MAX ? INT64_MAX : (int64_t)ratio;
	g->estimated += estimated;
	g->billed += billed;
}

/* Each call counts for its model, and for its kind of content if known. */
static void
take_record(struct reading *rd, const struct packed_record *v)
{
	const struct usage_record *r = &v->r;
	tk_int128 billed = (tk_int128)r->input_tokens + r->cache_read_tokens +
	    record_cache_write(r);

	if (r->estimated_input_tokens == RECORD_UNKNOWN ||
	    r->estimated_input_tokens <= 0 || billed <= 0 ||
	    v->name[NAME_MODEL] == 0)
		return;
	add_call(find_group(rd, v->name[NAME_MODEL], NULL),
	    r->estimated_input_tokens, billed);
	if (read_content(rd, r->metadata))
		add_call(find_group(rd, v->name[NAME_MODEL], rd->content.s),
		    r->estimated_input_tokens, billed);
}

static int
read_records(struct reading *rd, struct ledger *l,
    const struct ledger_filter *f, struct tk_err *err)
{
	struct ledger_scan *s;
	struct packed_record *v;
	int more;

	if (ledger_scan_open(&s, l, f, SCAN_STANDING, err) < 0)
		return -1;
	while ((more = ledger_scan_next(s, &v, err)) > 0)
		take_record(rd, v);
	ledger_scan_close(s);
	return more;
}

static int
find_names(struct reading *rd, struct ledger *l, struct tk_err *err)
{
	for (size_t i = 0; i < rd->n; i++) {
		const char *name;

		if (names_text(ledger_names(l), rd->group[i].model, &name,
			err) < 0)
			return -1;
		rd->group[i].name = tk_xstrdup(name);
	}
	return 0;
}

static int
by_name(const void *a_, const void *b_)
{
	const struct accuracy_group *a = a_, *b = b_;
	int by = strcmp(a->name, b->name);

	if (by != 0)
		return by;
	return strcmp(a->content != NULL ? a->content : "",
	    b->content != NULL ? b->content : "");
}

static int
by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static int64_t
clamp(tk_int128 n)
{
	return n > INT64_MAX ? INT64_MAX : (int64_t)n;
}

/* The ratio that percent of a hundred are not above. */
static int64_t
percentile(const struct accuracy_group *g, size_t percent)
{
	return g->ratio[(g->n - 1) * percent / 100];
}

static void
sum_up(struct accuracy_group *g, struct accuracy_row *row)
{
	qsort(g->ratio, g->n, sizeof(*g->ratio), by_size);
	*row = (struct accuracy_row){ .model = g->name,
		.content = g->content,
		.calls = (int64_t)g->n,
		.estimated = clamp(g->estimated),
		.billed = clamp(g->billed),
		.median_ppm = percentile(g, 50),
		.low_ppm = percentile(g, 5),
		.high_ppm = percentile(g, 95) };
}

int
accuracy_run(struct accuracy *a, struct ledger *l,
    const struct ledger_filter *f, struct tk_err *err)
{
	struct reading rd = { .content = TK_BUF_INIT };
	int rc = -1;

	if (read_records(&rd, l, f, err) == 0 && find_names(&rd, l, err) == 0)
		rc = 0;
	*a = (struct accuracy){ .rows = rd.n, .group = rd.group };
	if (rc == 0 && rd.n > 0) {
		qsort(rd.group, rd.n, sizeof(*rd.group), by_name);
		a->row = tk_xcalloc(rd.n, sizeof(*a->row));
		for (size_t i = 0; i < rd.n; i++)
			sum_up(&rd.group[i], &a->row[i]);
	}
	free(rd.slot);
	tk_buf_release(&rd.content);
	return rc;
}

void
accuracy_release(struct accuracy *a)
{
	for (size_t i = 0; i < a->rows; i++) {
		free(a->group[i].name);
		free(a->group[i].content);
		free(a->group[i].ratio);
	}
	free(a->group);
	free(a->row);
	*a = (struct accuracy){ 0 };
}
