// What tile_body.h is told once for all widths of vectors.

#ifndef MOONLIGHT_TILE_H
#define MOONLIGHT_TILE_H

#include "fetch.h"
#include "transpose.h"

enum {
  /// Floats of a line of the cache.
  line_floats = 16,
  /// A distance between rows (one page) from which on they mostly share sets of the first cache.
  distant = 1024,
  /// How many lines before it is read one is fetched that is no neighbour of the last.
  lines_ahead = 8,
  /// Steps of a tile between two lines that are fetched on the side.
  depth_between_fetches = 8,
};

/// Whether rows, of which each is so far from the next, share sets of the first cache, and are better copied. An odd number of
/// lines apart they do not, however far.
INLINE int share_sets(size_t distance) { return distance >= distant && distance % (2 * line_floats) == 0; }

#endif
