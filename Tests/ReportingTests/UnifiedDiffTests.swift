import Testing

@testable import Reporting

@Suite struct UnifiedDiffTests {
  @Test func saysNothingOfEqualTexts() { #expect(UnifiedDiff.text(from: "a\n", to: "a\n", name: "x") == "") }

  @Test func showsThreeLinesAround() {
    let old = (1...12).map { "\($0)\n" }.joined()
    let new = old.replacing("6\n", with: "six\n")
    #expect(
      UnifiedDiff.text(from: old, to: new, name: "x.yaml") == """
        --- x.yaml
        +++ x.yaml
        @@ -3,7 +3,7 @@
         3
         4
         5
        -6
        +six
         7
         8
         9

        """)
  }

  @Test func keepsDistantChangesApart() {
    let old = (1...20).map { "\($0)\n" }.joined()
    let new = "0\n" + old.replacing("20\n", with: "")
    let text = UnifiedDiff.text(from: old, to: new, name: "x")
    #expect(text.contains("@@ -1,3 +1,4 @@\n+0\n 1\n"))
    #expect(text.contains("@@ -17,4 +18,3 @@\n 17\n 18\n 19\n-20\n"))
  }

  /// As `diff` does, so that `patch` reads it.
  @Test func tellsOfAMissingLineEnd() {
    #expect(
      UnifiedDiff.text(from: "a", to: "a\n", name: "x")
        == "--- x\n+++ x\n@@ -1,1 +1,1 @@\n-a\n\\ No newline at end of file\n+a\n")
    #expect(UnifiedDiff.text(from: "", to: "a\n", name: "x") == "--- x\n+++ x\n@@ -0,0 +1,1 @@\n+a\n")
  }
}
