package import Diagnostics
package import LaunchModel

/// Runs the rules of a config's release over it.
package enum Validator {
  /// What is wrong with a config, in terms of fields.
  ///
  /// - Parameter rules: those asked for, all of the config's release, where none are.
  package static func findings(_ run: RunFacts, of rules: [any Rule.Type]? = nil) -> [Finding] {
    findings(run, of: rules, takesAdvice: true)
  }

  /// The errors among them.
  package static func errors(_ run: RunFacts, of rules: [any Rule.Type]? = nil) -> [Finding] {
    findings(run, of: rules, takesAdvice: false).filter { $0.severity == .error }
  }

  private static func findings(_ run: RunFacts, of rules: [any Rule.Type]?, takesAdvice: Bool) -> [Finding] {
    let rules = rules ?? RuleRegistry.rules(in: run.release)
    guard let first = rules.first else { return [] }
    var report = Report(of: first, takesAdvice: takesAdvice)
    for rule in rules {
      report.rule = rule
      rule.check(run, &report)
    }
    return report.findings
  }

  /// The first error that some of the rules find; those behind it are not asked.
  package static func firstError(_ run: RunFacts, of rules: [any Rule.Type]? = nil) -> Finding? {
    let rules = rules ?? RuleRegistry.rules(in: run.release)
    guard let first = rules.first else { return nil }
    var report = Report(of: first, takesAdvice: false)
    var seen = 0
    for rule in rules {
      report.rule = rule
      rule.check(run, &report)
      guard report.findings.count > seen else { continue }
      if let error = report.findings[seen...].first(where: { $0.severity == .error }) { return error }
      seen = report.findings.count
    }
    return nil
  }

  /// Everything that is wrong with a file: what reading found, and what the rules find, in the order of the text; without
  /// what the text says is accepted.
  package static func diagnostics(_ loaded: ConfigLoader.LoadedConfig, _ run: RunFacts) -> [Diagnostic] {
    accepted(allDiagnostics(loaded, run), loaded)
  }

  /// The errors among them.
  ///
  /// - Parameter withFixes: whether with their fixes, each of which is tried on the whole text: that takes as long as
  ///   reading it.
  package static func errors(
    _ loaded: ConfigLoader.LoadedConfig, _ run: RunFacts, withFixes: Bool
  ) -> [Diagnostic] {
    accepted(allDiagnostics(loaded, run, errorsAlone: true, withFixes: withFixes), loaded)
      .filter { $0.severity == .error }
  }

  /// Those that the text does not say are accepted.
  private static func accepted(_ diagnostics: [Diagnostic], _ loaded: ConfigLoader.LoadedConfig) -> [Diagnostic] {
    var all = diagnostics
    for base in all.files where base !== loaded.document.file && !base.isWithheld {
      all = AcceptedFindings(base: base).removed(from: all, notesIdle: false)
    }
    let accepted = AcceptedFindings(loaded.document)
    guard !accepted.isEmpty else { return all }
    // Behind an error of reading rules have not looked, so that nobody knows what an ignore is for.
    let isComplete = !loaded.resolution.diagnostics.contains { $0.severity == .error }
    return accepted.removed(from: all, notesIdle: isComplete).inOrder
  }

  private static func allDiagnostics(
    _ loaded: ConfigLoader.LoadedConfig, _ run: RunFacts, errorsAlone: Bool = false, withFixes: Bool = true
  ) -> [Diagnostic] {
    let spelling = loaded.spelling
    let places = FindingPlaces(loaded.resolution.config, in: loaded.document, spelling, withFixes: withFixes)
    let meant = loaded.resolution.diagnostics.fieldsMeant(in: spelling)
    // A field under a wrong name is not missing as well.
    let reading = loaded.resolution.diagnostics.filter {
      $0.code != FieldRule.missing.code || $0.field(in: spelling).map { !meant.contains($0) } ?? true
    }
    // Of a text without sections, or without the base it builds on, the rules could only say what is missing.
    if loaded.document.isForeign { return reading.filter { $0.code == FieldRule.unknownSection.code } }
    guard loaded.document.root?.entries != nil, !loaded.isPart,
      !reading.contains(where: { $0.code == FieldRule.extends.code })
    else {
      return reading.inOrder
    }
    let refused = meant.union(reading.refusedFields(in: spelling)).withFollowers(in: loaded.resolution.config)
    let found = (errorsAlone ? errors(run) : findings(run)).filter {
      !$0.restsOn(refused) && !(loaded.assumesGPUs && $0.isAdviceOnMachines)
    }
    let all = (reading + found.foldedByRootCause.map { places.diagnostic(for: $0) }).inOrder
    return loaded.assumptions + all
  }

  /// Where a file does not say on how many GPUs it runs: the same config on as few as its errors allow, so that what is
  /// still an error is one on every number of them.
  package static func onLikelyGPUs(_ loaded: ConfigLoader.LoadedConfig) -> (ConfigLoader.LoadedConfig, RunFacts) {
    var best = (loaded, RunFacts(loaded.resolution.config))
    guard loaded.assumesGPUs else { return best }
    // The errors of all other rules are the same on every number.
    let rules = RuleRegistry.rules(in: best.1.release).filter { !$0.errorsDependOn.isDisjoint(with: .gpuCount) }
    var fewest = errorCount(best.1, of: rules)
    for replicas in 2...mostReplicas where fewest > 0 {
      let other = loaded.assumingGPUs(replicas: replicas)
      let run = best.1.on(other.resolution.config.cluster)
      let errors = errorCount(run, of: rules)
      if errors < fewest { (best, fewest) = ((other, run), errors) }
    }
    return best
  }

  private static func errorCount(_ run: RunFacts, of rules: [any Rule.Type]) -> Int { errors(run, of: rules).count }

  /// So many times the fewest GPUs are tried.
  private static let mostReplicas = 64

  /// The same for a config that comes from no file, such as one that is generated: values have a place where a flag
  /// gave them.
  package static func diagnostics(_ run: RunFacts, reading: [Diagnostic] = []) -> [Diagnostic] {
    let spelling = NativeSpelling(run.release)
    let places = FindingPlaces(run.config, in: nil, spelling)
    let refused = reading.refusedFields(in: spelling).withFollowers(in: run.config)
    return reading + findings(run).filter { !$0.restsOn(refused) }.foldedByRootCause.map { places.diagnostic(for: $0) }
  }
}

extension Finding {
  /// Advice that rests on the number of machines, which may be an assumption.
  fileprivate var isAdviceOnMachines: Bool {
    severity != .error && ([path] + related.map(\.path)).contains { $0.section == Path.cluster.whole.section }
  }

  /// Whether it speaks of a field that reading has refused: the value the rules saw is not the one that was written.
  fileprivate func restsOn(_ refused: Set<FieldPath>) -> Bool {
    guard !refused.isEmpty else { return false }
    return ([path] + related.map(\.path)).contains {
      refused.contains($0) || refused.contains(FieldPath($0.section, ""))
    }
  }
}

extension Diagnostic {
  /// The field that it is about. A flag names it as a launch config does, whatever the file.
  fileprivate func field(in spelling: any Spelling) -> FieldPath? {
    spelling.path(ofName: path) ?? NativeSpelling(.current).path(ofName: path)
  }
}

extension [Diagnostic] {
  /// The fields whose written values were refused.
  fileprivate func refusedFields(in spelling: any Spelling) -> Set<FieldPath> {
    Set(filter { $0.severity == .error }.compactMap { $0.field(in: spelling) })
  }

  /// The fields that were written under a wrong name, by their paths: the values the rules see are not the ones meant.
  fileprivate func fieldsMeant(in spelling: any Spelling) -> Set<FieldPath> {
    var result: Set<FieldPath> = []
    for diagnostic in self where diagnostic.code == FieldRule.unknownField.code && diagnostic.severity == .error {
      guard let edit = diagnostic.fix?.edits.first, edit.range == diagnostic.location?.range else { continue }
      let section = diagnostic.path.prefix { $0 != "." }
      if let path = spelling.path(ofName: "\(section).\(edit.text.filter { $0 != "\"" })") { result.insert(path) }
    }
    return result
  }

  /// Those that they stand in, each once.
  fileprivate var files: [SourceFile] {
    var files: [SourceFile] = []
    for case let file? in map(\.location?.file) where !files.contains(where: { $0 === file }) { files.append(file) }
    return files
  }

  /// By file as they come, then by place.
  fileprivate var inOrder: [Diagnostic] {
    indices.sorted { left, right in
      guard let first = self[left].location, let second = self[right].location, first.file === second.file else {
        return left < right
      }
      return (first.range.start, left) < (second.range.start, right)
    }.map { self[$0] }
  }
}
