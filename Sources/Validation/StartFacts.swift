package import LaunchModel

/// What the CPU engine has found in files before it starts. With it, what Megatron would pass over and the engine cannot
/// run is an error.
package struct StartFacts: Sendable {
  /// What the model section and the checkpoint to start from say of one field.
  package struct Difference: Sendable {
    package let path: FieldPath
    package let message: String

    package init(_ path: FieldPath, _ message: String) {
      self.path = path
      self.message = message
    }
  }

  package let baseDifferences: [Difference]

  package init(baseDifferences: [Difference]) { self.baseDifferences = baseDifferences }
}
