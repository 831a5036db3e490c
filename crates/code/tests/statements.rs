//! From log lines to statements, a source a language: each line is asked as its logger writes it.
#![allow(clippy::unwrap_used, reason = "tests")]

use serde_json::{Value, json};
use waylaid_code::{Line, Outcome, SourceFile, Sources, locate};
use waylaid_model::LogEvent;

fn code(files: &[(&str, &str)]) -> Sources {
    let file = |(path, text): &(&str, &str)| SourceFile { path: (*path).into(), text: (*text).into() };
    Sources::of_files("service", files.iter().map(file).collect())
}

/// The line of code that holds a mark.
fn marked(text: &str, mark: &str) -> u32 {
    let mark = format!("<{mark}>");
    text.lines().position(|l| l.contains(&mark)).unwrap_or_else(|| panic!("no mark {mark}")) as u32 + 1
}

fn event(message: &str) -> LogEvent {
    LogEvent { message: message.into(), ..LogEvent::default() }
}

/// Asks each message; its statement must be the marked one, alone.
fn check(path: &str, text: &str, lines: &[(&str, &str)]) {
    let sources = code(&[(path, text)]);
    let mut wrong = Vec::new();
    for (message, mark) in lines {
        let answer = locate(&[&sources], &event(message), message);
        let found = answer.statements.first();
        let want = marked(text, mark);
        let good = answer.alike == 1 && found.is_some_and(|p| (p.line..=p.end_line).contains(&want));
        if !good {
            wrong.push(format!(
                "{message:?}: wanted line {want}, got {:?} ({:?})",
                found.map(|p| p.line),
                answer.outcome
            ));
        }
    }
    assert!(wrong.is_empty(), "{path}:\n{}", wrong.join("\n"));
}

/// Asks lines that no statement of the code writes.
fn refuse(path: &str, text: &str, lines: &[&str]) {
    let sources = code(&[(path, text)]);
    for message in lines {
        let answer = locate(&[&sources], &event(message), message);
        let got = answer.statements.first().map(|p| (p.line, p.snippet.clone()));
        assert_eq!(answer.outcome, Outcome::NotInCode, "{message:?} got {got:?}");
    }
}

const LIBRARY: &[&str] = &[
    "HikariPool-1 - Start completed.",
    "Tomcat started on port 8080 (http) with context path '/'",
    "[Consumer clientId=consumer-1, groupId=pick] Resetting offset for partition orders-3 to position FetchPosition{offset=0}.",
    "Started PickApplication in 3.217 seconds (process running for 3.9)",
    "Request completed",
    "GET /orders/12 200 13ms",
    "Connection reset by peer",
    "Executing job OrderJob took 12 ms",
];

#[test]
fn java() {
    let text = r#"package com.acme.pick;
class Pick {
  private static final Logger log = LoggerFactory.getLogger(Pick.class);
  static final String PREFIX = "[pick] ";
  static final String GONE = "Order {} has gone from " + "the shelf";
  void a(Order o, String id, int n) {
    log.info("Picking order {} for {} lines", id, n); // <plain>
    log.info(PREFIX + "order " + id + " is waiting in zone " + o.zone()); // <concat>
    log.warn(GONE, id); // <constant>
    log.error(String.format("Shelf %s holds %d of %s", id, n, o)); // <format>
    log.error("Shelf %s broke after %d days".formatted(id, n)); // <formatted>
    log.info("""
        Summary of the day: {} picks
        and {} misses""", n, n); // <block>
    log.atWarn().setMessage("slow shelf {}").addArgument(id).log(); // <fluent>
    log.atInfo().addKeyValue("order", id).log("fluent end"); // <fluent2>
    logger.log(Level.INFO, "Walked {0} metres to {1}", new Object[] {n, id}); // <jul>
    String text = "Robot " + id + " reports a jam";
    log.error(text); // <local>
    log.info(n > 1 ? "several parcels left" : "one parcel left"); // <ternary>
    fail("insert of the row", id, null); // <helper>
    log.info("Long message that goes on " // <multi>
        + "over lines for order {}",
        id);
    System.out.println("printed for " + id); // <print>
    log.info("kept {} of {} since {}% are wet", n, n, n); // <percent>
    log.debug(() -> "supplied lazily for " + id); // <supplier>
  }
  private void fail(String what, String id, Exception e) {
    log.error("[pick] {} failed for {}: " + what, id, e.getMessage());
  }
}
"#;
    check(
        "src/main/java/com/acme/pick/Pick.java",
        text,
        &[
            ("Picking order 12 for 3 lines", "plain"),
            ("[pick] order 12 is waiting in zone A", "concat"),
            ("Order 12 has gone from the shelf", "constant"),
            ("Shelf A holds 3 of pens", "format"),
            ("Shelf A broke after 3 days", "formatted"),
            ("Summary of the day: 4 picks\nand 2 misses", "block"),
            ("slow shelf A-7", "fluent"),
            ("fluent end", "fluent2"),
            ("Walked 12 metres to B", "jul"),
            ("Robot R2 reports a jam", "local"),
            ("one parcel left", "ternary"),
            ("several parcels left", "ternary"),
            ("[pick] A failed for 12: insert of the row", "helper"),
            ("Long message that goes on over lines for order 9", "multi"),
            ("printed for 12", "print"),
            ("kept 3 of 9 since 4% are wet", "percent"),
            ("supplied lazily for 12", "supplier"),
            ("[trace-1] [span-9] Picking order 12 for 3 lines", "plain"),
        ],
    );
    refuse("src/main/java/com/acme/pick/Pick.java", text, LIBRARY);
}

#[test]
fn kotlin() {
    let text = r#"package com.acme
private val logger = KotlinLogging.logger {}
const val GONE = "parcel vanished"
class Sorter(private val belt: Belt) {
  fun sort(id: String, n: Int) {
    logger.info { "sorting parcel $id onto belt ${belt.name(n)} now" } // <lazy>
    logger.warn("belt {} is slow", belt) // <plain>
    logger.error(GONE + " from belt " + id) // <concat>
    logger.error(RuntimeException("x")) { "belt $id stopped" } // <lazyerror>
    logger.debug("weighed %d grams on %s".format(n, id)) // <format>
    println("stdout says $id") // <print>
    logger.info(if (n > 1) "many left over" else "only one left over") // <if>
    logger.info("""raw text for $id""".trimIndent()) // <raw>
  }
}
"#;
    check(
        "src/Sorter.kt",
        text,
        &[
            ("sorting parcel 12 onto belt B now", "lazy"),
            ("belt B7 is slow", "plain"),
            ("parcel vanished from belt 4", "concat"),
            ("belt 4 stopped", "lazyerror"),
            ("weighed 120 grams on 4", "format"),
            ("stdout says hello", "print"),
            ("many left over", "if"),
            ("raw text for 5", "raw"),
        ],
    );
    refuse("src/Sorter.kt", text, LIBRARY);
}

#[test]
fn csharp() {
    let text = r#"namespace Acme.Docks;
public sealed partial class Dock(ILogger<Dock> logger, Store store)
{
    private const string Lost = "Container {Id} lost at " + "berth {Berth}";
    private readonly Serilog.ILogger _l;
    [LoggerMessage(EventId = 3, Level = LogLevel.Warning, Message = "Crane {Crane} idle for {Minutes} min")] // <generated>
    static partial void Idle(ILogger l, int crane, int minutes);
    static readonly Action<ILogger, int, Exception?> Full = LoggerMessage.Define<int>(LogLevel.Error, new EventId(1), "Yard full at {Count} boxes"); // <define>
    public async Task Run(string id, int n)
    {
        logger.LogInformation("Berthing {ContainerId} at {Berth}", id, n); // <plain>
        logger.LogError(ex, Lost, id, n); // <constant>
        _l?.Warning("Tide {Tide:0.0} too low for {@Ship}", n, id); // <serilog>
        Log.Information($"Ship {id} left after {n:N0} hours {{sic}}"); // <interpolated>
        logger.LogDebug(string.Format("Pump {0} at {1} bar", n, id)); // <format>
        Log.ForContext("a", 1).Error("Anchor stuck on {Chain}", id); // <chain>
        Console.WriteLine("console says {0}", id); // <console>
        logger.LogInformation(@"verbatim ""quoted"" {Id}", id); // <verbatim>
        logger.LogInformation("Split message " + // <multi>
            "over lines for {Id}", id);
    }
}
"#;
    check(
        "Dock.cs",
        text,
        &[
            ("Crane 4 idle for 12 min", "generated"),
            ("Yard full at 900 boxes", "define"),
            ("Berthing C-1 at 7", "plain"),
            ("Container C-1 lost at berth 7", "constant"),
            ("Tide 1.2 too low for {\"Name\":\"x\"}", "serilog"),
            ("Ship S left after 1,200 hours {sic}", "interpolated"),
            ("Pump 3 at 4 bar", "format"),
            ("Anchor stuck on C", "chain"),
            ("console says hi", "console"),
            ("verbatim \"quoted\" 7", "verbatim"),
            ("Split message over lines for 8", "multi"),
        ],
    );
    refuse("Dock.cs", text, LIBRARY);
}

#[test]
fn typescript() {
    let text = r#"import pino from "pino";
const log = pino({ name: "mint" });
const FAILED = "minting failed";
export class Mint {
  constructor(private readonly logger: Logger) {}
  async mint(id: string, n: number): Promise<void> {
    log.info({ coin: id }, "minted coin %s in %d ms", id, n); // <pino>
    this.logger.warn(`press ${id} is at ${n} degrees`); // <template>
    log.error({ err }, FAILED); // <constant>
    logger.log("error", "winston style for " + id); // <winston>
    console.log("console joined", id, "and", n); // <console>
    try { await x(); } catch (err) { this.fail("stamp", id, err); } // <helper>
    log.info(n > 1 ? "several dies left" : "last die"); // <ternary>
    log.debug(
      { a: 1 },
      "spread over lines", // <multi>
    );
    this.logger.error("nested call", inspect(err)); // <second>
  }
  private fail(what: string, id: string, err: unknown) {
    log.error({ err }, `could not ${what} coin ${id}`);
  }
}
"#;
    check(
        "src/mint.ts",
        text,
        &[
            ("minted coin C1 in 12 ms", "pino"),
            ("press P is at 80 degrees", "template"),
            ("minting failed", "constant"),
            ("winston style for 7", "winston"),
            ("console joined 7 and 9", "console"),
            ("could not stamp coin 7", "helper"),
            ("last die", "ternary"),
            ("spread over lines", "multi"),
            ("nested call", "second"),
        ],
    );
    refuse("src/mint.ts", text, LIBRARY);
}

#[test]
fn python() {
    let text = r#"import logging
log = logging.getLogger("acme.bakery")
BURNT = "loaf %s burnt at %d degrees"
class Oven:
    def bake(self, loaf, heat):
        log.info("baking %s at %d", loaf, heat)  # <plain>
        log.warning(BURNT, loaf, heat)  # <constant>
        log.error(f"oven {loaf!r} is at {heat:.1f} degrees {{hot}}")  # <fstring>
        log.info("dough %s rose %s" % (loaf, heat))  # <modulo>
        log.info("crust of {} is {}".format(loaf, heat))  # <format>
        logger.info("loguru says {} of {}", loaf, heat)  # <loguru>
        log.info("implicit " "joining of %s", loaf)  # <implicit>
        structlog.get_logger().bind(a=1).info("tray_loaded", loaf=loaf)  # <structlog>
        print("printed", loaf, "times", heat)  # <print>
        log.exception("no flour left for %s", loaf)  # <exception>
        self._fail("knead", loaf)  # <helper>
        log.info(
            "spread over lines: %s",  # <multi>
            loaf,
        )
        message = "local text for " + loaf
        log.info(message)  # <local>

    def _fail(self, what, loaf):
        log.error("could not %s" % what + " the loaf " + loaf)
        log.error(f"cannot {what} loaf {loaf}")
"#;
    check(
        "bakery/oven.py",
        text,
        &[
            ("baking rye at 220", "plain"),
            ("loaf rye burnt at 300 degrees", "constant"),
            ("oven 'rye' is at 220.5 degrees {hot}", "fstring"),
            ("dough rye rose 3", "modulo"),
            ("crust of rye is 4", "format"),
            ("loguru says 1 of 2", "loguru"),
            ("implicit joining of rye", "implicit"),
            ("tray_loaded", "structlog"),
            ("printed rye times 4", "print"),
            ("no flour left for rye", "exception"),
            ("cannot knead loaf rye", "helper"),
            ("spread over lines: rye", "multi"),
            ("local text for rye", "local"),
        ],
    );
    refuse("bakery/oven.py", text, LIBRARY);
}

#[test]
fn go() {
    let text = r#"package mill
import "log/slog"
const stalled = "stone %s stalled after %d turns"
type Mill struct { log *slog.Logger; z *zap.SugaredLogger }
func (m *Mill) Grind(ctx context.Context, id string, n int) error {
	slog.Info("grinding started", "sack", id, "turns", n) // <slog>
	m.log.ErrorContext(ctx, "grinding broke off", slog.String("sack", id)) // <context>
	m.z.Infof("ground %d kg of %s", n, id) // <sugar>
	m.z.Errorw("sieve torn", "sieve", id) // <w>
	log.Printf(stalled, id, n) // <constant>
	logger.Info().Str("sack", id).Msg("zerolog says hello") // <zerolog>
	logger.Error().Err(err).Msgf("wheel %s is stuck", id) // <msgf>
	logrus.WithField("sack", id).Warn("flour too wet") // <logrus>
	fmt.Println("printed", id, "to stdout") // <print>
	zap.L().Error("multi line", // <multi>
		zap.String("a", id),
		zap.Error(err))
	m.fail("sift", id) // <helper>
	if err := m.x(); err != nil { return fmt.Errorf("mill %s: %w", id, err) }
	return nil
}
func (m *Mill) fail(what, id string) { m.log.Error("cannot " + what + " sack " + id) }
"#;
    check(
        "internal/mill/mill.go",
        text,
        &[
            ("grinding started", "slog"),
            ("grinding broke off", "context"),
            ("ground 12 kg of rye", "sugar"),
            ("sieve torn", "w"),
            ("stone A stalled after 12 turns", "constant"),
            ("zerolog says hello", "zerolog"),
            ("wheel W is stuck", "msgf"),
            ("flour too wet", "logrus"),
            ("printed 7 to stdout", "print"),
            ("multi line", "multi"),
            ("cannot sift sack 7", "helper"),
        ],
    );
    refuse("internal/mill/mill.go", text, LIBRARY);
}

#[test]
fn rust() {
    let text = r##"use tracing::{error, info};
const LOST: &str = "letter lost";
struct Post { log: slog::Logger }
impl Post {
    pub async fn sort(&self, id: &str, n: u32) -> anyhow::Result<()> {
        info!(letter = %id, "sorted letter {} into bag {n}", id); // <plain>
        tracing::warn!(target: "post", bag = n, "bag {n} is heavy"); // <path>
        error!("{}: stamp missing on {id:?}", LOST); // <inline>
        log::info!(r#"raw "text" {}"#, id); // <raw>
        println!("printed {id} times {n}"); // <print>
        tokio::select! {
            _ = rx.recv() => { info!("nested in select for {}", id); } // <nested>
        }
        error!(
            error = ?e,
            "spread over \
             lines for {id}" // <multi>
        );
        Ok(())
    }
}
"##;
    check(
        "src/post.rs",
        text,
        &[
            ("sorted letter A into bag 4", "plain"),
            ("bag 4 is heavy", "path"),
            ("letter lost: stamp missing on \"x\"", "inline"),
            ("raw \"text\" 3", "raw"),
            ("printed a times 4", "print"),
            ("nested in select for a", "nested"),
            ("spread over lines for a", "multi"),
        ],
    );
    refuse("src/post.rs", text, LIBRARY);
}

#[test]
fn ruby() {
    let text = r#"# frozen_string_literal: true
require "logger"
module Shelf
  class PickWorker
    include Sidekiq::Job
    GONE = "parcel has gone from the shelf".freeze
    def perform(id, zone)
      logger.info "picking #{id} in #{zone}" # <plain>
      Rails.logger.warn("robot " + id.to_s + " reports a jam") # <concat>
      logger.error GONE # <constant>
      logger.debug { "supplied lazily for #{id}" } # <block>
      @logger.error(format("shelf %s holds %d of %s", zone, 3, id)) # <format>
      logger.info "kept %d of %d boxes" % [1, 2] # <percent>
      logger.info(<<~TEXT) # <heredoc>
        summary of the day for #{zone}
      TEXT
      logger.info("label printed", order_id: id, zone: zone) # <fields>
      puts "printed for #{id}" # <print>
      $stderr.puts "cannot reach the printer" # <stderr>
      warn "left behind: #{id}" # <warn>
      Karafka.logger.info(id ? "several parcels left" : "one parcel left") # <ternary>
      raise ShelfError, "no free place on #{zone}" if zone.nil?
      log_failure("insert of the row", id) # <helper>
    rescue ActiveRecord::RecordNotUnique => e
      Rails.logger.error("[pick] #{id} is there already: #{e.message}") # <rescue>
    end

    private

    def log_failure(what, id)
      logger.error("[pick] #{what} failed for #{id}")
    end
  end
end
"#;
    check(
        "app/workers/pick_worker.rb",
        text,
        &[
            ("picking 12 in A-7", "plain"),
            ("robot R2 reports a jam", "concat"),
            ("parcel has gone from the shelf", "constant"),
            ("supplied lazily for 12", "block"),
            ("shelf A-7 holds 3 of 12", "format"),
            ("kept 1 of 2 boxes", "percent"),
            ("summary of the day for A-7", "heredoc"),
            ("label printed", "fields"),
            ("printed for 12", "print"),
            ("cannot reach the printer", "stderr"),
            ("left behind: 12", "warn"),
            ("several parcels left", "ternary"),
            ("[pick] insert of the row failed for 12", "helper"),
            ("[pick] 12 is there already: PG::UniqueViolation: ERROR: duplicate key", "rescue"),
        ],
    );
    refuse("app/workers/pick_worker.rb", text, LIBRARY);
}

#[test]
fn php() {
    let text = r#"<?php
declare(strict_types=1);
namespace App\Services;
use Illuminate\Support\Facades\Log;
use Psr\Log\LoggerInterface;

final class PickService
{
    private const GONE = 'parcel has gone from the shelf';

    public function __construct(private readonly LoggerInterface $logger) {}

    public function pick(string $id, Zone $zone): void
    {
        Log::info("picking $id in {$zone->name}"); // <plain>
        $this->logger->warning('robot ' . $id . ' reports a jam'); // <concat>
        $this->logger->error(self::GONE); // <constant>
        $this->logger->error('shelf {shelf} holds nothing', ['shelf' => $zone->shelf]); // <context>
        Log::channel('picks')->debug(sprintf('kept %d of %s boxes', 3, $id)); // <format>
        error_log("label of $id is torn"); // <errorlog>
        syslog(LOG_ERR, "printer is out of paper"); // <syslog>
        echo "printed for $id\n"; // <echo>
        fwrite(STDERR, "left behind: {$id}"); // <stderr>
        logger()->info($id ? 'several parcels left' : 'one parcel left'); // <ternary>
        $this->fail('insert of the row', $id); // <helper>
        try {
            $this->store($id);
        } catch (UniqueConstraintViolationException $e) {
            Log::error('[pick] is there already: ' . $e->getMessage(), ['id' => $id]); // <catch>
            throw new \RuntimeException("no free place for $id");
        }
    }

    private function fail(string $what, string $id): void
    {
        $this->logger->error("[pick] $what failed for $id");
    }
}
"#;
    check(
        "app/Services/PickService.php",
        text,
        &[
            ("picking 12 in A-7", "plain"),
            ("robot R2 reports a jam", "concat"),
            ("parcel has gone from the shelf", "constant"),
            ("shelf A-7 holds nothing", "context"),
            ("shelf {shelf} holds nothing {\"shelf\":\"A-7\"} []", "context"),
            ("kept 3 of 12 boxes", "format"),
            ("label of 12 is torn", "errorlog"),
            ("printer is out of paper", "syslog"),
            ("printed for 12", "echo"),
            ("left behind: 12", "stderr"),
            ("several parcels left", "ternary"),
            ("[pick] insert of the row failed for 12", "helper"),
            ("[pick] is there already: SQLSTATE[23505]: Unique violation", "catch"),
        ],
    );
    refuse("app/Services/PickService.php", text, LIBRARY);
}

#[test]
fn frames_of_ruby_and_php_are_found() {
    let ruby = "class PickWorker\n  def perform(id)\n    store(id)\n  end\n\n  def store(id)\n    Pick.create!(id: id)\n  end\nend\n";
    let trace = "PG::UniqueViolation: ERROR:  duplicate key value violates unique constraint \"picks_pkey\" (ActiveRecord::RecordNotUnique)\n\tfrom /usr/local/bundle/gems/activerecord-7.1.3/lib/active_record/connection_adapters/postgresql_adapter.rb:894:in `exec_params'\n\tfrom /app/app/workers/pick_worker.rb:7:in `store'\n\tfrom /app/app/workers/pick_worker.rb:3:in `perform'\n";
    let sources = code(&[("app/workers/pick_worker.rb", ruby)]);
    let answer = locate(&[&sources], &event(trace), trace);
    let first = answer.frames.first().map(|f| (f.symbol.clone(), f.line));
    assert_eq!(first, Some(("PickWorker.store".to_owned(), 7)));

    let php = "<?php\nclass RenderJob {\n  public function handle() {\n    $this->render(1);\n  }\n  private function render($id) {\n    throw new \\RuntimeException('no paper');\n  }\n}\n";
    let trace = "PHP Fatal error:  Uncaught RuntimeException: no paper in /var/www/app/Jobs/RenderJob.php:7\nStack trace:\n#0 /var/www/app/Jobs/RenderJob.php(4): App\\Jobs\\RenderJob->render()\n#1 /var/www/vendor/laravel/framework/src/Illuminate/Container/BoundMethod.php(36): App\\Jobs\\RenderJob->handle()\n#2 {main}\n  thrown in /var/www/app/Jobs/RenderJob.php on line 7\n";
    let sources = code(&[("app/Jobs/RenderJob.php", php)]);
    let answer = locate(&[&sources], &event(trace), trace);
    let lines: Vec<u32> = answer.frames.iter().chain(&answer.raised).map(|f| f.line).collect();
    assert!(lines.first().is_some_and(|l| [4, 7].contains(l)) && lines.contains(&7), "{lines:?}");
}

#[test]
fn what_was_not_read_is_said() {
    let sources = code(&[("lib/pick.ex", "Logger.info(\"picked #{id}\")\n"), ("A.java", "class A {}\n")]);
    let answer = locate(&[&sources], &event("picked 12"), "picked 12");
    assert_eq!(answer.outcome, Outcome::NotInCode);
    let told: Vec<_> = answer.unread.iter().map(|u| (u.language, u.files, u.example.as_str())).collect();
    assert_eq!(told, [("Elixir", 1, "lib/pick.ex")]);
}

#[test]
fn fields_decide_between_equal_messages() {
    let text = r#"package rate
func (r *Rater) Handle(ctx context.Context) {
	if a { log.Error("not rated", "error", fmt.Errorf("rate: decode: %w", err)); return } // <decode>
	if b { log.Warn("not rated", "error", fmt.Errorf("rate: insert: %w", err)); return } // <insert>
	if c { log.Warn("not rated", "plan", p); return } // <plan>
}
"#;
    let sources = code(&[("rate.go", text)]);
    let ask = |fields: Vec<(String, Value)>| {
        let event = LogEvent { message: "not rated".into(), fields, ..LogEvent::default() };
        let answer = locate(&[&sources], &event, "");
        (answer.statements[0].line, answer.alike)
    };
    let field = |k: &str, v: &str| vec![(k.to_owned(), json!(v))];
    assert_eq!(ask(field("error", "rate: insert: no rows")), (marked(text, "insert"), 1));
    assert_eq!(ask(field("error", "rate: decode: bad json")), (marked(text, "decode"), 1));
    assert_eq!(ask(field("plan", "p1")), (marked(text, "plan"), 1));
}

#[test]
fn equal_statements_are_a_tie() {
    let text = "class A {\n void a() { log.info(\"done with {}\", x); }\n void b() { log.info(\"done with {}\", y); }\n}\n";
    let sources = code(&[("A.java", text)]);
    let answer = locate(&[&sources], &event("done with 12"), "");
    assert_eq!((answer.outcome, answer.alike), (Outcome::Tie, 2));
}

#[test]
fn a_logger_decides() {
    let one = "package a;\nclass One {\n void a() { log.info(\"done with {}\", x); }\n}\n";
    let two = "package a;\nclass Two {\n void a() { log.info(\"done with {}\", x); }\n}\n";
    let sources = code(&[("One.java", one), ("Two.java", two)]);
    let ask = |logger: &str| {
        let event =
            LogEvent { message: "done with 12".into(), logger: Some(logger.into()), ..LogEvent::default() };
        let answer = locate(&[&sources], &event, "");
        (answer.outcome, answer.statements.first().map(|p| p.path.clone()))
    };
    assert_eq!(ask("a.Two"), (Outcome::Found, Some("Two.java".into())));
    assert_eq!(ask("c.a.One#12"), (Outcome::Found, Some("One.java".into())));
    assert_eq!(ask("o.s.kafka.KafkaListenerContainer"), (Outcome::NotInCode, None));
}

#[test]
fn a_template_is_the_statement() {
    let text = "class A { void a() { log.LogInformation(\"Order {Id} is {State}\", id, s); } }";
    let sources = code(&[("A.cs", text)]);
    let line = Line { message: "", template: Some("Order {Id} is {State}"), ..Line::default() };
    assert!(waylaid_code::find_statement(&sources, &line).is_some());
}

#[test]
fn a_line_that_was_cut_still_has_its_statement() {
    let text =
        "class A { void a() { log.info(\"[findContacts][No contacts for the account][id: {}]\", id); } }";
    let sources = code(&[("A.java", text)]);
    let answer = locate(&[&sources], &event("[findContacts][No contacts for the account]"), "");
    assert_eq!(answer.outcome, Outcome::Found);
}
