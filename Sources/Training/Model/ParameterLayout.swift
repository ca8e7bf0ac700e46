/// What a tensor is, as far as initialisation, optimizer and decay are concerned.
package enum ParameterKind: Sendable, Equatable {
  /// `model.embed_tokens.weight`; the head too when the two are tied.
  case embedding
  /// `lm_head.weight`
  case head
  /// A projection `[out, in]`. `isOutput` marks those that write to the residual stream (`o_proj`, `down_proj`).
  case matrix(isOutput: Bool)
  /// `mlp.gate.weight`, `[experts, hidden]`
  case router
  /// A norm's gain.
  case vector
  /// `mlp.gate.e_score_correction_bias`: saved, changed by the balance rule alone, never by the optimizer.
  case buffer
}

/// One tensor of the model and its place in the model's one flat array of parameters.
package struct ParameterDescriptor: Sendable, Equatable {
  /// The Hugging Face name, e.g. `model.layers.0.self_attn.q_proj.weight`.
  package let name: String
  /// One or two dimensions; matrices are row-major `[out, in]` as in PyTorch.
  package let shape: [Int]
  package let kind: ParameterKind
  /// First element within the flat array of parameters; for a `buffer` within the array of buffers.
  package let offset: Int
  /// The decoder layer the tensor belongs to, `nil` for embedding, final norm and head.
  package let layer: Int?

  package var count: Int { shape.reduce(1, *) }
  package var range: Range<Int> { offset..<offset + count }
  package var isTrainable: Bool { kind != .buffer }

  /// Projections of decoder layers, and routers.
  var isAdaptable: Bool {
    switch kind {
    case .matrix, .router: layer != nil
    case .embedding, .head, .vector, .buffer: false
    }
  }

  /// Megatron decays tensors of two or more dimensions, embedding and head included, and nothing else.
  package var isDecayed: Bool { isTrainable && shape.count >= 2 }

  /// Muon takes the matrices, the router among them; embedding, head and vectors stay with AdamW.
  package var isMuon: Bool {
    switch kind {
    case .matrix, .router: true
    case .embedding, .head, .vector, .buffer: false
    }
  }
}

/// The ordered list of all tensors of a model: the one table from which model, optimizer and checkpoints work.
///
/// Tensors that read the same input stand side by side (queries beside the latent, gate beside up), so that one
/// matrix product over the joined rows serves them all while each keeps its own name.
package struct ParameterLayout: Sendable {
  package let shape: ModelShape
  /// In storage order.
  package let tensors: [ParameterDescriptor]
  /// Elements of the flat array of parameters, alignment gaps included.
  package let storageCount: Int
  /// Elements of the array of buffers, which stay fp32 in every precision.
  package let bufferCount: Int
  /// The parts in which the engine visits the array: embedding, each decoder layer, final norm with head.
  package let groups: [Range<Int>]
  /// The parts that are shared out evenly among threads, each by itself: embedding, of each decoder layer what all tokens go
  /// through and the routed experts, final norm with head.
  package let regions: [Range<Int>]
  /// Elements of all norm gains together.
  package let gainCount: Int
  private let indexByName: [String: Int]
  private let gainPlaces: [String: Int]

  /// - Throws: the first reason why no such model exists.
  package init(shape: ModelShape) throws(ModelShapeError) {
    try shape.validate()
    var builder = Builder()
    builder.group(nil)
    builder.add("model.embed_tokens.weight", [shape.vocabSize, shape.hiddenSize], .embedding)
    for layer in 0..<shape.numHiddenLayers where !builder.overflowed {
      builder.group(layer)
      builder.addAttention(shape, layer)
      shape.isMixture(layer: layer) ? builder.addMixture(shape, layer) : builder.addDense(shape, layer)
    }
    builder.group(nil)
    if !shape.tieWordEmbeddings {
      builder.add("lm_head.weight", [shape.vocabSize, shape.hiddenSize], .head)
      builder.align()
    }
    builder.add("model.norm.weight", [shape.hiddenSize], .vector)
    builder.align()
    guard !builder.overflowed else { throw .tooManyParameters }
    self.shape = shape
    self.tensors = builder.tensors
    self.storageCount = builder.offset
    self.bufferCount = builder.bufferOffset
    self.groups = Self.ranges(from: builder.groupStarts, to: builder.offset)
    self.regions = Self.ranges(from: builder.regionStarts, to: builder.offset)
    self.indexByName = Dictionary(uniqueKeysWithValues: builder.tensors.enumerated().map { ($1.name, $0) })
    var gainPlaces: [String: Int] = [:]
    var gainCount = 0
    for tensor in builder.tensors where tensor.kind == .vector {
      gainPlaces[tensor.name] = gainCount
      gainCount += tensor.count
    }
    self.gainPlaces = gainPlaces
    self.gainCount = gainCount
  }

  private static func ranges(from starts: [Int], to end: Int) -> [Range<Int>] {
    zip(starts, starts.dropFirst() + [end]).map { $0..<$1 }
  }

  package subscript(name: String) -> ParameterDescriptor? { indexByName[name].map { tensors[$0] } }

  /// Elements of all parameters, without gaps and buffers.
  package var parameterCount: Int { tensors.lazy.filter(\.isTrainable).reduce(0) { $0 + $1.count } }

  /// The place of a norm's gain among all of them, end to end.
  func gainPlace(_ name: String) -> Int {
    guard let place = gainPlaces[name] else { preconditionFailure("the layout has no norm \(name)") }
    return place
  }

  /// The region of a group, counted from the group's start, that is not its routed experts'.
  func commonRegion(ofGroup group: Int) -> Range<Int> {
    let start = groups[group].lowerBound
    guard let region = regions.first(where: { $0.lowerBound == start }) else {
      preconditionFailure("a region begins with every group")
    }
    return 0..<region.count
  }

  /// The place within its group of a tensor that the layout holds by construction from the same shape.
  func offset(_ name: String) -> Int {
    guard let index = indexByName[name] else { preconditionFailure("the layout has no tensor \(name)") }
    let tensor = tensors[index]
    let group = tensor.kind == .embedding ? 0 : tensor.layer.map { $0 + 1 } ?? groups.count - 1
    return tensor.kind == .buffer ? tensor.offset : tensor.offset - groups[group].lowerBound
  }
}

extension ParameterLayout {
  /// Elements to which the start of each group of joined tensors is aligned: one cache line of floats.
  static let alignment = 16

  private struct Builder {
    var tensors: [ParameterDescriptor] = []
    var offset = 0
    var bufferOffset = 0
    var groupStarts: [Int] = []
    var regionStarts: [Int] = []
    var overflowed = false
    private var layer: Int?

    mutating func group(_ layer: Int?) {
      self.layer = layer
      region()
      groupStarts.append(offset)
    }

    mutating func region() {
      align()
      regionStarts.append(offset)
    }

    mutating func align() {
      advance(by: (ParameterLayout.alignment - offset % ParameterLayout.alignment) % ParameterLayout.alignment)
    }

    mutating func add(_ name: String, _ shape: [Int], _ kind: ParameterKind) {
      let start = kind == .buffer ? bufferOffset : offset
      let tensor = ParameterDescriptor(name: name, shape: shape, kind: kind, offset: start, layer: layer)
      tensors.append(tensor)
      if kind == .buffer {
        bufferOffset += tensor.count
      } else {
        advance(by: tensor.count)
      }
    }

    private mutating func advance(by count: Int) {
      let (sum, overflow) = offset.addingReportingOverflow(count)
      // Leave room for the byte width of every copy of a parameter that training keeps.
      overflowed = overflowed || overflow || sum > Int.max / 64
      if !overflowed { offset = sum }
    }

    mutating func addAttention(_ shape: ModelShape, _ layer: Int) {
      let prefix = "model.layers.\(layer)."
      let attention = prefix + "self_attn."
      let queries = shape.numAttentionHeads * shape.qkHeadDim
      let hidden = shape.hiddenSize
      add(prefix + "input_layernorm.weight", [hidden], .vector)
      align()
      if let rank = shape.qLoraRank {
        add(attention + "q_a_proj.weight", [rank, hidden], .matrix(isOutput: false))
      } else {
        add(attention + "q_proj.weight", [queries, hidden], .matrix(isOutput: false))
      }
      let latent = shape.kvLoraRank + shape.qkRopeHeadDim
      add(attention + "kv_a_proj_with_mqa.weight", [latent, hidden], .matrix(isOutput: false))
      align()
      if let rank = shape.qLoraRank {
        add(attention + "q_a_layernorm.weight", [rank], .vector)
        align()
        add(attention + "q_b_proj.weight", [queries, rank], .matrix(isOutput: false))
        align()
      }
      add(attention + "kv_a_layernorm.weight", [shape.kvLoraRank], .vector)
      align()
      let keysAndValues = shape.numAttentionHeads * (shape.qkNopeHeadDim + shape.vHeadDim)
      add(attention + "kv_b_proj.weight", [keysAndValues, shape.kvLoraRank], .matrix(isOutput: false))
      align()
      let values = shape.numAttentionHeads * shape.vHeadDim
      add(attention + "o_proj.weight", [hidden, values], .matrix(isOutput: true))
      align()
      add(prefix + "post_attention_layernorm.weight", [hidden], .vector)
      align()
    }

    mutating func addDense(_ shape: ModelShape, _ layer: Int) {
      addMLP("model.layers.\(layer).mlp.", width: shape.intermediateSize, hidden: shape.hiddenSize)
    }

    mutating func addMixture(_ shape: ModelShape, _ layer: Int) {
      let prefix = "model.layers.\(layer).mlp."
      add(prefix + "gate.e_score_correction_bias", [shape.nRoutedExperts], .buffer)
      add(prefix + "gate.weight", [shape.nRoutedExperts, shape.hiddenSize], .router)
      if shape.nSharedExperts > 0 {
        addMLP(prefix + "shared_experts.", width: shape.sharedIntermediateSize, hidden: shape.hiddenSize)
      }
      region()
      for expert in 0..<shape.nRoutedExperts {
        addMLP(prefix + "experts.\(expert).", width: shape.moeIntermediateSize, hidden: shape.hiddenSize)
      }
    }

    private mutating func addMLP(_ prefix: String, width: Int, hidden: Int) {
      add(prefix + "gate_proj.weight", [width, hidden], .matrix(isOutput: false))
      add(prefix + "up_proj.weight", [width, hidden], .matrix(isOutput: false))
      align()
      add(prefix + "down_proj.weight", [hidden, width], .matrix(isOutput: true))
      align()
    }
  }
}
