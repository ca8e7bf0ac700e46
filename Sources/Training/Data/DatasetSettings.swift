/// The `dataset` section as the trainer needs it.
package struct DatasetSettings: Sendable {
  package enum Kind: String, Sendable, CaseIterable {
    /// Made-up data with structure that can be learned.
    case mock
    /// Lines with a `text` field.
    case jsonl
    /// Lines of `{"tokens": [...]}`.
    case tokens
    /// Megatron's `.bin` and `.idx`.
    case indexed
    /// Prompts and completions, or conversations.
    case sft
  }

  package struct Path: Hashable, Sendable {
    package var path: String
    package var weight: Double?

    package init(_ path: String, weight: Double? = nil) {
      self.path = path
      self.weight = weight
    }
  }

  package var kind: Kind
  package var paths: [Path]
  /// `nil` gives all to training.
  package var split: DatasetSplit?
  package var shuffle: Bool
  package var seed: UInt64
  package var sequenceLength: Int
  /// Of the model: larger tokens are refused.
  package var vocabularySize: Int
  /// The field of `jsonl` lines.
  package var textKey = "text"
  package var appendEOD = true
  package var eodMaskLoss = false
  package var resetAttentionMask = false
  /// Only for `sft`: joins rows into full sequences.
  package var packsRows = false
  /// Only for `sft`; its lengths are taken from here.
  package var supervised: SupervisedOptions

  package init(
    kind: Kind, paths: [Path] = [], split: DatasetSplit? = nil, shuffle: Bool = true, seed: UInt64,
    sequenceLength: Int, vocabularySize: Int
  ) {
    self.kind = kind
    self.paths = paths
    self.split = split
    self.shuffle = shuffle
    self.seed = seed
    self.sequenceLength = sequenceLength
    self.vocabularySize = vocabularySize
    supervised = SupervisedOptions(sequenceLength: sequenceLength, vocabularySize: vocabularySize)
  }
}
