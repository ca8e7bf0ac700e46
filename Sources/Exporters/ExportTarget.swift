/// What a config can be handed over to.
package enum ExportTarget: Sendable {
  /// A ConfigContainer of Megatron-Bridge, as YAML.
  case megatronBridge
  /// Arguments of Megatron-LM's `pretrain_gpt.py`.
  case megatronLM
  /// A launch: Megatron-Bridge's config, the programs that run it, and what starts them.
  case launch(any Launcher)

  package static let all: [ExportTarget] = [.megatronBridge, .megatronLM] + Launchers.all.map { .launch($0) }

  /// As `moonlight export --to` takes it.
  package var name: String {
    switch self {
    case .megatronBridge: "megatron-bridge"
    case .megatronLM: "megatron-lm"
    case .launch(let launcher): launcher.name
    }
  }
}
