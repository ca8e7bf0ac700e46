import ConfigDocument
import Diagnostics

/// `textDocument/documentSymbol`: sections and their fields.
enum DocumentSymbolRequest: DocumentRequest {
  static let method = "textDocument/documentSymbol"
  static let capability = (name: "documentSymbolProvider", value: ConfigValue.bool(true))

  /// Numbers of `SymbolKind`.
  private enum Kind: Int {
    case module = 2
    case property = 7
    case object = 19
  }

  static func answer(_ subject: RequestSubject) throws(CallError) -> ConfigValue {
    let analysis = subject.analysis
    guard analysis.form?.isForeign != true else { return [] }
    return .list((analysis.document.root?.entries ?? []).map { symbol(of: $0, isTop: true, analysis) })
  }

  private static func symbol(of entry: Node.Entry, isTop: Bool, _ analysis: Analysis) -> ConfigValue {
    // What an alias stands for stands elsewhere, but a symbol holds all that belongs to it.
    let isHere = entry.value.range.start >= entry.keyRange.end
    let range = SourceRange(entry.keyRange.start, isHere ? entry.value.range.end : entry.keyRange.end)
    let fields = isHere ? entry.value.entries : nil
    let kind: Kind = fields == nil ? .property : isTop ? .module : .object
    var symbol: ConfigMapping = [
      "name": .string(entry.key.isEmpty ? "\"\"" : entry.key), "kind": .int(kind.rawValue),
      "range": analysis.positions.range(range), "selectionRange": analysis.positions.range(entry.keyRange),
    ]
    if let fields {
      symbol["children"] = .list(fields.map { Self.symbol(of: $0, isTop: false, analysis) })
    } else {
      symbol["detail"] = .string(shortened(FlowText.yaml(entry.value.value(in: .v1_2))))
    }
    return .mapping(symbol)
  }
}
