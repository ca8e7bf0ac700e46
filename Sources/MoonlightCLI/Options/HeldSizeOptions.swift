import ArgumentParser
import CommandSupport
import LaunchModel
import Planning

/// Sizes that `plan` leaves as they are said.
struct HeldSizeOptions: ParsableArguments {
  @Option(name: .customLong("tp"), help: ArgumentHelp("Tensor parallelism.", valueName: "n"))
  var tensor: Int?

  @Option(name: .customLong("pp"), help: ArgumentHelp("Pipeline parallelism.", valueName: "n"))
  var pipeline: Int?

  @Option(name: .customLong("vp"), help: ArgumentHelp("Virtual stages; 1 for none.", valueName: "n"))
  var virtualPipeline: Int?

  @Option(name: .customLong("cp"), help: ArgumentHelp("Context parallelism.", valueName: "n"))
  var context: Int?

  @Option(name: .customLong("ep"), help: ArgumentHelp("Expert parallelism.", valueName: "n"))
  var expert: Int?

  @Option(name: .customLong("etp"), help: ArgumentHelp("Expert-tensor parallelism.", valueName: "n"))
  var expertTensor: Int?

  @Option(name: .customLong("mbs"), help: ArgumentHelp("The micro batch.", valueName: "n"))
  var microBatchSize: Int?

  func validate() throws {
    let all = [
      ("tp", tensor), ("pp", pipeline), ("vp", virtualPipeline), ("cp", context), ("ep", expert),
      ("etp", expertTensor), ("mbs", microBatchSize),
    ]
    for (name, value) in all where value.map({ $0 < 1 }) ?? false {
      throw ValidationError("--\(name) must be at least 1.")
    }
  }

  /// - Throws: for a size that no layout can have.
  func sizes(worldSize: Int, base: LaunchConfig) throws(CommandFailure) -> HeldSizes {
    for (name, value) in [
      ("tp", tensor), ("pp", pipeline), ("cp", context), ("ep", expert), ("etp", expertTensor),
    ] {
      if let value, worldSize % value != 0 { throw .usage("--\(name) \(value) does not divide \(worldSize) GPUs") }
    }
    if let microBatchSize, let global = base.train.globalBatchSize, global % microBatchSize != 0 {
      throw .usage("--mbs \(microBatchSize) does not divide the global batch of \(global)")
    }
    if let stages = pipeline, stages * (virtualPipeline ?? 1) > base.model.numLayers {
      throw .usage(
        "\(base.model.numLayers) layers do not fill --pp \(stages)"
          + (virtualPipeline.map { " with --vp \($0)" } ?? ""))
    }
    return HeldSizes(
      tensor: tensor, pipeline: pipeline, virtualPipeline: virtualPipeline, context: context, expert: expert,
      expertTensor: expertTensor, microBatchSize: microBatchSize)
  }
}
