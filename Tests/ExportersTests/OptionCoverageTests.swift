import ConfigDocument
import Diagnostics
import Exporters
import Importers
import LaunchModel
import Releases
import Testing

/// Every option of a release's parser is one that a field says, or stands in `options-without-a-field.txt`: with the first of
/// its words, which a field that says the option may not take, and beside all others, which may decide that it is not looked at.
@Suite("Options of Megatron-LM's parser")
struct OptionCoverageTests {
  @Test("Those that no field says are these", arguments: Release.all)
  func withoutField(release: Release) throws {
    let options = Set(release.options.names.compactMap { release.options[$0]?.name }).sorted()
    let arguments = options.compactMap { release.options[$0] }.flatMap { [$0.name] + Self.values(of: $0) }
    let items = arguments.enumerated().map { index, text in
      Node(.scalar(Scalar(text, .quoted)), SourceRange(index, index + 1))
    }
    let file = SourceFile(name: "all.yaml", text: String(repeating: " ", count: items.count))
    let root = Node(.sequence(items), SourceRange(0, items.count))
    let imported = ImportedConfig(ParsedDocument(file: file, root: root, diagnostics: []), for: release)
    #expect(imported.document.diagnostics.filter { $0.severity == .error }.map(\.message) == [])
    let without = imported.document.diagnostics.filter { $0.code == FieldRule.foreignOption.code }.map(\.path).sorted()
    try Goldens.check(
      without.map { $0 + "\n" }.joined(), "\(release.megatronBridge)/options-without-a-field.txt")
  }

  @Test("What the exporter writes, the parser has", arguments: Release.all)
  func written(release: Release) {
    for section in LaunchConfig.sections {
      for name in section.schema.names(in: release) {
        let path = FieldPath(section.schema.name, section.schema.identity(of: name))
        guard let option = ArgumentTable.form(path, in: release)?.option else { continue }
        #expect(release.options[option] != nil, "\(path)")
      }
    }
  }

  private static func values(of option: CommandLineOption) -> [String] {
    let example =
      switch option.takes.kind {
      case .int: "1"
      case .float: "0.5"
      case .text: option.isTuple ? "1,2" : option.isLayerPattern ? "1" : "a"
      }
    let one = option.words.first ?? example
    return Array(repeating: one, count: max(option.takes.count.lowerBound, option.takes.count.upperBound > 0 ? 1 : 0))
  }
}
