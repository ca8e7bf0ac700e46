public import ConfigDocument
public import Releases

/// A launch config with every value known: what rules check, estimates read, exporters write and the trainer runs.
public struct LaunchConfig: Sendable {
  /// The version of the file format that this package reads and writes.
  public static let schemaVersion = 1

  /// The key of the codes that a JSON file accepts.
  package static let ignoreKey = "$ignore"

  /// The release of Megatron that the config is for.
  public let release: Release

  /// Whether it was read from a ConfigContainer, which Megatron-Bridge's own programs run; a launch config is run by
  /// those of an exported launch.
  package internal(set) var isContainer = false

  // Without initial values: every config begins as a copy, for which they would be made and thrown away.
  public var recipe: Section<RecipeFields>
  public var cluster: Section<ClusterFields>
  /// What the config says of ``release``.
  public internal(set) var software: Section<SoftwareFields>
  public var model: Section<ModelFields>
  public var parallelism: Section<ParallelismFields>
  public var recompute: Section<RecomputeFields>
  public var train: Section<TrainFields>
  public var validation: Section<ValidationFields>
  public var optimizer: Section<OptimizerFields>
  public var scheduler: Section<SchedulerFields>
  public var ddp: Section<DDPFields>
  public var mixedPrecision: Section<MixedPrecisionFields>
  public var commOverlap: Section<CommOverlapFields>
  public var peft: Section<PEFTFields>
  public var dataset: Section<DatasetFields>
  public var tokenizer: Section<TokenizerFields>
  public var checkpoint: Section<CheckpointFields>
  public var logger: Section<LoggerFields>
  public var rng: Section<RNGFields>
  public var dist: Section<DistFields>
  public var profiling: Section<ProfilingFields>
  public var rerunStateMachine: Section<RerunStateMachineFields>
  public var envVars: Section<EnvVarsFields>

  /// A config in which nothing is written: every field has the release's default.
  public init(for release: Release = .current) { self = Self.unwritten[release] }

  private static let unwritten = PerRelease { LaunchConfig(defaultsOf: $0) }

  private init(defaultsOf release: Release) {
    self.release = release
    recipe = Section()
    cluster = Section()
    software = Section()
    model = Section()
    parallelism = Section()
    recompute = Section()
    train = Section()
    validation = Section()
    optimizer = Section()
    scheduler = Section()
    ddp = Section()
    mixedPrecision = Section()
    commOverlap = Section()
    peft = Section()
    dataset = Section()
    tokenizer = Section()
    checkpoint = Section()
    logger = Section()
    rng = Section()
    dist = Section()
    profiling = Section()
    rerunStateMachine = Section()
    envVars = Section()
    for known in DeclaredFields.of(release).defaults {
      guard let section = Self.section(named: known.section), let field = section.schema.field(named: known.field),
        let value = field.normalized(known.value)
      else { continue }
      self[keyPath: section.storage].setDefault(field, to: value)
    }
    software.storage.setDefault(SoftwareFields.declaration(of: \.megatronBridge), to: release.configValue)
  }

  /// Every section in the order of emission; a new one needs its property and its start above and its line here.
  public static let sections: [SectionEntry] = [
    SectionEntry(RecipeFields.schema, \.recipe.storage),
    SectionEntry(ClusterFields.schema, \.cluster.storage),
    SectionEntry(SoftwareFields.schema, \.software.storage),
    SectionEntry(ModelFields.schema, \.model.storage),
    SectionEntry(ParallelismFields.schema, \.parallelism.storage),
    SectionEntry(RecomputeFields.schema, \.recompute.storage),
    SectionEntry(TrainFields.schema, \.train.storage),
    SectionEntry(ValidationFields.schema, \.validation.storage),
    SectionEntry(OptimizerFields.schema, \.optimizer.storage),
    SectionEntry(SchedulerFields.schema, \.scheduler.storage),
    SectionEntry(DDPFields.schema, \.ddp.storage),
    SectionEntry(MixedPrecisionFields.schema, \.mixedPrecision.storage),
    SectionEntry(CommOverlapFields.schema, \.commOverlap.storage),
    SectionEntry(PEFTFields.schema, \.peft.storage),
    SectionEntry(DatasetFields.schema, \.dataset.storage),
    SectionEntry(TokenizerFields.schema, \.tokenizer.storage),
    SectionEntry(CheckpointFields.schema, \.checkpoint.storage),
    SectionEntry(LoggerFields.schema, \.logger.storage),
    SectionEntry(RNGFields.schema, \.rng.storage),
    SectionEntry(DistFields.schema, \.dist.storage),
    SectionEntry(ProfilingFields.schema, \.profiling.storage),
    SectionEntry(RerunStateMachineFields.schema, \.rerunStateMachine.storage),
    SectionEntry(EnvVarsFields.schema, \.envVars.storage),
  ]

  /// One section of a config, reached without knowing its type.
  public struct SectionEntry: Sendable {
    public let schema: SectionSchema
    public let storage: WritableKeyPath<LaunchConfig, SectionStorage> & Sendable

    init(_ schema: SectionSchema, _ storage: WritableKeyPath<LaunchConfig, SectionStorage> & Sendable) {
      self.schema = schema
      self.storage = storage
    }
  }

  /// The section of a name.
  public static func section(named name: String) -> SectionEntry? { sectionsByName[name] }

  private static let sectionsByName = Dictionary(uniqueKeysWithValues: sections.map { ($0.schema.name, $0) })

  /// The value of a field by its path.
  public func value(at path: FieldPath) -> (value: ConfigValue, origin: Origin)? {
    Self.section(named: path.section).flatMap { self[keyPath: $0.storage].value(named: path.field) }
  }
}

/// The paths of all fields: `Path.parallelism.tensorModelParallelSize`.
public enum Path {
  public static let recipe = SectionPaths<RecipeFields>()
  public static let cluster = SectionPaths<ClusterFields>()
  public static let software = SectionPaths<SoftwareFields>()
  public static let model = SectionPaths<ModelFields>()
  public static let parallelism = SectionPaths<ParallelismFields>()
  public static let recompute = SectionPaths<RecomputeFields>()
  public static let train = SectionPaths<TrainFields>()
  public static let validation = SectionPaths<ValidationFields>()
  public static let optimizer = SectionPaths<OptimizerFields>()
  public static let scheduler = SectionPaths<SchedulerFields>()
  public static let ddp = SectionPaths<DDPFields>()
  public static let mixedPrecision = SectionPaths<MixedPrecisionFields>()
  public static let commOverlap = SectionPaths<CommOverlapFields>()
  public static let peft = SectionPaths<PEFTFields>()
  public static let dataset = SectionPaths<DatasetFields>()
  public static let tokenizer = SectionPaths<TokenizerFields>()
  public static let checkpoint = SectionPaths<CheckpointFields>()
  public static let logger = SectionPaths<LoggerFields>()
  public static let rng = SectionPaths<RNGFields>()
  public static let dist = SectionPaths<DistFields>()
  public static let profiling = SectionPaths<ProfilingFields>()
  public static let envVars = SectionPaths<EnvVarsFields>()
}
