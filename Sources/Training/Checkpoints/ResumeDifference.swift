/// A field that differs between the config of a checkpoint and the one that resumes it.
package struct ResumeDifference: Hashable, Sendable, CustomStringConvertible {
  /// As in `optimizer.lr`.
  package let path: String
  /// The canonical text in the checkpoint; `nil` where the field is not set there.
  package let stored: String?
  package let current: String?

  /// Compares two flattened configs; sorted by path.
  package static func between(
    stored: [String: String], current: [String: String]
  ) -> [ResumeDifference] {
    Set(stored.keys).union(current.keys).sorted().compactMap { path in
      stored[path] == current[path]
        ? nil : ResumeDifference(path: path, stored: stored[path], current: current[path])
    }
  }

  package var description: String {
    "\(path): \(stored ?? "not set") in the checkpoint, \(current ?? "not set") now"
  }
}
