/// The weights of a Hugging Face directory: one `model.safetensors`, or shards with `model.safetensors.index.json`.
package struct ModelWeights: Sendable {
  package let directory: String
  private let files: [SafetensorsFile]
  private let places: [String: Int]

  package static let singleFileName = "model.safetensors"
  package static let indexFileName = "model.safetensors.index.json"

  /// Opens all files of a directory and checks their headers; no weight is read yet.
  /// - Parameter verification: of the directory.
  /// - Throws: ``SystemError``, ``SafetensorsError``, for a missing shard with its name.
  package init(directory: String, _ verification: ChecksumVerification? = nil) throws {
    self.directory = directory
    let system = POSIXFileSystem()
    let single = FilePath.join(directory, Self.singleFileName)
    let index = FilePath.join(directory, Self.indexFileName)
    if system.kind(index) != nil {
      (files, places) = try Self.sharded(index, directory, verification)
    } else if system.kind(single) != nil {
      let file = try SafetensorsFile(single, verification)
      files = [file]
      places = Dictionary(uniqueKeysWithValues: file.entries.map { ($0.name, 0) })
    } else {
      guard system.kind(directory) != nil else { throw SystemError(.open, directory, code: 2) }
      throw SafetensorsError(.noWeights, file: directory)
    }
  }

  private static func sharded(
    _ index: String, _ directory: String, _ verification: ChecksumVerification?
  ) throws -> ([SafetensorsFile], [String: Int]) {
    let map = try weightMap(index)
    var files: [SafetensorsFile] = []
    var numbers: [String: Int] = [:]
    for shard in Set(map.values).sorted() {
      do {
        numbers[shard] = files.count
        files.append(try SafetensorsFile(FilePath.join(directory, shard), verification))
      } catch let error as SystemError where error.isMissingFile {
        throw SafetensorsError(.missingShard(shard), file: index)
      }
    }
    var places: [String: Int] = [:]
    for (tensor, shard) in map {
      guard let number = numbers[shard], files[number][tensor] != nil else {
        throw SafetensorsError(.notInShard(shard), file: index, tensor: tensor)
      }
      places[tensor] = number
    }
    return (files, places)
  }

  /// Tensor name to shard name.
  private static func weightMap(_ index: String) throws -> [String: String] {
    var map: [String: String]?
    do {
      try FileReader.readJSON(index) { cursor in
        try cursor.object { cursor, key in
          if key == "weight_map" { map = try shards(&cursor) } else { try cursor.skip() }
        }
      }
    } catch let error as JSONError {
      throw SafetensorsError(.index(error.description), file: index)
    }
    guard let map, !map.isEmpty else { throw SafetensorsError(.index("weight_map is missing or empty"), file: index) }
    return map
  }

  private static func shards(_ cursor: inout JSONCursor) throws -> [String: String] {
    var shards: [String: String] = [:]
    try cursor.object { cursor, tensor in
      let shard = try cursor.string()
      // A name that leaves the directory is not ours to open.
      guard !shard.isEmpty, !shard.utf8.contains(UInt8(ascii: "/")), !shard.utf8.contains(0), shard != ".." else {
        throw cursor.error("\"\(shard)\" is no file name")
      }
      shards[tensor] = shard
    }
    return shards
  }

  /// All tensors, sorted by name.
  package var entries: [SafetensorsEntry] {
    places.keys.sorted().compactMap { self[$0] }
  }

  package subscript(_ name: String) -> SafetensorsEntry? { places[name].flatMap { files[$0][name] } }

  /// Whether every weight is stored in bf16; biases of routers are fp32 always.
  package var isBFloat16: Bool {
    entries.allSatisfy { $0.type == .bfloat16 || $0.name.hasSuffix("e_score_correction_bias") || !$0.type.isWeightType }
  }

  /// The file that holds a tensor.
  /// - Throws: ``SafetensorsError`` where none does.
  package func file(of name: String) throws -> SafetensorsFile {
    guard let place = places[name] else { throw SafetensorsError(.missingTensor, file: directory, tensor: name) }
    return files[place]
  }

  /// Writes weights as transformers does: one file, or shards of at most a size with their index.
  /// - Parameter maximumShardBytes: a tensor larger than that has a shard of its own. transformers' default is 5 GB.
  /// - Returns: the names of the files written.
  /// - Throws: ``SystemError``, ``SafetensorsError``, what a tensor's content throws.
  @discardableResult
  package static func write(
    _ tensors: [TensorToWrite], to directory: String, maximumShardBytes: Int = 5_000_000_000,
    _ fileSystem: any FileSystem = POSIXFileSystem()
  ) throws -> [String] {
    var shards: [[TensorToWrite]] = [[]]
    var bytes = 0
    var total = 0
    for tensor in tensors {
      let size = try SafetensorsWriter.byteCount(tensor, directory)
      if bytes + size > maximumShardBytes, shards[shards.count - 1].isEmpty == false {
        shards.append([])
        bytes = 0
      }
      shards[shards.count - 1].append(tensor)
      bytes += size
      total += size
    }
    guard shards.count > 1 else {
      try SafetensorsWriter.write(tensors, to: FilePath.join(directory, singleFileName), fileSystem)
      return [singleFileName]
    }
    let names = (1...shards.count).map { "model-\(padded($0))-of-\(padded(shards.count)).safetensors" }
    for (name, shard) in zip(names, shards) {
      try SafetensorsWriter.write(shard, to: FilePath.join(directory, name), fileSystem)
    }
    var map: [(tensor: String, shard: String)] = []
    for (name, shard) in zip(names, shards) { map += shard.map { ($0.name, name) } }
    var json = JSONText(indentation: 2)
    json.object { json in
      json.object("metadata") { $0.field("total_size", total) }
      json.object("weight_map") { json in
        for place in map.sorted(by: { $0.tensor < $1.tensor }) { json.field(place.tensor, place.shard) }
      }
    }
    let writer = try FileWriter(FilePath.join(directory, indexFileName), fileSystem)
    try writer.write(json.text + "\n")
    try writer.finish()
    return names + [indexFileName]
  }

  private static func padded(_ number: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 5 - digits.utf8.count)) + digits
  }
}
