/// A tokenized example of a fine-tuning set.
package struct SupervisedRow: Hashable, Sendable {
  package var tokens: [Int32]
  /// Whether the model is to produce a token; as long as `tokens`.
  package var produced: [Bool]
  package var line: Int
}

/// How rows of a fine-tuning set are read.
package struct SupervisedOptions: Hashable, Sendable {
  /// Which tokens count in the loss.
  package enum LossOn: String, Sendable, CaseIterable {
    /// Completions; in a conversation every turn of the assistant.
    case assistant
    /// The last turn of the assistant alone.
    case lastTurn = "last_turn"
    case full
  }

  /// What happens to a row that is longer than a sequence.
  package enum Truncation: String, Sendable, CaseIterable {
    /// The run ends with the row's line and length.
    case error
    /// What does not fit is cut off at the end; a row that keeps nothing to produce is an error still.
    case right
  }

  package var sequenceLength: Int
  package var vocabularySize: Int
  package var lossOn = LossOn.assistant
  package var truncation = Truncation.error
  /// Keys of prompt and completion, the first that is there: Megatron-Bridge reads both pairs of names.
  package var promptKeys = ["prompt", "input"]
  package var completionKeys = ["completion", "output"]
  /// Key of a text that is learned as a whole.
  package var textKey = "text"
  /// Stands between prompt and completion.
  package var separator = ""
  package var addBOS = false
  package var addEOS = true

  package init(sequenceLength: Int, vocabularySize: Int) {
    self.sequenceLength = sequenceLength
    self.vocabularySize = vocabularySize
  }
}

extension SupervisedRow {
  /// Reads and tokenizes a JSON-lines file of prompt and completion, of conversations, or of texts.
  ///
  /// A row is a conversation if it has `conversations` (turns of `from` and `value`), `messages` (turns of `role` and
  /// `content`) or `conversation`, in this precedence; a `system` beside it becomes the first turn.
  /// Prompt and completion are tokenized separately and stripped of white space around them, as Megatron-Bridge does;
  /// special tokens written out in a row stay plain text.
  /// All rows of a file are of one kind, as Megatron-Bridge's classes want it.
  /// - Throws: ``SystemError``, ``DatasetError`` with the line.
  package static func read(
    _ path: String, _ tokenizer: any Tokenizer, _ options: SupervisedOptions
  ) throws -> [SupervisedRow] {
    try DatasetError.checkSequenceLength(options.sequenceLength, file: path)
    var rows: [SupervisedRow] = []
    var first: SupervisedFields.Form?
    let lines = try JSONLines(path)
    try lines.eachLine { cursor, line in
      var fields = SupervisedFields()
      try fields.read(&cursor, options)
      do {
        let row = try fields.row(tokenizer, options, line: line)
        rows.append(try row.checked(options, line: line, file: path))
        let form = fields.form(options)
        if let form, let first, form != first {
          throw SupervisedFields.Problem(
            message: "the row is \(form.rawValue), and those before it are each \(first.rawValue): "
              + "a file holds one kind")
        }
        first = form
      } catch let error as SupervisedFields.Problem {
        throw DatasetError(error.message, file: path, line: line)
      }
    }
    return rows
  }

  /// Cuts or refuses a row that is too long, and one without anything to learn.
  private func checked(_ options: SupervisedOptions, line: Int, file: String) throws -> SupervisedRow {
    if let outside = tokens.first(where: { $0 < 0 || Int($0) >= options.vocabularySize }) {
      throw DatasetError(
        "token \(outside) lies outside the model's vocabulary of \(options.vocabularySize)", file: file, line: line)
    }
    var row = self
    // A sequence of n inputs has n targets: n + 1 tokens.
    let limit = options.sequenceLength + 1
    if tokens.count > limit {
      let completion = produced.count { $0 }
      guard options.truncation == .right else {
        throw DatasetError(
          "the row has \(tokens.count) tokens, \(completion) of them to be produced; "
            + "a sequence of \(options.sequenceLength) holds \(limit)", file: file, line: line)
      }
      row.tokens = Array(tokens[..<limit])
      row.produced = Array(produced[..<limit])
    }
    guard row.produced.dropFirst().contains(true) else {
      throw DatasetError(
        tokens.count > limit
          ? "the prompt alone fills the \(limit) tokens of a sequence" : "the row has nothing to be produced",
        file: file, line: line)
    }
    return row
  }
}

/// The fields of one row that matter, in the order of the file.
private struct SupervisedFields {
  struct Problem: Error {
    let message: String
  }

  /// What a row is.
  enum Form: String {
    case conversation = "a conversation"
    case pair = "a prompt with its completion"
    case text = "a text"
  }

  private var keys: [String] = []
  private var texts: [String: String] = [:]
  private var conversations: [String: [ChatMessage]] = [:]
  private static let conversationKeys = ["conversations", "messages", "conversation"]

  mutating func read(_ cursor: inout JSONCursor, _ options: SupervisedOptions) throws {
    let textKeys = options.promptKeys + options.completionKeys + ["system", options.textKey]
    try cursor.object { cursor, key in
      keys.append(key)
      if Self.conversationKeys.contains(key) {
        conversations[key] = try Self.messages(&cursor)
      } else if textKeys.contains(key) {
        texts[key] = try cursor.string()
      } else {
        try cursor.skip()
      }
    }
  }

  private static func messages(_ cursor: inout JSONCursor) throws -> [ChatMessage] {
    var messages: [ChatMessage] = []
    try cursor.array { cursor in
      var role: ChatMessage.Role?
      var content: String?
      try cursor.object { cursor, key in
        switch key {
        case "role", "from":
          let name = try cursor.string()
          role = Self.role(name)
          if role == nil { throw cursor.error("the role \"\(name)\" is none of system, user, assistant") }
        case "content", "value": content = try cursor.string()
        default: try cursor.skip()
        }
      }
      guard let role, let content else { throw cursor.error("a turn needs a role and a content") }
      messages.append(ChatMessage(role, content))
    }
    return messages
  }

  /// ShareGPT's names beside the usual ones.
  private static func role(_ name: String) -> ChatMessage.Role? {
    switch name.lowercased() {
    case "system": .system
    case "user", "human": .user
    case "assistant", "gpt": .assistant
    default: nil
    }
  }

  /// `nil` for a row that is nothing to learn from.
  func form(_ options: SupervisedOptions) -> Form? {
    if Self.conversationKeys.contains(where: { conversations[$0] != nil }) { return .conversation }
    let isPair = [options.promptKeys, options.completionKeys].allSatisfy { $0.contains { texts[$0] != nil } }
    return isPair ? .pair : texts[options.textKey] != nil ? .text : nil
  }

  func row(_ tokenizer: any Tokenizer, _ options: SupervisedOptions, line: Int) throws -> SupervisedRow {
    if let key = Self.conversationKeys.first(where: { conversations[$0] != nil }), var messages = conversations[key] {
      if let system = texts["system"], messages.first?.role != .system {
        messages.insert(ChatMessage(.system, system), at: 0)
      }
      return try conversation(messages, tokenizer, options, line)
    }
    guard let prompt = options.promptKeys.lazy.compactMap({ texts[$0] }).first,
      let completion = options.completionKeys.lazy.compactMap({ texts[$0] }).first
    else {
      if let text = texts[options.textKey] { return try pair("", text, tokenizer, options, line) }
      let pairs = zip(options.promptKeys, options.completionKeys).map { "\"\($0)\" and \"\($1)\"" }
      let found = keys.prefix(5).map { "\"\($0)\"" }.joined(separator: ", ") + (keys.count > 5 ? ", …" : "")
      throw Problem(
        message: "the row has neither messages nor \(pairs.joined(separator: ", nor "))"
          + ", nor \"\(options.textKey)\"; "
          + (keys.isEmpty ? "it has no keys" : "its keys are \(found)"))
    }
    return try pair(prompt, completion, tokenizer, options, line)
  }

  private func pair(
    _ prompt: String, _ completion: String, _ tokenizer: any Tokenizer, _ options: SupervisedOptions, _ line: Int
  ) throws -> SupervisedRow {
    let encode = { try tokenizer.encode($0, recognizesSpecialTokens: false) }
    var tokens = options.addBOS ? tokenizer.bos.map { [$0] } ?? [] : []
    tokens += try encode(stripped(prompt) + options.separator)
    let start = tokens.count
    let answer = try encode(stripped(completion))
    guard !answer.isEmpty else {
      throw Problem(message: prompt.isEmpty ? "the text is empty" : "the completion is empty")
    }
    tokens += answer
    if options.addEOS, let eos = tokenizer.eos { tokens.append(eos) }
    let full = options.lossOn == .full
    return SupervisedRow(
      tokens: tokens, produced: tokens.indices.map { full || $0 >= start }, line: line)
  }

  private func conversation(
    _ messages: [ChatMessage], _ tokenizer: any Tokenizer, _ options: SupervisedOptions, _ line: Int
  ) throws -> SupervisedRow {
    guard let template = tokenizer.chatTemplate else {
      throw Problem(message: "the tokenizer \(tokenizer.name) has no chat template")
    }
    guard messages.contains(where: { $0.role == .assistant }) else {
      throw Problem(message: "the conversation has no turn of the assistant")
    }
    let rendering = try template.render(messages, tokenizer)
    var produced = [Bool](repeating: options.lossOn == .full, count: rendering.tokens.count)
    var turns = rendering.turns.filter { $0.role == .assistant }
    if options.lossOn == .lastTurn { turns = turns.suffix(1) }
    for turn in turns { for index in turn.produced { produced[index] = true } }
    return SupervisedRow(tokens: rendering.tokens, produced: produced, line: line)
  }

  private func stripped(_ text: String) -> String {
    let body = text.drop { $0.isWhitespace }
    guard let last = body.lastIndex(where: { !$0.isWhitespace }) else { return "" }
    return String(body[...last])
  }
}
