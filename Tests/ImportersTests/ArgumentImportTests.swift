import ConfigDocument
import Diagnostics
import LaunchModel
import Releases
import Testing

@testable import Importers

@Suite("Scripts and lists of Megatron-LM's arguments")
struct ArgumentImportTests {
  private func imported(_ text: String, name: String = "run.sh", for release: Release? = .bridge062) -> ImportedConfig {
    ImportedConfig(DocumentReader.read(text: text, name: name), for: release)
  }

  /// `CODE line:column message`.
  private func found(_ text: String, name: String = "run.sh") -> [String] {
    imported(text, name: name).document.diagnostics.map { diagnostic in
      let start = diagnostic.location?.start
      return "\(diagnostic.code) \(start?.line ?? 0):\(start?.column ?? 0) \(diagnostic.message)"
    }
  }

  private func value(_ path: String, _ config: ImportedConfig) -> ConfigValue? {
    let keys = path.split(separator: ".").map(String.init)
    return config.document.root?[keys[0]]?[keys[1]]?.plainValue
  }

  private static let script = """
    #!/bin/bash
    # A run on two nodes.
    export CUDA_DEVICE_MAX_CONNECTIONS=1
    GPUS_PER_NODE=8
    NNODES=${NNODES:-2}
    WORLD_SIZE=$(($GPUS_PER_NODE*$NNODES))
    BATCH="--micro-batch-size 1 \\
        --global-batch-size $((WORLD_SIZE * 4))"
    MODEL_ARGS=(
        --num-layers 27  # all of them
        --hidden-size 2048
        --num-attention-heads 16
        --moe-layer-freq "([0]*1+[1]*26)"
    )
    MODEL_ARGS+=(--swiglu)
    torchrun --nproc_per_node $GPUS_PER_NODE --nnodes=$NNODES --rdzv_endpoint $MASTER_ADDR \\
        pretrain_gpt.py "${MODEL_ARGS[@]}" $BATCH --lr=3e-4 --data-path 0.3 /data/a 0.7 "/data/b c" 2>&1 | tee log

    """

  @Test(
    "Variables, arrays, arithmetic and quotes are a shell's",
    arguments: [
      ("model.num_layers", 27), ("model.hidden_size", 2048), ("model.activation_func", "silu"),
      ("model.gated_linear_unit", true), ("train.global_batch_size", 64), ("train.micro_batch_size", 1),
      ("optimizer.lr", 3e-4), ("cluster.num_nodes", 2), ("cluster.gpus_per_node", 8),
      ("model.moe_layer_freq", .list([0] + Array(repeating: 1, count: 26))),
      ("env_vars.CUDA_DEVICE_MAX_CONNECTIONS", "1"), ("dataset.kind", "indexed"),
      (
        "dataset.data_paths",
        [["path": "/data/a", "weight": 0.3], ["path": "/data/b c", "weight": 0.7]]
      ),
    ] as [(String, ConfigValue)])
  func values(path: String, expected: ConfigValue) {
    #expect(value(path, imported(Self.script)) == expected)
    #expect(found(Self.script) == [])
  }

  @Test(
    "Groups of queries are what the parser makes of the switch and the number",
    arguments: [
      ("--group-query-attention", 1, []), ("--group-query-attention --num-query-groups 4", 4, []),
      (
        "--num-query-groups 4", nil,
        ["ARGS-06 1:24 `--num-query-groups` is not looked at without `--group-query-attention`; it is left out"]
      ),
    ] as [(String, ConfigValue?, [String])])
  func queryGroups(options: String, expected: ConfigValue?, notes: [String]) {
    let text = "python pretrain_gpt.py \(options)"
    #expect(value("model.num_query_groups", imported(text)) == expected)
    #expect(found(text) == notes)
  }

  @Test("Every value says where it comes from")
  func comments() {
    let comments = imported(Self.script).comments
    #expect(comments[["model", "num_layers"]] == "--num-layers, line 10")
    #expect(comments[["train", "global_batch_size"]] == "--global-batch-size, line 8")
    #expect(comments[["model", "add_bias_linear"]] == nil)
    #expect(comments[["optimizer", "min_lr"]] == "Megatron-LM's default")
  }

  @Test(
    "The other forms say the same",
    arguments: [
      ("arguments.txt", "--num-layers\n27\n--swiglu\n--lr\n3e-4\n"),
      ("arguments.yaml", "- --num-layers\n- 27\n- --swiglu\n- \"--lr\"\n- 3e-4\n"),
      ("arguments.json", "[\"--num-layers\", \"27\", \"--swiglu\", \"--lr\", \"3e-4\"]"),
      (
        "model_config.yaml",
        "ENV_VARS:\n  NCCL_DEBUG: WARN\nMODEL_ARGS:\n  --num-layers: 27\n  --swiglu: true\n  --bf16: false\n  --lr: 3e-4\n"
      ),
      ("arguments.sh", "--num-layers 27 --swiglu \\\n  --lr 3e-4\n"),
      ("args.sh", "ARGS=\"--num-layers 27 --swiglu\"\nMORE=(--lr 3e-4)\n"),
      (
        "loop.sh",
        "for i in 1 2; do\n  if [ $i = 1 ]; then python pretrain_gpt.py --num-layers 27 --swiglu --lr 3e-4; fi\ndone\n"
      ),
    ])
  func forms(name: String, text: String) {
    #expect(ArgumentFile.recognises(DocumentReader.read(text: text, name: name)))
    let config = imported(text, name: name)
    #expect(config.document.diagnostics.map(\.message) == [])
    #expect(value("model.num_layers", config) == 27)
    #expect(value("model.activation_func", config) == "silu")
    #expect(value("optimizer.lr", config) == 3e-4)
    #expect(value("mixed_precision.fp32", config) == true)
  }

  @Test(
    "A call of a program is known in a text of any name",
    arguments: [
      "NPROC_PER_NODE=8 megatron sft --num_layers 27\n", "NPROC_PER_NODE=8 megatron rlhf --num_layers 27\n",
      "python3 -m verl.trainer.main_ppo a.b=1\n", "torchrun pretrain_gpt.py --num-layers 27\n",
    ])
  func calls(text: String) {
    #expect(ArgumentFile.recognises(DocumentReader.read(text: text, name: "notes.txt")))
  }

  @Test(
    "Configs are no arguments",
    arguments: [
      ("a.yaml", "extends: moonlight_16b_pretrain_config\n"), ("b.yaml", "model:\n  num_layers: 27\n"),
      ("c.json", "{}"), ("d.yaml", "- 1\n- 2\n"), ("e.yaml", ""), ("f.yaml", "---\na: [1\n"),
      ("g.yaml", "a: [1\n---\nb: 2\n"),
    ])
  func configs(name: String, text: String) {
    #expect(!ArgumentFile.recognises(DocumentReader.read(text: text, name: name)))
  }

  @Test(
    "What is wrong is told at its place",
    arguments: [
      (
        "python pretrain_gpt.py --num-layer 27 --lr 1e-4",
        ["ARGS-01 1:24 the Megatron-LM of megatron-core 0.19.2 has no option `--num-layer`"]
      ),
      (
        "python pretrain_gpt.py --num-layers many", ["ARGS-02 1:37 `--num-layers` takes a whole number, not `many`"]
      ),
      ("python pretrain_gpt.py --num-layers --lr 1e-4", ["ARGS-02 1:24 `--num-layers` takes a value, and has 0"]),
      ("python pretrain_gpt.py --swiglu=1", ["ARGS-02 1:24 `--swiglu` takes no value, and has 1"]),
      ("python pretrain_gpt.py 27 --lr 1e-4", ["ARGS-01 1:24 `27` belongs to no option"]),
      (
        "python pretrain_gpt.py --lr 1 --lr 2", ["ARGS-04 1:31 `--lr` is given twice, and the last one counts"]
      ),
      (
        "python pretrain_gpt.py --lr $LR --swiglu",
        ["ARGS-03 1:29 only a running shell knows what `$LR` is; it is left out"]
      ),
      (
        "python pretrain_gpt.py --swiglu \"$@\"",
        ["ARGS-03 1:34 only a running shell knows what `$@` is; it is left out"]
      ),
      (
        "ARGS=\"--lr $1 --min-lr ${2} --swiglu\"\npython pretrain_gpt.py $ARGS",
        [
          "ARGS-03 1:12 only a running shell knows what `$1` is; it is left out",
          "ARGS-03 1:24 only a running shell knows what `${2}` is; it is left out",
        ]
      ),
      (
        "python pretrain_gpt.py --lr 1 --num-layers ${MORE[@]}",
        [
          "ARGS-02 1:31 `--num-layers` takes a value, and has 0",
          "ARGS-03 1:44 only a running shell knows what `${MORE[@]}` is; it is left out",
        ]
      ),
      (
        "python pretrain_gpt.py --swiglu \\\n  # --lr 2 \\\n  --lr 1\n",
        ["ARGS-05 3:3 `--lr` stands where a command begins: the one before has ended"]
      ),
      (
        "python pretrain_gpt.py --num-layers= --lr=1",
        ["ARGS-02 1:24 `--num-layers` takes a whole number, not ``"]
      ),
      (
        "python pretrain_gpt.py --lr 1 --ckpt-format torch",
        ["ARGS-06 1:45 a launch config has no `torch` for `--ckpt-format`; it is left out"]
      ),
      (
        "python pretrain_gpt.py --lr 1 --train-data-path /a --data-path /b",
        ["ARGS-06 1:31 `--train-data-path` is not looked at beside `--data-path`; it is left out"]
      ),
      (
        "ARGS=(--lr 1\npython pretrain_gpt.py",
        ["ARGS-05 1:6 this bracket is not closed"]
      ),
      (
        "python pretrain_gpt.py \\\n  --lr 1 \"\\\n  --data-path \"/data/a\" 'b",
        ["ARGS-05 3:23 this quote is not closed"]
      ),
      (
        "python pretrain_gpt.py --tokenizer-model \"/data\n --lr 1\nNAME=\"x\"\n",
        ["ARGS-05 1:42 this quote is not closed"]
      ),
      (
        "python pretrain_gpt.py --lr 1 --$KEY 3",
        ["ARGS-03 1:31 only a running shell knows which option `--$KEY` is"]
      ),
      (
        "echo hello", ["ARGS-05 1:1 there is no call of a Python program with arguments, and no list of them"]
      ),
      (
        "python pretrain_gpt.py --adlr-autoresume --lr 1",
        ["ARGS-06 1:24 `--adlr-autoresume` has no field in a launch config; it is left out"]
      ),
    ])
  func faults(text: String, expected: [String]) {
    #expect(found(text) == expected)
  }

  @Test(
    "Commands in texts are commands, and arrays in texts are their items",
    arguments: [
      ("CMD=\"$CALL\"\nsrun bash -c \"$CMD\"", 0), ("CMD='$CALL'\neval $CMD", 0),
      ("A=(--num-layers 4 --hidden-size $H)\nCMD=\"cd x && python pretrain_gpt.py ${A[@]}\"\necho $CMD\neval $CMD", 1),
      ("CMD=\"python pretrain_gpt.py --num-layers '4' --hidden-size $H\"\nssh host ls; eval \"$CMD\"", 1),
    ])
  func nested(text: String, unknown: Int) {
    let call = "python pretrain_gpt.py --num-layers 4"
    let text = text.replacing("$CALL", with: call)
    let config = imported(text)
    #expect(value("model.num_layers", config) == 4)
    #expect(config.document.diagnostics.map(\.code) == Array(repeating: FieldRule.unknownVariable.code, count: unknown))
  }

  @Test("A module that torchrun starts is a program, too")
  func module() {
    let config = imported("torchrun --nnodes 1 --nproc-per-node 8 -m pretrain_gpt --num-layers 4")
    #expect(value("model.num_layers", config) == 4 && value("cluster.gpus_per_node", config) == 8)
  }

  @Test("Options of a mapping that lack their dashes are reported, and read as they are meant")
  func withoutDashes() {
    let config = imported("MODEL_ARGS:\n  num-layers: 27\n  --lr: 1\n", name: "model_config.yaml")
    #expect(value("model.num_layers", config) == 27)
    #expect(
      config.document.diagnostics.filter { $0.severity == .error }.map(\.message) == [
        "`num-layers` is no option: options begin with `--`"
      ])
  }

  @Test("Of the branches of a condition that is not known, one appends what all append")
  func alternatives() {
    let text = """
      A=(--num-layers 4)
      if [ -z "$MOCK" ]; then
        A+=(--data-path $DATA/x --split 99,1,0)
      elif grep -q x y; then
        A+=(--data-path /b)
      else
        A+=(--mock-data --split 98,1,1)
        LR=2
        export NCCL_DEBUG=INFO
      fi
      python pretrain_gpt.py ${A[@]} --lr ${LR:-1}
      """
    let config = imported(text)
    #expect(config.document.diagnostics.map(\.message) == [])
    #expect(value("dataset.kind", config) == "mock")
    #expect(value("dataset.split", config) == "98,1,1")
    #expect(value("optimizer.lr", config) == 2.0)
    #expect(config.document.root?["env_vars"] == nil)
  }

  @Test("Paths keep what only a running shell knows")
  func unknownPaths() {
    let config = imported(
      "python pretrain_gpt.py --data-path $DATA/x ${MORE} --load $1 --tokenizer-model ${M}/t --num-layers $N")
    #expect(value("dataset.data_paths", config) == ["$DATA/x", "${MORE}"])
    #expect(value("checkpoint.load", config) == "$1")
    #expect(value("tokenizer.tokenizer_model", config) == "${M}/t")
    #expect(value("model.num_layers", config) == nil)
    #expect(config.unknown == [Path.model.numLayers])
  }

  @Test(
    "What the program and the launcher bring",
    arguments: [
      ("python pretrain_gpt.py --lr 1", "tokenizer.tokenizer_type", "GPT2BPETokenizer"),
      ("python pretrain_mine.py --lr 1", "tokenizer.tokenizer_type", nil),
      ("python pretrain_gpt.py --lr 1 --disable-bias-linear", "model.bias_activation_fusion", false),
      ("python pretrain_gpt.py --num-experts 2 --moe-layer-freq ' 3'", "model.moe_layer_freq", 3),
      ("python pretrain_gpt.py --data-path /a", "dataset.data_path", nil),
      ("python pretrain_gpt.py --data-path /a", "dataset.data_paths", ["/a"]),
      ("python pretrain_gpt.py --exp-avg-dtype fp8", "optimizer.exp_avg_dtype", "uint8"),
      (
        "python pretrain_gpt.py --no-weight-decay-cond-type apply_wd_to_qk_layernorm",
        "optimizer.apply_wd_to_qk_layernorm", true
      ),
      ("torchrun --nproc-per-node 4 pretrain_gpt.py --lr 1", "cluster.num_nodes", 1),
      ("torchrun --nproc-per-node 4 --nnodes $N pretrain_gpt.py --lr 1", "cluster.num_nodes", nil),
    ] as [(String, String, ConfigValue?)])
  func brought(text: String, path: String, expected: ConfigValue?) {
    let config = imported(text)
    #expect(value(path, config) == expected)
    #expect(!config.document.diagnostics.contains { $0.code == FieldRule.foreignOption.code })
  }

  @Test("An argument that a mapping gives twice is told")
  func twiceInMapping() {
    let found = imported("MODEL_ARGS:\n  --lr: 1\n  --lr: 2\n", name: "model_config.yaml").document.diagnostics
    #expect(found.map { "\($0.severity.rawValue) \($0.location?.start.line ?? 0)" } == ["warning 3"])
  }

  @Test("A program that nobody knows may have options and words of its own")
  func ownProgram() {
    #expect(
      found("python mine.py grpo --lr 1 --num-layer 2") == [
        "ARGS-01 1:28 neither `mine.py` nor the Megatron-LM of megatron-core 0.19.2 is known to have `--num-layer`",
        "ARGS-07 1:16 `grpo`, `--num-layer` are not Megatron's but `mine.py`'s own, and left out",
      ])
    #expect(imported("python mine.py --num-layer 2").document.diagnostics.allSatisfy { $0.severity != .error })
  }

  @Test("Sourced files are read, and their places are told")
  func sourced() {
    let main = """
      DIR="$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" &>/dev/null && pwd)"
      source "${DIR}/models/small.sh"
      python pretrain_gpt.py ${MODEL_ARGS[@]} --lr 1
      """
    let config = ImportedConfig(DocumentReader.read(text: main, name: "run.sh"), for: .bridge062) { path in
      #expect(path == "./models/small.sh")
      return SourceFile(name: "models/small.sh", text: "N=2\nMODEL_ARGS=(\n  --num-layers $N\n  --hidden-sise 8\n)\n")
    }
    #expect(value("model.num_layers", config) == 2)
    #expect(config.comments[["model", "num_layers"]] == "--num-layers, line 3 of models/small.sh")
    #expect(config.document.diagnostics.map { $0.location?.description } == ["models/small.sh:4:3"])
    let missing = ImportedConfig(DocumentReader.read(text: main, name: "run.sh"), for: .bridge062)
    #expect(missing.document.diagnostics.map(\.code) == [FieldRule.extends.code, FieldRule.unknownVariable.code])
  }

  @Test("An option of another release says so")
  func otherRelease() {
    let found = imported("python pretrain_gpt.py --muon-use-nesterov --lr 1").document.diagnostics
    #expect(found.first?.help == "Megatron-LM has it in the release of Megatron-Bridge 0.3.1")
  }

  @Test("Nobody said for which release: a note says which was taken")
  func release() {
    let found = imported("python pretrain_gpt.py --lr 1", for: nil).document.diagnostics
    #expect(found.map(\.code) == [FieldRule.release.code])
  }

  @Test(
    "Layers are written as Python's lists",
    arguments: [
      ("([0]*1+[1]*3)", [0, 1, 1, 1]), ("[0,1]*2", [0, 1, 0, 1]), ("[1, 0, 1]", [1, 0, 1]),
      ("([0]+([1]*2))*2", [0, 1, 1, 0, 1, 1]), ("[0]*99999", nil), ("[0", nil), ("", nil), ("[a]", nil),
      ("([]*1099511627776)", []),
    ] as [(String, [Int]?)])
  func patterns(text: String, layers: [Int]?) {
    #expect(LayerExpression.values(of: text) == layers)
  }
}
