import Diagnostics

/// YAML text to a located tree: everything that libyaml leaves to its callers.
enum YAMLReader {
  static func read(_ bytes: [UInt8], _ check: TextCheck, in file: SourceFile) -> ParsedDocument {
    bytes.withUnsafeBufferPointer { buffer in
      do throws(Unreadable) {
        try refuseForbidden(check, in: file)
        guard let events = YAMLEventStream(buffer, check) else {
          throw Unreadable(Diagnostic(DocumentRule.tooLarge.code, .error, "out of memory"))
        }
        var builder = YAMLTreeBuilder(events, TextBytes(buffer), file, hasTabs: check.hasTabs)
        let root = try builder.readStream()
        return ParsedDocument(
          file: file, format: .yaml, root: root, diagnostics: builder.diagnostics, isUnreadable: false)
      } catch {
        return ParsedDocument(
          file: file, format: .yaml, root: nil, diagnostics: [error.diagnostic], isUnreadable: true)
      }
    }
  }

  private static func refuseForbidden(_ check: TextCheck, in file: SourceFile) throws(Unreadable) {
    if let (offset, scalar) = check.controlCharacter {
      let digits = String(scalar, radix: 16, uppercase: true)
      let name = "U+" + String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
      let width = scalar < 0x80 ? 1 : scalar < 0x800 ? 2 : 3
      throw Unreadable(
        Diagnostic(
          DocumentRule.controlCharacter.code, .error,
          scalar == 0 ? "the text holds a zero byte" : "the control character \(name) is not allowed in YAML",
          help: scalar == 0
            ? "the file is binary or UTF-16; check that this is the file you meant"
            : "remove it, or write it as an escape inside double quotes",
          at: SourceLocation(file, SourceRange(offset, offset + width))))
    }
    if check.tagDirectives > DocumentLimit.directiveCount {
      throw Unreadable(
        Diagnostic(
          DocumentRule.tooLarge.code, .error,
          "the text has \(check.tagDirectives) %TAG lines; it may have \(DocumentLimit.directiveCount)",
          at: SourceLocation(file, SourceRange(0, 0))))
    }
  }
}

extension Unreadable {
  init(_ diagnostic: Diagnostic) { self.diagnostic = diagnostic }
}
