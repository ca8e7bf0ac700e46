extension RunFacts {
  /// Why the ranks have no places, in words; empty where ``grid`` is defined.
  package var gridErrors: [Finding] {
    Validator.findings(
      self, of: [DenseGroupsFillWorld.self, ExpertGroupsFillWorld.self, EqualReplicasWithDataLast.self])
  }
}
