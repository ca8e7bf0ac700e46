/// One turn of a conversation.
package struct ChatMessage: Hashable, Sendable {
  package enum Role: String, Sendable, CaseIterable {
    case system, user, assistant
  }

  package var role: Role
  package var content: String

  package init(_ role: Role, _ content: String) {
    self.role = role
    self.content = content
  }
}

/// Makes tokens of conversations.
package protocol ChatRenderer: Sendable {
  /// Renders a conversation.
  /// - Parameter generationPrompt: ends with the header of an assistant's turn.
  /// - Throws: ``TokenizerError``.
  func render(_ messages: [ChatMessage], _ tokenizer: any Tokenizer, generationPrompt: Bool) throws -> ChatRendering
}

extension ChatRenderer {
  package func render(_ messages: [ChatMessage], _ tokenizer: any Tokenizer) throws -> ChatRendering {
    try render(messages, tokenizer, generationPrompt: false)
  }
}

/// A rendered conversation.
package struct ChatRendering: Hashable, Sendable {
  package var tokens: [Int32] = []
  /// For each turn: the tokens of its content and its end marker, which the model is to produce.
  package var turns: [(role: ChatMessage.Role, produced: Range<Int>)] = []

  package static func == (left: ChatRendering, right: ChatRendering) -> Bool {
    left.tokens == right.tokens && left.turns.map(\.produced) == right.turns.map(\.produced)
      && left.turns.map(\.role) == right.turns.map(\.role)
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(tokens) }
}

/// How a conversation becomes tokens: each turn is its role's marker, perhaps the role's name and a separator, the
/// content, and an end marker.
package struct ChatTemplate: ChatRenderer, Hashable {
  package let system: Int32
  package let user: Int32
  package let assistant: Int32
  /// Stands between the role's name and the content; `nil` for a template without names.
  package let middle: Int32?
  package let end: Int32
  /// Put in front of conversations that begin otherwise.
  package let defaultSystemMessage: String?

  /// Kimi's template (the `chat_template` of Moonlight-16B-A3B-Instruct):
  /// `<|im_user|>user<|im_middle|>…<|im_end|>`, with a default system turn in front.
  package static func kimi(system: Int32, user: Int32, assistant: Int32, middle: Int32, end: Int32) -> ChatTemplate {
    ChatTemplate(
      system: system, user: user, assistant: assistant, middle: middle, end: end,
      defaultSystemMessage: "You are a helpful assistant")
  }

  /// Marker, content, end: for tokenizers where every character costs a token.
  package static func plain(system: Int32, user: Int32, assistant: Int32, end: Int32) -> ChatTemplate {
    ChatTemplate(
      system: system, user: user, assistant: assistant, middle: nil, end: end, defaultSystemMessage: nil)
  }

  private func marker(_ role: ChatMessage.Role) -> Int32 {
    switch role {
    case .system: system
    case .user: user
    case .assistant: assistant
    }
  }

  private func header(_ role: ChatMessage.Role, _ tokenizer: any Tokenizer) throws -> [Int32] {
    guard let middle else { return [marker(role)] }
    return [marker(role)] + (try tokenizer.encode(role.rawValue, recognizesSpecialTokens: false)) + [middle]
  }

  /// Renders a conversation. Special tokens written out in a content stay plain text.
  /// - Parameter generationPrompt: ends with the header of an assistant's turn.
  /// - Throws: ``TokenizerError``.
  package func render(
    _ messages: [ChatMessage], _ tokenizer: any Tokenizer, generationPrompt: Bool
  ) throws -> ChatRendering {
    var messages = messages
    if let defaultSystemMessage, messages.first?.role != .system {
      messages.insert(ChatMessage(.system, defaultSystemMessage), at: 0)
    }
    var rendering = ChatRendering()
    for message in messages {
      rendering.tokens += try header(message.role, tokenizer)
      let start = rendering.tokens.count
      rendering.tokens += try tokenizer.encode(message.content, recognizesSpecialTokens: false)
      rendering.tokens.append(end)
      rendering.turns.append((message.role, start..<rendering.tokens.count))
    }
    if generationPrompt { rendering.tokens += try header(.assistant, tokenizer) }
    return rendering
  }
}
