//! Each way of running by the clock.

use super::*;
use crate::Sources;
use proptest::prelude::*;

/// `by: schedule, name, in symbol at line`, with a `!` for what is switched off.
fn told(files: &[(&str, &str)]) -> Vec<String> {
    let files = files.iter().map(|(p, t)| SourceFile { path: (*p).into(), text: (*t).into() }).collect();
    let sources = Sources::of_files("s", files);
    let show = |j: &Job| {
        let off = if j.suspended { "!" } else { "" };
        format!("{off}{}: {} | {} | {} at {}", j.by, j.schedule, j.name, j.symbol, j.line)
    };
    sources.jobs().iter().map(show).collect()
}

#[test]
fn annotations() {
    let java = "import org.springframework.scheduling.annotation.Scheduled;\nclass Jobs {\n  @Scheduled(cron = \"${jobs.pick.cron}\", zone = \"UTC\")\n  void pick() {}\n  @Scheduled(fixedDelayString = \"${jobs.relay.delay:5000}\")\n  void relay() {}\n  @Scheduled(cron = \"${jobs.off}\")\n  void off() {}\n}\n";
    let yaml = "jobs:\n  pick:\n    cron: 0 0 3 * * *\n  off: \"-\"\n";
    assert_eq!(
        told(&[("Jobs.java", java), ("application.yml", yaml)]),
        [
            "Spring: 0 0 3 * * * |  | Jobs.pick at 3",
            "Spring: fixedDelayString 5000 |  | Jobs.relay at 5",
            "!Spring: - |  | Jobs.off at 7",
        ]
    );
    let nest = "import { Cron, Interval } from '@nestjs/schedule';\nclass A {\n  @Cron('0 3 * * *')\n  nightly() {}\n  @Interval(5000)\n  often() {}\n}\n";
    assert_eq!(
        told(&[("a.ts", nest)]),
        ["NestJS: 0 3 * * * |  | A.nightly at 3", "NestJS: 5000 |  | A.often at 5"]
    );
    let cs = "class Relay : BackgroundService {\n  protected override async Task ExecuteAsync(CancellationToken ct) {\n    while (true) { await Task.Delay(TimeSpan.FromSeconds(30), ct); }\n  }\n}\n";
    let found = told(&[("A.cs", cs)]);
    assert!(
        found[0].starts_with("BackgroundService: ") && found[0].ends_with("Relay.ExecuteAsync at 2"),
        "{found:?}"
    );
    let python = "from apscheduler.schedulers.blocking import BlockingScheduler\n@scheduler.scheduled_job('interval', minutes=5)\ndef relay(): pass\n";
    assert_eq!(told(&[("a.py", python)]), ["APScheduler: interval, minutes 5 |  | relay at 2"]);
}

#[test]
fn calls() {
    let js = "const cron = require('node-cron');\ncron.schedule('*/5 * * * *', () => relay());\nfunction start() { setInterval(relay, 5000); }\n";
    assert_eq!(
        told(&[("a.js", js)]),
        ["node-cron: */5 * * * * |  |  at 2", "setInterval: 5000 | relay | start at 3"]
    );
    let python = "app.conf.beat_schedule = {'nightly': {'task': 'shop.relay', 'schedule': crontab(hour=3, minute=0)}}\nscheduler.add_job(relay, 'interval', minutes=5, id='r')\n";
    assert_eq!(
        told(&[("a.py", python)]),
        [
            "APScheduler: interval, minutes=5 | relay |  at 2",
            "Celery: crontab(hour=3, minute=0) | shop.relay |  at 1"
        ]
    );
    let go = "package a\nimport \"github.com/robfig/cron/v3\"\nfunc run() {\n\tc.AddFunc(\"@every 1m\", relay)\n\tt := time.NewTicker(interval)\n}\n";
    let found = told(&[("a.go", go)]);
    assert_eq!(found[0], "cron: @every 1m | relay | run at 4");
    assert!(found[1].starts_with("ticker: "), "{found:?}");
    let cs = "class A { void M() { RecurringJob.AddOrUpdate(\"relay\", () => Run(), \"0 3 * * *\"); } }";
    assert_eq!(told(&[("A.cs", cs)]), ["Hangfire: 0 3 * * * | relay | A.M at 1"]);
    let ruby = "Sidekiq::Cron::Job.create(name: 'relay', cron: '*/5 * * * *', class: 'RelayWorker')\nevery 1.day do\n  runner 'Relay.run'\nend\n";
    let found = told(&[("config/schedule.rb", ruby)]);
    assert_eq!(found[0], "sidekiq-cron: */5 * * * * | RelayWorker |  at 1");
    let php = "<?php\nclass Kernel {\n  protected function schedule($schedule) {\n    $schedule->command('picks:relay')->dailyAt('03:00');\n    $schedule->job(new Relay)->cron('*/5 * * * *');\n  }\n}\n";
    assert_eq!(
        told(&[("app/Console/Kernel.php", php)]),
        [
            "Laravel: dailyAt 03:00 | picks:relay | Kernel.schedule at 4",
            "Laravel: */5 * * * * | Relay | Kernel.schedule at 5",
        ]
    );
}

#[test]
fn manifests_and_tables() {
    let yaml = "apiVersion: v1\nkind: ConfigMap\n---\napiVersion: batch/v1\nkind: CronJob\nmetadata:\n  name: relay\nspec:\n  schedule: \"30 1 * * *\"\n  suspend: true # until the new one is there\n  jobTemplate: {}\n";
    assert_eq!(told(&[("deploy/cronjob.yaml", yaml)]), ["!CronJob: 30 1 * * * | relay |  at 10"]);
    let table = "# m h dom mon dow command\n0 3 * * * root /opt/relay --all\n# 30 4 * * 1 root /opt/weekly\n# this is a sentence of many words\nMAILTO=ops\n@daily /opt/daily\n";
    assert_eq!(
        told(&[("etc/cron.d/relay", table)]),
        [
            "crontab: 0 3 * * * | root /opt/relay --all |  at 2",
            "!crontab: 30 4 * * 1 | root /opt/weekly |  at 3",
            "crontab: @daily | /opt/daily |  at 6",
        ]
    );
    let sidekiq = "relay:\n  cron: \"*/5 * * * *\"\n  class: RelayWorker\noff:\n  cron: \"0 3 * * *\"\n  class: OffWorker\n  status: disabled\n";
    assert_eq!(
        told(&[("config/schedule.yml", sidekiq)]),
        ["sidekiq: */5 * * * * | RelayWorker |  at 2", "!sidekiq: 0 3 * * * | OffWorker |  at 5"]
    );
}

#[test]
fn no_secret_of_a_crontab_is_told() {
    let table = "0 3 * * * root PGPASSWORD=hunter2 pg_dump bills > /var/bills.sql\n0 4 * * * curl -u admin:hunter2 https://x.example/run\n0 5 * * * mysqldump -phunter2 shop\n0 6 * * * /opt/run --token hunter2\n0 7 * * * psql postgres://a:hunter2@db/x\n";
    assert_eq!(
        told(&[("deploy/crontab", table)]),
        [
            "crontab: 0 3 * * * | root pg_dump bills > /var/bills.sql |  at 1",
            "crontab: 0 4 * * * | curl -u |  at 2",
            "crontab: 0 5 * * * | mysqldump |  at 3",
            "crontab: 0 6 * * * | /opt/run --token |  at 4",
            "crontab: 0 7 * * * | psql |  at 5",
        ]
    );
}

proptest! {
    #[test]
    fn any_table_is_read(text in "([-#*/@0-9a-z:{}\\[\\] \n\"]){0,300}") {
        told(&[("cron.d/a", &text), ("schedule.yml", &text), ("a.timer", &text), ("b.yaml", &format!("kind: CronJob\n{text}"))]);
    }
}
