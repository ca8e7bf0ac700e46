package import LaunchModel
package import Training

/// The data and the tokenizer that a run reads, looked at before anything of them is read.
package enum RunInputs {
  /// An input that cannot be opened, and the field that names it.
  package struct Missing: Sendable {
    package let path: FieldPath
    package let error: SystemError
  }

  /// The first of each field that is not there.
  package static func missing(_ config: LaunchConfig) -> [Missing] {
    var inputs = dataFiles(config)
    if let model = config.tokenizer.tokenizerModel, [.tikToken, .huggingFace].contains(config.tokenizer.tokenizerType) {
      inputs.append((Path.tokenizer.tokenizerModel, [RunTokenizer.modelFile(model)]))
    }
    return inputs.compactMap { path, files in
      files.lazy.compactMap(problem).first.map { Missing(path: path, error: $0) }
    }
  }

  /// Sizes and times of all data files as they are now.
  static func fingerprint(_ config: LaunchConfig) -> DataFingerprint {
    DataFingerprint(of: dataFiles(config).flatMap(\.files))
  }

  private static func dataFiles(_ config: LaunchConfig) -> [(path: FieldPath, files: [String])] {
    let dataset = config.dataset
    let kind = DatasetSettings.Kind(rawValue: dataset.kind.rawValue) ?? .mock
    func files(_ paths: [DataPath]) -> [String] { paths.flatMap { LoadedDataset.files(of: $0.path, kind) } }
    return [
      (Path.dataset.dataPaths, files(dataset.dataPaths)), (Path.dataset.validDataPaths, files(dataset.validDataPaths)),
    ]
  }

  private static func problem(_ file: String) -> SystemError? {
    do {
      _ = try FileReader(file)
      return nil
    } catch { return error as? SystemError }
  }
}
