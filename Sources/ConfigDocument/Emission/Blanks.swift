extension String {
  /// Appends so many blanks, at once.
  package mutating func append(blanks count: Int) {
    var rest = max(0, count)
    while rest > 0 {
      let some = min(rest, blanks.utf8.count)
      self += Substring(blanks.utf8.prefix(some))
      rest -= some
    }
  }
}

private let blanks = String(repeating: " ", count: 64)
