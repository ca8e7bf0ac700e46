import ConfigDocument
import Diagnostics

/// The sections whose class says which fields there are: data and adapters.
extension BridgeReader {
  // MARK: Data

  mutating func readDataset(_ entry: Node.Entry) {
    guard let fields = entry.value.entries else {
      return entry.value.isNull ? reportNull(entry) : add("dataset", entry, [])
    }
    let name = entry.value[Self.target]?.scalar?.text ?? ""
    let known = BridgeDatasetClass(target: name)
    dataset = known
    let isOwn = checkTarget(
      of: entry, fields, like: (known ?? .pretraining).rawValue, alsoLike: BridgeDatasetClass.allCases.map(\.rawValue)
    ) { _ in known != nil }
    guard let known else {
      if isOwn || name.isEmpty { return }
      return passOver(entry.keyRange, path: "dataset", "data of `\(name)` is not checked")
    }
    let target = entry.value[Self.target]?.range ?? entry.keyRange
    var sorted = BridgeFieldSorting(fields: fields, isOwn: true, sections: ["dataset"])
    sorted.refusesUnknown = known.isPretraining
    sorted.renamed =
      known.isPretraining
      ? ["sequence_length": "seq_length", "seq_length": "seq_length"] : ["seed": "random_seed"]
    var rest: [Node.Entry] = []
    for field in fields {
      switch field.key {
      case "packed_sequence_specs" where !known.isPretraining:
        let specs = (field.value.entries ?? []).filter { $0.key != Self.target }
        for spec in specs { sorted.add(spec, to: "dataset") }
      case "dataset_kwargs" where !known.isPretraining:
        for keyword in field.value.entries ?? []
        where keyword.key == DatasetFields.fields.answerOnlyLoss.declaration.name {
          sorted.add(keyword, to: "dataset")
        }
        if !field.value.isNull { sorted.add(field, to: "dataset") }
      case "blend" where known.isPretraining:
        if let paths = Self.dataPaths(field) { sorted.add(paths, to: "dataset") } else { rest.append(field) }
      case "skip_getting_attention_mask_from_dataset" where known.isPretraining: continue
      default: rest.append(field)
      }
    }
    sort(rest, &sorted)
    let hasBlend = ["blend", "blend_per_split"].contains { entry.value[$0].map { !$0.isNull } ?? false }
    let kind: DatasetKind = known.isPretraining ? (hasBlend ? .indexed : .mock) : .sft
    sorted.add(word(kind.rawValue, for: "kind", at: target), to: "dataset")
    finish(entry, sorted)
    add("dataset", entry, sorted.sorted["dataset"] ?? [])
    if !known.isPretraining, mode == nil { mode = (.sft, target) }
  }

  /// Megatron's `[[paths], [weights]]` as a list of paths with their weights; `nil` for what is no such pair.
  private static func dataPaths(_ field: Node.Entry) -> Node.Entry? {
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
    let name = DatasetFields.fields.dataPaths.declaration.name
    return Node.Entry(key: name, keyRange: field.keyRange, value: Node(.sequence(items), field.value.range))
  }

  // MARK: Adapters

  mutating func readAdapter(_ entry: Node.Entry) {
    guard let fields = entry.value.entries else { return add("peft", entry, []) }
    let name = entry.value[Self.target]?.scalar?.text ?? ""
    let targets = PEFTScheme.allCases.map(BridgeSection.adapter)
    let scheme = PEFTScheme.allCases.first { name.className == BridgeSection.adapter($0).className }
    let isOwn = checkTarget(of: entry, fields, like: targets[0], alsoLike: targets) { _ in scheme != nil }
    let target = entry.value[Self.target]?.range ?? entry.keyRange
    mode = (.peft, target)
    guard let scheme else {
      if isOwn || name.isEmpty { return }
      return passOver(entry.keyRange, path: "peft", "adapters of `\(name)` are not checked")
    }
    var sorted = BridgeFieldSorting(fields: fields, isOwn: true, sections: ["peft"])
    sort(fields, &sorted)
    sorted.add(word(scheme.rawValue, for: "peft_scheme", at: target), to: "peft")
    finish(entry, sorted)
    add("peft", entry, sorted.sorted["peft"] ?? [])
  }
}

extension BridgeDatasetClass {
  /// By the last part of the name: the classes are also reached through modules that import them.
  fileprivate init?(target: String) {
    guard let known = Self.allCases.first(where: { $0.rawValue.className == target.className }) else { return nil }
    self = known
  }
}
