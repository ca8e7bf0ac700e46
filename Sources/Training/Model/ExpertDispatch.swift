/// Which rows go to which expert: the choices of all tokens, sorted by expert into consecutive slots.
struct ExpertDispatch {
  /// [tokens * top-k] by token: the expert chosen, and the slot it got.
  let choices: UnsafeMutablePointer<Int32>
  let slots: UnsafeMutablePointer<Int32>
  /// [tokens * top-k] by token and by slot: the expert's weight.
  let choiceWeights: Floats
  let slotWeights: Floats
  /// [tokens * top-k] by slot
  let tokens: UnsafeMutablePointer<Int32>
  /// [experts + 1]: the first slot of each expert
  let starts: UnsafeMutablePointer<Int32>
  /// [experts]: the experts of each thread's share, the busiest first
  let order: UnsafeMutablePointer<Int32>

  init(_ arena: inout Arena, shape: ModelShape, tokens count: Int) {
    let routed = count * shape.numExpertsPerTok
    choices = arena.integers(routed)
    slots = arena.integers(routed)
    choiceWeights = arena.floats(routed)
    slotWeights = arena.floats(routed)
    tokens = arena.integers(routed)
    starts = arena.integers(shape.nRoutedExperts + 1)
    order = arena.integers(shape.nRoutedExperts)
  }

  func slots(of expert: Int) -> Range<Int> { Int(starts[expert])..<Int(starts[expert + 1]) }

  /// Sorts the choices (a counting sort: within an expert tokens keep their order), and by what they got the experts of each
  /// thread of a pool.
  func assign(tokens count: Int, perToken: Int, experts: Int, _ pool: WorkerPool) {
    for expert in 0...experts { starts[expert] = 0 }
    for choice in 0..<count * perToken { starts[Int(choices[choice]) + 1] += 1 }
    for expert in 0..<experts { starts[expert + 1] += starts[expert] }
    for token in 0..<count {
      for choice in token * perToken..<(token + 1) * perToken {
        let expert = Int(choices[choice])
        let slot = Int(starts[expert])
        starts[expert] += 1
        slots[choice] = Int32(slot)
        tokens[slot] = Int32(token)
        slotWeights[slot] = choiceWeights[choice]
      }
    }
    // Each start has moved to the next one's place.
    for expert in stride(from: experts, to: 0, by: -1) { starts[expert] = starts[expert - 1] }
    starts[0] = 0
    for expert in 0..<experts { order[expert] = Int32(expert) }
    for thread in 0..<pool.threads {
      let share = pool.share(of: experts, thread: thread)
      var byLoad = UnsafeMutableBufferPointer(start: order + share.lowerBound, count: share.count)
      byLoad.sort { first, second in
        let (left, right) = (slots(of: Int(first)).count, slots(of: Int(second)).count)
        return (right, first) < (left, second)
      }
    }
  }
}
