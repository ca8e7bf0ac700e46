import Estimation
import Testing

@testable import Planning

/// Volumes over bandwidths, by hand: 400 GB/s within a node of 8, 50 between nodes.
@Suite struct LinksTests {
  private let links: Links = {
    var assumptions = Assumptions()
    assumptions.nodeBandwidth = 400
    assumptions.networkBandwidth = 50
    assumptions.kernels.linkUtilization = 1
    return Links(gpusPerDomain: 8, assumptions: assumptions)
  }()

  @Test(
    arguments: [
      (1, 1, 0), (2, 1, 1), (8, 1, 1.75), (16, 1, 15), (4, 2, 1.5), (8, 2, 14),
    ] as [(Int, Int, Double)])
  func rings(ranks: Int, stride: Int, seconds: Double) {
    #expect(links.ring(bytes: 800, ranks: ranks, stride: stride) == seconds)
  }

  @Test(
    arguments: [
      (1, 1, 0), (8, 1, 1.75), (16, 1, 8), (8, 8, 14), (8, 2, 8),
    ] as [(Int, Int, Double)])
  func allToAll(ranks: Int, stride: Int, seconds: Double) {
    #expect(links.allToAll(bytes: 800, ranks: ranks, stride: stride) == seconds)
  }

  @Test(arguments: [(1, 2), (7, 2), (8, 16)] as [(Int, Double)])
  func sends(distance: Int, seconds: Double) { #expect(links.send(bytes: 800, distance: distance) == seconds) }
}
