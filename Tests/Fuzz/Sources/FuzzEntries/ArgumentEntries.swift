import ConfigDocument
import Diagnostics
import Estimation
import Importers
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
      "script",
      seeds: [
        "A=(--num-layers 2 \"--lr=1e-4\")\npython pretrain_gpt.py ${A[@]} $((1+2)) $(x) 'q' 2>&1 | tee log\n",
        "--num-layers\n27\n--swiglu\n", "B=\"--bf16 --lr 1\"\nB+=\" --moe-layer-freq ([0]*1+[1]*2)\"\n",
        "for ((i=0; i<3; i++)); do if ((i < 1)); then a+=(0); else a+=(1); fi; done\nsource x.sh\nmegatron sft --lr $(seq 2)\n",
        "python -m verl.trainer.main_ppo +a.b=[1,2] ~c trainer.nnodes=2\n", "train.train_iters=1\n~model.x\n",
        "export NCCL_DEBUG=\"${X:-WARN}\"; torchrun --nnodes=2 pretrain_gpt.py --data-path 0.3 /a 0.7 /b <<EOF\nx\nEOF\n",
      ].map { Array($0.utf8) },
      tokens: ["--", "$", "{", "}", "(", ")", "((", "\"", "'", "`", "=", "+=", "\\\n", "[@]", ":-", "<<", "#", "--lr"]
    ) { bytes in
      let document = DocumentReader.read(bytes: bytes, name: "run.sh")
      guard ImportedConfig.recognises(document) else { return }
      let imported = ImportedConfig(document, for: .current)
      try checkReports(imported.document.diagnostics, document.file)
      _ = imported.yaml(header: [])
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
