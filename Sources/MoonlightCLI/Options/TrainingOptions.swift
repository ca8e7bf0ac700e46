import ArgumentParser
import ConfigDocument
import LaunchModel

/// How long, in which batches, at which learning rate.
struct TrainingOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Optimizer steps.", valueName: "n"))
  var trainIters: Int?

  @Option(
    name: [.long, .customLong("gbs")], help: ArgumentHelp("Sequences a step, over all replicas.", valueName: "n"))
  var globalBatchSize: Int?

  @Option(
    name: [.long, .customLong("mbs")],
    help: ArgumentHelp("Sequences that go through the model at once.", valueName: "n"))
  var microBatchSize: Int?

  @Option(help: ArgumentHelp("Learning rate the decay ends at.", valueName: "rate"))
  var minLr: Double?

  @Option(help: ArgumentHelp("Steps until the learning rate is at its peak.", valueName: "n"))
  var lrWarmupIters: Int?

  @Option(help: ArgumentHelp("Steps until it is at its minimum; the whole run if not given.", valueName: "n"))
  var lrDecayIters: Int?

  @Option(help: ArgumentHelp("`adam`, `sgd`, `muon` or `dist_muon`, with all that it entails.", valueName: "kind"))
  var optimizerType: String?

  @Option(help: ArgumentHelp("Steps between evaluations.", valueName: "n"))
  var evalInterval: Int?

  @Option(help: ArgumentHelp("Steps between checkpoints.", valueName: "n"))
  var saveInterval: Int?

  @Option(help: ArgumentHelp("Weights & Biases project.", valueName: "name"))
  var wandbProject: String?

  @Option(help: ArgumentHelp("Weights & Biases entity.", valueName: "name"))
  var wandbEntity: String?

  @Option(help: ArgumentHelp("Weights & Biases name of the run.", valueName: "name"))
  var wandbExpName: String?

  func contribute(to flags: inout FlagLayer) {
    let counts: [(String, FieldPath, Int?)] = [
      ("--train-iters", Path.train.trainIters, trainIters),
      ("--global-batch-size", Path.train.globalBatchSize, globalBatchSize),
      ("--micro-batch-size", Path.train.microBatchSize, microBatchSize),
      ("--lr-warmup-iters", Path.scheduler.lrWarmupIters, lrWarmupIters),
      ("--lr-decay-iters", Path.scheduler.lrDecayIters, lrDecayIters),
      ("--eval-interval", Path.validation.evalInterval, evalInterval),
      ("--save-interval", Path.checkpoint.saveInterval, saveInterval),
    ]
    for (flag, path, count) in counts { flags.set(flag, path, count.map { .int($0) }) }
    flags.set("--min-lr", Path.optimizer.minLR, minLr.map { .float($0) })
    flags.set("--optimizer-type", Path.optimizer.optimizer, optimizerType.map { .string($0) })
    flags.set("--wandb-project", Path.logger.wandbProject, wandbProject.map { .string($0) })
    flags.set("--wandb-entity", Path.logger.wandbEntity, wandbEntity.map { .string($0) })
    flags.set("--wandb-exp-name", Path.logger.wandbExpName, wandbExpName.map { .string($0) })
  }
}
