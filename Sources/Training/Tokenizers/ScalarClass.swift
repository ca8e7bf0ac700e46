/// The properties of a Unicode scalar that Kimi's pre-tokenizer asks for.
struct ScalarClass: OptionSet {
  let rawValue: UInt16

  /// Script=Han.
  static let han = ScalarClass(rawValue: 1)
  /// General category L.
  static let letter = ScalarClass(rawValue: 2)
  /// General category N.
  static let number = ScalarClass(rawValue: 4)
  /// Lu, Lt, Lm, Lo or M, and not Han: may begin a word or stand in its capitals.
  static let upperWord = ScalarClass(rawValue: 8)
  /// Ll, Lm, Lo or M, and not Han: may stand in a word's small letters.
  static let lowerWord = ScalarClass(rawValue: 16)
  /// White_Space.
  static let space = ScalarClass(rawValue: 32)
  /// CR or LF.
  static let newline = ScalarClass(rawValue: 64)
  /// Python's `str.isspace`, which adds the four separators U+001C to U+001F to White_Space.
  static let pythonSpace = ScalarClass(rawValue: 128)

  static let letterOrNumber: ScalarClass = [.letter, .number]
  static let spaceLetterOrNumber: ScalarClass = [.space, .letter, .number]

  /// Script=Han of Unicode 16, which the Rust expressions of tiktoken 0.14 use; the standard library knows no scripts.
  private static let hanRanges: [ClosedRange<UInt32>] = [
    0x2E80...0x2E99, 0x2E9B...0x2EF3, 0x2F00...0x2FD5, 0x3005...0x3005, 0x3007...0x3007, 0x3021...0x3029,
    0x3038...0x303B, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFA6D, 0xFA70...0xFAD9, 0x16FE2...0x16FE3,
    0x16FF0...0x16FF1, 0x20000...0x2A6DF, 0x2A700...0x2B739, 0x2B740...0x2B81D, 0x2B820...0x2CEA1,
    0x2CEB0...0x2EBE0, 0x2EBF0...0x2EE5D, 0x2F800...0x2FA1D, 0x30000...0x3134A, 0x31350...0x323AF,
  ]

  private static func isHan(_ value: UInt32) -> Bool {
    guard value >= 0x2E80 else { return false }
    var low = 0
    var high = hanRanges.count
    while low < high {
      let middle = (low + high) / 2
      if hanRanges[middle].upperBound < value { low = middle + 1 } else { high = middle }
    }
    return low < hanRanges.count && hanRanges[low].contains(value)
  }

  /// Classes of the basic plane, which nearly all text stays in.
  private static let basicPlane: [ScalarClass] = (0..<0x10000).map { value in
    Unicode.Scalar(UInt32(value)).map(computed) ?? []
  }

  static func of(_ scalar: Unicode.Scalar) -> ScalarClass {
    scalar.value < 0x10000 ? basicPlane[Int(scalar.value)] : computed(scalar)
  }

  private static func computed(_ scalar: Unicode.Scalar) -> ScalarClass {
    let properties = scalar.properties
    var result: ScalarClass = []
    if properties.isWhitespace { result.insert([.space, .pythonSpace]) }
    if (0x1C...0x1F).contains(scalar.value) { result.insert(.pythonSpace) }
    if scalar == "\r" || scalar == "\n" { result.insert(.newline) }
    // What came after Unicode 16 is unassigned to tiktoken.
    guard let age = properties.age, age.major <= 16 else { return result }
    let han = isHan(scalar.value)
    if han { result.insert(.han) }
    // The one letter whose category Unicode 17 changed: from small to caseless.
    switch scalar.value == 0x295 ? .lowercaseLetter : properties.generalCategory {
    case .uppercaseLetter, .titlecaseLetter:
      result.insert(.letter)
      if !han { result.insert(.upperWord) }
    case .lowercaseLetter:
      result.insert(.letter)
      if !han { result.insert(.lowerWord) }
    case .modifierLetter, .otherLetter:
      result.insert(.letter)
      if !han { result.insert([.upperWord, .lowerWord]) }
    case .nonspacingMark, .spacingMark, .enclosingMark:
      if !han { result.insert([.upperWord, .lowerWord]) }
    case .decimalNumber, .letterNumber, .otherNumber: result.insert(.number)
    default: break
    }
    return result
  }
}
