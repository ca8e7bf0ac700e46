#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

enum Weight {
  static func exponential(_ value: Double) -> Double { exp(value) }
}
