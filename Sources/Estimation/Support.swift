package import LaunchModel

/// Where a number is from.
package enum NumberOrigin: String, Hashable, Sendable {
  /// Of a GPU, as its maker states it.
  case dataSheet = "data_sheet"
  /// Seen on a GPU, by us.
  case measured
  /// Seen on GPUs, by others who published it.
  case published
  /// Neither.
  case assumed
  /// The user's own.
  case given
}

/// What an estimate of one config stands on: the kind of runs that it was held against, and how far those were from it.
package struct Support: Hashable, Sendable {
  package let origin: NumberOrigin
  /// What such runs took over what was estimated, from the least to the most; for a config like no run that is known, what
  /// the runs farthest from a single GPU took.
  package let ratios: ClosedRange<Double>
  /// What of the config no known run has: `TP 2`, `8 nodes`.
  package let beyond: [String]
  /// Whether seconds that the host takes are those of whole layers, which they were fitted to, though layers are split.
  package var extrapolatesHost = false

  /// Between these the truth lies, if the known runs are anything to go by.
  package func range(of estimate: Double) -> ClosedRange<Double> {
    estimate * ratios.lowerBound...estimate * ratios.upperBound
  }
}

extension Support {
  /// Times of the runs in `Tests/Fixtures/estimation/measured`, which a test holds these to.
  package static let measuredTimes = 0.86...1.17
  /// Of those on two GPUs of one host.
  package static let measuredTimesOfTwo = 0.88...1.30
  package static let publishedTimes = 0.78...1.23
  /// The published run with tensor and context parallelism took 3 times as long.
  package static let assumedTimes = 0.78...2.97
  /// Peaks of the same runs.
  package static let measuredMemory = 0.99...1.02

  /// Of a step's seconds.
  ///
  /// - Parameter numMicrobatches: of a step.
  package static func time(_ config: LaunchConfig, worldSize: Int, _ assumptions: Assumptions) -> Support {
    let runs = KnownRuns(config, worldSize: worldSize, assumptions)
    if runs.beyondMeasured.isEmpty {
      return Support(origin: .measured, ratios: worldSize > 1 ? measuredTimesOfTwo : measuredTimes, beyond: [])
    }
    if runs.beyondPublished.isEmpty { return Support(origin: .published, ratios: publishedTimes, beyond: []) }
    let sizes = config.parallelSizes
    return Support(
      origin: .assumed, ratios: assumedTimes, beyond: runs.beyondPublished,
      extrapolatesHost: sizes.tensor > 1 || sizes.context > 1)
  }

  /// Of a rank's bytes. What others published says nothing of them.
  package static func memory(_ config: LaunchConfig, worldSize: Int, _ assumptions: Assumptions) -> Support {
    let beyond = KnownRuns(config, worldSize: worldSize, assumptions).beyondMeasuredMemory
    return Support(origin: beyond.isEmpty ? .measured : .assumed, ratios: measuredMemory, beyond: beyond)
  }
}

/// What of a config lies outside of the runs that are known.
private struct KnownRuns {
  let beyondMeasured: [String]
  let beyondMeasuredMemory: [String]
  let beyondPublished: [String]

  init(_ config: LaunchConfig, worldSize: Int, _ assumptions: Assumptions) {
    let sizes = config.parallelSizes
    // Sizes that a file says may not multiply.
    let (product, overflow) = (config.train.microBatchSize ?? 1).multipliedReportingOverflow(by: config.model.seqLength)
    let tokens = (overflow ? .max : product) / max(sizes.context, 1)
    func named(_ parts: [(isBeyond: Bool, text: String)]) -> [String] { parts.filter(\.isBeyond).map(\.text) }
    func layout(above known: Int) -> [String] {
      named([
        (sizes.tensor > known, "TP \(sizes.tensor)"), (sizes.pipeline > known, "PP \(sizes.pipeline)"),
        (sizes.context > known, "CP \(sizes.context)"), (sizes.expertTensor > 1, "ETP \(sizes.expertTensor)"),
      ])
    }
    let switches = named([
      (config.mixedPrecision.fp8 != nil, "fp8"), (config.mixedPrecision.fp4 != nil, "fp4"),
      (!config.mixedPrecision.bf16, "weights not in bf16"),
      (!config.optimizer.optimizer.isMeasured, "\(config.optimizer.optimizer.rawValue)"),
      (config.usesMegatronFSDP, "Megatron-FSDP"),
      (config.optimizer.optimizerCPUOffload, "an optimizer in host memory"),
      (config.model.cpuOffloading || config.model.fineGrainedActivationOffloading, "activations in host memory"),
      (config.model.cudaGraphImplementation != "none", "CUDA graphs"),
    ])

    beyondMeasuredMemory = layout(above: 2) + switches + named([(worldSize > 2, "\(worldSize) GPUs")])
    // With CP 2 each of two GPUs had half of 4096.
    let fewestTokens = worldSize > 1 ? 2048 : 4096
    beyondMeasured =
      beyondMeasuredMemory
      + named([
        (assumptions.gpu != .h200, assumptions.gpu.name),
        (!(fewestTokens...16384).contains(tokens), "\(tokens) tokens a micro-batch"),
      ])
    beyondPublished =
      layout(above: 1) + switches
      + named([
        (assumptions.gpu != .h100, assumptions.gpu.name),
        (!(4...16).contains(worldSize), "\(worldSize) GPU\(worldSize == 1 ? "" : "s")"),
        (sizes.expert > 8, "EP \(sizes.expert)"),
        (!(2048...8192).contains(tokens), "\(tokens) tokens a micro-batch"),
      ])
  }
}

extension OptimizerKind {
  fileprivate var isMeasured: Bool { self == .adam }
}

extension Assumptions {
  /// Where each number of them is from.
  package var origins: [(name: String, origin: NumberOrigin)] {
    let known = Assumptions(gpu: gpu)
    func of(_ part: KeyPath<Assumptions, Double>, _ origin: NumberOrigin) -> NumberOrigin {
      self[keyPath: part] == known[keyPath: part] ? origin : .given
    }
    let fitted: NumberOrigin = gpu == .h200 ? .measured : gpu == .h100 ? .published : .assumed
    return [
      ("peak_flops", of(\.peakFLOPs, .dataSheet)), ("compute_utilization", of(\.computeUtilization, fitted)),
      ("memory_bandwidth", of(\.memoryBandwidth, .dataSheet)), ("node_bandwidth", of(\.nodeBandwidth, .dataSheet)),
      ("network_bandwidth", of(\.networkBandwidth, .dataSheet)), ("kernels", fitted), ("links", .assumed),
      ("reserved_gib", of(\.reservedGiB, .measured)),
    ]
  }
}
