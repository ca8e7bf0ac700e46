import Diagnostics
import LaunchModel

/// # MUON-12: the Newton-Schulz steps fit their coefficients
///
/// ## What
/// A coefficient type is a schedule of so many steps: `quintic` 5, `aol` 4. With more, `quintic`, `aol` and `simple` begin
/// with the first triple again, which is made for small singular values and not for those near 1 that the schedule has
/// just reached; the others repeat their last triple. With fewer, small singular values stay small.
///
/// ## Why
/// The update's size and direction are no longer the ones that the learning rate was chosen for. The sixth step of `quintic`
/// makes it 8 times smaller; the fifth of `aol` reverses it: 4.0098 - 7.0585 + 2.4635 = -0.5852, so that the run climbs.
///
/// ## Example
/// ```yaml
/// optimizer: {optimizer: muon, muon_num_ns_steps: 6}   # quintic
/// ```
///
/// ## Fix
/// As many steps as the schedule has triples, or a multiple of them.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `optimizer/muon.py`, `TensorParallelMuon`; emerging_optimizers
///   `orthogonalized_optimizers/muon_utils.py`, `newton_schulz`.
/// - 0.6.2: megatron-core 0.19.2 `optimizer/muon.py`; emerging_optimizers 0.3.0, `get_coefficient_iterator`.
enum NewtonSchulzSettles: Rule {
  static let code: DiagnosticCode = "MUON-12"
  static let title = "the Newton-Schulz steps fit their coefficients"
  static let errorsDependOn: PlanAspects = []

  /// What a settled schedule gives on average; the paper's own triple swings between 0.82 and 1.08.
  private static let settled = 0.75...1.3
  /// More steps than anybody means are not followed.
  private static let mostSteps = 1000

  static func check(_ run: RunFacts, _ report: inout Report) {
    let optimizer = run.config.optimizer
    guard optimizer.optimizer.isMuon else { return }
    let steps = optimizer.muonNumNSSteps
    let written = optimizer.muonCoefficientType
    // What nearly every run has.
    if steps == 5, written != "aol" { return }
    let type = MuonCoefficientsAreFixed.releases.contains(run.release) ? "quintic" : written
    guard steps > 0, steps <= mostSteps, let schedule = NewtonSchulzSchedule(type: type) else { return }
    let gain = schedule.meanGain(steps: steps)
    guard !settled.contains(gain) else { return }
    let count = schedule.triples.count
    let length = count == 1 ? max(5, steps) : count
    let cause =
      schedule.startsAgain && steps > count && count > 1
      ? "`\(type)` is a schedule of \(count) steps, which step \(count + 1) begins again"
      : "\(Help.count(steps, "step")) of `\(type)` \(steps == 1 ? "does" : "do") not bring a matrix near an orthogonal one"
    report.warning(
      at: Path.optimizer.muonNumNSSteps, "\(cause): \(effect(of: gain))",
      help: "\(length) steps give \(schedule.meanGain(steps: length).hundredths)",
      related: [
        (Path.optimizer.muonCoefficientType, "`\(type)`"),
        (Path.optimizer.optimizer, "`\(optimizer.optimizer.rawValue)`"),
      ],
      fix: .unsafe("take \(length) steps", (Path.optimizer.muonNumNSSteps, .int(length))))
  }

  private static func effect(of gain: Double) -> String {
    if gain < 0 { return "updates are \(gain.hundredths) of what is meant, so the run climbs instead of descending" }
    let times = (gain > 1 ? gain : 1 / gain)
    return "updates are \(gain.hundredths) of what is meant, \(times.tenths) times too \(gain > 1 ? "large" : "small")"
  }
}
