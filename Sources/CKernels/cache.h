// What kernels take for granted of caches.

#ifndef MOONLIGHT_CACHE_H
#define MOONLIGHT_CACHE_H

#include "kernel.h"

enum {
  line_bytes = 64,
  /// Floats of a line of the cache.
  line_floats = line_bytes / sizeof(float),
  /// A distance between rows, in floats (one page), from which on they mostly share sets of the first cache.
  distant = 1024,
};

/// Whether rows, of which each is so many floats from the next, share sets of the first cache, and are better copied. An odd number of
/// lines apart they do not, however far.
INLINE int share_sets(size_t distance) { return distance >= distant && distance % (2 * line_floats) == 0; }

#endif
