// Written by `moonlight-dev generate` from the doc comments of the rules. Do not edit.

let ruleReferenceTable: [(code: String, title: String, text: String)] = []
