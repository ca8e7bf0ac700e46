import Diagnostics
import Testing

@testable import Validation

/// What holds of every fix, on every broken file, in every form that a text can have.
@Suite("Fixes keep what they do not mend")
struct FixPropertyTests {
  /// The same text as other editors would have saved it.
  enum Form: CaseIterable {
    case plain, carriageReturns, byteOrderMark, noFinalNewline, comments

    func apply(to text: String, isJSON: Bool) -> String {
      switch self {
      case .plain: return text
      case .carriageReturns:
        return text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n")
      case .byteOrderMark: return "\u{FEFF}" + text
      case .noFinalNewline: return text.hasSuffix("\n") ? String(text.dropLast()) : text
      case .comments:
        guard !isJSON else { return text }
        return text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
          // A comment behind an open quote or bracket would be part of the mistake.
          line.contains(": ") && !line.contains("\"") && !line.contains("[")
            ? line + "   # why \(line.count)" : String(line)
        }.joined(separator: "\n")
      }
    }
  }

  private struct Key: Hashable {
    let code: DiagnosticCode
    let severity: Severity
    let path: String

    init(_ diagnostic: Diagnostic) {
      (code, severity, path) = (diagnostic.code, diagnostic.severity, diagnostic.path)
    }
  }

  private static func keys(_ diagnostics: [Diagnostic]) -> Set<Key> {
    Set(diagnostics.map(Key.init))
  }

  /// A text after all fixes of its own, one round after the other.
  private static func mended(_ checked: MutationTests.Checked, unsafe: Bool) -> MutationTests.Checked {
    checked.mended(takingUnsafe: unsafe) { text, before in MutationTests.Checked(text, before.file.name) }.last
  }

  private static func comments(_ text: String) -> [Substring] {
    text.split(whereSeparator: \.isNewline).compactMap { line in
      line.firstRange(of: "   # why").map { line[$0.lowerBound...] }
    }
  }

  private static func lineEnds(_ text: String) -> (carriage: Int, plain: Int) {
    let bytes = Array(text.utf8)
    let newlines = bytes.indices.filter { bytes[$0] == UInt8(ascii: "\n") }
    let carriage = newlines.filter { $0 > 0 && bytes[$0 - 1] == UInt8(ascii: "\r") }.count
    return (carriage, newlines.count - carriage)
  }

  @Test("the result is read, nothing new is wrong, and the form stays", arguments: Form.allCases)
  func everyFix(form: Form) {
    var faults: [String] = []
    var fixed = 0
    let good = Dictionary(
      uniqueKeysWithValues: MutationTests.files.map { file in
        (file.name, Self.keys(MutationTests.diagnostics(file.lines.joined(separator: "\n"), file.name)))
      })
    // What differs between the forms is the editing of text: a part of the mistakes shows it.
    let mutations = MutationTests.mutations.enumerated().filter { form == .plain || $0.offset % 4 == 0 }.map(\.element)
    for mutation in mutations {
      let isJSON = mutation.file.hasSuffix(".json")
      let before = form.apply(to: mutation.text, isJSON: isJSON)
      let checked = MutationTests.Checked(before, mutation.file)
      let found = checked.diagnostics
      let own = found.filter { $0.fix != nil }
      guard !own.isEmpty else { continue }
      fixed += 1
      for unsafe in [false, true] {
        // A note is no reason to change a file.
        let applied = own.filter { $0.severity != .note && (unsafe || $0.fix?.applicability == .safe) }
        guard !applied.isEmpty else { continue }
        let last = Self.mended(checked, unsafe: unsafe)
        let (after, left) = (last.file.text, last.diagnostics)
        let fault: String? =
          if last.isUnreadable {
            "the result cannot be read"
          } else if let still = applied.first(where: { Self.keys(left).contains(Key($0)) }) {
            "\(still.code) is still there: \(still.message)"
          } else if !checked.isUnreadable,
            // A text that could not be read says all it has to say only afterwards, and a guess may bring other advice.
            let new = left.first(where: {
              (!unsafe || $0.severity == .error)
                && !Self.keys(found).union(good[mutation.file] ?? []).contains(Key($0))
            })
          {
            "\(new.code) is new: \(new.message)"
          } else if form == .comments, Self.comments(after) != Self.comments(before) {
            "a comment is gone"
          } else if form == .carriageReturns, Self.lineEnds(after).plain > 0 {
            "a line ends otherwise"
          } else if after.hasPrefix("\u{FEFF}") != before.hasPrefix("\u{FEFF}") {
            "the byte order mark is gone"
          } else if after.hasSuffix("\n") != before.hasSuffix("\n") {
            "the end of the file has changed"
          } else if Self.mended(last, unsafe: unsafe).file.text != after {
            "a second run changes it again"
          } else {
            nil
          }
        if let fault { faults.append("\(mutation.name)\(unsafe ? ", unsafe" : ""): \(fault)") }
      }
    }
    #expect(fixed > (form == .plain ? 100 : 20))
    #expect(faults.isEmpty, "\(faults.count) of \(fixed):\n\(faults.joined(separator: "\n"))")
  }
}
