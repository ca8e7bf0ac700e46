package import ConfigDocument

/// A message of a client (JSON-RPC 2.0).
enum RemoteCall {
  case request(id: ConfigValue, method: String, params: ConfigValue)
  case notification(method: String, params: ConfigValue)
  /// An answer of the client's, which this server never waits for.
  case response
  case invalid(CallError)

  /// What has come in over a stream.
  init(_ item: MessageStream.Item) {
    switch item {
    case .message(let bytes): self.init(bytes)
    case .badHeader: self = .invalid(CallError(.parseError, "a message begins with `Content-Length: N`"))
    case .tooLarge(let count):
      self = .invalid(
        CallError(
          .invalidRequest, "a message of \(count) bytes is too long: \(MessageStream.largestMessage) at most"))
    }
  }

  private init(_ bytes: [UInt8]) {
    let document = DocumentReader.read(bytes: bytes, name: "message", format: .json)
    guard let root = document.root else {
      self = .invalid(CallError(.parseError, document.diagnostics.first?.message ?? "no JSON"))
      return
    }
    let message = root.value(in: .v1_2)
    guard case .mapping = message else {
      self = .invalid(CallError(.invalidRequest, "a message is an object"))
      return
    }
    let params = message["params"] ?? .mapping(ConfigMapping())
    switch (message["method"], message["id"]) {
    case (.string(let method)?, nil): self = .notification(method: method, params: params)
    case (.string(let method)?, let id?): self = .request(id: id, method: method, params: params)
    case (nil, _?) where message["result"] != nil || message["error"] != nil: self = .response
    default: self = .invalid(CallError(.invalidRequest, "a message has a method"))
    }
  }

  /// The request that a client takes back by this.
  var cancelledID: ConfigValue? {
    if case .notification("$/cancelRequest", let params) = self { params["id"] } else { nil }
  }
}

/// Why a request has no result.
struct CallError: Error {
  /// The numbers of JSON-RPC 2.0 and of the protocol.
  enum Code: Int {
    case parseError = -32700
    case invalidRequest = -32600
    case methodNotFound = -32601
    case invalidParams = -32602
    case serverNotInitialized = -32002
    case requestCancelled = -32800
  }

  let code: Code
  let message: String

  init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }
}

/// A message of the server.
package struct ServerMessage: Sendable {
  package let value: ConfigValue

  static func result(_ result: ConfigValue, id: ConfigValue) -> ServerMessage {
    ServerMessage(value: ["jsonrpc": "2.0", "id": id, "result": result])
  }

  static func error(_ error: CallError, id: ConfigValue) -> ServerMessage {
    let body: ConfigValue = ["code": .int(error.code.rawValue), "message": .string(error.message)]
    return ServerMessage(value: ["jsonrpc": "2.0", "id": id, "error": body])
  }

  static func request(_ method: String, _ params: ConfigValue, id: ConfigValue) -> ServerMessage {
    var body: ConfigMapping = ["jsonrpc": "2.0", "id": id, "method": .string(method)]
    if params != .null { body["params"] = params }
    return ServerMessage(value: .mapping(body))
  }

  static func notification(_ method: String, _ params: ConfigValue) -> ServerMessage {
    ServerMessage(value: ["jsonrpc": "2.0", "method": .string(method), "params": params])
  }

  /// As it goes over the stream; nothing that a server says has a number that JSON does not.
  package var framed: String { MessageStream.framed((try? FlowText.json(value)) ?? "{}") }
}

extension ConfigValue {
  /// The value of a key; `nil` for what is no object or lacks it.
  subscript(_ key: String) -> ConfigValue? {
    if case .mapping(let mapping) = self { mapping[key] } else { nil }
  }

  var text: String? { if case .string(let text) = self { text } else { nil } }
  var number: Int? { if case .int(let number) = self { number } else { nil } }
  var items: [ConfigValue]? { if case .list(let items) = self { items } else { nil } }
}
