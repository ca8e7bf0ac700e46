import Diagnostics
import LaunchModel

/// # DATA-17: every set with a share has documents
///
/// ## What
/// `split` divides the documents of each dataset, not its tokens: a set gets those between its running shares times their
/// number, both rounded. Of few documents a small share is none. Where the `.idx` can be read, its documents are counted.
///
/// ## Why
/// A set with a share is built whether or not it is evaluated. Without documents its index is repeated until it has enough
/// samples, which never ends; in a blend without weights Megatron refuses it. The CPU engine builds a set only where it is
/// evaluated.
///
/// ## Example
/// ```yaml
/// dataset: {data_paths: [small_text_document], split: "9999,8,2"}   # 100 documents: 100, 0, 0
/// ```
///
/// ## Fix
/// Larger shares, or a share of 0 for a set that is not needed.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `datasets/blended_megatron_dataset_builder.py`, `_build_megatron_dataset_splits`;
///   `datasets/gpt_dataset.py`, `_get_num_epochs`; `datasets/blended_dataset.py`, `__init__`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum EverySetHasDocuments: Rule {
  static let code: DiagnosticCode = "DATA-17"
  static let title = "every set with a share has documents"
  static let errorsDependOn: PlanAspects = []

  private static let sets = ["training", "validation", "test"]

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard !run.documentCounts.isEmpty, let split = run.config.dataset.split,
      let shares = run.config.dataset.splitShares
    else { return }
    let built = shares.indices.filter { shares[$0] > 0 && isBuilt($0, run) }
    for (path, count) in run.documentCounts {
      let documents = documents(of: count, by: shares)
      let empty = built.filter { documents[$0] == 0 }
      guard !empty.isEmpty else { continue }
      let nearest = nearest(documents, empty) ?? "100,0,0"
      report.error(
        at: Path.dataset.split,
        """
        the split `\(split)` of the \(Help.count(count, "document")) of `\(path)` leaves \
        \(documents.map(String.init).joined(separator: ", ")): none for \
        \(empty.map { sets[$0] }.joined(separator: " and "))
        """,
        help: "the nearest split that works is `\(nearest)`",
        related: [(Path.dataset.dataPaths, "\(Help.count(count, "document"))")],
        fix: count > 0 ? .unsafe("take the nearest split", (Path.dataset.split, .string(nearest))) : nil)
      return
    }
  }

  /// Megatron builds every set with a share, asked for samples or not; the engine here those that it reads.
  private static func isBuilt(_ set: Int, _ run: RunFacts) -> Bool {
    guard run.start != nil, set > 0 else { return true }
    return set == 1 && run.config.validation.evalIters > 0 && (run.config.validation.evalInterval ?? 0) > 0
  }

  /// Python's `round`, half to even, of the running shares.
  private static func documents(of count: Int, by shares: [Double]) -> [Int] {
    var (start, running): (Int, Double) = (0, 0)
    return shares.map { share in
      running += share
      let end = Int((running * Double(count)).rounded(.toNearestOrEven))
      defer { start = end }
      return max(end - start, 0)
    }
  }

  /// One document for each empty set, from the largest one; `nil` where there are not enough.
  private static func nearest(_ documents: [Int], _ empty: [Int]) -> String? {
    var documents = documents
    for set in empty {
      guard let largest = documents.indices.max(by: { documents[$0] < documents[$1] }), documents[largest] > 1 else {
        return nil
      }
      documents[largest] -= 1
      documents[set] = 1
    }
    return documents.map(String.init).joined(separator: ",")
  }
}
