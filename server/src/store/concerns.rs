//! Reports of concern. What is told of one here never holds who reported it or how to reach them: that
//! is in `concern_reporters`, and only `reporter` reads it.

use compliance::access::Role;
use compliance::alert::Risk;
use compliance::concern_report::{ReportActKind, ReportStatus, Reporter};
use compliance::{Instant, Word};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Binary, Bool};

use super::id::{AccountId, ConcernActId, ConcernId, OrderId, StationId, SubjectId};
use super::schema::{
    accounts, concern_acts, concern_numbers, concern_reporters, concern_reports, orders, subjects,
};
use super::scope::{Condition, Scope};
use super::types::{MaybeMs, Ms, Spelled};
use super::{StoreError, Tx};

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = concern_reports)]
pub struct Concern {
    pub id: ConcernId,
    /// "C/26/000123".
    pub reference: String,
    pub secret_digest: Option<Vec<u8>>,
    #[diesel(deserialize_as = Spelled)]
    pub reporter: Reporter,
    /// Whom it is about, as told.
    pub about: String,
    pub words: String,
    #[diesel(deserialize_as = MaybeMs)]
    pub happened_at: Option<Instant>,
    pub place: String,
    #[diesel(deserialize_as = Ms)]
    pub reported_at: Instant,
    /// Nobody, when it came through the public form.
    pub recorded_by: Option<AccountId>,
    pub station_id: Option<StationId>,
    /// Until somebody has looked.
    #[diesel(deserialize_as = Spelled)]
    pub first_risk: Risk,
    pub body_digest: Vec<u8>,
    pub order_id: Option<OrderId>,
    pub subject_id: Option<SubjectId>,
    #[diesel(deserialize_as = Spelled)]
    pub risk: Risk,
    #[diesel(deserialize_as = Spelled)]
    pub status: ReportStatus,
    pub investigator_id: Option<AccountId>,
    #[diesel(deserialize_as = MaybeMs)]
    pub next_due_at: Option<Instant>,
    pub linked_to: Option<ConcernId>,
}

/// A report with the words that a list needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConcernInContext {
    pub concern: Concern,
    pub order_reference: Option<String>,
    pub subject_name: Option<String>,
    pub investigator_name: Option<String>,
    pub recorded_by_name: Option<String>,
}

/// Who reported, and how to reach them. For those who investigate, and for nobody else.
#[derive(Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = concern_reporters)]
pub struct ReporterDetails {
    pub name: String,
    pub contact: String,
    /// When and how it is safe to make contact.
    pub contact_safely: String,
}

impl std::fmt::Debug for ReporterDetails {
    /// Whatever is logged, this is not.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ReporterDetails")
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = concern_acts)]
pub struct ConcernAct {
    pub id: ConcernActId,
    pub report_id: ConcernId,
    /// In the order in which they were done, from 1.
    pub number: i64,
    #[diesel(deserialize_as = Spelled)]
    pub kind: ReportActKind,
    pub actor: AccountId,
    #[diesel(deserialize_as = Ms)]
    pub happened_at: Instant,
    /// The risk, the investigative action or the outcome.
    pub word: Option<String>,
    pub to_account: Option<AccountId>,
    pub to_report: Option<ConcernId>,
    pub to_order: Option<OrderId>,
    pub note: String,
}

impl Concern {
    /// The report as a sentence, for lists that more people read.
    pub fn says(&self) -> String {
        let reporter = self.reporter.as_str().replace('_', " ");
        format!("Report {}, from: {reporter}.", self.reference)
    }
}

impl ConcernAct {
    /// An act as a sentence. What was said with it stays out: the timeline is read by more people.
    pub fn says(&self, to_name: Option<&str>) -> String {
        let word = self.word.as_deref().unwrap_or_default().replace('_', " ");
        match self.kind {
            ReportActKind::Triaged => format!("Looked at: the risk is {word}."),
            ReportActKind::Allocated => format!("Given to {}.", to_name.unwrap_or("somebody")),
            ReportActKind::Investigated => format!("Investigated: {word}."),
            ReportActKind::Concluded => format!("Concluded: {word}."),
            ReportActKind::SignedOff => "Signed off by another person.".to_owned(),
            ReportActKind::SentBack => "Sent back to the investigator.".to_owned(),
            ReportActKind::ReporterTold => "Whoever reported was told.".to_owned(),
            ReportActKind::ReporterNotTold => {
                "Whoever reported was not told; the reason is on file.".to_owned()
            }
            ReportActKind::Reviewed => "Reviewed by a supervisor.".to_owned(),
            ReportActKind::Reopened => "Opened again.".to_owned(),
            ReportActKind::Linked => "Linked to another report about the same.".to_owned(),
        }
    }
}

/// A report that the caller may know of: about an order in their scope; about none, by supervisors, the
/// control room, whoever investigates it and whoever recorded it.
fn visible<Table: 'static>(scope: Scope) -> Condition<Table> {
    let has_order = sql::<Bool>("concern_reports.order_id IS NOT NULL");
    let answers = matches!(scope.role, Role::Supervisor | Role::ControlRoom);
    let without_order = sql::<Bool>("(concern_reports.order_id IS NULL AND (")
        .bind::<Bool, _>(answers)
        .sql(" OR concern_reports.investigator_id = ")
        .bind::<Binary, _>(scope.account)
        .sql(" OR concern_reports.recorded_by = ")
        .bind::<Binary, _>(scope.account)
        .sql("))");
    let in_scope = scope.sees::<Table>("concern_reports.order_id");
    Box::new(has_order.and(in_scope).or(without_order))
}

pub fn find(tx: &mut Tx<'_>, scope: Scope, id: ConcernId) -> Result<Option<Concern>, StoreError> {
    let query = concern_reports::table
        .filter(concern_reports::id.eq(id))
        .filter(visible::<concern_reports::table>(scope))
        .select(Concern::as_select());
    Ok(query.first(tx.conn).optional()?)
}

/// Whatever the caller's scope: an id that is taken is taken. For what the service does by itself, too.
pub fn find_for_service(tx: &mut Tx<'_>, id: ConcernId) -> Result<Option<Concern>, StoreError> {
    let query = concern_reports::table.find(id).select(Concern::as_select());
    Ok(query.first(tx.conn).optional()?)
}

/// For whoever follows their own report, and has shown nothing yet but its reference.
pub fn find_by_reference(tx: &mut Tx<'_>, reference: &str) -> Result<Option<Concern>, StoreError> {
    let query = concern_reports::table
        .filter(concern_reports::reference.eq(reference))
        .select(Concern::as_select());
    Ok(query.first(tx.conn).optional()?)
}

type Name = Option<String>;
type ContextRow = (Concern, Name, Name, Name, Name, Name);

diesel::alias!(accounts as recorders: Recorders);

fn in_context(row: ContextRow) -> ConcernInContext {
    let (concern, order_reference, given, family, investigator_name, recorded_by_name) = row;
    let subject_name = given.zip(family).map(|(given, family)| format!("{given} {family}"));
    ConcernInContext { concern, order_reference, subject_name, investigator_name, recorded_by_name }
}

#[diesel::dsl::auto_type(no_type_alias)]
fn contexts() -> _ {
    let selected: diesel::dsl::AsSelect<Concern, super::connection::AnyBackend> =
        Concern::as_select();
    concern_reports::table
        .left_join(orders::table.on(concern_reports::order_id.eq(orders::id.nullable())))
        .left_join(subjects::table.on(concern_reports::subject_id.eq(subjects::id.nullable())))
        .left_join(accounts::table.on(concern_reports::investigator_id.eq(accounts::id.nullable())))
        .left_join(
            recorders.on(concern_reports::recorded_by.eq(recorders.field(accounts::id).nullable())),
        )
        .select((
            selected,
            orders::reference.nullable(),
            subjects::given_names.nullable(),
            subjects::family_name.nullable(),
            accounts::display_name.nullable(),
            recorders.field(accounts::display_name).nullable(),
        ))
}

/// Which reports to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// Those that are not closed when nothing is said.
    pub status: Option<ReportStatus>,
    /// Behind this one.
    pub after: Option<(Instant, ConcernId)>,
    pub at_most: i64,
}

/// The oldest first, because it has waited longest.
pub fn list(
    tx: &mut Tx<'_>,
    scope: Scope,
    page: Page,
) -> Result<Vec<ConcernInContext>, StoreError> {
    let mut query = contexts().filter(visible(scope)).into_boxed();
    query = match page.status {
        None => query.filter(concern_reports::status.ne(ReportStatus::Closed.as_str())),
        Some(status) => query.filter(concern_reports::status.eq(status.as_str())),
    };
    if let Some((at, id)) = page.after {
        let is_same_instant =
            concern_reports::reported_at.eq(at.ms()).and(concern_reports::id.gt(id));
        query = query.filter(concern_reports::reported_at.gt(at.ms()).or(is_same_instant));
    }
    let query =
        query.order((concern_reports::reported_at, concern_reports::id)).limit(page.at_most);
    let rows: Vec<ContextRow> = query.load(tx.conn)?;
    Ok(rows.into_iter().map(in_context).collect())
}

pub fn find_in_context(
    tx: &mut Tx<'_>,
    scope: Scope,
    id: ConcernId,
) -> Result<Option<ConcernInContext>, StoreError> {
    let query = contexts().filter(concern_reports::id.eq(id)).filter(visible(scope));
    let found: Option<ContextRow> = query.first(tx.conn).optional()?;
    Ok(found.map(in_context))
}

/// Those about these orders since then, and those linked to one or that it is linked to, whenever. Of
/// them, what the caller may know.
pub fn beside(
    tx: &mut Tx<'_>,
    scope: Scope,
    concern: &Concern,
    (orders, since): (&[OrderId], Instant),
) -> Result<Vec<ConcernInContext>, StoreError> {
    let about = concern_reports::order_id
        .eq_any(orders.iter().copied().map(Some))
        .and(concern_reports::reported_at.ge(since.ms()))
        .assume_not_null();
    let of_linked = concern_reports::linked_to.eq(concern.id).assume_not_null();
    let linked = concern_reports::id.nullable().eq(concern.linked_to).assume_not_null();
    let query = contexts()
        .filter(about.or(of_linked).or(linked))
        .filter(concern_reports::id.ne(concern.id))
        .filter(visible(scope))
        .order((concern_reports::reported_at, concern_reports::id));
    let rows: Vec<ContextRow> = query.load(tx.conn)?;
    Ok(rows.into_iter().map(in_context).collect())
}

/// Of one order. The caller has shown that it is in scope by having it.
pub fn of_order(tx: &mut Tx<'_>, order: OrderId) -> Result<Vec<ConcernInContext>, StoreError> {
    let query = contexts()
        .filter(concern_reports::order_id.eq(order))
        .order((concern_reports::reported_at, concern_reports::id));
    let rows: Vec<ContextRow> = query.load(tx.conn)?;
    Ok(rows.into_iter().map(in_context).collect())
}

/// "C/26/000123": the next of the year.
pub fn next_reference(tx: &mut Tx<'_>, year: i32) -> Result<String, StoreError> {
    let year = i64::from(year);
    let last: Option<i64> = concern_numbers::table
        .find(year)
        .select(concern_numbers::last)
        .first(tx.conn)
        .optional()?;
    let next = last.unwrap_or(0) + 1;
    diesel::delete(concern_numbers::table.find(year)).execute(tx.conn)?;
    diesel::insert_into(concern_numbers::table)
        .values((concern_numbers::year.eq(year), concern_numbers::last.eq(next)))
        .execute(tx.conn)?;
    Ok(format!("C/{:02}/{next:06}", year.rem_euclid(100)))
}

pub fn insert(
    tx: &mut Tx<'_>,
    concern: &Concern,
    reporter: &ReporterDetails,
) -> Result<(), StoreError> {
    diesel::insert_into(concern_reports::table)
        .values((
            (
                concern_reports::id.eq(concern.id),
                concern_reports::reference.eq(&concern.reference),
                concern_reports::secret_digest.eq(&concern.secret_digest),
                concern_reports::reporter.eq(concern.reporter.as_str()),
                concern_reports::about.eq(&concern.about),
                concern_reports::words.eq(&concern.words),
                concern_reports::happened_at.eq(concern.happened_at.map(Instant::ms)),
                concern_reports::place.eq(&concern.place),
                concern_reports::reported_at.eq(concern.reported_at.ms()),
                concern_reports::recorded_by.eq(concern.recorded_by),
            ),
            (
                concern_reports::station_id.eq(concern.station_id),
                concern_reports::first_risk.eq(concern.first_risk.as_str()),
                concern_reports::body_digest.eq(&concern.body_digest),
                concern_reports::order_id.eq(concern.order_id),
                concern_reports::subject_id.eq(concern.subject_id),
                concern_reports::risk.eq(concern.risk.as_str()),
                concern_reports::status.eq(concern.status.as_str()),
                concern_reports::investigator_id.eq(concern.investigator_id),
                concern_reports::next_due_at.eq(concern.next_due_at.map(Instant::ms)),
                concern_reports::linked_to.eq(concern.linked_to),
            ),
        ))
        .execute(tx.conn)?;
    diesel::insert_into(concern_reporters::table)
        .values((
            concern_reporters::report_id.eq(concern.id),
            concern_reporters::name.eq(&reporter.name),
            concern_reporters::contact.eq(&reporter.contact),
            concern_reporters::contact_safely.eq(&reporter.contact_safely),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Writes anew what the acts come to.
pub fn set_derived(tx: &mut Tx<'_>, concern: &Concern) -> Result<(), StoreError> {
    diesel::update(concern_reports::table.find(concern.id))
        .set((
            concern_reports::order_id.eq(concern.order_id),
            concern_reports::subject_id.eq(concern.subject_id),
            concern_reports::risk.eq(concern.risk.as_str()),
            concern_reports::status.eq(concern.status.as_str()),
            concern_reports::investigator_id.eq(concern.investigator_id),
            concern_reports::next_due_at.eq(concern.next_due_at.map(Instant::ms)),
            concern_reports::linked_to.eq(concern.linked_to),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// The caller has shown that the report is in scope, and that they investigate.
pub fn reporter(tx: &mut Tx<'_>, id: ConcernId) -> Result<Option<ReporterDetails>, StoreError> {
    let query = concern_reporters::table.find(id).select(ReporterDetails::as_select());
    Ok(query.first(tx.conn).optional()?)
}

/// Who reported each of these, so that the same person is counted once. Never told to anybody.
pub fn reporter_names(
    tx: &mut Tx<'_>,
    ids: &[ConcernId],
) -> Result<Vec<(ConcernId, String)>, StoreError> {
    let query = concern_reporters::table
        .filter(concern_reporters::report_id.eq_any(ids))
        .select((concern_reporters::report_id, concern_reporters::name));
    Ok(query.load(tx.conn)?)
}

pub fn insert_act(tx: &mut Tx<'_>, act: &ConcernAct) -> Result<(), StoreError> {
    diesel::insert_into(concern_acts::table)
        .values((
            concern_acts::id.eq(act.id),
            concern_acts::report_id.eq(act.report_id),
            concern_acts::number.eq(act.number),
            concern_acts::kind.eq(act.kind.as_str()),
            concern_acts::actor.eq(act.actor),
            concern_acts::happened_at.eq(act.happened_at.ms()),
            concern_acts::word.eq(&act.word),
            concern_acts::to_account.eq(act.to_account),
            concern_acts::to_report.eq(act.to_report),
            concern_acts::to_order.eq(act.to_order),
            concern_acts::note.eq(&act.note),
        ))
        .execute(tx.conn)?;
    Ok(())
}

pub fn find_act(tx: &mut Tx<'_>, id: ConcernActId) -> Result<Option<ConcernAct>, StoreError> {
    Ok(concern_acts::table.find(id).select(ConcernAct::as_select()).first(tx.conn).optional()?)
}

/// In the order in which they were done.
pub fn acts(tx: &mut Tx<'_>, id: ConcernId) -> Result<Vec<ConcernAct>, StoreError> {
    let query = concern_acts::table
        .filter(concern_acts::report_id.eq(id))
        .order(concern_acts::number)
        .select(ConcernAct::as_select());
    Ok(query.load(tx.conn)?)
}

/// The same with who did each, and who was given it.
pub fn named_acts(
    tx: &mut Tx<'_>,
    id: ConcernId,
) -> Result<Vec<(ConcernAct, String, Option<String>)>, StoreError> {
    let query = concern_acts::table
        .inner_join(accounts::table.on(concern_acts::actor.eq(accounts::id)))
        .left_join(
            recorders.on(concern_acts::to_account.eq(recorders.field(accounts::id).nullable())),
        )
        .filter(concern_acts::report_id.eq(id))
        .order(concern_acts::number)
        .select((
            ConcernAct::as_select(),
            accounts::display_name,
            recorders.field(accounts::display_name).nullable(),
        ));
    Ok(query.load(tx.conn)?)
}

/// Those in which something was not done in time, the most overdue first.
pub fn due(tx: &mut Tx<'_>, now: Instant, at_most: i64) -> Result<Vec<Concern>, StoreError> {
    let query = concern_reports::table
        .filter(concern_reports::next_due_at.le(now.ms()))
        .order((concern_reports::next_due_at, concern_reports::id))
        .limit(at_most)
        .select(Concern::as_select());
    Ok(query.load(tx.conn)?)
}

pub fn earliest_due(tx: &mut Tx<'_>) -> Result<Option<Instant>, StoreError> {
    let query = concern_reports::table
        .filter(concern_reports::next_due_at.is_not_null())
        .order(concern_reports::next_due_at)
        .select(concern_reports::next_due_at);
    let found: Option<Option<i64>> = query.first(tx.conn).optional()?;
    Ok(found.flatten().map(Instant::from_ms))
}

#[derive(QueryableByName)]
struct Violation {
    #[diesel(sql_type = Binary)]
    id: ConcernId,
}

/// Reports that are closed although nobody was given them, nothing was done, nothing was found with
/// reasons, nobody else signed it off, or whoever reported was neither told nor is it on file why not.
/// There must be none. It reads the acts as they are on file, and asks the rules nothing.
pub fn closed_without_investigation(tx: &mut Tx<'_>) -> Result<Vec<ConcernId>, StoreError> {
    const QUERY: &str = "\
        SELECT report.id AS id FROM concern_reports report \
        WHERE report.status = 'closed' AND NOT EXISTS ( \
          SELECT 1 FROM concern_acts given \
          JOIN concern_acts done ON done.report_id = given.report_id \
            AND done.kind = 'investigated' \
          JOIN concern_acts found ON found.report_id = given.report_id \
            AND found.kind = 'concluded' AND trim(found.note) <> '' \
            AND found.word IS NOT NULL \
          JOIN concern_acts agreed ON agreed.report_id = given.report_id \
            AND agreed.kind = 'signed_off' AND agreed.number > done.number \
            AND agreed.number > found.number AND agreed.actor <> found.actor \
          JOIN concern_acts told ON told.report_id = given.report_id \
            AND told.number > agreed.number AND (told.kind = 'reporter_told' \
              OR (told.kind = 'reporter_not_told' AND trim(told.note) <> '')) \
          WHERE given.report_id = report.id AND given.kind = 'allocated' \
            AND given.number < done.number \
            AND NOT EXISTS (SELECT 1 FROM concern_acts again \
              WHERE again.report_id = report.id AND again.kind = 'reopened' \
                AND (again.number > done.number OR again.number > found.number)) \
            AND NOT EXISTS (SELECT 1 FROM concern_acts later \
              WHERE later.report_id = report.id AND later.number > agreed.number \
                AND later.kind IN ('investigated', 'concluded', 'sent_back', 'reopened')) \
            AND NOT EXISTS (SELECT 1 FROM concern_acts sent \
              WHERE sent.report_id = report.id AND sent.kind = 'sent_back' \
                AND sent.number > found.number) \
            AND NOT EXISTS (SELECT 1 FROM concern_acts own \
              WHERE own.report_id = report.id AND own.kind = 'investigated' \
                AND own.actor = agreed.actor AND NOT EXISTS ( \
                  SELECT 1 FROM concern_acts since WHERE since.report_id = report.id \
                    AND since.kind = 'reopened' AND since.number > own.number)) \
            AND NOT EXISTS (SELECT 1 FROM concern_acts held \
              WHERE held.report_id = report.id AND held.kind = 'allocated' \
                AND held.to_account = agreed.actor AND held.number < agreed.number \
                AND NOT EXISTS (SELECT 1 FROM concern_acts passed \
                  WHERE passed.report_id = report.id AND passed.kind = 'allocated' \
                    AND passed.number > held.number AND passed.number < agreed.number))) \
        ORDER BY report.id";
    let found: Vec<Violation> = diesel::sql_query(QUERY).load(tx.conn)?;
    Ok(found.into_iter().map(|violation| violation.id).collect())
}
