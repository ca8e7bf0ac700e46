import ConfigDocument
import Testing

@testable import Validation

@Suite("DATA, PACK, TOK: what the model learns from")
struct DataTests {
  @Test(
    "a set with a share has documents",
    arguments: [
      ("9999,8,2", 100, "100, 0, 0: none for validation and test", "98,1,1"),
      ("9999,8,2", 2000, "1998, 2, 0: none for test", "1997,2,1"),
      ("9999,8,2", 2, "2, 0, 0: none for validation and test", "100,0,0"),
      ("90,10", 3, "3, 0, 0: none for validation", "2,1,0"),
      ("9999,8,2", 100_000, nil, nil), ("100,0,0", 1, nil, nil), ("50,50", 3, nil, nil),
    ] as [(String, Int, String?, String?)])
  func documents(_ split: String, _ count: Int, _ phrase: String?, _ mend: String?) throws {
    // Megatron builds a set that nothing is evaluated on as well, and does not come back.
    for evaluation in [32, 0] {
      let finding = try emptySet(split, count, ["validation.eval_iters": .int(evaluation)])
      #expect((finding == nil) == (phrase == nil))
      guard let finding, let phrase, let mend else { continue }
      #expect(finding.severity == .error)
      #expect(finding.message.text.contains(phrase), "\(finding.message)")
      #expect(finding.help?.text.contains("`\(mend)`") ?? false, "\(finding.help?.text ?? "")")
    }
  }

  @Test("the CPU engine asks for no documents of a set that it does not read")
  func documentsOfTheEngine() throws {
    let start = StartFacts(baseDifferences: [], missingInputs: [])
    #expect(try emptySet("9999,8,2", 100, ["validation.eval_iters": 0], start: start) == nil)
    let finding = try #require(try emptySet("9999,8,2", 100, ["validation.eval_iters": 4], start: start))
    #expect(finding.message.text.contains("none for validation"))
    #expect(!finding.message.text.contains("and test"))
  }

  private func emptySet(
    _ split: String, _ count: Int, _ settings: [String: ConfigValue], start: StartFacts? = nil
  ) throws -> Finding? {
    let data: [String: ConfigValue] = [
      "dataset.data_paths": ["/data/a_text_document"], "dataset.split": .string(split),
    ]
    var run = RunFacts(try GoodConfig.pretrain.config(data.merging(settings) { $1 }))
    run.start = start
    run.documentCounts = [("/data/a_text_document", count)]
    return Validator.findings(run).first { $0.code == "DATA-17" }
  }

  /// Megatron's own data.
  private static func indexed(_ more: [String: ConfigValue] = [:]) -> [String: ConfigValue] {
    ["dataset.data_paths": ["data/text_document"]].merging(more, uniquingKeysWith: { $1 })
  }

  @Test(
    arguments: [
      .error("DATA-01", ["dataset.kind": "indexed"], at: "dataset.data_paths", "make data up"),
      .warning("DATA-01", indexed(["dataset.kind": "mock"]), at: "dataset.kind", "not read"),
      .note("DATA-01", ["dataset.split": "99,1,0"], at: "dataset.split", "split `1,1,1`"),
      .accepted("DATA-01", indexed()),
      .accepted("DATA-02", indexed(["dataset.data_paths": ["a", "b"]])),
      .accepted(
        "DATA-02", indexed(["dataset.data_paths": [["path": "a", "weight": 0.3], ["path": "b", "weight": 0.7]]])),
      .error(
        "DATA-02", indexed(["dataset.data_paths": [["path": "a", "weight": 0.3], "b"]]), at: "dataset.data_paths",
        "`b` has none"),
      .error(
        "DATA-10", indexed(["dataset.data_paths": [["path": "a", "weight": 0.0]]]), at: "dataset.data_paths",
        "`a` has the weight 0.0"),
      .error("DATA-02", indexed(["dataset.split": .null]), at: "dataset.split", "need a `split`"),
      .error(
        "DATA-03", indexed(["dataset.valid_data_paths": ["v"], "dataset.split": "99,1,0"]), at: "dataset.split",
        "data of their own"),
      .accepted("DATA-03", indexed(["dataset.valid_data_paths": ["v"]])),
      .accepted("DATA-03", indexed(["dataset.test_data_paths": ["t"]])),
      .error(
        "DATA-03", indexed(["dataset.blend_per_split": [[["a"], .null], .null, .null]]), at: "dataset.blend_per_split",
        "exclude each other"),
      .error("DATA-20", indexed(["dataset.data_paths": [""]]), at: "dataset.data_paths", "is empty"),
      .error("DATA-20", indexed(["dataset.valid_data_paths": ["v", " "]]), at: "dataset.valid_data_paths", "is empty"),
      .error(
        "DATA-20", on: .sft, ["checkpoint.pretrained_checkpoint": ""], at: "checkpoint.pretrained_checkpoint",
        "is empty"),
      .warning(
        "DATA-20", indexed(["dataset.data_paths": ["0.3", "a", "b"]]), at: "dataset.data_paths", "not for a weight"),
      .accepted("DATA-20", indexed(["dataset.data_paths": ["2024"]])),
    ] as [ValidationCase])
  func blends(_ item: ValidationCase) throws { try item.check() }

  @Test(arguments: ["99,1,0", "0.9,0.05,0.05", "90;5;5", "90 5 5", "1.,1,1", ".5,.5"])
  func splitsThatMegatronReads(_ split: String) throws {
    try ValidationCase.accepted("DATA-04", Self.indexed(["dataset.split": .string(split)])).check()
  }

  @Test(
    arguments: [
      .error("DATA-04", indexed(["dataset.split": "1,1,1,1"]), at: "dataset.split", "4 numbers"),
      .error("DATA-04", indexed(["dataset.split": "1.2.3,1,1"]), at: "dataset.split", "`1.2.3`"),
      .error("DATA-04", indexed(["dataset.split": ".,1"]), at: "dataset.split", "`.`"),
      .error("DATA-04", indexed(["dataset.split": "0,0,0"]), at: "dataset.split", "add up to 0"),
      .error("DATA-04", indexed(["dataset.split": "none"]), at: "dataset.split", "no numbers"),
      .note("DATA-04", indexed(["dataset.split": "-1,2,3"]), at: "dataset.split", "is 1, 2, 3"),
      .warning("DATA-04", indexed(["dataset.split": "0,1,0"]), at: "dataset.split", "nothing for training"),
      .note("DATA-04", indexed(["dataset.split": "100"]), at: "dataset.split", "nothing is evaluated"),
      .silent("DATA-04", ["dataset.split": "1,1,1,1"]),
    ] as [ValidationCase])
  func splits(_ item: ValidationCase) throws { try item.check() }

  @Test(
    arguments: [
      .error("DATA-05", ["dataset.eod_mask_loss": .null], at: "dataset.eod_mask_loss", "not null"),
      .error(
        "DATA-06", ["dataset.defer_npy_index_mmap": true], at: "dataset.defer_npy_index_mmap", "no `path_to_cache`"),
      .accepted("DATA-06", ["dataset.defer_npy_index_mmap": true, "dataset.path_to_cache": "cache"]),
      .error(
        "DATA-06", indexed(["dataset.fast_cache_load": true, "dataset.path_to_cache": "cache"]),
        at: "dataset.fast_cache_load",
        "not one blend"),
      .error("DATA-07", ["dataset.dataloader_type": .null], at: "dataset.dataloader_type", "null"),
      .error(
        "DATA-07", on: .sft, ["train.global_batch_size": 100, "train.decrease_batch_size_if_needed": true],
        at: "train.global_batch_size", "100 is no multiple of micro 1 x 8 = 8", companions: ["EVAL-03"]),
      .error(
        "DATA-09", ["dataset.num_workers": 0, "dataset.persistent_workers": true], at: "dataset.persistent_workers", "0"
      ).in(.bridge031),
      .accepted("DATA-09", ["dataset.num_workers": 0]),
      .warning("DATA-13", ["dataset.kind": "sft", "dataset.data_paths": ["chat.jsonl"]], at: "dataset.kind", "random"),
      .error("DATA-11", on: .sft, ["dataset.dataset_name": .null], at: "dataset.data_paths", "without examples"),
      .silent("DATA-11", on: .sft, [:]),
      .note("DATA-12", ["dataset.data_paths": ["corpus.jsonl"]], at: "dataset.data_paths", "`.bin`/`.idx`"),
      .silent("DATA-12", on: .tiny, ["dataset.data_paths": ["corpus.jsonl"]]),
      .error(
        "PACK-01", on: .sft, ["dataset.packed_sequence_size": 4096, "train.micro_batch_size": 2],
        at: "train.micro_batch_size", "not 2"),
      .accepted("PACK-01", on: .sft, ["dataset.packed_sequence_size": 4096]),
      .accepted("PACK-01", on: .sft, ["dataset.packed_sequence_size": 0, "train.micro_batch_size": 2]),
      .error(
        "PACK-02", on: .sft, ["dataset.pack_sequences_in_batch": true], at: "dataset.pack_sequences_in_batch", "holds 1"
      ).in(.bridge051),
      .error(
        "PACK-03", on: .sft, ["dataset.packed_train_data_path": "train.jsonl"], at: "dataset.packed_train_data_path",
        ".npy"),
      .warning(
        "PACK-04", on: .sft, ["dataset.packed_sequence_size": 2048], at: "dataset.packed_sequence_size", "up to 4096"),
      .silent("PACK-04", on: .sft, ["dataset.packed_sequence_size": 4096]),
    ] as [ValidationCase])
  func loadersAndPacks(_ item: ValidationCase) throws { try item.check() }

  @Test(
    arguments: [
      .error("TOK-01", ["tokenizer.vocab_size": .null], at: "tokenizer.vocab_size", "needs `vocab_size`"),
      .error("TOK-02", ["tokenizer.tokenizer_type": .null], at: "tokenizer.tokenizer_type", "not given"),
      .error(
        "TOK-03", ["tokenizer.tokenizer_type": "HuggingFaceTokenizer"], at: "tokenizer.tokenizer_model",
        "a name or a directory"),
      .warning(
        "TOK-03", on: .sft, ["tokenizer.hf_tokenizer_kwargs": [:]], at: "tokenizer.hf_tokenizer_kwargs", "is code"),
      .silent("TOK-03", on: .sft, [:]),
      .silent(
        "TOK-03", on: .sft, ["tokenizer.hf_tokenizer_kwargs": [:], "tokenizer.tokenizer_model": "/models/llama"]),
      .error(
        "TOK-04", ["tokenizer.tokenizer_type": "TikTokenizer"], at: "tokenizer.tokenizer_model", "`TikTokenizer` needs"),
      .error(
        "TOK-04",
        [
          "tokenizer.tokenizer_type": "TikTokenizer", "tokenizer.tokenizer_model": "tiktoken.model",
          "tokenizer.legacy_tokenizer": true,
        ], at: "tokenizer.tiktoken_pattern", "`tiktoken_pattern`"),
      .accepted("TOK-04", ["tokenizer.tokenizer_type": "TikTokenizer", "tokenizer.tokenizer_model": "tiktoken.model"]),
      .warning("TOK-05", ["tokenizer.tokenizer_type": "ByteLevelTokenizer"], at: "tokenizer.tokenizer_type", "16 GPUs"),
      .silent("TOK-05", on: .tiny, [:]),
      .warning(
        "TOK-06", on: .sft, ["tokenizer.tokenizer_type": "NullTokenizer", "tokenizer.vocab_size": 163_840],
        at: "tokenizer.tokenizer_type", "numbers, not text"),
      .note(
        "TOK-06", ["dataset.kind": "jsonl", "dataset.data_paths": ["/data/rows.jsonl"]], at: "tokenizer.tokenizer_type",
        "numbers, not text"),
      .silent("TOK-06", ["tokenizer.tokenizer_type": "NullTokenizer", "tokenizer.vocab_size": 163_840]),
    ] as [ValidationCase])
  func tokenizers(_ item: ValidationCase) throws { try item.check() }
}
