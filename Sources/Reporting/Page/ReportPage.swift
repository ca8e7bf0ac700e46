/// A page to look at in a browser: one file that loads nothing, light or dark as the reader's system is.
package struct ReportPage: Sendable {
  package let title: String
  private var parts: [Part] = []

  private struct Part: Sendable {
    let id: String
    let title: String
    let content: String
  }

  package init(title: String) { self.title = title }

  package mutating func add(_ config: ConfigSection) { add(config.name, config.html) }

  package mutating func add(_ runs: RunsSection) { add(runs.title, runs.html) }

  private mutating func add(_ title: String, _ content: String) {
    parts.append(Part(id: "part-\(parts.count + 1)", title: title, content: content))
  }

  package var html: String {
    let links = parts.map { "<a href=\"#\($0.id)\">\(HTML.text($0.title))</a>" }.joined(separator: "\n")
    let sections = parts.map { part in
      HTML.element("section", id: part.id, HTML.element("h2", HTML.text(part.title)) + "\n" + part.content)
    }
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>\(HTML.text(title))</title>
      <style>
      \(Self.style)
      </style>
      </head>
      <body>
      <header><h1>\(HTML.text(title))</h1><nav>\(parts.count > 1 ? links : "")</nav></header>
      <main>
      \(sections.joined(separator: "\n"))
      </main>
      </body>
      </html>

      """
  }

  private static let style = """
    :root { color-scheme: light dark; --ink: #1f2933; --faint: #616e7c; --ground: #ffffff; --card: #f2f4f7; --rule: #cbd2d9;
      --error: #b42318; --warning: #9a5b00; --note: #1f5fa8; }
    @media (prefers-color-scheme: dark) { :root { --ink: #e4e7eb; --faint: #9aa5b1; --ground: #12171d; --card: #1c232b;
      --rule: #3e4c59; --error: #ff8a80; --warning: #ffc46b; --note: #8ec5ff; } }
    * { box-sizing: border-box; }
    body { margin: 0; color: var(--ink); background: var(--ground); font: 15px/1.5 system-ui, sans-serif; }
    header, main { max-width: 1200px; margin: 0 auto; padding: 0 16px; }
    nav a { margin-right: 16px; }
    a { color: var(--note); }
    h1, h2, nav { overflow-wrap: anywhere; }
    h1 { font-size: 24px; } h2 { font-size: 20px; border-top: 1px solid var(--rule); padding-top: 16px; }
    h3 { font-size: 16px; margin: 24px 0 8px; }
    .wide, .picture, .source { overflow-x: auto; }
    .picture { background: #ffffff; border: 1px solid var(--rule); border-radius: 6px; padding: 8px; margin: 8px 0; }
    .picture svg { display: block; width: 100%; height: auto; }
    table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
    th, td { text-align: left; padding: 3px 12px 3px 0; border-bottom: 1px solid var(--rule); vertical-align: top; }
    th { color: var(--faint); font-weight: 600; }
    table.numbers th, table.numbers td { text-align: right; padding: 3px 0 3px 16px; }
    dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 2px 16px; margin: 8px 0; }
    @media (max-width: 700px) { dl { grid-template-columns: minmax(0, 1fr); } dd { margin-bottom: 6px; } }
    dt { color: var(--faint); } dd { margin: 0; overflow-wrap: anywhere; }
    code, .source { font: 13px/1.5 ui-monospace, monospace; }
    .source { background: var(--card); border-radius: 6px; padding: 8px 0; }
    .line { white-space: pre; padding: 0 12px 0 0; }
    .number { display: inline-block; width: 5ch; margin-right: 1.5ch; text-align: right; color: var(--faint); user-select: none; }
    .finding { white-space: normal; margin: 2px 12px 6px 6.5ch; padding: 2px 10px; border-left: 3px solid; background: var(--ground);
      font-family: system-ui, sans-serif; max-width: 110ch; }
    .error { border-color: var(--error); } .warning { border-color: var(--warning); } .note { border-color: var(--note); }
    .error b { color: var(--error); } .warning b { color: var(--warning); } .note b { color: var(--note); }
    .marked { background: color-mix(in srgb, var(--warning) 18%, transparent); }
    details { margin: 6px 0; } summary { cursor: pointer; }
    """
}
