import LaunchModel
import Topology

/// Sentences that several rules offer: the nearest legal values.
enum Help {
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
      \(run.worldSize) GPUs / (TP \(sizes.tensor) x PP \(sizes.pipeline) x CP \(sizes.context)) = \(count) \
      data-parallel \
      replica\(count == 1 ? "" : "s")
      """
  }

  /// The fields that the number of GPUs rests on.
  static func gpuFields(_ run: RunFacts) -> [RelatedField] {
    [
      (Path.cluster.numNodes, "\(count(run.config.cluster.numNodes, "node"))"),
      (Path.cluster.gpusPerNode, "of \(count(run.config.cluster.gpusPerNode, "GPU"))"),
    ]
  }

  /// The fields that the number of replicas rests on.
  static func replicaFields(_ run: RunFacts) -> [RelatedField] {
    gpuFields(run) + [
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

extension Help {
  /// The nearest numbers that divide `number`, as a list for people: `4 or 8`.
  static func divisors(of number: Int, near value: Int) -> String {
    let all = number > 0 ? Topology.divisors(of: number) : [1]
    return list([all.last { $0 <= value }, all.first { $0 >= value }].compactMap { $0 })
  }

  /// The multiples of a unit around a number, as a list for people: `2048 or 2064`.
  static func multiples(of unit: Int, near number: Int) -> String {
    let (below, above) = neighbours(of: number, multipleOf: unit)
    return list([below, above].compactMap { $0 })
  }

  /// `2`, `2 or 4`, `2, 4 or 8`, each once.
  static func list(_ numbers: [Int]) -> String {
    var seen: Set<Int> = []
    let words = numbers.filter { seen.insert($0).inserted }.map(String.init)
    guard let last = words.last, words.count > 1 else { return words.first ?? "" }
    return words.dropLast().joined(separator: ", ") + " or " + last
  }

  /// A quotient with at most two decimals: `12.5`, `3.33`.
  static func quotient(_ dividend: Int, _ divisor: Int) -> String {
    guard divisor != 0 else { return "undefined" }
    let (whole, rest) = dividend.quotientAndRemainder(dividingBy: divisor)
    guard rest != 0 else { return "\(whole)" }
    let hundredths = (Double(rest.magnitude) / Double(divisor.magnitude) * 100).rounded(.toNearestOrAwayFromZero)
    let digits = max(1, min(99, Int(hundredths)))
    let sign = (dividend < 0) != (divisor < 0) && whole == 0 ? "-" : ""
    return digits % 10 == 0 ? "\(sign)\(whole).\(digits / 10)" : "\(sign)\(whole).\(digits < 10 ? "0" : "")\(digits)"
  }

  /// `1 layer`, `2 layers`.
  static func count(_ number: Int, _ noun: String) -> String { number == 1 ? "1 \(noun)" : "\(number) \(noun)s" }
}
