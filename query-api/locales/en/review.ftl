# Reviewing a report, on several pages.
review-claim = Claim
review-resolve = Resolve
review-reject = Reject
review-archive = Archive
review-unarchive = Take out of the archive
review-archived = Archived
review-note = Note for other staff (optional)
review-done-under_review = Claimed: it is under review by you.
review-done-resolved = Resolved.
review-done-rejected = Rejected.
review-done-archived = Archived.
review-done-unarchived = Taken out of the archive.

# Between the name of who did it and the time.
line-has = has had it since
line-resolved = resolved it on
line-rejected = rejected it on
line-changed = changed it last on
