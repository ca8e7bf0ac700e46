import Diagnostics
import LaunchModel

extension [Finding] {
  /// The findings with consequences folded into their cause: where three or more errors all name one field, or two of
  /// which one has found it at fault, that field is the likely mistake, and one error there says what else breaks with
  /// it. A wrong tensor-parallel size breaks heads, widths and vocabulary at once; it should not bury the page.
  var foldedByRootCause: [Finding] {
    var rest = self
    var folded: [Finding] = []
    while let cause = rest.commonestField {
      let together = rest.filter { $0.severity == .error && $0.names(cause) }
      guard let first = together.first else { break }
      folded.append(first.taking(together.dropFirst(), as: cause))
      rest.removeAll { $0.severity == .error && $0.names(cause) }
    }
    return rest + folded
  }

  /// The field that three or more errors name, or two where one of them has found it at fault; the first named among
  /// equals.
  private var commonestField: FieldPath? {
    let errors = filter { $0.severity == .error }
    guard errors.count >= 2 else { return nil }
    var counts: [FieldPath: Int] = [:]
    for error in errors {
      for path in Set([error.path] + error.related.map(\.path)) { counts[path, default: 0] += 1 }
    }
    let blamed = Set(errors.filter(\.blamesOneSize).map(\.path))
    let causes = counts.filter { $0.value >= 3 || $0.value == 2 && blamed.contains($0.key) }
    let most = causes.values.max()
    return errors.lazy.flatMap { [$0.path] + $0.related.map(\.path) }.first { causes[$0] == most && most != nil }
  }
}

extension Finding {
  /// Of the sizes that fill the GPUs, these rules name the one at fault.
  fileprivate var blamesOneSize: Bool { [DenseGroupsFillWorld.code, ExpertGroupsFillWorld.code].contains(code) }

  fileprivate func names(_ field: FieldPath) -> Bool {
    path == field || related.contains { $0.path == field }
  }

  /// This finding at its cause, with the others as further places.
  fileprivate func taking(_ others: ArraySlice<Finding>, as cause: FieldPath) -> Finding {
    var finding = self
    if path != cause {
      finding.path = cause
      finding.fix = nil
      finding.related = related.filter { $0.path != cause } + [Related(path: path, message: "with this")]
    }
    finding.related += others.map { Related(path: $0.path, message: "also \($0.code): \($0.message)") }
    return finding
  }
}
