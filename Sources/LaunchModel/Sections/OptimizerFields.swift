/// The optimizer and its numbers.
public final class OptimizerFields: SectionFields {
  public static let fields = OptimizerFields()
  public static let schema = SectionSchema("optimizer", of: fields, "The optimizer and its numbers.")

  public let optimizer = Field<OptimizerKind>(
    "optimizer", default: .adam, aliases: ["optimizer_type", "optim"],
    "`adam` (AdamW), `sgd`, `muon`, or `dist_muon` (Muon with states spread over replicas).")
  public let lr = Field<Double?>("lr", default: nil, aliases: ["learning_rate", "max_lr"], "Peak learning rate.")
  public let minLR = Field<Double?>(
    "min_lr", default: nil, aliases: ["min_learning_rate"], "Learning rate the decay ends at.")
  public let weightDecay = Field<Double>(
    "weight_decay", default: 0.01, in: .nonNegative, aliases: ["wd"],
    "Decoupled weight decay; the scheduler's start and end values replace it at the first step.")
  public let clipGrad = Field<Double>(
    "clip_grad", default: 1, in: .nonNegative, aliases: ["max_grad_norm", "gradient_clip_val"],
    "Largest global gradient norm; 0 turns clipping off.")
  public let adamBeta1 = Field<Double>(
    "adam_beta1", default: 0.9, in: .decayRate, aliases: ["beta1"], "Decay of the first moment.")
  public let adamBeta2 = Field<Double>(
    "adam_beta2", default: 0.999, in: .decayRate, aliases: ["beta2"], "Decay of the second moment.")
  public let adamEps = Field<Double>(
    "adam_eps", default: 1e-8, in: .positive, aliases: ["eps", "adam_epsilon"],
    "Added to the root of the second moment.")
  public let decoupledWeightDecay = Field<Bool>(
    "decoupled_weight_decay", default: true, "AdamW rather than L2 regularisation.")
  public let sgdMomentum = Field<Double>("sgd_momentum", default: 0.9, in: .decayRate, "Momentum of `sgd`.")
  public let muonMomentum = Field<Double>("muon_momentum", default: 0.95, in: .decayRate, "Momentum of Muon.")
  public let muonUseNesterov = Field<Bool>(
    "muon_use_nesterov", default: false, "Looks one momentum step ahead, as the paper does.")
  public let muonNumNSSteps = Field<Int>(
    "muon_num_ns_steps", default: 5, in: Bounds(lower: 0, upper: 1000), "Newton-Schulz steps.")
  public let muonScaleMode = Field<MuonScaleMode>(
    "muon_scale_mode", default: .spectral, "How the orthogonalised update is scaled with the matrix's shape.")
  public let muonExtraScaleFactor = Field<Double>(
    "muon_extra_scale_factor", default: 1, in: .positive, "Times the scale; the paper's is 0.2.")
  public let muonCoefficientType = Field<String>(
    "muon_coefficient_type", default: "quintic",
    "Newton-Schulz coefficients: `simple` is the paper's triple, `quintic` a schedule of five.")
  public let muonFP32MatmulPrecision = Field<String>(
    "muon_fp32_matmul_prec", default: "medium", "Precision of the Newton-Schulz products.")
  public let muonTPMode = Field<MuonTensorParallelMode>(
    "muon_tp_mode", default: .blockwise, "How tensor-parallel matrices are orthogonalised.")
  public let muonSplitQKV = Field<Bool>(
    "muon_split_qkv", default: true, "Splits a fused QKV matrix; does nothing for MLA.")
  public let useDistributedOptimizer = Field<Bool>(
    "use_distributed_optimizer", default: false, aliases: ["distributed_optimizer"],
    "Spreads optimizer states over data-parallel replicas.")
  public let usePrecisionAwareOptimizer = Field<Bool>(
    "use_precision_aware_optimizer", default: false, "Keeps gradients, masters and moments in the formats below.")
  public let storeParamRemainders = Field<Bool>(
    "store_param_remainders", default: true, "Keeps only the bits of the master that the bf16 weight lacks.")
  public let mainParamsDtype = Field<DataType>("main_params_dtype", default: .fp32, "Format of master weights.")
  public let mainGradsDtype = Field<DataType>("main_grads_dtype", default: .fp32, "Format of gradients.")
  public let expAvgDtype = Field<MomentDataType>(
    "exp_avg_dtype", default: .fp32, "Format of the first moment; `uint8` is fp8.")
  public let expAvgSqDtype = Field<MomentDataType>(
    "exp_avg_sq_dtype", default: .fp32, "Format of the second moment; `uint8` is fp8.")
  public let overlapParamGather = Field<Bool>(
    "overlap_param_gather", default: false, "Gathers updated weights while the next step begins.")
  public let optimizerCPUOffload = Field<Bool>(
    "optimizer_cpu_offload", default: false, "Keeps optimizer states in host memory.")
  public let optimizerOffloadFraction = Field<Double>(
    "optimizer_offload_fraction", default: 0, in: .unitInterval, "Share of the states that is offloaded.")
}
