# What opens every error of a status (contract §3).
problem-conflict = Resource already exists or cannot be changed in its current state
problem-forbidden = Insufficient permissions
problem-headers-too-large = Request headers too large
problem-internal = Internal server error
problem-invalid = Validation failed
problem-key-reused = Idempotency-Key was used with another request
problem-method-not-allowed = Method not allowed
problem-not-found = Resource not found
problem-payload-too-large = Request body too large
problem-rate-limited = Too many requests
problem-slow-body = Request body took too long
problem-unauthenticated = Authentication required
problem-unavailable = Service temporarily unavailable
problem-unsupported-media-type = Unsupported media type
problem-uri-too-long = Request address too long

# Tokens.
scope-insufficient = the token lacks a scope that this call needs
token-expired = the token has expired
token-in-query = a token is taken in the header Authorization only
token-malformed = the header Authorization must occur once and hold ASCII only
token-missing = a bearer token is required in the header Authorization
token-not-yet-valid = the token is not valid yet
token-refused = the token is not valid

# Fields of bodies and query strings.
blank = must not be blank
body-not-an-object = the body must be a JSON object
body-not-json = the body is not valid JSON (line { $line }, column { $column })
control-character = must not contain the control character { $found }
duplicate-name = must not occur more than once
list-too-long = must not hold more than { $max } entries
malformed = is malformed
not-a-boolean = must be true or false
not-a-list = must be a list
not-a-platform-id = must be 1 to 128 characters of A-Z a-z 0-9 _ . = -
not-a-string = must be a string
not-a-time = must be an RFC 3339 time such as 2026-01-15T10:30:00.000Z
not-an-integer-in-range = must be a whole number from { $min } to { $max }
not-an-object = must be an object
not-an-object-id = must be 24 lower-case hexadecimal digits
not-one-of = must be one of: { $allowed }
not-utf8 = must be UTF-8
required = is required
text-too-long = must not be longer than { $max } characters

# Headers.
header-too-long = must be at most { $max } printable ASCII characters
idempotency-key-malformed = must be 1 to 255 printable ASCII characters
not-a-position = must be a value that X-Event-Position or X-Read-Position gave

# Parameters of the YouTube dialect.
field-selection = Invalid field selection
parameter-required = Required parameter: { $name }
parameter-unexpected = Unexpected parameter: { $name }
parameter-value = Invalid value for parameter: { $name }
unknown-part = Unknown part: { $name }

# Queries.
query-alias-too = is another name of { $name }: give one of them
query-bad-cursor = must be a pagination.nextCursor of the same list
query-bans-denied = bans are shown to platform staff and to those who run the live stream
query-beyond-tree = must not be larger than the tree of { $size } events that it is compared with
query-check-denied = only for the user concerned, for those who run the live stream, platform staff and services
query-directory-denied = users and live streams are shown to themselves and to those who run a live stream, platform staff and auditors
query-end-before-start = must not lie before { $start }
query-history-behind = the index of history has not caught up with the log yet: try again
query-history-denied = history is shown to auditors and administrators
query-no-ban = there is no such ban
query-no-checkpoint = no checkpoint of the log has been signed yet
query-no-leaf = there is no such event in a tree of this size
query-no-live-stream = there is no such live stream
query-no-report = there is no such report
query-no-tile = there is no such tile, or not in this width
query-no-user = there is no such user
query-not-a-moment = must be an RFC 3339 time such as 2026-01-15T10:30:00.000Z
query-not-a-position = must be the position of an event, or 0
query-not-a-time = must be a date such as 2026-01-15 or an RFC 3339 time such as 2026-01-15T10:30:00.000Z
query-not-an-event-id = must be the id of an event: a ULID such as 01KF0XQG4V3E7Z5Y2M8N6P9R1T
query-not-recorded = the read could not be recorded, so it is not answered: try again
query-page-and-cursor = must not come together with page
query-page-too-deep = pages reach { $max } entries deep: beyond, follow pagination.nextCursor with cursor
query-range-too-long = an answer by { $interval } covers at most { $days } days
query-staff-only = only for platform staff
query-too-far-behind = this position is not reached yet

# The push over Socket.IO.
push-auth-malformed = auth must be an object whose token and language are strings
push-full = no further client can be served here now: try again
push-origin = pages of this origin may not connect
push-token-missing = a token is required: as auth.token, or as a bearer token in the header Authorization
push-too-many-sockets = a user may have { $max } sessions at once
push-too-many-streams = a socket may be in { $max } live streams at once

# The feed.
feed-full = as many feeds are open as this server allows: try again
feed-last-event-unknown = must be an id of this feed, or 0 for all of history; the last event is { $head }
feed-too-many = you have { $max } feeds open already: close one first

# Commands.
command-admins-only = only for admins
command-auditors-only = only for auditors and admins
command-ban-active = this user is banned there already, by ban { $id }
command-ban-ended = the ban has ended already
command-ban-unknown = there is no such ban
command-denied-moderator = a moderator may not lift a ban that is on another moderator
command-denied-not-allowed = neither your roles nor your part in the live stream allow this
command-denied-oneself = nobody can ban themselves
command-denied-own-live-stream = you cannot report your own live stream
command-denied-partial = you cannot review your own report, nor a report of your own live stream
command-denied-protected = the live stream's creator and its moderators cannot be banned there
command-description-required = required when type is other
command-duration-of-permanent = a permanent ban has no duration
command-erasure-unknown = there is no such erasure
command-held = a legal hold that was placed at { $since } is in the way: the texts of this person must be kept until it is released
command-hold-unknown = no legal hold is in force for this person
command-id-not-of-path = must be the id in the path
command-live-stream-unknown = there is no such live stream
command-record-collision = the record kept under this id belongs to another user or live stream
command-record-exhausted = no further entry fits on the record of this user on this live stream
command-report-not-from = a report that is { $from } does not take this change
command-report-open = your report { $id } of this live stream is still open
command-report-unknown = there is no such report
command-report-unknown-here = there is no such report of this live stream
command-user-deleted = this user no longer exists
command-user-unknown = there is no such user

# The dashboard.
dashboard-foreign = the request comes from another site; only pages of this dashboard may command
