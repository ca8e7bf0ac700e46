import ArgumentParser
import ConfigDocument
import LaunchModel

/// What the model learns from.
struct DataOptions: ParsableArguments {
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Data files or prefixes; several make a blend, with weights as in Megatron: `0.3 a 0.7 b`.", valueName: "path"),
    completion: .file())
  var dataPaths: [String] = []

  @Option(
    parsing: .upToNextOption, help: ArgumentHelp("The same for training alone.", valueName: "path"), completion: .file()
  )
  var trainDataPath: [String] = []

  @Option(
    parsing: .upToNextOption, help: ArgumentHelp("Evaluated on instead of a share.", valueName: "path"),
    completion: .file())
  var validDataPath: [String] = []

  @Option(
    parsing: .upToNextOption, help: ArgumentHelp("Tested on instead of a share.", valueName: "path"),
    completion: .file())
  var testDataPath: [String] = []

  @Flag(help: "Random tokens instead of data.")
  var mock = false

  @Option(
    help: ArgumentHelp("A Hugging Face name, a folder or a file.", valueName: "path"), completion: .file())
  var tokenizerPath: String?

  @Option(name: [.long, .customLong("seq")], help: ArgumentHelp("Tokens of a sequence.", valueName: "n"))
  var seqLength: Int?

  func validate() throws {
    if !dataPaths.isEmpty, !trainDataPath.isEmpty {
      throw ValidationError("--data-paths and --train-data-path exclude each other.")
    }
    if mock, !dataPaths.isEmpty || !trainDataPath.isEmpty || !validDataPath.isEmpty || !testDataPath.isEmpty {
      throw ValidationError("--mock and data paths exclude each other.")
    }
  }

  func contribute(to flags: inout FlagLayer) {
    flags.set("--data-paths", Path.dataset.dataPaths, Self.blend(dataPaths))
    flags.set("--train-data-path", Path.dataset.dataPaths, Self.blend(trainDataPath))
    flags.set("--valid-data-path", Path.dataset.validDataPaths, Self.blend(validDataPath))
    flags.set("--test-data-path", Path.dataset.testDataPaths, Self.blend(testDataPath))
    if mock {
      flags.set("--mock", Path.dataset.kind, DatasetKind.mock.configValue)
      flags.set("--mock", Path.dataset.dataPaths, .list([]))
    }
    if let tokenizerPath {
      flags.set("--tokenizer-path", Path.tokenizer.tokenizerType, TokenizerKind.huggingFace.configValue)
      flags.set("--tokenizer-path", Path.tokenizer.tokenizerModel, .string(tokenizerPath))
    }
    flags.set("--seq-length", Path.model.seqLength, seqLength.map { .int($0) })
  }

  /// Megatron's `get_blend_from_list`: numbers in every other place, beginning with the first, are weights. One argument
  /// may hold them all, as where a script quotes its variable.
  static func blend(_ arguments: [String]) -> ConfigValue? {
    guard let first = arguments.first else { return nil }
    let words = arguments.count == 1 ? first.split(separator: " ").map(String.init) : arguments
    return weighted(words) ?? .list(arguments.map { .string($0) })
  }

  /// `nil` where a weight is missing.
  private static func weighted(_ words: [String]) -> ConfigValue? {
    guard words.count % 2 == 0, !words.isEmpty else { return nil }
    var sources: [ConfigValue] = []
    for place in stride(from: 0, to: words.count, by: 2) {
      guard let weight = Double(words[place]), weight.isFinite else { return nil }
      sources.append(["path": .string(words[place + 1]), "weight": .float(weight)])
    }
    return .list(sources)
  }
}
