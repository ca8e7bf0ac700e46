import ConfigDocument
import LaunchModel
import Releases

extension GeneratedFile {
  /// Every field with the name that it has in recipes.
  ///
  /// - Throws: ``RuleComments/Complaint`` where a section or a property is missing here.
  static func fieldReferencePage() throws -> GeneratedFile {
    var text = """
      # Fields

      Written by `moonlight-dev generate`. What each field of a launch config is called in YAML and in recipes, what it
      takes, and what it is where nobody sets it: in configs for Megatron-Bridge \(Release.current.megatronBridge).
      A recipe sets a field by calling it, `Parallelism().tensorModelParallelSize(2)`; its path is
      `Path.parallelism.tensorModelParallelSize`. Fields of Megatron's that are in no table are accepted in files and with
      `--set`, and set in recipes with `.carried("name", value)`: checked for their type and passed on.
      `moonlight explain SECTION` lists them.

      """
    let unwritten = LaunchConfig(for: .current)
    for section in LaunchConfig.sections {
      guard let swift = sections.first(where: { $0.fields.schema.name == section.schema.name }) else {
        throw RuleComments.Complaint("FieldReferencePage.swift does not list the section \(section.schema.name)")
      }
      let names = swift.fields.properties
      text += "\n## \(section.schema.name)\n\n\(section.schema.documentation)"
      text += swift.name.isEmpty ? " Recipes do not set it.\n" : " In recipes `\(swift.name)()`.\n"
      guard !section.schema.fields.isEmpty else { continue }
      text += "\n| YAML | Swift | type | range | default | |\n|---|---|---|---|---|---|\n"
      for field in section.schema.fields {
        guard let name = names[field.index] else {
          throw RuleComments.Complaint("no property declares \(section.schema.name).\(field.name)")
        }
        text += "| `\(field.name)` | `\(name)` | \(cell(field.type.description)) | \(cell(field.bounds.description)) | "
        let fallback = unwritten.defaultValue(of: FieldPath(section.schema.name, field.name))
        text += fallback.map { "`\(cell(FlowText.yaml($0)))`" } ?? "required"
        let absent = Release.all.filter { !section.schema.declares(field, in: $0) }.map(\.megatronBridge)
        let limits = absent.isEmpty ? "" : " Not in \(absent.joined(separator: ", "))."
        text += " | \(cell(field.documentation))\(limits) |\n"
      }
    }
    return GeneratedFile(path: "Examples/fields.md", text: text)
  }

  /// The sections as recipes name them.
  private static let sections: [(name: String, fields: any SectionFields.Type)] = [
    ("Run", RecipeFields.self), ("Cluster", ClusterFields.self), ("", SoftwareFields.self), ("Model", ModelFields.self),
    ("Parallelism", ParallelismFields.self), ("Recompute", RecomputeFields.self), ("Train", TrainFields.self),
    ("Evaluation", ValidationFields.self), ("Optimizer", OptimizerFields.self), ("Scheduler", SchedulerFields.self),
    ("DistributedDataParallel", DDPFields.self), ("MixedPrecision", MixedPrecisionFields.self),
    ("CommunicationOverlap", CommOverlapFields.self), ("PEFT", PEFTFields.self), ("Dataset", DatasetFields.self),
    ("Tokenizer", TokenizerFields.self), ("Checkpoint", CheckpointFields.self), ("Logger", LoggerFields.self),
    ("RandomNumbers", RNGFields.self), ("Distributed", DistFields.self), ("Profiling", ProfilingFields.self),
    ("", RerunStateMachineFields.self), ("EnvironmentVariables", EnvVarsFields.self),
  ]

  private static func cell(_ text: String) -> String {
    text.replacing("|", with: "\\|").replacing("\n", with: " ")
  }
}

extension SectionFields {
  /// The properties with their types, `qLoraRank: Int?`, by the positions of their fields.
  fileprivate static var properties: [Int: String] {
    var names: [Int: String] = [:]
    for property in Mirror(reflecting: fields).children {
      let position = Mirror(reflecting: property.value).children.first { $0.label == "index" }?.value as? Int
      guard let label = property.label, let position else { continue }
      names[position] = "\(label): \(swiftType("\(type(of: property.value))"))"
    }
    return names
  }

  /// `Field<Optional<Array<Int>>>` as one writes it: `[Int]?`.
  private static func swiftType(_ text: String) -> String {
    func inside(_ name: String) -> String? {
      text.hasPrefix(name + "<") && text.hasSuffix(">")
        ? swiftType(String(text.dropFirst(name.count + 1).dropLast())) : nil
    }
    if let value = inside("Field") { return value }
    if let value = inside("Optional") { return value + "?" }
    if let value = inside("Array") { return "[\(value)]" }
    return text
  }
}
