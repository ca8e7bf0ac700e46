import ArgumentParser
import Diagnostics
import LaunchModel
import Releases

/// What somebody meant by an option that a command does not have: the one that means the same, not the one whose letters
/// are alike. `--lr` is no answer to `--moe-router-topk`.
enum UnknownOption {
  private static let start = "Error: Unknown option '--"

  /// - Parameter refusal: what ArgumentParser says; another refusal is returned as it is.
  static func explained(
    _ refusal: String, of command: any ParsableCommand.Type, in root: any ParsableCommand.Type
  ) -> String {
    guard refusal.hasPrefix(start) else { return refusal }
    let rest = refusal.dropFirst(start.count)
    guard let end = rest.firstIndex(of: "'") else { return refusal }
    let name = String(rest[..<end])
    let usage = rest.firstIndex(of: "\n").map { rest[$0...] } ?? ""
    let hint = hint(for: name, options: options(of: command, in: root))
    return start + name + "'" + (hint.map { ". \($0)" } ?? "") + usage
  }

  private static func hint(for name: String, options: [String]) -> String? {
    func known(_ candidates: [String]) -> String? {
      candidates.first { options.contains($0) }.map { "Did you mean '--\($0)'?" }
    }
    if let option = known(otherWords[name] ?? []) { return option }
    let word = name.replacing("-", with: "_")
    if let field = field(word) ?? field("num_" + word) {
      let schema = LaunchConfig.section(named: field.section)?.schema
      let names = [field.field] + (schema?.field(named: field.field)?.aliases ?? [])
      if let option = known(names.flatMap { flags(of: $0) }) { return option }
      if options.contains("set") { return "`--set \(field)=VALUE` sets the field." }
    }
    if let near = nearestName(to: name, among: options) { return "Did you mean '--\(near)'?" }
    guard options.contains("set"), let near = FieldNames.fieldAnywhere(word, in: .current) else { return nil }
    return "Did you mean `--set \(near)=VALUE`?"
  }

  /// The field of that name, the first where several sections have it.
  private static func field(_ name: String) -> FieldPath? {
    guard let path = FieldNames.fieldAnywhere(name, in: .current) else { return nil }
    let aliases = LaunchConfig.section(named: path.section)?.schema.field(named: path.field)?.aliases ?? []
    return path.field == name || aliases.contains(name) ? path : nil
  }

  /// A field's name as options have it; some have a word of their own.
  private static func flags(of field: String) -> [String] {
    [field.replacing("_", with: "-")] + (otherWords[field.replacing("_", with: "-")] ?? [])
  }

  /// What other runners, and fields, call what our options do.
  private static let otherWords: [String: [String]] = [
    "nodes": ["num-nodes"], "nnodes": ["num-nodes"], "n-nodes": ["num-nodes"],
    "num-gpus": ["gpus"], "n-gpus": ["gpus"], "ngpus": ["gpus"], "world-size": ["gpus"],
    "nproc-per-node": ["gpus-per-node"], "num-gpus-per-node": ["gpus-per-node"],
    "lr": ["lr", "finetune-lr"], "learning-rate": ["lr", "finetune-lr"], "optimizer": ["optimizer-type"],
    "out": ["output"], "output-file": ["output"], "output-path": ["output"], "colour": ["color"],
    "data-path": ["data-paths"], "data": ["data-paths"], "tokenizer-model": ["tokenizer-path"],
    "tokenizer": ["tokenizer-path"], "max-seq-len": ["seq-length"], "sequence-length": ["seq-length"],
    "max-seq-length": ["seq-length"], "seq-len": ["seq-length"], "context-length": ["seq-length"],
    "warmup": ["lr-warmup-iters"], "warmup-steps": ["lr-warmup-iters"], "warmup-iters": ["lr-warmup-iters"],
    "release": ["megatron-bridge"],
    "moe-enable-deepep": ["enable-deepep"], "pipeline-model-parallel-layout": ["layout"],
  ]

  /// The long options of a command, as its help lists them, without their dashes.
  private static func options(of command: any ParsableCommand.Type, in root: any ParsableCommand.Type) -> [String] {
    let help = command.helpMessage(columns: 1000) + "\n" + root.helpMessage(columns: 1000)
    var options: [String] = []
    for line in help.split(separator: "\n") where line.hasPrefix("  -") {
      let line = line.drop { $0 == " " }
      let names = line.firstRange(of: "  ").map { line[..<$0.lowerBound] } ?? line
      for word in names.split(whereSeparator: { $0 == " " || $0 == "," || $0 == "/" }) where word.hasPrefix("--") {
        options.append(String(word.dropFirst(2)))
      }
    }
    return options
  }
}
