import ConfigDocument
import Diagnostics
import LaunchModel
import MoonlightRecipes
import RecipeKit
import Testing

@testable import Validation

/// Whatever a person does to a good file is pointed at where they did it.
@Suite("Mistakes in good files")
struct MutationTests {
  static let files: [GoodFile] = {
    var result: [GoodFile] = []
    for recipe in RecipeBook.shipped.recipes.prefix(2) + RecipeBook.shipped.recipes.suffix(1) {
      // What a recipe leaves to whoever finetunes.
      var base = Layer(name: "base", assignments: [])
      if recipe.mode != .pretrain {
        base.assign(Path.checkpoint.pretrainedCheckpoint, "/checkpoints/base", .schemaDefault)
      }
      let config = LaunchConfig.resolve([recipe.layer(), base]).withCanonicalLayout()
      result.append(
        GoodFile(name: "\(recipe.name).yaml", text: YAMLEmitter(comments: config.comments).emit(.mapping(config.tree))))
      if let json = try? JSONEmitter().emit(.mapping(config.tree)) {
        result.append(GoodFile(name: "\(recipe.name).json", text: json))
      }
    }
    return result
  }()

  static let mutations =
    MutationTable.mutations(of: files, perKind: 2, seed: 16) + files.prefix(2).flatMap(CrossFieldMutations.mutations)

  static func diagnostics(_ text: String, _ name: String) -> [Diagnostic] { Checked(text, name).diagnostics }

  /// A text as `moonlight validate` checks it.
  struct Checked: CheckedText {
    let file: SourceFile
    let isUnreadable: Bool
    let diagnostics: [Diagnostic]

    init(_ text: String, _ name: String) {
      let loader = ConfigLoader(recipes: RecipeBook.shipped) { _ in [] }
      let loaded = loader.load(DocumentReader.read(text: text, name: name), path: name)
      let (likely, run) = Validator.onLikelyGPUs(loaded)
      (file, isUnreadable) = (loaded.document.file, loaded.document.isUnreadable)
      diagnostics = Validator.diagnostics(likely, run)
    }
  }

  @Test("there are at least 300, of every kind, in YAML and in JSON")
  func thereAreEnough() {
    #expect(Self.mutations.count >= 300)
    #expect(Self.mutations.filter { $0.file.hasSuffix(".json") }.count >= 100)
    for kind in MutationTable.yaml + MutationTable.json {
      #expect(Self.mutations.contains { $0.name.hasPrefix(kind.name) }, "no \(kind.name)")
    }
  }

  @Test("the files are good")
  func filesAreGood() {
    for file in Self.files {
      let errors = Self.diagnostics(file.lines.joined(separator: "\n"), file.name).filter { $0.severity == .error }
      #expect(errors.isEmpty, "\(file.name): \(errors.map(\.message))")
    }
  }

  @Test("each is reported at its line and column, by a rule that fits")
  func everyMistakeIsReported() {
    var missed: [String] = []
    for mutation in Self.mutations {
      let found = Self.diagnostics(mutation.text, mutation.file)
      if !found.contains(where: { mutation.isReported(by: $0) }) {
        let said = found.filter { $0.severity != .note }.prefix(4).map { diagnostic in
          "\(diagnostic.code) \(diagnostic.location.map { "\($0.start.line):\($0.start.column)" } ?? "-") \(diagnostic.message)"
        }
        missed.append(
          "\(mutation.name): wanted \(mutation.codes) at \(mutation.line):\(mutation.columns)\n    got "
            + said.joined(separator: "\n        "))
      }
    }
    #expect(missed.isEmpty, "\(missed.count) of \(Self.mutations.count):\n\(missed.joined(separator: "\n"))")
  }
}

extension Mutation {
  /// Whether a diagnostic, or the other side of its rule, stands at the mistake.
  func isReported(by diagnostic: Diagnostic) -> Bool {
    guard codes.contains(diagnostic.code.rawValue) || codes.contains(String(diagnostic.code.family)) else {
      return false
    }
    return ([diagnostic.location] + diagnostic.related.map(\.location)).contains { place in
      guard let start = place?.start else { return false }
      return start.line == line && columns.contains(start.column)
    }
  }
}
