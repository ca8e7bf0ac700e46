// A fixed set of threads that run one body at a time. Workers spin for a short while between bodies, because a training
// step hands out hundreds of them microseconds apart, and sleep when none comes.

#include "CKernels.h"
#include "denormals.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { spins_before_yield = 2000, yields_before_sleep = 50, most_threads = 256 };

typedef struct {
  worker_pool *pool;
  int index;
} worker;

/// Alone on its line of the cache: mostly one thread takes from it.
typedef struct {
  _Alignas(64) _Atomic int taken;
} queue;

struct worker_pool {
  int threads;
  worker_body body;
  void *context;
  _Atomic unsigned generation;
  _Atomic int running;
  _Atomic int sleeping;
  _Atomic int stopping;
  _Atomic int arrived;
  _Atomic unsigned barriers;
  pthread_mutex_t mutex;
  pthread_cond_t wake;
  pthread_t handles[most_threads];
  worker workers[most_threads];
  queue queues[most_threads];
};

static inline void relax(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

/// One turn of waiting for threads that are about done, unless they lost their core to somebody else.
static inline void wait_a_little(int turn) {
  if (turn < spins_before_yield) {
    relax();
  } else {
    sched_yield();
  }
}

static void wait_for(worker_pool *pool, unsigned seen) {
  for (int i = 0; i < spins_before_yield + yields_before_sleep; i++) {
    if (atomic_load_explicit(&pool->generation, memory_order_acquire) != seen) return;
    wait_a_little(i);
  }
  pthread_mutex_lock(&pool->mutex);
  atomic_fetch_add(&pool->sleeping, 1);
  while (atomic_load(&pool->generation) == seen) pthread_cond_wait(&pool->wake, &pool->mutex);
  atomic_fetch_sub(&pool->sleeping, 1);
  pthread_mutex_unlock(&pool->mutex);
}

static void *work(void *argument) {
  worker *self = argument;
  worker_pool *pool = self->pool;
  unsigned seen = 0;
  flush_denormals();
  for (;;) {
    wait_for(pool, seen);
    seen++;
    if (atomic_load(&pool->stopping)) return NULL;
    pool->body(pool->context, self->index);
    atomic_fetch_sub_explicit(&pool->running, 1, memory_order_release);
  }
}

static void start_generation(worker_pool *pool) {
  atomic_fetch_add(&pool->generation, 1);
  if (atomic_load(&pool->sleeping) > 0) {
    pthread_mutex_lock(&pool->mutex);
    pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->mutex);
  }
}

static void join(worker_pool *pool, int started) {
  atomic_store(&pool->stopping, 1);
  start_generation(pool);
  for (int i = 1; i < started; i++) pthread_join(pool->handles[i], NULL);
  pthread_mutex_destroy(&pool->mutex);
  pthread_cond_destroy(&pool->wake);
  free(pool);
}

worker_pool *worker_pool_create(int threads) {
  if (threads < 1 || threads > most_threads) return NULL;
  worker_pool *pool = aligned_alloc(_Alignof(worker_pool), sizeof *pool);
  if (!pool) return NULL;
  memset(pool, 0, sizeof *pool);
  pool->threads = threads;
  pthread_mutex_init(&pool->mutex, NULL);
  pthread_cond_init(&pool->wake, NULL);
  for (int i = 1; i < threads; i++) {
    pool->workers[i] = (worker){pool, i};
    if (pthread_create(&pool->handles[i], NULL, work, &pool->workers[i]) != 0) {
      join(pool, i);
      return NULL;
    }
  }
  return pool;
}

void worker_pool_destroy(worker_pool *pool) { join(pool, pool->threads); }

void worker_pool_run(worker_pool *pool, worker_body body, void *context) {
  for (int i = 0; i < pool->threads; i++) atomic_store_explicit(&pool->queues[i].taken, 0, memory_order_relaxed);
  if (pool->threads > 1) {
    pool->body = body;
    pool->context = context;
    atomic_store_explicit(&pool->running, pool->threads - 1, memory_order_relaxed);
    start_generation(pool);
  }
  float_mode mode = flush_denormals();
  body(context, 0);
  restore_float_mode(mode);
  // The other threads do equal shares.
  for (int i = 0; atomic_load_explicit(&pool->running, memory_order_acquire) > 0; i++) wait_a_little(i);
}

int worker_pool_take(worker_pool *pool, int queue) {
  return atomic_fetch_add_explicit(&pool->queues[queue].taken, 1, memory_order_relaxed);
}

void worker_pool_barrier(worker_pool *pool) {
  if (pool->threads == 1) return;
  unsigned barrier = atomic_load_explicit(&pool->barriers, memory_order_relaxed);
  if (atomic_fetch_add_explicit(&pool->arrived, 1, memory_order_acq_rel) == pool->threads - 1) {
    atomic_store_explicit(&pool->arrived, 0, memory_order_relaxed);
    atomic_store_explicit(&pool->barriers, barrier + 1, memory_order_release);
    return;
  }
  for (int i = 0; atomic_load_explicit(&pool->barriers, memory_order_acquire) == barrier; i++) wait_a_little(i);
}
