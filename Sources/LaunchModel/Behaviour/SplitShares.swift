extension Section<DatasetFields> {
  /// The shares of training, validation and test in `split`, which make 1 together; `nil` without a split, and for one that
  /// is itself wrong.
  ///
  /// Source: megatron-core 0.19.2 `datasets/blended_megatron_dataset_config.py`, `parse_and_normalize_split`.
  public var splitShares: [Double]? {
    guard let split = self.split else { return nil }
    let numbers = split.split { !$0.isASCII || !($0.isNumber || $0 == ".") }.map { Double($0) ?? .nan }
    let sum = numbers.reduce(0, +)
    guard numbers.count <= 3, sum > 0, sum.isFinite else { return nil }
    return numbers.map { $0 / sum } + Array(repeating: 0, count: 3 - numbers.count)
  }
}
