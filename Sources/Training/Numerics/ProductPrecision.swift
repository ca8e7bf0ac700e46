/// What matrix products multiply. They sum in fp32 always, and so is everything between products: softmax, norms, the router
/// and losses, as in Megatron.
package enum ProductPrecision: String, Sendable {
  case fp32
  /// Operands are rounded to bf16, to nearest, ties to even; subnormal ones are zero.
  case bf16
}
