import LaunchModel

/// What NVLink joins, in the words of a rule: a node, or what `nvlink_domain_gpus` says.
struct NVLinkDomain {
  let gpus: Int
  /// Whether the run has more GPUs than that.
  let isSmaller: Bool
  private let isWritten: Bool

  init(_ cluster: Section<ClusterFields>, worldSize: Int) {
    gpus = cluster.gpusPerNVLinkDomain
    isSmaller = worldSize > gpus
    isWritten = cluster.nvlinkDomainGPUs != nil
  }

  var one: Message { isWritten ? "an NVLink domain" : "a node" }
  var plural: Message { isWritten ? "NVLink domains" : "nodes" }

  var related: RelatedField {
    isWritten
      ? (Path.cluster.nvlinkDomainGPUs, "\(gpus) GPUs joined by NVLink")
      : (Path.cluster.gpusPerNode, "\(gpus) GPUs a node")
  }
}
