/// Number formats of compute and communication. A name such as `bf16_mixed` stands for the whole section.
public struct MixedPrecisionFields: SectionFields {
  public static let fields = MixedPrecisionFields()
  public static let schema = SectionSchema(
    "mixed_precision", fields.declarations, nullable: true,
    """
    Number formats of compute and communication. A name such as `bf16_mixed` stands for the whole section; `null` \
    leaves the formats of `model`, `optimizer` and `ddp` as they are.
    """)
  let declarations: [FieldDeclaration]

  public let fp32: Field<Bool>
  public let fp16: Field<Bool>
  public let bf16: Field<Bool>
  public let paramsDtype: Field<DataType?>
  public let pipelineDtype: Field<DataType?>
  public let autocastDtype: Field<DataType?>
  public let autocastEnabled: Field<Bool>
  public let gradReduceInFP32: Field<Bool>
  public let fp8: Field<String?>
  public let fp8Recipe: Field<String>
  public let fp8Param: Field<Bool?>
  public let fp8ParamGather: Field<Bool>
  public let reuseGradBufForMXFP8: Field<Bool>
  public let fp4: Field<String?>
  public let firstLastLayersBF16: Field<Bool>
  public let numLayersAtStartInBF16: Field<Int>
  public let numLayersAtEndInBF16: Field<Int>

  private init() {
    var list = FieldList()
    fp32 = list.add("fp32", default: false, "Everything in fp32.")
    fp16 = list.add("fp16", default: false, "Weights and activations in fp16.")
    bf16 = list.add("bf16", default: false, "Weights and activations in bf16.")
    paramsDtype = list.add("params_dtype", default: nil, "Format of weights.")
    pipelineDtype = list.add("pipeline_dtype", default: nil, "Format between pipeline stages.")
    autocastDtype = list.add("autocast_dtype", default: nil, "Format inside autocast.")
    autocastEnabled = list.add("autocast_enabled", default: false, "Uses PyTorch's autocast.")
    gradReduceInFP32 = list.add("grad_reduce_in_fp32", default: true, "Reduces gradients in fp32.")
    fp8 = list.add("fp8", default: nil, "`e4m3` or `hybrid`; `null` for none.")
    fp8Recipe = list.add("fp8_recipe", default: "tensorwise", "How fp8 scales are chosen.")
    fp8Param = list.add("fp8_param", default: nil, "Keeps weights in fp8.")
    fp8ParamGather = list.add("fp8_param_gather", default: false, "Gathers weights in fp8.")
    reuseGradBufForMXFP8 = list.add(
      "reuse_grad_buf_for_mxfp8_param_ag", default: false, "Gathers mxfp8 weights through the gradient buffer.")
    fp4 = list.add("fp4", default: nil, "`e2m1`; `null` for none.")
    firstLastLayersBF16 = list.add("first_last_layers_bf16", default: false, "Keeps the outer layers in bf16.")
    numLayersAtStartInBF16 = list.add(
      "num_layers_at_start_in_bf16", default: 0, in: Bounds(lower: -1_048_576, upper: 1_048_576),
      "How many at the start."
    )
    numLayersAtEndInBF16 = list.add(
      "num_layers_at_end_in_bf16", default: 0, in: Bounds(lower: -1_048_576, upper: 1_048_576), "How many at the end.")
    declarations = list.declarations
  }
}
