import ConfigDocument
import LaunchModel
import MoonlightRecipes
import RecipeKit
import Testing

@testable import Estimation

/// 100 steps of 32 samples, of 4096 tokens each.
@Suite struct EpochCountTests {
  private func config(_ kind: DatasetKind, _ overrides: [(FieldPath, ConfigValue)]) -> LaunchConfig {
    var layer = Layer(name: "test")
    layer.assign(Path.dataset.kind, .string(kind.rawValue), .program)
    layer.assign(Path.train.trainIters, .int(100), .program)
    layer.assign(Path.train.globalBatchSize, .int(32), .program)
    for (path, value) in overrides { layer.assign(path, value, .program) }
    return LaunchConfig.resolve([Recipe.moonlight16BPretrain.layer(), layer])
  }

  private func count(
    _ kind: DatasetKind, _ sources: [EpochCount.Source], _ overrides: [(FieldPath, ConfigValue)] = [],
    samples: Int? = nil
  ) -> EpochCount? {
    let paths = (Path.dataset.dataPaths, ConfigValue.list(sources.map { .string($0.path) }))
    return EpochCount(config(kind, [paths] + overrides), sources, samples: samples)
  }

  /// Of rows a share is held out, unless evaluation has rows of its own.
  @Test(arguments: [
    Held(Path.dataset.valProportion, .float(0.05), leaves: 1900),
    Held(Path.dataset.doValidation, .bool(false), leaves: 2000),
    Held(Path.dataset.valProportion, .float(0.5), leaves: 1000),
    Held(Path.dataset.validDataPaths, .list([.string("v.jsonl")]), leaves: 2000),
    Held(Path.dataset.split, .string("8,2,0"), leaves: 1600),
  ])
  func rows(held: Held) throws {
    let settings = [(Path.dataset.split, ConfigValue.null), (held.field, held.value)]
    let counted = try #require(count(.sft, [.init("a.jsonl", rows: 2000)], settings))
    #expect(counted.samplesOfRun == 3200)
    #expect(counted.samples == held.samples)
    #expect(counted.epochs == 3200 / held.samples)
    #expect(counted.parts.map(\.epochs) == [3200 / held.samples])
  }

  struct Held: Sendable {
    let field: FieldPath
    let value: ConfigValue
    let samples: Double

    init(_ field: FieldPath, _ value: ConfigValue, leaves samples: Double) {
      (self.field, self.value, self.samples) = (field, value, samples)
    }
  }

  @Test func aFileForTrainingAloneIsTakenWhole() {
    let source = EpochCount.Source("a", rows: 64, isTrainingOnly: true)
    #expect(count(.sft, [source], [(Path.dataset.split, .null)])?.epochs == 50)
  }

  @Test func tokensMakeSamples() throws {
    let source = EpochCount.Source("a", rows: 7, tokens: 4_100_000)
    let counted = try #require(count(.indexed, [source], [(Path.dataset.split, .string("1,0,0"))]))
    #expect(counted.samples == 1000 && counted.epochs == 3.2)
  }

  /// How many samples they are the tokenizer says: of texts, and where rows share a sequence.
  @Test func textsAreCountedOnceTheyAreTokenized() throws {
    let ten = [EpochCount.Source("a", rows: 10)]
    for counted in [count(.jsonl, ten), count(.sft, ten, [(Path.dataset.packedSequenceSize, .int(4096))])] {
      let counted = try #require(counted)
      #expect(counted.samples == nil && counted.parts[0].source.rows == 10)
    }
    #expect(count(.jsonl, [.init("a", rows: 10)], samples: 320)?.epochs == 10)
  }

  /// Without weights all sources are seen equally often; with weights each as its weight says.
  @Test func blends() throws {
    let sources = [EpochCount.Source("a", rows: 100), EpochCount.Source("b", rows: 300)]
    let whole = [(Path.dataset.doValidation, ConfigValue.bool(false)), (Path.dataset.split, .null)]
    let equal = try #require(count(.sft, sources, whole))
    #expect(equal.epochs == 8 && equal.parts.map(\.epochs) == [8, 8])
    let paths = ConfigValue.list([["path": "a", "weight": .float(3)], ["path": "b", "weight": .float(1)]])
    let weighted = try #require(EpochCount(config(.sft, whole + [(Path.dataset.dataPaths, paths)]), sources))
    #expect(weighted.epochs == nil && weighted.parts.map(\.epochs) == [24, 3200.0 / 4 / 300])
  }

  @Test func nothingIsCountedWhereSomethingIsMissing() {
    #expect(count(.sft, []) == nil)
    let two = ConfigValue.list([.string("a"), .string("b")])
    #expect(EpochCount(config(.sft, [(Path.dataset.dataPaths, two)]), [.init("a", rows: 1)]) == nil)
    #expect(count(.sft, [.init("a", rows: 1)], [(Path.train.trainIters, .null)]) == nil)
    #expect(count(.sft, [.init("a", rows: 0)])?.epochs == nil)
  }
}
