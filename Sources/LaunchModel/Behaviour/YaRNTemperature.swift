#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What YaRN multiplies attention with so that longer contexts are as sharp as short ones.
///
/// Source: megatron-core 0.16.1 `models/common/embeddings/yarn_rotary_pos_embedding.py`, `_yarn_get_mscale`.
package enum YaRNTemperature {
  /// 0.1 `mscale` ln `factor` + 1, and 1 where nothing is stretched.
  package static func of(factor: Double, mscale: Double) -> Double {
    factor <= 1 ? 1 : 0.1 * mscale * log(factor) + 1
  }
}
