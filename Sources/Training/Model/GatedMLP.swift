internal import CKernels

/// `down(silu(gate x) * up x)`: the dense layers' MLP and the shared experts.
///
/// Gate and up are one product; the mixture layers put the router's rows before them in the same product, which is why
/// the columns of gate and up have a place within `joined`.
struct GatedMLP {
  /// All joined rows: [router |] gate | up.
  let joined: Linear
  /// Columns of `joined` before the gate's.
  let gateColumn: Int
  let width: Int
  let down: Linear

  /// From `joinedOutput` [tokens, joined outputs at their distance] to `out` [tokens, hidden], which is written, through `activation`.
  func forwardDown(
    _ rows: Range<Int>, weights: GroupWeights, joinedOutput: Floats, activation: Floats, out: Floats
  ) {
    guard width > 0 else { return }
    let gate = joinedOutput + rows.lowerBound * joined.distance + gateColumn
    kernel_silu_gate(
      gate, gate + width, joined.distance, nil, activation + rows.lowerBound * width, width, rows.count, width)
    down.forward(rows, weights: weights, x: activation, ldx: width, y: out, ldy: down.outputs)
  }

  /// From `dout` [tokens, hidden]: gate and up in `joinedOutput` become their gradients, `activation` the forward
  /// activation again, which the gradient of `down` needs.
  func backwardDown(
    _ rows: Range<Int>, weights: GroupWeights, dout: Floats, joinedOutput: Floats, activation: Floats
  ) {
    guard width > 0 else { return }
    let kept = UpcomingMemory(rows, of: joinedOutput, width: joined.distance)
    down.backward(
      rows, weights: weights.fetching(kept), dy: dout, lddy: down.outputs, dx: activation, lddx: width)
    let gate = joinedOutput + rows.lowerBound * joined.distance + gateColumn
    let slice = activation + rows.lowerBound * width
    kernel_silu_gate_backward(
      slice, width, gate, gate + width, joined.distance, nil, nil, slice, width, rows.count, width)
  }

  /// What the weights' gradients are made of, after `backwardDown` of all rows.
  func products(dout: Floats, djoined: Floats, activation: Floats, normed: Floats) -> [WeightProduct] {
    let first = WeightProduct(linear: joined, dy: djoined, lddy: joined.distance, x: normed, ldx: joined.inputs)
    guard width > 0 else { return [first] }
    return [first, WeightProduct(linear: down, dy: dout, lddy: down.outputs, x: activation, ldx: width)]
  }
}
