import Diagnostics

/// Turns what libyaml objects to into what a person can act on.
struct YAMLSyntaxError {
  let diagnostic: Diagnostic

  init(_ problem: YAMLProblem, _ bytes: TextBytes, _ file: SourceFile) {
    let offset = min(max(problem.offset, 0), bytes.count)
    diagnostic = Diagnostic(
      DocumentRule.syntaxError.code, .error, problem.problem, at: SourceLocation(file, SourceRange(offset, offset)))
  }
}
