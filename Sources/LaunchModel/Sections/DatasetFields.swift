public import ConfigDocument

/// What the model learns from.
public struct DatasetFields: SectionFields {
  public static let fields = DatasetFields()
  public static let schema = SectionSchema("dataset", fields.declarations, "What the model learns from.")
  let declarations: [FieldDeclaration]

  public let kind: Field<DatasetKind>
  public let dataPaths: Field<[DataPath]>
  public let validDataPaths: Field<[DataPath]>
  public let testDataPaths: Field<[DataPath]>
  public let split: Field<String?>
  public let seqLength: Field<Int?>
  public let shuffle: Field<Bool>
  public let randomSeed: Field<Int>
  public let numWorkers: Field<Int>
  public let dataloaderType: Field<DataLoaderKind?>
  public let resetPositionIDs: Field<Bool?>
  public let resetAttentionMask: Field<Bool?>
  public let eodMaskLoss: Field<Bool?>
  public let packedSequenceSize: Field<Int>
  public let padSeqToMult: Field<Int?>
  public let packSequencesInBatch: Field<Bool>
  public let answerOnlyLoss: Field<Bool>
  public let datasetName: Field<String?>
  public let valProportion: Field<Double?>
  public let doValidation: Field<Bool>
  public let doTest: Field<Bool>
  public let pathToCache: Field<String?>
  public let numDatasetBuilderThreads: Field<Int>

  private init() {
    var list = FieldList()
    kind = list.add(
      "kind", default: .mock, isOwn: true, "`mock`, `jsonl`, `tokens`, `indexed` (Megatron's `.bin`/`.idx`) or `sft`.")
    dataPaths = list.add(
      "data_paths", default: [], aliases: ["data_path"],
      isOwn: true, "Files or `.bin`/`.idx` prefixes; each a path, or `{path, weight}` for a blend.")
    validDataPaths = list.add(
      "valid_data_paths", default: [], isOwn: true, "Evaluated on instead of a share of `data_paths`.")
    testDataPaths = list.add(
      "test_data_paths", default: [], isOwn: true, "Tested on instead of a share of `data_paths`.")
    split = list.add("split", default: nil, "Shares of training, validation and test, as in `9999,8,2`.")
    seqLength = list.add(
      "seq_length", default: nil, in: .size, aliases: ["sequence_length"],
      "Tokens of a sequence; must equal the model's, from which it is derived.")
    shuffle = list.add("shuffle", default: true, isOwn: true, "Takes samples in an order drawn from the seed.")
    randomSeed = list.add(
      "random_seed", default: 1234, in: .samples, aliases: ["seed"], "Seed of the order of samples.")
    numWorkers = list.add("num_workers", default: 8, in: .count, "Loader processes of each rank.")
    dataloaderType = list.add(
      "dataloader_type", default: .single, "`single`, `cyclic`, `batch` (finetuning) or `external`.")
    resetPositionIDs = list.add(
      "reset_position_ids", default: false, "Positions start anew behind each end of document.")
    resetAttentionMask = list.add("reset_attention_mask", default: false, "Attention stays within a document.")
    eodMaskLoss = list.add("eod_mask_loss", default: false, "No loss on ends of documents.")
    packedSequenceSize = list.add(
      "packed_sequence_size", default: -1, in: Bounds(upper: 2_147_483_647),
      "Finetuning: examples are packed to so many tokens; 0 or less is off.")
    padSeqToMult = list.add(
      "pad_seq_to_mult", default: 1, in: .count, "Finetuning: packed examples are padded to a multiple.")
    packSequencesInBatch = list.add(
      "pack_sequences_in_batch", default: false, isOwn: true, "Finetuning: packs the sequences of one micro batch.")
    answerOnlyLoss = list.add("answer_only_loss", default: true, isOwn: true, "Finetuning: loss on completions only.")
    datasetName = list.add(
      "dataset_name", default: nil, "Finetuning on a cluster: a Hugging Face dataset such as `squad`.")
    valProportion = list.add(
      "val_proportion", default: 0.05, in: .unitInterval, "Finetuning: share held out for evaluation.")
    doValidation = list.add("do_validation", default: true, "Finetuning: evaluates.")
    doTest = list.add("do_test", default: true, "Finetuning: tests at the end.")
    pathToCache = list.add("path_to_cache", default: nil, "Where sample indices are kept.")
    numDatasetBuilderThreads = list.add(
      "num_dataset_builder_threads", default: 1, in: .size, "Threads that build sample indices.")
    declarations = list.declarations
  }
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
