/// The weights of one model in a Hugging Face directory: where each of the layout's tensors lies, under its own name or
/// within all experts' fused one (``FusedExperts``).
///
/// To have one is to know that the directory holds the whole model and nothing else.
package struct StoredWeights {
  package let layout: ParameterLayout
  package let files: ModelWeights
  /// Whether routed experts are fused anywhere.
  package let isFused: Bool
  /// Tensors of the layers of multi-token prediction behind the last decoder layer, which `config.json` announces and
  /// nothing here computes.
  package let predictionTensors: [SafetensorsEntry]
  private let places: [String: Place]
  private let verification: ChecksumVerification?

  private struct Place {
    let stored: String
    let firstElement: Int
    /// How many of the tensor's elements are stored; the others are zero.
    var count: Int?
  }

  /// Compares names, shapes and types; no weight is read yet.
  ///
  /// - Parameters:
  ///   - predictionLayers: `num_nextn_predict_layers` of the directory's config.
  ///   - padsVocabulary: fewer rows of the vocabulary than the model has are followed by zeros, as Megatron-Bridge's import
  ///     does it (megatron-bridge 0.6.2, models/conversion/param_mapping.py, `_pad_right_dim0`).
  ///   - verification: of the directory.
  /// - Throws: ``SafetensorsError`` for a tensor that is missing or of another shape, and for tensors that the model has no
  ///   place for. Rotary frequencies, which are recomputed, and the head of tied embeddings are passed over, as transformers
  ///   passes over them.
  package init(
    _ files: ModelWeights, layout: ParameterLayout, predictionLayers: Int = 0, padsVocabulary: Bool = false,
    _ verification: ChecksumVerification? = nil
  ) throws {
    var places: [String: Place] = [:]
    var used: Set<String> = []
    @discardableResult
    func check(_ name: String, _ shape: [Int], padsRows: Bool = false) throws -> Int? {
      let file = try files.file(of: name)
      guard let entry = files[name] else { throw SafetensorsError(.missingTensor, file: file.path, tensor: name) }
      let isShorter = padsRows && entry.shape.dropFirst() == shape.dropFirst() && entry.shape[0] < shape[0]
      guard entry.shape == shape || isShorter else {
        throw SafetensorsError(.wrongShape(expected: shape, found: entry.shape), file: file.path, tensor: name)
      }
      guard entry.type.isWeightType else {
        throw SafetensorsError(
          .wrongType(expected: "F32, BF16, F16 or F64", found: entry.type), file: file.path, tensor: name)
      }
      used.insert(name)
      return isShorter ? entry.shape.reduce(1, *) : nil
    }
    for fused in layout.fusedExperts where files[fused.name] != nil {
      // Where the experts stand there one by one, too, the fused tensor is one too many.
      guard let first = fused.parts.first, files[first.name] == nil else { continue }
      try check(fused.name, fused.shape)
      for (index, part) in fused.parts.enumerated() {
        places[part.name] = Place(stored: fused.name, firstElement: index * fused.partCount)
      }
    }
    isFused = !places.isEmpty
    for tensor in layout.tensors where places[tensor.name] == nil {
      let count = try check(tensor.name, tensor.shape, padsRows: padsVocabulary && tensor.hasVocabularyRows)
      places[tensor.name] = Place(stored: tensor.name, firstElement: 0, count: count)
    }
    let announced = (0..<min(predictionLayers, 64)).map { "model.layers.\(layout.shape.numHiddenLayers + $0)." }
    let others = files.entries.filter { entry in
      !used.contains(entry.name) && !entry.name.hasSuffix(".rotary_emb.inv_freq")
        && !(layout.shape.tieWordEmbeddings && entry.name == "lm_head.weight")
    }
    let isAnnounced = { (entry: SafetensorsEntry) in announced.contains { entry.name.hasPrefix($0) } }
    let strangers = others.filter { !isAnnounced($0) }
    if let first = strangers.first {
      throw SafetensorsError(.strangers(count: strangers.count, example: first.name), file: files.directory)
    }
    predictionTensors = others.filter(isAnnounced)
    self.layout = layout
    self.files = files
    self.verification = verification
    self.places = places
  }

  /// The weights in a directory, by its own `config.json`.
  ///
  /// - Parameters:
  ///   - layout: of the model that they are wanted for; `nil` for that of the config.
  ///   - padsVocabulary: fewer rows of the vocabulary than the model has are followed by zeros.
  ///   - verification: of the directory, where it is under way already.
  /// - Throws: ``SystemError``, ``SafetensorsError``, ``HuggingFaceConfigError``, ``ModelShapeError``; ``CheckpointError``
  ///   where a checkpoint of ours is damaged.
  package init(
    directory: String, layout: ParameterLayout? = nil, padsVocabulary: Bool = false,
    _ verification: ChecksumVerification? = nil
  ) throws {
    let verification = try verification ?? ChecksumVerification(folder: directory)
    let config = try HuggingFaceConfig(file: FilePath.join(directory, HuggingFaceConfig.fileName))
    try self.init(
      try ModelWeights(directory: directory, verification),
      layout: layout ?? ParameterLayout(shape: ModelShape(config)),
      predictionLayers: config.numNextnPredictLayers, padsVocabulary: padsVocabulary, verification)
  }

  /// Holds what was read of a checkpoint of ours against its checksums; to be called when all is read.
  ///
  /// - Throws: ``SystemError``, ``CheckpointError`` for a damaged file.
  package func verify() throws { try verification?.verifyWhatWasRead() }

  /// Reads one of the layout's tensors as fp32; see ``SafetensorsFile/readFloats(_:shape:elements:into:finite:)``.
  package func readFloats(
    _ tensor: ParameterDescriptor, into destination: UnsafeMutableBufferPointer<Float>, finite: Bool = true
  ) throws {
    let (file, name, elements) = try place(tensor)
    try file.readFloats(
      name, elements: elements, into: UnsafeMutableBufferPointer(rebasing: destination[..<elements.count]),
      finite: finite)
    destination[elements.count...].update(repeating: 0)
  }

  /// The same, rounded to bf16.
  package func readBFloat16(
    _ tensor: ParameterDescriptor, into destination: UnsafeMutableBufferPointer<UInt16>, finite: Bool = true
  ) throws {
    let (file, name, elements) = try place(tensor)
    try file.readBFloat16(
      name, elements: elements, into: UnsafeMutableBufferPointer(rebasing: destination[..<elements.count]),
      finite: finite)
    destination[elements.count...].update(repeating: 0)
  }

  private func place(_ tensor: ParameterDescriptor) throws -> (SafetensorsFile, String, Range<Int>) {
    guard let place = places[tensor.name] else {
      throw SafetensorsError(.missingTensor, file: files.directory, tensor: tensor.name)
    }
    return (
      try files.file(of: place.stored), place.stored,
      place.firstElement..<(place.firstElement + (place.count ?? tensor.count))
    )
  }
}

extension ParameterDescriptor {
  fileprivate var hasVocabularyRows: Bool { kind == .embedding || kind == .head }
}
