/// The `chat_template` of a Hugging Face tokenizer: a Jinja template that makes text of a conversation, which is then read
/// with its special tokens, as `apply_chat_template` does (transformers 5.24.0, utils/chat_template_utils.py).
///
/// A content that spells out a special token becomes that token, there as here.
struct JinjaChatTemplate: ChatRenderer, @unchecked Sendable {
  /// Never changes; its literals hold no namespace, which alone could.
  private let template: JinjaTemplate
  private let file: String
  /// `bos_token` and its like, which templates name.
  private let specialTokens: [String: String]

  /// - Parameter file: what messages call the template.
  /// - Throws: ``TokenizerError`` for a template with something in it that is not known.
  init(_ text: String, file: String, specialTokens: [String: String]) throws {
    do { template = try JinjaTemplate(text) } catch let error as JinjaError {
      throw TokenizerError("chat_template: \(error)", file: file)
    }
    self.file = file
    self.specialTokens = specialTokens
  }

  /// The text of a conversation.
  func text(_ messages: [ChatMessage], generationPrompt: Bool) throws -> String {
    var values = specialTokens.mapValues { JinjaValue.string($0) }
    values["messages"] = .list(
      messages.map { .mapping([("role", .string($0.role.rawValue)), ("content", .string($0.content))]) })
    values["add_generation_prompt"] = .boolean(generationPrompt)
    values["tools"] = .some(.none)
    values["documents"] = .some(.none)
    do { return try template.render(values) } catch let error as JinjaError {
      throw TokenizerError("chat_template: \(error)", file: file)
    }
  }

  /// What an assistant produces is what its turn adds to the conversation before it with the header of its turn; what another
  /// turn adds is all of it.
  func render(
    _ messages: [ChatMessage], _ tokenizer: any Tokenizer, generationPrompt: Bool
  ) throws -> ChatRendering {
    func tokens(_ count: Int, _ generationPrompt: Bool) throws -> [Int32] {
      try tokenizer.encode(try text(Array(messages.prefix(count)), generationPrompt: generationPrompt))
    }
    var rendering = ChatRendering(tokens: try tokens(messages.count, generationPrompt))
    for (index, message) in messages.enumerated() {
      let isAssistant = message.role == .assistant
      guard isAssistant || index > 0 else {
        rendering.turns.append((message.role, 0..<0))
        continue
      }
      let (before, behind) = (try tokens(index, isAssistant), try tokens(index + 1, false))
      guard rendering.tokens.starts(with: before), rendering.tokens.starts(with: behind), behind.count >= before.count
      else {
        guard isAssistant else {
          rendering.turns.append((message.role, 0..<0))
          continue
        }
        throw TokenizerError(
          "chat_template: what turn \(index + 1) adds cannot be told: later turns change those before them", file: file)
      }
      rendering.turns.append((message.role, before.count..<behind.count))
    }
    return rendering
  }
}
