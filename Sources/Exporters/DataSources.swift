import FileAccess
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
  /// What that folder is made of; `nil` where it is used as it lies.
  let examples: (train: [String], valid: [String], test: [String])?
  /// The examples as they lie there, each with the field that names it and what its beginning shows.
  let seen: [(field: FieldPath, path: String, rows: ExampleRows)]

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
    guard data.kind == .sft, let first = data.dataPaths.first?.path else {
      (exampleFolder, examples, seen) = (nil, nil, [])
      return
    }
    let made = config.runDirectory + "/examples"
    let isFolder =
      data.dataPaths.count == 1 && data.validDataPaths.isEmpty && data.testDataPaths.isEmpty && !Self.isLines(first)
    guard isFolder else {
      let files = (data.dataPaths.map(\.path), data.validDataPaths.map(\.path), data.testDataPaths.map(\.path))
      let fields = [(Path.dataset.dataPaths, files.0), (Path.dataset.validDataPaths, files.1)]
      seen = (fields + [(Path.dataset.testDataPaths, files.2)]).flatMap { field, paths in
        paths.map { (field, $0, ExampleRows(of: $0)) }
      }
      (exampleFolder, examples) = (made, files)
      return
    }
    func file(_ name: String) -> [String] {
      let path = first + "/" + name + ".jsonl"
      return InputFile.exists(path) ? [path] : []
    }
    let files = (file("training"), file("validation"), file("test"))
    seen = (files.0 + files.1 + files.2).map { (Path.dataset.dataPaths, $0, ExampleRows(of: $0)) }
    // Nothing is ever written into it: rows that a release would not read are made anew elsewhere.
    let isOurs = seen.allSatisfy(\.rows.isOurs)
    (exampleFolder, examples) = isOurs ? (first, nil) : (made, files)
  }

  /// What the examples are, where it can be told.
  var form: ExampleRows.Form? { seen.lazy.compactMap(\.rows.form).first }

  /// One line for everything about the examples that no program could train on.
  func check(_ config: LaunchConfig, _ remarks: inout ExportRemarks) {
    for source in seen {
      if let problem = source.rows.problem {
        remarks.problem(source.field, "\(shown(source.path)): \(problem)")
      } else if let form, let other = source.rows.form, other != form {
        remarks.problem(
          source.field, "\(shown(source.path)) holds rows that are each \(other.rawValue), the others \(form.rawValue)",
          help: "train on one kind")
      }
    }
    if let exampleFolder, examples == nil, seen.isEmpty, realPath(exampleFolder) != nil {
      remarks.problem(
        Path.dataset.dataPaths, "\(shown(exampleFolder)) holds no training.jsonl",
        help: "name a folder with training.jsonl, or the files themselves")
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
