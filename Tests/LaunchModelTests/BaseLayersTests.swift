import ConfigDocument
import Diagnostics
import MoonlightRecipes
import RecipeKit
import Testing

@testable import LaunchModel

/// What `extends` builds on: each base once, bounded, and nothing shown of what lies elsewhere.
@Suite struct BaseLayersTests {
  /// Counts how often each file is read.
  final class Files: ConfigFiles {
    let texts: [String: String]
    let withheld: Set<String>
    nonisolated(unsafe) var reads: [String: Int] = [:]

    init(_ texts: [String: String], withheld: Set<String> = []) {
      self.texts = texts
      self.withheld = withheld
    }

    func read(_ path: String) throws -> [UInt8] {
      reads[path, default: 0] += 1
      guard let text = texts[path] else { throw ConfigText.NoSuchFile() }
      return Array(text.utf8)
    }

    func readBase(_ path: String) throws -> BaseText { BaseText(try read(path), isWithheld: withheld.contains(path)) }

    /// `x/../` leads nowhere, as on a disk.
    func identity(of path: String) -> String { path.replacing("x/../", with: "") }

    func load(_ path: String) throws -> ConfigLoader.LoadedConfig {
      try ConfigLoader(recipes: RecipeBook.shipped, files: self).load(path)
    }

    func messages(_ path: String) throws -> [String] {
      try load(path).resolution.diagnostics.filter { $0.code == FieldRule.extends.code }.map(\.message)
    }
  }

  private static let recipe = "extends: moonlight_16b_pretrain_config\n"

  @Test func aBaseOfTwoBasesCountsOnce() throws {
    let files = Files([
      "top.yaml": "extends: [left.yaml, right.yaml]\n",
      "left.yaml": "extends: common.yaml\ntrain: {micro_batch_size: 2}\n",
      "right.yaml": "extends: common.yaml\ncluster: {num_nodes: 4}\n",
      "common.yaml": Self.recipe + "train: {micro_batch_size: 1}\n",
    ])
    let resolution = try files.load("top.yaml").resolution
    #expect(resolution.config.train.microBatchSize == 2)
    #expect(resolution.layers.filter { $0.name == "common.yaml" }.count == 1)
    #expect(files.reads.values.allSatisfy { $0 == 1 })
  }

  @Test func aFileIsOneFileWhateverItIsCalled() throws {
    let files = Files([
      "top.yaml": "extends: [a.yaml, ./a.yaml, x/../a.yaml]\n", "a.yaml": Self.recipe, "x/../a.yaml": Self.recipe,
    ])
    #expect(try files.load("top.yaml").resolution.layers.filter { $0.name == "a.yaml" }.count == 1)
  }

  @Test func aRepetitionIsToldOnce() throws {
    let files = Files(["top.yaml": "extends: [a.yaml, a.yaml, a.yaml]\n", "a.yaml": Self.recipe])
    #expect(
      try files.messages("top.yaml") == ["`a.yaml` stands in this list twice; it counts once, where it first stands"])
  }

  @Test(arguments: [
    (["top.yaml": "extends: top.yaml"], "top.yaml -> top.yaml"),
    (
      ["top.yaml": "extends: a.yaml", "a.yaml": "extends: [b.yaml]", "b.yaml": "extends: a.yaml"],
      "a.yaml -> b.yaml -> a.yaml"
    ),
    (
      ["top.yaml": "extends: x/../a.yaml", "x/../a.yaml": "extends: ../top.yaml", "x/../../top.yaml": ""],
      nil
    ),
  ])
  func cyclesAreTold(texts: [String: String], cycle: String?) throws {
    let messages = try Files(texts).messages("top.yaml")
    #expect(messages == (cycle.map { ["`extends` goes in a circle: \($0)"] } ?? []))
  }

  /// Every file names every other one: as many ways as there are orders.
  @Test func thereIsNoWayToManyReads() throws {
    let names = (0..<200).map { "f\($0).yaml" }
    let list = "extends: [" + names.joined(separator: ", ") + "]\n"
    let files = Files(Dictionary(uniqueKeysWithValues: names.map { ($0, list) }))
    let clock = ContinuousClock()
    let time = try clock.measure { _ = try files.load("f0.yaml") }
    #expect(files.reads.count <= 65)
    #expect(files.reads.values.allSatisfy { $0 == 1 })
    #expect(time < .seconds(2))
  }

  @Test func aWideListIsCutOff() throws {
    let names = (0..<5000).map { "f\($0).yaml" }
    let files = Files(["top.yaml": "extends: [" + names.joined(separator: ", ") + "]\n"])
    let messages = try files.messages("top.yaml")
    #expect(messages.count == 65)
    #expect(messages.last == "`extends` leads to more than 64 recipes and files")
  }

  @Test func muchTextIsCutOff() throws {
    let names = (0..<10).map { "f\($0).yaml" }
    let text = "#" + String(repeating: "x", count: 10 << 20)
    var texts = Dictionary(uniqueKeysWithValues: names.map { ($0, text) })
    texts["top.yaml"] = "extends: [" + names.joined(separator: ", ") + "]\n"
    let files = Files(texts)
    #expect(try files.messages("top.yaml") == ["what this config builds on has more than 64 MiB of text"])
    #expect(files.reads.count == 8)
  }

  @Test(arguments: ["/proc/self/environ", "./secrets", "a/b.toml", "../x.yaml.bak"])
  func whatHasNoConfigsNameIsNotRead(name: String) throws {
    let files = Files(["top.yaml": "extends: \(name)\n"])
    #expect(try files.messages("top.yaml") == ["`\(name)` is no config: the name of one ends in .yaml, .yml or .json"])
    #expect(files.reads.keys.sorted() == ["top.yaml"])
  }

  /// Texts that are wrong in every way that quotes what stands there.
  @Test(arguments: [
    "TOKEN=hunter2\n", "hunter2: 1\n", "model: {hunter2: 1}\n", "train: {micro_batch_size: hunter2}\n",
    "model: {moe_token_dispatcher_type: hunter2}\n", "hunter2: 1\nhunter2: 2\n", "a: [hunter2\n", "- hunter2\n",
    "extends: hunter2\n", "extends: ./hunter2.yaml\n", "schema_version: hunter2\n", "mixed_precision: hunter2\n",
    "a: *hunter2\n", "train: {lr: &hunter2 [}\n", "extends: [./hunter2]\n",
  ])
  func nothingIsShownOfATextThatIsWithheld(text: String) throws {
    let files = Files(
      ["top.yaml": "extends: /etc/other.yaml\n", "/etc/other.yaml": text], withheld: ["/etc/other.yaml"])
    let found = try files.load("top.yaml").resolution.diagnostics.filter { $0.location?.file.name == "/etc/other.yaml" }
    #expect(!found.isEmpty)
    for diagnostic in found {
      let said = [diagnostic.message, diagnostic.help ?? "", diagnostic.path] + diagnostic.related.map(\.message)
      #expect(!said.contains { $0.contains("hunter2") }, "\(diagnostic.message)")
      #expect(diagnostic.fix == nil)
      #expect(diagnostic.location?.file.isWithheld == true)
    }
  }
}
