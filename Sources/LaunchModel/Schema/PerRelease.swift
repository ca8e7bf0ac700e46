import Releases
import Synchronization

/// A value for each release, made when it is first asked for.
final class PerRelease<Value: Sendable>: Sendable {
  /// By the raw value of the release: asked for every field that is read.
  private let values = Mutex<[Value?]>(Array(repeating: nil, count: Release.all.count))
  private let make: @Sendable (Release) -> Value

  init(_ make: @escaping @Sendable (Release) -> Value) { self.make = make }

  subscript(release: Release) -> Value {
    if let value = values.withLock({ $0[release.rawValue] }) { return value }
    // Made twice at worst: making one may ask for another.
    let value = make(release)
    values.withLock { $0[release.rawValue] = value }
    return value
  }
}
