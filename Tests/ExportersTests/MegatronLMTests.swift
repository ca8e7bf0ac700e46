import ConfigDocument
import Exporters
import Foundation
import Releases
import Testing

@testable import LaunchModel

@Suite struct MegatronLMTests {
  private func arguments(_ name: String, _ settings: [String] = []) throws -> [String] {
    MegatronLMArguments.arguments(of: try ExportCase.named(name).config.with(settings)).value
  }

  /// The values behind an option.
  private func values(_ option: String, _ arguments: [String]) -> [String]? {
    guard let index = arguments.firstIndex(of: option) else { return nil }
    return arguments[(index + 1)...].prefix { !$0.hasPrefix("--") }.map { $0 }
  }

  @Test(
    arguments: [
      ("pretrain", "--num-layers", ["27"]), ("pretrain", "--rotary-base", ["50000"]),
      ("pretrain", "--num-experts", ["64"]),
      ("pretrain", "--moe-layer-freq", ["([0]*1+[1]*26)"]), ("pretrain", "--norm-epsilon", ["1.0e-05"]),
      ("pretrain", "--swiglu", []), ("pretrain", "--disable-bias-linear", []), ("pretrain", "--mock-data", []),
      ("pretrain", "--untie-embeddings-and-output-weights", []), ("pretrain", "--multi-latent-attention", []),
      ("pretrain", "--kv-lora-rank", ["512"]), ("pretrain", "--lr", ["0.0003"]),
      ("pretrain", "--weight-decay", ["0.033"]),
      ("pretrain", "--grad-reduce-in-bf16", []), ("pretrain", "--overlap-param-gather", []),
      ("pretrain", "--padded-vocab-size", ["163840"]), ("pretrain", "--vocab-size", ["163839"]),
      ("pretrain", "--no-overlap-p2p-communication", []),
      ("pretrain-muon", "--optimizer", ["muon"]), ("pretrain-muon", "--use-distributed-optimizer", []),
      ("pretrain-muon", "--muon-momentum", ["0.95"]),
      ("pretrain-muon", "--muon-extra-scale-factor", ["0.2"]), ("pretrain-muon", "--muon-nesterov", []),
      ("pretrain-muon", "--accumulate-allreduce-grads-in-fp32", []),
      ("pp4-counts", "--pipeline-model-parallel-layout", ["Et*7|t*7|t*7|t*6L"]),
      ("blend", "--data-path", ["0.7", "/data/a", "1.0e-05", "/data/b c"]), ("blend", "--split", ["99,1,0"]),
      ("blend-per-split", "--train-data-path", ["/data/a", "/data/b"]),
      ("blend-per-split", "--valid-data-path", ["/data/v"]),
      ("samples", "--train-samples", ["1000000"]), ("samples", "--lr-wsd-decay-samples", ["100000"]),
      ("deepep", "--moe-flex-dispatcher-backend", ["deepep"]), ("deepseek-v2-lite", "--mscale", ["0.707"]),
      ("carried", "--moe-router-fusion", []), ("carried", "--iterations-to-skip", ["3", "5"]),
      ("carried", "--tp-comm-bootstrap-backend", ["gloo"]), ("blend-per-split", "--no-mmap-bin-files", []),
      ("pretrain", "--rerun-mode", ["disabled"]), ("overlapped-experts", "--exit-signal", ["SIGUSR1"]),
      ("overlapped-experts", "--overlap-moe-expert-parallel-comm", []), ("fp8", "--fp8-recipe", ["blockwise"]),
      ("deepseek-v3-mtp", "--mtp-num-layers", ["1"]),
    ] as [(String, String, [String])])
  func optionIsGiven(name: String, option: String, expected: [String]) throws {
    #expect(values(option, try arguments(name)) == expected)
  }

  @Test(arguments: [
    ("pretrain", "--q-lora-rank"), ("pretrain", "--start-weight-decay"), ("pretrain", "--muon-momentum"),
    ("pretrain", "--data-path"), ("pretrain", "--split"),
    ("pretrain-muon", "--overlap-grad-reduce"), ("pretrain-muon", "--main-grads-dtype"),
    ("pp4-vp2", "--no-overlap-p2p-communication"),
    ("pp4-vp2", "--num-virtual-stages-per-pipeline-rank"), ("blend-per-split", "--split"),
    ("deepep", "--no-rope-fusion"),
  ])
  func optionIsNotGiven(name: String, option: String) throws {
    #expect(values(option, try arguments(name)) == nil)
  }

  @Test(arguments: [
    ("model.window_size=[128, 0]", "--window-size", ["128,0"]),
    ("model.no_rope_freq=[1, 0, 0, 1]", "--no-rope-freq", ["([1]*1+[0]*2+[1]*1)"]),
    ("model.perform_initialization=false", "--no-initialization", []),
    ("rerun_state_machine.rerun_mode=validate_results", "--rerun-mode", ["validate_results"]),
  ])
  func carriedFieldsAreSpelledAsTheParserReads(setting: String, option: String, expected: [String]) throws {
    #expect(values(option, try arguments("pretrain", [setting])) == expected)
  }

  @Test func noOptionIsGivenTwice() throws {
    for example in ExportCase.all where example.isPretraining {
      let options = MegatronLMArguments.arguments(of: example.config).value.filter { $0.hasPrefix("--") }
      #expect(Set(options).count == options.count, "\(example.name)")
    }
  }

  /// A value that begins with a dash stays with its option.
  @Test func dashesAreNoOptions() throws {
    #expect(try arguments("pretrain", ["logger.wandb_project=-x"]).contains("--wandb-project=-x"))
    #expect(
      values("--data-path", try arguments("pretrain", ["dataset.kind=indexed", "dataset.data_paths=[-x]"])) == ["./-x"])
  }

  /// The three forms hold the same arguments.
  @Test(arguments: ExportCase.all.filter(\.isPretraining))
  func formsMeanTheSame(_ example: ExportCase) throws {
    let expected = MegatronLMArguments.arguments(of: example.config).value
    let lines = MegatronLMArguments.text(of: example.config, as: .lines).value
    #expect(lines.split(separator: "\n").map { String($0) } == expected)
    let shell = MegatronLMArguments.text(of: example.config, as: .shell).value
    let answer = try Bash.run(["--norc", "-s"], input: shell + "printf '%s\\0' \"${arguments[@]}\"")
    #expect(answer.text.split(separator: "\0").map { String($0) } == expected)
    let yaml = MegatronLMArguments.text(of: example.config, as: .yaml).value
    let read = DocumentReader.read(text: yaml, name: "yaml", format: .yaml).root?.plainValue
    #expect(read == .list(expected.map { .string($0) }))
  }

  /// Every field has been thought of: an option, a part in one, or a note.
  @Test(arguments: Release.all)
  func everyFieldHasItsForm(_ release: Release) {
    for section in LaunchConfig.sections
    where !["software", "recipe", "cluster", "dataset", "tokenizer", "peft", "env_vars"].contains(section.schema.name) {
      for field in section.schema.fields where section.schema.declares(field, in: release) {
        let path = FieldPath(section.schema.name, field.name)
        #expect(ArgumentTable.form(path, in: release) != nil, "\(path)")
      }
    }
  }

  /// The parser's options that say what a carried field says are those that say it.
  @Test(
    arguments: [
      (Release.bridge031, "model", "cuda_graph_scope", "--cuda-graph-scope"),
      (.bridge031, "model", "moe_extended_tp", "--moe-extended-tp"), (.bridge062, "model", "moe_extended_tp", nil),
      (.bridge062, "model", "cuda_graph_modules", "--cuda-graph-modules"),
      (.bridge051, "optimizer", "lion_beta1", "--lion-beta1"), (.bridge031, "optimizer", "lion_beta1", nil),
      (.bridge062, "model", "dsa_indexer_scoring_relu", "--no-dsa-indexer-scoring-relu"),
      (.bridge062, "dist", "local_rank", nil),
    ] as [(Release, String, String, String?)])
  func optionOfCarriedField(release: Release, section: String, field: String, option: String?) {
    #expect(ArgumentTable.form(FieldPath(section, field), in: release)?.option == option)
  }
}
