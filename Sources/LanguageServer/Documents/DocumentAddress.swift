/// The URI of a document, and the path that it is of.
struct DocumentAddress: Hashable {
  /// As the client spells it.
  let uri: String
  /// What messages call it, and what relative paths in it start from; the URI itself where it is of no file.
  let path: String

  init(uri: String) {
    self.uri = uri
    path = Self.path(ofURI: uri) ?? uri
  }

  init(path: String) {
    self.path = path
    uri = "file://" + Self.escaped(path)
  }

  /// `file:///folder/a%20b.yaml`, with a host or without.
  private static func path(ofURI uri: String) -> String? {
    guard uri.hasPrefix("file://") else { return nil }
    guard let slash = uri.utf8.dropFirst(7).firstIndex(of: UInt8(ascii: "/")) else { return nil }
    var bytes: [UInt8] = []
    var rest = uri.utf8[slash...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), let value = hexByte(rest.prefix(2)) {
        bytes.append(value)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    return bytes.contains(0) ? nil : String(decoding: bytes, as: UTF8.self)
  }

  private static func hexByte(_ digits: Substring.UTF8View) -> UInt8? {
    guard digits.count == 2, digits.allSatisfy({ ($0 | 0x20).isHexLetter || (0x30...0x39).contains($0) }) else {
      return nil
    }
    return UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
  }

  private static func escaped(_ path: String) -> String {
    let kept = Set("/-._~".utf8)
    let digits = Array("0123456789ABCDEF".utf8)
    var bytes: [UInt8] = []
    for byte in path.utf8 {
      if (byte | 0x20).isLetter || (0x30...0x39).contains(byte) || kept.contains(byte) {
        bytes.append(byte)
      } else {
        bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension UInt8 {
  /// For bytes that were made lower case.
  fileprivate var isLetter: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) }
  fileprivate var isHexLetter: Bool { (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(self) }
}
