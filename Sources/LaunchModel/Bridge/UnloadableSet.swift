package import ConfigDocument
package import Diagnostics

/// The set that Megatron-Bridge's `to_yaml` writes for `peft.params_to_save` and no release of it loads.
package struct UnloadableSet {
  package static let keys = ["peft", "params_to_save"]
  private let document: ParsedDocument
  private let place: SourceRange

  /// - Parameter diagnostic: what reading the document says about a tag.
  init?(_ diagnostic: Diagnostic, in document: ParsedDocument) {
    guard diagnostic.code == DocumentRule.badTag.code, diagnostic.path == Self.keys.joined(separator: "."),
      let place = diagnostic.location?.range, document.file.text(in: place).split(separator: " ").first == "!!set"
    else { return nil }
    (self.document, self.place) = (document, place)
  }

  package init?(in document: ParsedDocument) {
    guard let set = document.diagnostics.lazy.compactMap({ Self($0, in: document) }).first else { return nil }
    self = set
  }

  /// Takes its line away, and the lines of its items, which are indented deeper; the document's tree has no place for it.
  ///
  /// `nil` where the line begins with something else than the key, and where something of the set stays: what is in brackets may
  /// go on at the key's own depth.
  package var removal: Fix? {
    let file = document.file
    let first = file.position(at: place.start).line
    guard document.format == .yaml, let depth = Self.indentation(of: file.line(first)),
      file.line(first).text.dropFirst(depth).hasPrefix(Self.keys[1] + ":")
    else { return nil }
    var next = first + 1
    while next <= file.lineCount, let deeper = Self.indentation(of: file.line(next)), deeper > depth { next += 1 }
    let lines = SourceRange(file.line(first).range.start, file.line(next).range.start)
    let edit = TextEdit(lines, "")
    guard document.isUnreadable || !document.applying([edit]).isUnreadable else { return nil }
    return Fix("remove `\(Self.keys[1])`", .safe, in: file, edits: [edit])
  }

  /// `nil` for a line without text.
  private static func indentation(of line: SourceLine) -> Int? {
    let blanks = line.text.prefix { $0 == " " }.count
    return blanks == line.text.count ? nil : blanks
  }
}
