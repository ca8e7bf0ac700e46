package import Diagnostics
package import Releases

/// One constraint of Megatron's, or one piece of advice.
///
/// A rule is one type in one file of its name under `Rules/<Family>/` and one line in ``RuleRegistry``. Its doc comment
/// is the user's reference, under the headings What, Why, Example, Fix and Source; `moonlight explain CODE` prints it.
/// Under Source stands one line a release of Megatron-Bridge: where its packages say so. Of a release without a line nobody
/// has read it, though cases recorded from the real packages may stand for it.
/// A rule sees the resolved config and what follows from it, never YAML.
package protocol Rule: Sendable {
  /// The stable code, as in the table of Megatron's constraints.
  static var code: DiagnosticCode { get }
  /// A few words, as in a list of rules.
  static var title: String { get }
  /// What of a choice its errors depend on, for a search that asks it once for all choices that agree in that; none for
  /// a rule that only advises, or that looks at nothing that a search varies.
  static var errorsDependOn: PlanAspects { get }
  /// In which releases of Megatron it holds; all, where it does not say.
  static var releases: ReleaseSet { get }
  /// Reports what is wrong; does nothing where what it needs is itself undefined, since another rule says so.
  static func check(_ run: RunFacts, _ report: inout Report)
}

extension Rule {
  package static var releases: ReleaseSet { .all }
}
