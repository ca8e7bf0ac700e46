/// What every layer needs to know of the micro-batch in hand and of the machine.
struct Pass {
  let pool: WorkerPool
  let rope: RotaryEmbedding
  /// Tokens of the micro-batch: sequences times length.
  let tokens: Int
  let length: Int
  /// Stretches of tokens that attend among themselves: the sequences, or the samples packed into them.
  let segments: [Range<Int>]
  /// Of each token within its segment.
  let positions: UnsafeMutablePointer<Int32>
  let scratch: Scratch
  let products: MatrixProduct
  /// Where not nil, the factor of the sequence balance loss' gradient (coefficient times gradient scale).
  var balanceScale: Float?
  /// On the adapters, in training.
  var dropout: AdapterDropout?
  /// Every thread attends to rows of its own alone, and so need not wait for others' rows.
  var attendsWithinRows = false

  /// The tokens whose rows are a thread's.
  func rows(of thread: Int) -> Range<Int> { pool.share(of: tokens, grain: 8, thread: thread) }

  /// Calls `body` on all threads that have rows.
  func forRows(_ body: (Range<Int>) -> Void) {
    pool.run { thread in
      let rows = rows(of: thread)
      if !rows.isEmpty { body(rows) }
    }
  }

  /// Within a body, on every thread: what is computed row by row is there for attention, or the other way round.
  func meetForAttention() {
    if !attendsWithinRows { pool.barrier() }
  }
}

/// Memory that no layer keeps anything in: activations on the way forward, gradients of activations on the way back.
struct Scratch {
  let shape: ModelShape
  /// [tokens, hidden]
  let blockOutput: Floats
  /// [tokens, hidden]: gradients of norm outputs
  let dnormed: Floats
  /// [tokens, widest MLP]: MLP activation, and its gradient
  let activation: Floats
  /// Gradients of the attention's operands, shaped as the operands.
  let dprojected: Floats
  let dqueries: Floats
  let dqueryLatentNormed: Floats
  let dkeysValues: Floats
  let dlatentNormed: Floats
  /// [tokens, heads, rope]: each head's contribution to the shared key part
  let dsharedKeys: Floats
  /// [tokens, heads * v]
  let dattended: Floats
  /// [tokens * top-k, hidden]: experts' outputs, and gradients of their inputs
  let slots: Floats
  /// [tokens * top-k, expert width]: activations of experts that are cut among threads
  let cutActivations: Floats
  /// [tokens * top-k]
  let dslotWeights: Floats
  let dchoiceWeights: Floats
  /// [sequences, experts] twice: statistics of the balance loss
  let balance: Floats
  /// [adapters of a layer, 2, tokens, rank]: what the gradients of adapters are made of
  let lowRank: Floats
  /// One piece a thread.
  let threads: [ThreadScratch]

  struct ThreadScratch {
    let attention: Floats
    /// Rows on their way through one expert: [rows, hidden] and [rows, expert width].
    let expertRows: Floats
    let expertActivation: Floats
    /// Sums of the gradients of a layer's gains.
    let gainSums: Floats
  }

  init(
    _ arena: inout Arena, shape: ModelShape, capacity: BatchCapacity, adapters: AdapterSettings?, threads: Int
  ) {
    self.shape = shape
    let tokens = capacity.tokens
    let hidden = shape.hiddenSize
    let mixture = shape.firstKDenseReplace < shape.numHiddenLayers
    let routed = mixture ? tokens * shape.numExpertsPerTok : 0
    let widest = max(
      shape.firstKDenseReplace > 0 ? shape.intermediateSize : 0, mixture ? shape.sharedIntermediateSize : 0)
    let attention = LatentAttention.Widths(shape)
    blockOutput = arena.floats(tokens * hidden)
    dnormed = arena.floats(tokens * hidden)
    activation = arena.floats(tokens * widest)
    dprojected = arena.floats(tokens * attention.projected)
    let queryRank = shape.qLoraRank ?? 0
    dqueries = arena.floats(queryRank > 0 ? tokens * attention.queries : 0)
    dqueryLatentNormed = arena.floats(tokens * queryRank)
    dkeysValues = arena.floats(tokens * attention.keysValues)
    dlatentNormed = arena.floats(tokens * shape.kvLoraRank)
    dsharedKeys = arena.floats(tokens * shape.numAttentionHeads * shape.qkRopeHeadDim)
    dattended = arena.floats(tokens * attention.attended)
    slots = arena.floats(routed * hidden)
    cutActivations = arena.floats(threads > 1 && adapters == nil ? routed * shape.moeIntermediateSize : 0)
    dslotWeights = arena.floats(routed)
    dchoiceWeights = arena.floats(routed)
    balance = arena.floats(mixture ? 2 * capacity.sequences * shape.nRoutedExperts : 0)
    lowRank = arena.floats(2 * tokens * (adapters?.largestRankInLayer ?? 0))
    var pieces: [ThreadScratch] = []
    let rows = mixture ? min(MixtureOfExperts.rowsAtATime, tokens) : 0
    for _ in 0..<threads {
      pieces.append(
        ThreadScratch(
          attention: arena.floats(CausalAttention(shape: shape).scratchCount(length: capacity.length)),
          expertRows: arena.floats(rows * hidden), expertActivation: arena.floats(rows * shape.moeIntermediateSize),
          gainSums: arena.floats(Self.gainCount(shape))))
    }
    self.threads = pieces
  }

  static func gainCount(_ shape: ModelShape) -> Int {
    2 * shape.hiddenSize + shape.kvLoraRank + (shape.qLoraRank ?? 0)
  }
}

/// The largest micro-batch an engine is built for.
package struct BatchCapacity: Sendable, Equatable {
  package let sequences: Int
  package let length: Int
  package var tokens: Int { sequences * length }

  package init(sequences: Int, length: Int) {
    self.sequences = sequences
    self.length = length
  }
}
