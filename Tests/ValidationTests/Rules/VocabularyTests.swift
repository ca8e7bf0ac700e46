import Testing

@Suite("VOCAB: rows of the embedding")
struct VocabularyTests {
  @Test(arguments: [
    .error("VOCAB-01", ["tokenizer.vocab_size": 163_842], at: "model.vocab_size", "2 more than the model's vocab_size 163840"),
    .accepted("VOCAB-01", ["model.vocab_size": 163_842, "tokenizer.vocab_size": 163_841]),
    .note(
      "VOCAB-02", ["model.vocab_size": .null, "tokenizer.vocab_size": 163_842], at: "model.vocab_size",
      "163842 entries are padded to 166400 rows"),
    .accepted("VOCAB-02", ["model.vocab_size": .null, "tokenizer.vocab_size": 163_840]),
    .error(
      "VOCAB-03",
      [
        "model.vocab_size": 163_842, "parallelism.tensor_model_parallel_size": 4,
      ], at: "model.vocab_size", "163842 / TP 4 = 40960.5"),
    .accepted("VOCAB-03", ["model.vocab_size": 163_842]),
    .accepted("VOCAB-03", ["model.vocab_size": 163_844, "parallelism.tensor_model_parallel_size": 4]),
    .warning("VOCAB-04", on: .sft, ["model.vocab_size": 163_840], at: "model.vocab_size", "reports 163842 entries"),
    .accepted("VOCAB-04", on: .sft, ["model.vocab_size": 163_842]),
    .accepted("VOCAB-04", ["model.vocab_size": 163_840]),
    .note(
      "VOCAB-05", ["model.should_pad_vocab": true, "model.vocab_size": 163_842], at: "model.should_pad_vocab",
      "sets should_pad_vocab to false"),
    .accepted("VOCAB-05", ["model.should_pad_vocab": true, "model.vocab_size": .null, "tokenizer.vocab_size": 163_840]),
  ] as [ValidationCase])
  func rules(_ item: ValidationCase) throws { try item.check() }
}
