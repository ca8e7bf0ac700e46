extension String {
  /// What stands behind the first occurrence of a text; `nil` where it does not occur.
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
    while start <= count - text.count {
      if self[start] == first, text.indices.allSatisfy({ self[start + $0] == text[$0] }) { return start + text.count }
      start += 1
    }
    return nil
  }
}
