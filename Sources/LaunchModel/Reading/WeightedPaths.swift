import ConfigDocument
import Diagnostics

extension DataPath {
  /// Weights and paths in turn, as Megatron-LM's command line has them, as paths with their weights; `nil` for what is no such
  /// list, nor one of texts alone, which may be paths.
  ///
  /// Source: megatron-core 0.16.1 `datasets/utils.py`, `get_blend_from_list`.
  static func weighted(_ items: [Node]) -> [(path: String, weight: Double)]? {
    guard items.count.isMultiple(of: 2), !items.isEmpty else { return nil }
    var paths: [(path: String, weight: Double)] = []
    var hasNumber = false
    for index in stride(from: 0, to: items.count, by: 2) {
      guard let weight = items[index].scalar, let path = items[index + 1].scalar,
        case .string(let name) = path.value(in: .v1_2), let number = Double(weight.text), number.isFinite
      else { return nil }
      switch weight.value(in: .v1_2) {
      case .int, .float: hasNumber = true
      default: break
      }
      paths.append((name, number))
    }
    return hasNumber ? paths : nil
  }
}

extension SourceFile {
  /// The edit that writes a value on one line where another one stands; `nil` where a comment stands in that one, which would
  /// be lost, and where ``edit(of:to:)`` has none.
  func edit(of node: Node, to value: ConfigValue, as format: TextFormat) -> TextEdit? {
    guard !text(in: node.range).contains("#") else { return nil }
    return (try? value.flowText(as: format)).flatMap { edit(of: node, to: $0) }
  }
}
