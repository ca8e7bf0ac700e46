internal import CKernels

/// Softmax attention of one head over one stretch of tokens, in blocks that stay in the cache (attention.c): the scores are
/// never a whole matrix, and of the softmax only the logarithms of its sums are kept.
///
/// Queries are `[nope | rope]` a head; keys `[nope]` a head, beside them the rope part that all heads share; every
/// operand is read where the projections left it.
struct CausalAttention {
  private let shape: attention_head

  /// One head's operands, or their gradients; each points at its first token, with the distance between tokens.
  struct Head {
    var queries: Floats
    var queryStride: Int
    var keys: Floats
    var values: Floats
    var keyValueStride: Int
    var sharedKeys: Floats
    var sharedKeyStride: Int
  }

  /// What comes out: `[length, v at distance stride]`, and of each token the logarithm of its scores' sum.
  struct Output {
    var values: Floats
    var stride: Int
    var logSums: Floats
  }

  init(shape: ModelShape) {
    self.shape = attention_head(
      nope: shape.qkNopeHeadDim, rope: shape.qkRopeHeadDim, value: shape.vHeadDim,
      scale: RotaryEmbedding.softmaxScale(shape))
  }

  var scale: Float { shape.scale }

  /// Floats of scratch memory that a thread needs for up to `length` tokens.
  func scratchCount(length: Int) -> Int { kernel_attention_scratch(shape, length) }

  func forward(_ head: Head, _ products: MatrixProduct, length: Int, scratch: Floats, output: Output) {
    kernel_attention(
      shape, products.forAttention, head.forKernel, length, output.values, output.stride, output.logSums, scratch)
  }

  /// Gradients, laid out as the operands they belong to; the shared keys' gradient is this head's contribution.
  ///
  /// - Parameters:
  ///   - output: as `forward` left it.
  ///   - doutput: the gradient of its values, at the same distance.
  func backward(
    _ head: Head, _ products: MatrixProduct, length: Int, scratch: Floats, output: Output, doutput: Floats,
    gradient: Head
  ) {
    kernel_attention_backward(
      shape, products.forAttention, head.forKernel, length, output.values, doutput, output.stride, output.logSums,
      gradient.gradientsForKernel, scratch)
  }
}

extension CausalAttention.Head {
  fileprivate var forKernel: attention_operands {
    attention_operands(
      queries: queries, query_stride: queryStride, keys: keys, values: values, key_value_stride: keyValueStride,
      shared_keys: sharedKeys, shared_key_stride: sharedKeyStride)
  }

  fileprivate var gradientsForKernel: attention_gradients {
    attention_gradients(
      queries: queries, query_stride: queryStride, keys: keys, values: values, key_value_stride: keyValueStride,
      shared_keys: sharedKeys, shared_key_stride: sharedKeyStride)
  }
}

extension MatrixProduct {
  fileprivate var forAttention: attention_products {
    precision == .bf16
      ? attention_products(rounds: 1, instructions: Self.bf16Instructions)
      : attention_products(rounds: 0, instructions: bf16_instructions_none)
  }
}
