/// What the numbers of a layout such as `8+7+7+6` count; their sum decides.
public enum CountsReading: Hashable, Sendable, CaseIterable {
  /// The sum is the number of layers.
  case decodersOnly
  /// The sum is one more: the embedding is one slot of the first stage.
  case embeddingCounted
  /// The sum is two more: the embedding is a slot of the first stage, the loss one of the last.
  case embeddingAndLossCounted

  /// How many slots are no decoders.
  package var extraSlots: Int {
    switch self {
    case .decodersOnly: 0
    case .embeddingCounted: 1
    case .embeddingAndLossCounted: 2
    }
  }

  /// The decoders of each stage, or `nil` where the first or last stage has no slot for what it must hold.
  func decoders(in slots: [Int]) -> [Int]? {
    guard !slots.isEmpty else { return nil }
    var decoders = slots
    if extraSlots >= 1 { decoders[0] -= 1 }
    if extraSlots == 2 { decoders[decoders.count - 1] -= 1 }
    return decoders.allSatisfy { $0 >= 0 } ? decoders : nil
  }
}

/// Counts and what they count, as a proposal or as the reading that was taken.
public struct ReadCounts: Hashable, Sendable {
  public let counts: [Int]
  public let reading: CountsReading
}
