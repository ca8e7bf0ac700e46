import ConfigDocument
import Testing

@Suite("SCHED: learning rate and weight decay")
struct SchedulerTests {
  /// A run counted in samples.
  private static func samples(_ more: [String: ConfigValue] = [:]) -> [String: ConfigValue] {
    ["train.train_iters": .null, "train.train_samples": 2_048_000, "scheduler.lr_warmup_iters": 0].merging(
      more, uniquingKeysWith: { $1 })
  }

  @Test(
    arguments: [
      .error("SCHED-02", ["scheduler.lr_decay_samples": 1000], at: "scheduler.lr_decay_samples", "counts samples"),
      .error(
        "SCHED-02", ["scheduler.lr_wsd_decay_samples": 1000], at: "scheduler.lr_wsd_decay_samples", "counts samples"),
      .error(
        "SCHED-03", ["scheduler.lr_warmup_fraction": 0.1, "scheduler.lr_warmup_iters": 2000],
        at: "scheduler.lr_warmup_fraction", "2000 steps"),
      .accepted("SCHED-03", ["scheduler.lr_warmup_fraction": 0.1]),
      .accepted("SCHED-03", ["scheduler.lr_warmup_fraction": 0.1, "scheduler.lr_warmup_iters": 0]),
      .accepted("SCHED-04", samples()),
      .accepted("SCHED-04", samples(["scheduler.lr_warmup_samples": 1000])),
      .error(
        "SCHED-02", samples(["scheduler.lr_warmup_iters": 10]), at: "scheduler.lr_warmup_iters", "counts steps"),
      .error(
        "SCHED-04", samples(["scheduler.lr_warmup_iters": 10, "scheduler.lr_decay_samples": .null]),
        at: "scheduler.lr_warmup_iters", "the run is counted in samples"),
      .error(
        "SCHED-04",
        ["scheduler.lr_warmup_iters": 0, "scheduler.lr_decay_iters": .null, "scheduler.lr_warmup_samples": 2048],
        at: "scheduler.lr_warmup_samples", "the run is counted in steps"),
    ] as [ValidationCase])
  func units(_ item: ValidationCase) throws { try item.check() }

  @Test(
    arguments: [
      .warning(
        "SCHED-05", ["train.train_iters": 20], at: "scheduler.lr_warmup_iters",
        "warm-up of 2000 steps is not shorter than the decay of 20"),
      .warning("SCHED-05", ["train.train_iters": 2000], at: "scheduler.lr_warmup_iters", "not shorter"),
      .accepted("SCHED-05", ["train.train_iters": 2001]),
      .warning(
        "SCHED-05", ["train.train_iters": 1000, "scheduler.lr_decay_iters": 5000], at: "scheduler.lr_warmup_iters",
        "ends after 1000 steps, within its warm-up of 2000"),
      .error("SCHED-05", samples(["scheduler.lr_decay_samples": 0]), at: "scheduler.lr_decay_samples", "0 samples"),
      .warning(
        "SCHED-12", ["train.train_iters": 400_000, "scheduler.lr_decay_iters": 500_000], at: "scheduler.lr_decay_iters",
        "before it is at `min_lr`"),
      .warning("SCHED-12", ["scheduler.lr_decay_iters": 400_000], at: "scheduler.lr_decay_iters", "the run has 500000"),
      .accepted("SCHED-12", ["train.train_iters": 400_000]),
      .silent("SCHED-12", ["scheduler.lr_decay_iters": 400_000, "scheduler.lr_decay_style": "constant"]),
      .warning(
        "SCHED-01", ["train.rampup_batch_size": [256, 256, 100_000]], at: "train.rampup_batch_size",
        "1024000000 samples long"
      ).in(.bridge031),
      .silent(
        "SCHED-12",
        ["train.train_iters": 1000, "train.rampup_batch_size": [256, 256, 100_000], "scheduler.lr_decay_iters": 903]
      ).in(.bridge031),
      .warning(
        "SCHED-12",
        ["train.train_iters": 3000, "train.rampup_batch_size": [256, 256, 100_000], "scheduler.lr_decay_iters": 2500],
        at: "scheduler.lr_decay_iters", "after 2500 whole batches; the run has 29"
      ).in(.bridge031),
    ] as [ValidationCase])
  func lengths(_ item: ValidationCase) throws { try item.check() }

  @Test(
    "a run whose ramp-up ends it before its decay is mended by the fix",
    arguments: [(1, nil), (10, nil), (1000, nil), (1000, 1000), (1000, 990)] as [(Int, Int?)])
  func rampUp(steps: Int, decay: Int?) throws {
    let written: [String: ConfigValue] = [
      "train.train_iters": .int(steps), "train.rampup_batch_size": [256, 256, 100_000],
      "scheduler.lr_decay_iters": decay.map { .int($0) } ?? .null, "scheduler.lr_warmup_iters": 0,
    ]
    let found = try GoodConfig.pretrain.findings(written, for: .bridge031)
    let fix = try #require(found.first { $0.code == "SCHED-01" }?.fix)
    var mended = written
    for change in fix.changes { mended[change.path.description] = change.value }
    let left = try GoodConfig.pretrain.findings(mended, for: .bridge031).filter { $0.code.rawValue.hasPrefix("SCHED") }
    #expect(left.isEmpty, "\(left.map { "\($0.code) \($0.message.text)" })")
  }

  @Test(
    "longer runs reach the end of the decay",
    arguments: [
      (1, "they end together with `train_iters: 8` and `lr_decay_iters: 1`"),
      (1000, "they end together with `train_iters: 1097` and `lr_decay_iters: 1000`, or with `lr_decay_iters: 903`"),
    ])
  func longerRun(steps: Int, help: String) throws {
    let found = try GoodConfig.pretrain.findings(
      ["train.train_iters": .int(steps), "train.rampup_batch_size": [256, 256, 100_000]], for: .bridge031)
    #expect(found.first { $0.code == "SCHED-01" }?.help?.text == help)
  }

  @Test(
    arguments: [
      .error("SCHED-06", ["scheduler.start_weight_decay": .null], at: "scheduler.start_weight_decay", "not given"),
      .error("SCHED-06", ["scheduler.end_weight_decay": .null], at: "scheduler.end_weight_decay", "not given"),
      .error(
        "SCHED-06", ["scheduler.end_weight_decay": 0.01], at: "scheduler.end_weight_decay", "fall from 0.033 to 0.01"),
      .error(
        "SCHED-07", ["scheduler.end_weight_decay": 0.1], at: "scheduler.weight_decay_incr_style",
        "starts at 0.033 and ends at 0.1"),
      .accepted("SCHED-07", ["scheduler.end_weight_decay": 0.1, "scheduler.weight_decay_incr_style": "cosine"]),
      .error(
        "SCHED-08", ["scheduler.lr_decay_style": "WSD"], at: "scheduler.lr_wsd_decay_iters", "length of its last phase"
      ).in(.bridge031),
      .accepted("SCHED-08", ["scheduler.lr_decay_style": "WSD", "scheduler.lr_wsd_decay_iters": 600_000]),
      .warning(
        "SCHED-14", ["scheduler.lr_decay_style": "WSD", "scheduler.lr_wsd_decay_iters": 600_000],
        at: "scheduler.lr_wsd_decay_iters", "is 600000 steps, and the decay that it ends with 500000"),
      .silent("SCHED-14", ["scheduler.lr_decay_style": "WSD", "scheduler.lr_wsd_decay_iters": 500_000]),
      .silent("SCHED-14", ["scheduler.lr_decay_style": "cosine", "scheduler.lr_wsd_decay_iters": 600_000]),
      .error(
        "SCHED-08", samples(["scheduler.lr_decay_style": "WSD"]), at: "scheduler.lr_wsd_decay_samples", "last phase"),
      .accepted("SCHED-08", samples(["scheduler.lr_decay_style": "WSD", "scheduler.lr_wsd_decay_samples": 1000])),
      .error("SCHED-10", ["scheduler.lr_warmup_init": 4e-4], at: "scheduler.lr_warmup_init", "above the learning rate"),
      .accepted("SCHED-10", ["scheduler.lr_warmup_init": 3e-4]),
      .error(
        "SCHED-11", ["scheduler.use_checkpoint_opt_param_scheduler": true],
        at: "scheduler.use_checkpoint_opt_param_scheduler", "both"),
      .accepted(
        "SCHED-11",
        ["scheduler.use_checkpoint_opt_param_scheduler": true, "scheduler.override_opt_param_scheduler": false]),
    ] as [ValidationCase])
  func values(_ item: ValidationCase) throws { try item.check() }
}
