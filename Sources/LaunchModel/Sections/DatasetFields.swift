public import ConfigDocument

/// What the model learns from.
public final class DatasetFields: SectionFields {
  public static let fields = DatasetFields()
  public static let schema = SectionSchema("dataset", of: fields, "What the model learns from.")

  public let kind = Field<DatasetKind>(
    "kind", default: .mock, "`mock`, `jsonl`, `tokens`, `indexed` (Megatron's `.bin`/`.idx`) or `sft`.")
  public let dataPaths = Field<[DataPath]>(
    "data_paths", default: [], aliases: ["data_path"],
    "Files or `.bin`/`.idx` prefixes; each a path, or `{path, weight}` for a blend.")
  public let validDataPaths = Field<[DataPath]>(
    "valid_data_paths", default: [], "Evaluated on instead of a share of `data_paths`.")
  public let testDataPaths = Field<[DataPath]>(
    "test_data_paths", default: [], "Tested on instead of a share of `data_paths`.")
  public let split = Field<String?>(
    "split", default: nil, "Shares of training, validation and test, as in `9999,8,2`.")
  public let seqLength = Field<Int?>(
    "seq_length", default: nil, in: .size, aliases: ["sequence_length"],
    "Tokens of a sequence; must equal the model's, from which it is derived.")
  public let shuffle = Field<Bool>("shuffle", default: true, "Takes samples in an order drawn from the seed.")
  public let randomSeed = Field<Int>(
    "random_seed", default: 1234, in: .samples, aliases: ["seed"], "Seed of the order of samples.")
  public let numWorkers = Field<Int>("num_workers", default: 8, in: .count, "Loader processes of each rank.")
  public let dataloaderType = Field<DataLoaderKind?>(
    "dataloader_type", default: .single, "`single`, `cyclic`, `batch` (finetuning) or `external`.")
  public let resetPositionIDs = Field<Bool?>(
    "reset_position_ids", default: false, "Positions start anew behind each end of document.")
  public let resetAttentionMask = Field<Bool?>(
    "reset_attention_mask", default: false, "Attention stays within a document.")
  public let eodMaskLoss = Field<Bool?>("eod_mask_loss", default: false, "No loss on ends of documents.")
  public let packedSequenceSize = Field<Int>(
    "packed_sequence_size", default: -1, in: Bounds(upper: 2_147_483_647),
    "Finetuning: examples are packed to so many tokens; 0 or less is off.")
  public let padSeqToMult = Field<Int?>(
    "pad_seq_to_mult", default: 1, in: .count, "Finetuning: packed examples are padded to a multiple.")
  public let packSequencesInBatch = Field<Bool>(
    "pack_sequences_in_batch", default: false, "Finetuning: packs the sequences of one micro batch.")
  public let answerOnlyLoss = Field<Bool>(
    "answer_only_loss", default: true, "Finetuning: loss on completions only.")
  public let datasetName = Field<String?>(
    "dataset_name", default: nil, "Finetuning on a cluster: a Hugging Face dataset such as `squad`.")
  public let valProportion = Field<Double?>(
    "val_proportion", default: 0.05, in: .unitInterval, "Finetuning: share held out for evaluation.")
  public let doValidation = Field<Bool>("do_validation", default: true, "Finetuning: evaluates.")
  public let doTest = Field<Bool>("do_test", default: true, "Finetuning: tests at the end.")
  public let pathToCache = Field<String?>("path_to_cache", default: nil, "Where sample indices are kept.")
  public let numDatasetBuilderThreads = Field<Int>(
    "num_dataset_builder_threads", default: 1, in: .size, "Threads that build sample indices.")
}

/// A source of data with its share of the blend.
public struct DataPath: FieldValue, Hashable {
  public var path: String
  /// Relative to the other weights; `nil` where all sources count alike.
  public var weight: Double?

  public init(_ path: String, weight: Double? = nil) {
    self.path = path
    self.weight = weight
  }

  public static var fieldType: FieldType {
    .union([
      .string,
      .record([FieldType.RecordKey("path", .string), FieldType.RecordKey("weight", .optional(.float))]),
    ])
  }

  public init?(_ value: ConfigValue) {
    switch value {
    case .string(let path): self.init(path)
    case .mapping(let mapping):
      guard let path = mapping["path"].flatMap(String.init) else { return nil }
      self.init(path, weight: mapping["weight"].flatMap(Double.init))
    default: return nil
    }
  }

  public var configValue: ConfigValue {
    guard let weight else { return .string(path) }
    return ["path": .string(path), "weight": .float(weight)]
  }
}
