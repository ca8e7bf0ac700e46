extension LaunchConfig {
  /// Whether Megatron-FSDP shards the model: either switch sets the other (megatron-bridge 0.3.1 and 0.6.2
  /// `training/config.py`, `ConfigContainer.validate`).
  public var usesMegatronFSDP: Bool { ddp.useMegatronFSDP || dist.isOn("use_megatron_fsdp") }

  /// The switch that says so, or the one that would.
  package var megatronFSDPPath: FieldPath {
    dist.isOn("use_megatron_fsdp") ? FieldPath("dist", "use_megatron_fsdp") : Path.ddp.useMegatronFSDP
  }
}
