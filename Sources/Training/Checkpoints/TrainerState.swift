/// What a checkpoint knows beside tensors: where the run stands, and under which config it got there.
///
/// Stored as `trainer_state.json`. Random generators are stored as words, since their state need not fit a JSON number.
package struct TrainerState: Hashable, Sendable {
  package static let fileName = "trainer_state.json"
  package static let formatVersion = 1
  /// Larger counts belong to no run; what is computed from them still fits.
  static let largestCount = 1 << 48

  /// Steps done.
  package var iteration: Int
  /// Samples drawn from the training data: with the seed, the whole data position.
  package var consumedTrainSamples: Int
  package var consumedValidSamples: Int
  package var dataSeed: UInt64
  /// Further whole numbers of the engine, by name: tokens seen, scheduler steps, skipped iterations.
  package var counters: [String: Int]
  /// Further numbers, kept to the bit.
  package var values: [String: Double]
  /// The state of each random generator, by name.
  package var generators: [String: [UInt64]]
  package var configFingerprint: String
  /// The resolved config, flattened: path to canonical text.
  package var config: [String: String]
  /// What the run's products multiplied, which is not for the config alone to say; `nil` where an older program wrote it.
  package var products: ProductPrecision?
  /// The same of Muon's iteration; `nil` where there was none, too.
  package var muonProducts: ProductPrecision?
  /// What the data were when the run read them.
  package var data: DataFingerprint

  package init(
    iteration: Int, consumedTrainSamples: Int = 0, consumedValidSamples: Int = 0, dataSeed: UInt64 = 0,
    counters: [String: Int] = [:], values: [String: Double] = [:], generators: [String: [UInt64]] = [:],
    configFingerprint: String = "", config: [String: String] = [:], products: ProductPrecision? = nil,
    muonProducts: ProductPrecision? = nil, data: DataFingerprint = DataFingerprint()
  ) {
    self.iteration = iteration
    self.consumedTrainSamples = consumedTrainSamples
    self.consumedValidSamples = consumedValidSamples
    self.dataSeed = dataSeed
    self.counters = counters
    self.values = values
    self.generators = generators
    self.configFingerprint = configFingerprint
    self.config = config
    self.products = products
    self.muonProducts = muonProducts
    self.data = data
  }

  /// The text of `trainer_state.json`; equal states give equal text.
  package var json: String {
    var json = JSONText(indentation: 2)
    json.object { json in
      json.field("format_version", Self.formatVersion)
      json.field("iteration", iteration)
      json.field("consumed_train_samples", consumedTrainSamples)
      json.field("consumed_valid_samples", consumedValidSamples)
      json.field("data_seed", Self.word(dataSeed))
      json.object("counters") { json in
        for (name, value) in counters.sorted(by: { $0.key < $1.key }) { json.field(name, value) }
      }
      json.object("values") { json in
        for (name, value) in values.sorted(by: { $0.key < $1.key }) { json.field(name, Self.word(value.bitPattern)) }
      }
      json.object("generators") { json in
        for (name, words) in generators.sorted(by: { $0.key < $1.key }) {
          json.array(name) { json in for word in words { json.element(Self.word(word)) } }
        }
      }
      json.field("config_fingerprint", configFingerprint)
      json.object("config") { json in
        for (path, text) in config.sorted(by: { $0.key < $1.key }) { json.field(path, text) }
      }
      if let products { json.field("products", products.rawValue) }
      if let muonProducts { json.field("muon_products", muonProducts.rawValue) }
      json.object("data_files") { json in data.write(to: &json) }
    }
    return json.text + "\n"
  }

  /// Writes `trainer_state.json` into a checkpoint's folder.
  package func write(to folder: String, _ fileSystem: any FileSystem = POSIXFileSystem()) throws {
    let writer = try FileWriter(FilePath.join(folder, Self.fileName), fileSystem)
    try writer.write(json)
    try writer.finish()
  }

  /// Reads the state of a checkpoint's folder.
  /// - Throws: ``SystemError``, ``CheckpointError``.
  package init(folder: String) throws {
    let path = FilePath.join(folder, Self.fileName)
    self.init(iteration: -1)
    var version: Int?
    do {
      try FileReader.readJSON(path) { cursor in
        try cursor.object { cursor, key in version = try readField(key, &cursor) ?? version }
      }
    } catch let error as JSONError {
      throw CheckpointError.malformed(path: path, message: error.description)
    }
    guard let version, iteration >= 0 else {
      throw CheckpointError.malformed(path: path, message: "format_version and iteration are needed")
    }
    guard version == Self.formatVersion else {
      throw CheckpointError.unsupportedVersion(path: path, version: version, supported: Self.formatVersion)
    }
  }

  /// Reads one field; gives the format version where it is that.
  private mutating func readField(_ key: String, _ cursor: inout JSONCursor) throws -> Int? {
    switch key {
    case "format_version": return try cursor.integer()
    case "iteration": iteration = try Self.count(&cursor)
    case "consumed_train_samples": consumedTrainSamples = try Self.count(&cursor)
    case "consumed_valid_samples": consumedValidSamples = try Self.count(&cursor)
    case "data_seed": dataSeed = try Self.word(&cursor)
    case "counters": try cursor.object { cursor, name in counters[name] = try Self.count(&cursor) }
    case "values": try cursor.object { cursor, name in values[name] = Double(bitPattern: try Self.word(&cursor)) }
    case "generators":
      try cursor.object { cursor, name in
        var words: [UInt64] = []
        try cursor.array { cursor in words.append(try Self.word(&cursor)) }
        generators[name] = words
      }
    case "config_fingerprint": configFingerprint = try cursor.string()
    case "products": products = ProductPrecision(rawValue: try cursor.string())
    case "muon_products": muonProducts = ProductPrecision(rawValue: try cursor.string())
    case "data_files": try data.read(&cursor)
    case "config": try cursor.object { cursor, path in config[path] = try cursor.string() }
    default: try cursor.skip()
    }
    return nil
  }

  private static func word(_ value: UInt64) -> String { "0x" + String(value, radix: 16) }

  private static func word(_ cursor: inout JSONCursor) throws -> UInt64 {
    let text = try cursor.string()
    guard text.hasPrefix("0x"), let value = UInt64(text.dropFirst(2), radix: 16) else {
      throw cursor.error("expected a hexadecimal word, found \"\(text)\"")
    }
    return value
  }

  private static func count(_ cursor: inout JSONCursor) throws -> Int {
    let value = try cursor.integer()
    guard value >= 0 else { throw cursor.error("a count is negative") }
    guard value <= largestCount else { throw cursor.error("the count \(value) is beyond any run") }
    return value
  }
}
