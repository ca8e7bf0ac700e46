extension AdapterConfig {
  /// Reads `adapter_config.json`.
  ///
  /// - Throws: ``SystemError``; ``AdapterError`` for another kind of adapter, for an option that is not computed, and for one
  ///   that is unknown and set: it may change the computation.
  package init(file path: String) throws {
    self.init(rank: 8, alpha: 8)
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
    for rank in [rank] + ranks.map(\.value) {
      guard (1...65_536).contains(rank) else { throw AdapterError(file: path, message: "a rank is \(rank)") }
    }
    guard dropout >= 0, dropout < 1 else { throw AdapterError(file: path, message: "lora_dropout is \(dropout)") }
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
    case "target_modules": targetModules = try Self.names(&cursor) ?? .list([])
    case "exclude_modules": excludedModules = try Self.names(&cursor)
    case "target_parameters": targetParameters = try Self.strings(&cursor)
    case "layers_pattern": layerPatterns = try Self.strings(&cursor)
    case "layers_to_transform": layers = try Self.numbers(&cursor)
    case "rank_pattern": ranks = try Self.exceptions(&cursor) { try $0.integer() }
    case "alpha_pattern": alphas = try Self.exceptions(&cursor) { try $0.double() }
    case "init_lora_weights":
      let name = try cursor.kind() == .boolean ? "\(try cursor.boolean())" : try cursor.string()
      guard let known = AdapterInitialization(name) else { throw cursor.error(AdapterInitialization.refusal(name)) }
      initialization = known
    case "bias":
      let value = try cursor.string()
      guard value == "none" else { throw cursor.error("\"\(value)\" is not computed; none is") }
    case "ensure_weight_tying", "eva_config", "revision":
      if try !Self.isUnset(&cursor) { notes.append("\(key) is set; it changes nothing here") }
    case _ where Self.withoutInfluence.contains(key): try cursor.skip()
    case _ where Self.notComputed.contains(key):
      guard try Self.isUnset(&cursor) else { throw cursor.error("is set, and not computed here") }
    default:
      guard try Self.isUnset(&cursor) else {
        throw cursor.error("is not known here (peft 0.21.2 is), and may change what is computed")
      }
      notes.append("\(key) is not known here; it is not set")
    }
  }

  /// What says how the adapter came about, or where a value of its own says that another key is used.
  private static let withoutInfluence: Set<String> = [
    "auto_mapping", "corda_config", "inference_mode", "loftq_config", "lora_ga_config", "megatron_core", "peft_version",
    "qalora_group_size", "runtime_config", "task_type",
  ]

  /// What changes the computation, or what is trained.
  private static let notComputed: Set<String> = [
    "alora_invocation_tokens", "arrow_config", "fan_in_fan_out", "kasa_config", "layer_replication", "lora_bias",
    "megatron_config", "modules_to_save", "monteclora_config", "trainable_token_indices", "use_bdlora", "use_qalora",
    "velora_config",
  ]

  /// Null, false, or empty.
  private static func isUnset(_ cursor: inout JSONCursor) throws -> Bool {
    switch try cursor.kind() {
    case .null:
      try cursor.null()
      return true
    case .boolean: return try !cursor.boolean()
    case .string: return try cursor.string().isEmpty
    case .number:
      try cursor.skip()
      return false
    case .array:
      var isEmpty = true
      try cursor.array { cursor in
        isEmpty = false
        try cursor.skip()
      }
      return isEmpty
    case .object:
      var isEmpty = true
      try cursor.object { cursor, _ in
        isEmpty = false
        try cursor.skip()
      }
      return isEmpty
    }
  }

  private static func names(_ cursor: inout JSONCursor) throws -> ModuleNames? {
    switch try cursor.kind() {
    case .null:
      try cursor.null()
      return nil
    case .string:
      let text = try cursor.string()
      return text.lowercased() == "all-linear" ? .allLinear : .expression(text)
    default: return .list(try strings(&cursor))
    }
  }

  /// A list, one string, or nothing.
  private static func strings(_ cursor: inout JSONCursor) throws -> [String] {
    switch try cursor.kind() {
    case .null:
      try cursor.null()
      return []
    case .string: return [try cursor.string()]
    default:
      var values: [String] = []
      try cursor.array { values.append(try $0.string()) }
      return values
    }
  }

  private static func numbers(_ cursor: inout JSONCursor) throws -> [Int]? {
    switch try cursor.kind() {
    case .null:
      try cursor.null()
      return nil
    case .number: return [try cursor.integer()]
    default:
      var values: [Int] = []
      try cursor.array { values.append(try $0.integer()) }
      return values.isEmpty ? nil : values
    }
  }

  private static func exceptions<Value>(
    _ cursor: inout JSONCursor, _ read: (inout JSONCursor) throws -> Value
  ) throws -> [Exception<Value>] {
    guard try cursor.kind() != .null else {
      try cursor.null()
      return []
    }
    var values: [Exception<Value>] = []
    try cursor.object { cursor, name in values.append(Exception(name: name, value: try read(&cursor))) }
    return values
  }
}
