/// Fields of Megatron's classes that a launch config has no place for: functions, and what the classes compute
/// themselves. In a ConfigContainer they are passed over without a word.
enum BridgeOnlyFields {
  static func names(of section: String) -> Set<String> { bySection[section] ?? [] }

  private static let bySection: [String: Set<String>] = {
    var result: [String: Set<String>] = [:]
    for line in bridgeOnlyFieldTable.split(separator: "\n") {
      let names = line.split(separator: " ").map(String.init)
      if let section = names.first { result[section] = Set(names.dropFirst()) }
    }
    return result
  }()
}
