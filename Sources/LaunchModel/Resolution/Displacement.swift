import ConfigDocument
import Releases

/// Of two fields of which a run can have one, the one that a recipe has chosen makes room for the one that is written over
/// it: `train_samples` for `train_iters`, a warm-up's share for its length.
///
/// Only a recipe's value makes room. Two that somebody wrote, in files or by flags, stay and contradict each other.
struct Displacement: Sendable {
  /// What is written over a recipe.
  let path: FieldPath
  /// Whether a value chooses this alternative; the others leave it open.
  let chooses: @Sendable (ConfigValue) -> Bool
  /// What then makes room.
  let displaced: [FieldPath]

  private init(
    _ path: FieldPath, _ displaced: FieldPath..., chooses: @escaping @Sendable (ConfigValue) -> Bool = { $0 != .null }
  ) {
    self.path = path
    self.displaced = displaced
    self.chooses = chooses
  }

  /// Every pair of alternatives; a new one needs its line here.
  static let all: [Displacement] = [
    Displacement(Path.train.trainSamples, Path.train.trainIters),
    Displacement(Path.train.trainIters, Path.train.trainSamples),
    Displacement(FieldPath("train", "num_epochs"), Path.train.trainIters, Path.train.trainSamples),
    Displacement(Path.scheduler.lrWarmupFraction, Path.scheduler.lrWarmupIters, Path.scheduler.lrWarmupSamples),
    Displacement(Path.scheduler.lrWarmupIters, Path.scheduler.lrWarmupFraction, chooses: isPositive),
    Displacement(Path.scheduler.lrWarmupSamples, Path.scheduler.lrWarmupFraction, chooses: isPositive),
    Displacement(Path.peft.excludeModules, Path.peft.targetModules, chooses: isFilled),
    Displacement(Path.peft.targetModules, Path.peft.excludeModules, chooses: isFilled),
    Displacement(Path.parallelism.numLayersInFirstPipelineStage, layout),
    Displacement(Path.parallelism.numLayersInLastPipelineStage, layout),
    Displacement(Path.parallelism.accountForEmbeddingInPipelineSplit, layout, chooses: isOn),
    Displacement(Path.parallelism.accountForLossInPipelineSplit, layout, chooses: isOn),
    Displacement(
      layout, Path.parallelism.numLayersInFirstPipelineStage, Path.parallelism.numLayersInLastPipelineStage,
      Path.parallelism.accountForEmbeddingInPipelineSplit, Path.parallelism.accountForLossInPipelineSplit),
    Displacement(Path.recompute.recomputeGranularity, Path.recompute.recomputeModules) { $0 != .string("selective") },
    Displacement(
      Path.recompute.recomputeGranularity, Path.recompute.recomputeMethod, Path.recompute.recomputeNumLayers
    ) { $0 != .string("full") },
  ]

  static let layout = Path.parallelism.pipelineModelParallelLayout

  private static let isPositive: @Sendable (ConfigValue) -> Bool = { $0 != .null && $0 != .int(0) }
  private static let isFilled: @Sendable (ConfigValue) -> Bool = { $0 != .null && $0 != .list([]) }
  private static let isOn: @Sendable (ConfigValue) -> Bool = { $0 == .bool(true) }
}

extension Layer {
  /// Whether it is a recipe's.
  var isRecipe: Bool { assignments.first?.origin.isRecipe ?? false }
}

extension Origin {
  var isRecipe: Bool { if case .recipe = self { true } else { false } }
}

extension LaunchConfig {
  /// Takes back what a layer, which is about to be applied, displaces of a recipe's values.
  mutating func makeRoom(for layer: Layer) {
    for displacement in Displacement.all {
      guard let assignment = layer.assignment(of: displacement.path), displacement.chooses(assignment.value),
        has(displacement.path)
      else { continue }
      for path in displacement.displaced where layer.assignment(of: path) == nil {
        takeBack(path, for: displacement.path)
      }
    }
  }

  /// Whether its release has a field; one with a property stands in all of them.
  private func has(_ path: FieldPath) -> Bool {
    Self.section(named: path.section)?.schema.field(named: path.field) != nil
      || release.ownName(of: path.field, in: path.section) != nil
  }

  private mutating func takeBack(_ path: FieldPath, for other: FieldPath) {
    guard let section = Self.section(named: path.section), let field = section.schema.field(named: path.field),
      let (value, origin) = value(at: path)
    else { return }
    // `auto` is nobody's layout yet, wherever it stands.
    guard origin.isRecipe || path == Displacement.layout && value == PipelineLayoutText.automatic.configValue else {
      return
    }
    if path == Path.peft.targetModules {
      // Megatron's default is a list itself.
      self[keyPath: section.storage].set(
        field, to: .list([]), .derived(reason: "the excluded modules are written", from: [other]))
    } else {
      self[keyPath: section.storage].set(field, to: field.defaultValue, .schemaDefault)
    }
  }

  /// What a recipe has written in terms of other fields follows these where something else was written over them.
  mutating func followOverrides() {
    followLayerCount()
    followStages()
    followTensorSize()
    followSamples()
  }

  /// A layout that a recipe has written is for its own number of stages.
  private mutating func followStages() {
    guard parallelism.origin(of: \.pipelineModelParallelLayout).isRecipe,
      let path = [Path.parallelism.pipelineModelParallelSize, Path.parallelism.virtualPipelineModelParallelSize]
        .first(where: isOverridden)
    else { return }
    parallelism.storage.set(
      ParallelismFields.declaration(of: \.pipelineModelParallelLayout),
      to: PipelineLayoutText.automatic.configValue,
      .derived(reason: "the recipe's is for other stages", from: [path]))
  }

  /// The rows that a recipe for finetuning has written are padded to a multiple of another tensor parallel size, as
  /// Megatron-Bridge's own recipes pad them.
  private mutating func followTensorSize() {
    let size = parallelism.tensorModelParallelSize
    guard recipe.mode != .pretrain, let rows = model.vocabSize, model.origin(of: \.vocabSize).isRecipe,
      size > 1, rows % size != 0, isOverridden(Path.parallelism.tensorModelParallelSize)
    else { return }
    model.storage.set(
      ModelFields.declaration(of: \.vocabSize), to: .int((rows / size + 1) * size),
      .derived(
        reason: "the recipe's \(rows), padded to a multiple of TP", from: [Path.parallelism.tensorModelParallelSize]))
  }

  /// Whether somebody has written a field over a recipe, or where it says nothing.
  private func isOverridden(_ path: FieldPath) -> Bool {
    switch value(at: path)?.origin {
    case .schemaDefault?, .derived?, .recipe?, nil: false
    default: true
    }
  }

  /// A pattern of dense layers first and experts in all others keeps its dense layers.
  private mutating func followLayerCount() {
    guard case .many(let pattern) = model.moeLayerFrequency, pattern.count != model.numLayers, model.numLayers > 0,
      model.origin(of: \.moeLayerFrequency).isRecipe, !model.origin(of: \.numLayers).isRecipe
    else { return }
    let dense = pattern.prefix { $0 == 0 }.count
    guard pattern.dropFirst(dense).allSatisfy({ $0 == 1 }), dense < model.numLayers, model.numLayers <= 1 << 20 else {
      return
    }
    let followed =
      Array(repeating: ConfigValue.int(0), count: dense)
      + Array(repeating: ConfigValue.int(1), count: model.numLayers - dense)
    model.storage.set(
      ModelFields.declaration(of: \.moeLayerFrequency), to: .list(followed),
      .derived(
        reason: "\(dense) dense layer\(dense == 1 ? "" : "s"), then experts, as in the recipe",
        from: [Path.model.numLayers]))
  }

  /// A run that is counted in samples counts its recipe's schedule in samples, too.
  private mutating func followSamples() {
    guard train.trainSamples != nil, train.trainIters == nil, let batch = train.globalBatchSize else { return }
    for (steps, samples) in [
      (SchedulerFields.declaration(of: \.lrWarmupIters), SchedulerFields.declaration(of: \.lrWarmupSamples)),
      (SchedulerFields.declaration(of: \.lrDecayIters), SchedulerFields.declaration(of: \.lrDecaySamples)),
      (SchedulerFields.declaration(of: \.lrWSDDecayIters), SchedulerFields.declaration(of: \.lrWSDDecaySamples)),
    ] where scheduler.storage.origins[steps.index].isRecipe {
      let written = scheduler.storage.value(of: steps)
      scheduler.storage.set(steps, to: steps.defaultValue, .schemaDefault)
      guard case .int(let count) = written, count > 0, case .schemaDefault = scheduler.storage.origins[samples.index],
        scheduler.lrWarmupFraction == nil || samples.name != SchedulerFields.declaration(of: \.lrWarmupSamples).name
      else { continue }
      // The recipe's decay is as long as its own run.
      guard samples.name != SchedulerFields.declaration(of: \.lrDecaySamples).name else { continue }
      let (product, overflow) = count.multipliedReportingOverflow(by: batch)
      guard !overflow else { continue }
      scheduler.storage.set(
        samples, to: .int(product),
        .derived(reason: "the recipe's \(count) steps", from: [Path.train.globalBatchSize]))
    }
  }
}
