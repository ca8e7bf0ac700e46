import LaunchModel

extension RunFacts {
  /// The other sides that most rules of experts name.
  var expertsRelated: RelatedField {
    (Path.model.numMoEExperts, config.model.numMoEExperts.map { "\(Help.count($0, "routed expert"))" } ?? "null")
  }

  var topKRelated: RelatedField { (Path.model.moeRouterTopK, "top \(architecture.moeRouterTopK)") }

  var dispatcherRelated: RelatedField {
    (Path.model.moeTokenDispatcherType, "\(config.model.moeTokenDispatcherType.rawValue)")
  }

  var hasSharedExperts: Bool { config.model.moeSharedExpertIntermediateSize != nil }

  var sharedExpertsRelated: RelatedField {
    (Path.model.moeSharedExpertIntermediateSize, "shared experts")
  }
}
