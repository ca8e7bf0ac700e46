extension String {
  /// What stands behind the first occurrence of a text, which begins in ASCII; `nil` where it does not occur.
  ///
  /// Byte by byte: the standard library's search compares characters, and takes longer than most rules do.
  package func bytes(behind text: String) -> Substring.UTF8View? {
    var (copy, text) = (self, text)
    let found = copy.withUTF8 { bytes in text.withUTF8 { bytes.offset(behind: $0) } }
    return found.map { copy.utf8[copy.utf8.index(copy.startIndex, offsetBy: $0)...] }
  }
}

extension UnsafeBufferPointer<UInt8> {
  fileprivate func offset(behind text: UnsafeBufferPointer<UInt8>) -> Int? {
    guard let first = text.first else { return 0 }
    guard count >= text.count else { return nil }
    var start = 0
    while let place = firstPlace(of: first, from: start), place <= count - text.count {
      if text.indices.allSatisfy({ self[place + $0] == text[$0] }) { return place + text.count }
      start = place + 1
    }
    return nil
  }
}
