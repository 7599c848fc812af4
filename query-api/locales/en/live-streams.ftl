# Live streams, users, and finding them.
live-streams-own = Live streams that you run
live-streams-own-none = You neither create nor moderate any live stream.
live-streams-busy = Where there is work
live-streams-busy-none = No live stream has open reports or bans.
live-streams-cut = Only the first are shown. Find the others by title or id.
live-streams-status = State
live-streams-reports = Open reports
live-streams-bans = Bans in force

live-stream-facts = The live stream
live-stream-creator = Creator
live-stream-moderators = Moderators
live-stream-no-moderators = None
live-stream-more = and { $count } more
live-stream-id = Live stream id
live-stream-chat = Chat id
live-stream-updated = Last changed
live-stream-reports = Reports of it

user-facts = The user
user-name = Name
user-availability = Presence
user-id = User id
user-channel = Channel id
user-deleted = The platform has removed this user.
user-erased = What this user was called has been erased.
user-runs = Runs these live streams
user-runs-none = None.
user-reports = Reports by this user

reports-none = None.
reports-count = { $count ->
    [one] { $count } report
   *[other] { $count } reports
}
reports-more = In the queue

access-title = Check access
access-check = Check
access-may-watch = May watch
access-may-not-watch = May not watch
access-may-chat = May chat
access-may-not-chat = May not chat
access-ban = Because of a ban
access-until = until

find-title = Found
find-none = Nothing that you may see is called so.
find-users = Users

pages = Pages
pages-first = First page
pages-next = Next page

timeline = What happened
timeline-empty = Nothing yet.
timeline-user = User:
timeline-live-stream = Live stream:
timeline-by = by
timeline-revoked = Ban revoked
timeline-expired = Ban expired
timeline-superseded = Ban replaced by another
timeline-reported = Reported: { $name }
timeline-reviewed = Report reviewed: { $name }
timeline-cause-ban = because of this ban
timeline-cause-report = because of this report
