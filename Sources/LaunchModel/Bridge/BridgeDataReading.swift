import ConfigDocument
import Diagnostics
import Releases

/// The sections whose class says which fields there are: data and adapters.
extension BridgeReader {
  // MARK: Data

  mutating func readDataset(_ entry: Node.Entry, _ attribute: ContainerAttribute) {
    guard let fields = entry.value.entries else {
      return entry.value.isNull ? reportNull(entry) : add("dataset", entry, [])
    }
    let name = entry.value[Self.target]?.scalar?.text ?? ""
    let dataset = spelling.dataset
    let isOwn = checkTarget(
      of: entry, fields, like: (dataset ?? release.pretraining).className,
      alsoLike: release.classes.datasets.all.map(\.className)
    ) { _ in dataset != nil }
    guard let dataset else {
      if isOwn || name.isEmpty || hasReported(target: entry) { return }
      return passOver(entry.keyRange, path: "dataset", "data of `\(name)` is not checked")
    }
    let target = entry.value[Self.target]?.range ?? entry.keyRange
    var sorted = BridgeFieldSorting(attribute, fields, isOwn: true, spelling)
    sorted.refusesUnknown = dataset.isPretraining
    sort(fields.filter { !dataset.constructorOnly.contains($0.key) }, &sorted)
    let hasBlend = ["blend", "blend_per_split"].contains { entry.value[$0].map { !$0.isNull } ?? false }
    let kind: DatasetKind = dataset.isPretraining ? (hasBlend ? .indexed : .mock) : .sft
    sorted.add(word(kind.rawValue, for: "kind", at: target), to: "dataset")
    finish(entry, sorted)
    add("dataset", entry, sorted.sorted["dataset"] ?? [])
    if !dataset.isPretraining, mode == nil { mode = (.sft, target) }
  }

  /// Megatron's `[[paths], [weights]]` as a list of paths with their weights; `nil` for what is no such pair.
  static func dataPaths(_ field: Node.Entry) -> Node.Entry? {
    guard let pair = field.value.items, pair.count == 2, let paths = pair[0].items else { return nil }
    let weights = pair[1].items
    guard weights.map({ $0.count == paths.count }) ?? pair[1].isNull else { return nil }
    let items = paths.enumerated().map { index, path -> Node in
      guard let weight = weights?[index] else { return path }
      return Node(
        .mapping([
          Node.Entry(key: "path", keyRange: path.range, value: path),
          Node.Entry(key: "weight", keyRange: weight.range, value: weight),
        ]), path.range)
    }
    let name = DatasetFields.declaration(of: \.dataPaths).name
    return Node.Entry(key: name, keyRange: field.keyRange, value: Node(.sequence(items), field.value.range))
  }

  /// `blend` is a pair of lists, and nothing makes one of a list as `data_path` takes it.
  mutating func reportWeightsInTurn(_ field: Node.Entry, _ paths: [(path: String, weight: Double)]) {
    let pair = ConfigValue.list([.list(paths.map { .string($0.path) }), .list(paths.map { .float($0.weight) })])
    report(
      .wrongType, field.value.range, path: "dataset.\(field.key)",
      "`dataset.\(field.key)` has weights and paths in turn, as Megatron-LM's command line has them",
      help: "it is a pair of lists: `[[paths], [weights]]`",
      fix: file.edit(of: field.value, to: pair, as: format).map {
        Fix("write two lists", .safe, in: file, edits: [$0])
      })
  }

  /// Whether something is wrong with the class of a section.
  private func hasReported(target entry: Node.Entry) -> Bool {
    diagnostics.contains { $0.path == "\(entry.key).\(Self.target)" && $0.severity == .error }
  }

  // MARK: Adapters

  mutating func readAdapter(_ entry: Node.Entry, _ attribute: ContainerAttribute) {
    guard let fields = entry.value.entries else { return add("peft", entry, []) }
    let name = entry.value[Self.target]?.scalar?.text ?? ""
    let targets = PEFTScheme.allCases.map(release.adapter)
    let scheme = PEFTScheme.allCases.first { name.unqualified == release.adapter($0).unqualified }
    let isOwn = checkTarget(of: entry, fields, like: targets[0], alsoLike: targets) { _ in scheme != nil }
    let target = entry.value[Self.target]?.range ?? entry.keyRange
    mode = (.peft, target)
    guard let scheme else {
      if isOwn || name.isEmpty || hasReported(target: entry) { return }
      return passOver(entry.keyRange, path: "peft", "adapters of `\(name)` are not checked")
    }
    var sorted = BridgeFieldSorting(attribute, fields, isOwn: true, spelling)
    sort(fields, &sorted)
    sorted.add(word(scheme.rawValue, for: "peft_scheme", at: target), to: "peft")
    finish(entry, sorted)
    add("peft", entry, sorted.sorted["peft"] ?? [])
  }
}
