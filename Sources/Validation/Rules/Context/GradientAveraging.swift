extension RunFacts {
  /// Whether gradients are averaged in the collective; Megatron-FSDP turns that off.
  var averagesInCollective: Bool { config.ddp.averageInCollective && !config.usesMegatronFSDP }
}
