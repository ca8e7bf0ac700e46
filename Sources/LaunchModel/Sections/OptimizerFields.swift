/// The optimizer and its numbers.
public struct OptimizerFields: SectionFields {
  public static let fields = OptimizerFields()
  public static let schema = SectionSchema("optimizer", fields.declarations, "The optimizer and its numbers.")
  let declarations: [FieldDeclaration]

  public let optimizer: Field<OptimizerKind>
  public let lr: Field<Double?>
  public let minLR: Field<Double?>
  public let weightDecay: Field<Double>
  public let clipGrad: Field<Double>
  public let adamBeta1: Field<Double>
  public let adamBeta2: Field<Double>
  public let adamEps: Field<Double>
  public let decoupledWeightDecay: Field<Bool>
  public let sgdMomentum: Field<Double>
  public let muonMomentum: Field<Double>
  public let muonUseNesterov: Field<Bool>
  public let muonNumNSSteps: Field<Int>
  public let muonScaleMode: Field<MuonScaleMode>
  public let muonExtraScaleFactor: Field<Double>
  public let muonCoefficientType: Field<String>
  public let muonFP32MatmulPrecision: Field<String>
  public let muonTPMode: Field<MuonTensorParallelMode>
  public let muonSplitQKV: Field<Bool>
  public let useDistributedOptimizer: Field<Bool>
  public let useLayerWiseDistributedOptimizer: Field<Bool>
  public let usePrecisionAwareOptimizer: Field<Bool>
  public let storeParamRemainders: Field<Bool>
  public let mainParamsDtype: Field<DataType>
  public let mainGradsDtype: Field<DataType>
  public let expAvgDtype: Field<MomentDataType>
  public let expAvgSqDtype: Field<MomentDataType>
  public let overlapParamGather: Field<Bool>
  public let optimizerCPUOffload: Field<Bool>
  public let optimizerOffloadFraction: Field<Double>

  private init() {
    var list = FieldList()
    optimizer = list.add(
      "optimizer", default: .adam, aliases: ["optimizer_type", "optim"],
      "`adam` (AdamW), `sgd`, `muon`, or `dist_muon` (Muon with whole matrices spread over replicas).")
    lr = list.add("lr", default: nil, aliases: ["learning_rate", "max_lr"], "Peak learning rate.")
    minLR = list.add("min_lr", default: nil, aliases: ["min_learning_rate"], "Learning rate the decay ends at.")
    weightDecay = list.add(
      "weight_decay", default: 0.01, in: .nonNegative, aliases: ["wd"],
      "Decoupled weight decay; the scheduler's start and end values replace it at the first step.")
    clipGrad = list.add(
      "clip_grad", default: 1, in: .nonNegative, aliases: ["max_grad_norm", "gradient_clip_val"],
      "Largest global gradient norm; 0 turns clipping off.")
    adamBeta1 = list.add("adam_beta1", default: 0.9, in: .decayRate, aliases: ["beta1"], "Decay of the first moment.")
    adamBeta2 = list.add(
      "adam_beta2", default: 0.999, in: .decayRate, aliases: ["beta2"], "Decay of the second moment.")
    adamEps = list.add(
      "adam_eps", default: 1e-8, in: .positive, aliases: ["eps", "adam_epsilon"],
      "Added to the root of the second moment.")
    decoupledWeightDecay = list.add("decoupled_weight_decay", default: true, "AdamW rather than L2 regularisation.")
    sgdMomentum = list.add("sgd_momentum", default: 0.9, in: .decayRate, "Momentum of `sgd`.")
    muonMomentum = list.add("muon_momentum", default: 0.95, in: .decayRate, "Momentum of Muon.")
    muonUseNesterov = list.add("muon_use_nesterov", default: false, "Looks one momentum step ahead, as the paper does.")
    muonNumNSSteps = list.add(
      "muon_num_ns_steps", default: 5, in: Bounds(lower: 0, upper: 1000), "Newton-Schulz steps.")
    muonScaleMode = list.add(
      "muon_scale_mode", default: .spectral, "How the orthogonalised update is scaled with the matrix's shape.")
    muonExtraScaleFactor = list.add(
      "muon_extra_scale_factor", default: 1, in: .positive, "Times the scale; the paper's is 0.2.")
    muonCoefficientType = list.add(
      // Older releases fix the coefficients; the CPU engine has both, and a rule says which ones Megatron takes.
      "muon_coefficient_type", default: "quintic", isOwn: true,
      "Newton-Schulz coefficients: `simple` is the paper's triple, `quintic` a schedule of five.")
    muonFP32MatmulPrecision = list.add(
      "muon_fp32_matmul_prec", default: "medium", "Precision of the Newton-Schulz products.")
    muonTPMode = list.add("muon_tp_mode", default: .blockwise, "How tensor-parallel matrices are orthogonalised.")
    muonSplitQKV = list.add("muon_split_qkv", default: true, "Splits a fused QKV matrix; does nothing for MLA.")
    useDistributedOptimizer = list.add(
      "use_distributed_optimizer", default: false, aliases: ["distributed_optimizer"],
      "Spreads optimizer states over data-parallel replicas.")
    useLayerWiseDistributedOptimizer = list.add(
      "use_layer_wise_distributed_optimizer", default: false,
      "Spreads whole matrices, with Muon's states of them, over data-parallel replicas.")
    usePrecisionAwareOptimizer = list.add(
      "use_precision_aware_optimizer", default: false, "Keeps gradients, masters and moments in the formats below.")
    storeParamRemainders = list.add(
      "store_param_remainders", default: true, "Keeps only the bits of the master that the bf16 weight lacks.")
    mainParamsDtype = list.add("main_params_dtype", default: .fp32, "Format of master weights.")
    mainGradsDtype = list.add("main_grads_dtype", default: .fp32, "Format of gradients.")
    expAvgDtype = list.add("exp_avg_dtype", default: .fp32, "Format of the first moment; `uint8` is fp8.")
    expAvgSqDtype = list.add("exp_avg_sq_dtype", default: .fp32, "Format of the second moment; `uint8` is fp8.")
    overlapParamGather = list.add(
      "overlap_param_gather", default: false, "Gathers updated weights while the next step begins.")
    optimizerCPUOffload = list.add("optimizer_cpu_offload", default: false, "Keeps optimizer states in host memory.")
    optimizerOffloadFraction = list.add(
      "optimizer_offload_fraction", default: 0, in: .unitInterval, "Share of the states that is offloaded.")
    declarations = list.declarations
  }
}

extension Section<OptimizerFields> {
  /// Whether Muon spreads whole matrices over data-parallel replicas: by its older name, or by the switch that took its
  /// place.
  public var isLayerWise: Bool {
    self.optimizer.isLayerWise || self.optimizer.isEmerging && self.useLayerWiseDistributedOptimizer
  }
}
