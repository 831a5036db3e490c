//! What outlines say of small files; and any bytes as source.

use super::*;
use crate::index::Index;
use proptest::prelude::*;

fn names(outline: &Outline) -> Vec<String> {
    (0..outline.symbols.len()).map(|n| outline.symbol_name(Some(n as u32))).collect()
}

#[test]
fn symbols_are_named_as_a_reader_names_them() {
    let of = |language, path, text| names(&outline(language, path, text));
    assert_eq!(
        of(Language::Java, "A.java", "class A { A() {} void m(int a) {} enum E { X } }"),
        ["A", "A.A", "A.m", "A.E"]
    );
    assert_eq!(of(Language::Kotlin, "A.kt", "class A { fun m() {} }\nfun free() {}"), ["A", "A.m", "free"]);
    assert_eq!(
        of(Language::CSharp, "A.cs", "namespace N; class A { void M() { void L() {} } }"),
        ["A", "A.M", "A.M.L"]
    );
    assert_eq!(
        of(
            Language::JavaScript,
            "a.ts",
            "export const h = async () => {};\nclass C { m() {} p = () => {}; }\nrun({ each: () => {} });"
        ),
        ["h", "C", "C.m", "C.p", "each"]
    );
    assert_eq!(
        of(Language::Python, "a.py", "class A:\n  def m(self): pass\nasync def f(): pass\n"),
        ["A", "A.m", "f"]
    );
    assert_eq!(
        of(Language::Go, "a.go", "package a\ntype R struct{}\nfunc (r *R) M() {}\nfunc F() {}\n"),
        ["R", "R.M", "F"]
    );
    assert_eq!(
        of(Language::Rust, "a.rs", "struct A; impl A { fn m() {} } mod x { fn f() {} }"),
        ["A", "A", "A::m", "x", "x::f"]
    );
    assert_eq!(
        of(
            Language::Ruby,
            "a.rb",
            "module Shop\n  class Picker < Base\n    def pick!(order) = 1\n    def self.run; end\n  end\nend\ndef free; end\n"
        ),
        ["Shop", "Shop.Picker", "Shop.Picker.pick", "Shop.Picker.run", "free"]
    );
    assert_eq!(
        of(
            Language::Php,
            "a.php",
            "<?php\nnamespace App;\nfinal class A extends B { public function __construct(private X $x) {} function m() {} }\nenum E: string { case X = 'x'; }\nfunction free() {}\n"
        ),
        ["A", "A.__construct", "A.m", "E", "free"]
    );
}

/// Types and whether each catch of a file is swallowed.
fn catches(path: &str, text: &str) -> Vec<(String, bool)> {
    let language = of_path(path).unwrap();
    let index = Index::of_outlines(vec![(path.to_owned(), outline(language, path, text))]);
    index.files[0].outline.catches.iter().map(|c| (c.types.join("|"), c.is_swallowed())).collect()
}

#[test]
fn swallowed_exceptions_are_marked() {
    let java = "class A { void m() {
        try { a(); } catch (AException e) { }
        try { a(); } catch (BException | CException e) { log.warn(\"b\", e); }
        try { a(); } catch (DException e) { throw new X(e); }
        try { a(); } catch (EException e) { log.debug(\"d\", e); }
        try { a(); } catch (FException e) { future.completeExceptionally(e); }
    } }";
    let marks = [
        ("AException", true),
        ("BException|CException", false),
        ("DException", false),
        ("EException", true),
        ("FException", false),
    ];
    assert_eq!(catches("A.java", java), marks.map(|(t, s)| (t.to_owned(), s)));
    let python = "def f():\n  try:\n    a()\n  except ValueError:\n    pass\n  try:\n    a()\n  except (A, B) as e:\n    log.error('x %s', e)\n  try:\n    a()\n  except C:\n    raise\n";
    assert_eq!(
        catches("a.py", python),
        [("ValueError".into(), true), ("A|B".into(), false), ("C".into(), false)]
    );
    let ts = "try { a() } catch (e) {}\ntry { a() } catch (e) { console.error('x', e) }\ntry { a() } catch (e) { throw e }\n";
    assert_eq!(catches("a.ts", ts).iter().map(|c| c.1).collect::<Vec<_>>(), [true, false, false]);
    let cs = "class A { void M() { try { a(); } catch (X ex) { } try { a(); } catch { throw; } } }";
    assert_eq!(catches("A.cs", cs), [("X".into(), true), (String::new(), false)]);
    let kotlin =
        "fun f() { try { a() } catch (e: X) { } \n try { a() } catch (e: Y) { log.error(e) { \"y\" } } }";
    assert_eq!(catches("A.kt", kotlin), [("X".into(), true), ("Y".into(), false)]);
    let go = "package a\nfunc F() error {\n if err := g(); err != nil { return nil }\n if err := g(); err != nil { return err }\n return nil\n}\n";
    assert_eq!(catches("a.go", go), [("error".into(), true), ("error".into(), false)]);
    let ruby = "def f\n  a\nrescue AError, BError => e\n  logger.error \"x #{e.message}\"\nrescue CError\n  nil\nrescue DError => e\n  raise Other, \"y\"\nrescue EError\n  raise\nrescue FError => e\n  Sentry.capture_exception(e)\nrescue GError\n  retry\nend\nb = c rescue nil\n";
    let marks = [
        ("AError|BError", false),
        ("CError", true),
        ("DError", false),
        ("EError", false),
        ("FError", false),
        ("GError", false),
        ("", true),
    ];
    assert_eq!(catches("a.rb", ruby), marks.map(|(t, s)| (t.to_owned(), s)));
    let php = "<?php\nfunction f() {\n try { a(); } catch (AException | BException $e) { }\n try { a(); } catch (\\Throwable $e) { Log::error('x', ['e' => $e]); }\n try { a(); } catch (C $e) { throw new D('d', 0, $e); }\n try { a(); } catch (E $e) { report($e); }\n}\n";
    let marks = [("AException|BException", true), ("\\Throwable", false), ("C", false), ("E", false)];
    assert_eq!(catches("a.php", php), marks.map(|(t, s)| (t.to_owned(), s)));
    let rust =
        "fn f() { if let Err(e) = g() { }\n match g() { Ok(_) => {},\n Err(e) => error!(\"x {e}\") } }";
    assert_eq!(catches("a.rs", rust).iter().map(|c| c.1).collect::<Vec<_>>(), [true, false]);
}

#[test]
fn what_does_not_parse_is_said_and_the_rest_is_used() {
    let text = "class A {\n void a() { log.info(\"still here\"); }\n void b( { ??? \n void c() { log.info(\"and here\"); }\n}\n";
    let found = outline(Language::Java, "A.java", text);
    assert!(!found.unparsed.is_empty());
    assert!(found.calls.iter().any(|c| c.line == 2));
}

#[test]
fn deep_nests_do_not_overflow() {
    for (path, open, close) in [
        ("A.java", "class A { int a = ", ";}"),
        ("a.py", "a = ", ""),
        ("a.ts", "a = ", ""),
        ("a.go", "package a\nvar a = ", ""),
        ("a.rs", "const A: u8 = ", ";"),
        ("A.cs", "class A { int a = ", ";}"),
        ("A.kt", "val a = ", ""),
        ("a.rb", "a = ", ""),
        ("a.php", "<?php $a = ", ";"),
    ] {
        let language = of_path(path).unwrap();
        outline(language, path, &format!("{open}{}1{}{close}", "(".repeat(3000), ")".repeat(3000)));
        outline(language, path, &format!("{open}{}{close}", "f(".repeat(3000)));
        outline(language, path, &format!("{open}a{}{close}", ".b()".repeat(3000)));
        outline(language, path, &format!("{open}\"x\"{}{close}", " + \"y\"".repeat(3000)));
    }
}

/// Pieces of source of all languages, so that chance makes more than errors.
const PIECES: &[&str] = &[
    "class A {",
    "}",
    "fun f(",
    ")",
    "void m() {",
    "log.info(\"a {} %s\", x);",
    "throw new X(\"y\" + z)",
    "catch (E e) {",
    "try {",
    "def f(a):\n  ",
    "except X as e:",
    "raise X(f\"{a} b\")",
    "func (r *R) M() {",
    "if err != nil {",
    "fmt.Errorf(\"%w\", err)",
    "info!(a = %b, \"c {d}\")",
    "impl A {",
    "`t ${a} b`",
    "\"\"\"",
    "'",
    "\"",
    "\\",
    "$\"{a}\"",
    "@A(b = \"c\")",
    "[A(\"b\")]",
    "#[a(\"b\")]",
    "\n",
    " ",
    ".",
    ",",
    "(",
    "[",
    "{",
    "=>",
    "->",
    "+",
    "%",
    "${",
    "$",
    "r#\"",
    "é",
    "\u{0}",
    "//",
    "/*",
    "x",
    "1",
    "<?php ",
    "$this->",
    "#{a}",
    "<<~SQL\n",
    "SQL\n",
    "do |x|",
    "end",
    "rescue => e",
    "unless ",
    ":sym",
    "::",
    "<<<EOT\n",
    "EOT;\n",
    "fn($x) => ",
];

fn source() -> impl Strategy<Value = String> {
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..400).prop_map(|b| String::from_utf8_lossy(&b).into_owned()),
        proptest::collection::vec(proptest::sample::select(PIECES), 0..60).prop_map(|p| p.concat()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read(text in source()) {
        for path in ["A.java", "A.kt", "A.cs", "a.ts", "a.tsx", "a.js", "a.py", "a.go", "a.rs", "a.rb", "a.php"] {
            let language = of_path(path).unwrap();
            let found = outline(language, path, &text);
            let lines = text.split('\n').count() as u32;
            prop_assert!(found.symbols.iter().all(|s| s.line <= s.end_line && s.end_line <= lines + 1));
            let index = Index::of_outlines(vec![(path.to_owned(), found)]);
            let line = crate::Line { message: &text, ..crate::Line::default() };
            crate::matching::find(&index, &line);
        }
    }
}
