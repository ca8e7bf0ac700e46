import Diagnostics

/// A text that was read: the tree it holds, and what is wrong with its form.
package struct ParsedDocument: Sendable {
  package let file: SourceFile
  package let format: TextFormat
  /// `nil` only where nothing sensible can be made of the text; ``diagnostics`` then holds an error.
  package let root: Node?
  /// In the order found; an error here does not mean that ``root`` is unusable.
  package let diagnostics: [Diagnostic]
  /// Whether the text is not YAML or JSON at all (exit status 65), as opposed to a text with something wrong in it.
  package let isUnreadable: Bool

  /// A text that is neither YAML nor JSON, read as a tree by somebody who knows its form.
  package init(file: SourceFile, root: Node, diagnostics: [Diagnostic]) {
    self.init(file: file, format: .yaml, root: root, diagnostics: diagnostics, isUnreadable: false)
  }

  init(file: SourceFile, format: TextFormat, root: Node?, diagnostics: [Diagnostic], isUnreadable: Bool) {
    (self.file, self.format, self.root) = (file, format, root)
    (self.diagnostics, self.isUnreadable) = (diagnostics, isUnreadable)
  }

  /// The same text read as another tree.
  package func replacing(root: Node, diagnostics: [Diagnostic]) -> ParsedDocument {
    ParsedDocument(file: file, format: format, root: root, diagnostics: diagnostics, isUnreadable: isUnreadable)
  }
}

/// Limits that no config comes near, so that no input can exhaust time or memory.
package enum DocumentLimit {
  /// Bytes of text.
  package static let byteCount = 16 << 20
  /// Collections inside each other.
  package static let depth = 64
  /// Scalars, keys and collections written in one text.
  package static let valueCount = 1_000_000
  /// Values that aliases of one text unfold to.
  package static let aliasedValueCount = 100_000
  /// Problems that are reported of one text.
  package static let diagnosticCount = 500
  /// `%TAG` lines: libyaml compares each with all before it.
  static let directiveCount = 64
}

/// Reads YAML and JSON texts to located trees.
package enum DocumentReader {
  /// Reads a whole text; never fails, but may come back without a root.
  ///
  /// - Parameters:
  ///   - bytes: the content of a file, as it is.
  ///   - name: what messages call it.
  ///   - format: `nil` goes by the name: `.json` is JSON, `.yaml` and `.yml` are YAML, and anything else (`<stdin>`) is
  ///     JSON where it is an object that strict JSON allows, else YAML.
  ///   - isWithheld: its lines are shown by no report.
  package static func read(
    bytes: [UInt8], name: String, format: TextFormat? = nil, isWithheld: Bool = false
  ) -> ParsedDocument {
    guard bytes.count <= DocumentLimit.byteCount else {
      return refusal(ofByteCount: bytes.count, name: name, format: format)
    }
    let check = TextCheck(bytes)
    if let fault = check.encodingFault {
      // What stands far behind the fault is of no use to anybody.
      let text = String(decoding: bytes.prefix(fault + 256), as: UTF8.self)
      let file = SourceFile(name: name, text: text, isWithheld: isWithheld)
      let diagnostic = notUTF8(bytes, at: fault, in: file)
      return ParsedDocument(
        file: file, format: format ?? formatNamed(by: name) ?? .yaml, root: nil, diagnostics: [diagnostic],
        isUnreadable: true)
    }
    let file = SourceFile(name: name, text: String(decoding: bytes, as: UTF8.self), isWithheld: isWithheld)
    return switch format ?? formatNamed(by: name) {
    case .json: JSONReader.read(bytes, in: file)
    case .yaml: YAMLReader.read(bytes, check, in: file)
    case nil: readUnnamed(bytes, check, in: file)
    }
  }

  /// The same for a text at hand, such as the argument of a flag.
  package static func read(text: String, name: String, format: TextFormat? = nil) -> ParsedDocument {
    read(bytes: Array(text.utf8), name: name, format: format)
  }

  private static func formatNamed(by name: String) -> TextFormat? {
    func hasEnding(_ ending: String) -> Bool {
      name.utf8.suffix(ending.utf8.count).elementsEqual(ending.utf8) { $0 | 0x20 == $1 | 0x20 }
    }
    if hasEnding(".json") { return .json }
    return hasEnding(".yaml") || hasEnding(".yml") ? .yaml : nil
  }

  private static func readUnnamed(_ bytes: [UInt8], _ check: TextCheck, in file: SourceFile) -> ParsedDocument {
    let text = bytes[check.byteOrderMarkLength...]
    if text.first(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0A && $0 != 0x0D }) == UInt8(ascii: "{") {
      let json = JSONReader.read(bytes, in: file)
      if !json.isUnreadable { return json }
    }
    return YAMLReader.read(bytes, check, in: file)
  }

  /// What comes of a text that is too large, for readers that find out before they have all of it.
  ///
  /// - Parameter count: its bytes, where they are known.
  package static func refusal(ofByteCount count: Int?, name: String, format: TextFormat? = nil) -> ParsedDocument {
    let file = SourceFile(name: name, text: "")
    let diagnostic = Diagnostic(
      DocumentRule.tooLarge.code, .error,
      "the text has \(count.map { "\($0)" } ?? "too many") bytes; a config may have \(DocumentLimit.byteCount) (16 MiB)",
      help: "check that this is the file you meant", at: SourceLocation(file, SourceRange(0, 0)))
    return ParsedDocument(
      file: file, format: format ?? formatNamed(by: name) ?? .yaml, root: nil, diagnostics: [diagnostic],
      isUnreadable: true)
  }

  private static func notUTF8(_ bytes: [UInt8], at offset: Int, in file: SourceFile) -> Diagnostic {
    let isUTF16 = bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF])
    let digits = String(bytes[offset], radix: 16, uppercase: true)
    let byte = "0x" + (digits.utf8.count < 2 ? "0" : "") + digits
    return Diagnostic(
      DocumentRule.notUTF8.code, .error,
      isUTF16 ? "the text is UTF-16; only UTF-8 is read" : "the text is not UTF-8: byte \(byte) at offset \(offset)",
      help: isUTF16
        ? "convert it with `iconv -f UTF-16 -t UTF-8`" : "save it as UTF-8, or check that this is the file you meant",
      // Text before the fault is valid, so its offset is the same in the repaired text, where three bytes stand for it.
      at: SourceLocation(file, SourceRange(offset, offset + 3)))
  }
}
