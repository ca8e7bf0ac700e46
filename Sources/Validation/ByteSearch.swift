extension String {
  /// What stands behind the first occurrence of a text; `nil` where it does not occur.
  ///
  /// Byte by byte: the standard library's search compares characters, and takes longer than most rules do.
  func bytes(behind text: String) -> Substring.UTF8View? {
    guard let first = text.utf8.first else { return utf8[...] }
    var rest = utf8[...]
    while let place = rest.firstIndex(of: first) {
      if rest[place...].starts(with: text.utf8) { return rest[place...].dropFirst(text.utf8.count) }
      rest = rest[rest.index(after: place)...]
    }
    return nil
  }
}
