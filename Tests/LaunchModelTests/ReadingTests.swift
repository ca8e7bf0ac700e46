import ConfigDocument
import Diagnostics
import LaunchModel
import Testing

/// What reading says of a field by itself. The markers `‹` and `›` stand around the place of the one finding.
@Suite struct ReadingTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let marked: String
    let code: DiagnosticCode
    let message: String
    let fixed: String?
    var testDescription: String { marked }

    init(_ marked: String, _ code: DiagnosticCode, _ message: String, fixed: String? = nil) {
      self.marked = marked
      self.code = code
      self.message = message
      self.fixed = fixed
    }
  }

  static let cases = [
    Case(
      "parallelism: {‹tp›: 2}", "FIELD-01", "unknown field `tp`", fixed: "parallelism: {tensor_model_parallel_size: 2}"),
    Case("train: {‹train_iter›: 2}", "FIELD-01", "unknown field `train_iter`", fixed: "train: {train_iters: 2}"),
    Case("train: {‹num_layers›: 2}", "FIELD-01", "unknown field `num_layers`"),
    Case("train: {train_iters: 1, ‹max_steps›: 2}", "FIELD-01", "unknown field `max_steps`"),
    Case("train: {train_iters: ‹many›}", "FIELD-02", "must be an integer, but is the string \"many\""),
    Case("train: {train_iters: ‹1e3›}", "FIELD-02", "must be an integer", fixed: "train: {train_iters: 1000}"),
    Case("train: {train_iters: ‹\"1000\"›}", "FIELD-02", "the string \"1000\"", fixed: "train: {train_iters: 1000}"),
    Case("optimizer: {lr: ‹\"3e-4\"›}", "FIELD-02", "the string \"3e-4\"", fixed: "optimizer: {lr: 0.0003}"),
    Case("optimizer: {lr: ‹'1.5e-4'›}", "FIELD-02", "the string \"1.5e-4\"", fixed: "optimizer: {lr: 1.5e-4}"),
    Case("optimizer: {lr: ‹\"1:30\"›}", "FIELD-02", "the string \"1:30\""),
    Case("train: {train_iters: ‹017›}", "FIELD-02", "15 to YAML 1.1 readers", fixed: "train: {train_iters: 17}"),
    Case("train: {train_iters: ‹1:30›}", "FIELD-02", "must be an integer"),
    Case("train: {train_iters: ‹[1]›}", "FIELD-02", "but is a list"),
    Case("train: {manual_gc: ‹1›}", "FIELD-02", "must be true or false, but is the integer 1"),
    Case("train: {manual_gc: ‹null›}", "FIELD-02", "must be true or false, but is null"),
    Case("recipe: {name: ‹17›}", "FIELD-02", "must be a string", fixed: "recipe: {name: \"17\"}"),
    Case(
      "peft: {target_modules: ‹linear_proj›}", "FIELD-02", "must be a list of strings",
      fixed: "peft: {target_modules: [linear_proj]}"),
    Case(
      "peft:\n  target_modules: ‹linear_proj[0]›", "FIELD-02", "must be a list of strings",
      fixed: "peft:\n  target_modules: [\"linear_proj[0]\"]"),
    Case(
      "peft:\n  target_modules: ‹'linear_proj[0]'›", "FIELD-02", "must be a list of strings",
      fixed: "peft:\n  target_modules: ['linear_proj[0]']"),
    Case(
      "peft:\n  target_modules: ‹linear_proj,\n    linear_fc1›", "FIELD-02", "must be a list of strings",
      fixed: "peft:\n  target_modules: [linear_proj, linear_fc1]"),
    Case(
      "peft:\n  target_modules: ‹|-\n    linear_proj›", "FIELD-02", "must be a list of strings",
      fixed: "peft:\n  target_modules: [linear_proj]"),
    Case(
      "train: {micro_batch_size: ‹\"2\"›#comment\n}", "FIELD-02", "is the string \"2\"",
      fixed: "train: {micro_batch_size: 2 #comment\n}"),
    Case("recipe: {name: !‹› }", "FIELD-06", "as null"),
    Case("peft: {target_modules: !‹› }", "FIELD-02", "must be a list of strings"),
    Case(
      "peft:\n  target_modules: ‹:linear_proj›", "FIELD-02", "must be a list of strings",
      fixed: "peft:\n  target_modules: [\":linear_proj\"]"),
    Case(
      "train: {rampup_batch_size: ‹256 256 100000›}", "FIELD-02", "must be a list of integers",
      fixed: "train: {rampup_batch_size: [256, 256, 100000]}"),
    Case(
      "train: {rampup_batch_size: ‹'256,256'›}", "FIELD-02", "must be a list of integers",
      fixed: "train: {rampup_batch_size: [256, 256]}"),
    Case("train: {rampup_batch_size: ‹slowly›}", "FIELD-02", "must be a list of integers"),
    Case("dataset: {split: ‹[99, 1, 0]›}", "FIELD-02", "must be a string", fixed: "dataset: {split: \"99,1,0\"}"),
    Case(
      "dataset: {data_paths: ‹[0.3, /a, 0.7, /b]›}", "FIELD-02", "weights and paths in turn",
      fixed: "dataset: {data_paths: [{path: /a, weight: 0.3}, {path: /b, weight: 0.7}]}"),
    Case(
      "dataset:\n  data_paths:\n    ‹- 30\n    - /a\n    - '70'\n    - /b›", "FIELD-02", "weights and paths in turn",
      fixed: "dataset:\n  data_paths: [{path: /a, weight: 30.0}, {path: /b, weight: 70.0}]"),
    Case(
      "dataset:\n  data_paths:\n  ‹- 1 # web\n  - /a›", "FIELD-02", "weights and paths in turn"),
    Case(
      "dataset:\n  data_paths:\n  ‹- 0.3\n  - /a›\n  shuffle: true", "FIELD-02", "weights and paths in turn",
      fixed: "dataset:\n  data_paths: [{path: /a, weight: 0.3}]\n  shuffle: true"),
    Case("dataset:\n  data_paths: # two:\n  ‹- 0.3\n  - /a›", "FIELD-02", "weights and paths in turn"),
    Case("dataset:\n  split:\n  ‹- 99\n  - 1›", "FIELD-02", "must be a string", fixed: "dataset:\n  split: \"99,1\""),
    Case("dataset: {data_paths: [/a, ‹0.3›]}", "FIELD-02", "must be a string"),
    Case("train: ‹5›", "FIELD-02", "`train` is a section"),
    Case("optimizer: {optimizer: ‹adamw›}", "FIELD-03", "`adamw` is no value", fixed: "optimizer: {optimizer: adam}"),
    Case("recompute: {recompute_modules: [core_attn, ‹attn›]}", "FIELD-03", "`attn` is no value"),
    Case("mixed_precision: ‹bf16_mixt›", "FIELD-03", "no mixed precision recipe"),
    Case(
      "model: {attention_backend: ‹AttnBackend.flash›}", "FIELD-03", "no value of",
      fixed: "model: {attention_backend: flash}"),
    Case(
      "mixed_precision: {params_dtype: ‹torch.bfloat16›}", "FIELD-03", "no value of",
      fixed: "mixed_precision: {params_dtype: bf16}"),
    Case(
      "mixed_precision: {params_dtype: ‹float32›}", "FIELD-03", "no value of",
      fixed: "mixed_precision: {params_dtype: fp32}"),
    Case("mixed_precision: {params_dtype: ‹torch.float64›}", "FIELD-03", "no value of"),
    Case("train: {train_iters: ‹-5›}", "FIELD-04", "must be between 1 and 2147483647, but is -5"),
    Case("optimizer: {lr: ‹.inf›}", "FIELD-04", "must be a finite number, but is .inf"),
    Case("optimizer: {adam_beta1: ‹1.0›}", "FIELD-04", "must be at least 0 and below 1"),
    Case("train: {train_iters: ‹99999999999999999999›}", "FIELD-04", "must be between"),
    Case("optimizer: {lr: ‹1e-5›}", "FIELD-06", "PyYAML reads `1e-5` as a string", fixed: "optimizer: {lr: 1.0e-05}"),
    Case("train: {manual_gc: ‹on›}", "FIELD-06", "as true", fixed: "train: {manual_gc: true}"),
    Case("train: {train_iters: ‹1_000›}", "FIELD-06", "the integer 1000", fixed: "train: {train_iters: 1000}"),
    Case("recipe: {name: ‹on›}", "FIELD-06", "as true", fixed: "recipe: {name: \"on\"}"),
    Case("‹training›: {train_iters: 5}", "FIELD-07", "unknown section", fixed: "train: {train_iters: 5}"),
    Case("‹parallelsim›: {}", "FIELD-07", "unknown section", fixed: "parallelism: {}"),
    Case("‹num_layers›: 5", "FIELD-07", "unknown section"),
    Case("extends: ‹moonlight_16b_pretrain›ing", "FIELD-09", "there is no recipe"),
    Case("extends: ‹base.yaml›", "FIELD-09", "`base.yaml` cannot be read: no such file"),
    Case("extends: ‹config.yaml›", "FIELD-09", "goes in a circle: config.yaml -> config.yaml"),
  ]

  @Test(arguments: cases)
  func oneFindingAtItsPlace(_ test: Case) throws {
    // The base supplies what is required, so that nothing else is found.
    let base = test.marked.hasPrefix("extends") ? "" : "extends: moonlight_16b_pretrain_config\n"
    let text = base + test.marked.filter { $0 != "‹" && $0 != "›" }
    let diagnostics = ConfigText(text).load().resolution.diagnostics.filter { $0.code != "FIELD-05" }
    #expect(diagnostics.count == 1)
    let found = try #require(diagnostics.first)
    #expect(found.code == test.code)
    #expect(found.message.contains(test.message), "\(found.message)")
    let location = try #require(found.location)
    let marked = test.marked.split(separator: "›")[0].split(separator: "‹", omittingEmptySubsequences: false)
    if !test.marked.contains("›ing") { #expect(location.file.text(in: location.range) == marked[1]) }
    let fixed = found.fix.map { location.file.applying([$0]).text }
    #expect(fixed == test.fixed.map { base + $0 })
    if let fixed { #expect(ConfigText(fixed).load().resolution.diagnostics.isEmpty) }
  }

  @Test(arguments: [
    ("bf16", "did you mean `bf16_mixed`?"), ("fp16", "did you mean `fp16_mixed`?"),
    ("bf16_mixt", "did you mean `bf16_mixed`?"),
    ("bf16_with_mxfp8", "did you mean `bf16_with_mxfp8_mixed`?"),
  ])
  func theMixedPrecisionRecipeMeant(name: String, help: String) {
    let text = "extends: moonlight_16b_pretrain_config\nmixed_precision: \(name)\n"
    #expect(ConfigText(text).load().resolution.diagnostics.map(\.help) == [help])
  }

  @Test func everythingIsReportedAtOnce() {
    let diagnostics = ConfigText(
      """
      extends: moonlight_16b_pretrain_config
      train:
        train_iters: lots
        train_iters: 5
        tp: 3
      modle: {}
      optimizer: {lr: -}
      """
    ).load().resolution.diagnostics
    #expect(diagnostics.map(\.code.rawValue).sorted() == ["DOC-03", "FIELD-01", "FIELD-02", "FIELD-02", "FIELD-07"])
  }

  @Test(arguments: [
    ("{weight: 1.0}", ["FIELD-05"]), ("{pth: a}", ["FIELD-01"]), ("{weight: a}", ["FIELD-02"]),
    ("{path: 1}", ["FIELD-02"]), ("{pth: a, wait: 1}", ["FIELD-01", "FIELD-01"]),
  ])
  func whatARecordDoesNotSayIsMissingWhereTheRestIsInOrder(record: String, codes: [String]) {
    let text = "extends: moonlight_16b_pretrain_config\ndataset: {data_paths: [\(record)]}\n"
    #expect(ConfigText(text).load().resolution.diagnostics.map(\.code.rawValue) == codes)
  }

  @Test func whatNoLayerSetsIsMissing() {
    let diagnostics = ConfigText("model: {hidden_size: 64}").load().resolution.diagnostics
    #expect(diagnostics.map(\.path) == ["model.num_layers", "model.num_attention_heads"])
    #expect(diagnostics.allSatisfy { $0.code == "FIELD-05" })
  }

  @Test(arguments: [
    ("parallelism.tensors=2", "names no field"), ("train", "has no `=`"), ("train=5", "is a section"),
    ("train.train_iters=many", "must be an integer"), ("nothing.at_all=1", "names no field"), ("=1", "names no field"),
    ("train.train_iters=[1", "DOC-02"), ("train.manual_gc=", "must be"),
  ])
  func overridesAreCheckedLikeFiles(argument: String, message: String) {
    let overrides = Overrides([argument])
    let (layer, diagnostics) = overrides.reading(for: .current)
    #expect(diagnostics.count == 1)
    #expect(diagnostics.allSatisfy { $0.message.contains(message) || $0.code.rawValue == message })
    #expect(layer.assignments.isEmpty)
  }

  /// On a command line any name does that one field alone has.
  @Test(arguments: [
    ("tp=2", Path.parallelism.tensorModelParallelSize), ("parallelism.tp=2", Path.parallelism.tensorModelParallelSize),
    ("train_iters=2", Path.train.trainIters), ("mbs=2", Path.train.microBatchSize),
    ("model.num_hidden_layers=2", Path.model.numLayers),
  ])
  func overridesTakeOtherNamesOfFields(argument: String, path: FieldPath) {
    let (layer, diagnostics) = Overrides([argument]).reading(for: .current)
    #expect(diagnostics.isEmpty && layer.assignments.map(\.path) == [path] && layer.assignments.first?.value == 2)
  }

  /// `seq_length` is one of the model and one of the data.
  @Test func aNameOfTwoFieldsIsNoneOfThem() {
    #expect(FieldNames.onlyField(named: "seq_length") == nil && FieldNames.onlyField(named: "tq") == nil)
    #expect(FieldNames.onlyField(named: "dataset.seq_length") == Path.dataset.seqLength)
  }

  @Test func carriedFieldsAreCheckedForType() {
    let resolution = ConfigText(
      """
      extends: moonlight_16b_pretrain_config
      model: {window_attn_skip_freq: 2, qk_clip: perhaps}
      """
    ).load().resolution
    #expect(resolution.diagnostics.map(\.path) == ["model.qk_clip"])
    #expect(resolution.config.value(at: FieldPath("model", "window_attn_skip_freq"))?.value == .int(2))
  }
}
