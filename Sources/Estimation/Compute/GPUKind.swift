/// A kind of GPU that `cluster.gpu_type` can name, with its data sheet's numbers; dense, one direction.
package enum GPUKind: String, CaseIterable, Sendable {
  case a100, h100, h200, b200, gb200, gb300

  /// The kind that a name as Slurm takes it means: `h100`, `NVIDIA-H200`, `nvidia_gb200`. `nil` for any other.
  package init?(name: String) {
    let words = name.lowercased().split { !$0.isLetter && !$0.isNumber }
    guard let kind = words.compactMap({ GPUKind(rawValue: String($0)) }).first else { return nil }
    self = kind
  }

  /// As people write it.
  package var name: String { rawValue.uppercased() }

  /// FLOP/s in bf16.
  package var peakFLOPs: Double {
    switch self {
    case .a100: 312e12
    case .h100, .h200: 989e12
    case .b200: 2250e12
    case .gb200, .gb300: 2500e12
    }
  }

  /// How many times faster products of fp8 or mxfp8 are; there are none on an A100.
  package var fp8Speedup: Double { self == .a100 ? 1 : 2 }

  /// Bytes a second of its own memory.
  package var memoryBandwidth: Double {
    switch self {
    case .a100: 2.039e12
    case .h100: 3.35e12
    case .h200: 4.8e12
    case .b200, .gb200, .gb300: 8e12
    }
  }

  /// Bytes a second over NVLink.
  package var nodeBandwidth: Double {
    switch self {
    case .a100: 300e9
    case .h100, .h200: 450e9
    case .b200, .gb200, .gb300: 900e9
    }
  }

  /// Bytes a second and GPU between nodes, as NVIDIA's own systems have it: HDR 200 Gbit/s in DGX A100, 400 from
  /// DGX H100 on, 800 in GB300 NVL72.
  package var networkBandwidth: Double {
    switch self {
    case .a100: 25e9
    case .h100, .h200, .b200, .gb200: 50e9
    case .gb300: 100e9
    }
  }

  /// Where the numbers are from.
  package var source: String { "NVIDIA's data sheets of \(name), read in November 2026" }
}
