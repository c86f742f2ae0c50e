/* What top knows: its header, what comes next, and following the ledger, which
 * must be the same as reading it.  "all": for longer. */
#include "top/top.h"

#include "top_ledger.h"

static int
random_below(unsigned *seed, int n)
{
	*seed = *seed * 1103515245u + 12345u;
	return (int)(*seed >> 16) % n;
}

/* Some calls; sometimes one that is still to come, of another day, or that
 * takes another one back. */
static void
add_calls(struct ledger *l, unsigned *seed, int64_t at)
{
	static const char *const names[] = { "alice", "bob", "carol", "dmitri",
		"eve", "e\u0301", "ci-bot" };
	int64_t last_id = 0;

	CHECK(ledger_begin(l, &err) == 0);
	for (int i = random_below(seed, 12); i >= 0; i--) {
		struct usage_record r;
		enum ledger_result result;

		record_init(&r);
		r.user = names[random_below(seed, 7)];
		r.application = names[random_below(seed, 3)];
		r.model = names[3 + random_below(seed, 3)];
		r.session =
		    random_below(seed, 4) ? names[random_below(seed, 5)] : NULL;
		r.time = at - random_below(seed, 90) * 60000;
		if (random_below(seed, 20) == 0)
			r.time = at + random_below(seed, 300) * 1000;
		if (random_below(seed, 20) == 0)
			r.time =
			    at - random_below(seed, 40) * INT64_C(86400000);
		r.input_tokens = random_below(seed, 5000);
		r.cache_read_tokens = random_below(seed, 500);
		r.output_tokens = random_below(seed, 900);
		r.error = random_below(seed, 9) ? NULL : "timeout";
		r.cost = random_below(seed, 5)
		    ? random_below(seed, 30000) * INT64_C(1000000)
		    : RECORD_UNKNOWN;
		r.cost_origin =
		    r.cost == RECORD_UNKNOWN ? COST_UNKNOWN : COST_GIVEN;
		if (ledger_put(l, &r, LEDGER_STRICT, &result, &err) < 0)
			CHECK(!"put");
		last_id = r.id;
	}
	if (random_below(seed, 8) == 0) {
		struct ledger_actor by = { "tester", at };
		int64_t gone;

		if (ledger_reversed_by(l, last_id, &gone, &err) == 0 &&
		    ledger_void(l, last_id, "{}", &by, &err) < 0)
			CHECK(!"void");
	}
	if (random_below(seed, 6) == 0)
		set_limits(l);
	CHECK(ledger_commit(l, LEDGER_RELAXED, &err) == 0);
}

/* All that a model shows, as text. */
static void
model_text(const struct top_model *m, const struct tk_zone *zone,
    struct top_ui *ui, struct tk_buf *b)
{
	struct top_style style = { zone, &tk_digits_default, "all", 0, "l" };
	struct cells g;

	tk_buf_reset(b);
	top_json(m, zone, ui, b);
	cells_init(&g, 160, 60, false);
	top_draw(&g, m, &style, ui);
	cells_print(&g, false, b);
	cells_release(&g);
}

/* Following is reading, for any question, whatever is written between. */
static void
following_is_reading(struct ledger *l, const struct tk_zone *zone, bool all)
{
	static const char *user[] = { "ci-bot" };
	struct tk_buf a = TK_BUF_INIT, b = TK_BUF_INIT;
	unsigned seed = 7;
	int followed = 0;

	for (int v = 0; v < TOP_VIEWS; v++) {
		struct top_query q = query(zone, (enum top_view)v);
		struct top_model m, fresh;
		struct top_ui ui;

		top_ui_init(&ui);
		ui.view = q.view;
		ui.sort = (enum top_sort)(v % SORTS);
		q.session = q.panes = q.no_days = true;
		q.range = v % 3;
		if (v % 4 == 3) {
			q.drilled = true;
			q.filter.name[NAME_USER] = user;
			q.filter.names[NAME_USER] = 1;
		}
		CHECK(top_model_read(&m, l, &q, &err) == 0);
		CHECK(m.has_days != q.drilled);
		q.no_days = false; /* what was left out is made good */
		for (int i = 0; i < (all ? 80 : 8); i++) {
			int rc;

			add_calls(l, &seed, q.now);
			q.now += i % 8 == 6 ? 7 * 3600000
					    : random_below(&seed, 90000);
			rc = top_model_follow(&m, l, &q, &err);
			CHECK(rc >= 0);
			followed += rc == 0;
			CHECK(top_model_read(&fresh, l, &q, &err) == 0);
			model_text(&m, zone, &ui, &a);
			model_text(&fresh, zone, &ui, &b);
			top_model_release(&fresh);
			if (strcmp(a.s, b.s) != 0) {
				printf("# view %d, step %d\n%s\n%s\n", v, i,
				    a.s, b.s);
				CHECK(!"the same");
				break;
			}
		}
		top_model_release(&m);
		top_ui_release(&ui);
	}
	CHECK(followed > 30);
	tk_buf_release(&a);
	tk_buf_release(&b);
}

static bool
is_nth(void *data)
{
	int *left = data;

	return --*left < 0;
}

/* Wherever reading is broken off, nothing is lost, and the next one is whole;
 * how often it was. */
static int
break_off(struct ledger *l, const struct top_query *q, struct top_model *m,
    const char *want, struct top_ui *ui)
{
	struct tk_buf b = TK_BUF_INIT;
	int times = 0, rc = -1;

	for (int at = 0; rc < 0; at += 1 + at / 4) {
		int left = at;

		m->epoch = -1; /* it has to be read anew */
		store_set_stop(ledger_store(l), is_nth, &left);
		rc = top_model_follow(m, l, q, &err);
		store_set_stop(ledger_store(l), NULL, NULL);
		times += rc < 0 && err.code == TK_IO;
		CHECK((left < 0) == (rc < 0));
	}
	model_text(m, q->zone, ui, &b);
	CHECK_STR(b.s, want);
	tk_buf_release(&b);
	return times;
}

static void
reading_can_be_broken_off(struct ledger *l, const struct tk_zone *zone)
{
	struct tk_buf want = TK_BUF_INIT;
	int times = 0;

	for (int v = 0; v < TOP_VIEWS; v += 4) {
		struct top_query q = query(zone, (enum top_view)v);
		struct top_model m;
		struct top_ui ui;

		top_ui_init(&ui);
		ui.view = q.view;
		q.panes = q.session = true;
		CHECK(top_model_read(&m, l, &q, &err) == 0);
		model_text(&m, zone, &ui, &want);
		times += break_off(l, &q, &m, want.s, &ui);
		top_model_release(&m);
		top_ui_release(&ui);
	}
	CHECK(times > 20);
	tk_buf_release(&want);
}

/* In kB. */
static long
resident(void)
{
	FILE *f = fopen("/proc/self/statm", "r");
	long all = 0, kept = 0;

	if (f != NULL && fscanf(f, "%ld %ld", &all, &kept) != 2)
		kept = 0;
	if (f != NULL)
		fclose(f);
	return kept * (sysconf(_SC_PAGESIZE) / 1024);
}

/* However long the screen is left open. */
static void
ten_thousand_refreshes_take_no_memory(const struct tk_zone *zone)
{
	struct top_query q = query(zone, TOP_USER);
	struct tk_buf path = TK_BUF_INIT;
	struct top_model m;
	struct top_ui ui;
	struct ledger *l;
	long early = 0;

	tk_buf_addf(&path, "%s/long", folder);
	CHECK(ledger_open(&l, path.s, LEDGER_WRITE | LEDGER_CREATE, &err) == 0);
	top_ui_init(&ui);
	q.panes = q.session = true;
	add_user(l, "first", 1);
	CHECK(top_model_read(&m, l, &q, &err) == 0);
	for (int i = 0; i < 10000; i++) {
		tk_buf_reset(&path);
		tk_buf_addf(&path, "user%d", i % 150);
		add_user(l, path.s, 100);
		q.now += 100;
		if (top_model_follow(&m, l, &q, &err) < 0)
			CHECK(!"follow");
		model_text(&m, zone, &ui, &path);
		if (i == 2000)
			early = resident();
	}
	printf("# %ld kB after 2,000 refreshes, %ld after 10,000\n", early,
	    resident());
	CHECK(early > 0 && resident() - early < 256);
	top_model_release(&m);
	top_ui_release(&ui);
	ledger_close(l);
	tk_buf_release(&path);
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
	CHECK(a.table[0].report.rows == b.table[0].report.rows &&
	    a.calls == b.calls);
	CHECK(sums_equal(&a.table[0].report.total, &a.figures.today));
	top_model_release(&a);
	top_model_release(&b);
}

/* What is held of the limit of that user, as the model has it. */
static int
held_of(const struct top_model *m, const char *user)
{
	const struct top_limit *l = top_model_limit(m, user);

	return l != NULL ? (int)l->held : -1;
}

static int64_t
hold(struct ledger *l, const char *user, int64_t at)
{
	struct limit_ask ask = { .who = { .user = user },
		.now = at,
		.tokens = 40,
		.ttl = 60000 };
	struct limit_answer a;
	int64_t id;

	CHECK(ledger_begin(l, &err) == 0);
	CHECK(limit_reserve(l, &ask, &a, &err) == 0);
	id = a.reservation;
	limit_answer_release(&a);
	CHECK(ledger_commit(l, LEDGER_RELAXED, &err) == 0);
	return id;
}

static void
release_hold(struct ledger *l, int64_t id, int64_t at)
{
	struct limit_hold h;
	bool again;

	CHECK(ledger_begin(l, &err) == 0);
	CHECK(limit_hold_get(l, id, &h, &err) == 1);
	CHECK(limit_release(l, &h, at, &again, &err) == 0);
	limit_hold_release(&h);
	CHECK(ledger_commit(l, LEDGER_RELAXED, &err) == 0);
}

/* However many limits there are: what is held, freed or expires is seen at
 * the next look, of users that never made a call, too. */
static void
holds_are_seen_at_once(const struct tk_zone *zone)
{
	struct top_query q = query(zone, TOP_LIMITS);
	struct ledger_actor by = { "tester", now };
	struct tk_buf path = TK_BUF_INIT;
	struct top_model m;
	struct ledger *l;
	int64_t first;

	tk_buf_addf(&path, "%s/holds", folder);
	CHECK(ledger_open(&l, path.s, LEDGER_WRITE | LEDGER_CREATE, &err) == 0);
	CHECK(ledger_begin(l, &err) == 0);
	for (int i = 0; i < 400; i++) {
		struct limit_name of = { SCOPE_USER, path.s, "" };
		struct quota quota;

		tk_buf_reset(&path);
		tk_buf_addf(&path, "user%d", i);
		of.name = path.s;
		quota_init(&quota, &of, "UTC");
		quota.limit[QUOTA_DAILY] = 1000;
		if (quota_put(l, &quota, &by, "quota.set", &err) < 0)
			CHECK(!"quota");
	}
	CHECK(ledger_commit(l, LEDGER_RELAXED, &err) == 0);
	CHECK(top_model_read(&m, l, &q, &err) == 0);
	CHECK(held_of(&m, "user391") == 0);
	first = hold(l, "user391", q.now);
	hold(l, "user7", q.now);
	CHECK(top_model_follow(&m, l, &q, &err) == 0);
	CHECK(held_of(&m, "user391") == 40 && held_of(&m, "user7") == 40);
	release_hold(l, first, q.now + 1000);
	CHECK(top_model_follow(&m, l, &q, &err) == 0);
	CHECK(held_of(&m, "user391") == 0 && held_of(&m, "user7") == 40);
	hold(l, "user7", q.now += 30000);
	CHECK(top_model_follow(&m, l, &q, &err) == 0);
	CHECK(held_of(&m, "user7") == 80);
	q.now += 40000; /* nobody has written since */
	CHECK(top_model_follow(&m, l, &q, &err) == 0);
	CHECK(held_of(&m, "user7") == 40);
	top_model_release(&m);
	ledger_close(l);
	tk_buf_release(&path);
}

/* When nothing happens for long, nothing on the screen changes either. */
static void
the_clock_rests(struct ledger *l, const struct tk_zone *zone)
{
	struct top_style style = { zone, &tk_digits_default, "all", 0, "l" };
	struct top_query q = query(zone, TOP_USER);
	struct tk_buf b = TK_BUF_INIT;
	struct top_model m;
	struct top_ui ui;
	struct cells g;

	top_ui_init(&ui);
	CHECK(top_model_read(&m, l, &q, &err) == 0);
	cells_init(&g, 80, 24, false);
	ui.idle = true;
	top_draw(&g, &m, &style, &ui);
	cells_print(&g, false, &b);
	CHECK(strstr(b.s, "  Sat 2026-11-21 14:32\n") != NULL);
	ui.idle = false;
	tk_buf_reset(&b);
	top_draw(&g, &m, &style, &ui);
	cells_print(&g, false, &b);
	CHECK(strstr(b.s, "  Sat 2026-11-21 14:32:07\n") != NULL);
	CHECK(strstr(b.s, "NOTHING NEW") == NULL && !top_nothing_new(&m, now));
	CHECK(top_ui_delay(&ui) == 2000);
	ui.away = true;
	CHECK(top_ui_delay(&ui) == 10000);
	/* Nothing new: once nobody presses keys any more. */
	style.now = now + 3601000;
	top_draw(&g, &m, &style, &ui);
	tk_buf_reset(&b);
	cells_print(&g, false, &b);
	CHECK(strstr(b.s, "NOTHING NEW since 14:32") != NULL);
	ui.quiet = top_nothing_new(&m, style.now);
	ui.away = false;
	CHECK(ui.quiet && top_ui_delay(&ui) == 2000);
	ui.idle = true;
	CHECK(top_ui_delay(&ui) == 10000);
	ui.delay = 60000;
	CHECK(top_ui_delay(&ui) == 60000);
	cells_release(&g);
	top_model_release(&m);
	top_ui_release(&ui);
	tk_buf_release(&b);
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
	/* Twenty past midnight: the hour is no longer than the day. */
	m.now = m.figures.day + 20 * 60000;
	s->v[SUM_INPUT] = 2100;
	for (int64_t i = m.now / 60000 - 59; i <= m.now / 60000; i++)
		m.figures.minute[i % NOW_MINUTES] = (struct now_minute){ i,
			i * 60000 < m.figures.day ? 1 : 100, 0, 0 };
	CHECK(top_day_ahead(&m, zone, &tokens));
	CHECK(tokens == 2100 + block_scale(2100, 1420, 20));
	s->v[SUM_REQUESTS] = 2;
	CHECK(!top_day_ahead(&m, zone, &tokens));
}

int
main(int argc, char **argv)
{
	bool all = argc > 1 && strcmp(argv[1], "all") == 0;
	struct tk_zone *zone;
	struct ledger *l;

	if (mkdtemp(folder) == NULL || tk_zone_open(&zone, "UTC", &err) < 0)
		return 1;
	l = make_ledger();
	both_ways_to_the_header_agree(l, zone);
	forecasts_need_calls_and_time(zone);
	the_clock_rests(l, zone);
	holds_are_seen_at_once(zone);
	following_is_reading(l, zone, all);
	reading_can_be_broken_off(l, zone);
	if (all)
		ten_thousand_refreshes_take_no_memory(zone);
	ledger_close(l);
	tk_zone_free(zone);
	return remove_folder();
}
