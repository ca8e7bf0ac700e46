import ConfigDocument
import LaunchModel
import Migration
import MoonlightRecipes
import RecipeKit
import Releases
import TestSupport
import Testing
import Validation

/// Files by their names, as if they were in one folder.
struct Folder: ConfigFiles {
  struct Missing: Error {}

  var texts: [String: String] = [:]

  func read(_ path: String) throws -> [UInt8] { Array(try text(path).utf8) }
  func readBase(_ path: String) throws -> BaseText { BaseText(Array(try text(path).utf8)) }
  func identity(of path: String) -> String { path }

  private func text(_ path: String) throws -> String {
    guard let text = texts[path] else { throw Missing() }
    return text
  }
}

func migrate(
  _ text: String, named name: String = "run.yaml", from asked: Release? = nil, to target: Release,
  dropsLosses: Bool = false, bases: [String: String] = [:]
) -> Migration {
  Migrator(recipes: RecipeBook.shipped, files: Folder(texts: bases), from: asked, dropsLosses: dropsLosses)
    .migrate(DocumentReader.read(text: text, name: name), path: name, to: target)
}

/// What a text means, and the errors that a release has for it.
func meaning(_ text: String, named name: String = "run.yaml", _ release: Release?) -> (ConfigMeaning, [String]) {
  let loader = ConfigLoader(recipes: RecipeBook.shipped, files: Folder(), release: release)
  let loaded = loader.load(DocumentReader.read(text: text, name: name), path: name)
  let (likely, run) = Validator.onLikelyGPUs(loaded)
  let errors = Validator.errors(likely, run, withFixes: false).map { "\($0.path): \($0.message)" }
  return (ConfigMeaning(loaded.resolution.config), errors)
}

extension Migration {
  func lines(_ kind: MigrationRemark.Kind) -> [String] {
    remarks.filter { $0.kind == kind }.map { "\($0.path): \($0.message)" }
  }

  /// The paths of the remarks of a kind.
  func paths(_ kind: MigrationRemark.Kind) -> [String] { remarks.filter { $0.kind == kind }.map(\.path) }
}

/// Fields that mean something else in two texts, each read for its release.
func changes(_ old: ConfigMeaning, _ new: ConfigMeaning) -> [String] {
  ConfigMeaning.fields(of: old.config.release, and: new.config.release)
    .filter { path in
      path.section != "software" && old.value(of: path) != nil && new.value(of: path) != nil
        && old.differs(from: new, at: path)
    }
    .map { path in "\(path): \(old.value(of: path)!) -> \(new.value(of: path)!)" }
}

/// Launch configs.
@Suite struct NativeMigrationTests {
  static let tensorParallel = """
    # The run of May.
    extends: moonlight_16b_pretrain_config
    software:
      megatron_bridge: 0.3.1  # as installed
    parallelism:
      tensor_model_parallel_size: 2  # one pair a node
      expert_model_parallel_size: 4
      expert_tensor_parallel_size: null
    train:
      skip_train: false  # trains
    optimizer:
      muon_use_nesterov: true

    """

  @Test func keepsCommentsAndMovesFields() {
    let migration = migrate(Self.tensorParallel, to: .bridge062)
    #expect(
      migration.text.hasPrefix(
        """
        # The run of May.
        extends: moonlight_16b_pretrain_config
        software:
          megatron_bridge: "0.6.2"  # as installed
        parallelism:
          tensor_model_parallel_size: 2  # one pair a node
          expert_model_parallel_size: 4
          expert_tensor_parallel_size: 2
        """))
    #expect(migration.text.contains("  muon_nesterov: true\n"))
    #expect(migration.text.contains("\nvalidation:\n  skip_train: false  # trains\n"))
    #expect(migration.lines(.loss) == [])
  }

  @Test func writesOutWhatIsUnsetAndMeansSomethingElse() throws {
    let text = """
      extends: moonlight_16b_pretrain_config
      software: {megatron_bridge: 0.3.1}
      parallelism: {tensor_model_parallel_size: 4, expert_model_parallel_size: 4, expert_tensor_parallel_size: null}

      """
    let migration = migrate(text, to: .bridge062)
    let (old, _) = meaning(text, nil)
    let (new, errors) = meaning(migration.text, nil)
    #expect(changes(old, new) == [])
    #expect(errors == [])
    #expect(new.config.parallelism.expertTensorParallelSize == 4)
    #expect(new.config.release == .bridge062)
  }

  /// Every recipe that ships, generated for one release, there and back.
  @Test(
    arguments: RecipeBook.shipped.recipeNames.filter {
      RecipeBook.shipped.releases(ofRecipe: $0)?.contains(.bridge031) == true
    }, [Release.bridge031, .bridge051])
  func keepsRecipes(_ name: String, _ source: Release) throws {
    let text = "extends: \(name)\nsoftware: {megatron_bridge: \(source.megatronBridge)}\n"
    let (old, oldErrors) = meaning(text, nil)
    let there = migrate(text, to: .bridge062)
    #expect(there.lines(.loss) == [])
    let (new, errors) = meaning(there.text, nil)
    #expect(changes(old, new) == [])
    #expect(errors.filter { !oldErrors.contains($0) } == [])
    let back = migrate(there.text, to: source)
    let (again, _) = meaning(back.text, nil)
    #expect(back.lines(.loss) == [])
    #expect(changes(old, again) == [])
  }

  @Test func takesJSON() {
    let text = """
      {
        "extends": "moonlight_16b_pretrain_config",
        "software": {"megatron_bridge": "0.3.1"},
        "optimizer": {"muon_use_nesterov": true, "lr": 0.001}
      }

      """
    let migration = migrate(text, named: "run.json", to: .bridge062)
    #expect(migration.text.contains(#""optimizer": {"muon_nesterov": true, "lr": 0.001}"#))
    #expect(migration.text.contains(#""megatron_bridge": "0.6.2""#))
    #expect(DocumentReader.read(text: migration.text, name: "run.json").diagnostics.isEmpty)
  }

  struct Loss: Sendable, CustomTestStringConvertible {
    let field: String
    let source: Release
    let target: Release
    let isLost: Bool
    var testDescription: String { "\(field), \(source.megatronBridge) to \(target.megatronBridge)" }
  }

  /// What a release has no place for is an error where it says something, and goes where it does not.
  @Test(arguments: [
    Loss(field: "model: {moe_extended_tp: false}", source: .bridge031, target: .bridge062, isLost: false),
    Loss(field: "model: {moe_extended_tp: true}", source: .bridge031, target: .bridge062, isLost: true),
    Loss(
      field: "model: {async_tensor_model_parallel_allreduce: true}", source: .bridge031, target: .bridge051,
      isLost: false),
    Loss(
      field: "model: {async_tensor_model_parallel_allreduce: false}", source: .bridge031, target: .bridge051,
      isLost: true),
    Loss(field: "tokenizer: {use_tokenizer_vocab_size: false}", source: .bridge062, target: .bridge031, isLost: false),
    Loss(field: "tokenizer: {use_tokenizer_vocab_size: true}", source: .bridge062, target: .bridge051, isLost: true),
    Loss(field: "checkpoint: {async_strategy: mcore}", source: .bridge062, target: .bridge031, isLost: false),
    Loss(field: "checkpoint: {async_strategy: nvrx}", source: .bridge062, target: .bridge031, isLost: false),
    Loss(
      field: "checkpoint: {async_strategy: nvrx, async_save: true}", source: .bridge062, target: .bridge031,
      isLost: true),
    Loss(field: "train: {num_epochs: 2.0}", source: .bridge062, target: .bridge051, isLost: true),
  ])
  func tellsWhatIsLost(_ loss: Loss) {
    let text =
      "extends: moonlight_16b_pretrain_config\nsoftware: {megatron_bridge: \(loss.source.megatronBridge)}\n\(loss.field)\n"
    let migration = migrate(text, to: loss.target)
    #expect(migration.isRefused == loss.isLost, "\(migration.lines(.loss))")
    let forced = migrate(text, to: loss.target, dropsLosses: true)
    #expect(!forced.isRefused)
    #expect(forced.paths(.warning).isEmpty != loss.isLost)
    let name = loss.field.split(separator: "{")[1].prefix { $0 != ":" }
    #expect(!forced.text.contains(name))
  }

  @Test func warnsOfABatchThatDoesNotGrow() {
    let text = """
      extends: moonlight_16b_pretrain_config
      software: {megatron_bridge: 0.3.1}
      train: {rampup_batch_size: [16, 16, 4096]}

      """
    #expect(migrate(text, to: .bridge062).paths(.warning).contains("train.rampup_batch_size"))
    // The other way round it begins to grow; the value stays, so that the way there and back changes nothing.
    let back = migrate(text.replacing("0.3.1", with: "0.6.2"), to: .bridge031)
    #expect(back.text.contains("rampup_batch_size: [16, 16, 4096]"))
    #expect(back.paths(.warning).contains("train.rampup_batch_size"))
  }

  @Test func asksForBasesFirst() throws {
    let base = "extends: moonlight_16b_pretrain_config\nsoftware: {megatron_bridge: 0.3.1}\n"
    let text = "extends: base.yaml\ntrain: {train_iters: 10}\n"
    let migration = migrate(text, to: .bridge062, bases: ["base.yaml": base])
    #expect(migration.text == text)
    let remark = try #require(migration.remarks.first { $0.kind == .refusal })
    #expect(remark.help?.contains("moonlight migrate base.yaml --to 0.6.2") == true)
    let migratedBase = migrate(base, named: "base.yaml", to: .bridge062).text
    let second = migrate(text, from: .bridge031, to: .bridge062, bases: ["base.yaml": migratedBase])
    #expect(second.source == .bridge031)
    #expect(second.lines(.loss) == [])
    #expect(second.text.hasSuffix("software:\n  megatron_bridge: \"0.6.2\"\n"))
  }

  @Test func leavesAloneWhatIsForTheReleaseAlready() {
    let text = "extends: moonlight_16b_pretrain_config\nsoftware: {megatron_bridge: 0.6.2}\n"
    let migration = migrate(text, to: .bridge062)
    #expect(migration.isNoOp)
    #expect(migration.text == text)
    #expect(migration.remarks.isEmpty)
  }
}
