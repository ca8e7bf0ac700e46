import ConfigDocument
import Diagnostics
import Validation

/// `textDocument/codeAction`: the fixes of what is found in a range, a comment that accepts it, and all safe fixes of the
/// document at once.
enum CodeActionRequest: DocumentRequest {
  static let method = "textDocument/codeAction"
  static let capability = (
    name: "codeActionProvider", value: ["codeActionKinds": [.string(quickFix), .string(fixAll)]] as ConfigValue
  )

  private static let quickFix = "quickfix"
  private static let fixAll = "source.fixAll.moonlight"

  static func answer(_ subject: RequestSubject) throws(CallError) -> ConfigValue {
    let range = try subject.range()
    let asked = subject.params["context"]?["only"]?.items?.compactMap(\.text)
    func isAsked(_ kind: String) -> Bool { asked?.contains { kind == $0 || kind.hasPrefix($0 + ".") } ?? true }
    var actions: [ConfigValue] = []
    if isAsked(quickFix) {
      // Many editors ask for where the cursor is, and name the findings of its line.
      let named = Set(subject.params["context"]?["diagnostics"]?.items?.compactMap { NamedFinding($0) } ?? [])
      let here = subject.analysis.diagnostics.filter { diagnostic in
        subject.forms.range(of: diagnostic).touches(range)
          || NamedFinding(subject.forms.diagnostic(diagnostic)).map(named.contains) ?? false
      }
      for diagnostic in here { actions += quickFixes(of: diagnostic, subject) }
    }
    // A menu at a place would only be longer by it.
    if asked != nil, isAsked(fixAll), let action = allSafeFixes(subject) { actions.append(action) }
    return .list(actions)
  }

  private static func quickFixes(of diagnostic: Diagnostic, _ subject: RequestSubject) -> [ConfigValue] {
    let analysis = subject.analysis
    var actions: [ConfigValue] = []
    func add(_ title: String, _ edits: [TextEdit], isPreferred: Bool) {
      var action: ConfigMapping = [
        "title": .string(title), "kind": .string(quickFix),
        "diagnostics": [subject.forms.diagnostic(diagnostic)],
        "edit": subject.forms.workspaceEdit(edits),
      ]
      if isPreferred { action["isPreferred"] = true }
      actions.append(.mapping(action))
    }
    if let fix = diagnostic.fix, fix.file === analysis.file {
      let isSafe = fix.applicability == .safe
      add(isSafe ? fix.title : "\(fix.title) (unsafe)", fix.edits, isPreferred: isSafe)
    }
    if let edits = IgnoreEdits.edits(accepting: diagnostic, in: analysis.document) {
      add("ignore \(diagnostic.code) here", edits, isPreferred: false)
    }
    return actions
  }

  private static func allSafeFixes(_ subject: RequestSubject) -> ConfigValue? {
    let file = subject.analysis.file
    let (text, count) = file.applying(subject.analysis.diagnostics.nextFixes(in: file, takingUnsafe: false))
    guard count > 0, text != file.text else { return nil }
    return [
      "title": .string(count == 1 ? "apply the safe fix" : "apply \(count) safe fixes"), "kind": .string(fixAll),
      "edit": subject.forms.workspaceEdit([edit(of: file, to: text)]),
    ]
  }

  /// One edit of the lines that differ, so that cursors elsewhere stay where they are.
  private static func edit(of file: SourceFile, to text: String) -> TextEdit {
    let old = Array(file.text.utf8)
    let new = Array(text.utf8)
    let newline = UInt8(ascii: "\n")
    let common = zip(old, new).prefix { $0 == $1 }.count
    let start = old[..<common].lastIndex(of: newline).map { $0 + 1 } ?? 0
    let most = min(old.count, new.count) - start
    let same = zip(old.reversed(), new.reversed()).prefix(most).prefix { $0 == $1 }.count
    let tail = old.suffix(same).firstIndex(of: newline).map { old.count - $0 - 1 } ?? 0
    return TextEdit(
      SourceRange(start, old.count - tail), String(decoding: new[start..<new.count - tail], as: UTF8.self))
  }
}

/// A finding as a client names it: what it is and where it begins.
private struct NamedFinding: Hashable {
  let code: String
  let line: Int
  let character: Int

  init?(_ form: ConfigValue) {
    let start = form["range"]?["start"]
    guard let code = form["code"]?.text, let line = start?["line"]?.number, let character = start?["character"]?.number
    else { return nil }
    (self.code, self.line, self.character) = (code, line, character)
  }
}

extension SourceRange {
  fileprivate func touches(_ other: SourceRange) -> Bool { start <= other.end && other.start <= end }
}
