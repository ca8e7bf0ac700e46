/// What this target refuses to allocate, far above anything that runs on a cluster.
package enum TopologyLimits {
  /// Pipeline stages times virtual stages.
  package static let stages = 4_096
  /// Elements (layers, embedding, loss, mtp) of a layout, and layers of a model.
  package static let elements = 100_000
  /// Unicode scalars of a layout string, also after its groups are unrolled.
  package static let scalars = 1_000_000
}

/// The product, or `nil` where it overflows.
func checkedProduct(_ factors: Int...) -> Int? {
  var product = 1
  for factor in factors {
    let (next, overflow) = product.multipliedReportingOverflow(by: factor)
    if overflow { return nil }
    product = next
  }
  return product
}
