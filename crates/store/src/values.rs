//! Many values that are looked up in one column: each once, in one order, as many at a time as an engine takes.

/// How much one statement may carry.
#[derive(Clone, Copy, Debug)]
pub struct Chunk {
    /// Values.
    pub values: usize,
    /// Their bytes.
    pub bytes: usize,
}

/// Values in the order of texts, each once.
pub fn sorted(values: &[String]) -> Vec<String> {
    let mut values = values.to_vec();
    values.sort();
    values.dedup();
    values
}

impl Chunk {
    /// The values in stretches that a statement bears; a single one may be longer. Without values, one of none.
    pub fn split(self, values: &[String]) -> Vec<&[String]> {
        let (mut chunks, mut start, mut bytes) = (Vec::new(), 0, 0);
        for (at, value) in values.iter().enumerate() {
            if at > start && (at - start >= self.values || bytes + value.len() > self.bytes) {
                chunks.push(&values[start..at]);
                (start, bytes) = (at, 0);
            }
            bytes += value.len();
        }
        chunks.push(&values[start..]);
        chunks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_in_chunks_each_once() {
        let chunk = Chunk { values: 50_000, bytes: 8 << 20 };
        let values: Vec<String> = (0..120_000).map(|i| i.to_string()).collect();
        let lengths =
            |chunk: Chunk, values: &[String]| chunk.split(values).iter().map(|c| c.len()).collect::<Vec<_>>();
        assert_eq!(lengths(chunk, &values), [50_000, 50_000, 20_000]);
        assert_eq!(chunk.split(&[]), [&[] as &[String]]);
        let short = Chunk { values: 9, bytes: 4 };
        assert_eq!(lengths(short, &["aaaaa".into(), "bb".into(), "cc".into(), "d".into()]), [1, 2, 1]);
        assert_eq!(sorted(&["b".into(), "a".into(), "b".into()]), ["a", "b"]);
    }
}
