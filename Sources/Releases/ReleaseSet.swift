/// The releases in which something holds: a rule, a field, a class.
public struct ReleaseSet: Hashable, Sendable {
  /// A bit for each.
  private let members: UInt64

  private init(_ holds: (Release) -> Bool) {
    members = Release.all.reduce(0) { holds($1) ? $0 | 1 << $1.rawValue : $0 }
  }

  public static let all = ReleaseSet { _ in true }

  public static func only(_ releases: Release...) -> ReleaseSet { ReleaseSet { releases.contains($0) } }

  /// A release and all later ones.
  public static func since(_ first: Release) -> ReleaseSet { ReleaseSet { $0 >= first } }

  /// A release and all earlier ones.
  public static func until(_ last: Release) -> ReleaseSet { ReleaseSet { $0 <= last } }

  /// The releases with a property: `.where { $0.rampUp == .applied }`.
  public static func `where`(_ holds: (Release) -> Bool) -> ReleaseSet { ReleaseSet(holds) }

  public func union(_ other: ReleaseSet) -> ReleaseSet { ReleaseSet { contains($0) || other.contains($0) } }

  /// `0.5.1, 0.6.2`.
  public var versions: String { releases.map(\.megatronBridge).joined(separator: ", ") }

  public func contains(_ release: Release) -> Bool { members & 1 << release.rawValue != 0 }

  /// What is taken where nobody names one of them: the current one, or the newest where that is not among them.
  public var preferred: Release { contains(.current) ? .current : releases.last ?? .current }

  /// The oldest first.
  public var releases: [Release] { Release.all.filter(contains) }
}
