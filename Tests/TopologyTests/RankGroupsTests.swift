import Testing

@testable import Topology

@Suite struct RankGroupsTests {
  @Test func makesMegatronsGroups() throws {
    let rows = try #require(fixtureValue("rank-groups") as? [[String: Any]])
    #expect(rows.count > 10)
    for row in rows {
      let sizes = try #require(row["sizes"] as? [Any])
      let grid = try RankGrid(
        worldSize: try #require(row["world"] as? Int),
        sizes: ParallelSizes(
          tensor: sizes.int(0)!, pipeline: sizes.int(1)!, context: sizes.int(2)!, expert: sizes.int(3)!,
          expertTensor: sizes.int(4) ?? sizes.int(0)!),
        order: try #require(RankOrder(rawValue: row["order"] as? String ?? "")))
      let groups = try #require(row["groups"] as? [String: [[Int]]])
      #expect(Set(groups.keys) == Set(RankGroupKind.allCases.map(\.rawValue)))
      for kind in RankGroupKind.allCases {
        #expect(grid.groups(kind).map(Array.init) == groups[kind.rawValue], "\(sizes) \(grid.order) \(kind)")
        for rank in 0..<grid.worldSize {
          let expected = groups[kind.rawValue]?.first { $0.contains(rank) }
          #expect(grid.group(kind, of: rank).map(Array.init) == expected, "\(sizes) \(kind) \(rank)")
        }
      }
    }
  }

  @Test func costsNothingForAnAbsurdWorld() throws {
    let grid = try RankGrid(
      worldSize: 1 << 60, sizes: ParallelSizes(tensor: 8, pipeline: 16, expert: 8, expertTensor: 1))
    let groups = grid.groups(.data)
    #expect(groups.count == 8 * 16)
    #expect(groups[0].count == 1 << 53)
    let last = (1 << 56) - 8
    #expect(groups[0].last == last)
    #expect(grid.group(.pipeline, of: (1 << 60) - 1)?.count == 16)
  }
}
