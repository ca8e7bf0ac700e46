import Testing

@testable import Reporting

/// Tables that fit the terminal.
@Suite struct TextTableTests {
  private static let numbers = {
    var table = TextTable([
      .init("pp", .right), .init("first", .right), .init("second", .right), .init("third", .right),
    ])
    table.add(["0", "1234567", "7654321", "1"])
    table.add(["10", "1", "2", "3333333"])
    return table
  }()

  private func text(_ table: TextTable, _ width: Int?) -> String {
    table.text(style: TerminalStyle(isColoured: false, width: width))
  }

  @Test func nothingIsBrokenThatFits() {
    let whole = """
      pp    first   second    third
       0  1234567  7654321        1
      10        1        2  3333333

      """
    #expect(text(Self.numbers, nil) == whole && text(Self.numbers, 29) == whole)
  }

  @Test func columnsThatDoNotFitStandBelow() {
    #expect(
      text(Self.numbers, 28) == """
        pp    first   second
         0  1234567  7654321
        10        1        2

        pp    third
         0        1
        10  3333333

        """)
  }

  @Test func aLongLastColumnGoesOnInFurtherLines() {
    var table = TextTable([.init("code"), .init("what it wants")])
    table.add(["PIPE-01", "a layout of as many stages as there are ranks"])
    table.add(["GPU-01", "whole replicas"])
    #expect(
      text(table, 32) == """
        code     what it wants
        PIPE-01  a layout of as many
                 stages as there are
                 ranks
        GPU-01   whole replicas

        """)
  }

  @Test(arguments: [40, 60, 79]) func noLineIsWiderThanTheTerminal(width: Int) {
    var table = TextTable((0..<12).map { .init("column \($0)", .right) })
    for row in 0..<3 { table.add((0..<12).map { "\($0 * 1000 * (row + 1))" }) }
    #expect(text(table, width).split(separator: "\n").allSatisfy { $0.count <= width })
  }
}
