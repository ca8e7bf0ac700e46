import LaunchModel

/// Where Megatron finds what a config trains on, given that it reads neither JSONL to pretrain nor single files to
/// finetune: those are prepared first, under names that follow from the source's.
struct DataSources {
  /// As written, by field.
  let written: [(field: String, paths: [DataPath])]
  let train: [DataPath]
  let valid: [DataPath]
  let test: [DataPath]
  /// Sources that are turned into .bin/.idx files, with the prefix of these.
  let renamed: [(source: String, prefix: String)]
  /// Finetuning from files: the folder with `training.jsonl`, `validation.jsonl`, `test.jsonl`.
  let exampleFolder: String?
  /// What the first row of these examples is, where it can be seen.
  let rows: ExampleRows?
  /// Whether that folder is made from `written`.
  let needsExamples: Bool

  init(_ config: LaunchConfig) {
    let data = config.dataset
    written = [
      ("data_paths", data.dataPaths), ("valid_data_paths", data.validDataPaths),
      ("test_data_paths", data.testDataPaths),
    ]
    var renamed: [(String, String)] = []
    func prefixed(_ paths: [DataPath]) -> [DataPath] {
      paths.map { source in
        let prefix = Self.prefix(of: source.path, data.kind)
        if data.kind == .jsonl || data.kind == .tokens { renamed.append((source.path, prefix)) }
        return DataPath(prefix, weight: source.weight)
      }
    }
    if data.kind == .sft || data.kind == .mock {
      (train, valid, test) = (data.dataPaths, data.validDataPaths, data.testDataPaths)
    } else {
      (train, valid, test) = (prefixed(data.dataPaths), prefixed(data.validDataPaths), prefixed(data.testDataPaths))
    }
    self.renamed = renamed
    let isFolder =
      data.dataPaths.count == 1 && data.validDataPaths.isEmpty && data.testDataPaths.isEmpty
      && !Self.isLines(data.dataPaths[0].path)
    rows =
      data.kind == .sft
      ? data.dataPaths.first.flatMap { ExampleRows(of: isFolder ? $0.path + "/training.jsonl" : $0.path) } : nil
    needsExamples = data.kind == .sft && !data.dataPaths.isEmpty && !isFolder
    if data.kind != .sft || data.dataPaths.isEmpty {
      exampleFolder = nil
    } else {
      exampleFolder = isFolder ? data.dataPaths[0].path : config.runDirectory + "/examples"
    }
  }

  private static let endings = [".jsonl", ".nvjsonl", ".json"]

  private static func isLines(_ path: String) -> Bool { endings.contains { path.hasSuffix($0) } }

  /// Megatron's name for the pair of files: `tools/preprocess_data.py` calls the tokens of `a.jsonl` `a_text_document`.
  private static func prefix(of path: String, _ kind: DatasetKind) -> String {
    switch kind {
    case .indexed:
      for ending in [".bin", ".idx"] where path.hasSuffix(ending) { return String(path.dropLast(ending.count)) }
      return path
    case .jsonl, .tokens:
      let ending = endings.first { path.hasSuffix($0) } ?? ""
      return String(path.dropLast(ending.count)) + (kind == .jsonl ? "_text_document" : "_tokens_document")
    case .mock, .sft: return path
    }
  }
}
