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
      let here = subject.analysis.diagnostics.filter { subject.forms.range(of: $0).touches(range) }
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
      "edit": subject.forms.workspaceEdit([TextEdit(SourceRange(0, file.text.utf8.count), text)]),
    ]
  }
}

extension SourceRange {
  fileprivate func touches(_ other: SourceRange) -> Bool { start <= other.end && other.start <= end }
}
