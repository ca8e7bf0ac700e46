import Testing

@testable import Reporting

@Suite struct NumbersTests {
  @Test(
    arguments: [
      (0.798, 3, "0.798"), (0, 3, "0.000"), (-0.0001, 2, "0.00"), (-1.25, 1, "-1.3"), (999.9996, 3, "1000.000"),
      (5, 0, "5"),
      (1e15, 2, "1000000000000000.0"), (.infinity, 2, "inf"), (.nan, 2, "nan"),
    ] as [(Double, Int, String)])
  func decimal(value: Double, digits: Int, text: String) { #expect(Numbers.decimal(value, digits) == text) }

  @Test(arguments: [(1.5, "1.5"), (2, "2"), (0.1875, "0.1875"), (100, "100"), (1e20, "1e+20")])
  func short(value: Double, text: String) { #expect(Numbers.short(value, 6) == text) }

  @Test(arguments: [(15_960_108_544, "15.96B"), (584_847_872, "584.85M"), (15_000, "15.0k"), (999, "999"), (0, "0")])
  func millions(value: Double, text: String) { #expect(Numbers.millions(value) == text) }

  @Test(arguments: [(7.5 * 1_073_741_824, "7.50 GiB"), (1_048_576, "1.0 MiB"), (0, "0 GiB")])
  func bytes(value: Double, text: String) { #expect(Numbers.bytes(value) == text) }

  @Test(arguments: [(7.5 * 1_073_741_824, "7.500 GiB"), (1_096_810_496, "1.021 GiB"), (1_048_576, "1.0 MiB")])
  func bytesWithMoreDigits(value: Double, text: String) { #expect(Numbers.bytes(value, digits: 3) == text) }

  @Test(arguments: [(0.1 + 0.2, 0.3), (0.7000000000000001, 0.7), (0, 0), (1e300, 1e300), (123_456.789, 123_456.789)])
  func numbersForProgramsAreRounded(value: Double, rounded: Double) { #expect(Numbers.rounded(value) == rounded) }

  @Test(arguments: [
    ([0, 1, 2, 3], "0-3"), ([0, 1, 4, 5], "0-1, 4-5"), ([7], "7"), ([], ""),
    (Array(stride(from: 0, to: 128, by: 8)).flatMap { [$0, $0 + 1] }, "0-1, 8-9, ..., 120-121"),
    ([0, 2, 4, 6, 8, 10, 13], "0, 2, 4, 6, 8, 10, 13"),
  ])
  func ranksAreListed(ranks: [Int], text: String) { #expect(rankList(ranks) == text) }
}
