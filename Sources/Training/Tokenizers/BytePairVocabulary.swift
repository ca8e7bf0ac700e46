/// Byte strings with their ranks, and the merging of a piece of text by rank.
struct BytePairVocabulary: Sendable {
  /// The bytes of all tokens, by rank.
  private var bytes: [UInt8] = []
  private var starts: [Int] = [0]
  /// Open addressing with linear probing; -1 is free. A power of two at least twice the number of tokens.
  private var table: [Int32] = []

  static let noRank = Int32.max

  var count: Int { starts.count - 1 }

  /// - Parameter tokens: by rank; each appears once.
  init(_ tokens: [[UInt8]]) {
    starts.reserveCapacity(tokens.count + 1)
    for token in tokens {
      bytes.append(contentsOf: token)
      starts.append(bytes.count)
    }
    var size = 16
    while size < tokens.count * 2 { size *= 2 }
    table = Array(repeating: -1, count: size)
    for (rank, token) in tokens.enumerated() {
      token.withUnsafeBytes { bytes in
        var slot = Int(truncatingIfNeeded: Self.hash(bytes)) & (size - 1)
        while table[slot] >= 0 { slot = (slot + 1) & (size - 1) }
        table[slot] = Int32(rank)
      }
    }
  }

  subscript(rank: Int32) -> ArraySlice<UInt8>? {
    rank >= 0 && Int(rank) < count ? bytes[starts[Int(rank)]..<starts[Int(rank) + 1]] : nil
  }

  private static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return hash ^ hash >> 32
  }

  /// The rank of a byte string, or ``noRank``.
  func rank(_ wanted: UnsafeRawBufferPointer) -> Int32 {
    var slot = Int(truncatingIfNeeded: Self.hash(wanted)) & (table.count - 1)
    return bytes.withUnsafeBytes { bytes in
      while table[slot] >= 0 {
        let rank = Int(table[slot])
        let candidate = bytes[starts[rank]..<starts[rank + 1]]
        if candidate.count == wanted.count, candidate.elementsEqual(wanted) { return Int32(rank) }
        slot = (slot + 1) & (table.count - 1)
      }
      return Self.noRank
    }
  }

  /// Appends the tokens of a piece: pairs merge in the order of their ranks, the leftmost first among equals.
  ///
  /// Every single byte must be in the vocabulary.
  func encode(_ piece: UnsafeRawBufferPointer, into tokens: inout [Int32]) {
    if piece.count <= 1 {
      if piece.count == 1 { tokens.append(rank(piece)) }
      return
    }
    let whole = rank(piece)
    if whole != Self.noRank { return tokens.append(whole) }
    if piece.count <= 128 { mergeShort(piece, &tokens) } else { mergeLong(piece, &tokens) }
  }

  private func pairRank(_ piece: UnsafeRawBufferPointer, _ start: Int, _ end: Int) -> Int32 {
    rank(UnsafeRawBufferPointer(rebasing: piece[start..<end]))
  }

  /// Quadratic, with nothing but two small arrays.
  private func mergeShort(_ piece: UnsafeRawBufferPointer, _ tokens: inout [Int32]) {
    // starts[i] is where part i begins; ranks[i] that of parts i and i + 1 together.
    var starts = Array(0...piece.count)
    var ranks = (0..<piece.count).map { $0 + 2 <= piece.count ? pairRank(piece, $0, $0 + 2) : Self.noRank }
    while true {
      var best = Self.noRank
      var place = -1
      for index in 0..<(starts.count - 1) where ranks[index] < best {
        best = ranks[index]
        place = index
      }
      guard place >= 0 else { break }
      starts.remove(at: place + 1)
      ranks.remove(at: place + 1)
      ranks[place] = place + 2 < starts.count ? pairRank(piece, starts[place], starts[place + 2]) : Self.noRank
      if place > 0 { ranks[place - 1] = pairRank(piece, starts[place - 1], starts[place + 1]) }
    }
    for index in 0..<(starts.count - 1) { tokens.append(pairRank(piece, starts[index], starts[index + 1])) }
  }

  /// A heap of candidate pairs over a linked list of parts: n log n, for pieces that are long runs.
  private func mergeLong(_ piece: UnsafeRawBufferPointer, _ tokens: inout [Int32]) {
    // Part i begins at byte i; next[i] is where it ends, or 0 where it was swallowed.
    let count = piece.count
    var next = Array(1...count)
    var previous = Array(-1..<(count - 1))
    var heap = BinaryHeap<RankedPair>()
    for start in 0..<(count - 1) {
      let rank = pairRank(piece, start, start + 2)
      if rank != Self.noRank { heap.push(RankedPair(rank: rank, start: start, end: start + 2)) }
    }
    while let pair = heap.pop() {
      let middle = next[pair.start]
      // Stale unless both parts are still there and end where they did.
      guard middle != 0, middle < count, next[middle] == pair.end else { continue }
      next[pair.start] = pair.end
      next[middle] = 0
      if pair.end < count {
        previous[pair.end] = pair.start
        push(piece, pair.start, next[pair.end], &heap)
      }
      if previous[pair.start] >= 0 { push(piece, previous[pair.start], pair.end, &heap) }
    }
    var start = 0
    while start < count {
      tokens.append(pairRank(piece, start, next[start]))
      start = next[start]
    }
  }

  private func push(_ piece: UnsafeRawBufferPointer, _ start: Int, _ end: Int, _ heap: inout BinaryHeap<RankedPair>) {
    let rank = pairRank(piece, start, end)
    if rank != Self.noRank { heap.push(RankedPair(rank: rank, start: start, end: end)) }
  }
}

/// A pair of parts; the smallest rank comes first, then the leftmost.
private struct RankedPair: Comparable {
  let rank: Int32
  let start: Int
  let end: Int

  static func < (left: RankedPair, right: RankedPair) -> Bool {
    left.rank != right.rank ? left.rank < right.rank : left.start < right.start
  }
}
