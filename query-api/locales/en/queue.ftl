queue-title = Report queue
queue-filter = Filter the queue
queue-type = Type
queue-status = Status
queue-sort = Order
queue-sort-oldest = Oldest first
queue-sort-newest = Newest first
queue-sort-most_reported = Most reported first
queue-live-stream = Live stream ID
queue-archived = Archived
queue-any = Any
queue-show = Show
queue-all = Show all
queue-total = { $count ->
    [one] { $count } live stream with open reports
   *[other] { $count } live streams with open reports
}
queue-empty = No open report is waiting.
queue-open = { $count ->
    [one] { $count } open report
   *[other] { $count } open reports
}
queue-of = of { $count }
queue-oldest = oldest { $name } ago
queue-select = Select report: { $name }
queue-select-all = { $count ->
    [one] Select this report
   *[other] Select these { $count } reports
}
queue-more = All { $count } reports of this live stream
queue-next = Next page

queue-bulk = What is selected
queue-chosen = { "{count}" } selected
queue-bulk-title = Several reports
queue-bulk-done = { $count ->
    [one] { $count } report was reviewed.
   *[other] { $count } reports were reviewed.
}
queue-bulk-refused = { $count ->
    [one] { $count } was refused.
   *[other] { $count } were refused.
}
queue-bulk-why = Why they were refused
queue-bulk-back = Back to the queue
queue-bulk-none = Select at least one report.
queue-bulk-what = Say what is to be done with the reports.
queue-bulk-too-many = At most { $count } reports can be reviewed at once.
queue-bulk-late = Not tried any more, since the others took too long. Send it again.

queue-arrived = Just arrived
queue-arrived-hint = New reports are listed here, so that nothing above moves.
queue-reload = Sort them in
queue-announce = { "{count}" } new reports have arrived

queue-reject-title = Reject the report
queue-reject-hint = Enter rejects, Shift+Enter begins a new line, Esc goes back.
queue-held = This will be sent in { "{seconds}" } seconds. Press u to undo.
queue-waiting = Not sent yet: { "{decision}" }
queue-left = { "{seconds}" } s left
queue-paused = Paused
queue-undo = Undo
queue-undone = Undone. Nothing was sent.
queue-several = { "{count}" } reports:
queue-done = { "{done}" } reviewed, { "{refused}" } refused
queue-failed = This could not be sent. Nothing may have happened; look before you try again.
queue-offline = The connection for live updates is lost. It is being restored.
queue-ended = The session has ended. Sign in again to go on.
queue-missed = A lot has happened in the meantime. Load the page again.

queue-key-claim = Claim the report
queue-key-resolve = Resolve the report
queue-key-reject = Reject the report with a note
queue-key-undo = Undo the last decision that is not sent yet
queue-key-select = Select the report
