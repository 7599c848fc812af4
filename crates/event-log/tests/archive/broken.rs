//! An archive that is not whole is refused, and the line is named.

use std::io::Write;

use crate::sample::{archive, archive_of, event, events, fault, say};
use event_log::archive::{self, Positions, Reader};

/// A good archive's lines, with something done to them.
fn with(change: impl FnOnce(&mut Vec<String>)) -> String {
    let mut lines: Vec<String> = archive(&events()).lines().map(str::to_owned).collect();
    change(&mut lines);
    lines.join("\n") + "\n"
}

fn fault_of(change: impl FnOnce(&mut Vec<String>)) -> String {
    fault(with(change).as_bytes()).expect("it is refused")
}

#[test]
fn a_good_one_is_read() {
    assert_eq!(fault(archive(&events()).as_bytes()), None);
    assert_eq!(fault(archive(&[]).as_bytes()), None);
    let more = with(|lines| lines[0] = lines[0].replace('}', r#","by":"docket 9"}"#));
    assert_eq!(fault(more.as_bytes()), None, "the first line may say more");
    let gaps = [event(3, "a", 1), event(1042, "a", 2)];
    assert_eq!(fault(archive_of(Positions::Increasing, &gaps).as_bytes()), None);
}

#[test]
fn something_else_is_no_archive() {
    let foreign = "line 1 of the archive: this is no docket-dump";
    let others: [&[u8]; 6] = [
        b"",
        b"hello\n",
        b"{}\n",
        b"[]",
        b"\x89PNG\r\n\x1a\n\0\0",
        b"{\"format\":\"tar\",\"version\":1}\n",
    ];
    for other in others {
        assert_eq!(fault(other).as_deref(), Some(foreign), "{other:?}");
    }
    let endless = vec![b'x'; 20 << 20];
    assert_eq!(fault(&endless).as_deref(), Some(foreign));
    assert_eq!(
        fault_of(|lines| lines[0] = lines[0].replace(":1,", ":2,")),
        "line 1 of the archive: version 2 of the format is not known here, only version 1"
    );
}

#[test]
fn one_that_was_cut_is_refused_wherever_it_was_cut() {
    let whole = archive(&events());
    for length in 0..whole.len() {
        assert!(fault(&whole.as_bytes()[..length]).is_some(), "cut to {length} bytes");
    }
    let cut = "the file ends here, without the line that says how many events there are: it is \
               incomplete";
    assert_eq!(fault_of(|lines| lines.truncate(3)), format!("line 4 of the archive: {cut}"));
    let within = with(|lines| lines.truncate(3));
    let within = &within.as_bytes()[..within.len() - 9];
    assert_eq!(fault(within), Some(format!("line 3 of the archive: {cut}")));
}

#[test]
fn one_of_which_any_byte_was_changed_is_refused() {
    let whole = archive(&events()).into_bytes();
    for place in 0..whole.len() {
        for bits in [0x01, 0x20, 0x80] {
            let mut changed = whole.clone();
            changed[place] ^= bits;
            assert!(fault(&changed).is_some(), "byte {place} changed by {bits:#x}");
        }
    }
}

#[test]
fn lines_that_are_not_as_they_were_are_named() {
    let cases = [
        (fault_of(|lines| lines.swap(2, 3)), "line 3 of the archive: position 3 where 2 belongs"),
        (
            fault_of(|lines| drop(lines.remove(2))),
            "line 3 of the archive: position 3 where 2 belongs",
        ),
        (
            fault_of(|lines| lines.insert(3, lines[2].clone())),
            "line 4 of the archive: position 2 where 3 belongs",
        ),
        (
            fault_of(|lines| drop(lines.remove(5))),
            "line 6 of the archive: it says that there are 5 events, and there are 4",
        ),
        (
            fault_of(|lines| lines[4] = lines[4].replace("Happened", "Happenex")),
            "line 7 of the archive: it says that the root hash is \
             ROOT, and it is CHANGED",
        ),
        (
            fault_of(|lines| lines[4] = lines[4].replace("{\"data\"", "{ \"data\"")),
            "line 5 of the archive: it is not the canonical form of an event",
        ),
        (
            fault_of(|lines| lines[4] = lines[4].replace("\"list\":", "\"list\":7,\"list\":")),
            "line 5 of the archive: it is not the canonical form of an event",
        ),
        (
            fault_of(|lines| lines[4] = lines[4].replace("000005Z", "0000051Z")),
            "line 5 of the archive: it is not the canonical form of an event",
        ),
        (fault_of(|lines| lines[4] = "null".to_owned()), "line 5 of the archive: it is no event"),
        (
            fault_of(|lines| lines.push("more".to_owned())),
            "line 7 of the archive: something follows the last line",
        ),
    ];
    for (said, expected) in cases {
        let said = match said.split_once("the root hash is ") {
            Some((before, _)) => format!("{before}the root hash is ROOT, and it is CHANGED"),
            None => said,
        };
        assert_eq!(said, expected);
    }
}

#[test]
fn positions_that_do_not_increase_are_refused() {
    let events = [event(7, "a", 1), event(7, "a", 2)];
    assert_eq!(
        fault(archive_of(Positions::Increasing, &events).as_bytes()).as_deref(),
        Some("line 3 of the archive: position 7 where one above 7 belongs")
    );
}

/// Writes these bytes into a file and reads them as an archive.
fn fault_of_file(bytes: &[u8]) -> Option<String> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    let (input, _) = archive::open(file.path()).ok()?;
    let read = || {
        let mut reader = Reader::begin(input)?;
        while reader.next_event()?.is_some() {}
        Ok(())
    };
    read().err().as_ref().map(say)
}

#[test]
fn a_compressed_one_that_is_not_whole_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.zst");
    let mut draft = archive::create(&path).unwrap();
    let good = archive(&events());
    draft.write_all(good.as_bytes()).unwrap();
    draft.keep().unwrap();
    let whole = std::fs::read(&path).unwrap();
    assert_eq!(fault_of_file(&whole), None);
    // The first four bytes tell that it is compressed.
    for length in 4..whole.len() {
        assert!(fault_of_file(&whole[..length]).is_some(), "cut to {length} bytes");
    }
    for place in 4..whole.len() {
        let mut changed = whole.clone();
        changed[place] ^= 0x01;
        // Some bits tell how much memory to use, and nothing of what is there.
        let same = zstd::decode_all(&changed[..]).is_ok_and(|plain| plain == good.as_bytes());
        assert!(same || fault_of_file(&changed).is_some(), "byte {place}");
    }
    let trailing = fault_of_file(&[&whole[..], b"garbage"].concat());
    assert_eq!(trailing.as_deref(), Some("line 7 of the archive: it cannot be read"));
    let twice = fault_of_file(&[&whole[..], &whole[..]].concat());
    assert_eq!(twice.as_deref(), Some("line 7 of the archive: something follows the last line"));
}
