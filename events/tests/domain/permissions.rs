//! Every role set × action × relation of the caller × relation of the subject × oneself, against
//! the table of contract §2 written down a second time: who may, and who may not after all.

use events::{Action, Denial, Relation, Role, Roles, Situation, permit};

#[derive(Debug, Clone, Copy)]
enum Who {
    Anyone,
    Himself,
    Creator,
    StreamModerator,
    Has(Role),
}
use Who::{Anyone, Creator, Has, Himself, StreamModerator};

const MODERATOR: Who = Has(Role::Moderator);
const ADMIN: Who = Has(Role::Admin);
const AUDITOR: Who = Has(Role::Auditor);
const SERVICE: Who = Has(Role::Service);

const MAY: [(Action, &[Who]); 15] = [
    (Action::CreateBan, &[Creator, StreamModerator, MODERATOR, ADMIN]),
    (Action::RevokeBan, &[Creator, StreamModerator, MODERATOR, ADMIN]),
    (Action::FileReport, &[Anyone]),
    (Action::ReviewReport, &[MODERATOR, ADMIN]),
    (Action::ReadBans, &[Creator, StreamModerator, MODERATOR, ADMIN]),
    (Action::CheckBan, &[Himself, Creator, StreamModerator, MODERATOR, ADMIN, SERVICE]),
    (Action::ReadOwnReports, &[Anyone]),
    (Action::ReadReportQueue, &[MODERATOR, ADMIN]),
    (Action::ReadReport, &[Himself, MODERATOR, ADMIN]),
    (Action::ReadHistory, &[AUDITOR, ADMIN]),
    (Action::ReadDirectory, &[Himself, Creator, StreamModerator, MODERATOR, ADMIN, AUDITOR]),
    (Action::WriteSnapshots, &[SERVICE]),
    (Action::ErasePerson, &[ADMIN]),
    (Action::HoldPerson, &[ADMIN]),
    (Action::ReadPrivacyRecords, &[AUDITOR, ADMIN]),
];

type Fits = fn(&Roles, Situation) -> bool;

/// For those who may otherwise; the first that fits is the answer.
const BUT: [(Action, Fits, Denial); 7] = [
    (Action::CreateBan, |_, s| s.oneself, Denial::Oneself),
    (Action::CreateBan, |_, s| s.subject == Relation::Creator, Denial::SubjectIsProtected),
    (Action::CreateBan, |_, s| s.subject == Relation::Moderator, Denial::SubjectIsProtected),
    (Action::RevokeBan, only_a_moderator_lifts_a_moderators, Denial::SubjectIsModerator),
    (Action::FileReport, |_, s| s.caller == Relation::Creator, Denial::OwnLiveStream),
    (Action::ReviewReport, |_, s| s.oneself, Denial::Partial),
    (Action::ReviewReport, |_, s| s.caller == Relation::Creator, Denial::Partial),
];

fn only_a_moderator_lifts_a_moderators(roles: &Roles, s: Situation) -> bool {
    let above = [Creator, MODERATOR, ADMIN].into_iter().any(|who| is(who, roles, s));
    !above && s.subject == Relation::Moderator
}

fn is(who: Who, roles: &Roles, s: Situation) -> bool {
    match who {
        Anyone => true,
        Himself => s.oneself,
        Creator => s.caller == Relation::Creator,
        StreamModerator => s.caller == Relation::Moderator,
        Has(role) => roles.has(role),
    }
}

fn expected(action: Action, roles: &Roles, s: Situation) -> Result<(), Denial> {
    let (_, who) = MAY.iter().find(|(of, _)| *of == action).expect("every action has its line");
    if !who.iter().any(|who| is(*who, roles, s)) {
        return Err(Denial::NotAllowed);
    }
    let exception = BUT.iter().find(|(of, fits, _)| *of == action && fits(roles, s));
    exception.map_or(Ok(()), |(_, _, denial)| Err(*denial))
}

fn every_role_set() -> impl Iterator<Item = Roles> {
    (0..1 << Role::ALL.len()).map(|set: usize| {
        let chosen = Role::ALL.into_iter().enumerate().filter(|(bit, _)| set & (1 << bit) != 0);
        chosen.map(|(_, role)| role).collect()
    })
}

fn every_situation() -> impl Iterator<Item = Situation> {
    const RELATIONS: [Relation; 3] = [Relation::Creator, Relation::Moderator, Relation::Outsider];
    RELATIONS.into_iter().flat_map(|caller| {
        RELATIONS.into_iter().flat_map(move |subject| {
            [true, false].map(|oneself| Situation { caller, subject, oneself })
        })
    })
}

#[test]
fn the_table_says_who_may_do_what() {
    let mut checked = 0;
    for action in Action::ALL {
        for roles in every_role_set() {
            for situation in every_situation() {
                assert_eq!(
                    permit(action, &roles, situation),
                    expected(action, &roles, situation),
                    "{action:?} by {roles:?} in {situation:?}"
                );
                checked += 1;
            }
        }
    }
    assert_eq!(checked, 15 * 16 * 18);
}

#[test]
fn without_a_live_stream_only_roles_count() {
    let allowed = |roles: &[Role]| {
        let roles: Roles = roles.iter().copied().collect();
        Action::ALL
            .into_iter()
            .filter(|action| permit(*action, &roles, Situation::NONE).is_ok())
            .collect::<Vec<_>>()
    };
    assert_eq!(allowed(&[]), [Action::FileReport, Action::ReadOwnReports]);
    assert_eq!(
        allowed(&[Role::Service]),
        [Action::FileReport, Action::CheckBan, Action::ReadOwnReports, Action::WriteSnapshots]
    );
    assert_eq!(
        allowed(&[Role::Auditor]),
        [
            Action::FileReport,
            Action::ReadOwnReports,
            Action::ReadHistory,
            Action::ReadDirectory,
            Action::ReadPrivacyRecords
        ]
    );
}

#[test]
fn a_role_that_means_nothing_to_us_is_none() {
    for role in Role::ALL {
        assert_eq!(Role::parse(role.as_str()), Some(role));
    }
    for unknown in ["", "Moderator", "root", "moderator ", "owner"] {
        assert_eq!(Role::parse(unknown), None, "{unknown:?}");
    }
}
