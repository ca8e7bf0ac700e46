import ConfigDocument
import Exporters
import Foundation
import Testing

@testable import LaunchModel

/// What the real parser and validation of each release's Megatron-LM made of the argument lists, held against what
/// Megatron-Bridge made of the same configs. Tests/Reference/megatron_lm_exports.py wrote it.
@Suite struct ParsedArgumentsTests {
  static let fixtures = Goldens.answers("megatron_lm.json")

  static func answer(_ example: ExportCase) throws -> Node? { try fixtures[example.release]?.get()[example.name] }

  /// A list that has changed since has to be parsed again.
  @Test(arguments: ExportCase.all.filter(\.fitsMegatronLM))
  func listIsTheOneThatWasParsed(_ example: ExportCase) throws {
    let recorded = try Self.answer(example)?["sha256"]?.scalar?.text
    let text = MegatronLMArguments.text(of: example.config, as: .lines).value
    #expect(
      recorded == SHA256.hexadecimal(of: Array(text.utf8)),
      "run Tests/Reference/megatron_lm_exports.py in the environment of its README")
  }

  @Test(arguments: ExportCase.all.filter(\.fitsMegatronLM))
  func realParserAcceptsIt(_ example: ExportCase) throws {
    let answer = try #require(try Self.answer(example))
    #expect(answer["accepted"]?.plainValue == .bool(true), "\(answer["error"]?.scalar?.text ?? "")")
  }

  /// What both build of a config is the same, field by field; where Megatron-LM cannot, the export says so.
  ///
  /// Of the oldest release alone: which differences mean nothing in the newer ones has not been sorted out.
  @Test(arguments: ExportCase.all.filter { $0.fitsMegatronLM && $0.release == .bridge031 })
  func everyDifferenceIsMentioned(_ example: ExportCase) throws {
    let answer = try #require(try Self.answer(example))
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
