//! What of the queue somebody wants to see: an address, and the form that leads to it.

use events::report::{ReportStatus, ReportType};
use form_urlencoded::Serializer;
use web::{Fields, Input, Problem};

use crate::page::{Found, Page};
use crate::read::report_groups::{Group, GroupFilter, GroupKey};
use crate::read::reports::{ReportOrder, ReportRow};
use crate::read::window::{ReportKey, Window};

const PATH: &str = "/dashboard/queue";
/// Reports of each live stream, where several are shown.
const SOME: u32 = 20;
/// Reports on a page of one live stream.
const MANY: u32 = 100;
/// In the order that cursors are of.
const OF_ONE: &str = "of-one";

/// What is wanted.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    pub(super) filter: GroupFilter,
    pub(super) order: ReportOrder,
    pub(super) groups: Page<GroupKey>,
    /// Which reports of each live stream.
    pub(super) reports: Window<ReportKey>,
    /// The parameters that were filled in, but for where the page begins.
    said: Vec<(String, String)>,
    /// The same with where it begins.
    here: Vec<(String, String)>,
    /// The next page of reports, where only one live stream is shown.
    page: Option<Page<ReportKey>>,
}

impl Wanted {
    /// What the query of an address says.
    pub(super) fn parse(query: Option<&str>) -> Result<Self, Problem> {
        let pairs = form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned();
        let trimmed = pairs.map(|(name, value)| (name, value.trim().to_owned()));
        // A browser sends the empty fields of a form, too.
        let mut here: Vec<_> = trimmed.filter(|(_, value)| !value.is_empty()).collect();
        let said: Vec<_> =
            here.iter().filter(|(name, _)| name != "cursor" && name != "limit").cloned().collect();
        let one = said.iter().any(|(name, _)| name == "liveStreamId");
        if one {
            here.retain(|(name, _)| name != "limit");
            here.push(("limit".to_owned(), MANY.to_string()));
        }
        let mut fields = Fields::from_query(Some(&text(&here)))?;
        let order = |input: Input| input.one_of(&ReportOrder::ALL, ReportOrder::as_str);
        let order = fields.optional("sort", order).unwrap_or_default();
        let filter = filter(&mut fields);
        let page = one.then(|| Page::parse(&mut fields, OF_ONE));
        let groups = if one {
            Page::parse(&mut Fields::from_query(None)?, order.as_str())
        } else {
            Page::parse(&mut fields, order.as_str())
        };
        fields.finish()?;
        here.retain(|(name, _)| name != "limit");
        let some = Window { limit: SOME, offset: 0, after: None };
        let reports = page.as_ref().map_or(some, |page| page.window.clone());
        Ok(Self { filter, order, groups, reports, said, here, page })
    }

    /// The page's own address.
    pub(super) fn here(&self) -> String {
        address(&self.here)
    }

    /// The address of the page behind what was `found`.
    pub(super) fn next(&self, found: &Found<Group>) -> Option<String> {
        let order = self.order;
        let cursor = match &self.page {
            None => {
                self.groups.listing(found, |group| group.key(order), |_| ()).pagination.next_cursor
            }
            Some(page) => {
                let group = found.rows.first()?;
                let found = Found { rows: group.reports.clone(), more: group.more, total: 0 };
                page.listing(&found, ReportRow::key, |_| ()).pagination.next_cursor
            }
        };
        cursor.map(|cursor| self.with("cursor", &cursor))
    }

    /// The address of all reports of the live stream, when there are others than those that are shown.
    pub(super) fn more(&self, group: &Group) -> Option<String> {
        let elsewhere = group.more && self.page.is_none();
        elsewhere.then(|| self.with("liveStreamId", group.live_stream_id.as_str()))
    }

    fn with(&self, name: &str, value: &str) -> String {
        let mut pairs = self.said.clone();
        pairs.push((name.to_owned(), value.to_owned()));
        address(&pairs)
    }

    /// Whether only a part of what is open is shown.
    pub(super) fn is_narrow(&self) -> bool {
        self.filter != GroupFilter::default()
    }

    /// The live stream that it is narrowed down to.
    pub(super) fn live_stream(&self) -> &str {
        self.filter.live_stream.as_ref().map_or("", |id| id.as_str())
    }

    /// The types that can be chosen, and whether it is this one.
    pub(super) fn types(&self) -> [(ReportType, bool); 7] {
        ReportType::ALL.map(|known| (known, self.filter.report_type == Some(known)))
    }

    /// The states that can be chosen, and whether it is this one.
    pub(super) fn statuses(&self) -> [(ReportStatus, bool); 2] {
        OPEN.map(|known| (known, self.filter.status == Some(known)))
    }

    /// The orders that can be chosen, and whether it is this one.
    pub(super) fn orders(&self) -> [(&'static str, bool); 3] {
        ReportOrder::ALL.map(|known| (known.as_str(), self.order == known))
    }
}

const OPEN: [ReportStatus; 2] = [ReportStatus::Pending, ReportStatus::UnderReview];

fn filter(fields: &mut Fields) -> GroupFilter {
    let report_type = |input: Input| input.one_of(&ReportType::ALL, ReportType::as_str);
    GroupFilter {
        live_stream: fields.optional("liveStreamId", Input::parse),
        report_type: fields.optional("type", report_type),
        status: fields.optional("status", |input| input.one_of(&OPEN, ReportStatus::as_str)),
        is_archived: fields.optional("isArchived", Input::boolean).unwrap_or(false),
    }
}

fn text(pairs: &[(String, String)]) -> String {
    Serializer::new(String::new()).extend_pairs(pairs).finish()
}

fn address(pairs: &[(String, String)]) -> String {
    if pairs.is_empty() { PATH.to_owned() } else { format!("{PATH}?{}", text(pairs)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_left_empty_was_not_asked() {
        let wanted =
            Wanted::parse(Some("type=&status=pending&liveStreamId=+&sort=newest")).unwrap();
        assert_eq!(wanted.filter.status, Some(ReportStatus::Pending));
        assert_eq!((wanted.filter.report_type, &wanted.filter.live_stream), (None, &None));
        assert_eq!(wanted.here(), "/dashboard/queue?status=pending&sort=newest");
        assert_eq!(Wanted::parse(None).unwrap().here(), "/dashboard/queue");
    }

    #[test]
    fn one_live_stream_shows_more_of_its_reports() {
        let wanted = Wanted::parse(Some("liveStreamId=s1")).unwrap();
        assert_eq!(
            (wanted.reports.limit, wanted.here()),
            (MANY, "/dashboard/queue?liveStreamId=s1".to_owned())
        );
        assert_eq!(Wanted::parse(Some("type=other")).unwrap().reports.limit, SOME);
    }

    #[test]
    fn what_is_no_open_report_cannot_be_asked_for() {
        for query in ["status=resolved", "type=x", "sort=x", "cursor=x", "liveStreamId=a%20b"] {
            assert!(Wanted::parse(Some(query)).is_err(), "{query}");
        }
    }
}
