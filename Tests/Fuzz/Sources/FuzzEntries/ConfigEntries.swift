import ConfigDocument
import Diagnostics
import LaunchModel
import Migration
import MoonlightRecipes
import RecipeKit
import Releases
import Reporting
import Validation

extension FuzzEntry {
  /// The whole way of a config: text, layers, rules, what follows, fixes, reports.
  static let configs: [FuzzEntry] = [
    FuzzEntry("config", seeds: smallConfigs, tokens: yamlTokens + fieldTokens) { try checkConfig($0, "f.yaml") },
    FuzzEntry("whole-config", seeds: yamlSeeds, tokens: yamlTokens + fieldTokens) { try checkConfig($0, "f.yaml") },
    FuzzEntry(
      "json-config", seeds: SeedFiles.all(in: "Examples", endings: ["pretrain.json"]), tokens: yamlTokens + fieldTokens
    ) { try checkConfig($0, "f.json") },
    FuzzEntry(
      "bridge", seeds: SeedFiles.all(in: "Tests/Fixtures/bridge", endings: [".yaml"]), tokens: yamlTokens + fieldTokens
    ) { try checkConfig($0, "f.yaml") },
    FuzzEntry(
      "migrate", seeds: smallConfigs + SeedFiles.all(in: "Tests/Fixtures/bridge", endings: [".yaml"]),
      tokens: yamlTokens + fieldTokens
    ) { bytes in
      let document = DocumentReader.read(bytes: bytes, name: "f.yaml")
      guard !document.isUnreadable else { return }
      let migrator = Migrator(recipes: recipes, files: OneBase())
      let target = Release.all[bytes.count % Release.all.count]
      let migration = migrator.migrate(document, path: "f.yaml", to: target)
      guard !migration.isRefused, !migration.isNoOp else { return }
      let migrated = DocumentReader.read(text: migration.text, name: "f.yaml")
      try promise(!migrated.isUnreadable, "a migration made the file unreadable")
    },
  ]

  /// One base that is there, and that leads on.
  private struct OneBase: ConfigFiles {
    func read(_ path: String) throws -> [UInt8] { try readBase(path).bytes }

    func readBase(_ path: String) throws -> BaseText {
      guard path == "a.yaml" else { throw NoFiles() }
      return BaseText(
        Array("extends: [moonlight_16b_finetune_config, f.yaml]\ntrain: {micro_batch_size: 2}\n".utf8))
    }

    func identity(of path: String) -> String { path }
  }

  private static let smallConfigs: [[UInt8]] =
    SeedFiles.all(in: "Examples/broken", endings: [".yaml"])
    + [
      "extends: moonlight_16b_pretrain_config\nparallelism: {tensor_model_parallel_size: 2, pipeline_model_parallel_size: 4}\n",
      "extends: [moonlight_16b_finetune_config, a.yaml]\npeft: {dim: 8, target_modules: [linear_q_proj, \"*.layers.0.*\"]}\n",
      "extends: moonlight_tiny_pretrain_config\ntrain: {train_iters: 20, rampup_batch_size: [8, 8, 1000]}\nenv_vars: {A: b}\n",
      "extends: moonlight_16b_pretrain_config\nparallelism:\n  pipeline_model_parallel_layout: Et*14|t*13L\n  virtual_pipeline_model_parallel_size: 2\n",
    ].map { Array($0.utf8) }

  /// Names of fields and sections, and words that they take.
  static let fieldTokens: [String] =
    LaunchConfig.sections.flatMap { section in
      [section.schema.name] + section.schema.fields.map(\.name)
    } + [
      "auto", "13+14", "E|t*27|L", "[[embedding, decoder], [loss]]", "[0, 1]", "\"([0]*1+[1]*26)\"", "bf16_mixed",
      "full",
    ]

  /// Made once: a user's process makes them once as well.
  struct CachedRecipes: RecipeSource {
    let book = RecipeBook.shipped
    let layers: [String: [Layer]]

    init() {
      let book = self.book
      layers = Dictionary(
        uniqueKeysWithValues: book.recipeNames.compactMap { name in
          book.layers(ofRecipe: name, for: .current).map { (name, $0) }
        })
    }

    var recipeNames: [String] { book.recipeNames }

    func releases(ofRecipe name: String) -> ReleaseSet? { book.releases(ofRecipe: name) }

    func layers(ofRecipe name: String, for release: Release) -> [Layer]? { layers[name] }

    func name(ofBridgeRecipe name: String, in release: Release) -> String? {
      book.name(ofBridgeRecipe: name, in: release)
    }
  }

  static let recipes = CachedRecipes()

  private struct NoFiles: Error {}

  private static func checkConfig(_ bytes: [UInt8], _ name: String) throws {
    let document = DocumentReader.read(bytes: bytes, name: name)
    let loader = ConfigLoader(recipes: recipes, files: OneBase())
    let (loaded, run) = Validator.onLikelyGPUs(loader.load(document, path: name))
    let diagnostics = Validator.diagnostics(loaded, run)
    _ = DerivedValues(run, diagnostics)
    try checkReports(diagnostics, document.file)
    let fixes = diagnostics.nextFixes(in: document.file, takingUnsafe: true)
    guard !fixes.isEmpty else { return }
    let fixed = DocumentReader.read(text: document.file.applying(fixes).text, name: name)
    try promise(document.root == nil || fixed.root != nil || document.isUnreadable, "a fix made the file unreadable")
  }
}
