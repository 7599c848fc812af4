# Around every page.
skip = Skip to the content
nav = Sections
nav-queue = Queue
nav-bans = Bans
nav-live-streams = Live streams
nav-statistics = Statistics
nav-audit = Audit
find = Find a user or live stream
find-placeholder = User or live stream
language = Language
theme = Theme
theme-system = As the system
theme-light = Light
theme-dark = Dark
save = Save
close = Close
cancel = Cancel
refused = Not done:
sign-out = Sign out
keys = Keyboard shortcuts
keys-move = Next and previous row
keys-open = Open the row
keys-find = Find
keys-help = This list

role-moderator = moderator
role-admin = administrator
role-auditor = auditor
role-service = service

# What goes wrong.
problem-status = Status { $count }
problem-home = Back to the start
command-unanswered = The command API did not answer. Nothing may have happened; look before you try again.

# What things are called.
report-type-harassment_or_bullying = Harassment or bullying
report-type-hate_speech = Hate speech
report-type-sexual_content_or_nudity = Sexual content or nudity
report-type-violence_or_self_harm = Violence or self-harm
report-type-spam_or_scam = Spam or scam
report-type-copyright_or_intellectual_property = Copyright or intellectual property
report-type-other = Other

report-status-pending = Pending
report-status-under_review = Under review
report-status-resolved = Resolved
report-status-rejected = Rejected

action-type-BLOCK = Blocked
action-type-CHAT_ONLY = Muted in chat

stream-status-active = On air
stream-status-ended = Ended
stream-status-scheduled = Scheduled
stream-status-preparing = Preparing
stream-status-expired = Expired
stream-status-cancelled_by_host = Cancelled by host
stream-status-cancelled_by_guest = Cancelled by guest

span-days = { $count ->
    [one] { $count } day
   *[other] { $count } days
}
span-hours = { $count } h
span-minutes = { $count } min
span-seconds = { $count } s
