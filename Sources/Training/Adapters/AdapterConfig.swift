/// `adapter_config.json` as the peft library reads and writes it, as far as LoRA and DoRA on linears go.
package struct AdapterConfig: Hashable, Sendable {
  package static let fileName = "adapter_config.json"

  package var rank: Int
  package var alpha: Double
  package var useDora: Bool
  /// In training.
  package var dropout = 0.0
  /// Scales by alpha / sqrt(rank) instead of alpha / rank.
  package var useRslora = false
  /// Ends of module names, from a dot on; empty where a file gives a regular expression.
  package var targetModules: [String] = []
  /// The directory or the name of the weights that the adapter was trained on.
  package var base: String?

  package init(rank: Int, alpha: Double, useDora: Bool, targetModules: [String], base: String?) {
    self.rank = rank
    self.alpha = alpha
    self.useDora = useDora
    self.targetModules = targetModules
    self.base = base
  }

  /// Factor of `B A`.
  package var scaling: Float {
    useRslora ? Float(alpha / Double(rank).squareRoot()) : Float(alpha) / Float(rank)
  }
}

/// Why an adapter's directory is none that can be used.
package struct AdapterError: Error, Hashable, CustomStringConvertible {
  package let file: String
  package let message: String

  package var description: String { "\(file): \(message)" }
}

extension AdapterConfig {
  /// Reads `adapter_config.json`; keys without influence on the computation are skipped.
  /// - Throws: ``SystemError``; ``AdapterError`` for another kind of adapter, or an option that is not computed.
  package init(file path: String) throws {
    self.init(rank: 8, alpha: 8, useDora: false, targetModules: [], base: nil)
    var type: String?
    var field = ""
    do {
      try FileReader.readJSON(path) { cursor in
        try cursor.object { cursor, key in
          field = key
          if key == "peft_type" { type = try cursor.string() } else { try read(key, &cursor) }
        }
      }
    } catch let error as JSONError {
      throw AdapterError(file: path, message: field.isEmpty ? "\(error)" : "\(field): \(error)")
    }
    guard type == "LORA" else {
      throw AdapterError(file: path, message: "peft_type is \(type ?? "missing"); LORA is computed")
    }
    guard (1...65_536).contains(rank) else { throw AdapterError(file: path, message: "r is \(rank)") }
    guard alpha.isFinite else { throw AdapterError(file: path, message: "lora_alpha is \(alpha)") }
  }

  private mutating func read(_ key: String, _ cursor: inout JSONCursor) throws {
    switch key {
    case "r": rank = try cursor.integer()
    case "lora_dropout": dropout = try cursor.double()
    case "lora_alpha": alpha = try cursor.double()
    case "use_dora": useDora = try cursor.boolean()
    case "use_rslora": useRslora = try cursor.boolean()
    case "base_model_name_or_path":
      if try cursor.kind() == .null { try cursor.null() } else { base = try cursor.string() }
    case "target_modules":
      guard try cursor.kind() == .array else { return try cursor.skip() }
      var modules: [String] = []
      try cursor.array { modules.append(try $0.string()) }
      targetModules = modules
    case "bias":
      let value = try cursor.string()
      guard value == "none" else { throw cursor.error("\"\(value)\" is not computed; none is") }
    case "fan_in_fan_out", "lora_bias":
      guard try !cursor.boolean() else { throw cursor.error("true is not computed") }
    case "rank_pattern", "alpha_pattern":
      guard try cursor.kind() == .object else { return try cursor.skip() }
      var isEmpty = true
      try cursor.object { cursor, _ in
        isEmpty = false
        try cursor.skip()
      }
      guard isEmpty else { throw cursor.error("ranks or alphas of single modules are not computed") }
    case "modules_to_save", "target_parameters":
      guard try cursor.kind() != .null else { return try cursor.null() }
      var isEmpty = true
      guard try cursor.kind() == .array else { throw cursor.error("is not a list") }
      try cursor.array { cursor in
        isEmpty = false
        try cursor.skip()
      }
      guard isEmpty else { throw cursor.error("is not computed") }
    default: try cursor.skip()
    }
  }

  /// The text of `adapter_config.json`.
  package var json: String {
    var json = JSONText(indentation: 2)
    json.object { json in
      json.object("alpha_pattern") { _ in }
      json.null("auto_mapping")
      if let base { json.field("base_model_name_or_path", base) } else { json.null("base_model_name_or_path") }
      json.field("bias", "none")
      json.field("fan_in_fan_out", false)
      json.field("inference_mode", true)
      json.field("init_lora_weights", true)
      if let whole = Int(exactly: alpha) { json.field("lora_alpha", whole) } else { json.field("lora_alpha", alpha) }
      json.field("lora_dropout", dropout)
      json.null("modules_to_save")
      json.field("peft_type", "LORA")
      json.field("r", rank)
      json.object("rank_pattern") { _ in }
      json.array("target_modules") { json in for module in targetModules { json.element(module) } }
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

  /// The shortest ends of names that mean exactly these matrices in peft, which compares from a dot on; none begins with
  /// the number of a layer or an expert.
  ///
  /// - Parameters:
  ///   - targets: names of matrices, as in ``AdapterSettings/targets``.
  ///   - layout: of the model they belong to.
  package static func targetModules(of targets: [String], in layout: ParameterLayout) -> [String] {
    let all = layout.tensors.compactMap { tensor -> [Substring]? in
      guard case .matrix = tensor.kind else { return nil }
      return tensor.name.dropLast(".weight".utf8.count).split(separator: ".")
    }
    let wanted = targets.map { $0.dropLast(".weight".utf8.count).split(separator: ".") }
    let (present, meant) = (ends(all), ends(wanted))
    var result: [String] = []
    var seen: Set<String> = []
    for parts in wanted {
      let end = (1...max(parts.count, 1)).lazy.map { parts.suffix($0).joined(separator: ".") }
        .first { present[$0] == meant[$0] && !($0.first?.isNumber ?? true) }
      guard let end, seen.insert(end).inserted else { continue }
      result.append(end)
    }
    return result.sorted()
  }

  /// How often each end occurs.
  private static func ends(_ names: [[Substring]]) -> [String: Int] {
    var counts: [String: Int] = [:]
    for parts in names {
      for length in 1...max(parts.count, 1) { counts[parts.suffix(length).joined(separator: "."), default: 0] += 1 }
    }
    return counts
  }
}
