internal import CKernels

/// How the next token is chosen.
package struct SamplingSettings: Sendable, Equatable {
  /// 0 takes the most likely token every time.
  package var temperature: Float
  /// Only this many of the most likely tokens are considered; `nil` means all.
  package var topK: Int?
  /// Only the most likely tokens that together have this share of the probability are considered; 1 means all.
  package var topP: Float
  package var seed: UInt64

  package init(temperature: Float = 0, topK: Int? = nil, topP: Float = 1, seed: UInt64 = 0) {
    self.temperature = temperature
    self.topK = topK
    self.topP = topP
    self.seed = seed
  }
}

/// Draws tokens from logits, in memory taken once.
struct TokenSampler {
  private let settings: SamplingSettings
  private var stream: RandomStream
  /// [vocabulary]
  private var probabilities: [Float]
  /// The likeliest tokens in order, with their probabilities, as far as they were taken from `heap`.
  private var candidates: [Int32]
  private var weights: [Float]
  private var heap: [Int32]

  init(_ settings: SamplingSettings, vocabSize: Int) {
    self.settings = settings
    stream = RandomStream(seed: settings.seed, name: "generate")
    let isDrawn = settings.temperature > 0 && settings.temperature.isFinite
    probabilities = Array(repeating: 0, count: isDrawn ? vocabSize : 0)
    let isSorted = isDrawn && (settings.topK ?? Int.max < vocabSize || settings.topP < 1)
    candidates = Array(repeating: 0, count: isSorted ? vocabSize : 0)
    weights = Array(repeating: 0, count: candidates.count)
    heap = candidates
  }

  mutating func choose(_ logits: UnsafeBufferPointer<Float>) -> Int32 {
    guard !probabilities.isEmpty else { return Self.likeliest(logits) }
    if let topK = settings.topK, topK < logits.count { return drawFromLikeliest(max(topK, 1), logits) }
    for index in logits.indices { probabilities[index] = logits[index] }
    Self.applySoftmax(&probabilities, settings.temperature, count: logits.count)
    guard settings.topP < 1 else {
      var remaining = stream.uniform()
      for index in logits.indices {
        remaining -= Double(probabilities[index])
        if remaining < 0 { return Int32(index) }
      }
      return Int32(logits.count - 1)
    }
    makeHeap(logits)
    var (count, share) = (0, 0.0)
    while count < logits.count, share < Double(settings.topP) {
      candidates[count] = popLikeliest(logits, from: logits.count - count)
      weights[count] = probabilities[Int(candidates[count])]
      share += Double(weights[count])
      count += 1
    }
    return draw(share, from: count)
  }

  /// The first of the likeliest.
  private static func likeliest(_ logits: UnsafeBufferPointer<Float>) -> Int32 {
    var best = 0
    for index in logits.indices where logits[index] > logits[best] { best = index }
    return Int32(best)
  }

  private mutating func drawFromLikeliest(_ topK: Int, _ logits: UnsafeBufferPointer<Float>) -> Int32 {
    makeHeap(logits)
    for index in 0..<topK {
      candidates[index] = popLikeliest(logits, from: logits.count - index)
      weights[index] = logits[Int(candidates[index])]
    }
    Self.applySoftmax(&weights, settings.temperature, count: topK)
    var (count, share) = (topK, 1.0)
    if settings.topP < 1 {
      (count, share) = (0, 0)
      while count < topK, share < Double(settings.topP) {
        share += Double(weights[count])
        count += 1
      }
    }
    return draw(share, from: count)
  }

  /// One of the first `count` candidates, which together have this share.
  private mutating func draw(_ share: Double, from count: Int) -> Int32 {
    var remaining = stream.uniform() * share
    for index in 0..<count {
      remaining -= Double(weights[index])
      if remaining < 0 { return candidates[index] }
    }
    return candidates[count - 1]
  }

  private static func applySoftmax(_ values: inout [Float], _ temperature: Float, count: Int) {
    values.withUnsafeMutableBufferPointer { buffer in
      if let base = buffer.baseAddress { kernel_softmax(base, temperature, count) }
    }
  }

  // MARK: The likeliest first, without sorting all

  /// Ties go to the lower token, so that the choice is the same everywhere.
  private static func isLikelier(_ first: Int32, _ second: Int32, _ logits: UnsafeBufferPointer<Float>) -> Bool {
    (logits[Int(second)], first) < (logits[Int(first)], second)
  }

  private mutating func makeHeap(_ logits: UnsafeBufferPointer<Float>) {
    for index in logits.indices { heap[index] = Int32(index) }
    for index in (0..<logits.count / 2).reversed() { sink(index, logits, count: logits.count) }
  }

  /// - Parameter count: of the tokens in the heap, which then has one less.
  private mutating func popLikeliest(_ logits: UnsafeBufferPointer<Float>, from count: Int) -> Int32 {
    let likeliest = heap[0]
    heap[0] = heap[count - 1]
    sink(0, logits, count: count - 1)
    return likeliest
  }

  private mutating func sink(_ index: Int, _ logits: UnsafeBufferPointer<Float>, count: Int) {
    var parent = index
    while true {
      var top = parent
      for child in 2 * parent + 1...2 * parent + 2
      where child < count && Self.isLikelier(heap[child], heap[top], logits) {
        top = child
      }
      if top == parent { return }
      heap.swapAt(parent, top)
      parent = top
    }
  }
}
