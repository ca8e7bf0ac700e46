extension FieldRule {
  package static let bridgeClass = FieldRule(
    "BRIDGE-01", "class of a Megatron-Bridge file",
    """
    In a file of Megatron-Bridge (`ConfigContainer.to_yaml`) each section names its class under `_target_`, and objects \
    such as number formats name theirs. Without the name Bridge makes a plain dictionary, with a wrong one it fails to \
    import it. Newer releases import from a list of packages alone, to which a program can add its own.
    """)

  package static let bridgePassedOver = FieldRule(
    "BRIDGE-02", "part of a Megatron-Bridge file that is not checked",
    """
    The section has fields that neither this package knows nor the class of Megatron-Bridge declares: they belong to a \
    class of your own, to a model of another family, or to another release. They are left as they are. A field that no \
    class declares is dropped by Bridge with a line in the log.
    """)

  package static let bridgeWorld = FieldRule(
    "BRIDGE-03", "GPUs of a file that does not name them",
    """
    A ConfigContainer does not say on how many GPUs it will run, nor do Megatron-LM's arguments; the launcher does. Without `--num-nodes` and \
    `--gpus-per-node` the config is checked for the fewest GPUs that its parallel sizes fill and the batch divides by. \
    What is an error there is an error on every number of GPUs; advice that depends on the machines is left out.
    """)

  package static let bridgeText = FieldRule(
    "BRIDGE-04", "value that Megatron-Bridge's loader cannot take",
    """
    `ConfigContainer.from_yaml` reads with PyYAML and OmegaConf, then makes an object of every `_target_`. A number \
    format or an activation must be such an object, with `_call_: false`: without, the loader calls it, and a bare word \
    such as `bf16` stays a text, which the first matrix product refuses. A `!!set`, which `to_yaml` itself writes for \
    `peft.params_to_save`, is no value of OmegaConf's, so that such a dump does not load until the line is removed. Newer \
    releases take no function for `process_example_fn` and the like from a file, though their `to_yaml` writes it.
    """)

  package static let bridgeLayerSpec = FieldRule(
    "BRIDGE-05", "layer spec that ignores the pattern",
    """
    `transformer_layer_spec: default_layer_spec`, the provider's default, makes one spec for all layers: with experts every \
    layer becomes an MoE layer, whatever `moe_layer_freq` says. `get_gpt_decoder_block_spec` honours the pattern, which a \
    released checkpoint with dense first layers needs.
    """)

  package static let bridgeRelease = FieldRule(
    "BRIDGE-06", "release of a Megatron-Bridge file",
    """
    A ConfigContainer does not say for which release of Megatron-Bridge it is. It is read for the newest release that \
    has all classes and fields that stand in it; where none has, for the one that lacks the fewest. \
    `--megatron-bridge` says another.
    """)

  /// The rules of the family, by number.
  static let bridge = [bridgeClass, bridgePassedOver, bridgeWorld, bridgeText, bridgeLayerSpec, bridgeRelease]
}
