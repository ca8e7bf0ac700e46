package import ConfigDocument
package import Diagnostics
import LaunchModel

/// Makes the text say that a finding is accepted.
package enum IgnoreEdits {
  /// A code for the comment or the key that accepts a finding; `nil` for an error, for what stands in another file, and
  /// where the text has no place for it.
  package static func edits(accepting diagnostic: Diagnostic, in document: ParsedDocument) -> [TextEdit]? {
    guard diagnostic.severity < .error, diagnostic.code != DocumentRule.idleIgnore.code,
      diagnostic.location.map({ $0.file === document.file }) ?? true
    else { return nil }
    return switch document.format {
    case .json: key(naming: diagnostic.code, in: document)
    case .yaml: comment(naming: diagnostic.code, at: diagnostic.location?.range.start ?? 0, in: document)
    }
  }

  private static func key(naming code: DiagnosticCode, in document: ParsedDocument) -> [TextEdit]? {
    let editor = DocumentEditor(document)
    let name = ConfigValue.string(code.rawValue)
    do throws(EditError) {
      guard let codes = document.root?[LaunchConfig.ignoreKey]?.items else {
        return try editor.insert([LaunchConfig.ignoreKey], [name])
      }
      return try editor.replace([LaunchConfig.ignoreKey], with: .list(codes.map(\.plainValue) + [name]))
    } catch {
      return nil
    }
  }

  /// In a comment that is there, else at the end of the line, else on a line before it.
  private static func comment(naming code: DiagnosticCode, at offset: Int, in document: ParsedDocument) -> [TextEdit]? {
    let file = document.file
    let line = file.line(file.position(at: offset).line)
    let comments = IgnoreComment.comments(in: file)
    if offset > 0, let comment = comments.first(where: { line.range.contains($0.range) }) {
      if let last = comment.codes.last { return [TextEdit(SourceRange(last.range.end, last.range.end), ", \(code)")] }
      return [TextEdit(SourceRange(comment.range.end, comment.range.end), " \(code)")]
    }
    let text = IgnoreComment.text([code])
    let indentation = String(line.text.prefix { $0 == " " })
    let onLineBefore = TextEdit(SourceRange(line.range.start, line.range.start), indentation + text + "\n")
    let atLineEnd = TextEdit(SourceRange(line.range.end, line.range.end), "  " + text)
    // What is of the whole file has no line to stand at the end of.
    for edit in offset == 0 ? [onLineBefore] : [atLineEnd, onLineBefore] {
      let after = file.applying([Fix("", .safe, in: file, edits: [edit])]).text
      let read = DocumentReader.read(text: after, name: file.name, format: document.format)
      guard IgnoreComment.comments(in: read.file).count == comments.count + 1 else { continue }
      let isSame = document.root.map { old in read.root?.hasSameContent(as: old) ?? false } ?? (read.root == nil)
      if isSame { return [edit] }
    }
    return nil
  }
}

extension SourceRange {
  fileprivate func contains(_ other: SourceRange) -> Bool { start <= other.start && other.end <= end }
}
