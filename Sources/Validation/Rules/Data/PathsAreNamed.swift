import Diagnostics
import LaunchModel

/// # DATA-20: a path names something
///
/// ## What
/// `data_paths`, `valid_data_paths`, `test_data_paths` and `pretrained_checkpoint` are not empty. A number among paths
/// without weights is a warning.
///
/// ## Why
/// An empty path is what a variable that is not set leaves on a command line. Megatron stops where it opens data of that
/// name; an empty `pretrained_checkpoint` stands for the directory in which the run is started. A number is a weight that
/// lost its path: of an odd number of words Megatron takes each for a path.
///
/// ## Example
/// ```yaml
/// checkpoint: {pretrained_checkpoint: ""}   # --pretrained-checkpoint "$CHECKPOINT"
/// ```
///
/// ## Fix
/// Write the path, or leave the field out.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `datasets/indexed_dataset.py`, `IndexedDataset.initialize`, and
///   `datasets/utils.py`, `get_blend_from_list`; megatron-bridge 0.3.1 `training/utils/checkpoint_utils.py`,
///   `checkpoint_exists`.
/// - 0.5.1: megatron-core 0.18.2 and megatron-bridge 0.5.1, the same.
/// - 0.6.2: megatron-core 0.19.2 and megatron-bridge 0.6.2, the same; `training/config.py` there refuses a
///   `pretrained_checkpoint` that does not exist.
enum PathsAreNamed: Rule {
  static let code: DiagnosticCode = "DATA-20"
  static let title = "a path names something"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let (dataset, checkpoint) = (run.config.dataset, run.config.checkpoint)
    for (field, sources) in [
      (Path.dataset.dataPaths, dataset.dataPaths), (Path.dataset.validDataPaths, dataset.validDataPaths),
      (Path.dataset.testDataPaths, dataset.testDataPaths),
    ] {
      if sources.contains(where: { isBlank($0.path) }) {
        report.error(at: field, "a path in `\(name: field)` is empty", help: "a variable that is not set leaves that")
      } else if sources.count > 1, let number = sources.first(where: { $0.weight == nil && Double($0.path) != nil }) {
        report.warning(
          at: field, "`\(number.path)` is taken for a path, not for a weight",
          help: "weights and paths come in pairs: each path has its weight before it")
      }
    }
    if let base = checkpoint.pretrainedCheckpoint, isBlank(base) {
      report.error(
        at: Path.checkpoint.pretrainedCheckpoint, "`\(name: Path.checkpoint.pretrainedCheckpoint)` is empty",
        help: "a variable that is not set leaves that; null names none")
    }
  }

  private static func isBlank(_ path: String) -> Bool { path.allSatisfy(\.isWhitespace) }
}
