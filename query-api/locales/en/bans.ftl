# Lists of bans.
bans-title = Bans
bans-views = Lists of bans
bans-view-all = All bans
bans-view-expiring = Ending soon
bans-expiring = Bans that end soon
bans-expiring-hint = In force, and over by themselves within 24 hours. The first to end comes first.
bans-caption = Bans
bans-none = There are no such bans.
bans-count = { $count ->
    [one] { $count } ban
   *[other] { $count } bans
}
bans-user = User
bans-user-id = User id
bans-live-stream = Live stream
bans-live-stream-id = Live stream id
bans-action = Kind
bans-any = Any
bans-state = State
bans-lasts = Lasts
bans-created = Created
bans-reason = Reason
bans-report = Report
bans-what = What to do
bans-from = From (UTC)
bans-to = To (UTC)
bans-filter = Show
bans-unfilter = Clear
bans-open = Open
bans-by = by
bans-ended = ended
bans-left = { $name } left
bans-permanent = Permanent
bans-standing-active = In force
bans-standing-revoked = Revoked
bans-standing-expired = Expired
bans-standing-superseded = Replaced
bans-status-active = In force
bans-status-revoked = Revoked
bans-status-expired = Expired
bans-status-all = All
bans-revoke = Revoke
bans-revoke-title = Revoke this ban?
bans-revoked = The ban is revoked.

# One ban.
ban-title = Ban of { $name }
ban-heading = Ban of
ban-facts = The ban
ban-id = Ban id
ban-no-reason = None was given.
ban-cause = Caused by report
ban-successor = Replaced by
ban-earlier = Ban before it

# The form that bans.
ban-form-title = Ban a user
ban-form-submit = Ban
ban-form-done = The user is banned.
ban-form-user-hint = Id or username
ban-form-live-stream-hint = Id, chat id or title
ban-form-do-BLOCK = Block
ban-form-do-CHAT_ONLY = Mute in chat
ban-form-BLOCK = may neither watch the live stream nor chat
ban-form-CHAT_ONLY = may watch the live stream, but not chat
ban-form-duration = For how long
ban-form-custom = Other
ban-form-number = Number
ban-form-unit = Unit
ban-form-minutes = minutes
ban-form-hours = hours
ban-form-days = days
ban-form-duration-wrong = The duration must be a whole number of minutes, hours or days, and 365 days at most.
ban-form-reason-hint = Up to { $count } characters.

# What somebody typed.
meant-no-user = Nobody has this id or username.
meant-several-users = Several users are called so: give the id.
meant-no-live-stream = No live stream has this id, chat id or title.
meant-several-live-streams = Several live streams are called so: give the id.
