/// `adapter_config.json` as the peft library reads and writes it, as far as LoRA and DoRA on linears and on parameters go.
///
/// Keys and their meaning: peft 0.21.2, tuners/lora/config.py.
package struct AdapterConfig: Hashable, Sendable {
  package static let fileName = "adapter_config.json"

  /// Names that peft looks for among a model's modules.
  package enum ModuleNames: Hashable, Sendable {
    /// Whole names, or their ends from a dot on.
    case list([String])
    /// A regular expression that the whole name matches.
    case expression(String)
    /// `all-linear`: every linear but the head.
    case allLinear
  }

  /// A value for the names that an expression's end matches.
  package struct Exception<Value: Hashable & Sendable>: Hashable, Sendable {
    package let name: String
    package let value: Value
  }

  package var rank: Int
  package var alpha: Double
  package var useDora = false
  /// In training.
  package var dropout = 0.0
  /// Scales by alpha / sqrt(rank) instead of alpha / rank.
  package var useRslora = false
  package var initialization = AdapterInitialization.zero
  package var targetModules = ModuleNames.list([])
  /// Ends of parameters' names: what peft adapts where transformers 5 has no module of its own.
  package var targetParameters: [String] = []
  /// The first that matches counts.
  package var ranks: [Exception<Int>] = []
  package var alphas: [Exception<Double>] = []
  package var excludedModules: ModuleNames?
  package var layers: [Int]?
  /// Expressions for what stands before a layer's number; none for any name.
  package var layerPatterns: [String] = []
  /// The directory or the name of the weights that the adapter was trained on.
  package var base: String?
  /// What a reader should know that changes nothing here.
  package var notes: [String] = []

  package init(rank: Int, alpha: Double, base: String? = nil) {
    self.rank = rank
    self.alpha = alpha
    self.base = base
  }

  /// Factor of `B A` where neither rank nor alpha has an exception.
  package var scaling: Float { AdapterSettings.scaling(alpha: alpha, rank: rank, useRslora: useRslora) }

  // MARK: Writing

  /// The text of `adapter_config.json`.
  package var json: String {
    var json = JSONText(indentation: 2)
    json.object { json in
      json.object("alpha_pattern") { json in for item in alphas { json.number(item.name, item.value) } }
      json.null("auto_mapping")
      if let base { json.field("base_model_name_or_path", base) } else { json.null("base_model_name_or_path") }
      json.field("bias", "none")
      if let excludedModules { json.names("exclude_modules", excludedModules) }
      json.field("fan_in_fan_out", false)
      json.field("inference_mode", true)
      switch initialization {
      case .zero: json.field("init_lora_weights", true)
      case .untouchedBase("false"): json.field("init_lora_weights", false)
      default: json.field("init_lora_weights", initialization.name)
      }
      if let layers { json.array("layers_to_transform") { json in for layer in layers { json.element(layer) } } }
      if !layerPatterns.isEmpty { json.names("layers_pattern", .list(layerPatterns)) }
      json.number("lora_alpha", alpha)
      json.field("lora_dropout", dropout)
      json.null("modules_to_save")
      json.field("peft_type", "LORA")
      json.field("r", rank)
      json.object("rank_pattern") { json in for item in ranks { json.field(item.name, item.value) } }
      json.names("target_modules", targetModules)
      if !targetParameters.isEmpty { json.names("target_parameters", .list(targetParameters)) }
      json.field("task_type", "CAUSAL_LM")
      json.field("use_dora", useDora)
      json.field("use_rslora", useRslora)
    }
    return json.text + "\n"
  }

  /// Writes `adapter_config.json` into a folder.
  package func write(to folder: String, _ fileSystem: any FileSystem = POSIXFileSystem()) throws {
    let writer = try FileWriter(FilePath.join(folder, Self.fileName), fileSystem)
    try writer.write(json)
    try writer.finish()
  }
}

extension JSONText {
  /// Whole numbers without a fraction.
  fileprivate mutating func number(_ name: String, _ value: Double) {
    if let whole = Int(exactly: value) { field(name, whole) } else { field(name, value) }
  }

  fileprivate mutating func names(_ name: String, _ names: AdapterConfig.ModuleNames) {
    switch names {
    case .list(let list): array(name) { json in for item in list { json.element(item) } }
    case .expression(let expression): field(name, expression)
    case .allLinear: field(name, "all-linear")
    }
  }
}
