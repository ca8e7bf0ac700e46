import ConfigDocument

/// What a column counts (`PositionEncodingKind`): the client says what it can count, the server what is counted.
enum PositionEncoding: String {
  case utf8 = "utf-8"
  /// What every client knows, and what counts where nothing is said.
  case utf16 = "utf-16"
  case utf32 = "utf-32"

  /// The one that the client likes best.
  ///
  /// - Parameter capabilities: `ClientCapabilities`.
  init(_ capabilities: ConfigValue?) {
    let offered = capabilities?["general"]?["positionEncodings"]?.items ?? []
    self = offered.lazy.compactMap { $0.text.flatMap(PositionEncoding.init(rawValue:)) }.first ?? .utf16
  }

  func width(_ scalar: Unicode.Scalar) -> Int {
    switch self {
    case .utf8: UTF8.width(scalar)
    case .utf16: UTF16.width(scalar)
    case .utf32: 1
    }
  }

  func count(_ text: Substring) -> Int {
    switch self {
    case .utf8: text.utf8.count
    case .utf16: text.utf16.count
    case .utf32: text.unicodeScalars.count
    }
  }
}
