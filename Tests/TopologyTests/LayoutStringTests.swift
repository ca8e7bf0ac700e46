import Testing

@testable import Topology

@Suite struct LayoutStringTests {
  /// A layout in expanded letters, as the fixtures write it.
  static func letters(_ layout: PipelineLayout) -> String {
    layout.stages.map { String($0.map(\.letter)) }.joined(separator: "|")
  }

  @Test func readsEveryTextAsMegatronDoes() throws {
    let rows = try fixture("layout-strings")
    #expect(rows.count > 3_000)
    for row in rows {
      let text = try #require(row.string(0))
      let read = (try? PipelineLayout.parse(megatron: text)).map { Self.letters($0.layout) }
      #expect(read == row.string(1), "\(text.debugDescription)")
    }
  }

  @Test(arguments: [
    ("Et*3|t*2L", "Ettt|ttL"),
    ("Ettt|(tt|)*3,L", "Ettt|tt|tt|tt|L"),
    ("(t)*2*2", "ttt"),
    ("t*0", ""),
    ("|*3", "|||"),
    ("t*1,2", "tttttttttttt"),
    ("", ""),
  ])
  func unrolls(text: String, letters: String) throws {
    #expect(try Self.letters(PipelineLayout.parse(megatron: text).layout) == letters)
  }

  /// The text, with the part that the error is about between brackets, and what is wrong with it.
  static let mistakes: [(String, LayoutSyntaxError.Kind)] = [
    ("Et[x]tL", .unknownCharacter(nil)),
    ("[e]ttL", .unknownCharacter("E")),
    ("Ett[l]", .unknownCharacter("L")),
    ("Et[/]tL", .unknownCharacter("|")),
    ("Et,t,[D]L", .unknownCharacter("t")),
    ("Et[ ]tL", .blank),
    ("EtL[\n]", .blank),
    ("E[(tt)]|L", .groupWithoutCount),
    ("E[(t,t)],|L", .groupWithoutCount),
    ("E([(]t|)*2)*3L", .nestedGroup),
    ("Et[x]14L", .unknownCharacter("*")),
    ("E([(]t)*2|)*3L", .nestedGroup),
    ("E[()]*3L", .emptyGroup),
    ("E[(]tt*3L", .unclosedGroup),
    ("Ett[)]L", .unopenedGroup),
    ("Et[*]L", .repetitionWithoutCount),
    ("Et[*]-1L", .repetitionWithoutCount),
    ("[*]3tL", .repetitionOfNothing),
    ("Et*2[*3]L", .chainedRepetition),
    ("E(t|)*2*2[*3]L", .chainedRepetition),
    ("Et[14]|t*13L", .strayNumber),
    ("Et[*99999999999]L", .tooLongRepetition),
    ("E(t|t)[*99999999999999999999999999]L", .tooLongRepetition),
    ("E[t]*100001L", .tooManyElements),
  ]

  @Test(arguments: mistakes)
  func pointsAtTheMistake(marked: String, kind: LayoutSyntaxError.Kind) throws {
    let open = try #require(Array(marked.utf8).firstIndex(of: UInt8(ascii: "[")))
    let close = try #require(Array(marked.utf8).lastIndex(of: UInt8(ascii: "]")))
    let text = marked.filter { $0 != "[" && $0 != "]" }
    let error = #expect(throws: LayoutSyntaxError.self) { try PipelineLayout.parse(megatron: text) }
    #expect(error?.kind == kind)
    #expect(error?.range == open..<close - 1)
  }

  @Test func countsOffsetsInBytes() {
    let error = #expect(throws: LayoutSyntaxError.self) { try PipelineLayout.parse(megatron: "\u{E9}*0Et\u{20AC}L") }
    #expect(error?.range == 6..<9)
    #expect(error?.excerpt == "\u{20AC}")
  }

  @Test(arguments: ["|*5000", "(t|)*4096t", "(|*64)*65"])
  func refusesMoreStagesThanAnyCluster(text: String) {
    let error = #expect(throws: LayoutSyntaxError.self) { try PipelineLayout.parse(megatron: text) }
    #expect(error?.kind == .tooManyStages)
  }

  @Test(arguments: [
    "(((t*999)*999)*999)*999", "(t*9999)*9999", "(ttttttttttttttttttttttttttttttt)*9999999",
    "t*" + String(repeating: "9", count: 10_000), "t*" + String(repeating: "0", count: 4_300) + "2",
  ])
  func refusesWithoutUnrolling(text: String) {
    let error = #expect(throws: LayoutSyntaxError.self) { try PipelineLayout.parse(megatron: text) }
    #expect(error?.kind == .tooLongRepetition)
  }

  @Test func readsAMegabyteOfBracketsQuickly() {
    for unit in ["(", ")", "(t", "*", "(t)*2*"] {
      let text = String(repeating: unit, count: 400_000 / unit.utf8.count)
      #expect(throws: LayoutSyntaxError.self) { try PipelineLayout.parse(megatron: text) }
    }
    let long = String(repeating: "t", count: TopologyLimits.scalars + 1)
    let error = #expect(throws: LayoutSyntaxError.self) { try PipelineLayout.parse(megatron: long) }
    #expect(error?.kind == .textTooLong)
  }

  @Test func remembersWhereEachElementStands() throws {
    let written = try PipelineLayout.parse(megatron: "E,t*2|(tm|)*2L")
    #expect(written.range(of: LayoutPosition(stage: 0, element: 0)) == 0..<1)
    #expect(written.range(of: LayoutPosition(stage: 0, element: 2)) == 2..<3)
    #expect(written.range(of: LayoutPosition(stage: 2, element: 1)) == 8..<9)
    #expect(written.range(of: LayoutPosition(stage: 3, element: 0)) == 13..<14)
    #expect(written.range(of: LayoutPosition(stage: 4, element: 0)) == nil)
  }
}
