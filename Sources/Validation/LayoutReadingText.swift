package import Topology

extension LayoutReading {
  /// What a layout was understood to mean.
  package var text: String {
    switch self {
    case .megatron: "Megatron's layout string"
    case .lists: "a list of lists"
    case .counts(let counts): counts.text
    case .auto: "balanced by cost"
    }
  }
}

extension ReadCounts {
  /// For example `8+7+7+6 (decoders and embedding)`.
  var text: String { "\(counts.map(String.init).joined(separator: "+")) (\(reading.counted))" }
}

extension CountsReading {
  /// What the numbers count.
  var counted: String {
    switch self {
    case .decodersOnly: "decoders"
    case .embeddingCounted: "decoders and embedding"
    case .embeddingAndLossCounted: "decoders, embedding and loss"
    }
  }
}
