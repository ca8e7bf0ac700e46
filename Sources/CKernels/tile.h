// What tile_body.h is told once for all widths of vectors.

#ifndef MOONLIGHT_TILE_H
#define MOONLIGHT_TILE_H

#include "fetch.h"
#include "transpose.h"

enum {
  /// How many lines before it is read one is fetched that is no neighbour of the last.
  lines_ahead = 8,
  /// Steps of a tile between two lines that are fetched on the side.
  depth_between_fetches = 8,
};

#endif
