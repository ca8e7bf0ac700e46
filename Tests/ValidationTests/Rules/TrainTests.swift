import Testing

@Suite("TRAIN, EVAL, LOG: the loop")
struct TrainTests {
  @Test(
    arguments: [
      .error("TRAIN-01", ["train.train_iters": .null], at: "train.train_iters", "no length"),
      .error(
        "TRAIN-01", ["train.train_iters": 100, "train.train_samples": 1_000_000], at: "train.train_samples", "both",
        companions: ["SCHED-02"]),
      .error(
        "TRAIN-01", ["train.train_iters": .null, "train.train_samples": 0, "scheduler.lr_warmup_iters": 0],
        at: "train.train_samples", "must be positive"),
      .note(
        "TRAIN-01", ["train.train_iters": .null, "train.train_samples": 1_000_000, "scheduler.lr_warmup_iters": 0],
        at: "train.train_samples", "= 488 steps; the last 576 samples"),
      .warning(
        "TRAIN-01", ["train.train_iters": .null, "train.train_samples": 2047, "scheduler.lr_warmup_iters": 0],
        at: "train.train_samples", "0 steps"),
      .accepted(
        "TRAIN-01", ["train.train_iters": .null, "train.train_samples": 2_048_000, "scheduler.lr_warmup_iters": 0]),
    ] as [ValidationCase])
  func length(_ item: ValidationCase) throws { try item.check() }

  @Test(
    arguments: [
      .error("TRAIN-02", ["train.manual_gc_interval": -1], at: "train.manual_gc_interval", "-1"),
      .accepted("TRAIN-02", ["train.manual_gc_interval": 0]),
      .accepted("TRAIN-02", ["train.manual_gc_interval": -1, "train.manual_gc": false]),
      .error("TRAIN-04", ["rng.seed": 0], at: "rng.seed", "above 0"),
      .error("TRAIN-04", ["rng.seed": -1], at: "rng.seed", "-1"),
      .accepted("TRAIN-04", ["rng.seed": 1]),
      .error(
        "TRAIN-05", ["profiling.use_nsys_profiler": true, "profiling.use_pytorch_profiler": true],
        at: "profiling.use_pytorch_profiler", "two profilers"),
      .error(
        "TRAIN-05", ["profiling.profile_step_start": 5, "profiling.profile_step_end": 4],
        at: "profiling.profile_step_end", "starts at step 5 and stops before it, at 4"),
      .error("TRAIN-05", ["profiling.profile_step_start": -1], at: "profiling.profile_step_start", "-1"),
      .accepted("TRAIN-05", ["profiling.profile_step_start": 5, "profiling.profile_step_end": 5]),
    ] as [ValidationCase])
  func loop(_ item: ValidationCase) throws { try item.check() }

  @Test(
    arguments: [
      .error("EVAL-01", ["validation.eval_interval": 0], at: "validation.eval_interval", "divides").in(.bridge031),
      .error(
        "EVAL-01", ["validation.eval_interval": .null, "validation.eval_iters": 0], at: "validation.eval_interval",
        "null"
      ).in(.bridge031),
      .accepted("EVAL-01", ["validation.eval_interval": 1, "validation.eval_iters": 0]),
      .note("EVAL-02", ["validation.eval_interval": 600_000], at: "validation.eval_interval", "only its end"),
      .accepted("EVAL-02", ["validation.eval_interval": 500_000]),
      .accepted("EVAL-02", ["validation.eval_interval": 600_000, "validation.eval_iters": 0]),
      .error("TRAIN-05", ["logger.mlflow_experiment": "x"], at: "logger.mlflow_experiment", "run name"),
      .accepted("TRAIN-05", ["logger.mlflow_experiment": "x", "logger.mlflow_run_name": "y"]),
      .error(
        "LOG-03", ["logger.wandb_project": "moonlight", "logger.wandb_exp_name": ""], at: "logger.wandb_exp_name",
        "empty name"),
      .error(
        "LOG-03", ["logger.wandb_project": "moonlight", "checkpoint.save": .null], at: "logger.wandb_project",
        "no place"
      ).in(.bridge031),
      .accepted("LOG-03", ["logger.wandb_project": "moonlight"]),
      .error(
        "LOG-04", ["model.config_logger_dir": "/logs"], at: "model.config_logger_dir", "cannot write down the layout"),
      .accepted("LOG-04", ["model.config_logger_dir": ""]),
      .accepted("LOG-04", on: .muon, ["model.config_logger_dir": "/logs"]),
      .accepted("LOG-04", ["model.config_logger_dir": "/logs"]).in(.bridge031),
      .error("LOG-02", ["logger.tensorboard_log_interval": 0], at: "logger.tensorboard_log_interval", "divides"),
      .accepted(
        "LOG-02",
        [
          "logger.tensorboard_log_interval": 0, "logger.tensorboard_dir": .null,
          "logger.log_timers_to_tensorboard": false,
        ]),
    ] as [ValidationCase])
  func evaluationAndLogs(_ item: ValidationCase) throws { try item.check() }
}
