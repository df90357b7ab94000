//! Files that commands read lines from: opened, looked at before anything is made of them, and said what they are where they are no text.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use anyhow::Context as _;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::domain::signin::Provider;

/// A file, or standard input for `-`, that begins like text.
///
/// # Errors
/// Where it cannot be read, or is packed or written in another encoding than UTF-8: with the way to change that.
pub fn open(path: &Path) -> anyhow::Result<Box<dyn BufRead + Send>> {
    let mut input: Box<dyn BufRead + Send> = if path == Path::new("-") {
        Box::new(BufReader::new(io::stdin()))
    } else {
        let file = File::open(path).with_context(|| format!("`{}` cannot be read", path.display()))?;
        Box::new(BufReader::with_capacity(1 << 18, file))
    };
    let begins = input.fill_buf().with_context(|| format!("`{}` cannot be read", path.display()))?;
    let name = path.display();
    match begins {
        [0x1f, 0x8b, ..] => {
            anyhow::bail!("`{name}` is packed with gzip: unpack it on the way in, as in `zcat {name} | claviger … -`")
        }
        [0x28, 0xb5, 0x2f, 0xfd, ..] => {
            anyhow::bail!(
                "`{name}` is packed with zstd: unpack it on the way in, as in `zstdcat {name} | claviger … -`"
            )
        }
        [b'P', b'K', 3, 4, ..] => anyhow::bail!("`{name}` is a zip archive: unpack it first"),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => anyhow::bail!(
            "`{name}` is written in UTF-16, as Windows tools do: convert it, as in `iconv -f UTF-16 -t UTF-8 {name} | claviger … -`"
        ),
        _ => Ok(input),
    }
}

/// The names of the logs that can be read, as the help lists them.
pub fn provider() -> impl TypedValueParser<Value = Provider> {
    PossibleValuesParser::new(Provider::ALL.map(Provider::name)).try_map(|name| name.parse::<Provider>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_text_is_called_what_it_is() {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes, says) in [
            ("a.gz", &[0x1f, 0x8b, 8, 0][..], "zcat"),
            ("b.json", &[0xff, 0xfe, b'{', 0][..], "iconv"),
            ("c.zip", b"PK\x03\x04", "zip archive"),
        ] {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            let error = open(&path).err().unwrap().to_string();
            assert!(error.contains(says) && error.contains(name), "{error}");
        }
        let path = folder.path().join("d.jsonl");
        std::fs::write(&path, "{}\n").unwrap();
        assert_eq!(open(&path).unwrap().lines().count(), 1);
        assert!(open(&folder.path().join("none")).is_err());
    }
}
