import ConfigDocument

/// A language server for launch configs (Language Server Protocol 3.17), apart from the streams that it talks over.
///
/// What changes is checked when ``publishNext()`` is called, so that keys that are typed quickly are checked once.
package struct ConfigServer {
  private var workspace: Workspace
  private var phase = Phase.new
  private var client = ClientCapabilities(nil)
  /// Requests of the server's own so far; their answers say nothing.
  private var ownRequests = 0
  private let version: String

  private enum Phase {
    case new, running, shutDown
  }

  /// Set when the client has asked the server to end: whether it did so in the right order.
  package private(set) var endsOrderly: Bool?

  package init(_ surroundings: ServerSurroundings, version: String) {
    workspace = Workspace(surroundings)
    self.version = version
  }

  /// The requests about one document that are answered.
  package static var documentMethods: [String] { DocumentRequests.all.map { $0.method } }

  /// Whether there are documents whose findings the client does not know yet.
  package var hasChanges: Bool { !workspace.changed.isEmpty }

  /// The findings of one document that has changed: first of the one that was edited last, then of those that build on it,
  /// so that many of these do not keep a writer waiting.
  package mutating func publishNext() -> [ServerMessage] {
    guard let uri = workspace.takeChanged(), let document = workspace.document(uri),
      let analysis = try? workspace.analysis(of: uri)
    else { return [] }
    let forms = ProtocolForms(analysis: analysis, workspace: workspace)
    var params: ConfigMapping = [
      "uri": .string(uri), "diagnostics": .list(analysis.diagnostics.map(forms.diagnostic)),
    ]
    if document.version != .null { params["version"] = document.version }
    var messages = [ServerMessage.notification("textDocument/publishDiagnostics", .mapping(params))]
    // An editor asks anew for the hints of what is edited in it, and of nothing else.
    if workspace.changed.isEmpty, workspace.takeChangedByBases(), client.refreshesHints {
      messages.append(request("workspace/inlayHint/refresh", .null))
    }
    return messages
  }

  /// Takes what has come in, in its order, and answers it. What is taken back further behind is not worked on.
  package mutating func receive(_ items: [MessageStream.Item]) -> [ServerMessage] {
    let calls = items.map(RemoteCall.init)
    let cancelled = Set(calls.compactMap(\.cancelledID))
    var messages: [ServerMessage] = []
    for call in calls where endsOrderly == nil {
      switch call {
      case .response: break
      case .invalid(let error): messages.append(.error(error, id: .null))
      case .notification(let method, let params): messages += notify(method, params)
      case .request(let id, _, _) where cancelled.contains(id):
        messages.append(.error(CallError(.requestCancelled, "taken back"), id: id))
      case .request(let id, let method, let params):
        do throws(CallError) {
          messages.append(.result(try answer(method, params), id: id))
        } catch {
          messages.append(.error(error, id: id))
        }
      }
    }
    return messages
  }

  private mutating func request(_ method: String, _ params: ConfigValue) -> ServerMessage {
    ownRequests += 1
    return .request(method, params, id: .string("moonlight-\(ownRequests)"))
  }

  // MARK: Requests

  private mutating func answer(_ method: String, _ params: ConfigValue) throws(CallError) -> ConfigValue {
    switch (phase, method) {
    case (.new, "initialize"):
      phase = .running
      client = ClientCapabilities(params["capabilities"])
      workspace.encoding = client.encoding
      return capabilities
    case (.new, _): throw CallError(.serverNotInitialized, "`initialize` comes first")
    case (.running, "initialize"), (.shutDown, _): throw CallError(.invalidRequest, "`\(method)` comes too late")
    case (.running, "shutdown"):
      phase = .shutDown
      return .null
    case (.running, _): break
    }
    guard let request = DocumentRequests.all.first(where: { $0.method == method }) else {
      throw CallError(.methodNotFound, "there is no `\(method)` here")
    }
    guard let uri = params["textDocument"]?["uri"]?.text else {
      throw CallError(.invalidParams, "`\(method)` is about a document")
    }
    let analysis = try workspace.analysis(of: uri)
    return try request.answer(RequestSubject(analysis: analysis, workspace: workspace, params: params))
  }

  private var capabilities: ConfigValue {
    var capabilities: ConfigMapping = [
      "positionEncoding": .string(client.encoding.rawValue),
      // Every change is sent, as a range and its new text.
      "textDocumentSync": ["openClose": true, "change": 2],
    ]
    for request in DocumentRequests.all { capabilities[request.capability.name] = request.capability.value }
    return [
      "capabilities": .mapping(capabilities), "serverInfo": ["name": "moonlight", "version": .string(version)],
    ]
  }

  // MARK: Notifications

  /// A notification has no answer, so one that cannot be followed is passed over.
  private mutating func notify(_ method: String, _ params: ConfigValue) -> [ServerMessage] {
    if method == "exit" {
      endsOrderly = phase == .shutDown
      return []
    }
    guard phase == .running else { return [] }
    let document = params["textDocument"]
    switch method {
    case "initialized":
      return client.watchesFiles ? [request("client/registerCapability", Self.watchedFiles)] : []
    case "textDocument/didOpen":
      if let document = try? OpenDocument(document, workspace.encoding) { workspace.open(document) }
    case "textDocument/didChange":
      guard let uri = document?["uri"]?.text, let changes = params["contentChanges"]?.items else { return [] }
      try? workspace.change(uri, changes, version: document?["version"] ?? .null)
    case "textDocument/didClose":
      guard let uri = document?["uri"]?.text, workspace.document(uri) != nil else { return [] }
      workspace.close(uri)
      // What is closed has no findings.
      return [.notification("textDocument/publishDiagnostics", ["uri": .string(uri), "diagnostics": []])]
    case "workspace/didChangeWatchedFiles":
      workspace.noteChange(ofFiles: (params["changes"]?.items ?? []).compactMap { $0["uri"]?.text })
    default: break
    }
    return []
  }

  /// Configs build on files that no editor has open.
  private static let watchedFiles: ConfigValue = [
    "registrations": [
      [
        "id": "files", "method": "workspace/didChangeWatchedFiles",
        "registerOptions": ["watchers": [["globPattern": "**/*.{yaml,yml,json}"]]],
      ]
    ]
  ]
}
