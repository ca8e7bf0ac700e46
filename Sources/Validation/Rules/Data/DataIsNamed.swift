import ConfigDocument
import Diagnostics
import LaunchModel

/// # DATA-01: data are named, or made up on purpose
///
/// ## What
/// `dataset.kind` of `jsonl`, `tokens` or `indexed` needs `data_paths`. With `mock` paths are not read, and `split` is
/// always `1,1,1`.
///
/// ## Why
/// Megatron takes a missing blend for a wish for mock data, and trains on noise without a word. The CPU engine has
/// nothing to read.
///
/// ## Example
/// ```yaml
/// dataset: {kind: indexed}   # no data_paths
/// ```
///
/// ## Fix
/// Name the data, or say `kind: mock`.
///
/// ## Source
/// megatron-core 0.16.1 `datasets/blended_megatron_dataset_config.py`, `__post_init__`.
enum DataIsNamed: Rule {
  static let code: DiagnosticCode = "DATA-01"
  static let title = "data are named, or made up on purpose"

  static func check(_ run: RunFacts, _ report: inout Report) {
    let dataset = run.config.dataset
    let kind = dataset.kind
    switch kind {
    case .sft: return
    case .mock:
      if let path = Blends.firstPath(dataset) {
        report.warning(
          at: Path.dataset.kind, "mock data are made up; the paths that are named are not read",
          help: "without `kind` it follows from the first path", related: [(path, "not read")])
      } else if let split = dataset.split, split != "1,1,1", dataset.isWritten(\.split) {
        report.note(
          at: Path.dataset.split, "mock data are split `1,1,1`, not `\(split)`", related: [(Path.dataset.kind, "mock")],
          fix: .safe("write `1,1,1`", (Path.dataset.split, .string("1,1,1"))))
      }
    case .jsonl, .tokens, .indexed:
      guard dataset.dataPaths.isEmpty, !Blends.isCarried(dataset) else { return }
      report.error(
        at: Path.dataset.dataPaths,
        "`kind` is `\(kind.rawValue)`, but there are no `data_paths`; Megatron would make data up",
        help: "`kind: mock` makes data up on purpose", related: [(Path.dataset.kind, "\(kind.rawValue)")])
    }
  }
}

/// # DATA-02: a blend is complete
///
/// ## What
/// `data_paths` need a `split`, unless validation or test data are named of their own. And either all paths have a weight
/// or none has one.
///
/// ## Why
/// One blend serves training, validation and test, and has to be shared out.
///
/// ## Example
/// ```yaml
/// dataset:
///   data_paths: [{path: web_text_document, weight: 0.7}, code_text_document]   # the second has no weight
/// ```
///
/// ## Fix
/// Without `split`, `9999,8,2` is derived; without weights, sources count by their size.
///
/// ## Source
/// megatron-core 0.16.1 `datasets/blended_megatron_dataset_config.py`, `__post_init__`.
enum BlendIsComplete: Rule {
  static let code: DiagnosticCode = "DATA-02"
  static let title = "a blend is complete"

  static func check(_ run: RunFacts, _ report: inout Report) {
    let dataset = run.config.dataset
    let kind = dataset.kind
    guard kind != .mock, kind != .sft else { return }
    for (path, sources) in [
      (Path.dataset.dataPaths, dataset.dataPaths), (Path.dataset.validDataPaths, dataset.validDataPaths),
      (Path.dataset.testDataPaths, dataset.testDataPaths),
    ] {
      guard let bare = sources.first(where: { $0.weight == nil }),
        let weighted = sources.first(where: { $0.weight != nil })
      else { continue }
      report.error(
        at: path, "`\(weighted.path)` has a weight and `\(bare.path)` has none; either all have one or none",
        help: "\(Help.count(sources.count, "source")), \(Help.count(sources.count { $0.weight != nil }, "weight"))")
    }
    guard !dataset.dataPaths.isEmpty, dataset.split == nil, dataset.validDataPaths.isEmpty,
      dataset.testDataPaths.isEmpty
    else { return }
    report.error(
      at: Path.dataset.split, "`data_paths` need a `split` into training, validation and test",
      help: "`9999,8,2` is usual; or name `valid_data_paths`",
      related: [(Path.dataset.dataPaths, "one blend for all three")],
      fix: .unsafe("write `9999,8,2`", (Path.dataset.split, .string("9999,8,2"))))
  }
}

/// # DATA-03: data named for each split are not split
///
/// ## What
/// `valid_data_paths` and `test_data_paths` exclude `split`. (Written in Megatron's own form, `blend_per_split` holds
/// exactly three blends and excludes `blend` and `split`.)
///
/// ## Why
/// There is nothing left to share out; Megatron refuses the contradiction.
///
/// ## Example
/// ```yaml
/// dataset: {data_paths: [train_document], valid_data_paths: [valid_document], split: "99,1,0"}
/// ```
///
/// ## Fix
/// Remove `split`.
///
/// ## Source
/// megatron-core 0.16.1 `datasets/blended_megatron_dataset_config.py`, `__post_init__`.
enum SeparateDataAreNotSplit: Rule {
  static let code: DiagnosticCode = "DATA-03"
  static let title = "data named for each split are not split"

  static func check(_ run: RunFacts, _ report: inout Report) {
    let dataset = run.config.dataset
    let kind = dataset.kind
    guard kind != .mock, kind != .sft else { return }
    let remove = FieldFix.safe("remove the split", (Path.dataset.split, nil))
    if !dataset.validDataPaths.isEmpty || !dataset.testDataPaths.isEmpty {
      let own = dataset.validDataPaths.isEmpty ? Path.dataset.testDataPaths : Path.dataset.validDataPaths
      guard let split = dataset.split else { return }
      report.error(
        at: Path.dataset.split, "`split` is `\(split)`, but `\(own.field)` are data of their own",
        related: [(own, "data of their own")], fix: remove)
      return
    }
    guard case .list(let blends)? = dataset.carried("blend_per_split"), blends.contains(where: { $0 != .null }) else {
      return
    }
    let path = FieldPath("dataset", "blend_per_split")
    if !dataset.dataPaths.isEmpty || (dataset.carried("blend") ?? .null) != .null {
      let other = dataset.dataPaths.isEmpty ? FieldPath("dataset", "blend") : Path.dataset.dataPaths
      report.error(
        at: path, "one blend for all splits and blends for each exclude each other", related: [(other, "the other")])
    } else if let split = dataset.split {
      report.error(
        at: Path.dataset.split, "`split` is `\(split)`, but each split has a blend of its own",
        related: [(path, "their own")],
        fix: remove)
    } else if blends.count != 3 {
      report.error(at: path, "`blend_per_split` holds blends of training, validation and test, but has \(blends.count)")
    }
  }
}

/// # DATA-10: every source of a blend counts
///
/// ## What
/// Weights in `data_paths`, `valid_data_paths` and `test_data_paths` must be above 0; a single source's as well.
///
/// ## Why
/// Megatron refuses a source that no sample would be drawn from, when it blends the data.
///
/// ## Example
/// ```yaml
/// dataset: {data_paths: [{path: web_text_document, weight: 1}, {path: code_text_document, weight: 0}]}
/// ```
///
/// ## Fix
/// Leave the source out.
///
/// ## Source
/// megatron-core 0.16.1 `datasets/blended_dataset.py`, `BlendedDataset`.
enum EverySourceCounts: Rule {
  static let code: DiagnosticCode = "DATA-10"
  static let title = "every source of a blend counts"

  static func check(_ run: RunFacts, _ report: inout Report) {
    let dataset = run.config.dataset
    let kind = dataset.kind
    guard kind != .mock, kind != .sft else { return }
    for (path, sources) in [
      (Path.dataset.dataPaths, dataset.dataPaths), (Path.dataset.validDataPaths, dataset.validDataPaths),
      (Path.dataset.testDataPaths, dataset.testDataPaths),
    ] {
      guard let idle = sources.first(where: { ($0.weight ?? 1) <= 0 }), let weight = idle.weight else { continue }
      report.error(
        at: path, "`\(idle.path)` has the weight \(weight), so nothing would be drawn from it; a weight is above 0",
        help: "leave the source out")
    }
  }
}

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
