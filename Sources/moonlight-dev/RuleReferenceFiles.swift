import LaunchModel
import Validation

extension GeneratedFile {
  /// The table behind `moonlight explain CODE`.
  static func ruleReferenceTable(_ rules: [RuleReference]) -> GeneratedFile {
    var text = """
      // Written by `moonlight-dev generate` from the doc comments of the rules. Do not edit.

      let ruleReferenceTable: [(code: String, title: String, text: String)] = [

      """
    for rule in rules {
      text += "  (\n    \"\(rule.code)\", #\"\(rule.title)\"#,\n    #\"\"\"\n"
      text += rule.text.split(separator: "\n", omittingEmptySubsequences: false)
        .map { $0.isEmpty ? "\n" : "    \($0)\n" }.joined()
      text += "    \"\"\"#\n  ),\n"
    }
    return GeneratedFile(path: "Sources/Validation/RuleReference.generated.swift", text: text + "]\n")
  }

  /// The same and the codes of reading as one page.
  static func ruleReferencePage(_ rules: [RuleReference]) -> GeneratedFile {
    var text = """
      <!-- Written by `moonlight-dev generate`. Do not edit. -->

      # Rules

      What `moonlight validate` reports, by code; `moonlight explain CODE` prints the same.


      """
    let reading = RuleReference.all.filter { rule in !rules.contains { $0.code == rule.code } && isOfReading(rule.code)
    }
    var family = ""
    for rule in reading + rules {
      let own = String(rule.code.prefix { $0 != "-" })
      if own != family { text += "## \(own)\n\n" }
      family = own
      text += "### \(rule.code): \(rule.title)\n\n"
      // Headings stand two levels deeper than in the comment of a rule.
      text += rule.text.split(separator: "\n", omittingEmptySubsequences: false)
        .map { $0.hasPrefix("## ") ? "##" + $0 : String($0) }.joined(separator: "\n")
      text += "\n\n"
    }
    while text.hasSuffix("\n\n") { text.removeLast() }
    return GeneratedFile(path: "Examples/rules.md", text: text)
  }

  private static func isOfReading(_ code: String) -> Bool {
    ["FILE-", "DOC-", "FIELD-", "BRIDGE-"].contains { code.hasPrefix($0) }
  }
}
