import LaunchModel

/// Switches the precision-aware optimizer off, with the formats that only it reads.
enum PlainFormats {
  static var fix: FieldFix {
    let formats = [
      Path.optimizer.mainGradsDtype, Path.optimizer.mainParamsDtype, Path.optimizer.expAvgDtype,
      Path.optimizer.expAvgSqDtype,
    ]
    return FieldFix(
      title: "switch it off", applicability: .unsafe,
      changes: [(path: Path.optimizer.usePrecisionAwareOptimizer, value: .bool(false))]
        + formats.map { (path: $0, value: .string("fp32")) })
  }
}
