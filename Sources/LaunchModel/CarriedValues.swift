import ConfigDocument

/// Fields of Megatron's without a property, as rules and estimates ask for them.
extension Section {
  /// Whether a switch is written, and on.
  package func isOn(_ name: String) -> Bool { carried(name) == .bool(true) }

  /// Whether a field is written, and not null.
  package func isSet(_ name: String) -> Bool { (carried(name) ?? .null) != .null }

  package func integer(_ name: String) -> Int? { carried(name).flatMap(Int.init) }

  package func number(_ name: String) -> Double? { carried(name).flatMap(Double.init) }

  package func text(_ name: String) -> String? { carried(name).flatMap(String.init) }

  /// A list of words, or words with commas between them; none where the field is not written.
  package func words(_ name: String) -> [String] {
    switch carried(name) {
    case .string(let text)? where !text.isEmpty:
      text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    case .list(let items)?: items.compactMap(String.init)
    default: []
    }
  }
}
