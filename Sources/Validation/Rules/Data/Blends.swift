import LaunchModel

/// How data are named.
enum Blends {
  static func isCarried(_ dataset: Section<DatasetFields>) -> Bool {
    (dataset.carried("blend") ?? .null) != .null || (dataset.carried("blend_per_split") ?? .null) != .null
  }

  static func firstPath(_ dataset: Section<DatasetFields>) -> FieldPath? {
    if !dataset.dataPaths.isEmpty { return Path.dataset.dataPaths }
    if !dataset.validDataPaths.isEmpty { return Path.dataset.validDataPaths }
    return dataset.testDataPaths.isEmpty ? nil : Path.dataset.testDataPaths
  }
}
