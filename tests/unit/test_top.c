/* Frames of top at every size: nothing drawn twice, no number cut. */
#include "top/ui.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/num.h"
#include "base/time.h"
#include "base/utf8.h"
#include "limit/budget.h"
#include "limit/quota.h"
#include "tap.h"

static struct tk_err err;
static char folder[] = "/tmp/tokctl-top.XXXXXX";
static const int64_t now = INT64_C(1795271527000); /* 2026-11-21 14:32:07Z */

static void
set_limits(struct ledger *l)
{
	static const struct limit_name of[] = { { SCOPE_USER, "ci-bot", "" },
		{ SCOPE_USER, "bob", "" }, { SCOPE_USER, "\033[2Jevil\n", "" },
		{ SCOPE_EVERYONE, "", "" } };
	struct ledger_actor by = { "tester", now };
	struct budget b;

	for (size_t i = 0; i < TK_LEN(of); i++) {
		struct quota q;

		quota_init(&q, &of[i], "UTC");
		q.limit[QUOTA_DAILY] = i % 2 ? 7 : INT64_C(1) << 60;
		q.limit[QUOTA_MONTHLY] = INT64_C(1) << (20 * i);
		CHECK(quota_put(l, &q, &by, "quota.set", &err) == 0);
	}
	budget_init(&b, &of[3], "UTC");
	b.amount = TK_PICO_PER_USD * 15;
	CHECK(budget_put(l, &b, &by, &err) == 0);
}

static struct ledger *
make_ledger(void)
{
	static const char *const names[] = { "ci-bot", "bob",
		"dmitri.konstantinovich-lin", "\033[2Jevil\n", "\u200b\ufeff",
		"e\u0301\u4e2d\u6587\u202e", "user1234567890123456" };
	struct tk_buf path = TK_BUF_INIT;
	struct ledger *l;

	tk_buf_addf(&path, "%s/ledger", folder);
	if (ledger_open(&l, path.s, LEDGER_WRITE | LEDGER_CREATE, &err) < 0 ||
	    ledger_begin(l, &err) < 0) {
		printf("Bail out! %s\n", err.msg);
		exit(1);
	}
	for (int i = 0; i < 70; i++) {
		enum ledger_result result;
		struct usage_record r;

		record_init(&r);
		r.user = names[i % 7];
		r.model = i % 5 ? names[(i + 2) % 7] : NULL;
		r.application = "app";
		r.time = now - (int64_t)i * i * 60000;
		r.input_tokens = (int64_t)1 << (i % 55);
		r.output_tokens = i;
		r.cost = i % 4 ? (int64_t)1 << (i % 61) : RECORD_UNKNOWN;
		r.cost_origin = i % 4 ? COST_GIVEN : COST_UNKNOWN;
		if (ledger_put(l, &r, LEDGER_STRICT, &result, &err) < 0)
			CHECK(!"put");
	}
	set_limits(l);
	CHECK(ledger_commit(l, LEDGER_RELAXED, &err) == 0);
	tk_buf_release(&path);
	return l;
}

static struct top_query
query(const struct tk_zone *zone, enum top_view view)
{
	struct top_query q = { .now = now, .zone = zone, .view = view };

	ledger_filter_init(&q.filter);
	return q;
}

/* Whether the frame is sound; its text is valid and as large as said. */
static bool
is_sound(struct cells *g, const struct top_model *m,
    const struct top_style *style, struct top_ui *ui)
{
	struct tk_buf b = TK_BUF_INIT;
	int rows = 0;
	bool ok;

	top_draw(g, m, style, ui);
	cells_print(g, false, &b);
	ok = g->faults == 0 && tk_utf8_valid(b.s, b.len);
	for (size_t i = 0; i < b.len; i++) {
		rows += b.s[i] == '\n';
		ok = ok && ((unsigned char)b.s[i] >= ' ' || b.s[i] == '\n') &&
		    (!g->ascii || (unsigned char)b.s[i] < 0x7f);
	}
	tk_buf_release(&b);
	return ok && rows == g->h;
}

static void
every_size_is_sound(struct ledger *l, const struct tk_zone *zone)
{
	struct top_style style = { zone, &tk_digits_default, "all users", 0 };
	struct top_ui ui;
	int bad = 0;

	top_ui_init(&ui);
	ui.paused = true;
	tk_buf_adds(&ui.state, "LEDGER BUSY 6s: 12 others\033[2J are writing");

	for (int v = 0; v < TOP_VIEWS; v++) {
		struct top_query q = query(zone, (enum top_view)v);
		struct top_model m;

		CHECK(top_model_read(&m, l, &q, &err) == 0);
		ui.view = (enum top_view)v;
		for (int w = 1; w <= 250; w++) {
			for (int h = 1; h <= 45; h += h < 18 ? 1 : 9) {
				struct cells g;

				cells_init(&g, w, h, (w + h + v) % 2);
				ui.live = w % 3;
				ui.mode = (enum top_mode)(
				    (w / 2 + h) % (MODE_LIMIT + 1));
				ui.sort = (enum top_sort)(w % SORTS);
				if (!is_sound(&g, &m, &style, &ui) && bad++ < 5)
					printf("# %d faults: view %d, mode %d, "
					       "%dx%d\n",
					    g.faults, v, ui.mode, w, h);
				cells_release(&g);
			}
		}
		top_model_release(&m);
	}
	top_ui_release(&ui);
	CHECK(bad == 0);
}

static void
press(struct top_ui *ui, const struct top_model *m, const char *keys)
{
	for (; *keys != '\0'; keys++)
		top_ui_key(ui, (unsigned char)*keys, m);
}

/* The selected name, as keys left it. */
static void
keys_move_by_name(struct ledger *l, const struct tk_zone *zone)
{
	struct top_query q = query(zone, TOP_USER);
	const struct report_row **row;
	struct top_model m;
	struct top_ui ui;
	size_t n;

	top_ui_init(&ui);
	CHECK(top_model_read(&m, l, &q, &err) == 0);
	press(&ui, &m, "A");
	n = top_ui_rows(&ui, &m, &row);
	CHECK(n == m.table.rows && n > 2);
	press(&ui, &m, "j");
	CHECK_STR(ui.selected.s, row[1]->name[0]);
	press(&ui, &m, "R");
	CHECK_STR(ui.selected.s, row[1]->name[0]);
	press(&ui, &m, "G");
	CHECK_STR(ui.selected.s, row[0]->name[0]);
	free(row);
	press(&ui, &m, "/DMITRI\n");
	CHECK_STR(ui.selected.s, "dmitri.konstantinovich-lin");
	press(&ui, &m, "\\c");
	CHECK_STR(ui.filter.s, "c");
	press(&ui, &m, "i-b\n");
	n = top_ui_rows(&ui, &m, &row);
	CHECK(n == 1);
	CHECK_STR(row[0]->name[0], "ci-bot");
	free(row);
	CHECK(top_ui_key(&ui, '\n', &m) == NEXT_READ);
	CHECK(ui.view == TOP_MODEL && ui.depth == 1);
	CHECK_STR(top_ui_user(&ui, &q), "ci-bot");
	CHECK(top_ui_key(&ui, 27, &m) == NEXT_READ);
	CHECK(ui.view == TOP_USER && ui.depth == 0);
	CHECK_STR(ui.selected.s, "ci-bot");
	press(&ui, &m, "l12x");
	CHECK(top_ui_key(&ui, '\n', &m) == NEXT_LIMIT);
	CHECK_STR(ui.input.s, "12x");
	top_model_release(&m);
	top_ui_release(&ui);
}

/* No key has two meanings, and each that is named does something. */
static void
keys_mean_one_thing(void)
{
	for (const struct top_key *k = top_keys; k->group != NULL; k++)
		for (const struct top_key *o = top_keys; o < k; o++)
			for (int i = 0; i < 16; i++)
				if (k->code[i / 4] != 0 &&
				    k->code[i / 4] == o->code[i % 4])
					CHECK_STR(k->keys, o->keys);
	for (const struct top_key *k = top_keys; k->group != NULL; k++)
		for (int i = 0; i < SORTS; i++)
			for (int c = 0; c < 4; c++)
				CHECK(k->code[c] != top_sort_keys[i].letter);
}

static void
the_setup_comes_back(void)
{
	struct tk_buf text = TK_BUF_INIT, again = TK_BUF_INIT;
	struct top_ui a, b;

	top_ui_init(&a);
	top_ui_init(&b);
	a.view = TOP_LIMITS;
	a.sort = SORT_COST;
	a.reverse = true;
	a.range = RANGE_MONTH;
	a.delay = 500;
	a.theme = 3;
	a.mouse = true;
	top_ui_save(&a, &text);
	top_ui_load(&b, text.s);
	top_ui_save(&b, &again);
	CHECK_STR(again.s, text.s);
	top_ui_load(&b, "view nothing\ndelay 7\n\nsort\n\xff\n theme x\ndelay");
	tk_buf_reset(&again);
	top_ui_save(&b, &again);
	CHECK_STR(again.s, text.s);
	tk_buf_release(&text);
	tk_buf_release(&again);
}

/* The header of a filter that lets all through is the header without one. */
static void
both_ways_to_the_header_agree(struct ledger *l, const struct tk_zone *zone)
{
	static const char *all[] = { "ci-bot", "bob",
		"dmitri.konstantinovich-lin", "\033[2Jevil\n", "\u200b\ufeff",
		"e\u0301\u4e2d\u6587\u202e", "user1234567890123456" };
	struct top_query q = query(zone, TOP_USER);
	struct top_model a, b;

	CHECK(top_model_read(&a, l, &q, &err) == 0);
	q.filter.name[NAME_USER] = all;
	q.filter.names[NAME_USER] = 7;
	CHECK(top_model_read(&b, l, &q, &err) == 0);
	CHECK(sums_equal(&a.figures.today, &b.figures.today));
	CHECK(sums_equal(&a.figures.this_month, &b.figures.this_month));
	for (int m = 1; m <= 60; m++) {
		struct now_rate x, y;

		now_rate(&a.figures, now, m, &x);
		now_rate(&b.figures, now, m, &y);
		if (x.tokens_per_minute != y.tokens_per_minute ||
		    x.cost_per_hour != y.cost_per_hour)
			CHECK(!"the rates");
	}
	CHECK(a.table.rows == b.table.rows && a.calls == b.calls);
	CHECK(sums_equal(&a.table.total, &a.figures.today));
	top_model_release(&a);
	top_model_release(&b);
}

static void
forecasts_need_calls_and_time(const struct tk_zone *zone)
{
	struct top_model m = { .now = now };
	struct usage_sums *s = &m.figures.today;
	tk_int128 tokens;
	int64_t minute = now / 60000;

	m.figures.day = tk_zone_day_start(zone, tk_zone_day(zone, now));
	CHECK(!top_day_ahead(&m, zone, &tokens));
	s->v[SUM_REQUESTS] = 3;
	s->v[SUM_INPUT] = 14532;
	CHECK(!top_day_ahead(&m, zone, &tokens)); /* nothing for an hour */
	m.figures.minute[minute % NOW_MINUTES] =
	    (struct now_minute){ minute, 14532, 0, 0 };
	/* 14h32m07s gone, 9h27m53s left; the hour was faster than the day */
	CHECK(top_day_ahead(&m, zone, &tokens));
	CHECK(tokens == 14532 + block_scale(14532, 34073, 52327));
	m.figures.minute[minute % NOW_MINUTES].tokens = 59;
	CHECK(top_day_ahead(&m, zone, &tokens));
	CHECK(tokens == 14532 + block_scale(60, 34073, 3600));
	s->v[SUM_REQUESTS] = 2;
	CHECK(!top_day_ahead(&m, zone, &tokens));
}

int
main(void)
{
	struct tk_buf command = TK_BUF_INIT;
	struct tk_zone *zone;
	struct ledger *l;
	int rc;

	if (mkdtemp(folder) == NULL || tk_zone_open(&zone, "UTC", &err) < 0)
		return 1;
	l = make_ledger();
	every_size_is_sound(l, zone);
	keys_move_by_name(l, zone);
	keys_mean_one_thing();
	the_setup_comes_back();
	both_ways_to_the_header_agree(l, zone);
	forecasts_need_calls_and_time(zone);
	ledger_close(l);
	tk_zone_free(zone);
	tk_buf_addf(&command, "rm -rf '%s'", folder);
	rc = system(command.s);
	tk_buf_release(&command);
	return tap_done() || rc != 0;
}
