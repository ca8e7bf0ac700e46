/// Edits from one word of at most 64 bytes to others: letters put in, left out or exchanged, and neighbours swapped, each of
/// them one edit. No letter is edited twice.
///
/// A column of the table that ``editDistance(_:_:)`` fills is kept as bits, one a row, that say where the next row's number
/// is larger and where it is smaller.
///
/// Source: H. Hyyrö, A bit-vector algorithm for computing Levenshtein and Damerau edit distances, 2003.
struct EditDistance {
  private let count: Int
  /// For each byte, where the word has it.
  private var places = [UInt64](repeating: 0, count: 256)

  /// `nil` for a longer word.
  init?(_ word: some Collection<UInt8>) {
    count = word.count
    guard count <= 64 else { return nil }
    for (place, byte) in word.enumerated() { places[Int(byte)] |= 1 << UInt64(place) }
  }

  func to(_ other: some Sequence<UInt8>) -> Int {
    guard count > 0 else { return other.reduce(0) { length, _ in length + 1 } }
    let last: UInt64 = 1 << UInt64(count - 1)
    var (larger, smaller): (UInt64, UInt64) = (.max, 0)
    var (equal, equalBefore): (UInt64, UInt64) = (0, 0)
    // Where a number is that of its neighbour in the row and the column before.
    var diagonal: UInt64 = 0
    var distance = count
    for byte in other {
      equal = places[Int(byte)]
      let swapped = ((~diagonal & equal) << 1) & equalBefore
      diagonal = (((equal & larger) &+ larger) ^ larger) | equal | smaller | swapped
      var rising = smaller | ~(diagonal | larger)
      var falling = diagonal & larger
      if rising & last != 0 { distance += 1 }
      if falling & last != 0 { distance -= 1 }
      rising = rising << 1 | 1
      falling <<= 1
      larger = falling | ~(diagonal | rising)
      smaller = rising & diagonal
      equalBefore = equal
    }
    return distance
  }
}

/// The same for words of any length, in as many steps as the product of their lengths.
func editDistance(_ left: some Collection<UInt8>, _ right: some Collection<UInt8>) -> Int {
  let (left, right) = (Array(left), Array(right))
  var beforeLast: [Int] = []
  var last = Array(0...right.count)
  for row in left.indices {
    var current = [row + 1]
    current.reserveCapacity(right.count + 1)
    for column in right.indices {
      var distance = min(last[column + 1] + 1, current[column] + 1, last[column] + (left[row] == right[column] ? 0 : 1))
      if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
        distance = min(distance, beforeLast[column - 1] + 1)
      }
      current.append(distance)
    }
    (beforeLast, last) = (last, current)
  }
  return last[right.count]
}
