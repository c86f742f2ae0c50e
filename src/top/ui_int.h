#ifndef TOP_UI_INT_H
#define TOP_UI_INT_H

#include "top/ui.h"

/* What the parts of the ui share. */
void ui_set(struct tk_buf *b, const char *text);
void ui_settle(struct top_ui *ui, const struct top_model *m);
enum top_todo ui_set_view(struct top_ui *ui, int view);
enum top_todo ui_open(struct top_ui *ui, const struct top_model *m);
enum top_todo ui_back(struct top_ui *ui);

/* The items of top_list() keep their places for a while; not any longer. */
void ui_freeze(struct top_ui *ui, const struct top_model *m,
    const void *const *item, size_t n);
void ui_thaw(struct top_ui *ui);
/* Put items that are in order back to where they stood, if they are frozen. */
void ui_keep_places(const struct top_ui *ui, const struct top_model *m,
    const void **item, size_t n);

#endif
