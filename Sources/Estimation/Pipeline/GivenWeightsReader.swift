package import ConfigDocument
package import Diagnostics
import LaunchModel
import Topology

/// Reads weights as people give them: `decoder=1,loss=2.5`, or a YAML or JSON file with the same names, with `layers`
/// (one number a decoder layer), or with nothing but the list of layers. Everything wrong is reported.
package struct GivenWeightsReader {
  package private(set) var weights = GivenWeights()
  package private(set) var diagnostics: [Diagnostic] = []
  private let file: SourceFile

  /// - Parameters:
  ///   - text: `name=number` pairs with commas between them.
  ///   - flag: what messages show before the text.
  package init(pairs text: String, flag: String = "--weights") {
    let prefix = text.isEmpty ? flag : flag + " "
    file = SourceFile(name: flag, text: prefix + text)
    var start = prefix.utf8.count
    for pair in text.split(separator: ",", omittingEmptySubsequences: false) {
      readPair(pair, from: start)
      start += pair.utf8.count + 1
    }
  }

  /// - Parameter document: a file that was read; where it is no YAML or JSON, its own diagnostics say so.
  package init(_ document: ParsedDocument) {
    file = document.file
    diagnostics = document.diagnostics.filter { $0.severity == .error }
    guard let root = document.root else { return }
    switch root.content {
    case .sequence(let items): readLayers(items, at: root.range)
    case .mapping(let entries): readEntries(entries, in: root)
    case .scalar:
      report(.wrongType, root.range, "weights are a list of numbers, or names with numbers", help: Self.example)
    }
  }

  private static let example = "such as `decoder: 12.5` and `loss: 31`, or `layers: [12.1, 12.6, ...]`"
  private static let names = GivenWeights.Part.allCases.map(\.rawValue).joined(separator: ", ")

  // MARK: Pairs

  private mutating func readPair(_ pair: Substring, from start: Int) {
    let whole = SourceRange(start, start + pair.utf8.count)
    guard let equals = pair.firstIndex(of: "=") else {
      let shown = pair.isEmpty ? "a weight is missing" : "`\(pair)` has no `=`"
      return report(.wrongType, whole, shown, help: "write names and numbers, such as `decoder=1,dense=0.9,loss=2.5`")
    }
    let (name, nameRange) = Self.trimmed(pair[..<equals], from: start)
    let (value, valueRange) = Self.trimmed(
      pair[pair.index(after: equals)...], from: start + pair[...equals].utf8.count)
    guard let part = part(named: name, at: nameRange) else { return }
    guard weights.parts[part] == nil else {
      return report(.unknownField, nameRange, "`\(name)` is given twice", help: "remove one of them")
    }
    weights.parts[part] = number(Node(.scalar(Scalar(value, .plain)), valueRange), of: name)
  }

  private static func trimmed(_ text: Substring, from start: Int) -> (String, SourceRange) {
    let head = text.prefix { $0 == " " }.utf8.count
    let tail = text.reversed().prefix { $0 == " " }.count
    let kept = text.dropFirst(head).dropLast(min(tail, text.count - head))
    return (String(kept), SourceRange(start + head, start + head + kept.utf8.count))
  }

  // MARK: Files

  private mutating func readEntries(_ entries: [Node.Entry], in root: Node) {
    for entry in entries {
      if entry.key == "layers" {
        if let items = entry.value.items {
          readLayers(items, at: entry.value.range)
        } else {
          report(.wrongType, entry.value.range, "`layers` is a list with one number a decoder layer")
        }
      } else if let part = part(named: entry.key, at: entry.keyRange) {
        weights.parts[part] = number(entry.value, of: entry.key)
      }
    }
    if entries.isEmpty { report(.missing, root.range, "there are no weights", help: Self.example) }
    if root["layers"] != nil, let entry = entries.first(where: { Self.isOfLayers($0.key) }) {
      report(
        .unknownField, entry.keyRange, "`\(entry.key)` and `layers` both give the weights of decoder layers",
        help: "remove one of them")
    }
  }

  private static func isOfLayers(_ name: String) -> Bool {
    switch GivenWeights.Part(rawValue: name) {
    case .decoder, .dense, .moe: true
    case .embedding, .mtp, .loss, nil: false
    }
  }

  private mutating func readLayers(_ items: [Node], at range: SourceRange) {
    guard items.count <= BalanceLimits.layers else {
      return report(
        .outOfRange, range, "\(items.count) layers are more than the \(BalanceLimits.layers) that can be balanced")
    }
    if items.isEmpty { report(.missing, range, "there are no weights", help: Self.example) }
    var layers: [Double] = []
    for (index, item) in items.enumerated() {
      if let number = number(item, of: "layer \(index)") { layers.append(number) }
    }
    weights.layers = layers
    weights.layersPlace = SourceLocation(file, range)
  }

  // MARK: Names and numbers

  private mutating func part(named name: String, at range: SourceRange) -> GivenWeights.Part? {
    if let part = GivenWeights.Part(rawValue: name) { return part }
    let meant =
      switch name.lowercased() {
      case "l", "head", "lm_head", "output", "output_layer": "loss"
      case "e", "embed", "embeddings": "embedding"
      case "t", "layer", "transformer": "decoder"
      case "d", "mlp": "dense"
      case "m": "mtp"
      default: nearestName(to: name, among: GivenWeights.Part.allCases.map(\.rawValue))
      }
    report(
      .unknownField, range, "`\(name)` is no part of the model that has a weight",
      help: meant.map { "did you mean `\($0)`?" } ?? "parts: \(Self.names)")
    return nil
  }

  private mutating func number(_ node: Node, of name: String) -> Double? {
    guard let scalar = node.scalar else {
      report(.wrongType, node.range, "the weight of \(name) is not a number")
      return nil
    }
    let value: Double
    switch scalar.value(in: .v1_2) {
    case .int(let number): value = Double(number)
    case .float(let number): value = number
    default:
      report(
        .wrongType, node.range,
        "the weight of \(name) is " + (scalar.text.isEmpty ? "missing" : "`\(scalar.text)`, which is not a number"))
      return nil
    }
    // Sums of larger ones lose the digits that people see.
    guard value.isFinite, value >= 0, value <= 1e12 else {
      report(
        .outOfRange, node.range, "the weight of \(name) is \(scalar.text), but must be a number from 0 to 1e12")
      return nil
    }
    return value
  }

  private mutating func report(_ rule: FieldRule, _ range: SourceRange, _ message: String, help: String? = nil) {
    diagnostics.append(
      Diagnostic(rule.code, .error, message, help: help, path: "weights", at: SourceLocation(file, range)))
  }
}
