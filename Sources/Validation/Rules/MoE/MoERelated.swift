import LaunchModel

extension RunFacts {
  /// The other sides that most rules of experts name.
  var expertsRelated: (FieldPath, String) {
    (Path.model.numMoEExperts, config.model.numMoEExperts.map { Help.count($0, "routed expert") } ?? "null")
  }

  var topKRelated: (FieldPath, String) { (Path.model.moeRouterTopK, "top \(architecture.moeRouterTopK)") }

  var dispatcherRelated: (FieldPath, String) {
    (Path.model.moeTokenDispatcherType, config.model.moeTokenDispatcherType.rawValue)
  }

  var hasSharedExperts: Bool { config.model.moeSharedExpertIntermediateSize != nil }

  var sharedExpertsRelated: (FieldPath, String) {
    (Path.model.moeSharedExpertIntermediateSize, "shared experts")
  }
}
