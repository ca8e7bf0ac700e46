import ConfigDocument

/// A language server for launch configs (Language Server Protocol 3.17), apart from the streams that it talks over.
///
/// Messages come in one by one; what changes in between is checked when ``publishChanges()`` is called, so that keys that
/// are typed quickly are checked once.
package struct ConfigServer {
  private var workspace: Workspace
  private var phase = Phase.new
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

  /// The findings of every document that has changed since.
  package mutating func publishChanges() -> [ServerMessage] {
    workspace.takeChanged().compactMap { uri in
      guard let document = workspace.document(uri), let analysis = try? workspace.analysis(of: uri) else { return nil }
      let forms = ProtocolForms(analysis: analysis, workspace: workspace)
      var params: ConfigMapping = [
        "uri": .string(uri), "diagnostics": .list(analysis.diagnostics.map(forms.diagnostic)),
      ]
      if document.version != .null { params["version"] = document.version }
      return .notification("textDocument/publishDiagnostics", .mapping(params))
    }
  }

  /// Takes a message, without its header, and answers it.
  package mutating func receive(_ message: [UInt8]) -> [ServerMessage] {
    switch RemoteCall(message) {
    case .response: return []
    case .invalid(let error): return [.error(error, id: .null)]
    case .notification(let method, let params): return notify(method, params)
    case .request(let id, let method, let params):
      do throws(CallError) {
        return [.result(try answer(method, params), id: id)]
      } catch {
        return [.error(error, id: id)]
      }
    }
  }

  /// What to say of something in the stream that is no message.
  package func complaint(about item: MessageStream.Item) -> [ServerMessage] {
    switch item {
    case .message: []
    case .badHeader: [.error(CallError(.parseError, "a message begins with `Content-Length: N`"), id: .null)]
    case .tooLarge(let count):
      [
        .error(
          CallError(
            .invalidRequest, "a message of \(count) bytes is too long: \(MessageStream.largestMessage) at most"),
          id: .null)
      ]
    }
  }

  // MARK: Requests

  private mutating func answer(_ method: String, _ params: ConfigValue) throws(CallError) -> ConfigValue {
    switch (phase, method) {
    case (.new, "initialize"):
      phase = .running
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
      "positionEncoding": "utf-16",
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
    case "textDocument/didOpen":
      if let document = try? OpenDocument(document) { workspace.open(document) }
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
}
