import ConfigDocument
import LaunchModel
import Releases
import Validation

/// Keeps what a config means where its text alone does not: what nobody has set has other defaults in another release.
struct UnsetMeaning {
  /// What the config means in its own release.
  let before: ConfigMeaning
  /// How the text spells fields in the target release.
  let spelling: any Spelling

  private var source: Release { before.config.release }

  /// Writes out every field that would mean something else.
  ///
  /// - Parameters:
  ///   - after: what the text means in the target release.
  ///   - create: makes what a new field needs around it.
  func writeOut(
    into draft: inout MigrationDraft, after: ConfigMeaning, create: (inout MigrationDraft, [String]) -> Void
  ) {
    for path in changes(after, draft) {
      guard let value = before.value(of: path), let keys = spelling.keys(of: path), isWritable(keys, draft) else {
        continue
      }
      let written = spelling.value(value, of: path)
      let reason = reason(path, after)
      if draft.node(at: keys) != nil {
        draft.replace(keys, with: written, reason)
      } else {
        create(&draft, keys)
        draft.insert(keys, written, reason)
      }
    }
  }

  /// Whether there is something to write a field into: an attribute that a ConfigContainer cannot be without is not made for
  /// it.
  private func isWritable(_ keys: [String], _ draft: MigrationDraft) -> Bool {
    draft.node(at: [keys[0]]) != nil || !(spelling is BridgeSpelling)
      || !draft.target.requiredAttributes.contains(keys[0])
  }

  /// Says what still means something else.
  func warn(in draft: inout MigrationDraft, after: ConfigMeaning) {
    for path in changes(after, draft) where spelling.keys(of: path).map({ isWritable($0, draft) }) ?? true {
      let (old, new) = (before.value(of: path), after.value(of: path))
      draft.warn(
        spelling.keys(of: path) ?? [path.description],
        """
        means \(new.map(FlowText.yaml) ?? "nothing") in megatron-bridge \(after.config.release.megatronBridge), and \
        \(old.map(FlowText.yaml) ?? "nothing") in \(source.megatronBridge)
        """)
    }
    // Set by a recipe or by a base, and not in the text.
    for path in ConfigMeaning.fields(of: source, and: after.config.release) {
      guard before.isWritten(path), !before.isDerived(path), let value = before.value(of: path),
        after.value(of: path) == nil, !before.isDefault(value, of: path)
      else { continue }
      guard case .recipe? = before.config.value(at: path)?.origin else { continue }
      draft.warn(
        [path.description],
        "set to \(FlowText.yaml(value)) by a recipe; megatron-bridge \(after.config.release.megatronBridge) has no such field"
      )
    }
  }

  private func changes(_ after: ConfigMeaning, _ draft: MigrationDraft) -> [FieldPath] {
    ConfigMeaning.fields(of: source, and: after.config.release).filter { path in
      !isSettled(path, draft) && before.value(of: path) != nil && after.hasField(path)
        && before.differs(from: after, at: path) && !after.isDerived(path)
    }
  }

  /// Whether it was decided before: by its own rules, or since an object of the dataset says it, which no launch config
  /// has.
  private func isSettled(_ path: FieldPath, _ draft: MigrationDraft) -> Bool {
    func isSet(_ name: String) -> Bool { draft.node(at: [path.section, name]).map { !$0.isEmpty } ?? false }
    switch path {
    case Path.software.megatronBridge, Path.train.rampupBatchSize: return true
    case FieldPath("dataset", "dataset_kwargs"), FieldPath("dataset", "process_example_fn"),
      Path.dataset.answerOnlyLoss:
      return spelling is BridgeSpelling
    case Path.dataset.dataPaths: return isSet("hf_output_root")
    default: return false
    }
  }

  private func reason(_ path: FieldPath, _ after: ConfigMeaning) -> String {
    let new = after.value(of: path).map(FlowText.yaml) ?? "nothing"
    return "unset, it is \(new) in megatron-bridge \(after.config.release.megatronBridge)"
  }
}
