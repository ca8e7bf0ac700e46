internal import CKernels

/// Muon on a list of matrices: momentum, orthogonalisation, scaled and decayed update ("Muon is Scalable for LLM
/// Training", section 2). Every expert's matrices are matrices of their own.
///
/// A thread takes whole matrices, so that one stays in its cache through all iterations.
struct Muon {
  private let tensors: [ParameterDescriptor]
  private let settings: MuonSettings
  /// Of each thread.
  private let assignments: [[Int]]
  private let scratch: [NewtonSchulz]
  private let memory: Storage<Float>

  init(tensors: [ParameterDescriptor], settings: MuonSettings, threads: Int) throws(EngineError) {
    self.tensors = tensors
    self.settings = settings
    assignments = Self.assign(tensors, settings, threads)
    memory = try Storage(count: Self.scratchCount(tensors: tensors, settings: settings, threads: threads))
    var arena = Arena(memory)
    scratch = Self.scratch(&arena, tensors: tensors, assignments, settings.products)
  }

  /// The dearest first, each to the thread with the least to do.
  private static func assign(_ tensors: [ParameterDescriptor], _ settings: MuonSettings, _ threads: Int) -> [[Int]] {
    let costs = tensors.map { NewtonSchulz.cost(rows: $0.shape[0], columns: $0.shape[1], settings: settings) }
    var assignments = Array(repeating: [Int](), count: threads)
    var work = Array(repeating: 0, count: threads)
    // Sorting by cost and then index keeps the assignment the same from run to run.
    for index in costs.indices.sorted(by: { (costs[$1], $0) < (costs[$0], $1) }) {
      var idlest = 0
      for thread in 1..<max(threads, 1) where work[thread] < work[idlest] { idlest = thread }
      assignments[idlest].append(index)
      work[idlest] += costs[index]
    }
    return assignments
  }

  /// For each thread as much as its largest matrices need.
  private static func scratch(
    _ arena: inout Arena, tensors: [ParameterDescriptor], _ assignments: [[Int]], _ products: ProductPrecision
  ) -> [NewtonSchulz] {
    var scratch: [NewtonSchulz] = []
    for indices in assignments {
      let shapes = indices.map { (rows: tensors[$0].shape[0], columns: tensors[$0].shape[1]) }
      scratch.append(NewtonSchulz(&arena, shapes: shapes, products: products))
    }
    return scratch
  }

  /// Floats that `init` allocates for these tensors.
  static func scratchCount(tensors: [ParameterDescriptor], settings: MuonSettings, threads: Int) -> Int {
    var arena = Arena.measuring
    _ = scratch(&arena, tensors: tensors, assign(tensors, settings, threads), settings.products)
    return arena.used
  }

  func step(
    store: any TrainableArrays, momentum: Floats, pool: WorkerPool, learningRate: Float, weightDecay: Float,
    gradientScale: Float
  ) {
    pool.run { thread in
      let iteration = scratch[thread]
      for index in assignments[thread] {
        let tensor = tensors[index]
        let (rows, columns) = (tensor.shape[0], tensor.shape[1])
        let gradients: Floats
        if let stored = store.fullGradients {
          gradients = stored + tensor.offset
        } else {
          store.readGradients(tensor.offset, tensor.count, into: iteration.next)
          gradients = iteration.next
        }
        kernel_momentum(
          gradients, momentum + tensor.offset, iteration.current, settings.momentum, gradientScale,
          settings.useNesterov ? 1 : 0, tensor.count)
        let update = iteration.orthogonalise(rows: rows, columns: columns, settings: settings)
        kernel_decayed_update(
          store.master.base + tensor.offset, update, 1 - learningRate * weightDecay,
          learningRate * settings.scale(rows: rows, columns: columns), tensor.count)
        store.roundWeights(tensor.offset, tensor.count)
      }
    }
  }
}
