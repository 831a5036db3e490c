//! .NET: `--->`, `--- End of inner exception stack trace ---`, aggregates, asynchronous frames.

use super::{Exception, Frame, Language, Link, Section, assemble, detect, line_number};

/// Reads a trace as `Exception.ToString` writes it.
pub(super) fn parse(text: &str) -> Option<Exception> {
    let mut reader = Reader::default();
    for line in text.lines() {
        reader.line(line);
    }
    assemble(Some(Language::CSharp), reader.sections, reader.suppressed)
}

/// Exceptions of one trace that are told apart.
const MOST: usize = 64;

#[derive(Default)]
struct Reader {
    sections: Vec<Section>,
    suppressed: Vec<Link>,
    /// How many inner traces have ended: frames now belong to the section that far from the innermost.
    ended: usize,
    started: bool,
    /// Whether a member of an aggregate is being read that is not its first.
    beside: bool,
}

impl Reader {
    fn line(&mut self, line: &str) {
        let text = line.trim();
        if is_end_of_inner(text) {
            self.ended += 1;
        } else if text.starts_with("--- ") && text.ends_with(" ---") || text.is_empty() {
            // `--- End of stack trace from previous location ---`, in any language.
        } else if let Some(rest) = text.strip_prefix("---> (Inner Exception #") {
            self.beside = true;
            let link = rest.split_once(") ").map(|(n, r)| (n != "0", head(r.trim_end_matches("<---"))));
            if let Some((is_other, link)) = link {
                self.aggregated(is_other, link);
            }
        } else if self.beside && is_frame(text) {
            // The frames of what stands beside the chain.
        } else if let Some(found) = frame(text).filter(|_| !self.sections.is_empty()) {
            self.started = true;
            let at = self.sections.len().saturating_sub(1 + self.ended);
            self.sections[at].frames.push(found);
        } else if let Some(found) = frame(text) {
            self.sections.push(Section { link: Link::default(), frames: vec![found] });
            self.started = true;
        } else {
            self.message(text);
        }
    }

    /// Members of an aggregate: the first is its cause already, the others stand beside the chain.
    fn aggregated(&mut self, is_other: bool, link: Link) {
        if self.suppressed.len() >= MOST {
            return;
        }
        let known = self.sections.iter().take(MOST).any(|s| s.link == link);
        if is_other && !known {
            self.suppressed.push(link);
        } else if !known && self.sections.len() < MOST {
            self.sections.push(Section::new(link));
        }
    }

    /// A head, with inner heads behind `--->` on the same line or at its start; or a further line of a message.
    fn message(&mut self, text: &str) {
        if let Some(inner) = text.strip_prefix("---> ") {
            self.heads(inner);
        } else if self.sections.is_empty() {
            self.heads(text);
        } else if !self.started {
            let mut parts = text.split(" ---> ");
            if let (Some(section), Some(first)) = (self.sections.last_mut(), parts.next()) {
                match detect::head_of(first) {
                    Some(link) if section.link.type_name.is_empty() => section.link = link,
                    _ => section.extend_message(first),
                }
            }
            parts.take(MOST).for_each(|p| {
                if self.sections.len() < MOST {
                    self.sections.push(Section::new(head(p)));
                }
            });
        }
    }

    fn heads(&mut self, text: &str) {
        for part in text.split(" ---> ") {
            if self.sections.len() < MOST {
                self.sections.push(Section::new(head(part)));
            }
        }
    }
}

fn head(text: &str) -> Link {
    let text = text.trim().trim_end_matches("<---").trim_end();
    detect::head_of(text)
        .or_else(|| detect::inside(text))
        .unwrap_or_else(|| Link { type_name: String::new(), message: text.to_owned() })
}

/// `--- End of inner exception stack trace ---`, in the languages that .NET Framework speaks.
fn is_end_of_inner(text: &str) -> bool {
    const SIGNS: [&str; 9] = [
        "--- End of inner",
        "--- Ende der internen",
        "--- Fin de la trace de la pile d'exception interne",
        "--- Fin del seguimiento de la pila de la excepción interna",
        "--- Fine della traccia dello stack dell'eccezione interna",
        "--- Fim do rastreamento de pilha de exceções internas",
        "--- Конец трассировки внутреннего стека",
        "--- 内部例外スタック トレースの終わり",
        "--- 内部异常堆栈跟踪的结尾",
    ];
    SIGNS.iter().any(|s| text.starts_with(s))
}

/// The words before a function and before its place, in the languages that .NET Framework speaks.
const WORDS: [(&str, &str); 8] = [
    ("at ", " in "),
    ("bei ", " in "),
    ("à ", " dans "),
    ("en ", " en "),
    ("in ", " in "),
    ("в ", " в "),
    ("場所 ", " 場所 "),
    ("在 ", " 位置 "),
];

/// A line that is a frame in one of the languages other than English.
pub(super) fn is_translated_frame(text: &str) -> bool {
    let text = text.trim_end();
    WORDS[1..].iter().any(|(at, place)| {
        text.strip_prefix(at).is_some_and(|rest| {
            let call = rest.split(place).next().unwrap_or(rest);
            let name = call.split('(').next().unwrap_or_default();
            name.contains('.') && !name.contains(' ') && call.ends_with(')')
        })
    })
}

fn is_frame(text: &str) -> bool {
    frame(text).is_some()
}

/// `at Shop.Pick.Worker.<RunAsync>d__5.MoveNext() in /src/Worker.cs:line 12`.
fn frame(text: &str) -> Option<Frame> {
    let text = text.trim_end_matches("<---");
    let (rest, before_place) =
        WORDS.iter().find_map(|(at, place)| text.strip_prefix(at).map(|rest| (rest, *place)))?;
    let (call, place) = match rest.rsplit_once(before_place) {
        Some((call, place)) if call.contains('(') => (call, Some(place)),
        _ => (rest, None),
    };
    let name = call[..call.find('(')?].trim();
    if name.is_empty() || name.contains(' ') && !name.contains('<') {
        return None;
    }
    let symbol = plain_symbol(name);
    let (file, line) = match place.and_then(|p| p.rsplit_once(':')) {
        Some((file, line)) => (Some(file), line_number(line.trim_matches(|c: char| !c.is_ascii_digit()))),
        None => (None, None),
    };
    Some(Frame {
        module: symbol.rsplit_once('.').map(|(class, _)| class.to_owned()),
        symbol,
        file: file.map(str::to_owned),
        line,
    })
}

/// The method that the compiler's names stand for: `A.B.<Run>d__5.MoveNext` is `A.B.Run`.
fn plain_symbol(name: &str) -> String {
    let name = name.strip_suffix(".MoveNext").unwrap_or(name);
    if let Some(class) = name.strip_suffix(".<Main>$") {
        return format!("{class}.Main");
    }
    let Some(open) = name.find(".<").filter(|_| {
        name.contains(">d") || name.contains(">b__") || name.contains(">g__") || name.contains("<>c")
    }) else {
        return name.to_owned();
    };
    let class = &name[..open];
    // The innermost `<Name>`: nested lambdas write `<<Run>b__0>d`.
    let mut method = "";
    for part in name[open..].split('<').skip(1) {
        let inner = part.split('>').next().unwrap_or_default();
        if !inner.is_empty()
            && part.contains('>')
            && inner.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_')
        {
            method = inner;
        }
    }
    if method.is_empty() { name.to_owned() } else { format!("{class}.{method}") }
}
