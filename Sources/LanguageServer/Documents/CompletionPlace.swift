import ConfigDocument
import Diagnostics

/// What is being written at a cursor, in a text that may not be readable yet.
struct CompletionPlace: Equatable {
  enum Kind: Equatable {
    case key
    /// The value of the last of the keys, or an item of it.
    case value
    /// A code in a comment that accepts findings.
    case ignoredCode
  }

  var kind: Kind
  /// The keys that lead here: for a key those of the mapping it is in.
  var keys: [String]
  /// The word so far, quotes included, which what is chosen replaces.
  var range: SourceRange
  /// Whether a colon follows the word.
  var hasColon: Bool

  /// - Returns: `nil` where nothing can be completed: in other comments, and behind a complete value.
  init?(_ offset: Int, in file: SourceFile, _ format: TextFormat) {
    let place =
      switch format {
      case .json: JSONCompletionScanner(file, upTo: offset).place
      case .yaml: YAMLCompletionScanner(file, upTo: offset).place
      }
    guard let place else { return nil }
    self = place
  }

  init(_ kind: Kind, _ keys: [String], _ range: SourceRange, hasColon: Bool = false) {
    self.kind = kind
    self.keys = keys
    self.range = range
    self.hasColon = hasColon
  }
}
