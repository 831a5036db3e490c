//! Members of groups that the driver does not describe: those whose partitions the broker itself hands out. Nobody joins them.

use super::layout::Layout;
use super::wire::{Reader, Writer};
use super::{DESCRIBE_GROUPS, Knows, connect, enter, log_in};
use crate::config::KafkaConfig;
use waylaid_store::{Context, GroupMember, GroupMembers};

/// Groups asked for at once.
const AT_ONCE: usize = 200;

/// The members of these groups. Only the broker that looks after a group tells; the others say that it is not theirs. What
/// is not told is missing.
pub fn ask(config: &KafkaConfig, groups: &[String], context: &Context) -> Result<Vec<GroupMembers>, String> {
    let mut wire = connect(config, context)?;
    let knows = Knows::ask(&mut wire)?;
    if !knows.takes(DESCRIBE_GROUPS, 0) {
        return Err("the broker does not tell them".to_owned());
    }
    log_in(&mut wire, config)?;
    let layout = Layout::ask(&mut wire)?;
    let (mut told, mut why) = (Vec::new(), None);
    for broker in layout.brokers.values() {
        if context.check("asking for members of groups").is_err() {
            break;
        }
        let asked = enter(config, broker).and_then(|mut wire| {
            for some in groups.chunks(AT_ONCE) {
                let answer = wire.ask(DESCRIBE_GROUPS, 0, true, &question(some))?;
                told.append(&mut read(&mut Reader::new(&answer))?);
            }
            Ok(())
        });
        why = asked.err().map(|error| format!("{broker}: {error}")).or(why);
    }
    if told.is_empty() { why.map_or(Ok(told), Err) } else { Ok(told) }
}

fn question(groups: &[String]) -> Writer {
    let mut body = Writer::default();
    body.compact_count(groups.len());
    for group in groups {
        body.compact(group);
    }
    body.flag(false).tags();
    body
}

fn read(answer: &mut Reader<'_>) -> Result<Vec<GroupMembers>, String> {
    answer.skip_tags()?;
    answer.take(4)?;
    let mut groups = Vec::new();
    for _ in 0..answer.compact_count()? {
        let error = answer.i16()?;
        answer.compact_text()?;
        let (group, state) = (answer.compact_text()?, answer.compact_text()?);
        answer.take(8)?;
        answer.compact_text()?;
        let mut members = Vec::new();
        for _ in 0..answer.compact_count()? {
            members.push(member(answer)?);
        }
        answer.take(4)?;
        answer.skip_tags()?;
        members.sort_by(|a, b| (&a.client, &a.host, &a.reads).cmp(&(&b.client, &b.host, &b.reads)));
        if error == 0 {
            groups.push(GroupMembers { group, state, members });
        }
    }
    Ok(groups)
}

fn member(answer: &mut Reader<'_>) -> Result<GroupMember, String> {
    for _ in 0..3 {
        answer.compact_text()?;
    }
    answer.take(4)?;
    let (client, host) = (answer.compact_text()?, answer.compact_text()?);
    for _ in 0..answer.compact_count()? {
        answer.compact_text()?;
    }
    answer.compact_text()?;
    let reads = assignment(answer)?;
    // What it will be given.
    assignment(answer)?;
    answer.skip_tags()?;
    Ok(GroupMember { client, host: host.trim_start_matches('/').to_owned(), reads })
}

fn assignment(answer: &mut Reader<'_>) -> Result<Vec<(String, Vec<i32>)>, String> {
    let mut reads = Vec::new();
    for _ in 0..answer.compact_count()? {
        answer.take(16)?;
        let topic = answer.compact_text()?;
        let mut partitions = Vec::new();
        for _ in 0..answer.compact_count()? {
            partitions.push(answer.i32()?);
        }
        answer.skip_tags()?;
        partitions.sort_unstable();
        reads.push((topic, partitions));
    }
    answer.skip_tags()?;
    reads.sort();
    Ok(reads)
}

/// What a member of a group of the older kind was given, as its leader wrote it; nothing where that cannot be read.
pub fn given(bytes: &[u8]) -> Vec<(String, Vec<i32>)> {
    let mut given = Reader::new(bytes);
    let mut read = || {
        let mut reads = Vec::new();
        given.i16()?;
        for _ in 0..given.count()? {
            let topic = given.text()?;
            let mut partitions = Vec::new();
            for _ in 0..given.count()? {
                partitions.push(given.i32()?);
            }
            partitions.sort_unstable();
            reads.push((topic, partitions));
        }
        reads.sort();
        Ok::<_, String>(reads)
    };
    read().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_member_was_given_is_read_and_what_breaks_off_is_not() {
        let mut written = Writer::default();
        written.i16(3).i32(1).text("orders").i32(2).i32(4).i32(0).i32(0);
        let bytes = written.into_bytes();
        assert_eq!(given(&bytes), [("orders".to_owned(), vec![0, 4])]);
        for length in 0..bytes.len() - 4 {
            assert!(given(&bytes[..length]).is_empty(), "{length}");
        }
        assert!(given(&[0, 0, 0x7f, 0xff, 0xff, 0xff]).is_empty());
    }
}
