/// A choice with its price, in as few bytes as a search over millions wants.
struct Candidate {
  var tensor: Int32
  var pipeline: Int32
  /// 0 for none.
  var virtualPipeline: Int32
  var context: Int32
  var expert: Int32
  var expertTensor: Int32
  var microBatchSize: Int32
  /// Index among the settings that are searched.
  var recompute: Int32
  /// Seconds a step.
  var time: Double
  /// Bytes of the worst rank.
  var memory: Double

  /// The faster first; of equals the one that needs less memory, then the smaller sizes.
  static func precedes(_ left: Candidate, _ right: Candidate) -> Bool {
    if left.time != right.time { return left.time < right.time }
    if left.memory != right.memory { return left.memory < right.memory }
    return left.sizes.lexicographicallyPrecedes(right.sizes)
  }

  private var sizes: [Int32] {
    [
      tensor + pipeline + context + expertTensor, tensor, pipeline, context, expertTensor, expert, virtualPipeline,
      microBatchSize, recompute,
    ]
  }

  var choice: PlanChoice {
    PlanChoice(
      tensor: Int(tensor), pipeline: Int(pipeline),
      virtualPipeline: virtualPipeline == 0 ? nil : Int(virtualPipeline), context: Int(context), expert: Int(expert),
      expertTensor: Int(expertTensor), microBatchSize: Int(microBatchSize),
      recompute: RecomputeChoice.searched[Int(recompute)])
  }
}

/// The first so many candidates by ``Candidate/precedes(_:_:)``: a heap with the last of them on top.
struct FastestCandidates {
  private let limit: Int
  private var heap: [Candidate] = []

  init(limit: Int) { self.limit = limit }

  var sorted: [Candidate] { heap.sorted(by: Candidate.precedes) }

  mutating func insert(_ candidate: Candidate) {
    if heap.count < limit {
      heap.append(candidate)
      rise(heap.count - 1)
    } else if let last = heap.first, Candidate.precedes(candidate, last) {
      heap[0] = candidate
      sink()
    }
  }

  private mutating func rise(_ start: Int) {
    var index = start
    while index > 0, Candidate.precedes(heap[(index - 1) / 2], heap[index]) {
      heap.swapAt(index, (index - 1) / 2)
      index = (index - 1) / 2
    }
  }

  private mutating func sink() {
    var index = 0
    while true {
      var last = index
      for child in [2 * index + 1, 2 * index + 2]
      where child < heap.count && Candidate.precedes(heap[last], heap[child]) {
        last = child
      }
      guard last != index else { return }
      heap.swapAt(index, last)
      index = last
    }
  }
}
