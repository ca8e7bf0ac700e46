import ConfigDocument
import FileAccess
import Releases

extension GeneratedFile {
  /// The fields of every release's classes, from what `Tests/Reference` has read from the real packages.
  static func releaseFields(root: String) throws -> [GeneratedFile] {
    try Release.all.map { try fields(of: $0, root: root) }
  }

  private static func fields(of release: Release, root: String) throws -> GeneratedFile {
    let source = "Tests/Reference/megatron-fields-\(release.megatronBridge).json"
    let bytes = try InputFile.read("\(root)/\(source)", limit: 1 << 24)
    let document = DocumentReader.read(bytes: bytes, name: source, format: .json)
    guard let classes = document.root?["sections"]?.entries else {
      throw RuleComments.Complaint("\(source): \(document.diagnostics.first?.message ?? "has no `sections`")")
    }
    let versions = [("megatron-core", release.megatronCore), ("megatron-bridge", release.megatronBridge)]
    for (package, version) in versions where document.root?["versions"]?[package]?.scalar?.text != version {
      throw RuleComments.Complaint("\(source) is not of \(package) \(version)")
    }
    var lines: [String] = []
    for entry in classes {
      lines.append("\(entry.key)\t\(entry.value["class"]?.scalar?.text ?? "")")
      lines += (entry.value["fields"]?.items ?? []).compactMap(line)
    }
    // The kinds of models, data and adapters, and the names under which a module passes on the classes of others.
    for family in document.root?["families"]?.entries ?? [] {
      lines += (family.value.entries ?? []).map { "\(family.key)\tclass\t\($0.key)" }
    }
    lines += (document.root?["aliases"]?.entries ?? []).map { "container\tclass\t\($0.key)" }
    let digits = release.megatronBridge.filter(\.isNumber)
    let text = """
      // Written by `moonlight-dev generate` from \(source). Do not edit.

      extension FieldTable {
        /// The fields of megatron-core \(release.megatronCore) and megatron-bridge \(release.megatronBridge).
        static let bridge\(digits) = FieldTable(
          \"""
      \(lines.map { "    \($0)".doublingBackslashes }.joined(separator: "\n"))
          \""")
      }

      """
    return GeneratedFile(path: "Sources/Releases/Bridge\(digits)/Bridge\(digits)Fields.generated.swift", text: text)
  }

  /// Name, type and default of a field behind a tab, separated by tabs.
  private static func line(of field: Node) -> String? {
    guard let name = field["name"]?.scalar?.text, let declared = field["type"]?.scalar?.text else { return nil }
    let isWritten = field["init"]?.scalar?.text == "true"
    let value = field["default"].map(FieldNotation.json) ?? "null"
    var type = isWritten ? FieldNotation.notation(for: declared) ?? "-" : "-"
    if value == "null", !["any", "-"].contains(type), !type.hasSuffix("?") { type += "?" }
    return ["", name, type, value].joined(separator: "\t")
  }
}

/// Python's types in the notation of the table.
enum FieldNotation {
  /// `nil` for what no file can hold, such as a function.
  static func notation(for declared: String) -> String? {
    let type = declared.trimmed
    if let inner = type.argument(of: "Optional") { return notation(for: inner).map(optional) }
    if type.hasSuffix(" | None") {
      return notation(for: String(type.dropLast(7))).map { $0 == "any" ? "any" : $0 + "?" }
    }
    if type.hasPrefix("Union["), type.hasSuffix(", NoneType]"), !type.contains("Callable") { return "any" }
    if ["Callable", "ModuleSpec", "DatasetDict", "MegatronTokenizerBase"].contains(where: type.contains) { return nil }
    if let words = type.argument(of: "Literal") {
      let items = words.split(separator: ",").map { String($0).trimmed }
      guard items.allSatisfy({ $0.hasPrefix("'") }) else { return "int" }
      return items.map { $0.filter { $0 != "'" } }.joined(separator: "|")
    }
    if let element = type.argument(of: "List") ?? type.argument(of: "list") {
      return notation(for: element).map { $0 == "any" || $0.contains("|") ? "any" : "[\($0)]" }
    }
    switch type {
    case "int", "float", "bool": return type
    case "str": return "string"
    case "torch.dtype": return "fp32|fp16|bf16?"
    default: return "any"
    }
  }

  private static func optional(_ type: String) -> String { type.hasSuffix("?") || type == "any" ? type : type + "?" }

  /// A value as Python's `json.dumps` writes it; numbers keep their digits.
  static func json(_ node: Node) -> String {
    switch node.content {
    case .scalar(let scalar) where scalar.style == .json: scalar.text
    case .scalar(let scalar): (try? JSONEmitter().emit(.string(scalar.text)))?.trimmed ?? "null"
    case .sequence(let items): "[" + items.map(json).joined(separator: ", ") + "]"
    case .mapping(let entries): "{" + entries.map { "\"\($0.key)\": \(json($0.value))" }.joined(separator: ", ") + "}"
    }
  }
}

extension String {
  fileprivate var trimmed: String {
    var text = Substring(self)
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }

  /// `int` of `Optional[int]`.
  fileprivate func argument(of name: String) -> String? {
    hasPrefix(name + "[") && hasSuffix("]") ? String(dropFirst(name.count + 1).dropLast()) : nil
  }

  fileprivate var doublingBackslashes: String { map { $0 == "\\" ? "\\\\" : String($0) }.joined() }
}
