import ConfigDocument
import Diagnostics

/// A request about one open document. A new one is one type in one file of its name, and one line in ``all``.
protocol DocumentRequest: Sendable {
  static var method: String { get }
  /// The entry of `ServerCapabilities` that says that it is answered.
  static var capability: (name: String, value: ConfigValue) { get }
  static func answer(_ subject: RequestSubject) throws(CallError) -> ConfigValue
}

enum DocumentRequests {
  static let all: [any DocumentRequest.Type] = [
    HoverRequest.self, CompletionRequest.self, CodeActionRequest.self, DefinitionRequest.self,
    DocumentSymbolRequest.self, InlayHintRequest.self,
  ]
}

/// What a request is about.
struct RequestSubject {
  let analysis: Analysis
  let workspace: Workspace
  let params: ConfigValue

  var forms: ProtocolForms { ProtocolForms(analysis: analysis, workspace: workspace) }

  /// Where the cursor is.
  func offset() throws(CallError) -> Int { try analysis.positions.offset(params["position"]) }

  /// The part of the document that is asked about.
  func range() throws(CallError) -> SourceRange { try analysis.positions.range(params["range"]) }
}
