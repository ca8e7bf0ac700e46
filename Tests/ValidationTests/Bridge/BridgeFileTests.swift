import ConfigDocument
import Diagnostics
import Testing

@testable import Validation

/// Reading a ConfigContainer in place: its names, its places, its classes.
@Suite("Megatron-Bridge's own files")
struct BridgeFileTests {
  private static let base = (try? BridgeFixture.text("base_pretrain.yaml")) ?? ""

  /// The base with one line replaced, or removed.
  private static func edited(_ line: String, _ new: String?, in section: String = "") -> (text: String, line: Int) {
    var lines = base.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let start = section.isEmpty ? 0 : lines.firstIndex(of: section + ":") ?? 0
    guard let index = lines[start...].firstIndex(where: { $0.hasPrefix(line) }) else { return ("", 0) }
    if let new { lines[index] = new } else { lines.remove(at: index) }
    return (lines.joined(separator: "\n"), index + 1)
  }

  @Test(
    "what the package itself writes is accepted",
    arguments: [
      "base_pretrain", "base_layout", "base_virtual", "base_sft", "base_muon", "recipe_pretrain", "run_pretrain",
    ])
  func dumpsAreAccepted(name: String) throws {
    let found = BridgeFixture.diagnostics(try BridgeFixture.text("\(name).yaml"))
    #expect(found.filter { $0.severity == .error }.map(\.message) == [])
    #expect(found.first?.code == "BRIDGE-03")
    #expect(found.allSatisfy { $0.code != "BRIDGE-02" })
  }

  /// `bridge_export_check.py --start-up`: phase B, "bias is not supported in the shared experts".
  @Test(
    "the release's own finetuning recipes are refused as its start-up refuses them",
    arguments: ["recipe_sft", "run_sft"])
  func recipesOfTheRelease(name: String) throws {
    let found = BridgeFixture.diagnostics(try BridgeFixture.text("\(name).yaml"))
    #expect(found.filter { $0.severity == .error }.map(\.code) == ["MOE-26"])
    // Its provider's layer spec makes experts of the dense layer, too.
    #expect(found.contains { $0.code == "BRIDGE-05" && $0.severity == .warning })
  }

  struct Slip: Sendable, CustomTestStringConvertible {
    let section: String
    let line: String
    let new: String?
    let code: DiagnosticCode
    let path: String
    let column: Int
    let testDescription: String

    init(_ section: String, _ line: String, _ new: String?, _ code: DiagnosticCode, _ path: String, _ column: Int) {
      (self.section, self.line, self.new, self.code) = (section, line, new, code)
      (self.path, self.column) = (path, column)
      testDescription = "\(section): \(new ?? "no \(line)")"
    }
  }

  static let slips = [
    Slip("model", "  moe_router_topk:", "  moe_router_top_k: 6", "FIELD-01", "model.moe_router_top_k", 3),
    Slip("train", "  micro_batch_size:", "  micro_batchsize: 1", "FIELD-01", "train.micro_batchsize", 3),
    Slip("dataset", "  eod_mask_loss:", "  eod_mask_los: false", "FIELD-01", "dataset.eod_mask_los", 3),
    Slip("dataset", "  pin_memory:", "  shuffle_buffer: 3", "FIELD-01", "dataset.shuffle_buffer", 3),
    Slip("", "scheduler:", "schedular:", "FIELD-07", "schedular", 1),
    Slip(
      "train", "  _target_:", "  _target_: megatron.bridge.training.config.TrainingConfg", "BRIDGE-01",
      "train._target_", 13),
    Slip(
      "optimizer_config_override_provider", "  _target_:",
      "  _target_: megatron.bridge.training.config.OptimizerConfigOverrideProvidr", "BRIDGE-01",
      "optimizer_config_override_provider._target_", 13),
    Slip("model", "  activation_func:", "  activation_func: silu\n  x:", "BRIDGE-04", "model.activation_func", 20),
    Slip("optimizer", "  lr:", "  lr: 3e-4", "FIELD-06", "optimizer.lr", 7),
    Slip("model", "  num_layers:", "  num_layers: '27'", "FIELD-02", "model.num_layers", 15),
    Slip(
      "model", "  tensor_model_parallel_size:", "  tensor_model_parallel_size: 0", "FIELD-04",
      "model.tensor_model_parallel_size", 31),
    Slip(
      "model", "  tensor_model_parallel_size:", "  tensor_model_parallel_size: 3", "DIM-01",
      "model.tensor_model_parallel_size", 31),
    Slip(
      "model", "  pipeline_model_parallel_size:", "  pipeline_model_parallel_size: 4", "PIPE-10", "model.num_layers", 15
    ),
    Slip("dataset", "  blend:", "  blend: [0.3, /a, 0.7, /b]", "FIELD-02", "dataset.blend", 10),
    Slip("dataset", "  sequence_length:", "  sequence_length: 8192", "SEQ-01", "dataset.sequence_length", 20),
    Slip("train", "  eval_interval:", "  eval_interval: -1", "FIELD-04", "train.eval_interval", 18),
    Slip(
      "model", "  pipeline_model_parallel_layout:", "  pipeline_model_parallel_layout: 14+13", "BRIDGE-04",
      "model.pipeline_model_parallel_layout", 35),
    Slip("model", "  recompute_method:", "  recompute_method: uniforn", "FIELD-03", "model.recompute_method", 21),
  ]

  @Test("a slip is reported at its place, under the file's own name", arguments: slips)
  func slip(_ slip: Slip) throws {
    let (text, line) = Self.edited(slip.line, slip.new, in: slip.section)
    let found = BridgeFixture.diagnostics(text).filter { $0.severity == .error }
    let shown = found.map { "\($0.code) \($0.path) \($0.location?.description ?? ""): \($0.message)" }
    let places = found.filter { $0.code == slip.code || slip.code.family == "PIPE" || slip.code.family == "SEQ" }
      .flatMap { diagnostic in
        [(diagnostic.path, diagnostic.location)] + diagnostic.related.map { ($0.path, $0.location) }
      }
    let isThere = places.contains { path, location in
      path == slip.path && (location?.start.line == line || slip.path == "model.num_layers")
        && location?.start.column == slip.column
    }
    #expect(isThere, "\(shown.joined(separator: "\n"))")
    #expect(
      shown.allSatisfy { !$0.contains("parallelism.") && !$0.contains("validation.") && !$0.contains("recompute.") })
  }

  @Test("fixes edit the file, and what they leave is accepted")
  func fixes() throws {
    for slip in Self.slips where ["FIELD-01", "FIELD-06", "FIELD-07", "BRIDGE-01", "FIELD-02"].contains(slip.code) {
      let text = Self.edited(slip.line, slip.new, in: slip.section).text
      guard slip.path != "dataset.shuffle_buffer" else { continue }
      let found = BridgeFixture.diagnostics(text)
      let fix = try #require(found.first { $0.code == slip.code }?.fix, "\(slip.testDescription)")
      let mended = fix.file.applying([fix]).text
      #expect(BridgeFixture.diagnostics(mended).filter { $0.severity == .error }.isEmpty, "\(slip.testDescription)")
    }
  }

  @Test(
    "weights and paths in turn become the pair of lists that a blend is",
    arguments: ["  blend: [0.3, /a, 0.7, /b]", "  blend:\n  - 0.3\n  - /a\n  - 0.7\n  - /b"])
  func blends(written: String) throws {
    let text = Self.edited("  blend:", written, in: "dataset").text
    let fix = try #require(BridgeFixture.diagnostics(text).first { $0.path == "dataset.blend" }?.fix)
    #expect(fix.file.applying([fix]).text.contains("  blend: [[/a, /b], [0.3, 0.7]]\n"))
  }

  @Test("a layout is mended in Megatron's notation")
  func layouts() throws {
    let text = Self.edited("  pipeline_model_parallel_size:", "  pipeline_model_parallel_size: 2", in: "model").text
    let fix = try #require(BridgeFixture.diagnostics(text).first { $0.code == "PIPE-01" }?.fix)
    let mended = fix.file.applying([fix]).text
    #expect(mended.contains("pipeline_model_parallel_layout: Et*15|t*12L"))
    #expect(BridgeFixture.diagnostics(mended).filter { $0.severity == .error }.map(\.message) == [])
  }

  @Test("an object is mended as an object")
  func objects() throws {
    let text = Self.base.replacingOccurrences(
      "  main_params_dtype:\n    _call_: false\n    _target_: torch.float32",
      "  main_params_dtype:\n    _call_: false\n    _target_: torch.flaot32")
    #expect(text != Self.base)
    let found = BridgeFixture.diagnostics(text).filter { $0.severity == .error }
    #expect(found.map(\.code) == ["BRIDGE-01"])
    let fix = try #require(found.first?.fix)
    #expect(fix.file.applying([fix]).text == Self.base)
  }

  @Test(
    "an object that the loader would call is refused, as the loader refuses it",
    arguments: ["", "    Call_: false\n", "    _call_: true\n", "    _call_:\n", "    _call_: [15]\n"])
  func calledObjects(call: String) throws {
    let before = "  main_params_dtype:\n"
    let object = "    _target_: torch.float32"
    let text = Self.base.replacingOccurrences(
      before + "    _call_: false\n" + object, before + call + object)
    #expect(text != Self.base)
    let found = BridgeFixture.diagnostics(text).filter { $0.severity == .error }
    #expect(found.map(\.code) == ["BRIDGE-04"])
    let place = try #require(found.first?.location)
    #expect(place.file.line(place.file.position(at: place.range.start).line - 1).text == before.dropLast())
    if let fix = found.first?.fix { #expect(fix.file.applying([fix]).text == Self.base) }
    // No key to rename, or a value of several lines as it may be: nothing that one edit mends.
    #expect((found.first?.fix == nil) == (call.isEmpty || call.contains("[")))
  }

  @Test(
    "a set, which the package writes and cannot read, is removed by its fix, on however many lines it stands",
    arguments: ["!!set {}", "!!set\n    ? a\n    ? b", "!!set # of names\n    a: null"])
  func set(value: String) throws {
    let empty = "  params_to_save: !!set {}\n"
    let text = try BridgeFixture.text("base_lora.yaml").replacingOccurrences(empty, "  params_to_save: \(value)\n")
    let found = BridgeFixture.diagnostics(text).filter { $0.severity == .error }
    #expect(found.map(\.code) == ["BRIDGE-04"])
    let fix = try #require(found.first?.fix)
    let mended = fix.file.applying([fix]).text
    #expect(mended == text.replacingOccurrences("  params_to_save: \(value)\n", ""))
    #expect(BridgeFixture.diagnostics(mended).filter { $0.severity == .error }.isEmpty)
  }

  @Test(
    "of a set in brackets that go on at its key's own depth no line is removed alone",
    arguments: ["!!set {a: b\n  c}", "!!set\n    ? {a: b\n  c}"])
  func setInBrackets(value: String) throws {
    let empty = "  params_to_save: !!set {}\n"
    let text = try BridgeFixture.text("base_lora.yaml").replacingOccurrences(empty, "  params_to_save: \(value)\n")
    let found = BridgeFixture.diagnostics(text)
    #expect(found.contains { $0.code == "BRIDGE-04" })
    #expect(found.allSatisfy { $0.code != "BRIDGE-04" || $0.fix == nil })
  }

  @Test(
    "another tag, and a set in another place, are what they are for every file",
    arguments: [
      ("params_to_save: !!set {}", "params_to_save: !!sets:\n    a: null"),
      ("lora_dtype: null", "lora_dtype: !!set {}"),
    ])
  func otherTag(line: String, other: String) throws {
    let text = try BridgeFixture.text("base_lora.yaml").replacingOccurrences(line, other)
    #expect(BridgeFixture.diagnostics(text).contains { $0.code == "DOC-13" && $0.fix == nil })
  }

  @Test("fields that nobody knows are passed over with one note a section")
  func unknownFields() {
    let text =
      Self.edited(
        "  add_bias_linear:", "  zzz_one: 1\n  add_bias_linear: false\n  qqq_two: [1, 2]\n  kkk_three: {a: 1}",
        in: "model"
      ).text + "zzz_section:\n  _target_: my.package.Thing\n"
    let notes = BridgeFixture.diagnostics(text).filter { $0.code == "BRIDGE-02" }
    #expect(notes.map(\.severity) == [.note, .note])
    #expect(notes.map(\.path) == ["model.zzz_one", "zzz_section"])
    #expect(BridgeFixture.diagnostics(text).allSatisfy { $0.severity != .error })
  }

  @Test("the parallel sizes of the file and the machines of the flags make the run")
  func machines() {
    let found = BridgeFixture.diagnostics(Self.base, overrides: ["cluster.num_nodes=3", "cluster.gpus_per_node=5"])
    #expect(found.contains { $0.code == "GPU-01" && $0.path == "model.tensor_model_parallel_size" })
    #expect(!found.contains { $0.code == "BRIDGE-03" })
  }
}

extension String {
  fileprivate func replacingOccurrences(_ part: String, _ other: String) -> String {
    var result = ""
    var rest = Substring(self)
    while let range = rest.firstRange(of: part) {
      result += rest[..<range.lowerBound] + other
      rest = rest[range.upperBound...]
    }
    return result + rest
  }
}
