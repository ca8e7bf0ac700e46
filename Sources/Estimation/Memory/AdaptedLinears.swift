import LaunchModel

/// Linear modules of one layer that have an adapter.
struct AdaptedLinears: OptionSet, Hashable, Sendable {
  let rawValue: UInt16

  init(rawValue: UInt16) { self.rawValue = rawValue }

  /// `linear_q_proj`, or with a query latent `linear_q_down_proj`.
  static let query = AdaptedLinears(rawValue: 1)
  static let queryUp = AdaptedLinears(rawValue: 2)
  static let keyValueDown = AdaptedLinears(rawValue: 4)
  static let keyValueUp = AdaptedLinears(rawValue: 8)
  /// `linear_qkv` of plain attention.
  static let queryKeyValue = AdaptedLinears(rawValue: 16)
  static let output = AdaptedLinears(rawValue: 32)
  static let denseFC1 = AdaptedLinears(rawValue: 64)
  static let denseFC2 = AdaptedLinears(rawValue: 128)
  static let sharedFC1 = AdaptedLinears(rawValue: 256)
  static let sharedFC2 = AdaptedLinears(rawValue: 512)
  static let expertFC1 = AdaptedLinears(rawValue: 1024)
  static let expertFC2 = AdaptedLinears(rawValue: 2048)

  /// Of each decoder layer, and of the MTP layers together.
  static func byLayer(_ matches: [AdapterMatch], numLayers: Int) -> [AdaptedLinears] {
    var layers = [AdaptedLinears](repeating: [], count: numLayers)
    for match in matches {
      guard case .layers = match.module.place, let linear = AdaptedLinears(match.module) else { continue }
      for layer in match.layers where layers.indices.contains(layer) { layers[layer].formUnion(linear) }
    }
    return layers
  }

  /// `nil` for a module that is none of these.
  private init?(_ module: AdapterModule) {
    switch module.linear {
    case .linearQProj, .linearQDownProj: self = .query
    case .linearQUpProj: self = .queryUp
    case .linearKVDownProj: self = .keyValueDown
    case .linearKVUpProj: self = .keyValueUp
    case .linearQKV: self = .queryKeyValue
    case .linearProj: self = .output
    case .linearFC1: self = module.isExpert ? .expertFC1 : module.isSharedExpert ? .sharedFC1 : .denseFC1
    case .linearFC2: self = module.isExpert ? .expertFC2 : module.isSharedExpert ? .sharedFC2 : .denseFC2
    case .router, .ehProj, .outputLayer, nil: return nil
    }
  }
}
