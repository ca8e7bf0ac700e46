import Diagnostics

/// A text that expansions put together, as one that is read: each byte keeps its place, and one that is no byte of any script
/// stands for what is not known.
struct ComposedText {
  private(set) var bytes: [UInt8] = []
  private var places: [Int] = []
  /// By their index among the bytes.
  private(set) var unknowns: [Int: SourceRange] = [:]

  init(_ text: LocatedText) {
    var rest = text.unknowns[...]
    func isNext(_ index: Int) -> Bool { rest.first.map { $0.index == index } ?? false }
    for (index, (byte, place)) in text.located.enumerated() {
      while isNext(index) { appendUnknown(rest.removeFirst().place) }
      bytes.append(byte)
      places.append(place)
    }
    for (_, place) in rest { appendUnknown(place) }
  }

  private mutating func appendUnknown(_ range: SourceRange) {
    unknowns[bytes.count] = range
    bytes.append(0)
    places.append(range.start)
  }

  /// That of a byte; behind the last one, that of the last one's end.
  func place(_ index: Int) -> Int {
    index < places.count ? places[index] : (places.last ?? 0) + 1
  }
}
