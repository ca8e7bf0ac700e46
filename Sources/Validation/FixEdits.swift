import ConfigDocument
import Diagnostics
import LaunchModel
import Topology

/// Turns a mend in terms of fields into edits of a file.
struct FixEdits {
  private let document: ParsedDocument
  private let config: LaunchConfig
  /// How the file spells things.
  private let spelling: any Spelling
  /// Every edit is tried on the whole text, which for a text of this size is no matter; larger ones get no fixes.
  private static let largestText = 1 << 20

  init(_ document: ParsedDocument, _ config: LaunchConfig, _ spelling: any Spelling) {
    self.document = document
    self.config = config
    self.spelling = spelling
  }

  /// - Returns: `nil` where the file cannot be edited so: a value that has to change stands in a base or in a flag, one
  ///   that has to go is not in this file, or the text has a form that the editor does not know.
  func fix(_ fix: FieldFix) -> Fix? {
    guard document.root != nil, document.file.text.utf8.count <= Self.largestText, !fix.changes.isEmpty,
      fix.changes.allSatisfy({ isWithinReach($0.path) })
    else { return nil }
    guard let edits = separateEdits(fix.changes) ?? successiveEdit(fix.changes) else { return nil }
    return Fix(fix.title.text(in: spelling), fix.applicability, in: document.file, edits: edits)
  }

  private func isWithinReach(_ path: FieldPath) -> Bool {
    guard let location = config.value(at: path)?.origin.location else { return true }
    return location.file === document.file
  }

  /// One edit a change, all on the text as it is; `nil` where they touch each other.
  private func separateEdits(_ changes: [(path: FieldPath, value: ConfigValue?)]) -> [TextEdit]? {
    var edits: [TextEdit] = []
    for change in changes {
      guard let more = self.edits(change, in: document) else { return nil }
      for edit in more {
        let touches = edits.contains { $0.range.start <= edit.range.end && edit.range.start <= $0.range.end }
        guard !touches else { return nil }
        edits.append(edit)
      }
    }
    return edits
  }

  /// One change after the other, as one edit from the first difference to the last.
  private func successiveEdit(_ changes: [(path: FieldPath, value: ConfigValue?)]) -> [TextEdit]? {
    var text = document.file.text
    for (number, change) in changes.enumerated() {
      let current =
        number == 0
        ? document : DocumentReader.read(text: text, name: document.file.name, format: document.format)
      guard let edits = self.edits(change, in: current) else { return nil }
      text = current.file.applying([Fix("", .safe, in: current.file, edits: edits)]).text
    }
    let before = Array(document.file.text.utf8)
    let after = Array(text.utf8)
    guard before != after else { return nil }
    var start = zip(before, after).prefix { $0.0 == $0.1 }.count
    // Not inside a character of several bytes.
    while start > 0, start < before.count, before[start] & 0xC0 == 0x80 { start -= 1 }
    let rest = min(before.count, after.count) - start
    var tail = zip(before.reversed(), after.reversed()).prefix { $0.0 == $0.1 }.count
    tail = min(tail, rest)
    while tail > 0, before[before.count - tail] & 0xC0 == 0x80 { tail -= 1 }
    return [
      TextEdit(
        SourceRange(start, before.count - tail), String(decoding: after[start..<after.count - tail], as: UTF8.self))
    ]
  }

  private func edits(_ change: (path: FieldPath, value: ConfigValue?), in document: ParsedDocument) -> [TextEdit]? {
    guard let keys = spelling.keys(of: change.path) else { return nil }
    let editor = DocumentEditor(document)
    let isWritten = keys.reduce(document.root) { $0?[$1] } != nil
    do throws(EditError) {
      switch (change.value, isWritten) {
      case (let value?, true):
        guard let value = inFile(value, of: change.path) else { return nil }
        return try editor.replace(keys, with: value)
      case (let value?, false):
        guard let value = inFile(value, of: change.path) else { return nil }
        return try editor.insert(keys, value)
      case (nil, true):
        guard !isShared(change.path) else { return nil }
        return try editor.remove(keys)
      case (nil, false): return nil
      }
    } catch {
      return nil
    }
  }

  /// A value as the file takes it; `nil` for one that it cannot take.
  private func inFile(_ value: ConfigValue, of path: FieldPath) -> ConfigValue? {
    if path == Path.parallelism.pipelineModelParallelLayout, value == "auto", !spelling.hasLayoutNotations {
      // What it stands for.
      return (try? config.balancedLayout()).map { .string($0.layout.megatronString) }
    }
    return spelling.value(value, of: path)
  }

  /// Whether a section stands in the file together with others, so that it cannot be removed alone.
  private func isShared(_ path: FieldPath) -> Bool {
    guard path.field.isEmpty else { return false }
    let keys = spelling.keys(of: path)
    return LaunchConfig.sections.contains { section in
      section.schema.name != path.section && spelling.keys(of: FieldPath(section.schema.name, "")) == keys
    }
  }
}
