package import ConfigDocument

/// Objects of Python that a ConfigContainer holds where a launch config has a word: `{_target_: torch.bfloat16,
/// _call_: false}` for `bf16`.
package enum BridgeWords {
  /// What kind of object a field takes; `nil` for fields that take words themselves.
  package enum Kind: Sendable {
    case dataType, activation, attentionBackend
  }

  package static func kind(ofField name: String) -> Kind? {
    switch name {
    case "activation_func": .activation
    case "attention_backend": .attentionBackend
    // The router takes its format by name.
    case "moe_router_dtype": nil
    default: name.hasSuffix("dtype") ? .dataType : nil
    }
  }

  /// The object of a word by its full name.
  static func object(_ word: String, _ kind: Kind) -> String? {
    switch kind {
    case .dataType: dataTypes.first { $0.word == word }?.object
    case .activation: activations.first { $0.word == word }?.object
    case .attentionBackend: nil
    }
  }

  /// The number that stands for an attention backend, in megatron-core 0.16.1's `AttnBackend`.
  static func backendNumber(_ word: String) -> Int? { backends[word] }

  /// The object of a word as the loader makes it.
  package static func value(_ word: String, _ kind: Kind) -> ConfigValue? {
    if case .attentionBackend = kind {
      return backendNumber(word).map {
        ["_target_": "megatron.core.transformer.enums.AttnBackend", "_call_": true, "_args_": .list([.int($0)])]
      }
    }
    return object(word, kind).map(reference)
  }

  /// A function, a class or a constant itself, rather than what calling it gives.
  package static func reference(_ name: String) -> ConfigValue { ["_target_": .string(name), "_call_": false] }

  /// The word of an object.
  static func word(_ object: String, _ kind: Kind) -> String? {
    switch kind {
    case .dataType: dataTypes.first { $0.object == object }?.word
    case .activation: activations.first { $0.object == object }?.word ?? builtinActivations[object]
    case .attentionBackend: Int(object).flatMap { number in backends.first { $0.value == number }?.key }
    }
  }

  /// The word for what Python calls otherwise: `bf16` for `torch.bfloat16` and `bfloat16`, `flash` for `AttnBackend.flash`.
  static func word(ofPython text: String, _ kind: Kind) -> String? {
    guard case .attentionBackend = kind else { return word(object(text, kind) ?? text, kind) }
    let parts = text.split(separator: ".")
    guard let name = parts.last, parts.dropLast().last == "AttnBackend" else { return nil }
    return backends[String(name)] == nil ? nil : String(name)
  }

  /// Every object that the kind knows, for suggestions.
  static func objects(_ kind: Kind) -> [String] {
    switch kind {
    case .dataType: dataTypes.map(\.object) + ["torch.float64"]
    case .activation: activations.map(\.object) + builtinActivations.keys.sorted()
    case .attentionBackend: []
    }
  }

  /// The first spelling of an object is the one that is written.
  private static let dataTypes: [(word: String, object: String)] = [
    ("fp32", "torch.float32"), ("bf16", "torch.bfloat16"), ("fp16", "torch.float16"),
    ("float32", "torch.float32"), ("bfloat16", "torch.bfloat16"), ("float16", "torch.float16"),
    ("fp32", "torch.float"), ("fp16", "torch.half"), ("uint8", "torch.uint8"),
  ]

  private static let activations: [(word: String, object: String)] = [
    ("silu", "torch.nn.functional.silu"), ("gelu", "torch.nn.functional.gelu"), ("relu", "torch.nn.functional.relu"),
    ("squared_relu", "megatron.core.activations.squared_relu"),
  ]

  /// Names under which PyTorch's own functions come back from a dump.
  private static let builtinActivations = ["torch._C._nn.gelu": "gelu", "torch._C._nn.silu": "silu"]

  private static let backends = ["flash": 1, "fused": 2, "unfused": 3, "local": 4, "auto": 5]
}
