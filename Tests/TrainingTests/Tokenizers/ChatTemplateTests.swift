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

    /// Of released models, made by hand: see Tests/Reference/chat_templates_reference.py.
    static let released = ProcessInfo.processInfo.environment["MOONLIGHT_CHAT_TEMPLATES"]

    func template(_ name: String) throws -> JinjaChatTemplate {
      try JinjaChatTemplate(
        templates[name] ?? "", file: "t", specialTokens: ["bos_token": "<bos>", "eos_token": "<eos>"])
    }
  }

  @Test("every conversation becomes the text that transformers makes of it, or its error")
  func rendersAsTransformers() throws {
    let fixture = try Fixture.load()
    #expect(fixture.cases.count == 11 * 6 * 2)
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

  @Test("templates of released models", .enabled(if: Fixture.released != nil))
  func rendersReleasedTemplates() throws {
    let file = try #require(Fixture.released)
    let fixture = try JSONDecoder().decode(Fixture.self, from: Data(contentsOf: URL(fileURLWithPath: file)))
    var (agreeing, refused) = (0, [String: Int]())
    for item in fixture.cases {
      // What the template raises in transformers, in its own words or in Python's, ours has to refuse, too.
      let said: Result<String, any Error> = Result {
        try fixture.template(item.name).text(item.turns, generationPrompt: item.generation)
      }
      switch said {
      case .success(let text):
        #expect(text == item.text, "\(item.name): \(item.messages)")
        agreeing += text == item.text ? 1 : 0
      case .failure(let error):
        if item.text == nil { agreeing += 1 } else { refused["\(item.name): \(error)", default: 0] += 1 }
      }
    }
    print("\(agreeing) of \(fixture.cases.count) renderings agree")
    for (reason, count) in refused.sorted(by: { $0.key < $1.key }) { print("refused \(count) times: \(reason)") }
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
      "{% include 'x' %}", "{% call f() %}{% endcall %}", "{{ x | tojson }}", "{{ x is divisibleby }}", "{{ f(1) }}",
      "{{ 'a'.title() }}", "{% if true %}", "{% endif %}", "{{ a b }}", "{{ 1 / 2 }}", "{{ 'open }}", "{{ [1, 2",
      "{% for x %}{% endfor %}",
      "{% for x in [1] %}{% macro f() %}{% endmacro %}{% endfor %}", "{% macro f() %}{{ caller() }}{% endmacro %}",
      "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "{% macro f(a) %}{% endmacro %}{{ f(1, 2) }}",
      "{% macro f(a) %}{% endmacro %}{{ f(b=1) }}", "{{ 1 | tojson(sort_keys=true) }}",
      "{{ 'a' | default(value='b') }}",
      "{{ 1 < 2 < 3 }}", "{{ range(0, 10, 3) }}", "{{ strftime_now is defined }}", "{{ 'a'.split() }}",
      "{{ undefined_thing.member }}", "{{ [1] }}", "{% set x.y = 1 %}",
    ])
  func refuses(template: String) {
    #expect(
      message {
        _ = try JinjaChatTemplate(template, file: "t", specialTokens: [:]).text([], generationPrompt: false)
      }?.hasPrefix("t: chat_template: ") == true)
  }
}
