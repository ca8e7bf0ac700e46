import Foundation
import Testing

@testable import Training

/// Jinja templates against transformers.
@Suite("Chat templates in Jinja") struct ChatTemplateTests {
  private struct Fixture: Decodable {
    let templates: [String: String]
    let cases: [Case]

    struct Case: Decodable {
      let name: String
      let messages: [[String]]
      let generation: Bool
      let text: String?
      /// What the template raises.
      let error: String?

      var turns: [ChatMessage] {
        messages.compactMap { turn in ChatMessage.Role(rawValue: turn[0]).map { ChatMessage($0, turn[1]) } }
      }
    }

    static func load() throws -> Fixture {
      try JSONDecoder().decode(Fixture.self, from: Data(try fixtureBytes("tokenizer/chat_templates.json")))
    }

    func template(_ name: String) throws -> JinjaChatTemplate {
      try JinjaChatTemplate(
        templates[name] ?? "", file: "t", specialTokens: ["bos_token": "<bos>", "eos_token": "<eos>"])
    }
  }

  @Test("every conversation becomes the text that transformers makes of it, or its error")
  func rendersAsTransformers() throws {
    let fixture = try Fixture.load()
    #expect(fixture.cases.count == 70)
    for item in fixture.cases {
      let template = try fixture.template(item.name)
      if let error = item.error {
        let said = message { _ = try template.text(item.turns, generationPrompt: item.generation) }
        #expect(said == "t: chat_template: \(error)", "\(item.name)")
      } else {
        let found = try template.text(item.turns, generationPrompt: item.generation)
        #expect(found == item.text, "\(item.name): \(item.messages)")
      }
    }
  }

  @Test(
    "what an assistant says, with its end marker, is what the model is to produce", arguments: ["markers", "words"])
  func tellsTurns(name: String) throws {
    let template = try Fixture.load().template(name)
    let tokenizer = ByteTokenizer()
    let messages = [
      ChatMessage(.user, "1+1?"), ChatMessage(.assistant, "2"), ChatMessage(.user, "2+2?"),
      ChatMessage(.assistant, "four"),
    ]
    let rendering = try template.render(messages, tokenizer)
    #expect(tokenizer.decode(rendering.tokens) == (try template.text(messages, generationPrompt: false)))
    let said = rendering.turns.filter { $0.role == .assistant }.map { tokenizer.decode(rendering.tokens[$0.produced]) }
    #expect(said == (name == "markers" ? ["2<|e|>", "four<|e|>"] : [" 2<eos>", " four<eos>"]))
  }

  @Test("a template whose later turns change earlier ones is refused for training")
  func refusesChangingTurns() throws {
    let template = try Fixture.load().template("slices")
    let messages = [
      ChatMessage(.user, "a"), ChatMessage(.assistant, "<think>\nx\n</think>\n\nb"), ChatMessage(.user, "c"),
      ChatMessage(.assistant, "d"),
    ]
    #expect(message { _ = try template.render(messages, ByteTokenizer()) }?.contains("later turns change") == true)
  }

  @Test(
    "what is not known is an error, never passed over",
    arguments: [
      "{% include 'x' %}", "{% macro f() %}{% endmacro %}", "{{ x | tojson }}", "{{ x is divisibleby }}", "{{ f(1) }}",
      "{{ 'a'.title() }}", "{% if true %}", "{% endif %}", "{{ a b }}", "{{ 1 / 2 }}", "{{ 'open }}", "{{ [1, 2",
      "{% for x %}{% endfor %}",
      "{{ undefined_thing.member }}", "{{ [1] }}", "{% set x.y = 1 %}",
    ])
  func refuses(template: String) {
    #expect(
      message {
        _ = try JinjaChatTemplate(template, file: "t", specialTokens: [:]).text([], generationPrompt: false)
      }?.hasPrefix("t: chat_template: ") == true)
  }
}
