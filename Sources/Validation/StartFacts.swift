package import LaunchModel

/// What the CPU engine has found in files before it starts. With it, what Megatron would pass over and the engine cannot
/// run is an error.
package struct StartFacts: Sendable {
  /// What is wrong with one field.
  package struct Problem: Sendable {
    package let path: FieldPath
    package let message: Message

    package init(_ path: FieldPath, _ message: Message) {
      self.path = path
      self.message = message
    }
  }

  /// Where the model section and the checkpoint to start from differ.
  package let baseDifferences: [Problem]
  /// Fields that name a file which cannot be opened.
  package let missingInputs: [Problem]

  package init(baseDifferences: [Problem] = [], missingInputs: [Problem] = []) {
    self.baseDifferences = baseDifferences
    self.missingInputs = missingInputs
  }
}
