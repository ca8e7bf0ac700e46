package import ConfigDocument
package import Diagnostics

/// How a config that was read from a ConfigContainer is spelled there: where a field of ours stands in that file, and
/// what a value of ours is written as.
package struct BridgeForm: Sendable {
  /// `nil` for a dataset of a class that is not known here.
  let dataset: BridgeDatasetClass?
  /// The places of objects that were read as words.
  let words: [SourceRange: BridgeWords.Kind]
  /// The places of values that are texts to PyYAML, which reads these files, and numbers to others.
  let strings: Set<SourceRange>

  /// The keys that lead to a field in the file; `nil` where a ConfigContainer has no such field.
  package func keys(of path: FieldPath) -> [String]? {
    switch path.section {
    case "cluster", "recipe", "env_vars": return nil
    case "dataset": return datasetKeys(of: path.field)
    case "peft": return path == Path.peft.peftScheme ? ["peft", "_target_"] : keys("peft", path.field)
    default:
      guard let section = BridgeSection.plain.first(where: { $0.sections.contains(path.section) }) else { return nil }
      return keys(section.attribute, path.field)
    }
  }

  /// The field that stands under dotted keys in the file; `nil` where there is none that a launch config has.
  package func path(ofKeys text: String) -> FieldPath? {
    for section in LaunchConfig.sections.map(\.schema) {
      let names = section.fields.map(\.name) + CarriedFields.names(of: section.name, in: .current)
      let field = names.first { keys(of: FieldPath(section.name, $0))?.joined(separator: ".") == text }
      if let field { return FieldPath(section.name, field) }
    }
    return nil
  }

  private func keys(_ attribute: String, _ field: String) -> [String] {
    field.isEmpty ? [attribute] : [attribute, field]
  }

  private func datasetKeys(of field: String) -> [String]? {
    let isPretraining = dataset?.isPretraining ?? true
    switch FieldPath("dataset", field) {
    case Path.dataset.kind: return ["dataset", "_target_"]
    case Path.dataset.seqLength where isPretraining: return ["dataset", "sequence_length"]
    case Path.dataset.randomSeed where !isPretraining: return ["dataset", "seed"]
    case Path.dataset.dataPaths: return ["dataset", isPretraining ? "blend" : "dataset_root"]
    case Path.dataset.packedSequenceSize, Path.dataset.padSeqToMult:
      return ["dataset", "packed_sequence_specs", field]
    case Path.dataset.answerOnlyLoss: return ["dataset", "dataset_kwargs", field]
    default: return keys("dataset", field)
    }
  }

  /// A value as the class of its field takes it.
  package func value(_ value: ConfigValue, of path: FieldPath) -> ConfigValue {
    guard case .string(let word) = value, let kind = BridgeWords.kind(ofField: path.field) else { return value }
    return BridgeWords.value(word, kind) ?? value
  }

  // MARK: Diagnostics

  /// The same diagnostic in the file's own names: `model.tensor_model_parallel_size` for what stands under
  /// `parallelism` in a launch config.
  package func respelled(_ diagnostic: Diagnostic) -> Diagnostic {
    var result = diagnostic
    if diagnostic.code == FieldRule.ambiguousScalar.code, let range = diagnostic.location?.range,
      strings.contains(range)
    {
      // Elsewhere advice, here the end: PyYAML is who reads.
      result.severity = .error
    }
    result.path = respelledPath(diagnostic.path)
    result.message = respelledText(diagnostic.message)
    result.help = diagnostic.help.map {
      // What only a launch config can say.
      respelledText($0).replacing(
        "layout auto balances", with: "layout from `moonlight stages --layout balanced` balances")
    }
    result.related = diagnostic.related.map {
      RelatedPlace(respelledPath($0.path), respelledText($0.message), at: $0.location)
    }
    if var fix = diagnostic.fix {
      fix.title = respelledText(fix.title)
      fix.edits = fix.edits.map(respelledEdit)
      result.fix = fix
    }
    return result
  }

  private func respelledPath(_ path: String) -> String {
    guard let dot = path.firstIndex(of: ".") else {
      return keys(of: FieldPath(path, ""))?.joined(separator: ".") ?? path
    }
    let field = FieldPath(String(path[..<dot]), String(path[path.index(after: dot)...]))
    return keys(of: field)?.joined(separator: ".") ?? path
  }

  /// An object read as a word, such as `torch.bfloat16`, is mended as an object.
  private func respelledEdit(_ edit: TextEdit) -> TextEdit {
    guard let kind = words[edit.range] else { return edit }
    if case .attentionBackend = kind, let number = BridgeWords.backendNumber(edit.text) {
      return TextEdit(edit.range, "\(number)")
    }
    return TextEdit(edit.range, BridgeWords.object(edit.text, kind) ?? edit.text)
  }

  /// Every `section.field` of a launch config in a text, in the file's names.
  private func respelledText(_ text: String) -> String {
    guard text.utf8.contains(UInt8(ascii: ".")) else { return text }
    var result = ""
    var word = ""
    func flush() {
      result += Self.isFieldPath(word) ? respelledPath(word) : word
      word = ""
    }
    for character in text {
      if character.isLetter || character.isNumber || character == "_" || character == "." {
        word.append(character)
      } else {
        flush()
        result.append(character)
      }
    }
    flush()
    return result
  }

  private static func isFieldPath(_ word: String) -> Bool {
    let parts = word.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, let schema = LaunchConfig.section(named: parts[0])?.schema else { return false }
    return schema.field(named: parts[1]) != nil
  }
}
