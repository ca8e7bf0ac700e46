/// A field that differs between the config of a checkpoint and the one that resumes it.
package struct ResumeDifference: Hashable, Sendable, CustomStringConvertible {
  /// As in `optimizer.lr`.
  package let path: String
  /// The canonical text in the checkpoint; `nil` where the field is not set there.
  package let stored: String?
  package let current: String?

  /// Compares two flattened configs; sorted by path.
  ///
  /// - Parameter defaults: those of the current config's fields. One that the stored config does not know, because it was
  ///   written before there was such a field, and that is left alone differs in nothing.
  package static func between(
    stored: [String: String], current: [String: String], defaults: [String: String]
  ) -> [ResumeDifference] {
    Set(stored.keys).union(current.keys).sorted().compactMap { path in
      (stored[path] ?? defaults[path]) == current[path]
        ? nil : ResumeDifference(path: path, stored: stored[path], current: current[path])
    }
  }

  package var description: String {
    "\(path): \(stored ?? "not set") in the checkpoint, \(current ?? "not set") now"
  }
}
