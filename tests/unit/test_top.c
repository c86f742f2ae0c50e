/* Frames of top at every size: nothing drawn twice, no number cut; and what
 * its keys do.  "all": at more sizes, which takes minutes. */
#include "top/ui.h"

#include "base/utf8.h"
#include "config/config.h"
#include "tui/screen.h"

#include "top_ledger.h"

/* What may be in a cell: a character that is shown, or the right half of a
 * wide one. */
static bool
is_harmless(const struct cells *g, int i)
{
	int32_t c = g->cell[i].c;

	if (c == 0)
		return i % g->w > 0 && g->cell[i - 1].c >= 0x80;
	return c >= ' ' && (c < 0x7f || (!g->ascii && tk_utf8_columns(c) > 0));
}

static bool
is_sound(struct cells *g, const struct top_model *m,
    const struct top_style *style, struct top_ui *ui)
{
	bool ok;

	top_draw(g, m, style, ui);
	top_draw_title(g, m, style, ui);
	ok = g->faults == 0;
	for (int i = 0; ok && i < g->w * g->h; i++)
		ok = is_harmless(g, i);
	return ok;
}

/* Edges of layouts, and what is on both sides of each. */
static bool
is_edge(int w, int h)
{
	static const int ws[] = { 80, 81, 91, 92, 93, 100, 119, 120, 121, 127,
		128, 129, 140, 250 };
	static const int hs[] = { 15, 16, 17, 18, 19, 21, 22, 23, 24, 25, 34,
		35, 36, 40, 80 };
	bool wide = false, high = h <= 12;

	for (size_t i = 0; i < TK_LEN(ws); i++)
		wide |= w == ws[i];
	for (size_t i = 0; i < TK_LEN(hs); i++)
		high |= h == hs[i];
	if (w < 38) /* lines with the answer: there are few of them */
		return h <= 8 || h == 24;
	return high &&
	    (wide || w <= 42 || (w >= 58 && w <= 62) || w == 78 || w == 79);
}

/*
 * The frames of one model in every size, or in those at the edges of layouts,
 * with whatever is laid over them: how many are not sound.  Which of both
 * charsets a size has does not depend on what its neighbours have.
 */
static int
sweep(const struct top_model *m, struct top_ui *ui,
    const struct top_style *style, bool all)
{
	struct cells room;
	int bad = 0;

	cells_init(&room, 250, 80, false);
	for (int w = 1; w <= 250; w++)
		for (int h = 1; h <= 80; h++)
			for (int ascii = 0; ascii < 2; ascii++) {
				struct cells g = { w, h, ascii, 0, room.cell };

				if (!all &&
				    (!is_edge(w, h) || ascii == (w + h) % 2))
					continue;
				ui->live = w % 3;
				ui->paused = h % 5 == 0;
				ui->mode = (enum top_mode)((w / 2 + h) % MODES);
				ui->sort = (enum top_sort)(w % SORTS);
				if (!is_sound(&g, m, style, ui) && bad++ < 5)
					printf("# %d faults: view %d, mode %d, "
					       "%dx%d%s\n",
					    g.faults, m->view, ui->mode, w, h,
					    ascii ? ", ASCII" : "");
			}
	cells_release(&room);
	return bad;
}

static void
every_size_is_sound(struct ledger *l, const struct tk_zone *zone, bool all)
{
	struct top_style style = { zone, &tk_digits_default, "all users", 0,
		"/home/a/ledger.db" };
	static const char *user[] = { "ci-bot" };
	struct top_ui ui;
	int bad = 0;

	top_ui_init(&ui);
	tk_buf_adds(&ui.state, "LEDGER BUSY 6s: 12 others\033[2J are writing");
	for (int v = 0; v < 2 * TOP_VIEWS; v++) {
		struct top_query q = query(zone, (enum top_view)(v / 2));
		struct top_model m;

		q.panes = true;
		q.drilled = v % 2;
		ui.depth = 0;
		if (v % 2) {
			q.filter.name[NAME_USER] = user;
			q.filter.names[NAME_USER] = 1;
			tk_buf_reset(&ui.state);
		}
		CHECK(top_model_read(&m, l, &q, &err) == 0);
		ui.view = (enum top_view)(v / 2);
		bad += sweep(&m, &ui, &style, all);
		top_model_release(&m);
	}
	top_ui_release(&ui);
	CHECK(bad == 0);
}

static void
an_empty_ledger_is_sound(const struct tk_zone *zone, bool all)
{
	struct top_style style = { zone, &tk_digits_default, "all users", 0,
		"/home/a/\033[2J/ledger.db" };
	struct top_model m = { .now = now, .empty = true };
	struct top_ui ui;

	top_ui_init(&ui);
	CHECK(sweep(&m, &ui, &style, all) == 0);
	top_ui_release(&ui);
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
	n = top_list_table(&ui, &m, TABLE_VIEW, &row);
	CHECK(n == m.table[TABLE_VIEW].report.rows && n > 2);
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
	n = top_list_table(&ui, &m, TABLE_VIEW, &row);
	CHECK(n == 1);
	CHECK_STR(row[0]->name[0], "ci-bot");
	free(row);
	CHECK(top_ui_key(&ui, '\n', &m) == NEXT_READ);
	CHECK(ui.view == TOP_MODEL && ui.depth == 1);
	CHECK_STR(top_ui_user(&ui, &q, &m), "ci-bot");
	CHECK(top_ui_key(&ui, 27, &m) == NEXT_READ);
	CHECK(ui.view == TOP_USER && ui.depth == 0);
	CHECK_STR(ui.selected.s, "ci-bot");
	press(&ui, &m, "l12x");
	CHECK(top_ui_key(&ui, '\n', &m) == NEXT_LIMIT);
	CHECK_STR(ui.input.s, "12x");
	top_model_release(&m);
	top_ui_release(&ui);
}

/* The names of the rows, in their order. */
static void
row_names(const struct top_ui *ui, const struct top_model *m, struct tk_buf *b)
{
	const void **item;
	struct tk_buf name = TK_BUF_INIT;
	size_t n = top_list(ui, m, &item);

	tk_buf_reset(b);
	for (size_t i = 0; i < n; i++) {
		top_list_key(m, item[i], &name);
		tk_buf_addf(b, "%s ", name.s);
	}
	tk_buf_release(&name);
	free(item);
}

/* Rows stay for two seconds after the cursor was moved, or until another
 * order is asked for; new ones stand behind them. */
static void
rows_do_not_jump_under_the_cursor(const struct tk_zone *zone)
{
	struct top_query q = query(zone, TOP_USER);
	struct tk_buf path = TK_BUF_INIT, names = TK_BUF_INIT;
	struct ledger *l;
	struct top_model m;
	struct top_ui ui;

	tk_buf_addf(&path, "%s/still", folder);
	CHECK(ledger_open(&l, path.s, LEDGER_WRITE | LEDGER_CREATE, &err) == 0);
	add_user(l, "a", 900);
	add_user(l, "b", 500);
	add_user(l, "c", 100);
	top_ui_init(&ui);
	ui.live = true;
	ui.clock = 7000;
	CHECK(top_model_read(&m, l, &q, &err) == 0);
	press(&ui, &m, "j");
	CHECK(top_ui_is_frozen(&ui));
	add_user(l, "c", 5000);
	add_user(l, "d", 9000);
	CHECK(top_model_follow(&m, l, &q, &err) == 0);
	ui.clock = 8999;
	row_names(&ui, &m, &names);
	CHECK_STR(names.s, "a b c d ");
	press(&ui, &m, "j");
	CHECK_STR(ui.selected.s, "c");
	ui.clock = 10998;
	row_names(&ui, &m, &names);
	CHECK_STR(names.s, "a b c d ");
	ui.clock = 10999;
	row_names(&ui, &m, &names);
	CHECK_STR(names.s, "d c a b ");
	press(&ui, &m, "k");
	add_user(l, "b", 50000);
	CHECK(top_model_follow(&m, l, &q, &err) == 0);
	row_names(&ui, &m, &names);
	CHECK_STR(names.s, "d c a b ");
	press(&ui, &m, "T");
	row_names(&ui, &m, &names);
	CHECK_STR(names.s, "b d c a ");
	press(&ui, &m, "j\\");
	add_user(l, "a", 500000);
	CHECK(top_model_follow(&m, l, &q, &err) == 0);
	press(&ui, &m, "x");
	ui.filter.s[0] = '\0';
	ui.filter.len = 0;
	row_names(&ui, &m, &names);
	CHECK_STR(names.s, "a b d c ");
	ui.mode = MODE_TABLE;
	ui.live = false;
	press(&ui, &m, "j");
	CHECK(!top_ui_is_frozen(&ui));
	top_model_release(&m);
	top_ui_release(&ui);
	ledger_close(l);
	tk_buf_release(&path);
	tk_buf_release(&names);
}

/* The ledger may be busy when another view is asked for: until it is read,
 * keys are about what is shown. */
static void
keys_are_about_what_is_shown(struct ledger *l, const struct tk_zone *zone)
{
	static const char keys[] = "jkGg/a\nNal9\033oyexu\n";

	for (int shown = 0; shown < TOP_VIEWS; shown++) {
		struct top_query q = query(zone, (enum top_view)shown);
		struct top_model m;

		CHECK(top_model_read(&m, l, &q, &err) == 0);
		for (int asked = 0; asked < TOP_VIEWS; asked++) {
			struct top_ui ui;

			top_ui_init(&ui);
			ui.live = true;
			ui.view = (enum top_view)asked;
			for (size_t i = 0; i + 1 < sizeof(keys); i++) {
				top_ui_key(&ui, keys[i], &m);
				top_ui_user(&ui, &q, &m);
			}
			CHECK(
			    ui.view == (enum top_view)asked || asked == shown);
			top_ui_release(&ui);
		}
		top_model_release(&m);
	}
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

/* What the foot lines call a key is one of that action. */
static void
feet_name_keys(void)
{
	for (int i = 0; i < FEET; i++) {
		const struct top_foot_key *f = top_feet[i];

		CHECK(f->text != NULL);
		for (; f->text != NULL; f++) {
			bool named = false;

			for (const struct top_key *k = top_keys;
			     k->group != NULL; k++)
				if (k->act == f->act) {
					size_t n = strcspn(k->keys, " ");

					named |=
					    strncmp(f->text, k->keys, n) == 0 ||
					    strstr(f->text, k->keys) != NULL;
				}
			if (!named)
				CHECK_STR(f->text, "a key of its action");
		}
	}
}

/* What may be written into the settings is what options take. */
static bool
same_words(const char *key, const struct tk_choice *words)
{
	const struct config_key *k = config_find(key, &err);
	const char *at = k != NULL ? k->choices : "";
	bool same = true;

	for (; words->name != NULL; words++) {
		size_t n = strlen(words->name);

		same = same && strncmp(at, words->name, n) == 0 &&
		    (at[n] == ' ' || at[n] == '\0');
		at += same ? n + (at[n] == ' ') : 0;
	}
	return same && *at == '\0';
}

static void
settings_know_the_words(void)
{
	CHECK(same_words("top.view", top_views));
	CHECK(same_words("top.sort", top_sorts));
	CHECK(same_words("top.theme", screen_themes));
}

static void
the_setup_turns(struct ledger *l, const struct tk_zone *zone)
{
	struct top_query q = query(zone, TOP_USER);
	struct tk_buf value = TK_BUF_INIT;
	struct top_model m;
	const char *what;
	struct top_ui ui;

	top_ui_init(&ui);
	CHECK(top_model_read(&m, l, &q, &err) == 0);
	press(&ui, &m, "S+jj ");
	CHECK(ui.delay == 4000 && ui.ascii && ui.mode == MODE_SETUP);
	top_setup_line(&ui, 0, &what, &value);
	CHECK_STR(what, "Refresh");
	CHECK_STR(value.s, "4.00s");
	for (int i = 0; i < SETUP_ROWS; i++)
		for (int k = 0; k < 12; k++) {
			CHECK(top_setup_key(&ui, k < 6 ? '+' : '-') !=
			    NEXT_NOTHING);
			top_setup_line(&ui, ui.setup_row, &what, &value);
			CHECK(value.len > 0);
			if (k == 11)
				top_setup_key(&ui, 'j');
		}
	CHECK(top_ui_key(&ui, 'W', &m) == NEXT_SAVE);
	CHECK(top_ui_key(&ui, 27, &m) == NEXT_DRAW && ui.mode == MODE_TABLE);
	top_model_release(&m);
	top_ui_release(&ui);
	tk_buf_release(&value);
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
	every_size_is_sound(l, zone, all);
	an_empty_ledger_is_sound(zone, all);
	keys_move_by_name(l, zone);
	rows_do_not_jump_under_the_cursor(zone);
	keys_are_about_what_is_shown(l, zone);
	keys_mean_one_thing();
	feet_name_keys();
	settings_know_the_words();
	the_setup_turns(l, zone);
	ledger_close(l);
	tk_zone_free(zone);
	return remove_folder();
}
