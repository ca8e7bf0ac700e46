import Diagnostics
import LaunchModel
import Validation

/// Asks the real rules about choices, each rule as seldom as possible: once for all choices that look the same to it.
struct LegalityFilter {
  /// When a search knows enough of a choice to ask a rule.
  enum Level: Int, CaseIterable {
    case base, tensor, context, pipeline, expert, expertTensor, microBatch, recompute
    /// Expert sizes together with the pipeline.
    case expertPair
    /// Dense sizes.
    case replicaSizes
    case expertSide, stages, batch, denseSide, all

    /// What is known by then.
    var aspects: PlanAspects {
      switch self {
      case .base: []
      case .tensor: .tensor
      case .context: .context
      case .pipeline: .pipeline
      case .expert: .expert
      case .expertTensor: .expertTensor
      case .microBatch: .microBatch
      case .recompute: .recompute
      case .expertPair: [.pipeline, .expert, .expertTensor]
      case .replicaSizes: .replicaSizes
      case .expertSide: .expertSide
      case .stages: [.replicaSizes, .virtualPipeline]
      case .batch: [.replicaSizes, .virtualPipeline, .microBatch, .numMicrobatches]
      case .denseSide: .denseSide
      case .all: [.denseSide, .expertSide]
      }
    }
  }

  private enum Verdict {
    case legal
    case refused(DiagnosticCode)
  }

  /// Rules that depend on the same aspects.
  private struct Group {
    let aspects: PlanAspects
    var rules: [any Rule.Type]
    private var verdicts: [PlanAspectValues: Verdict] = [:]
    /// Neighbours in a search often look the same.
    private var lastValues: PlanAspectValues?
    private var lastVerdict = Verdict.legal

    init(aspects: PlanAspects, rules: [any Rule.Type]) {
      self.aspects = aspects
      self.rules = rules
    }

    /// The verdict on what looks so, if it was asked for before.
    mutating func known(_ values: PlanAspectValues) -> Verdict? {
      if lastValues == values { return lastVerdict }
      guard let verdict = verdicts[values] else { return nil }
      (lastValues, lastVerdict) = (values, verdict)
      return verdict
    }

    mutating func ask(_ run: RunFacts, _ values: PlanAspectValues) -> Verdict {
      let verdict = Validator.firstError(run, of: rules).map { Verdict.refused($0.code) } ?? .legal
      verdicts[values] = verdict
      (lastValues, lastVerdict) = (values, verdict)
      return verdict
    }
  }

  private let request: PlanRequest
  private let batches: PlanRequest.Batches
  private var groups: [[Group]]

  init(_ request: PlanRequest) {
    self.request = request
    batches = request.batches
    groups = Array(repeating: [], count: Level.allCases.count)
    for rule in RuleRegistry.rules(in: request.base.release) {
      let aspects = rule.errorsDependOn
      guard let level = Level.allCases.first(where: { $0.aspects.isSuperset(of: aspects) }) else { continue }
      if let index = groups[level.rawValue].firstIndex(where: { $0.aspects == aspects }) {
        groups[level.rawValue][index].rules.append(rule)
      } else {
        groups[level.rawValue].append(Group(aspects: aspects, rules: [rule]))
      }
    }
  }

  /// The first rule of a level that refuses a choice; `nil` where none does.
  ///
  /// - Parameter layout: of the choice, where it is known.
  mutating func refusal(_ level: Level, of choice: PlanChoice, layout: String? = nil) -> DiagnosticCode? {
    for index in groups[level.rawValue].indices {
      let values = PlanAspectValues(choice, groups[level.rawValue][index].aspects, batches)
      switch groups[level.rawValue][index].known(values) {
      case .legal: continue
      case .refused(let code): return code
      case nil: return refusal(level, from: index, of: choice, layout: layout)
      }
    }
    return nil
  }

  /// The same from a group on that must be asked. Apart, so that the millions of choices that look like others pay for no facts.
  @inline(never)
  private mutating func refusal(
    _ level: Level, from first: Int, of choice: PlanChoice, layout: String?
  ) -> DiagnosticCode? {
    let run = RunFacts(choice.config(request, layout: layout))
    for index in groups[level.rawValue].indices.dropFirst(first) {
      let values = PlanAspectValues(choice, groups[level.rawValue][index].aspects, batches)
      let verdict = groups[level.rawValue][index].known(values) ?? groups[level.rawValue][index].ask(run, values)
      if case .refused(let code) = verdict { return code }
    }
    return nil
  }

  /// The first error of a whole config that a choice could have mended.
  func refusal(of run: RunFacts) -> Finding? {
    for level in groups.dropFirst() {
      for group in level {
        if let error = Validator.firstError(run, of: group.rules) { return error }
      }
    }
    return nil
  }

  /// What no choice can mend: errors of rules that look at nothing that a plan varies.
  func errorsOfBase() -> [Finding] {
    let run = RunFacts(PlanChoice().config(request, layout: nil))
    return groups[Level.base.rawValue].flatMap { Validator.errors(run, of: $0.rules) }
  }
}
