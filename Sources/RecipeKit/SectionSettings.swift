public import ConfigDocument
public import LaunchModel

/// Something a recipe is made of: settings of a section, a preset, or a group of such parts.
public protocol RecipePart: Sendable {
  var settings: [RecipeSetting] { get }
}

/// One value with the line that sets it.
public struct RecipeSetting: Sendable {
  public let path: FieldPath
  public let value: ConfigValue
  public let fileID: String
  public let line: UInt
}

/// Settings of one section, each on its own line:
///
///     Parallelism()
///       .tensorModelParallelSize(2)
///       .expertModelParallelSize(8)
///
/// Every field of the section is a method, checked by the compiler; the line becomes the value's origin.
@dynamicMemberLookup
public struct SectionSettings<Fields: SectionFields>: RecipePart {
  public private(set) var settings: [RecipeSetting]

  /// The section with its defaults. A section that can be `null` is present from here on.
  public init(fileID: StaticString = #fileID, line: UInt = #line) {
    settings = [
      RecipeSetting(
        path: FieldPath(Fields.schema.name, ""), value: .mapping(ConfigMapping()), fileID: "\(fileID)", line: line)
    ]
  }

  public subscript<Value>(dynamicMember field: KeyPath<Fields, Field<Value>>) -> Setter<Value> {
    Setter(section: self, name: Fields.declaration(of: field).name)
  }

  /// Sets one field of the section when called with a value.
  public struct Setter<Value: FieldValue> {
    let section: SectionSettings
    let name: String

    public func callAsFunction(_ value: Value, fileID: StaticString = #fileID, line: UInt = #line) -> SectionSettings {
      section.setting(name, value.configValue, fileID: fileID, line: line)
    }
  }

  /// Sets a field of Megatron's that this package has no property for; it is carried through to the exporters.
  public func carried(
    _ name: String, _ value: ConfigValue, fileID: StaticString = #fileID, line: UInt = #line
  ) -> SectionSettings {
    setting(name, value, fileID: fileID, line: line)
  }

  private func setting(_ name: String, _ value: ConfigValue, fileID: StaticString, line: UInt) -> SectionSettings {
    var copy = self
    copy.settings.append(
      RecipeSetting(path: FieldPath(Fields.schema.name, name), value: value, fileID: "\(fileID)", line: line))
    return copy
  }
}

public typealias Run = SectionSettings<RecipeFields>
public typealias Cluster = SectionSettings<ClusterFields>
public typealias Model = SectionSettings<ModelFields>
public typealias Parallelism = SectionSettings<ParallelismFields>
public typealias Recompute = SectionSettings<RecomputeFields>
public typealias Train = SectionSettings<TrainFields>
public typealias Evaluation = SectionSettings<ValidationFields>
public typealias Optimizer = SectionSettings<OptimizerFields>
public typealias Scheduler = SectionSettings<SchedulerFields>
public typealias DistributedDataParallel = SectionSettings<DDPFields>
public typealias MixedPrecision = SectionSettings<MixedPrecisionFields>
public typealias CommunicationOverlap = SectionSettings<CommOverlapFields>
public typealias PEFT = SectionSettings<PEFTFields>
public typealias Dataset = SectionSettings<DatasetFields>
public typealias Tokenizer = SectionSettings<TokenizerFields>
public typealias Checkpoint = SectionSettings<CheckpointFields>
public typealias Logger = SectionSettings<LoggerFields>
public typealias RandomNumbers = SectionSettings<RNGFields>
public typealias Distributed = SectionSettings<DistFields>
public typealias Profiling = SectionSettings<ProfilingFields>
public typealias EnvironmentVariables = SectionSettings<EnvVarsFields>
