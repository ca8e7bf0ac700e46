import ConfigDocument
import Diagnostics
import LaunchModel
import MoonlightRecipes
import RecipeKit
import Releases
import Testing

/// Launch configs that are for one release or another.
@Suite struct ReleaseReadingTests {
  /// What names the release, and which one it is then.
  struct Choice: CustomTestStringConvertible {
    let text: String
    var files: [String: String] = [:]
    var asked: Release?
    let release: Release

    var testDescription: String { "\(text) \(asked.map { $0.megatronBridge } ?? "")" }
  }

  @Test(arguments: [
    Choice(text: "software: {megatron_bridge: 0.5.1}", release: .bridge051),
    Choice(text: "software: {megatron_bridge: 0.5.1}", asked: .bridge051, release: .bridge051),
    Choice(text: "software: {megatron_bridge: 0.5.1}", asked: .bridge031, release: .bridge051),
    Choice(text: "train: {micro_batch_size: 1}", asked: .bridge062, release: .bridge062),
    Choice(text: "train: {micro_batch_size: 1}", release: .current),
    Choice(text: "extends: a.yaml", files: ["a.yaml": "software: {megatron_bridge: 0.6.2}"], release: .bridge062),
    Choice(
      text: "extends: [a.yaml, b.yaml]",
      files: [
        "a.yaml": "software: {megatron_bridge: 0.6.2}", "b.yaml": "software: {megatron_bridge: 0.5.1}",
      ], release: .bridge051),
    Choice(
      text: "extends: a.yaml\nsoftware: {megatron_bridge: 0.5.1}",
      files: ["a.yaml": "software: {megatron_bridge: 0.6.2}"], release: .bridge051),
    Choice(text: "# fingerprint: sha256:00\ntrain: {micro_batch_size: 1}", asked: nil, release: .bridge031),
    Choice(text: "# about\n# fingerprint: sha256:00\n\ntrain: {micro_batch_size: 1}", release: .bridge031),
    Choice(
      text: "# fingerprint: sha256:00\nsoftware: {megatron_bridge: 0.6.2}", release: .bridge062),
    Choice(text: "software: {megatron_bridge: 9.9.9}", release: .current),
    // A container names none; what stands in it does.
    Choice(text: "extends: run.yaml", files: ["run.yaml": container], release: .bridge031),
    Choice(text: "extends: run.yaml", files: ["run.yaml": container], asked: .bridge051, release: .bridge051),
    Choice(
      text: "extends: run.yaml\nsoftware: {megatron_bridge: 0.6.2}", files: ["run.yaml": container],
      release: .bridge062),
  ])
  func release(_ item: Choice) {
    let loaded = ConfigText(item.text, files: item.files).load(for: item.asked)
    #expect(loaded.resolution.config.release == item.release)
    #expect(loaded.resolution.config.software.megatronBridge == item.release)
  }

  /// Of 0.3.1, by its class and by the name of a field.
  private static let container = """
    _target_: megatron.bridge.training.config.ConfigContainer
    rng: {_target_: megatron.bridge.training.config.RNGConfig, seed: 7}
    dist: {_target_: megatron.bridge.training.config.DistributedInitConfig, lazy_init: true}
    """

  @Test func `a container below a config is read by its own names, and held against the config's release`() {
    for release in Release.all {
      let text = "extends: run.yaml\nsoftware: {megatron_bridge: \(release.megatronBridge)}"
      let config = ConfigText(text, files: ["run.yaml": Self.container]).load().resolution
      #expect(config.config.rng.seed == 7)
      #expect(config.config.value(at: FieldPath("dist", "lazy_mpu_init"))?.value == true)
      #expect(!config.diagnostics.contains { $0.code.family == "BRIDGE" })
    }
    let note = ConfigText("extends: run.yaml", files: ["run.yaml": Self.container]).load().assumptions
    #expect(
      note.map(\.message) == [
        "taken for Megatron-Bridge 0.3.1: run.yaml, which it builds on, is a file for that release"
      ])
  }

  @Test func `the command line does not overrule a file`() {
    let loaded = ConfigText("software: {megatron_bridge: 0.5.1}").load(for: .bridge062)
    let errors = loaded.resolution.diagnostics.filter { $0.code == FieldRule.release.code }
    #expect(errors.map(\.severity) == [.error])
    #expect(errors.first?.help?.contains("--to 0.6.2`") == true)
  }

  @Test func `--set does not overrule a file either`() {
    let loaded = ConfigText("software: {megatron_bridge: 0.5.1}").load(overrides: ["software.megatron_bridge=0.6.2"])
    #expect(loaded.resolution.config.release == .bridge051)
    #expect(loaded.resolution.diagnostics.contains { $0.code == FieldRule.release.code && $0.severity == .error })
  }

  @Test func `an unknown release is told with the known ones, and without a fix`() throws {
    let loaded = ConfigText("software: {megatron_bridge: 0.6.3}").load()
    let error = try #require(
      loaded.resolution.diagnostics.first { $0.path == "software.megatron_bridge" && $0.severity == .error })
    for release in Release.all { #expect(error.help?.contains(release.megatronBridge) == true) }
    #expect(error.fix == nil)
  }

  @Test(arguments: [
    ("model: {moe_router_load_balancing_type: quantile_balancing}", "Megatron-Bridge 0.6.2"),
    ("model: {moe_router_load_balancing_type: [quantile_balancing]}", "Megatron-Bridge 0.6.2"),
    ("model: {moe_router_score_function: sqrtsoftplus}", "Megatron-Bridge 0.5.1, 0.6.2"),
    ("optimizer: {optimizer: soap}", "Megatron-Bridge 0.5.1, 0.6.2"),
  ])
  func `a word of another release is told with that release, and without a fix`(_ text: String, _ others: String) throws
  {
    let found = ConfigText("software: {megatron_bridge: 0.3.1}\n" + text).load().resolution.diagnostics
    let error = try #require(found.first { $0.code == FieldRule.unknownChoice.code })
    #expect(error.message.contains(others))
    #expect(error.fix == nil)
    let accepted = ConfigText("software: {megatron_bridge: 0.6.2}\n" + text).load().resolution.diagnostics
    #expect(!accepted.contains { $0.code == FieldRule.unknownChoice.code })
  }

  @Test func `a config without a release says for which it was taken`() {
    #expect(ConfigText("train: {micro_batch_size: 1}").load().assumptions.map(\.severity) == [.note])
    #expect(ConfigText("software: {megatron_bridge: 0.5.1}").load().assumptions.isEmpty)
    #expect(ConfigText("train: {micro_batch_size: 1}").load(for: .bridge051).assumptions.isEmpty)
  }

  /// A field, whether a release has it, and what is said where it has not.
  struct Known: CustomTestStringConvertible {
    let field: String
    let release: Release
    /// `nil` where it is known.
    let message: String?

    init(_ field: String, _ release: Release, _ message: String? = nil) {
      (self.field, self.release, self.message) = (field, release, message)
    }

    var testDescription: String { "\(field) in \(release.megatronBridge)" }
  }

  @Test(arguments: [
    Known("ddp.preserve_fp32_weights: true", .bridge031),
    Known("ddp.preserve_fp32_weights: true", .bridge051, "went after Megatron-Bridge 0.3.1"),
    Known("model.moe_use_legacy_grouped_gemm: false", .bridge031),
    Known("model.moe_use_legacy_grouped_gemm: false", .bridge062, "went after Megatron-Bridge 0.3.1"),
    Known("optimizer.muon_coefficient_type: simple", .bridge031),
    Known("optimizer.muon_coefficient_type: simple", .bridge051),
    Known("model.activation_offload_fraction: 0.5", .bridge051, "came with Megatron-Bridge 0.6.2"),
    Known("model.activation_offload_fraction: 0.5", .bridge062),
    Known("validation.skip_train: true", .bridge031, "came with Megatron-Bridge 0.5.1"),
    Known("validation.skip_train: true", .bridge062),
    // One field under two names.
    Known("optimizer.muon_use_nesterov: true", .bridge031), Known("optimizer.muon_use_nesterov: true", .bridge062),
    Known("optimizer.muon_nesterov: true", .bridge031), Known("optimizer.muon_nesterov: true", .bridge062),
    Known("dist.lazy_init: true", .bridge031), Known("dist.lazy_init: true", .bridge062),
    Known("dist.lazy_mpu_init: true", .bridge031), Known("dist.lazy_mpu_init: true", .bridge051),
    Known("dataset.val_proportion: 0.1", .bridge062), Known("dataset.hf_validation_proportion: 0.1", .bridge031),
  ])
  func fields(_ item: Known) throws {
    let (path, value) = (item.field.prefix { $0 != ":" }, item.field.drop { $0 != ":" }.dropFirst(2))
    let parts = path.split(separator: ".")
    let text = """
      software: {megatron_bridge: \(item.release.megatronBridge)}
      \(parts[0]): {\(parts[1]): \(value)}
      """
    let found = ConfigText(text).load().resolution.diagnostics.filter { $0.code == FieldRule.unknownField.code }
    #expect(found.map { $0.message.contains(item.message ?? "?") } == (item.message == nil ? [] : [true]))
    #expect(found.allSatisfy { $0.fix == nil })
    let set = ConfigText("software: {megatron_bridge: \(item.release.megatronBridge)}")
      .load(overrides: ["\(path)=\(value)"]).resolution.diagnostics
      .filter { $0.code == FieldRule.unknownField.code || $0.code == FieldRule.override.code }
    #expect(set.count == (item.message == nil ? 0 : 1))
  }

  @Test(arguments: Release.all)
  func `a renamed field has one value, written under the release's name`(_ release: Release) throws {
    for rename in FieldRename.all where rename.section != "dataset" {
      for name in [rename.oldName, rename.newName] {
        let loaded = ConfigText(
          """
          extends: moonlight_16b_pretrain_config
          software: {megatron_bridge: \(release.megatronBridge)}
          \(rename.section): {\(name): true}
          """
        ).load()
        guard case .mapping(let section)? = loaded.resolution.config.tree[rename.section] else {
          Issue.record("no \(rename.section)")
          return
        }
        #expect(section[rename.name(in: release)] == .bool(true))
        #expect(section.entries.count { [rename.oldName, rename.newName].contains($0.key) } == 1)
      }
    }
  }

  @Test func `both names at once are an error`() {
    let text = "dist: {lazy_init: true, lazy_mpu_init: false}"
    let found = ConfigText(text).load().resolution.diagnostics.filter { $0.message.contains("are one field") }
    #expect(found.map(\.severity) == [.error])
  }

  @Test(arguments: Release.all)
  func `what is generated for a release is read back without a word`(_ release: Release) {
    var choices = Recipe.moonlight16BPretrain.defaults
    choices.release = release
    let config = LaunchConfig.resolve([Recipe.moonlight16BPretrain.layer(choices)], for: release)
    let loaded = ConfigText(ConfigText.emitted(config)).load()
    #expect(loaded.resolution.diagnostics.map(\.message) == [])
    #expect(loaded.resolution.config.fingerprint == config.fingerprint)
  }

  /// Where a release's class has another default than the declaration, which has that of ``Release/beforeNaming``.
  @Test func `defaults are the release's`() {
    var others: [String: [String]] = [:]
    for release in Release.all {
      let defaults = LaunchConfig(for: release)
      for section in LaunchConfig.sections where section.schema.name != "software" {
        for field in section.schema.fields {
          let path = FieldPath(section.schema.name, field.name)
          guard let value = defaults.value(at: path)?.value, value != field.defaultValue else { continue }
          others[release.megatronBridge, default: []].append("\(path) \(FlowText.yaml(value))")
        }
      }
    }
    let newer = ["validation.eval_interval null", "dataset.num_workers 2"]
    #expect(others == ["0.5.1": newer, "0.6.2": newer + ["dataset.val_proportion null"]])
  }

  @Test func `own fields are those that no class has`() {
    for section in LaunchConfig.sections {
      guard let attribute = Release.current.classes.attribute(ofSection: section.schema.name) else { continue }
      for field in section.schema.fields {
        let isMegatrons = Release.all.contains { release in
          let own = section.schema.name(of: field.name, in: release)
          return (release.classes.attribute(ofSection: section.schema.name) ?? attribute).fieldClasses.contains {
            release.fields.field(own, of: $0) != nil
          }
        }
        let isRead = field.isOwn && isMegatrons
        #expect(field.isOwn != isMegatrons || isRead && field.name == "muon_coefficient_type", "\(field.name)")
      }
    }
  }
}
