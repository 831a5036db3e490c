//! Words of messages: the weakest evidence, asked last.

use regex::Regex;
use regex::bytes::{RegexSet, RegexSetBuilder};
use std::borrow::Cow;
use std::sync::LazyLock;
use waylaid_model::Kind;

/// Patterns in the order of their weight.
const PATTERNS: &[(&str, Kind)] = &[
    (r"\bnot (yet )?implemented\b", Kind::HandlerException),
    (r"\bdead ?lock", Kind::LockContention),
    (
        r"\block (wait )?(timeout|timed out|contention)|(could not|unable to|failed to) (acquire|obtain|get) (a |the )?lock|timed out waiting for (a |the )?lock",
        Kind::LockContention,
    ),
    (
        r"(could not|unable to|cannot|failed to) (obtain|get|acquire|borrow|check ?out) (a |an )?([a-z]+ )?connection\b.{0,30}\bpool\b|\bpool\b.{0,60}\b(exhausted|timed out|empty|full)|\bpool timeout\b|resourcerequest timed out|timed out waiting for (a )?connection$|memory allocation of \d+ bytes failed|the table '.{1,120}' is full|out of memory|\bqueue (is )?full|too many (open files|connections|requests in flight)|no space left|disk (is )?full|\bquota exceeded|\bpool\b.{0,20}\bacquire|\bacquir\w+ .{0,40}\bpool\b|\bin use \d+ of \d+|thread pool (is )?(full|exhausted)|max(imum)? connections reached",
        Kind::ResourceExhausted,
    ),
    (
        r"\b(unsupported|unknown|unexpected|incompatible) (schema|event|message|payload)? ?version|schema (mismatch|incompatib|not compatible)|schema version .{0,40}\b(mismatch|unsupported|unknown|incompatible|expected|not)\b|incompatible schema|unrecogni[sz]ed field|unknown (field|property)|missing (required )?(field|property|attribute)\b|must have required (field|property)|is a required (field|property)|required (field|property) .{0,60}(missing|absent|not present)|field .{0,40} (is )?required",
        Kind::SchemaMismatch,
    ),
    (
        r"(deseriali[sz]|unmarshal|decod|pars)(e|ing|ed|ation)?\b.{0,80}(fail|error|invalid|unexpected|malformed|could not|cannot)|(could not|cannot|can't|unable to|failed to|fail to) (deseriali[sz]e|unmarshal|decode|parse|read (the )?(payload|json|message))|malformed (json|message|payload|record)|invalid json|poison (pill|message|record)|json value could not be converted|unexpected end[- ]of[- ](input|json|file)\b|unexpected (character|token) .{1,20}(in json|\(code|at position)|unrecognized token|cannot be (deseriali[sz]ed|decoded|parsed)|invalid type: .{1,80}\bexpected\b",
        Kind::DeserializationError,
    ),
    (
        r"circuit ?breaker.{0,30}\bopen|\b(connect|connection|read|request|call|response)\b.{0,40}\b(timed out|timeout|refused|reset)|\btimed? ?out\b.{0,60}\b(calling|connecting|waiting for (a )?(response|reply|answer))|\bservice\b.{0,30}\b(unavailable|unreachable|down)|\bupstream\b.{0,40}\b(fail|error|unavailable)|\b(status|http)\b.{0,14}\b5\d\d\b|\b(429|50[234])\b.{0,20}(maintenance|unavailable|overload|busy|too many|gateway)|under maintenance|\b(answered|returned|responded|replied|got|status|code)\b.{0,14}\b(401|403|408|425|429)($|[^ \w]| (for|from|on|at|to|with|by|after|and|in|un|too)\b| (unauthori|forbidden|request|too many))|cert(ificate)?[ _](has[ _])?expired|certificate verify failed|unable to get local issuer|pkix path (building|validation)|too many requests|rate limit(ed)?\b|bad gateway|gateway time-?out|client\.timeout|deadline exceeded|\bconnection (was )?(lost|aborted|closed by|dropped)|\btook \d+ ?m?s\b|answered late|\bslow (response|reply|answer)",
        Kind::DependencyError,
    ),
    (
        r"could not resolve (placeholder|host)|unknown host|(missing|invalid|no|bad|wrong) (required )?(configuration|config|property|setting|environment variable|env var|credentials|api key|feature flag)|(configuration|property|setting|environment variable) .{0,60}(is )?(missing|not set|invalid|required|undefined)|not authori[sz]ed to access|authentication failed|access (is )?denied|unknown topic|topic .{0,80}not (present|exist|found)|invalid url|\bno .{1,60} (is )?configured\b|\bnot configured\b|\brequired (key|property|setting|option|config\w*|variable) .{0,80}not (found|set|present|defined)",
        Kind::ConfigError,
    ),
    (
        r"(arrived|received|came|processed|applied|consumed) (before|ahead of|too early)|out[- ]of[- ](order|sequence)|(invalid|illegal|unexpected|forbidden|disallowed) ((state|status)( transition)?|transition)\b|\btransition\b.{0,60}\b(invalid|illegal|not allowed|forbidden|impossible|refused|rejected)|cannot (transition|move|go) from|not (yet|in (the )?(expected|required|right) (state|status))\b|\b(exists?|found|known|created|available|arrived|present|there) yet\b|\bstale\b|(version|sequence) (conflict|mismatch|gap)|expected (version|sequence|status|state)|too early|already (shipped|cancelled|canceled|completed|closed|processed) (before|when)",
        Kind::OutOfOrder,
    ),
    (r"\bduplicate\b.{0,40}\b(key|id|entry|record|insert|row)\b|already exists", Kind::DuplicateKey),
    (
        r"constraint.{0,40}(violat|fail)|violat.{0,40}constraint|must not be null|may not be null|cannot be null",
        Kind::ConstraintViolation,
    ),
    // The commonest in other languages; what is no ASCII is any byte or two.
    (
        r"zeit.{1,2}berschreitung|d.{1,2}lai (d'attente )?(d.{1,2}pass|expir)|tiempo de espera|tempo (de espera )?(limite )?(esgotado|scaduto)|(verbindung|connexion|conexi.{1,2}n|conex.{1,2}o|connessione) .{0,20}(verweigert|abgelehnt|refus|rechaz|recusad|rifiutat|abgebrochen|perdu|perdid|persa)|nicht erreichbar|injoignable|inaccesible|non raggiungibile",
        Kind::DependencyError,
    ),
    (
        r"(bereits|schon) vorhanden|existiert bereits|existe d.{1,2}j|ya existe|j.{1,2} existe|esiste gi|doppelter (schl|eintrag)|clave duplicada|chave duplicada|chiave duplicata|cl.{1,2} en double",
        Kind::DuplicateKey,
    ),
    (
        r"nicht (gefunden|vorhanden|bekannt)|unbekannte[rsnm]? |no (se )?(ha )?(encontr|existe)|desconocid[oa]|introuvable|non trouv|n'existe pas|inconnue?|n.{1,2}o (foi )?encontr|desconhecid[oa]|non (.{1,2} stat[oa] )?trovat|sconosciut[oa]",
        Kind::DataMissing,
    ),
    (
        r"\b(not found|not in (the )?((reference|master|base|price|product|article|customer)[ -]?(data|list|table|file)?|catalog(ue)?|list|table)\b|does not exist|doesn't exist|do not exist|no such (order|product|customer|item|row|record|entity|key|user|account)|no rows?\b|not known|nothing found|missing (data|master data|product|customer|record|row|entry|reference|value)|has no (product|customer|price|stock|address|entry|record|mapping))|\bunknown (product|customer|order|sku|article|item|user|account|id|carrier|warehouse|code|country|currency|variant|supplier|store|tenant|patient|policy|material|station|route)|\bno [a-z ]{1,30} (found|available|configured) for\b|\b(could not|couldn't|cannot|unable to|failed to) find\b",
        Kind::DataMissing,
    ),
];

static SET: LazyLock<Option<RegexSet>> = LazyLock::new(|| {
    // By bytes: what is no ASCII would send every search down the slow way. The patterns hold none.
    RegexSetBuilder::new(PATTERNS.iter().map(|(p, _)| *p))
        .case_insensitive(true)
        .unicode(false)
        .dfa_size_limit(8 << 20)
        .build()
        .ok()
});

/// The kind that a message's words denote.
pub(super) fn of_text(text: &str) -> Option<Kind> {
    let set = SET.as_ref()?;
    let text = crate::scan::head(text, 4096);
    // What a statement does about duplicates reports none.
    let text = &*match text.find("ON DUPLICATE KEY UPDATE") {
        Some(at) => Cow::Owned(format!("{}{}", &text[..at], &text[at + 23..])),
        None => Cow::Borrowed(text),
    };
    let by_pattern = set.matches(text.as_bytes()).iter().next().map(|n| PATTERNS[n].1);
    by_pattern.or_else(|| lacks_a_thing(text).then_some(Kind::DataMissing))
}

/// `No priority for tier PLATINUM`, `no carton for zone 'C'`, `no tariff for 4711`: a thing that is missing for a value.
static LACKING: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"\b(?i:no) ((?i)[a-z_][a-z_ -]{2,40}) (?i:for|of|in|with) (?i:[a-z_ -]{0,40}?)",
        r#"[ #:=]*(?:'[^']{1,60}'|"[^"]{1,60}"|`[^`]{1,60}`|\b[A-Z][A-Z0-9_-]*\b|[\w./-]*\d)"#,
    ))
    .ok()
});

/// Whether a message says that a thing of the business is missing for some value. Answers, handlers and the like that
/// are missing are another matter.
fn lacks_a_thing(text: &str) -> bool {
    const MACHINERY: &[&str] = &[
        "handler",
        "handlers",
        "listener",
        "listeners",
        "converter",
        "serializer",
        "deserializer",
        "need",
        "reason",
        "retry",
        "retries",
        "more",
        "change",
        "changes",
        "action",
        "wait",
        "timeout",
        "response",
        "answer",
        "reply",
        "leader",
        "broker",
        "brokers",
        "connection",
        "connections",
        "permission",
        "access",
        "subscriber",
        "consumer",
        "consumers",
        "progress",
        "heartbeat",
        "activity",
        "problem",
        "problems",
        "error",
        "errors",
        "difference",
        "route",
        "endpoint",
        "bean",
        "implementation",
        "provider",
        "lock",
        "space",
        "memory",
        "longer",
        "update",
        "updates",
        "messages",
        "records",
        "events",
        "work",
        "data",
        "snapshot",
        "offset",
        "offsets",
        "assignment",
    ];
    let has_no = memchr::memmem::find_iter(text.as_bytes(), "o ")
        .any(|at| at > 0 && matches!(text.as_bytes()[at - 1], b'n' | b'N'))
        || text.contains("NO ");
    if !has_no {
        return false;
    }
    let Some(found) = LACKING.as_ref().and_then(|l| l.captures(text)) else { return false };
    let thing = found[1].to_lowercase();
    !thing.split([' ', '-', '_']).any(|w| MACHINERY.contains(&w))
}

static FAILURE: LazyLock<Option<RegexSet>> = LazyLock::new(|| {
    RegexSetBuilder::new([
        r"(?:^|[^\w.-])(fail|failed|failure|failing|fails|error|errors|exception|panic|panicked|fatal|crash|crashed|abort|aborted|rejected|refused|unable|cannot|could not|unexpected|unhandled|uncaught|giving up|invalid|dead[- ]letter)(?:$|[^\w-])",
    ])
    .case_insensitive(true)
    .unicode(false)
    .build()
    .ok()
});

static SUCCESS: LazyLock<Option<RegexSet>> = LazyLock::new(|| {
    RegexSetBuilder::new([
        r"\b(no|0|zero|without) (failures?|errors?|exceptions?)\b|\b(errors?|failures?|failed)[=: ]+0\b",
    ])
    .case_insensitive(true)
    .unicode(false)
    .build()
    .ok()
});

/// Whether a message reports a failure at all.
pub(super) fn reports_failure(text: &str) -> bool {
    let text = crate::scan::head(text, 4096);
    let text = text.as_bytes();
    FAILURE.as_ref().is_some_and(|f| f.is_match(text)) && !SUCCESS.as_ref().is_some_and(|s| s.is_match(text))
}

/// What says that nothing went wrong, or that it was coped with: settings, counts of none, a success in the end.
static REASSURING: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)\b(?:no|0|zero|without|never a) (?:\w+ )?(?:time-?outs?|deadlocks?|errors?|failures?|exceptions?|conflicts?|duplicates?|violations?)\b",
        r"|\b(?:succeeded|successful|successfully|recovered|resolved|reconnected)\b.{0,60}\b(?:after|on|following|from|despite)\b.*",
        r"|\b(?:time-?out|deadline|limit|deadlock|lock|retry|circuit ?breaker|dead[- ]letter|oom|out of memory)\b(?: [\w'-]+){0,3}? (?:set|configured|enabled|disabled|defaults|closed again|is closed)\b",
    ))
    .ok()
});

/// Whether all that a message says of failures is that there are none.
pub(super) fn reassures(text: &str) -> bool {
    let text = crate::scan::head(text, 4096);
    let Some(pattern) = REASSURING.as_ref() else { return false };
    let mut rest = String::new();
    let mut at = 0;
    for found in pattern.find_iter(text) {
        if found.as_str().contains(" not ") {
            return false;
        }
        rest += &text[at..found.start()];
        at = found.end();
    }
    rest += &text[at..];
    at > 0 && !FAILURE.as_ref().is_some_and(|f| f.is_match(rest.as_bytes()))
}
