import Topology

extension LayoutElement {
  var named: String {
    switch self {
    case .embedding: "the embedding"
    case .decoder: "a decoder layer"
    case .mtp: "an MTP layer"
    case .loss: "the loss"
    }
  }
}
