import ConfigDocument
import Exporters
import Foundation
import Testing

@testable import LaunchModel

/// What the real parser and validation of Megatron-LM core_v0.16.1 made of the argument lists, held against what
/// Megatron-Bridge made of the same configs. Tests/Reference/megatron_lm_exports.py wrote it.
@Suite struct ParsedArgumentsTests {
  static let fixture: Result<Node, any Error> = Result {
    let text = try Goldens.text("megatron_lm.json")
    return try #require(DocumentReader.read(text: text, name: "megatron_lm.json", format: .json).root)
  }

  /// A list that has changed since has to be parsed again.
  @Test(arguments: ExportCase.all.filter(\.fitsMegatronLM))
  func listIsTheOneThatWasParsed(_ example: ExportCase) throws {
    let recorded = try Self.fixture.get()[example.name]?["sha256"]?.scalar?.text
    let text = MegatronLMArguments.text(of: example.config, as: .lines).value
    #expect(
      recorded == SHA256.hexadecimal(of: Array(text.utf8)),
      "run Tests/Reference/megatron_lm_exports.py in the environment of its README")
  }

  @Test(arguments: ExportCase.all.filter(\.fitsMegatronLM))
  func realParserAcceptsIt(_ example: ExportCase) throws {
    let answer = try #require(try Self.fixture.get()[example.name])
    #expect(answer["accepted"]?.plainValue == .bool(true), "\(answer["error"]?.scalar?.text ?? "")")
  }

  /// What both build of a config is the same, field by field; where Megatron-LM cannot, the export says so.
  @Test(arguments: ExportCase.all.filter(\.fitsMegatronLM))
  func everyDifferenceIsMentioned(_ example: ExportCase) throws {
    let answer = try #require(try Self.fixture.get()[example.name])
    guard case .int(let compared)? = answer["compared"]?.plainValue else {
      Issue.record("nothing was compared")
      return
    }
    #expect(compared > 480)
    guard case .mapping(let differences)? = answer["differs"]?.plainValue else {
      Issue.record("there is no list of differences")
      return
    }
    let mentioned = Set(MegatronLMArguments.arguments(of: example.config).notes.map(\.path.description))
    for difference in differences.entries {
      #expect(mentioned.contains(difference.key), "\(difference.key): \(difference.value)")
    }
  }
}
