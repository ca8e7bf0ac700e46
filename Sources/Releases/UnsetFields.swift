/// What fields mean that nobody has set, where the defaults of the classes do not say it.
extension Release {
  /// Fields whose default is another word in some release, and the same thing in all.
  ///
  /// - `dist.high_priority_stream_groups`: `null` and `[]` are no group.
  /// - `logger.logging_level`: `null` is `logging.INFO`, which is 20 (`megatron/training/utils/log_utils.py` of
  ///   megatron-core 0.19.2).
  /// - `model.cuda_graph_scope`: its successor `cuda_graph_modules` is `full` where neither is set.
  public static let fieldsOfOneDefault: Set<String> = [
    "dist.high_priority_stream_groups", "logger.logging_level", "model.cuda_graph_scope",
  ]

  /// What a release does where others have a field, as JSON.
  ///
  /// - Parameter name: with its section, as in `checkpoint.async_strategy`.
  /// - Returns: `nil` where the release has the field, or where its default says what others do.
  public func fixedValue(ofField name: String) -> String? {
    guard !hasField(named: name) else { return nil }
    return switch name {
    // `AsyncCallsQueue` of megatron-core (`megatron/bridge/training/state.py` of 0.3.1).
    case "checkpoint.async_strategy": #""mcore""#
    // Overlapped always.
    case "model.async_tensor_model_parallel_allreduce": "true"
    default: nil
    }
  }
}
