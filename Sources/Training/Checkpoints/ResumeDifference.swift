/// A field that differs between the config of a checkpoint and the one that resumes it, or what else was said to the run.
package struct ResumeDifference: Hashable, Sendable, CustomStringConvertible {
  /// As in `optimizer.lr`.
  package let path: String
  /// The canonical text in the checkpoint; `nil` where the field is not set there.
  package let stored: String?
  package let current: String?

  /// Compares two flattened configs; sorted by path.
  ///
  /// - Parameters:
  ///   - storedDefaults: those of the fields of the release that the checkpoint was made for.
  ///   - defaults: those of the current config's fields. A field that only one of the two knows, because it came or went
  ///     in between, and that was left alone differs in nothing.
  package static func between(
    stored: [String: String], storedDefaults: [String: String], current: [String: String], defaults: [String: String]
  ) -> [ResumeDifference] {
    Set(stored.keys).union(current.keys).sorted().compactMap { path in
      let isSame =
        switch (stored[path], current[path]) {
        case (nil, let now): now == defaults[path]
        case (let then, nil): then == storedDefaults[path]
        case (let then, let now): then == now
        }
      return isSame ? nil : ResumeDifference(path: path, stored: stored[path], current: current[path])
    }
  }

  /// Whether matrices are multiplied in another precision, which `--fp32-products` decides beside the config.
  ///
  /// - Parameter products: which ones: `products` of the model, or `muon_products`.
  package static func between(
    _ products: String, stored: ProductPrecision?, current: ProductPrecision?
  ) -> [ResumeDifference] {
    guard let stored, let current, stored != current else { return [] }
    return [ResumeDifference(path: products, stored: stored.rawValue, current: current.rawValue)]
  }

  package var description: String {
    "\(path): \(stored ?? "not set") in the checkpoint, \(current ?? "not set") now"
  }
}
