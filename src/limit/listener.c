/* Who acts on a crossing in its own transaction: crossing.h. */
#include "limit/crossing.h"

limit_listener_fn *const limit_listener = NULL;
