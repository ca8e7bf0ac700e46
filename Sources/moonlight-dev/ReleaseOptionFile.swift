import ConfigDocument
import FileAccess
import Releases

extension GeneratedFile {
  /// The options of every release's command line, from what `Tests/Reference` has read from the real parsers.
  static func releaseOptions(root: String) throws -> [GeneratedFile] {
    try Release.all.map { try options(of: $0, root: root) }
  }

  private static func options(of release: Release, root: String) throws -> GeneratedFile {
    let source = "Tests/Reference/megatron-lm-options-\(release.megatronBridge).json"
    let bytes = try InputFile.read("\(root)/\(source)", limit: 1 << 24)
    let document = DocumentReader.read(bytes: bytes, name: source, format: .json)
    guard let options = document.root?.entries else {
      throw RuleComments.Complaint("\(source): \(document.diagnostics.first?.message ?? "is no object")")
    }
    // An option goes by the spelling without underscores, where it has one.
    var preferred: [String: String] = [:]
    for option in options where !option.key.contains("_") {
      if let first = option.value["same_as"]?.scalar?.text, first.contains("_") { preferred[first] = option.key }
    }
    let lines = options.map { option in
      if let first = option.value["same_as"]?.scalar?.text {
        return preferred[first] == option.key ? "\(first)\t\(option.key)" : "\(option.key)\t\(first)"
      }
      var takes = option.value["takes"]?.scalar?.text ?? ""
      if takes.isEmpty { takes = "=" + (option.value["sets"]?.scalar?.text ?? "true") }
      var words = (option.value["choices"]?.items ?? []).compactMap { $0.scalar?.text }
      // Members of an enumeration are given by their names: those of one of numbers are not among the choices.
      let isOfNumbers = takes.hasPrefix("enum") && words.contains { Int($0) != nil }
      if isOfNumbers { words = [] }
      let value = option.value["default"].map(FieldNotation.json) ?? "null"
      return [
        preferred[option.key] ?? option.key, option.value["dest"]?.scalar?.text ?? "", takes, memberName(value),
        words.map(memberName).joined(separator: "|"),
      ].joined(separator: "\t")
    }
    let digits = release.megatronBridge.filter(\.isNumber)
    let text = """
      // Written by `moonlight-dev generate` from \(source). Do not edit.

      extension OptionTable {
        /// The options of the pretrain_gpt.py of megatron-core \(release.megatronCore).
        static let bridge\(digits) = OptionTable(
          #\"""
      \(lines.map { "    \($0)" }.joined(separator: "\n"))
          \"""#)
      }

      """
    return GeneratedFile(path: "Sources/Releases/Bridge\(digits)/Bridge\(digits)Options.generated.swift", text: text)
  }

  /// `auto` of `AttnBackend.auto`, within quotes or without.
  private static func memberName(_ text: String) -> String {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0].hasSuffix("Backend") else { return text }
    return (parts[0].hasPrefix("\"") ? "\"" : "") + parts[1]
  }
}
