/// One thing that a pipeline stage can hold; the raw value is Megatron's name for it in a list of lists.
public enum LayoutElement: String, Hashable, Sendable, CaseIterable {
  case embedding
  case decoder
  /// A multi-token-prediction layer.
  case mtp
  case loss

  /// Its letter in Megatron's layout string.
  public var letter: Character {
    switch self {
    case .embedding: "E"
    case .decoder: "t"
    case .mtp: "m"
    case .loss: "L"
    }
  }

  init?(letter: Unicode.Scalar) {
    switch letter {
    case "E": self = .embedding
    case "t": self = .decoder
    case "m": self = .mtp
    case "L": self = .loss
    default: return nil
    }
  }
}

/// One element of a layout, by stage and by place within the stage, both from 0.
public struct LayoutPosition: Hashable, Sendable {
  /// Index of the stage in Megatron's order: `vp_rank * PP + pp_rank`.
  public let stage: Int
  public let element: Int
}
