import ConfigDocument
package import LaunchModel

/// What the CPU engine makes of a config's fields: what it cannot honour, and what has no effect here.
///
/// Every field of every section stands in exactly one of three lists: ``FieldTreatment/used``,
/// ``FieldTreatment/limits`` and ``FieldTreatment/idle``. Fields of Megatron's that have no property here must keep
/// their defaults, except the idle ones.
package struct FieldSupport: Sendable {
  /// Why the engine does not run this config, one reason each; empty where it does.
  package let refusals: [String]
  /// What differs from Megatron's default and changes nothing here, by reason.
  package let withoutEffect: [(reason: String, fields: [FieldPath])]
  /// Sections with a field that is refused.
  private let refusedSections: Set<String>

  package init(_ config: LaunchConfig) {
    var refusals: [String] = []
    var refusedSections: Set<String> = []
    for limit in FieldTreatment.limits {
      guard let reason = limit.reason(config) else { continue }
      refusals.append(reason)
      refusedSections.insert(limit.path.section)
    }
    var idle: [FieldTreatment.Idleness: [FieldPath]] = [:]
    for entry in LaunchConfig.sections {
      let section = config[keyPath: entry.storage]
      guard section.isPresent, entry.schema.name != CheckedElsewhere.section else { continue }
      for field in entry.schema.fields where section.value(of: field) != section.defaultValue(of: field) {
        let path = FieldPath(entry.schema.name, field.name)
        if let reason = FieldTreatment.idleness(path) { idle[reason, default: []].append(path) }
      }
      for carried in section.carried {
        let path = FieldPath(entry.schema.name, carried.name)
        if let reason = FieldTreatment.idleness(path) {
          idle[reason, default: []].append(path)
        } else if !FieldTreatment.used.contains(path),
          CarriedFields.field(path.field, of: path.section, in: config.release)?.isDefault(carried.value) == false
        {
          refusals.append("\(path) is \(FlowText.yaml(carried.value)); the CPU engine knows its default only")
          refusedSections.insert(path.section)
        }
      }
    }
    self.refusals = refusals
    self.refusedSections = refusedSections
    // What folding does is shown as a whole.
    withoutEffect = FieldTreatment.Idleness.allCases.filter { $0 != .folded }.compactMap { reason in
      idle[reason].map { (reason.rawValue, $0) }
    }
  }

  /// Whether the engine makes of the data what the config says, whatever becomes of the rest.
  package var honoursData: Bool {
    refusedSections.isDisjoint(with: [DatasetFields.schema.name, TokenizerFields.schema.name])
  }

  /// The adapters' own fields, which ``AdapterPlan`` reads.
  private enum CheckedElsewhere {
    static let section = PEFTFields.schema.name
  }
}

/// How the engine takes each field.
enum FieldTreatment {
  /// Why a field has no effect.
  enum Idleness: String, CaseIterable {
    case folded = "folded into one process"
    case communication = "communication between GPUs"
    case kernels = "kernels and memory of GPUs"
    case formats = "fp8, fp4 and fp16, which are off"
    case processes = "Python, CUDA and the cluster"
    case files = "how Megatron stores checkpoints and indices"
    case reports = "other reports than metrics.jsonl and TensorBoard"
    case unused = "other kinds of models and data"
  }

  /// A field of which the engine honours some values only.
  struct Limit: Sendable {
    let path: FieldPath
    /// The reason against a config; `nil` where the value can be honoured.
    let reason: @Sendable (LaunchConfig) -> String?

    /// - Parameters:
    ///   - path: of the field, with whose value the reason begins.
    ///   - rule: what the engine does instead.
    ///   - holds: whether it can honour the value.
    init(_ path: FieldPath, _ rule: String, _ holds: @escaping @Sendable (LaunchConfig) -> Bool) {
      self.path = path
      reason = { config in
        guard !holds(config), let value = config.value(at: path)?.value else { return nil }
        return "\(path) is \(FlowText.yaml(value)); \(rule)"
      }
    }
  }

  static func idleness(_ path: FieldPath) -> Idleness? {
    idleSections[path.section] ?? idle[path]
  }

  /// Sections without a meaning here.
  static let idleSections: [String: Idleness] = [
    ClusterFields.schema.name: .processes, ParallelismFields.schema.name: .folded,
    CommOverlapFields.schema.name: .communication, DistFields.schema.name: .communication,
    ProfilingFields.schema.name: .processes, EnvVarsFields.schema.name: .processes,
  ]
}
