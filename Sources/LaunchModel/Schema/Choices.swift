public import Releases

// The closed sets of words that fields take, spelled as Megatron spells them.

public enum TrainingMode: String, FieldChoice {
  case pretrain, sft, peft
}

/// Number formats of stored tensors.
public enum DataType: String, FieldChoice {
  case fp32, fp16, bf16

  /// Bytes of one number.
  public var size: Int { self == .fp32 ? 4 : 2 }
}

/// Number formats of the optimizer's moments: those of tensors, and fp8, which PyTorch holds in bytes.
public enum MomentDataType: String, FieldChoice {
  case fp32, fp16, bf16, uint8

  /// Bytes of one number.
  public var size: Int {
    switch self {
    case .fp32: 4
    case .fp16, .bf16: 2
    case .uint8: 1
    }
  }
}

public enum RouterDataType: String, FieldChoice {
  case fp32, fp64
}

public enum Normalization: String, FieldChoice {
  case layerNorm = "LayerNorm"
  case rmsNorm = "RMSNorm"
}

public enum ActivationFunction: String, FieldChoice {
  case silu, gelu, relu
  case squaredReLU = "squared_relu"
}

public enum RopeType: String, FieldChoice {
  case rope, yarn
}

public enum PositionEmbedding: String, FieldChoice {
  case learnedAbsolute = "learned_absolute"
  case rope, yarn, none
}

public enum TransformerImplementation: String, FieldChoice {
  case local
  case transformerEngine = "transformer_engine"
  case inferenceOptimized = "inference_optimized"
}

public enum AttentionBackend: String, FieldChoice {
  case flash, fused, unfused, local, auto
}

public enum CrossEntropyImplementation: String, FieldChoice {
  case native, te
}

public enum RouterScoreFunction: String, FieldChoice {
  case softmax, sigmoid
  /// √ln(1 + exp x)
  case sqrtSoftplus = "sqrtsoftplus"

  public var releases: ReleaseSet { self == .sqrtSoftplus ? .since(.bridge051) : .all }

  /// Whether each expert has a score of its own, that no other expert's depends on.
  public var isOfOneExpert: Bool { self != .softmax }
}

public enum LoadBalancing: String, FieldChoice {
  case auxLoss = "aux_loss"
  case sequenceAuxLoss = "seq_aux_loss"
  case globalAuxLoss = "global_aux_loss"
  case sinkhorn
  /// A bias for each expert, from quantiles of the scores.
  case quantileBalancing = "quantile_balancing"
  case none

  public var releases: ReleaseSet { self == .quantileBalancing ? .since(.bridge062) : .all }
}

public enum TokenDispatcher: String, FieldChoice {
  case allgather, alltoall, flex
}

public enum FlexDispatcherBackend: String, FieldChoice {
  case deepep, hybridep
  /// NCCL's own, through Transformer Engine.
  case ncclep

  public var releases: ReleaseSet { self == .ncclep ? .since(.bridge062) : .all }
}

public enum RecomputeGranularity: String, FieldChoice {
  case full, selective
}

public enum RecomputeMethod: String, FieldChoice {
  case uniform, block
}

public enum RecomputeModule: String, FieldChoice {
  case coreAttention = "core_attn"
  case moeActivation = "moe_act"
  case layerNorm = "layernorm"
  case mlaUpProjection = "mla_up_proj"
  case mlp, moe
  case sharedExperts = "shared_experts"
}

/// Those that Megatron-Core has itself, and those of the package emerging-optimizers, each also in layers divided over the
/// replicas (`dist_`).
public enum OptimizerKind: String, FieldChoice {
  case adam, sgd, muon
  case distributedMuon = "dist_muon"
  case adaptiveMuon = "adaptive_muon"
  case distributedAdaptiveMuon = "dist_adaptive_muon"
  case soap
  case distributedSOAP = "dist_soap"
  case lion
  case distributedLion = "dist_lion"

  public var releases: ReleaseSet {
    switch self {
    case .adam, .sgd, .muon, .distributedMuon: .all
    default: .since(.bridge051)
    }
  }

  public var isMuon: Bool {
    switch self {
    case .muon, .distributedMuon, .adaptiveMuon, .distributedAdaptiveMuon: true
    default: false
    }
  }

  /// Whether the package emerging-optimizers makes it.
  public var isEmerging: Bool { self != .adam && self != .sgd }

  /// Whether its layers, with their states, are divided over the replicas.
  public var isLayerWise: Bool {
    switch self {
    case .distributedMuon, .distributedAdaptiveMuon, .distributedSOAP, .distributedLion: true
    default: false
    }
  }
}

public enum MuonScaleMode: String, FieldChoice {
  /// √max(1, rows/columns)
  case shape = "shape_scaling"
  /// √max(rows, columns), the paper's.
  case spectral
  case unitRMS = "unit_rms_norm"
}

public enum MuonTensorParallelMode: String, FieldChoice {
  case blockwise, duplicated, distributed
}

public enum LearningRateDecayStyle: String, FieldChoice {
  case constant, linear, cosine
  case inverseSquareRoot = "inverse-square-root"
  case warmupStableDecay = "WSD"
}

public enum AnnealingStyle: String, FieldChoice {
  case exponential, linear, cosine
  case minusSquareRoot = "minus_sqrt"
}

public enum WeightDecayIncrement: String, FieldChoice {
  case constant, linear, cosine
}

public enum PEFTScheme: String, FieldChoice {
  case lora, dora
}

public enum DropoutPosition: String, FieldChoice {
  case pre, post
}

public enum AdapterInitialization: String, FieldChoice {
  case xavier, normal, kaiming, zero
}

public enum DatasetKind: String, FieldChoice {
  /// Made up on the spot, with structure that can be learned.
  case mock
  /// One JSON object a line with a `text` field.
  case jsonl
  /// One `{"tokens": […]}` a line.
  case tokens
  /// Megatron's `.bin`/`.idx` pair.
  case indexed
  /// Prompt/completion or chat examples.
  case sft
}

public enum DataLoaderKind: String, FieldChoice {
  case single, cyclic, batch, external
}

public enum TokenizerKind: String, FieldChoice {
  case huggingFace = "HuggingFaceTokenizer"
  case null = "NullTokenizer"
  case tikToken = "TikTokenizer"
  /// 256 bytes and a few special tokens; built into the trainer, unknown to Megatron.
  case byteLevel = "ByteLevelTokenizer"
  case sentencePiece = "SentencePieceTokenizer"
  case gptSentencePiece = "GPTSentencePieceTokenizer"
  case llama2 = "Llama2Tokenizer"
  case gpt2BPE = "GPT2BPETokenizer"
  case bertLowerCase = "BertWordPieceLowerCase"
  case bertCase = "BertWordPieceCase"
  case multimodal = "MultimodalTokenizer"
}

public enum CheckpointFormat: String, FieldChoice {
  case torchDist = "torch_dist"
  case zarr
  case fsdpDTensor = "fsdp_dtensor"
}

public enum ShardingStrategy: String, FieldChoice {
  case noShard = "no_shard"
  case optim
  case optimGrads = "optim_grads"
  case optimGradsParams = "optim_grads_params"
}

/// How Slurm is asked for the GPUs of a node.
public enum GPURequest: String, FieldChoice {
  /// `--gpus-per-node=8`
  case gpusPerNode = "gpus-per-node"
  /// `--gres=gpu:8`
  case gres
  /// No request: nodes come with their GPUs.
  case none
}

public enum ContainerRuntime: String, FieldChoice {
  /// The Slurm plugin: `srun --container-image`.
  case pyxis
  case docker
  case apptainer
}
