import CommandSupport
import ConfigDocument
import Diagnostics
import Estimation
import LaunchModel
import MoonlightRecipes
import RecipeKit
import Reporting
import Topology
import Validation

/// The pipeline that `stages` and `simulate` look at, with what it costs.
struct PipelineSubject {
  let run: RunFacts
  let map: StageMap
  let reading: LayoutReading?
  /// `nil` where nothing is known of the layers.
  let weights: WeightInput.Weights?
  /// `nil` where the layers' kinds are not those of a model that somebody named.
  let moeLayers: [Bool]?
  /// Whether the config speaks of a run, and not only of a pipeline.
  let isRun: Bool

  /// - Throws: everything that keeps the pipeline from being known.
  init(_ command: some PipelineCommand, _ session: Session) throws {
    let options = command.options
    let draft = try options.file.map { try Draft(command, file: $0, session) } ?? Draft(command, session)
    let run = draft.run
    if options.allowEmptyStages, !draft.isAutomatic {
      throw CommandFailure.usage(
        "--allow-empty-stages is for `--layout balanced`", help: "add `--layout balanced`, or leave it out")
    }
    weights = try WeightInput(options.weights).read(for: run.config, model: draft.model)
    let isOwnBalance = draft.isAutomatic && (options.allowEmptyStages || options.weights != nil)
    let balanced = isOwnBalance ? try Self.balanced(run.config, options, weights) : nil
    guard let map = balanced?.map ?? run.stages else {
      throw CommandFailure.diagnosed(draft.problems, status: .failure)
    }
    self.run = run
    self.map = map
    reading = draft.isAutomatic && map.pipeline > 1 ? .auto : run.layout?.reading
    moeLayers = draft.isKnownModel ? run.architecture.moeLayers : nil
    isRun = options.file != nil
  }

  /// The pipeline of a config as it is; `nil` where its stages are undefined.
  init?(_ opened: ConfigInputs.Opened) {
    guard let map = opened.run.stages else { return nil }
    run = opened.run
    self.map = map
    reading = run.layout?.reading
    weights = (try? WeightInput(nil).read(for: run.config, model: nil)) ?? nil
    moeLayers = run.architecture.moeLayers
    isRun = true
  }

  private static func balanced(
    _ config: LaunchConfig, _ options: PipelineOptions, _ weights: WeightInput.Weights?
  ) throws(CommandFailure) -> BalancedLayout? {
    do throws(BalanceError) {
      return try config.balancedLayout(allowEmptyStages: options.allowEmptyStages, weights: weights?.weights)
    } catch {
      throw CommandFailure("the layers cannot be balanced: \(error.message)", status: .failure)
    }
  }

  /// What every stage holds, costs and keeps; `nil` without weights.
  var analysis: PipelineAnalysis? {
    weights.flatMap {
      try? PipelineAnalysis(
        of: map, run.config, weights: $0.weights, numMicrobatches: isRun ? run.numMicrobatches : nil,
        vocabSize: run.paddedVocabSize)
    }
  }

  func report(grid: RankGrid? = nil) -> StageReport {
    StageReport(
      map: map, reading: reading, moeLayers: moeLayers, grid: grid, analysis: analysis, weightSource: weights?.source,
      memoryBasis: weights == nil ? nil : memoryBasis)
  }

  /// What one GPU keeps activations of.
  private var memoryBasis: String {
    let config = run.config
    var parts = ["micro-batches of \(config.train.microBatchSize ?? 1) x \(config.model.seqLength) tokens"]
    let tensor = config.parallelism.tensorModelParallelSize
    if tensor > 1 {
      parts.append("TP \(tensor)" + (config.parallelism.sequenceParallel ? " with sequence parallelism" : ""))
    }
    if config.parallelism.contextParallelSize > 1 { parts.append("CP \(config.parallelism.contextParallelSize)") }
    switch config.recompute.recomputeGranularity {
    case .full: parts.append("full recomputation")
    case .selective:
      let modules = config.recompute.recomputeModules ?? [.coreAttention]
      parts.append("recomputing " + modules.map(\.rawValue).joined(separator: ", "))
    case nil: parts.append("no recomputation")
    }
    return parts.joined(separator: ", ")
  }
}

/// The config behind a subject, as far as it could be read.
private struct Draft {
  let run: RunFacts
  /// Whether the layout is the balanced one, and not written.
  let isAutomatic: Bool
  /// The name of the model whose layers are weighed, where it is not the file's.
  let model: String?
  let isKnownModel: Bool
  /// Why there may be no stage map.
  let problems: [Diagnostic]

  private static let parallelism = Path.parallelism

  /// The file, with the flags in place of what it says.
  init(_ command: some PipelineCommand, file path: String, _ session: Session) throws {
    let options = command.options
    var flags = Self.sizeFlags(options)
    var overrides = Overrides(command.overrideOptions, command.cluster)
    overrides.add(flags)
    let before = try session.openOrFail(path, overrides: overrides)
    Self.addPattern(of: before.config, options, &flags)
    try Self.addLayout(options, before.config, &flags)
    overrides = Overrides(command.overrideOptions, command.cluster)
    overrides.add(flags)
    // Standard input is gone once it is read.
    let opened = session.inputs.open(
      text: before.loaded.document.file.text, as: before, path: path, overrides: overrides)

    let misread = opened.diagnostics.filter { $0.severity == .error && ["DOC", "FIELD"].contains($0.code.family) }
    guard misread.isEmpty else {
      throw CommandFailure.diagnosed(misread, status: opened.status == .success ? .failure : opened.status)
    }
    run = opened.run
    // A layout that follows from the rest was `auto`.
    if case .derived = run.config.parallelism.origin(of: \.pipelineModelParallelLayout) {
      isAutomatic = true
    } else {
      isAutomatic = run.config.parallelism.pipelineModelParallelLayout == .automatic
    }
    model = nil
    isKnownModel = true
    let errors = opened.diagnostics.filter { $0.severity == .error }
    // Where the pipeline itself is wrong, nothing else is asked about.
    let ofPipeline = errors.filter { $0.code.family == "PIPE" }
    problems = (ofPipeline.isEmpty ? errors : ofPipeline) + Self.unreported(run, opened.diagnostics)
  }

  /// No file: a model of so many layers with nothing but a pipeline.
  init(_ command: some PipelineCommand, _ session: Session) throws {
    let options = command.options
    let layers = options.numLayers ?? 0
    guard (1...TopologyLimits.elements).contains(layers) else {
      throw CommandFailure.usage("--num-layers must be between 1 and \(TopologyLimits.elements)")
    }
    let text = options.layout ?? "balanced"
    let choice = LayoutChoice(text)
    var flags = Self.sizeFlags(options)
    isKnownModel = layers == DocumentedLayouts.numLayers
    if !isKnownModel { flags.set("--num-layers", Path.model.moeLayerFrequency, .int(1)) }
    let pipeline = try options.pp ?? Self.impliedPipeline(choice, text, layers, vp: options.vp)
    flags.set("--pp", Self.parallelism.pipelineModelParallelSize, .int(pipeline))
    // GPUs for as many stages, so that nothing but the pipeline can be wrong.
    flags.set(
      "--pp", Path.cluster.numNodes, .int(2 * min(max(pipeline, 1), TopologyLimits.stages)), written: "\(pipeline)")
    let overrides = command.overrideOptions.overrides
    let release = session.release(overrides)
    var choices = Recipe.moonlight16BPretrain.defaults
    choices.release = release
    let recipe = Recipe.moonlight16BPretrain.layer(choices)
    let set = overrides.reading(for: release)
    let sizes = LaunchConfig.resolve([recipe, flags.layer, set.layer], for: release)
    flags.set(
      "--layout", Self.parallelism.pipelineModelParallelLayout, try choice.value(for: sizes), written: text)
    let config = LaunchConfig.resolve([recipe, flags.layer, set.layer], for: release)
    var run = RunFacts(config)
    run.isOnGivenGPUs = false
    self.run = run
    isAutomatic = choice == .balanced
    let preset = ModelPreset.moonlight16BA3B.name
    model = isKnownModel ? preset : "every layer as a MoE layer of \(preset)"
    let misread = flags.diagnostics + set.diagnostics
    guard misread.isEmpty else { throw CommandFailure.diagnosed(misread, status: .usage) }
    let found = Validator.diagnostics(run, reading: []).filter { $0.severity == .error && $0.code.family == "PIPE" }
    problems = found + Self.unreported(run, found)
  }

  private static func sizeFlags(_ options: PipelineOptions) -> FlagLayer {
    var flags = FlagLayer()
    flags.set("--num-layers", Path.model.numLayers, options.numLayers.map { .int($0) })
    flags.set("--pp", parallelism.pipelineModelParallelSize, options.pp.map { .int($0) })
    flags.set("--vp", parallelism.virtualPipelineModelParallelSize, options.vp.map { .int($0) })
    return flags
  }

  /// Another number of layers keeps the pattern of dense and MoE layers: its end is repeated, or cut off.
  private static func addPattern(of config: LaunchConfig, _ options: PipelineOptions, _ flags: inout FlagLayer) {
    guard let count = options.numLayers, (1...TopologyLimits.elements).contains(count),
      case .many(let pattern) = config.model.moeLayerFrequency, let last = pattern.last, pattern.count != count
    else { return }
    let resized = pattern.prefix(count) + Array(repeating: last, count: max(0, count - pattern.count))
    flags.set("--num-layers", Path.model.moeLayerFrequency, .list(resized.map { .int($0) }), written: "\(count)")
  }

  private static func addLayout(
    _ options: PipelineOptions, _ config: LaunchConfig, _ flags: inout FlagLayer
  ) throws(CommandFailure) {
    guard let text = options.layout else { return }
    flags.set(
      "--layout", parallelism.pipelineModelParallelLayout, try LayoutChoice(text).value(for: config), written: text)
  }

  /// The stages of the layout itself, dealt to so many virtual ones.
  private static func impliedPipeline(
    _ choice: LayoutChoice, _ text: String, _ layers: Int, vp: Int?
  ) throws(CommandFailure) -> Int {
    guard case .written = choice else { throw .usage("`--layout \(text)` needs --pp") }
    guard let stages = (try? LayoutNotation(text).resolve(numLayers: layers))?.layout.stages.count else { return 1 }
    guard let vp, vp > 1, stages % vp == 0 else { return stages }
    return stages / vp
  }

  /// What is wrong with the layout, in case no rule has said so.
  private static func unreported(_ run: RunFacts, _ diagnostics: [Diagnostic]) -> [Diagnostic] {
    guard let error = run.layoutError,
      !diagnostics.contains(where: { $0.severity == .error && $0.code.family == "PIPE" })
    else { return [] }
    let path = Path.parallelism.pipelineModelParallelLayout
    let origin = run.config.parallelism.origin(of: \.pipelineModelParallelLayout).location
    var place = origin
    if let origin, let part = error.range, part.upperBound <= origin.range.end - origin.range.start {
      let start = origin.range.start + part.lowerBound
      place = SourceLocation(origin.file, SourceRange(start, origin.range.start + part.upperBound))
    }
    return [Diagnostic("PIPE-28", .error, error.message, help: error.help, path: path.description, at: place)]
  }
}
