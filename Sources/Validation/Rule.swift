package import Diagnostics

/// One constraint of Megatron's, or one piece of advice.
///
/// A rule is one type in one file under `Rules/<Family>/` and one line in ``RuleRegistry``. Its doc comment is the
/// user's reference, under the headings What, Why, Example, Fix and Source; `moonlight explain CODE` prints it.
/// A rule sees the resolved config and what follows from it, never YAML.
package protocol Rule: Sendable {
  /// The stable code, as in the table of Megatron's constraints.
  static var code: DiagnosticCode { get }
  /// A few words, as in a list of rules.
  static var title: String { get }
  /// Reports what is wrong; does nothing where what it needs is itself undefined, since another rule says so.
  static func check(_ run: RunFacts, _ report: inout Report)
}
