package import LaunchModel
package import Topology

/// The trained parameters of LoRA and DoRA adapters, by where the modules stand that they are put on.
///
/// megatron-bridge 0.3.1 `peft/utils.py`, `ParallelLinearAdapter`: two matrices, `dim x in` and `out x dim`, each
/// split by tensor parallelism (expert-tensor parallelism on routed experts) whatever its base is; grouped experts of
/// a rank share one adapter. DoRA adds a magnitude for each output row that the rank's base computes.
package struct AdapterParameters: Sendable {
  private struct Adapted: Sendable {
    let matrices: Int
    let magnitudes: Int
    let splitsMagnitudes: Bool
    let isExpert: Bool
    /// Adapters of one layer, on all expert-parallel ranks together; `nil` for one on each rank.
    let experts: Int?
    let place: AdapterModule.Place
    let layers: LayerCounts
  }

  /// Layers, counted in any range at once: a search asks for millions of stages.
  private struct LayerCounts: Sendable {
    /// How many there are before each layer, and before the end.
    private let before: [Int]

    init(_ layers: [Int]) {
      var before = Array(repeating: 0, count: (layers.max() ?? -1) + 2)
      for layer in layers { before[layer + 1] = 1 }
      for end in before.indices.dropFirst() { before[end] += before[end - 1] }
      self.before = before
    }

    var count: Int { before[before.count - 1] }

    func count(in range: Range<Int>) -> Int {
      let end = before.count - 1
      return before[min(range.upperBound, end)] - before[min(range.lowerBound, end)]
    }
  }

  private let adapted: [Adapted]

  /// Empty without adapters.
  ///
  /// - Parameter selection: what the config's targets put adapters on, where that is known.
  package init(
    _ config: borrowing LaunchConfig, _ shape: Architecture, vocabSize: Int, selection: [AdapterMatch]? = nil
  ) {
    guard config.peft.isPresent else {
      adapted = []
      return
    }
    let isDoRA = config.peft.peftScheme == .dora
    adapted = (selection ?? AdapterTargets(config, shape).selection(config.peft)).compactMap { match in
      let module = match.module
      guard let size = Self.size(of: module, shape, vocabSize: vocabSize) else { return nil }
      return Adapted(
        matrices: config.peft.dim * (size.input + size.output), magnitudes: isDoRA ? size.output : 0,
        splitsMagnitudes: module.kind == .columnParallel, isExpert: module.isExpert,
        experts: module.isExpert && !module.isGrouped ? match.experts?.count ?? shape.numMoEExperts : nil,
        place: module.place, layers: LayerCounts(match.layers))
    }
  }

  /// Inputs and outputs of a linear module, whole.
  private static func size(of module: AdapterModule, _ shape: Architecture, vocabSize: Int) -> (
    input: Int, output: Int
  )? {
    let hidden = shape.hiddenSize
    let heads = shape.numAttentionHeads
    let query = heads * (shape.qkHeadDim + shape.qkPosEmbHeadDim)
    let gate = shape.gatedLinearUnit ? 2 : 1
    let width =
      module.isExpert
      ? shape.moeFFNHiddenSize
      : module.isSharedExpert ? shape.sharedExpertIntermediateSize : shape.ffnHiddenSize
    return switch module.linear {
    case .linearQProj: (hidden, query)
    case .linearQDownProj: (hidden, shape.qLoraRank ?? 0)
    case .linearQUpProj: (shape.qLoraRank ?? 0, query)
    case .linearKVDownProj: (hidden, shape.kvLoraRank + shape.qkPosEmbHeadDim)
    case .linearKVUpProj: (shape.kvLoraRank, heads * (shape.qkHeadDim + shape.vHeadDim))
    case .linearQKV: (hidden, (heads + 2 * shape.numQueryGroups) * shape.kvChannels)
    case .linearProj: (heads * (shape.isLatentAttention ? shape.vHeadDim : shape.kvChannels), hidden)
    case .linearFC1: (hidden, gate * width)
    case .linearFC2: (width, hidden)
    case .router: (hidden, shape.numMoEExperts)
    case .ehProj: (2 * hidden, hidden)
    case .outputLayer: (hidden, vocabSize)
    case nil: nil
    }
  }

  /// Of the whole model: what all ranks hold together, with copies on tensor- and data-parallel ranks counted once.
  ///
  /// - Parameter expertParallel: ranks that each have an adapter of their own on grouped experts.
  package func total(expertParallel: Int) -> Int {
    adapted.reduce(0) { sum, adapter in
      let copies = (adapter.isExpert ? adapter.experts ?? expertParallel : 1)
      let layers = adapter.place == .model ? 1 : adapter.layers.count
      return sum + (adapter.matrices + adapter.magnitudes) * layers * copies
    }
  }

  /// What one rank holds that has these chunks.
  package func onRank(_ chunks: [PipelineStage], _ settings: MemorySettings) -> RankAdapterParameters {
    guard !adapted.isEmpty else { return RankAdapterParameters(dense: 0, experts: 0) }
    var dense = 0
    var experts = 0
    for adapter in adapted {
      let tensor = adapter.isExpert ? settings.expertTensor : settings.tensor
      let each = adapter.matrices / tensor + adapter.magnitudes / (adapter.splitsMagnitudes ? tensor : 1)
      let layers = chunks.reduce(0) { $0 + Self.count(of: adapter, in: $1) }
      if adapter.isExpert {
        experts += each * layers * (adapter.experts.map { $0 / settings.expert } ?? 1)
      } else {
        dense += each * layers
      }
    }
    return RankAdapterParameters(dense: dense, experts: experts)
  }

  private static func count(of adapter: Adapted, in chunk: PipelineStage) -> Int {
    switch adapter.place {
    case .model: chunk.loss ? 1 : 0
    case .layers: adapter.layers.count(in: chunk.layers)
    case .mtpLayers: min(chunk.mtp, adapter.layers.count)
    }
  }
}

/// What one rank holds of adapters.
package struct RankAdapterParameters: Hashable, Sendable {
  /// Beside everything but routed experts.
  package let dense: Int
  /// Beside routed experts.
  package let experts: Int

  package var total: Int { dense + experts }
}
