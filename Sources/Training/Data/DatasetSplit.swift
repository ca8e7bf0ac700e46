/// The shares of a data set for training, validation and test, as in `dataset.split`.
package struct DatasetSplit: Hashable, Sendable {
  package enum Part: Int, Sendable, CaseIterable {
    case train, validation, test
  }

  /// Normalised to a sum of 1.
  package let shares: [Double]

  /// Reads a string such as `9999,8,2` or `0.9, 0.1` as Megatron does (`parse_and_normalize_split`): runs of digits and
  /// dots are the numbers, anything between separates, missing ones are 0.
  /// - Throws: ``DatasetError`` for more than three numbers, none above 0, or a run that is no number. (Megatron turns
  ///   "0,0,0" into NaN.)
  package init(_ text: String) throws {
    let fail = { (message: String) in DatasetError(message, file: "dataset.split \"\(text)\"") }
    var numbers: [Double] = []
    for run in text.split(whereSeparator: { !($0 == "." || $0.isASCII && $0.isWholeNumber) }) {
      guard let number = Double(run) else { throw fail("\"\(run)\" is no number") }
      numbers.append(number)
    }
    guard numbers.count <= Part.allCases.count else {
      throw fail("there are \(numbers.count) numbers, at most 3 are read")
    }
    let sum = numbers.reduce(0, +)
    guard sum > 0, sum.isFinite else { throw fail("no number is above 0") }
    shares = numbers.map { $0 / sum } + Array(repeating: 0, count: Part.allCases.count - numbers.count)
  }

  /// The documents of a part: consecutive, cut at the rounded (half to even) running shares.
  package func documents(_ part: Part, of count: Int) -> Range<Int> {
    let start = shares[..<part.rawValue].reduce(0, +)
    let end = start + shares[part.rawValue]
    let cut = { (share: Double) in min(count, Int((share * Double(count)).rounded(.toNearestOrEven))) }
    return cut(start)..<max(cut(start), cut(end))
  }
}
