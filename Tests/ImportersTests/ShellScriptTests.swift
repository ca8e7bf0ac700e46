import ConfigDocument
import Diagnostics
import LaunchModel
import Testing

@testable import Importers

@Suite("What a shell script says")
struct ShellScriptTests {
  /// The words of the last command.
  private func words(_ text: String) -> String {
    let script = ShellScript(SourceFile(name: "a.sh", text: text))
    #expect(script.unclosed == nil && !script.isTooLong, "\(text)")
    return script.commands.last.map { $0.map { $0.spelled(in: script.sources) }.joined(separator: " ") } ?? ""
  }

  /// `CODE line:column message` of an import.
  private func found(_ text: String) -> [String] {
    let config = ImportedConfig(DocumentReader.read(text: text, name: "run.sh"), for: .bridge062)
    return config.document.diagnostics.map { diagnostic in
      let start = diagnostic.location?.start
      return "\(diagnostic.code) \(start?.line ?? 0):\(start?.column ?? 0) \(diagnostic.message)"
    }
  }

  @Test(
    "Known conditions are decided, and of the others the last assignment counts",
    arguments: [
      ("if [ \"$(echo 8)\" -gt 4 ]; then N=1; else N=2; fi", "1"),
      ("if [[ a == b ]]; then N=1; elif [ -z \"\" ]; then N=2; else N=3; fi", "2"),
      ("N=7\nif [ \"$1\" = x ]; then N=8; fi", "8"),
      ("M=2\nN=1\n[ $M = 3 ] && N=7", "1"), ("N=1\n[[ 3 -gt 2 ]] && N=7 || N=8", "7"),
      ("N=1\n[[ 3 -gt 4 ]] && N=7 || N=8", "8"), ("N=1\n(( 2 > 3 )) && { N=5; N=6; }\n", "1"),
      ("N=1\n[ -z \"\" ] || { N=5; }; N+=2", "12"), ("FP8=false\nN=1\nif $FP8; then N=2; fi", "1"),
      ("FP8=true\nN=1\n$FP8 && N=2", "2"), ("N=1\n[ -d /x ] && N=2", "2"),
      ("N=1\nif [[ a_moe == *moe* ]]; then N=2; fi", "2"), ("N=1\nif [[ dense == *moe* ]]; then N=2; fi", "1"),
      ("N=1\nif [ 1 = 1 ] && [ 2 = 3 ]; then N=2; fi", "1"), ("N=1\nif [ 1 = 2 -o 2 = 2 ]; then N=2; fi", "2"),
      ("N=1\nif [[ 1 == 2 || ( 3 -lt 4 && -n x ) ]]; then N=2; fi", "2"), ("N=1\nif ! [ 1 = 1 ]; then N=2; fi", "1"),
      ("N=1\nif test -z \"x\"; then N=2; fi", "1"), ("N=1\nif [ 1 = 1 ] && [ 2 = 2 ]; then N=2; else N=3; fi", "2"),
      ("N=1\nif [ -f x ] && [ 2 = 3 ]; then N=2; fi", "1"),
      ("N=1\nif [ -f x ] || [ 2 = 2 ]; then N=2; else N=3; fi", "2"),
      ("S=7b\ncase $S in 7b|8b) N=1;; *) N=2;; esac", "1"),
      ("S=70b\ncase \"$S\" in\n(7b) N=1 ;;\n70*) N=2 ;;\nesac", "2"),
      ("S=x\nN=0\ncase $S in\n  [a-c]) N=1 ;;\n  ?) N=2 ;;\nesac", "2"),
      ("N=4\ncase $1 in a) N=1;; b) N=2;; esac", "2"),
      ("A=(0)\ncase $1 in a) A+=(1);; *) A+=(2);; esac\nN=\"${A[@]}\"", "0 2"),
    ])
  func conditions(text: String, value: String) { #expect(words(text + "\nrun $N") == "run " + value) }

  @Test(
    "Loops over what is written out run",
    arguments: [
      (
        "for ((i=0; i<4; i++)); do\n  if ((i < 1)); then a+=(0); else a+=(1); fi\ndone\nN=\"[$(IFS=,; echo \"${a[*]}\")]\"",
        "[0,1,1,1]"
      ),
      ("for ((i=10; i>0; i-=4)); do N+=\"$i,\"; done", "10,6,2,"), ("N=1\nfor ((;;)); do N=2; done", "2"),
      ("for ((i = 0, j = 8; i < ${#A[@]} + 2; i++, j /= 2)); do N+=$j; done", "8N+=$j"),
      ("A=(a b)\nfor ((i = 0, j = 8; i < ${#A[@]}; i++, j /= 2)); do N+=\"$j \"; done", "8 4"),
      ("for x in a 'b c'; do N+=\"<$x>\"; done", "<a><b c>"),
      ("P=(0.3 /a 0.7 /b)\nfor x in \"${P[@]}\"; do N+=\"$x \"; done", "0.3 /a 0.7 /b"),
      ("for i in $(seq 0 2); do N+=\"$i,\"; done", "0,1,2,"), ("for i in `seq 1 2`; do N+=\"$i,\"; done", "1,2,"),
      ("for i in {0..2}; do N+=\"/d/part_$i \"; done", "/d/part_0 /d/part_1 /d/part_2"),
      ("for i in {08..10}; do N+=\"$i \"; done", "08 09 10"), ("for i in {6..1..-2} {a..c}; do N+=$i; done", "642abc"),
      (
        "L=E\nfor s in 1 2; do\n  for t in x y; do\n    [ $s$t = 1y ] && continue 2\n    L+=\"|$s$t\"\n  done\n  L+=!\ndone\nN=$L",
        "E|1x|2x|2y!"
      ),
      ("for i in 1 2 3 4; do\n  if [ $i -eq 3 ]; then break; fi\n  N+=$i\ndone", "12"),
      ("i=0\nwhile [ $i -lt 3 ]; do N+=$i; i=$((i+1)); done", "012"),
      ("i=3\nuntil ((i == 0)); do N+=$i; ((i--)); done", "321"),
      ("for i in 1 2; do N+=$i; done; for i in $LIST; do M=1; done; N+=$i", "12$i"),
      ("for d in $DATA/a $DATA/b; do N+=\"$d \"; done", "$DATA/a $DATA/b"),
      ("N=4\nwhile getopts \"n:\" o; do case $o in n) N=$OPTARG;; esac; done", "4"),
      (
        "N=4\nwhile [[ $# -gt 0 ]]; do\n  case \"$1\" in\n    --n) N=\"$2\"; shift 2 ;;\n    *) break ;;\n  esac\ndone",
        "4"
      ),
      ("N=4\nfor a in \"$@\"; do N=$a; done", "4"), ("while true; do N=1; break; done", "1"),
    ])
  func loops(text: String, value: String) {
    #expect(words(text + "\nrun $N").trimmingSuffix(" ") == "run " + value)
  }

  @Test(
    "Arithmetic is a shell's",
    arguments: [
      ("N=$((3 > 2 && !0))", "1"), ("N=25\n((N+=2))\nlet N=N*2", "54"), ("N=$((2**10 / 3 % 100))", "41"),
      ("W=8\nN=$(( W > 4 ? W * 2 : 1 ))", "16"), ("N=$(( (1 << 4) | 3 ))", "19"), ("N=$((0x10 + 010))", "24"),
      ("A=(4 6)\nN=$((A[1] * ${A[0]}))", "24"), ("N=$((${G:-8} * $(echo 2)))", "16"), ("N=$(expr 4 \\* 2)", "8"),
      ("N=$((G * 2))", "$((G * 2))"), ("N=$((9223372036854775807 + 1))", "$((9223372036854775807 + 1))"),
      ("N=$((1 / 0))", "$((1 / 0))"), ("S=1024\nN=$((S*4-1))", "4095"), ("N=$(( -2 + +3 ))", "1"),
    ])
  func arithmetic(text: String, value: String) { #expect(words(text + "\nrun $N") == "run " + value) }

  @Test(
    "Parameters are expanded with what is done to them",
    arguments: [
      ("A=(4 5 6)\nN=${#A[@]}${A[1]}${A[-1]}", "356"), (": \"${N:=4}\"", "4"), ("N=5\n: ${N:=4}", "5"),
      ("N=\n: ${N:=4}", "4"), ("N=\nN=x${N-4}", "x"), ("N=${1:-8}", "8"), ("N=${X:+y}z", "z"),
      ("X=1\nN=${X:+y}z", "yz"),
      ("A=(a b c d)\nN=\"${A[@]:1:2}\"", "b c"), ("S=abcdef\nN=${S:1:3}${S: -1}", "bcdf"), ("S=abc\nN=${#S}", "3"),
      ("P=/a/b/c.tar.gz\nN=\"${P##*/} ${P%/*} ${P%%.*} ${P#/a}\"", "c.tar.gz /a/b /a/b/c /b/c.tar.gz"),
      ("S=a-b-c\nN=\"${S/-/_} ${S//-/} ${S^^} ${S^}\"", "a_b-c abc A-B-C A-b-c"),
      (
        "S=aXbXc\nN=\"${S/X*/-} ${S//[X]/} ${S/#a/z} ${S/%c/z} ${S/%b/z} ${S/#X/z} ${S//?X/_}\"",
        "a- abc zXbXc aXbXz aXbXc aXbXc __c"
      ), ("S=ABC\nN=${S,,}", "abc"),
      ("A=(x y)\nN=\"${A[@]/#/--}\"", "--x --y"), ("K=V\nV=3\nN=${!K}", "3"), ("A=()\nN=0${A[@]+x}", "0"),
      ("A[0]=a\nA[2]=c\nN=${#A[@]}${A[2]}", "3c"), ("A=([1]=b [0]=a)\nN=${A[0]}${A[1]}", "ab"),
      ("i=1\nA=(a b)\nA[i]+=c\nN=${A[$i]}", "bc"),
      ("N=$(seq 3 1)x$(seq 5 -2 2)x$(seq 1 5 3)", "x5 3x1"), ("N=$(seq 0)", ""),
      ("N=$(seq -9223372036854775808)", "$(seq -9223372036854775808)"),
      ("N=$(seq 0 -1 -9223372036854775808)", "$(seq 0 -1 -9223372036854775808)"),
      ("N=$(seq 9223372036854775806 9223372036854775807)", "9223372036854775806 9223372036854775807"),
      ("A=(1)\nN=${A[-9223372036854775808]}${A[@]:-9223372036854775808}", "${A[-9223372036854775808]}1"),
      ("N=\"$(seq 2 2 6)\"", "2 4 6"), ("printf -v N \"[%s]\" \"$(IFS=', '; echo 0 1)\"", "[0 1]"),
      ("N=$(printf '%s,' 1 2 3)", "1,2,3,"), ("N=$(printf '%03d' 7)", "007"), ("N=$(basename /a/b.sh .sh)", "b"),
      ("N=${X:-\"['a','b']\"}", "['a','b']"), ("N=\"${X:-'a'}\"", "'a'"), ("N=${X:-'a b'}", "a b"),
      ("N=$'a\\tb'", "a\tb"), ("N=1\nunset N\nM=0$N", "$N"), ("A=(a b c)\nunset 'A[-1]'\nN=\"${A[*]}\"", "a b"),
      ("N=$(hostname)", "$(hostname)"),
      ("IFS=, read -r A B <<< \"1,2\"\nN=$A$B", "12"),
      ("IFS=',' read -ra A <<< 'x,y'\nN=\"${A[*]}\"", "x y"),
      ("mapfile -t A <<EOF\na b\nc\nEOF\nN=\"${#A[@]} ${A[0]}\"", "2 a b"),
      ("N=$(cat <<'EOF'\n$A (1) \\\nEOF\n)", "$A (1) \\"), ("read -r -d '' N <<-EOF\n\tx $((1+1))\n\tEOF", "x 2"),
    ] as [(String, String)])
  func parameters(text: String, value: String) {
    #expect(words(text + "\nrun \"$N\"").trimmingSuffix("\n") == "run " + value)
  }

  @Test(
    "Tables by name",
    arguments: [
      ("declare -A L=([7b]=32 [13b]=\"40 x\")\nS=13b\nN=${L[$S]}", "40 x"),
      ("declare -A L\nL[7b]=32\nL[\"8b\"]=36\nL[8b]+=0\nN=\"${L[7b]} ${L['8b']} ${#L[@]} ${!L[@]}\"", "32 360 2 7b 8b"),
      ("declare -A L=([a]=1 [b]=2)\nfor k in \"${!L[@]}\"; do N+=\"$k=${L[$k]} \"; done", "a=1 b=2 "),
      ("declare -A L=([a]=1)\nN=${L[b]:-9}", "9"), ("declare -A L=([a]=1)\nN=${L[$X]}", "${L[$X]}"),
      ("declare -A L=(a 1 b 2)\nN=${L[b]}", "2"),
      ("declare -A L=([a_x]=5)\nS=a\nN=$((L_ + ${L[${S}_x]}))", "$((L_ + ${L[${S}_x]}))"),
      ("declare -A L=([a_x]=5)\nS=a\nN=$((2 * ${L[${S}_x]}))", "10"),
    ])
  func tables(text: String, value: String) { #expect(words(text + "\nrun \"$N\"") == "run " + value) }

  @Test(
    "Functions run where they are called",
    arguments: [
      ("N=4\nf() {\n  N=3\n}\nrun $N", "run 4"), ("N=4\nf() {\n  N=3\n}\nf\nrun $N", "run 3"),
      ("N=4\nf() { local N=$1 M; M=2; run $N; }\nf 8\nrun $N$M", "run 4$M"),
      ("function f { run $# \"$@\" $2; }\nf a 'b c'", "run 2 a b c b c"),
      (
        "f() { while [ $# -gt 0 ]; do case $1 in -n) N=$2; shift 2;; *) M=$1; shift;; esac; done; }\nf x -n 3\nrun $M$N",
        "run x3"
      ),
      ("f() { if [ \"$1\" = a ]; then return; fi; N=2; }\nN=1\nf a\nrun $N", "run 1"),
      ("f() { echo $(($1 * 2)); }\nN=$(f 4)\nrun $N", "run 8"),
      ("log() { echo \"[x] $*\"; }\nlog hello\nrun 1", "run 1"),
      ("go() { \"$@\" --last; }\ngo run --first", "run --first --last"),
      ("f() { f; }\nf\nrun 1", "run 1"), ("set -- a b\nrun $2 $#", "run b 2"),
    ])
  func functions(text: String, command: String) { #expect(words(text) == command) }

  @Test(
    "Texts that scripts write or hand to a shell are commands",
    arguments: [
      "sbatch <<EOF\n#!/bin/bash\npython pretrain_gpt.py --num-layers $N\nEOF\n",
      "cat > job.sh <<EOF\npython pretrain_gpt.py --num-layers $N\nEOF\nsbatch job.sh\n",
      "cat <<'EOF' > job.sh\npython pretrain_gpt.py --num-layers $1\nEOF\nbash job.sh 4\n",
      "ssh node <<-EOF\n\tpython pretrain_gpt.py --num-layers $N\n\tEOF\n",
      "CMD=$(cat <<EOF\npython pretrain_gpt.py\n --num-layers $N\nEOF\n)\neval $CMD\n",
      "cat > envs.sh <<EOF\nexport L=$N\nEOF\nsource envs.sh\npython pretrain_gpt.py --num-layers $L\n",
      "train() {\n  python pretrain_gpt.py --num-layers $N\n}\n\"$1\"\n",
      "usage() {\n  cat <<EOF\nusage: a (b\nEOF\n}\npython pretrain_gpt.py --num-layers $N",
    ])
  func documents(text: String) {
    let config = ImportedConfig(DocumentReader.read(text: "N=4\n" + text, name: "run.sh"), for: .bridge062)
    #expect(config.document.root?["model"]?["num_layers"]?.plainValue == 4)
    #expect(config.document.diagnostics.map(\.message) == [])
  }

  @Test("Words with brackets are several words")
  func braces() {
    #expect(
      words("run a{1..3}b {x,y}{1,2} '{1,2}' \"{a,b}\" {a} ${N:-{1,2}} /d/{a,b{1,2}} {,x}z")
        == "run a1b a2b a3b x1 x2 y1 y2 {1,2} {a,b} {a} {1,2} /d/a /d/b1 /d/b2 z xz")
    #expect(
      words("P=/d\nN={1,2}\nrun $P/{a,\"b c\"}$N")
        == "run $P/{a,\"b c\"}{1,2}".replacing("$P", with: "/d").replacing("\"", with: ""))
  }

  @Test(
    "What running decides is told where it stands",
    arguments: [
      (
        "for x in $LIST; do\n  A+=(--lr 1)\ndone\npython pretrain_gpt.py ${A[@]}",
        ["ARGS-03 2:3 only a running shell knows what `A+=(--lr 1)` is; it is left out"]
      ),
      (
        "N=4\nwhile getopts n: o; do N=$OPTARG; done\npython pretrain_gpt.py --num-layers $N",
        ["ARGS-03 2:1 this loop reads what the script itself is given, which is taken to be nothing"]
      ),
      (
        "case $SIZE in a) N=1;; b) N=2;; esac\npython pretrain_gpt.py --num-layers $N",
        [
          "ARGS-03 1:6 only a running shell knows what `$SIZE` is, which chooses between branches; the last one's values "
            + "count"
        ]
      ),
      (
        "N=1\nif [ \"$2\" = x ]; then N=2; fi\npython pretrain_gpt.py --num-layers $N",
        [
          "ARGS-03 2:7 only a running shell knows what `$2` is, which chooses between branches; the last one's values count"
        ]
      ),
      (
        "for LR in 1 2; do\n  python pretrain_gpt.py --lr $LR\ndone",
        [
          "ARGS-05 2:10 this call runs with 2 different lists of arguments; the longest one is read, and of such the first"
        ]
      ),
      (
        "while [ 1 = 1 ]; do x=1; done\npython pretrain_gpt.py --lr 1",
        ["ARGS-05 1:1 this loop goes round more than 1000 times"]
      ),
      (
        "for i in {1..999}; do \(String(repeating: "x=1; ", count: 25))done\npython pretrain_gpt.py --lr 1",
        ["ARGS-05 1:143 the script runs more than 20000 commands"]
      ),
      (
        "while [ 1 = 1 ]; do # \(String(repeating: "n", count: 9000))\nx=1; done\npython pretrain_gpt.py --lr 1",
        ["ARGS-05 2:10 the script's loops and variables expand to too much text"]
      ),
      (
        "f() { # \(String(repeating: "n", count: 9000))\nx=1; }\nfor i in {1..999}; do f; done\npython pretrain_gpt.py",
        ["ARGS-05 3:24 the script's loops and variables expand to too much text"]
      ),
      (
        "declare -A L=([a]=1)\npython pretrain_gpt.py --num-layers ${L[$S]}",
        ["ARGS-03 2:37 only a running shell knows what `${L[$S]}` is; it is left out"]
      ),
    ])
  func open(text: String, expected: [String]) { #expect(found(text) == expected) }

  @Test(
    "A loop that is not closed does not run, and one that begins again and again ends", .timeLimit(.minutes(1)),
    arguments: [
      "for ((i=0; i<1099511627776; i++)); do\n  A+=(x)\nif ((i<1)); then\npython pretrain_gpt.py --lr 1\n",
      "for ((i=0; i<3; i++)); do if ((i < 1))i=0; then a+=(0); fi; done\n",
      "while ((1)); do for x in {1..900}; do while ((1)); do x+=1; done; done; done\n",
      "A={1..999}\nrun {1..999}{1..999}{1..999}", "for i in {1..999}; do unset A; A[4000]=x; done",
      "for i in {1..999}; do X=$(seq 4000); done",
      "X=\(String(repeating: "ab", count: 4000))\nfor i in {1..999}; do Y=${X//*a*b*c/x}; [[ $X == *a*a*a*a*c ]]; Z=${X%%c*}; done",
      String(repeating: "for ((i=0; i<999; i++)); do ", count: 40) + String(repeating: "if ((", count: 40),
    ])
  func endless(text: String) {
    let script = ShellScript(SourceFile(name: "a.sh", text: text))
    #expect(script.commandCount <= ShellScript.commandLimit + 1)
  }

  @Test("A text that doubles itself ends", .timeLimit(.minutes(1)))
  func bounded() {
    let text = "A=xxxxxxxx\n" + String(repeating: "A=$A$A\n", count: 64) + "python pretrain_gpt.py --lr $A\n"
    #expect(found(text).contains { $0.hasPrefix("ARGS-05") })
  }

  @Test("A loop builds a run's options, each with its place")
  func built() {
    let text = """
      declare -A LAYERS=([small]=4 [large]=27)
      SIZE=large
      ARGS=(--num-layers ${LAYERS[$SIZE]})
      PATHS=""
      for i in {0..1}; do
        PATHS+="$((i + 1)) /data/part_${i} "
      done
      LAYOUT="E"
      for ((i = 0; i < 3; i++)); do LAYOUT+="|(tt)"; done
      ARGS+=(--data-path $PATHS --pipeline-model-parallel-layout "${LAYOUT}|L")
      python pretrain_gpt.py "${ARGS[@]}"
      """
    let config = ImportedConfig(DocumentReader.read(text: text, name: "run.sh"), for: .bridge062)
    let root = config.document.root
    #expect(config.document.diagnostics.map(\.message) == [])
    #expect(root?["model"]?["num_layers"]?.plainValue == 27)
    #expect(
      root?["dataset"]?["data_paths"]?.plainValue == [
        ["path": "/data/part_0", "weight": 1.0], ["path": "/data/part_1", "weight": 2.0],
      ])
    #expect(root?["parallelism"]?["pipeline_model_parallel_layout"]?.plainValue == "E|(tt)|(tt)|(tt)|L")
    #expect(
      config.comments[["parallelism", "pipeline_model_parallel_layout"]] == "--pipeline-model-parallel-layout, line 10")
  }
}

extension String {
  fileprivate func trimmingSuffix(_ suffix: Character) -> String {
    var text = Substring(self)
    while text.last == suffix { text.removeLast() }
    return String(text)
  }
}
