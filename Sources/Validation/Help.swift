import LaunchModel

/// Sentences that several rules offer: the nearest legal values.
enum Help {
  /// The nearest numbers of GPUs that are a multiple of something.
  static func worldSize(_ run: RunFacts, multipleOf unit: Int) -> String {
    let (below, above) = neighbours(of: run.worldSize, multipleOf: unit)
    return below.map { "nearest: \($0) or \(above) GPUs" } ?? "at least \(above) GPUs are needed"
  }

  /// The multiples of a unit around a number; `nil` below where that would be 0.
  static func neighbours(of number: Int, multipleOf unit: Int) -> (below: Int?, above: Int) {
    let unit = max(unit, 1)
    let below = number / unit * unit
    return (below > 0 ? below : nil, below == number && below > 0 ? number : below + unit)
  }

  /// `16 GPUs / (TP 2 x PP 4 x CP 1) = 2 data-parallel replicas`
  static func replicas(_ run: RunFacts, _ count: Int) -> String {
    let sizes = run.sizes
    return """
      \(run.worldSize) GPUs / (TP \(sizes.tensor) x PP \(sizes.pipeline) x CP \(sizes.context)) = \(count) data-parallel \
      replica\(count == 1 ? "" : "s")
      """
  }

  /// The fields that the number of replicas rests on.
  static func replicaFields(_ run: RunFacts) -> [(FieldPath, String)] {
    [
      (Path.cluster.numNodes, "\(run.config.cluster.numNodes) nodes"),
      (Path.cluster.gpusPerNode, "of \(run.config.cluster.gpusPerNode) GPUs"),
      (Path.parallelism.tensorModelParallelSize, "TP \(run.sizes.tensor)"),
      (Path.parallelism.pipelineModelParallelSize, "PP \(run.sizes.pipeline)"),
      (Path.parallelism.contextParallelSize, "CP \(run.sizes.context)"),
    ]
  }

  /// The divisor of a number that is nearest to another one; the smaller of two.
  static func nearestDivisor(of number: Int, to wanted: Int) -> Int {
    guard number > 0 else { return 1 }
    var nearest = 1
    var small = 1
    while small <= number / small, small <= 1 << 16 {
      if number % small == 0 {
        for divisor in [small, number / small]
        where abs(divisor - wanted) < abs(nearest - wanted)
          || (abs(divisor - wanted) == abs(nearest - wanted) && divisor < nearest)
        {
          nearest = divisor
        }
      }
      small += 1
    }
    return nearest
  }
}
