/// The printable characters that stand for single bytes in the vocabularies of byte-level tokenizers: those of printable
/// ASCII and Latin-1 for themselves, U+0100 and up, in order, for all others (GPT-2's `bytes_to_unicode`).
enum ByteAlphabet {
  /// By byte.
  static let scalars: [Unicode.Scalar] = {
    let printable = [0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF] as [ClosedRange<UInt32>]
    var next: UInt32 = 0x100
    return (0..<256 as Range<UInt32>).map { byte in
      if printable.contains(where: { $0.contains(byte) }) { return Unicode.Scalar(byte) ?? "?" }
      defer { next += 1 }
      return Unicode.Scalar(next) ?? "?"
    }
  }()

  private static let bytes = Dictionary(uniqueKeysWithValues: scalars.enumerated().map { ($1, UInt8($0)) })

  /// The bytes that a vocabulary's text stands for; `nil` where it holds another character.
  static func bytes(_ text: String) -> [UInt8]? {
    var result: [UInt8] = []
    for scalar in text.unicodeScalars {
      guard let byte = bytes[scalar] else { return nil }
      result.append(byte)
    }
    return result
  }
}
