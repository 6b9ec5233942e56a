//! A list that allocates nothing for one element. Nearly every chunk of a stream has one.

use alloc::{vec, vec::Vec};
use core::{
    fmt, iter, mem,
    ops::{Deref, DerefMut},
    option, slice,
};

use serde::{Serialize, Serializer};

/// The choices of a [`Chunk`](super::Chunk). Use it as a slice. It allocates memory only if it holds more than one element.
///
/// ```
/// use llm_response::chat::Choices;
///
/// let mut choices = Choices::from(["a"]);
/// choices.push("b");
/// assert_eq!(choices.len(), 2);
/// assert_eq!(choices[1], "b");
/// assert!(choices.iter().eq(&["a", "b"]));
/// assert_eq!(choices.into_iter().collect::<Vec<_>>(), ["a", "b"]);
/// ```
#[derive(Clone)]
pub struct Choices<T>(List<T>);

#[derive(Clone)]
enum List<T> {
    /// None, or one.
    Few(Option<T>),
    Many(Vec<T>),
}

impl<T> Choices<T> {
    /// No choices.
    pub const fn new() -> Self {
        Self(List::Few(None))
    }

    /// Adds a choice at the end. The second one allocates.
    pub fn push(&mut self, choice: T) {
        match &mut self.0 {
            List::Few(first) => match first.take() {
                None => *first = Some(choice),
                Some(first) => self.0 = List::Many(vec![first, choice]),
            },
            List::Many(choices) => choices.push(choice),
        }
    }
}

impl<T> Default for Choices<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Deref for Choices<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        match &self.0 {
            List::Few(first) => first.as_slice(),
            List::Many(choices) => choices,
        }
    }
}

impl<T> DerefMut for Choices<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        match &mut self.0 {
            List::Few(first) => first.as_mut_slice(),
            List::Many(choices) => choices,
        }
    }
}

impl<T> From<Vec<T>> for Choices<T> {
    fn from(choices: Vec<T>) -> Self {
        Self(List::Many(choices))
    }
}

impl<T, const N: usize> From<[T; N]> for Choices<T> {
    fn from(choices: [T; N]) -> Self {
        choices.into_iter().collect()
    }
}

impl<T> FromIterator<T> for Choices<T> {
    fn from_iter<I: IntoIterator<Item = T>>(choices: I) -> Self {
        let mut all = Self::new();
        all.extend(choices);
        all
    }
}

impl<T> Extend<T> for Choices<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, choices: I) {
        choices.into_iter().for_each(|choice| self.push(choice));
    }
}

impl<T> IntoIterator for Choices<T> {
    type Item = T;
    type IntoIter = iter::Chain<option::IntoIter<T>, vec::IntoIter<T>>;

    fn into_iter(mut self) -> Self::IntoIter {
        let (few, many) = match mem::replace(&mut self.0, List::Few(None)) {
            List::Few(first) => (first, Vec::new()),
            List::Many(choices) => (None, choices),
        };
        few.into_iter().chain(many)
    }
}

impl<'c, T> IntoIterator for &'c Choices<T> {
    type Item = &'c T;
    type IntoIter = slice::Iter<'c, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'c, T> IntoIterator for &'c mut Choices<T> {
    type Item = &'c mut T;
    type IntoIter = slice::IterMut<'c, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}

impl<T: PartialEq> PartialEq for Choices<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: Eq> Eq for Choices<T> {}

impl<T: fmt::Debug> fmt::Debug for Choices<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl<T: Serialize> Serialize for Choices<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (**self).serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use std::{format, vec::Vec};

    use super::*;

    /// Serializes as a vector with the same elements.
    #[test]
    fn it_is_a_list() {
        for len in 0..4 {
            let expected: Vec<u32> = (0..len).collect();
            let mut pushed = Choices::new();
            (0..len).for_each(|choice| pushed.push(choice));
            for mut choices in [pushed, (0..len).collect(), Choices::from(expected.clone())] {
                assert_eq!(*choices, *expected);
                assert_eq!(choices, Choices::from(expected.clone()));
                assert_eq!(format!("{choices:?}"), format!("{expected:?}"));
                assert_eq!(
                    serde_json::to_string(&choices).unwrap(),
                    serde_json::to_string(&expected).unwrap()
                );
                assert!((&choices).into_iter().eq(&expected));
                assert!(choices.clone().into_iter().eq(0..len));
                for choice in &mut choices {
                    *choice += 1;
                }
                choices.extend([9, 9]);
                assert!(choices.into_iter().eq((1..=len).chain([9, 9])));
            }
        }
        assert_ne!(Choices::from([1]), Choices::from([2]));
        assert!(Choices::<u32>::default().is_empty());
    }
}
