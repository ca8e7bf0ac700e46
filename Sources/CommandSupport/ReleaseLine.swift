import Releases

/// The releases that configs can be for, as help texts name them: `Megatron-Bridge 0.6.2 (the default), 0.5.1 or 0.3.1`.
package let releaseLine: String = {
  let names = Release.all.reversed().map { $0 == .current ? "\($0.megatronBridge) (the default)" : $0.megatronBridge }
  return "Megatron-Bridge " + Array(names.dropLast()).joined(separator: ", ") + " or " + (names.last ?? "")
}()
