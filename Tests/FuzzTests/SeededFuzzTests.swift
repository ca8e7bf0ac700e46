import FuzzEntries
import Testing

/// Each entry of the fuzz package for a moment, with inputs that are the same on every run.
@Suite struct SeededFuzzTests {
  @Test(arguments: FuzzEntry.all.map(\.name)) func nothingTraps(name: String) throws {
    let entry = try #require(FuzzEntry.all.first { $0.name == name })
    let end = ContinuousClock.now + .milliseconds(400)
    var number: UInt64 = 0
    while ContinuousClock.now < end, number < 4000 {
      let clock = ContinuousClock()
      let time = try clock.measure { try entry.execute(seed: 22, number: number) }
      #expect(time < .seconds(10), "execution \(number) hangs")
      number += 1
    }
    #expect(number > 0)
  }

  /// What a log names can be made again.
  @Test func anInputIsMadeOfItsNumberAlone() throws {
    let entry = try #require(FuzzEntry.all.first)
    #expect(entry.input(seed: 1, number: 77) == entry.input(seed: 1, number: 77))
    #expect(Set((0..<50).map { entry.input(seed: 1, number: $0) }).count > 40)
    #expect(entry.input(seed: 1, number: 77) != entry.input(seed: 2, number: 77))
  }
}
