/// Why no rank grid can be made from a world size and parallel sizes.
package enum RankGridProblem: Error, Hashable, Sendable {
  /// A size that is zero or negative; the name is Megatron's.
  case sizeNotPositive(name: String, value: Int)
  /// `tensor * pipeline * context` does not divide the world.
  case denseDivision(worldSize: Int, tensor: Int, pipeline: Int, context: Int)
  /// `expertTensor * expert * pipeline` does not divide the world.
  case expertDivision(worldSize: Int, expertTensor: Int, expert: Int, pipeline: Int)
  /// Ranks ordered with data parallelism last need the same data-parallel size for dense and expert layers.
  case unequalDataParallel(dataParallel: Int, expertDataParallel: Int)

  /// The rule's stable code.
  package var code: String {
    switch self {
    case .sizeNotPositive: "GPU-09"
    case .denseDivision: "GPU-01"
    case .expertDivision: "GPU-02"
    case .unequalDataParallel: "GPU-05"
    }
  }
}

extension RankGridProblem: CustomStringConvertible {
  package var description: String {
    switch self {
    case .sizeNotPositive(let name, let value):
      return "\(name) is \(value), but every parallel size is at least 1"
    case .denseDivision(let world, let tensor, let pipeline, let context):
      let divisor = checkedProduct(tensor, pipeline, context).map { "\($0)" } ?? "more than any cluster"
      return
        "\(world) GPUs cannot be divided by tensor \(tensor) x pipeline \(pipeline) x context \(context) = \(divisor)"
    case .expertDivision(let world, let expertTensor, let expert, let pipeline):
      let divisor = checkedProduct(expertTensor, expert, pipeline).map { "\($0)" } ?? "more than any cluster"
      return
        "\(world) GPUs cannot be divided by expert tensor \(expertTensor) x expert \(expert) x pipeline \(pipeline)"
        + " = \(divisor)"
    case .unequalDataParallel(let dense, let expert):
      return "use_tp_pp_dp_mapping with a pipeline needs equal data-parallel sizes, but dense layers have \(dense) and"
        + " expert layers \(expert)"
    }
  }
}
