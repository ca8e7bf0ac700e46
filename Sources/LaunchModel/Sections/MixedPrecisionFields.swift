/// Number formats of compute and communication. A name such as `bf16_mixed` stands for the whole section.
public final class MixedPrecisionFields: SectionFields {
  public static let fields = MixedPrecisionFields()
  public static let schema = SectionSchema(
    "mixed_precision", of: fields, nullable: true,
    """
    Number formats of compute and communication. A name such as `bf16_mixed` stands for the whole section; `null` \
    leaves the formats of `model`, `optimizer` and `ddp` as they are.
    """)

  public let fp32 = Field<Bool>("fp32", default: false, "Everything in fp32.")
  public let fp16 = Field<Bool>("fp16", default: false, "Weights and activations in fp16.")
  public let bf16 = Field<Bool>("bf16", default: false, "Weights and activations in bf16.")
  public let paramsDtype = Field<DataType?>("params_dtype", default: nil, "Format of weights.")
  public let pipelineDtype = Field<DataType?>("pipeline_dtype", default: nil, "Format between pipeline stages.")
  public let autocastDtype = Field<DataType?>("autocast_dtype", default: nil, "Format inside autocast.")
  public let autocastEnabled = Field<Bool>("autocast_enabled", default: false, "Uses PyTorch's autocast.")
  public let gradReduceInFP32 = Field<Bool>("grad_reduce_in_fp32", default: true, "Reduces gradients in fp32.")
  public let fp8 = Field<String?>("fp8", default: nil, "`e4m3` or `hybrid`; `null` for none.")
  public let fp8Recipe = Field<String>("fp8_recipe", default: "tensorwise", "How fp8 scales are chosen.")
  public let fp8Param = Field<Bool?>("fp8_param", default: nil, "Keeps weights in fp8.")
  public let fp8ParamGather = Field<Bool>("fp8_param_gather", default: false, "Gathers weights in fp8.")
  public let reuseGradBufForMXFP8 = Field<Bool>(
    "reuse_grad_buf_for_mxfp8_param_ag", default: false, "Gathers mxfp8 weights through the gradient buffer.")
  public let fp4 = Field<String?>("fp4", default: nil, "`e2m1`; `null` for none.")
  public let firstLastLayersBF16 = Field<Bool>(
    "first_last_layers_bf16", default: false, "Keeps the outer layers in bf16.")
  public let numLayersAtStartInBF16 = Field<Int>(
    "num_layers_at_start_in_bf16", default: 0, in: Bounds(lower: -1_048_576, upper: 1_048_576), "How many at the start."
  )
  public let numLayersAtEndInBF16 = Field<Int>(
    "num_layers_at_end_in_bf16", default: 0, in: Bounds(lower: -1_048_576, upper: 1_048_576), "How many at the end.")
}
