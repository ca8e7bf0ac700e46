import ConfigDocument
import LaunchModel
import Releases

extension MigrationDraft {
  /// What two releases do differently with the same words, and what one of them refuses.
  mutating func settleConflicts(_ config: LaunchConfig, _ spelling: any Spelling) {
    settleRampUp(config, spelling)
    settleNumberOfSMs(config)
  }

  /// A growing batch is passed over by some releases, and all others would apply it.
  private mutating func settleRampUp(_ config: LaunchConfig, _ spelling: any Spelling) {
    guard let steps = config.train.rampupBatchSize, let keys = spelling.keys(of: Path.train.rampupBatchSize) else {
      return
    }
    switch (config.release.rampUp, target.rampUp) {
    case (.applied, .ignored):
      warn(
        keys,
        """
        megatron-bridge \(target.megatronBridge) passes \(FlowText.yaml(steps.configValue)) over: every step has the whole \
        batch
        """, help: "nothing there lets the batch grow; begin with a run of its own at a smaller `global_batch_size`")
    case (.ignored, .applied):
      warn(
        keys,
        """
        megatron-bridge \(config.release.megatronBridge) passes \(FlowText.yaml(steps.configValue)) over, and \
        \(target.megatronBridge) lets the batch grow by it
        """, help: "set it to null for the whole batch at every step")
    default: break
    }
  }

  /// Two numbers for one thing, which is refused: the one whose dispatcher is used counts.
  private mutating func settleNumberOfSMs(_ config: LaunchConfig) {
    let model = ModelFields.schema.name
    let unified = "moe_flex_dispatcher_num_sms"
    guard target.hasField(unified, ofSection: model), value(at: [model, unified]) ?? .null == .null else { return }
    let numbers = FlexDispatcherBackend.allCases.map { backend in
      (backend: backend, keys: [model, "moe_\(backend.rawValue)_num_sms"])
    }.filter { (value(at: $0.keys) ?? .null) != .null }
    guard numbers.count > 1, value(at: numbers[0].keys) != value(at: numbers[1].keys) else { return }
    for number in numbers where number.backend != config.model.moeFlexDispatcherBackend {
      replace(
        number.keys, with: .null,
        "megatron-bridge \(target.megatronBridge) takes one number for all backends; this one's is not used")
    }
  }
}
