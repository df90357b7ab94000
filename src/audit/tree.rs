//! The Merkle tree over the record's leaves: RFC 6962 §2.1, unchanged in RFC 9162 §2.1, with SHA-256.
//!
//! A leaf is hashed as `SHA-256(0x00 ‖ bytes)`, a node as `SHA-256(0x01 ‖ left ‖ right)`; the different first byte keeps a node from
//! being passed off as a leaf. A tree of `n` leaves splits at the largest power of two below `n`.

use sha2::{Digest as _, Sha256};

use crate::domain::digest::Digest;

/// The hash of one leaf (RFC 6962 §2.1).
#[must_use]
pub fn leaf_hash(bytes: &[u8]) -> Digest {
    let mut hash = Sha256::new();
    hash.update([0]);
    hash.update(bytes);
    Digest(hash.finalize().into())
}

/// The hash of a node over its two halves (RFC 6962 §2.1).
#[must_use]
pub fn node_hash(left: &Digest, right: &Digest) -> Digest {
    let mut hash = Sha256::new();
    hash.update([1]);
    hash.update(left.0);
    hash.update(right.0);
    Digest(hash.finalize().into())
}

/// The right edge of a growing tree: all that is needed to append and to know the root, in 32 bytes per doubling.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    /// Roots of the full subtrees from left (largest) to right, one for every 1 in the size's binary form.
    edge: Vec<Digest>,
}

impl Frontier {
    /// An empty tree.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many leaves there are.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf by its bytes and answers its hash.
    pub fn append(&mut self, bytes: &[u8]) -> Digest {
        let hash = leaf_hash(bytes);
        self.append_hash(hash);
        hash
    }

    /// Appends a leaf by its hash.
    pub fn append_hash(&mut self, leaf: Digest) {
        let mut hash = leaf;
        // Every trailing 1 of the size is a full subtree that now gets its right twin.
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.edge.pop() {
                hash = node_hash(&left, &hash);
            }
        }
        self.edge.push(hash);
        self.size += 1;
    }

    /// The root; the hash of nothing where the tree is empty (RFC 6962 §2.1).
    #[must_use]
    pub fn root(&self) -> Digest {
        let mut right_to_left = self.edge.iter().rev();
        let Some(last) = right_to_left.next() else { return Digest::of(b"") };
        right_to_left.fold(*last, |root, left| node_hash(left, &root))
    }
}

/// The root of the tree with these leaf hashes.
#[must_use]
pub fn root_of(leaves: &[Digest]) -> Digest {
    let mut tree = Frontier::new();
    for leaf in leaves {
        tree.append_hash(*leaf);
    }
    tree.root()
}

/// The proof that leaf `index` stands in the tree of these leaf hashes: siblings from the leaf up (RFC 9162 §2.1.3.1).
/// `None` where there is no such leaf.
#[must_use]
pub fn inclusion(leaves: &[Digest], index: usize) -> Option<Vec<Digest>> {
    if index >= leaves.len() {
        return None;
    }
    let (mut from, mut to) = (0, leaves.len());
    let mut downwards = Vec::new();
    while to - from > 1 {
        let middle = from + split(to - from);
        if index < middle {
            downwards.push(root_of(&leaves[middle..to]));
            to = middle;
        } else {
            downwards.push(root_of(&leaves[from..middle]));
            from = middle;
        }
    }
    downwards.reverse();
    Some(downwards)
}

/// True where the siblings lead from this leaf hash to this root (RFC 9162 §2.1.3.2).
#[must_use]
pub fn includes(root: &Digest, size: u64, index: u64, leaf: &Digest, path: &[Digest]) -> bool {
    if index >= size {
        return false;
    }
    let (mut node, mut last, mut hash) = (index, size - 1, *leaf);
    for sibling in path {
        if last == 0 {
            return false;
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(sibling, &hash);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    last == 0 && hash == *root
}

/// The proof that the tree of the first `old` leaves is a beginning of the tree of all of them (RFC 9162 §2.1.4.1).
/// `None` where there are not that many leaves. Empty where both are the same or the old one is empty.
#[must_use]
pub fn consistency(leaves: &[Digest], old: usize) -> Option<Vec<Digest>> {
    if old > leaves.len() {
        return None;
    }
    if old == 0 || old == leaves.len() {
        return Some(Vec::new());
    }
    let (mut from, mut to) = (0, leaves.len());
    // True while the old tree is a whole subtree that the verifier knows already.
    let mut known = true;
    let mut downwards = Vec::new();
    while to != old {
        let middle = from + split(to - from);
        if old <= middle {
            downwards.push(root_of(&leaves[middle..to]));
            to = middle;
        } else {
            downwards.push(root_of(&leaves[from..middle]));
            from = middle;
            known = false;
        }
    }
    if !known {
        downwards.push(root_of(&leaves[from..to]));
    }
    downwards.reverse();
    Some(downwards)
}

/// True where the proof shows that the old tree is a beginning of the new one (RFC 9162 §2.1.4.2).
#[must_use]
pub fn extends(old_root: &Digest, old: u64, new_root: &Digest, new: u64, proof: &[Digest]) -> bool {
    if old == new {
        return proof.is_empty() && old_root == new_root;
    }
    if old == 0 {
        return proof.is_empty() && *old_root == Digest::of(b"");
    }
    if old > new {
        return false;
    }
    // Where the old size is a power of two its root is the first element, which then is left out.
    let whole: Vec<Digest>;
    let proof = if old.is_power_of_two() {
        whole = std::iter::once(*old_root).chain(proof.iter().copied()).collect();
        &whole[..]
    } else {
        proof
    };
    let Some((first, rest)) = proof.split_first() else { return false };
    let (mut node, mut last) = (old - 1, new - 1);
    while node & 1 == 1 {
        node >>= 1;
        last >>= 1;
    }
    let (mut old_hash, mut new_hash) = (*first, *first);
    for sibling in rest {
        if last == 0 {
            return false;
        }
        if node & 1 == 1 || node == last {
            old_hash = node_hash(sibling, &old_hash);
            new_hash = node_hash(sibling, &new_hash);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            new_hash = node_hash(&new_hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    last == 0 && old_hash == *old_root && new_hash == *new_root
}

/// The largest power of two below `n`, for `n` of at least 2.
fn split(n: usize) -> usize {
    1 << (usize::BITS - 1 - (n - 1).leading_zeros())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The reference leaves and roots of the certificate-transparency project (`merkletree` tests of RFC 6962's authors).
    const LEAVES: [&str; 8] =
        ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
    const ROOTS: [&str; 8] = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    fn digest(text: &str) -> Digest {
        text.parse().unwrap()
    }

    fn reference() -> Vec<Digest> {
        LEAVES.iter().map(|leaf| leaf_hash(&hex::decode(leaf).unwrap())).collect()
    }

    #[test]
    fn roots_are_the_reference_ones() {
        assert_eq!(root_of(&[]), digest("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
        for (n, root) in ROOTS.iter().enumerate() {
            assert_eq!(root_of(&reference()[..=n]), digest(root), "{} leaves", n + 1);
        }
    }

    #[test]
    fn proofs_are_the_reference_ones() {
        let leaves = reference();
        let path = |size: usize, index| inclusion(&leaves[..size], index).unwrap();
        assert_eq!(
            path(8, 0),
            [
                digest("96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"),
                digest("5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"),
                digest("6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"),
            ]
        );
        assert_eq!(
            path(8, 5),
            [
                digest("bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"),
                digest("ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"),
                digest("d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"),
            ]
        );
        assert_eq!(path(3, 2), [digest("fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125")]);
        assert_eq!(
            consistency(&leaves, 6).unwrap(),
            [
                digest("0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"),
                digest("ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"),
                digest("d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"),
            ]
        );
    }

    #[test]
    fn every_leaf_of_every_small_tree_is_proved_and_no_other() {
        let leaves: Vec<Digest> = (0..70u8).map(|n| leaf_hash(&[n])).collect();
        for size in 1..=leaves.len() {
            let root = root_of(&leaves[..size]);
            for index in 0..size {
                let path = inclusion(&leaves[..size], index).unwrap();
                let holds =
                    |i: usize, leaf: &Digest, path: &[Digest]| includes(&root, size as u64, i as u64, leaf, path);
                assert!(holds(index, &leaves[index], &path), "{index} of {size}");
                assert!(!holds(index, &leaf_hash(b"other"), &path));
                assert!(!holds((index + 1) % size, &leaves[index], &path) || size == 1);
                if let Some((_, shorter)) = path.split_last() {
                    assert!(!holds(index, &leaves[index], shorter));
                }
                let longer: Vec<Digest> = path.iter().copied().chain([root]).collect();
                assert!(!holds(index, &leaves[index], &longer));
            }
            assert_eq!(inclusion(&leaves[..size], size), None);
        }
    }
}
