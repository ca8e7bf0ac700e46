import ConfigDocument
import Diagnostics
import LaunchModel
import MoonlightRecipes
import RecipeKit
import Releases
import Testing

@testable import Validation

/// Configs without errors, for cases to change.
enum GoodConfig: String, Sendable, CaseIterable {
  /// 16 GPUs, TP 2, EP 8, Adam.
  case pretrain
  /// The same on 32 GPUs with PP 4 and the layout `Et*7|t*7|t*7|t*6L`.
  case pipeline
  /// The same with two virtual stages on each rank: `Et*3|(t*4|)*5t*3|tL`.
  case interleaved
  case muon
  case lora, dora, sft
  /// One process, fp32, a byte-level tokenizer.
  case tiny

  private var recipe: (name: String, peft: PEFTScheme?) {
    switch self {
    case .pretrain, .pipeline, .interleaved: ("moonlight_16b_pretrain_config", nil)
    case .muon: ("moonlight_16b_pretrain_muon_config", nil)
    case .lora: ("moonlight_16b_finetune_config", .lora)
    case .dora: ("moonlight_16b_finetune_config", .dora)
    case .sft: ("moonlight_16b_finetune_config", nil)
    case .tiny: ("moonlight_tiny_pretrain_config", nil)
    }
  }

  private var additions: [String: ConfigValue] {
    switch self {
    case .pretrain, .muon, .tiny: [:]
    case .pipeline:
      [
        "cluster.num_nodes": 4, "parallelism.pipeline_model_parallel_size": 4,
        "parallelism.pipeline_model_parallel_layout": "Et*7|t*7|t*7|t*6L",
      ]
    case .interleaved:
      [
        "cluster.num_nodes": 4, "parallelism.pipeline_model_parallel_size": 4,
        "parallelism.virtual_pipeline_model_parallel_size": 2,
        "parallelism.pipeline_model_parallel_layout": "Et*3|(t*4|)*5t*3|tL",
      ]
    case .lora, .dora, .sft: ["checkpoint.pretrained_checkpoint": "/checkpoints/moonlight"]
    }
  }

  /// The config with changes by path; `.null` for a section's path makes it null. A change that the schema does not
  /// take is an issue of the test.
  func config(_ changes: [String: ConfigValue] = [:], for release: Release = .current) throws -> LaunchConfig {
    let recipe = try #require(RecipeBook.shipped.recipe(named: recipe.name))
    let choices = RecipeChoices(model: recipe.defaults.model, peft: self.recipe.peft, release: release)
    var layer = Layer(name: "changes")
    for (name, value) in additions.merging(changes, uniquingKeysWith: { $1 }) {
      let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
      layer.assign(FieldPath(parts[0], parts.count == 2 ? parts[1] : ""), value, .program)
    }
    let config = LaunchConfig.resolve([recipe.layer(choices), layer], for: release)
    for assignment in layer.assignments where !assignment.path.field.isEmpty && assignment.value != "auto" {
      #expect(
        config.value(at: assignment.path)?.value == assignment.value, "\(assignment.path) does not take this value")
    }
    return config
  }

  func findings(_ changes: [String: ConfigValue] = [:], for release: Release = .current) throws -> [Finding] {
    Validator.findings(RunFacts(try config(changes, for: release)))
  }
}

/// One line of a rule's table: a good config with changes, and what the rule says of it.
struct ValidationCase: Sendable, CustomTestStringConvertible {
  private enum Expectation {
    case finding(Severity, path: String, phrase: String)
    /// Nothing with this code.
    case silent
    /// Nothing with this code, and no error at all.
    case accepted
  }

  private let code: DiagnosticCode
  private let base: GoodConfig
  private let changes: [String: ConfigValue]
  private let expectation: Expectation
  private let companions: Set<DiagnosticCode>
  private var release = Release.current

  private init(
    _ code: DiagnosticCode, _ base: GoodConfig, _ changes: [String: ConfigValue], _ expectation: Expectation,
    companions: Set<DiagnosticCode> = []
  ) {
    self.code = code
    self.base = base
    self.changes = changes
    self.expectation = expectation
    self.companions = companions
  }

  /// Exactly one finding with this code, an error, and no other error: one root cause, one diagnostic.
  ///
  /// - Parameters:
  ///   - path: the field it stands at.
  ///   - phrase: a part of its message.
  ///   - companions: codes of errors that another cause in the same config deserves.
  static func error(
    _ code: DiagnosticCode, on base: GoodConfig = .pretrain, _ changes: [String: ConfigValue], at path: String,
    _ phrase: String, companions: Set<DiagnosticCode> = []
  ) -> ValidationCase {
    ValidationCase(code, base, changes, .finding(.error, path: path, phrase: phrase), companions: companions)
  }

  /// Exactly one finding with this code, a warning, and no error.
  static func warning(
    _ code: DiagnosticCode, on base: GoodConfig = .pretrain, _ changes: [String: ConfigValue], at path: String,
    _ phrase: String
  ) -> ValidationCase {
    ValidationCase(code, base, changes, .finding(.warning, path: path, phrase: phrase))
  }

  /// Exactly one finding with this code, a note, and no error.
  static func note(
    _ code: DiagnosticCode, on base: GoodConfig = .pretrain, _ changes: [String: ConfigValue], at path: String,
    _ phrase: String
  ) -> ValidationCase {
    ValidationCase(code, base, changes, .finding(.note, path: path, phrase: phrase))
  }

  /// The rule says nothing, whatever others say.
  static func silent(
    _ code: DiagnosticCode, on base: GoodConfig = .pretrain, _ changes: [String: ConfigValue]
  ) -> ValidationCase {
    ValidationCase(code, base, changes, .silent)
  }

  /// The rule says nothing and the config is accepted: the near side of the rule's boundary.
  static func accepted(
    _ code: DiagnosticCode, on base: GoodConfig = .pretrain, _ changes: [String: ConfigValue]
  ) -> ValidationCase {
    ValidationCase(code, base, changes, .accepted)
  }

  /// The same of a config for another release than the current one.
  func `in`(_ release: Release) -> ValidationCase {
    var copy = self
    copy.release = release
    return copy
  }

  var testDescription: String {
    let changes = changes.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
    let name = release == .current ? "" : " in \(release.megatronBridge)"
    return "\(code) \(base.rawValue) \(changes)\(name)"
  }

  /// Runs all rules and compares.
  func check(sourceLocation: Testing.SourceLocation = #_sourceLocation) throws {
    let findings = try base.findings(changes, for: release)
    let own = findings.filter { $0.code == code }
    let shown = findings.map { "\($0.severity) \($0.code) \($0.path): \($0.message)" }.joined(separator: "\n")
    let otherErrors = findings.filter { $0.severity == .error && $0.code != code && !companions.contains($0.code) }
    switch expectation {
    case .silent:
      #expect(own.isEmpty, "\(shown)", sourceLocation: sourceLocation)
    case .accepted:
      #expect(own.isEmpty && otherErrors.isEmpty, "\(shown)", sourceLocation: sourceLocation)
    case .finding(let severity, let path, let phrase):
      #expect(otherErrors.isEmpty, "other errors:\n\(shown)", sourceLocation: sourceLocation)
      #expect(own.count == 1, "\(shown)", sourceLocation: sourceLocation)
      guard let finding = own.first else { return }
      #expect(finding.severity == severity, "\(shown)", sourceLocation: sourceLocation)
      #expect(finding.path.description == path, "\(shown)", sourceLocation: sourceLocation)
      #expect(finding.message.text.contains(phrase), "\(shown)", sourceLocation: sourceLocation)
    }
  }
}
