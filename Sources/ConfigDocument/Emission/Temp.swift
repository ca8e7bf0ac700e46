package enum YAMLEmitter { package static func text(of v: ConfigValue) -> String { "" } }
package enum JSONEmitter { package static func compactText(of v: ConfigValue) -> String { "" } }
