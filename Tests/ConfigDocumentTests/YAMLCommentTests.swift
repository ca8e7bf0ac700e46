import ConfigDocument
import Diagnostics
import Testing

@Suite("Comments of a YAML text")
struct YAMLCommentTests {
  @Test(
    "A `#` outside of every scalar begins one",
    arguments: [
      (text: "a: 1 # one\n# two\n  # three\nb: 2#no\n", comments: ["# one", "# two alone", "# three alone"]),
      (text: "a: '# no'\nb: \"x\n  # no\n  y\" # yes\n", comments: ["# yes"]),
      (text: "a: | # head\n  # text\n  b # text\n# behind\nb: >-\n  # no\n", comments: ["# head", "# behind alone"]),
      (text: "a: [1, # one\n  2] # two\n", comments: ["# one", "# two"]),
      (text: "a: &mark # one\n  x: 1\nb: *mark # two\n", comments: ["# one", "# two"]),
      (text: "a: plain\n  going on # end\n", comments: ["# end"]),
      (text: "\u{FEFF}# first\r\na: ü # ä\r\n", comments: ["# first alone", "# ä"]),
      (text: "# only", comments: ["# only alone"]),
      (text: "a: 1 # before\nb: [1\nc: 2 # behind the error\n", comments: ["# before"]),
      (text: "a: 1\u{1} # none\n", comments: []),
      (text: "", comments: []),
    ])
  func comments(text: String, comments: [String]) {
    let file = SourceFile(name: "config.yaml", text: text)
    let found = YAMLComment.comments(in: file).map { String(file.text(in: $0.range)) + ($0.isAlone ? " alone" : "") }
    #expect(found == comments)
  }
}
