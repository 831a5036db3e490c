//! How many tokens a text takes, at most: the tokenizers in use cut words into longer pieces than this.

/// An estimate from above, in one pass.
pub fn estimate(text: &str) -> usize {
    let mut tokens = 0;
    let mut run = Run::None;
    let mut length = 0_usize;
    for c in text.chars() {
        let kind = Run::of(c);
        let goes_on = kind == run && !(kind == Run::Lower && c.is_ascii_uppercase());
        length = if goes_on { length + 1 } else { 1 };
        // Every so many characters of a run are one token more.
        if length % kind.stride() == 1 || kind.stride() == 1 {
            tokens += kind.cost();
        }
        run = kind;
    }
    tokens
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Run {
    None,
    Lower,
    Digit,
    Space,
    Mark,
    Other,
}

impl Run {
    fn of(c: char) -> Self {
        match c {
            'a'..='z' | 'A'..='Z' => Self::Lower,
            '0'..='9' => Self::Digit,
            ' ' => Self::Space,
            c if c.is_ascii() => Self::Mark,
            _ => Self::Other,
        }
    }

    /// Characters of a run that make one token.
    fn stride(self) -> usize {
        match self {
            Self::Lower => 6,
            Self::Digit => 3,
            Self::Space => 16,
            Self::Mark => 2,
            Self::None | Self::Other => 1,
        }
    }

    /// A single space is part of the word behind it.
    fn cost(self) -> usize {
        usize::from(self != Self::Space)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_numbers_and_marks() {
        assert_eq!(estimate(""), 0);
        assert_eq!(estimate("order 1001"), 3);
        assert!(estimate("PickConsumer.onOrder") >= 5);
        assert_eq!(estimate("数量"), 2);
    }
}
