import ConfigDocument
import LanguageServer
import LaunchModel

extension FuzzEntry {
  /// What editors send.
  static let editors: [FuzzEntry] = [
    FuzzEntry("server-stream", seeds: [session(texts[0], named: "a.yaml")], tokens: protocolTokens) { bytes in
      var stream = MessageStream()
      var server = makeServer()
      // In pieces, as pipes deliver them.
      for start in stride(from: 0, to: bytes.count, by: 700) {
        stream.append(bytes[start..<min(start + 700, bytes.count)])
        while let item = stream.next() { _ = server.receive([item]) }
      }
      while server.hasChanges { _ = server.publishNext() }
    },
    // A text at which every request is made, wherever it is broken.
    FuzzEntry("server-text", seeds: texts.map { Array($0.utf8) }, tokens: yamlTokens + fieldTokens) { bytes in
      let text = String(decoding: bytes, as: UTF8.self)
      var server = makeServer()
      for name in ["a.yaml", "a.json"] {
        for message in try messages(text, named: name) { _ = server.receive([.message(message)]) }
        while server.hasChanges { _ = server.publishNext() }
      }
    },
  ]

  private static let texts = [
    "extends: moonlight_16b_pretrain_config\nparallelism:\n  tensor_model_parallel_size: 2\n  \ntrain: {train_iters: 5}\n",
    "{\n  \"model\": {\"num_layers\": 27},\n  \"parallelism\": {}\n}\n",
    "extends: [base.yaml]\nmodel:\n  num_layers: 2 # é\n  moe_layer_freq: [0, 1]\n",
  ]

  private static let protocolTokens =
    [
      "Content-Length: ", "Content-Length: 2\r\n\r\n{}", "\r\n\r\n", "\"method\":", "textDocument/didChange",
      "\"range\":",
      "\"line\": 4294967296", "\"character\": -1", "\"text\":", "null", "\"id\":", "shutdown", "\\ud800",
    ] + yamlTokens

  private struct NoFiles: Error {}

  /// A disk with nothing on it.
  private struct EmptyDisk: ConfigFiles {
    func read(_ path: String) throws -> [UInt8] { throw NoFiles() }
    func readBase(_ path: String) throws -> BaseText { throw NoFiles() }
    func identity(of path: String) -> String { path }
  }

  private static func makeServer() -> ConfigServer {
    ConfigServer(
      ServerSurroundings(
        recipes: recipes, files: { _ in EmptyDisk() }, folder: { _ in [.init(name: "base.yaml", isFolder: false)] }),
      version: "fuzz")
  }

  /// A client that opens a text, changes it and asks for everything at some of its places.
  private static func messages(_ text: String, named name: String) throws -> [[UInt8]] {
    let document: ConfigValue = ["uri": .string("file:///p/" + name)]
    let start: ConfigValue = ["line": 0, "character": 0]
    let lines = text.utf8.count { $0 == UInt8(ascii: "\n") }
    var messages: [ConfigValue] = [
      ["id": 1, "method": "initialize", "params": [:]],
      [
        "method": "textDocument/didOpen",
        "params": [
          "textDocument": ["uri": .string("file:///p/" + name), "version": 1, "text": .string(text)]
        ],
      ],
      [
        "method": "textDocument/didChange",
        "params": [
          "textDocument": ["uri": .string("file:///p/" + name), "version": 2],
          "contentChanges": [["range": ["start": start, "end": start], "text": "\n"]],
        ],
      ],
    ]
    for place in [0, lines / 2, lines + 1] {
      let position: ConfigValue = ["line": .int(place), "character": 3]
      let range: ConfigValue = ["start": start, "end": position]
      for method in ConfigServer.documentMethods {
        messages.append([
          "id": .int(messages.count), "method": .string(method),
          "params": ["textDocument": document, "position": position, "range": range, "context": ["diagnostics": []]],
        ])
      }
    }
    return try messages.map { Array(try FlowText.json($0).utf8) }
  }

  private static func session(_ text: String, named name: String) -> [UInt8] {
    let messages = (try? messages(text, named: name)) ?? []
    return messages.flatMap { Array(MessageStream.framed(String(decoding: $0, as: UTF8.self)).utf8) }
  }
}
