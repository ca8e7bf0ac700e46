import ConfigDocument
import Diagnostics
import LaunchModel

/// # DATA-04: the split names shares
///
/// ## What
/// `split` holds one to three numbers of at least 0, not all 0: the shares of training, validation and test. Megatron takes
/// every run of digits and points for a number and ignores all else, minus signs included.
///
/// ## Why
/// More than three numbers are refused; none, or zeros alone, make shares that are not numbers. A share of 0 for training
/// means that nothing is trained.
///
/// ## Example
/// ```yaml
/// dataset: {split: "90,5,3,2"}
/// ```
///
/// ## Fix
/// `9999,8,2`, or `100,0,0` to train on everything.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `datasets/blended_megatron_dataset_config.py`, `parse_and_normalize_split`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum SplitIsReadable: Rule {
  static let code: DiagnosticCode = "DATA-04"
  static let title = "the split names shares"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let dataset = run.config.dataset
    guard let split = dataset.split else { return }
    let kind = dataset.kind
    guard kind != .mock, kind != .sft else { return }
    // Most splits are fine, and most are the derived one.
    if split == "9999,8,2" { return }
    let pieces = split.split { !$0.isASCII || !($0.isNumber || $0 == ".") }
    var shares: [Double] = []
    for piece in pieces {
      guard let share = number(piece) else {
        return report.error(
          at: Path.dataset.split, "`\(piece)` in the split `\(split)` is no number", excerpt: excerpt(piece, of: split))
      }
      shares.append(share)
    }
    guard shares.count <= 3 else {
      report.error(
        at: Path.dataset.split,
        "a split has the shares of training, validation and test; `\(split)` has \(shares.count) numbers")
      return
    }
    let sum = shares.reduce(0, +)
    guard sum > 0, sum.isFinite else {
      report.error(
        at: Path.dataset.split,
        shares.isEmpty
          ? "the split `\(split)` holds no numbers"
          : "the shares of the split `\(split)` add up to \(sum == 0 ? "0" : "infinity")",
        help: "as in `9999,8,2`")
      return
    }
    if split.contains("-") {
      report.note(
        at: Path.dataset.split,
        "Megatron does not see minus signs: `\(split)` is \(pieces.joined(separator: ", "))",
        fix: .safe("write what is read", (Path.dataset.split, .string(pieces.joined(separator: ",")))))
    }
    if shares[0] == 0 {
      report.warning(at: Path.dataset.split, "the split `\(split)` leaves nothing for training")
    } else if shares.count < 2 || shares[1] == 0, run.config.validation.evalIters > 0 {
      report.note(
        at: Path.dataset.split, "the split `\(split)` leaves nothing for validation, so nothing is evaluated",
        related: [(Path.validation.evalIters, "without effect")])
    }
  }

  /// Python's float of digits and points.
  private static func number(_ piece: Substring) -> Double? {
    guard piece.contains(where: { $0 != "." }), piece.count(where: { $0 == "." }) < 2 else { return nil }
    return Double("0" + piece + (piece.last == "." ? "0" : ""))
  }

  private static func excerpt(_ piece: Substring, of text: String) -> Range<Int> {
    let start = text.utf8.distance(from: text.utf8.startIndex, to: piece.startIndex)
    return start..<start + piece.utf8.count
  }
}
