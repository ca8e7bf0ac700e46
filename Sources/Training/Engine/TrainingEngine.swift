/// Everything an engine is built from.
package struct EngineSettings: Sendable, Equatable {
  package var shape: ModelShape
  /// The largest micro-batch.
  package var capacity: BatchCapacity
  package var optimizer: OptimizerSettings
  package var precision: StoragePrecision
  package var products: ProductPrecision
  /// Keeps trained bf16 weights packed for bf16 products, in memory of its own, ``MemoryPlan``'s workspace.
  package var packsWeights: Bool
  package var recompute: RecomputePolicy
  package var threads: Int
  /// `moe_aux_loss_coeff` of the sequence balance loss; 0 is off.
  package var auxLossCoefficient: Float
  /// `moe_router_bias_update_rate`; 0 leaves the correction biases alone.
  package var biasUpdateRate: Float
  /// Megatron's `calculate_per_token_loss`: weigh all tokens of a step alike, instead of all micro-batches.
  package var calculatePerTokenLoss: Bool
  /// Trains these instead of the parameters, which then are frozen.
  package var adapters: AdapterSettings?

  package init(
    shape: ModelShape, capacity: BatchCapacity, optimizer: OptimizerSettings, precision: StoragePrecision = .fp32,
    products: ProductPrecision = .fp32, packsWeights: Bool = false, recompute: RecomputePolicy = .none, threads: Int,
    auxLossCoefficient: Float = 0,
    biasUpdateRate: Float = 0,
    calculatePerTokenLoss: Bool = false, adapters: AdapterSettings? = nil
  ) {
    self.shape = shape
    self.capacity = capacity
    self.optimizer = optimizer
    self.precision = precision
    self.products = products
    self.packsWeights = packsWeights
    self.recompute = recompute
    self.threads = threads
    self.auxLossCoefficient = auxLossCoefficient
    self.biasUpdateRate = biasUpdateRate
    self.calculatePerTokenLoss = calculatePerTokenLoss
    self.adapters = adapters
  }
}

extension EngineSettings {
  /// Whether ``packsWeights`` pays for steps of so many micro-batches on this kind of processor.
  ///
  /// Packing a weight takes as long as some 30 rows of a product by it. Where experts had 192 rows each, keeping it gained
  /// nothing that could be seen in whole steps (two cores of a Sapphire Rapids, four micro-batches) for a fifth more memory.
  package static func packsWeights(
    _ products: ProductPrecision, _ shape: ModelShape, _ capacity: BatchCapacity, microBatches: Int
  ) -> Bool {
    let isMixture = shape.firstKDenseReplace < shape.numHiddenLayers
    let choices = isMixture ? Double(shape.numExpertsPerTok) / Double(max(1, shape.nRoutedExperts)) : 1
    // Not in whole numbers: nothing has looked yet whether they are sensible.
    let rows = Double(capacity.sequences) * Double(capacity.length) * choices
    return products == .bf16 && microBatches > 1 && rows < 64 && MatrixProduct.keepsPackedWeights
  }
}

/// What one training step did.
package struct StepReport: Sendable, Equatable {
  /// Language model loss before the update, averaged as Megatron averages it.
  package let loss: Float
  /// Sequence balance loss times its coefficient, averaged over layers; 0 where it is off.
  package let auxLoss: Float
  /// Global gradient norm before clipping. Not finite: the update was left out.
  package let gradientNorm: Float
  package let tokens: Int
}

/// A model, its optimizer and the memory they work in. Steps are deterministic for a given number of threads.
///
/// Not for concurrent use.
package final class TrainingEngine {
  package let settings: EngineSettings
  package let parameters: ParameterStore
  package let optimizer: Optimizer
  let model: DecoderModel
  let pool: WorkerPool
  /// [layer][expert]: tokens of this step, where biases follow them
  private var loads: [[Int]]

  /// Parameters start at zero (norm gains too): call `initialize` or load a checkpoint.
  ///
  /// - Throws: `EngineError`, when the shape is none, or threads or memory are refused.
  package init(_ settings: EngineSettings) throws(EngineError) {
    let layout: ParameterLayout
    do throws(ModelShapeError) {
      layout = try ParameterLayout(shape: settings.shape)
    } catch {
      throw .invalidShape(error)
    }
    try settings.validateCapacity()
    self.settings = settings
    pool = try WorkerPool(threads: settings.threads)
    var adapters: AdapterStore?
    if let wanted = settings.adapters { adapters = try AdapterStore(wanted, layout: layout) }
    parameters = try ParameterStore(
      layout: layout, precision: settings.precision, products: settings.products, adapters: adapters,
      packsWeights: settings.packsWeights, pool: pool)
    let trained: any TrainableArrays = adapters ?? parameters
    optimizer = try Optimizer(settings: settings.optimizer, store: trained, pool: pool)
    model = try DecoderModel(
      store: parameters, capacity: settings.capacity, recompute: settings.recompute, pool: pool)
    loads = []
  }

  package var layout: ParameterLayout { parameters.layout }
  package var adapters: AdapterStore? { parameters.adapters }

  /// One optimizer step over the micro-batches of one global batch. Data-parallel replicas are simply more
  /// micro-batches: Megatron averages over both alike.
  package func step(
    _ microBatches: [TokenBatch], learningRate: Double, weightDecay: Double
  ) throws(EngineError) -> StepReport {
    let (loss, auxLoss) = try computeGradients(microBatches)
    let norm = optimizer.step(learningRate: Float(learningRate), weightDecay: Float(weightDecay))
    adapters?.weightsChanged()
    parameters.weightsChanged()
    if norm.isFinite, adapters == nil { updateBiases() }
    return StepReport(
      loss: loss, auxLoss: auxLoss, gradientNorm: norm, tokens: microBatches.reduce(0) { $0 + $1.tokens.count })
  }

  /// The gradients of a global batch, readable through `parameters.gradient`; the parameters stay.
  ///
  /// - Returns: the mean over the unmasked tokens of the whole batch, as Megatron-Bridge reports it whatever
  ///   `calculate_per_token_loss` makes the gradients of (0.3.1 to 0.6.2, `training/train.py`, `train_step`).
  @discardableResult
  package func computeGradients(
    _ microBatches: [TokenBatch]
  ) throws(EngineError) -> (loss: Float, auxLoss: Float) {
    guard !microBatches.isEmpty else { throw .invalidBatch("no micro-batch") }
    for batch in microBatches { try batch.validate(vocabSize: settings.shape.vocabSize, capacity: settings.capacity) }
    if settings.biasUpdateRate != 0 {
      loads = Array(
        repeating: Array(repeating: 0, count: settings.shape.nRoutedExperts), count: settings.shape.numHiddenLayers)
    }
    let allTokens = microBatches.reduce(0) { $0 + $1.lossTokens }
    var (loss, auxLoss) = (0.0, 0.0)
    for (index, batch) in microBatches.enumerated() {
      // The share of this micro-batch's mean loss in the step's.
      let share =
        settings.calculatePerTokenLoss
        ? batch.lossTokens / max(allTokens, 1) : 1 / Float(microBatches.count)
      let result = try model.differentiate(
        batch, scale: share / max(batch.lossTokens, 1), balanceScale: settings.auxLossCoefficient * share,
        dropout: settings.adapters.flatMap { AdapterDropout($0, step: optimizer.stepCount, microBatch: index) },
        isFirst: index == 0)
      loss += Double(result.loss) * Double(batch.lossTokens / max(allTokens, 1))
      auxLoss += Double(result.balance) * Double(share * settings.auxLossCoefficient)
      if settings.biasUpdateRate != 0 { addLoads() }
    }
    return (Float(loss), Float(auxLoss))
  }

  /// Mean loss over the unmasked tokens, without touching anything.
  package func evaluate(_ batch: TokenBatch) throws(EngineError) -> Float { try model.loss(batch) }

  /// Logits `[sequence, position, vocabulary]`, flat.
  package func logits(_ batch: TokenBatch) throws(EngineError) -> [Float] { try model.logits(batch) }

  // MARK: Balance without a loss

  private func addLoads() {
    for layer in loads.indices {
      for (expert, load) in model.expertLoads(layer: layer).enumerated() { loads[layer][expert] += load }
    }
  }

  /// `bias += u * sign(mean load - load)` (Megatron's `get_updated_expert_bias`), once a step.
  private func updateBiases() {
    guard settings.biasUpdateRate != 0 else { return }
    for layer in settings.shape.firstKDenseReplace..<settings.shape.numHiddenLayers {
      guard let bias = layout["model.layers.\(layer).mlp.gate.e_score_correction_bias"] else { continue }
      let values = parameters.buffers.base + bias.offset
      let total = loads[layer].reduce(0, +)
      for (expert, load) in loads[layer].enumerated() {
        let offset = total - load * loads[layer].count
        values[expert] += settings.biasUpdateRate * Float(offset.signum())
      }
    }
  }
}
