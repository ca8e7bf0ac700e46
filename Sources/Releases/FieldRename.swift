/// A field that got another name: one field, which launch configs may call by either.
public struct FieldRename: Sendable {
  /// Of the launch config.
  public let section: String
  public let oldName: String
  public let newName: String
  /// The first release with the new name.
  public let since: Release

  public static let all = [
    FieldRename(
      section: "optimizer", oldName: "muon_use_nesterov", newName: "muon_nesterov", since: .bridge051),
    FieldRename(section: "dist", oldName: "lazy_init", newName: "lazy_mpu_init", since: .bridge051),
    FieldRename(
      section: "dataset", oldName: "val_proportion", newName: "hf_validation_proportion", since: .bridge062),
    FieldRename(section: "dataset", oldName: "rewrite", newName: "hf_rewrite", since: .bridge062),
    FieldRename(section: "dataset", oldName: "dataset_subset", newName: "subset", since: .bridge062),
    FieldRename(section: "dataset", oldName: "hf_kwargs", newName: "load_kwargs", since: .bridge062),
  ]

  /// Asked for every field that is read or written.
  private static let bySection = Dictionary(grouping: all, by: \.section)

  /// The rename that a name of a section has part in.
  public static func of(_ name: String, in section: String) -> FieldRename? {
    bySection[section]?.first { $0.oldName == name || $0.newName == name }
  }

  /// What a release calls the field.
  public func name(in release: Release) -> String { release >= since ? newName : oldName }
}

extension Release {
  /// What the release's class calls a field of a section, which may be given by either of its names.
  ///
  /// - Returns: `nil` where the release has no such field.
  public func ownName(of field: String, in section: String) -> String? {
    guard let attribute = description.classes.attribute(ofSection: section) else { return nil }
    let name = FieldRename.of(field, in: section)?.name(in: self) ?? field
    return fields.hasField(name, ofAny: attribute.fieldClasses) ? name : nil
  }

  /// Where to look for what a field did that the release does not have any more; a sentence's end, as in `use …`.
  public static func successor(of field: String, in section: String) -> String? {
    switch (section, field) {
    case ("model", "moe_use_legacy_grouped_gemm"): "`moe_grouped_gemm` is Transformer Engine's alone"
    case ("model", "async_tensor_model_parallel_allreduce"): "it is always overlapped"
    case ("model", "moe_extended_tp"): "`expert_tensor_parallel_size` says it"
    case ("dataset", "hf_filter_lambda"), ("dataset", "process_example_fn"): "`schema_adapter` takes its place"
    case ("tokenizer", "tiktoken_special_tokens"): "the tokenizer's file says them"
    default: nil
    }
  }
}
