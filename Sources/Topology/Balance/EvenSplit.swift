/// All ways to put equal layers into some chunks that already bear something, by least penalty. Costs are those that
/// `Evenness` rounds.
struct EvenSplit {
  private let bases: [Int]
  private let unit: Int
  private let minimum: Int
  /// least[chunk][count]: the least penalty of this and all later chunks with this many layers.
  private let least: [[Int]]

  /// - Parameters:
  ///   - bases: what each chunk bears besides the layers.
  ///   - unit: the cost of one layer.
  ///   - most: the greatest number of layers to split.
  init(bases: [Int], unit: Int, minimum: Int, most: Int) {
    self.bases = bases
    self.unit = unit
    self.minimum = minimum
    var rows = [[Int](repeating: Evenness.impossible, count: most + 1)]
    rows[0][0] = 0
    for base in bases.reversed() {
      let later = rows[rows.count - 1]
      let own = (0...most).map { (base + unit * $0) * (base + unit * $0) }
      rows.append(
        (0...most).map { count in
          guard count >= minimum else { return Evenness.impossible }
          return (minimum...count).reduce(Evenness.impossible) { best, share in
            later[count - share] >= Evenness.impossible ? best : min(best, own[share] + later[count - share])
          }
        })
    }
    least = rows.reversed()
  }

  /// The least penalty, or `Evenness.impossible`.
  func penalty(_ count: Int) -> Int { least[0].indices.contains(count) ? least[0][count] : Evenness.impossible }

  /// The split with the least penalty, of equals the one with the fewest layers first.
  func split(_ count: Int) -> [Int] {
    var rest = count
    return bases.indices.map { chunk in
      let share = (minimum...max(minimum, rest)).first { share in
        guard rest >= share, least[chunk + 1][rest - share] < Evenness.impossible else { return false }
        let cost = bases[chunk] + unit * share
        return cost * cost + least[chunk + 1][rest - share] == least[chunk][rest]
      }
      rest -= share ?? 0
      return share ?? 0
    }
  }
}
