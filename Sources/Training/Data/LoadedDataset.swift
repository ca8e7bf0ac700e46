/// The data of a run: each file opened or tokenized once, given out by part of the split.
package struct LoadedDataset {
  private enum Content {
    case mock
    case documents([any TokenDocuments])
    /// For each path the rows of the parts; where a folder has a file a part, `isSplit`.
    case rows([SupervisedFiles])
  }

  private let settings: DatasetSettings
  private let content: Content
  private let weights: [Double]?
  private let eod: Int32?
  private let pad: Int32

  /// Opens and checks all data.
  /// - Throws: ``SystemError``, ``DatasetError``, ``TokenizerError``.
  package init(_ settings: DatasetSettings, tokenizer: any Tokenizer) throws {
    try DatasetError.checkSequenceLength(settings.sequenceLength, file: "dataset.seq_length")
    let fail = { (message: String) in DatasetError(message, file: "dataset") }
    self.settings = settings
    eod = tokenizer.eod
    pad = tokenizer.pad ?? tokenizer.eod ?? 0
    guard settings.kind == .mock || !settings.paths.isEmpty else {
      throw fail("kind \(settings.kind.rawValue) needs data_paths")
    }
    if settings.kind != .mock, settings.kind != .tokens, tokenizer.vocabularySize > settings.vocabularySize {
      throw fail(
        "the tokenizer \(tokenizer.name) has \(tokenizer.vocabularySize) tokens, the model's vocabulary "
          + "\(settings.vocabularySize)")
    }
    let given = settings.paths.compactMap(\.weight)
    guard given.isEmpty || given.count == settings.paths.count else {
      throw fail("\(given.count) of \(settings.paths.count) data_paths have a weight; all or none must")
    }
    weights = given.isEmpty ? nil : given
    let paths = settings.paths.map(\.path)
    switch settings.kind {
    case .mock: content = .mock
    case .jsonl:
      content = .documents(
        try paths.map {
          try DocumentsInMemory(
            jsonLines: $0, key: settings.textKey, tokenizer: tokenizer, appendEOD: settings.appendEOD)
        })
    case .tokens:
      content = .documents(
        try paths.map { try DocumentsInMemory(tokenLines: $0, vocabularySize: settings.vocabularySize) })
    case .indexed: content = .documents(try paths.map { try IndexedDataset($0) })
    case .sft:
      var options = settings.supervised
      options.sequenceLength = settings.sequenceLength
      options.vocabularySize = settings.vocabularySize
      content = .rows(try paths.map { try SupervisedFiles($0, tokenizer, options) })
    }
  }

  /// The files that must be there for a path of some kind.
  package static func files(of path: String, _ kind: DatasetSettings.Kind) -> [String] {
    switch kind {
    case .mock: []
    case .jsonl, .tokens: [path]
    case .indexed: IndexedDataset.files(path)
    case .sft: SupervisedFiles.files(path)
    }
  }

  /// The samples of one part; `nil` where the split leaves it empty.
  /// - Throws: ``DatasetError`` where it has a share but too little data.
  package func samples(_ part: DatasetSplit.Part) throws -> (any SampleSource)? {
    switch content {
    case .mock:
      if let split = settings.split, split.shares[part.rawValue] == 0 { return nil }
      return try MockSamples(
        sequenceLength: settings.sequenceLength, vocabularySize: settings.vocabularySize, seed: settings.seed,
        part: part)
    case .documents(let sources):
      return try blend(sources) { source in
        let range = range(part, of: source.count)
        guard !range.isEmpty else { return nil }
        return try PackedSamples(source, range, packing(part), keepsDocuments: settings.kind == .tokens)
      }
    case .rows(let files):
      return try blend(files) { file in
        let rows = file.rows(part) { range(part, of: $0) }
        guard !rows.isEmpty else { return nil }
        return try SupervisedSamples(
          rows, file: file.path, sequenceLength: settings.sequenceLength, packs: settings.packsRows, pad: pad,
          shuffle: settings.shuffle && part == .train, seed: settings.seed)
      }
    }
  }

  private func range(_ part: DatasetSplit.Part, of count: Int) -> Range<Int> {
    if let split = settings.split { return split.documents(part, of: count) }
    return part == .train ? 0..<count : 0..<0
  }

  private func packing(_ part: DatasetSplit.Part) -> PackedSamples.Options {
    var options = PackedSamples.Options(
      sequenceLength: settings.sequenceLength, shuffle: settings.shuffle, seed: settings.seed,
      vocabularySize: settings.vocabularySize)
    options.eod = eod
    options.eodMaskLoss = settings.eodMaskLoss
    options.resetAttentionMask = settings.resetAttentionMask
    return options
  }

  /// Blends the sources that have data for a part.
  private func blend<Source>(
    _ sources: [Source], _ make: (Source) throws -> (any SampleSource)?
  ) throws -> (any SampleSource)? {
    var parts: [any SampleSource] = []
    var kept: [Double] = []
    for (index, source) in sources.enumerated() {
      guard let made = try make(source) else { continue }
      parts.append(made)
      if let weights { kept.append(weights[index]) }
    }
    if parts.isEmpty { return nil }
    return try BlendedSamples(parts, weights: weights == nil ? nil : kept)
  }
}

/// The rows of one path: a file that the split divides, or Megatron-Bridge's folder with a file for each part.
private struct SupervisedFiles {
  let path: String
  private let all: [SupervisedRow]
  private let byPart: [[SupervisedRow]]?

  private static let names = ["training.jsonl", "validation.jsonl", "test.jsonl"]

  private static func isFolder(_ path: String) -> Bool { POSIXFileSystem().kind(path) == .directory }

  /// What must be there: of a folder the training file alone.
  static func files(_ path: String) -> [String] { [isFolder(path) ? FilePath.join(path, names[0]) : path] }

  init(_ path: String, _ tokenizer: any Tokenizer, _ options: SupervisedOptions) throws {
    self.path = path
    guard Self.isFolder(path) else {
      all = try SupervisedRow.read(path, tokenizer, options)
      byPart = nil
      return
    }
    all = []
    byPart = try Self.names.map { name in
      let file = FilePath.join(path, name)
      if name != Self.names[0], POSIXFileSystem().kind(file) == nil { return [] }
      return try SupervisedRow.read(file, tokenizer, options)
    }
  }

  func rows(_ part: DatasetSplit.Part, _ range: (Int) -> Range<Int>) -> [SupervisedRow] {
    byPart.map { $0[part.rawValue] } ?? Array(all[range(all.count)])
  }
}
