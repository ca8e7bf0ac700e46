/// Python's ways with texts, which count Unicode scalars.
enum JinjaText {
  /// - Parameter characters: what goes at the ends; white space if not given.
  static func stripped(_ text: String, _ characters: String? = nil, atStart: Bool = true, atEnd: Bool = true) -> String
  {
    var scalars = Array(text.unicodeScalars)[...]
    let goes = { (scalar: Unicode.Scalar) in
      characters?.unicodeScalars.contains(scalar) ?? ScalarClass.of(scalar).contains(.pythonSpace)
    }
    while atStart, let first = scalars.first, goes(first) { scalars.removeFirst() }
    while atEnd, let last = scalars.last, goes(last) { scalars.removeLast() }
    return string(scalars)
  }

  private static func string(_ scalars: some Sequence<Unicode.Scalar>) -> String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    return String(view)
  }

  /// Where a text first holds another, in bytes.
  static func range(of wanted: String, in text: String, from start: Int = 0) -> Range<Int>? {
    let (text, wanted) = (Array(text.utf8), Array(wanted.utf8))
    guard start + wanted.count <= text.count else { return nil }
    for place in start...(text.count - wanted.count) where text[place..<place + wanted.count].elementsEqual(wanted) {
      return place..<place + wanted.count
    }
    return nil
  }

  /// - Parameter limit: of the cuts; all of them if not given.
  static func split(_ text: String, by separator: String, limit: Int? = nil) throws -> [String] {
    guard !separator.isEmpty else { throw JinjaError("a text is split by nothing") }
    let bytes = Array(text.utf8)
    var parts: [String] = []
    var start = 0
    while parts.count < limit ?? .max, let found = range(of: separator, in: text, from: start) {
      parts.append(String(decoding: bytes[start..<found.lowerBound], as: UTF8.self))
      start = found.upperBound
    }
    return parts + [String(decoding: bytes[start...], as: UTF8.self)]
  }

  static func replacing(_ wanted: String, by other: String, in text: String) -> String {
    (try? split(text, by: wanted).joined(separator: other)) ?? text
  }
}
