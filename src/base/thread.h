#ifndef BASE_THREAD_H
#define BASE_THREAD_H

#include <pthread.h>
#include <stdbool.h>

/*
 * A thread that takes no signals: they are for the one that was first.
 * False when there can be none; what it was for is done without it.
 */
bool tk_thread_start(pthread_t *id, void *(*fn)(void *), void *data);

#endif
