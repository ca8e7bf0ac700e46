internal import CKernels

/// Conversions of whole arrays to and from bf16 bits, rounding to nearest, ties to even.
package enum BFloat16 {
  package static func rounded(_ values: [Float]) -> [UInt16] {
    [UInt16](unsafeUninitializedCapacity: values.count) { buffer, count in
      values.withUnsafeBufferPointer { source in
        if let source = source.baseAddress, let target = buffer.baseAddress {
          kernel_to_bf16(source, target, values.count)
        }
      }
      count = values.count
    }
  }

  package static func widened(_ values: [UInt16]) -> [Float] {
    [Float](unsafeUninitializedCapacity: values.count) { buffer, count in
      values.withUnsafeBufferPointer { source in
        if let source = source.baseAddress, let target = buffer.baseAddress {
          kernel_from_bf16(source, target, values.count)
        }
      }
      count = values.count
    }
  }
}
