import Diagnostics
import Estimation
import LaunchModel
import Topology

extension FuzzEntry {
  /// What stands on a command line.
  static let arguments: [FuzzEntry] = [
    FuzzEntry(
      "overrides",
      seeds: [
        "parallelism.tensor_model_parallel_size=4", "peft=null", "peft.target_modules=[linear_q_proj, linear_proj]",
        "optimizer.lr=1e-5", "env_vars.A=b", "train.rampup_batch_size=[8, 8, 1000]",
      ].map { Array($0.utf8) }, tokens: yamlTokens
    ) { bytes in
      let overrides = Overrides([String(decoding: bytes, as: UTF8.self)])
      let file = SourceFile(name: "--set", text: String(decoding: bytes, as: UTF8.self))
      try checkReports(overrides.reading(for: .current).diagnostics, file)
    },
    FuzzEntry(
      "layout",
      seeds: [
        "Et*14|t*13L", "Ettt|(tt|)*12,L", "14+13", "8+7+7+6", "auto", "E|t*27|m|L", "Et|(t*2|)*13L",
      ].map { Array($0.utf8) }, tokens: ["E", "t", "m", "L", "|", "*", "(", ")", ",", "+", "9999999", " "]
    ) { bytes in
      let notation = LayoutNotation(String(decoding: bytes, as: UTF8.self))
      for (layers, predicted) in [(27, 0), (1, 1), (61, 1)] {
        _ = try? notation.resolve(numLayers: layers, mtpNumLayers: predicted, balanced: nil)
      }
    },
    FuzzEntry(
      "weights", seeds: ["decoder=1,loss=2.5", "decoder=12.5,dense=0.9,embedding=0"].map { Array($0.utf8) },
      tokens: ["decoder", "=", ",", "1e308", "-", " ", "layers"]
    ) { bytes in
      let reader = GivenWeightsReader(pairs: String(decoding: bytes, as: UTF8.self))
      try checkReports(reader.diagnostics, SourceFile(name: "--weights", text: ""))
    },
  ]
}
