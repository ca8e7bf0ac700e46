import ConfigDocument
import FileAccess
import LaunchModel

extension GeneratedFile {
  /// The table of Megatron's fields that this package only carries, from what its classes declare.
  static func carriedFields(root: String) throws -> GeneratedFile {
    let classes = try megatronClasses(root: root)
    var lines: [String] = []
    for (section, names) in sources {
      var seen = Set(LaunchConfig.section(named: section)?.schema.fields.map(\.name) ?? []).union(
        typedElsewhere(section))
      for field in names.flatMap({ classes[$0]?["fields"]?.items ?? [] }) {
        guard let name = field["name"]?.scalar?.text, field["init"]?.scalar?.text == "true",
          let declared = field["type"]?.scalar?.text, !seen.contains(name),
          var type = FieldNotation.notation(for: declared)
        else { continue }
        let value = field["default"].map(FieldNotation.json) ?? "null"
        if value == "null", type != "any", !type.hasSuffix("?") { type += "?" }
        seen.insert(name)
        lines.append([section, name, type, value].joined(separator: "\t").doublingBackslashes)
      }
    }
    let text = """
      // Written by `moonlight-dev generate` from Tests/Reference/megatron-fields.json. Do not edit.
      // Section, name, type and default (JSON) of each field, tab-separated: megatron-core 0.16.1, megatron-bridge 0.3.1.

      let carriedFieldTable = \"""
      \(lines.map { "  " + $0 }.joined(separator: "\n"))
        \"""

      """
    return GeneratedFile(path: "Sources/LaunchModel/Schema/CarriedFields.generated.swift", text: text)
  }

  /// The fields of Megatron's classes that a launch config has no place for: functions, and what the classes compute.
  static func bridgeOnlyFields(root: String) throws -> GeneratedFile {
    let classes = try megatronClasses(root: root)
    let lines = sources.map { section, names in
      let known = Set(LaunchConfig.section(named: section)?.schema.fields.map(\.name) ?? [])
        .union(typedElsewhere(section)).union(CarriedFields.fields(of: section).keys)
      let all = names.flatMap { classes[$0]?["fields"]?.items ?? [] }.compactMap { $0["name"]?.scalar?.text }
      var seen = known
      return ([section] + all.filter { seen.insert($0).inserted }).joined(separator: " ")
    }
    let text = """
      // Written by `moonlight-dev generate` from Tests/Reference/megatron-fields.json. Do not edit.
      // Section, then the fields of its classes that no launch config has: megatron-core 0.16.1, megatron-bridge 0.3.1.

      let bridgeOnlyFieldTable = \"""
      \(lines.map { "  " + $0 }.joined(separator: "\n"))
        \"""

      """
    return GeneratedFile(path: "Sources/LaunchModel/Bridge/BridgeOnlyFields.generated.swift", text: text)
  }

  private static func megatronClasses(root: String) throws -> Node {
    let source = "Tests/Reference/megatron-fields.json"
    let bytes = try InputFile.read("\(root)/\(source)", limit: 1 << 24)
    let document = DocumentReader.read(bytes: bytes, name: source, format: .json)
    guard let classes = document.root?["sections"] else {
      throw RuleComments.Complaint("\(source): \(document.diagnostics.first?.message ?? "has no `sections`")")
    }
    return classes
  }

  /// Our sections and the classes whose fields they take, in this order.
  private static let sources: [(section: String, classes: [String])] = [
    ("model", ["model"]), ("train", ["train"]), ("optimizer", ["optimizer"]), ("scheduler", ["scheduler"]),
    ("ddp", ["ddp"]), ("mixed_precision", ["mixed_precision"]), ("comm_overlap", ["comm_overlap"]),
    ("peft", ["peft_lora", "peft_dora"]),
    ("dataset", ["dataset_pretrain", "dataset_finetune", "packed_sequence_specs"]), ("tokenizer", ["tokenizer"]),
    ("checkpoint", ["checkpoint"]), ("logger", ["logger"]), ("rng", ["rng"]), ("dist", ["dist"]),
    ("profiling", ["profiling"]), ("rerun_state_machine", ["rerun_state_machine"]),
  ]

  /// Fields of a class that have a typed property in another section of ours.
  private static func typedElsewhere(_ section: String) -> Set<String> {
    let names = { (other: String) in Set(LaunchConfig.section(named: other)?.schema.fields.map(\.name) ?? []) }
    switch section {
    case "model": return names("parallelism").union(names("recompute"))
    case "train": return names("validation")
    default: return []
    }
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
