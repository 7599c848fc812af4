-- Ways to the open reports of a live stream, and to the bans that a report led to.

SET LOCAL ROLE docket_service;

-- The queue by live streams: the first open report of each, and how many of which type there are. What is
-- decided, which is nearly everything, is not in it. The condition is the queries' own words.
CREATE INDEX ON projections.reports (live_stream_id, is_archived, created_at, id) INCLUDE (type, status)
    WHERE status IN ('pending', 'under_review');

CREATE INDEX ON projections.bans (report_id) WHERE report_id IS NOT NULL;

RESET ROLE;
