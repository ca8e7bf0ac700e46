import Diagnostics

/// Which aspects of a choice the verdict of a rule can depend on, as far as a plan varies them.
///
/// A rule that is not listed depends on none: its verdict is the same for all choices of a search. A test holds the
/// list against the rules themselves, on random configs; and every row of a plan has passed all rules as a whole.
enum RuleReach {
  static func aspects(of code: DiagnosticCode) -> PlanAspects { table[code] ?? [] }

  private static let table: [DiagnosticCode: PlanAspects] = {
    let groups: [(PlanAspects, [DiagnosticCode])] = [
      (.tensor, ["DIM-01", "DIM-02", "DIM-04", "DIM-06", "VOCAB-01", "VOCAB-03", "SEQ-01", "SEQ-02", "PEFT-16"]),
      (.context, ["CP-01", "CP-02", "CP-03", "CP-04", "CP-06", "GPU-08"]),
      ([.tensor, .context], ["SEQ-04"]),
      ([.tensor, .pipeline, .context], ["DIM-14"]),
      (.expert, ["MOE-01", "MOE-02", "MOE-12"]),
      (.expertTensor, ["DIM-05", "MOE-26", "MOE-27"]),
      ([.tensor, .expertTensor], ["MOE-25", "PEFT-07"]),
      ([.tensor, .expert, .expertTensor], ["MOE-19"]),
      ([.tensor, .pipeline, .context, .expert, .expertTensor], ["GPU-05"]),
      ([.replicas, .pipeline, .context, .expert, .expertTensor], ["GPU-07", "DDP-04"]),
      (.microBatch, ["PACK-01", "PACK-02"]),
      ([.microBatch, .replicas], ["BATCH-01", "BATCH-02", "BATCH-03", "BATCH-06", "DATA-07"]),
      ([.microBatch, .replicas, .pipeline, .virtualPipeline], ["BATCH-08"]),
      (.pipeline, ["PREC-03"]),
      (
        [.pipeline, .virtualPipeline],
        [
          "PIPE-00", "PIPE-01", "PIPE-02", "PIPE-03", "PIPE-04", "PIPE-05", "PIPE-06", "PIPE-07", "PIPE-08", "PIPE-09",
          "PIPE-10", "PIPE-11", "PIPE-13", "PIPE-14", "PIPE-15", "PIPE-16", "PIPE-17", "PIPE-18", "PIPE-19", "PIPE-20",
          "PIPE-22", "PIPE-23", "PIPE-24", "PIPE-26", "PIPE-28", "PIPE-29", "PIPE-31", "PEFT-17", "OPT-13",
        ]
      ),
      ([.pipeline, .virtualPipeline, .numMicrobatches], ["PIPE-21"]),
      (.recompute, ["RECOMP-02", "RECOMP-04", "RECOMP-06", "RECOMP-08", "RECOMP-09", "RECOMP-10", "MTP-02", "CG-01"]),
      ([.tensor, .recompute], ["RECOMP-11"]),
      ([.pipeline, .recompute], ["RECOMP-12"]),
      ([.pipeline, .virtualPipeline, .recompute], ["RECOMP-03"]),
      ([.pipeline, .virtualPipeline, .expert, .recompute], ["MOE-31"]),
    ]
    return Dictionary(
      groups.flatMap { aspects, codes in codes.map { ($0, aspects) } }, uniquingKeysWith: { $0.union($1) })
  }()
}
