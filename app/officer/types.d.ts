// What the app reads of the API's answers, as mobile-api-spec/openapi.yaml has it, and what it keeps.

/** Nobody has ended it; those that endanger officers come first. */
export type Warning = { warning_id: string; kind: string; title: string; says: string; recorded_at: string };
export type Subject = {
  subject_id: string; family_name: string; given_names: string; born_on: string; reference: string;
  photo_id?: string | null; photo_taken_on?: string | null; warnings: Warning[];
};
export type Due = {
  obligation_id: string; order_id: string; order_reference: string; condition_label: string; station_id: string;
  subject: Subject; opens_at: string; closes_at: string; state: 'scheduled' | 'open' | 'fulfilled' | 'missed' | 'cancelled';
  state_reason?: string | null; fulfilled_by?: string | null; risk: 'standard' | 'high'; is_served: boolean; open_requests: number;
};
export type DueList = { station_id: string; date: string; as_of: string; due: Due[]; etag: string };
export type Position = { latitude: number; longitude: number };
export type Fix = Position & { accuracy_m: number };
export type Station = { station_id: string; code: string; name: string; position: Position; radius_m: number };
export type Role = 'officer' | 'owner' | 'supervisor' | 'control_room' | 'auditor' | 'administrator';
export type Account = { account_id: string; username: string; display_name: string; role: Role };
export type Phone = { push_subscription_id: string; state: 'unproved' | 'answering' | 'silent'; subscribed_at: string; last_receipt_at?: string | null };
export type Me = { account: Account; phones: Phone[]; stations: { station_id: string; code: string; name: string }[] };
export type Reason = { code: string; says: string };
export type Outcome = 'on_time' | 'early' | 'late' | 'wrong_place' | 'wrong_person' | 'identity_not_checked' | 'indeterminate' | 'not_attended';
export type Receipt = {
  check_in_id: string; obligation_id: string; received_at: string; outcome: Outcome; certainty: 'confirmed' | 'provisional';
  compliance: 'compliant' | 'non_compliant' | 'awaiting_evidence' | 'no_data'; reasons: Reason[]; settled: boolean;
};
export type IdentityMethod = 'known_to_officer' | 'photo_on_file' | 'document' | 'fingerprint' | 'photograph_taken';
export type IdentityResult = 'match' | 'match_with_concern' | 'no_match' | 'not_checked';
export type SignOn = {
  obligation_id: string; station_id: string; identity: { method: IdentityMethod; result: IdentityResult };
  attended_at: string; position?: Fix; note?: string;
};
export type Colleague = {
  account_id: string; display_name: string; role: Role; stations: string[]; presence: 'on_duty' | 'away' | 'not_on_rota'; can_be_told: boolean;
};
export type Severity = 'info' | 'warning' | 'high' | 'critical';
export type Alert = {
  alert_id: string; kind: string; severity: Severity; state: 'triggered' | 'acknowledged' | 'closed'; step: number;
  triggered_at: string; concerns_at: string; detail: string; nobody_reachable: boolean; subject_name?: string | null;
  order_id?: string | null; order_reference?: string | null; station_name?: string | null; obligation_id?: string | null;
  acknowledged_at?: string | null; acknowledged_by_name?: string | null; climbs_at?: string | null; late_by_ms?: number | null;
  closed_at?: string | null; closed_by_name?: string | null; close_reason?: string | null;
};
export type AlertEvent = { event_id: string; kind: string; says: string; happened_at: string; by_name?: string | null };
export type Delivery = {
  channel: string; status: string; attempted_at: string; account_name?: string | null; displayed_at?: string | null; opened_at?: string | null; detail: string;
};
export type AlertDetails = { alert: Alert; events: AlertEvent[]; deliveries: Delivery[]; decide_within_ms: number; ladder: { rung: string; wait_ms: number }[] };
export type Problem = { type: string; title: string; status: number; detail: string; errors?: { pointer: string; detail: string }[]; instance?: string };
export type SyncResult = { check_in_id: string; result: 'accepted' | 'duplicate_identical' | 'conflict' | 'rejected' | 'try_again'; receipt?: Receipt; problem?: Problem };
export type Synced = { results: SyncResult[]; cursor: string; has_more: boolean; obligations: Due[]; alerts: Alert[]; as_of: string; beacon?: string; isAfresh: boolean };
export type Order = {
  order_id: string; reference: string; kind: string; court: string; status: string; risk: 'standard' | 'high'; is_served: boolean;
  served_at?: string | null; made_on?: string | null; ends_on?: string | null; owner_name?: string | null; subject: Subject;
};
export type Condition = {
  label: string; kind: string; polarity: 'requirement' | 'prohibition'; plain_words: string; wording: string; station_name?: string | null;
  schedules: { in_words: string; next_windows: { opens_at: string; closes_at: string }[] }[];
  details: { exclusion_zone?: { boundary?: string; map_reference?: string; roads?: string[] } };
  devices?: { in_words: string; open_requests: number; next_due_at?: string | null } | null;
  treatment?: { in_words: string } | null;
};
export type OrderConditions = Omit<Order, 'status' | 'risk' | 'subject'> & {
  notification: { in_words: string[]; next_closes_at?: string | null };
  version?: { number: number; in_force_from: string; is_in_force: boolean; conditions: Condition[] } | null;
};
export type SubjectConditions = { subject: Subject; orders: OrderConditions[] };
export type DeviceRequest = {
  request_id: string; state: string; condition_label: string; made_at: string; due_at?: string | null; communicated_at?: string | null; device_id?: string | null; reasons: string[];
};
export type DeviceFile = { devices: { device_id: string; description: string; kind: string }[]; requests: DeviceRequest[] };
export type Duty = { cause: string; change_id?: string | null; closes_at: string; state: 'open' | 'complied' | 'late' | 'failed' | 'not_known'; basis: string; arithmetic: string };
export type NotificationList = { duties: Duty[]; not_owed: Reason[] };
/** What a notification was, as its receipt has it. */
export type Notification = {
  order_id: string; order_reference: string; order_title: string; statute: string; method_basis: string; subject_name: string;
  station_name?: string | null; notification: Given; next_duty?: Duty | null;
};
export type Given = {
  record_id: string; receipt_number?: string | null; given_at: string; recorded_at: string; taken_by_name: string; names: string[];
  home_address?: string | null; no_fixed_abode: boolean; judged: { cause: string; standing: string; reasons: Reason[] }[];
};
export type Task = {
  task_id: string; kind: string; cause: string; state: string; says: string; order_id: string; order_reference: string;
  subject_name: string; due_at: string; arithmetic: string; basis: string; is_overdue: boolean; owner_name?: string | null;
};

export type Box = { iv: Uint8Array; data: ArrayBuffer };
/** What an item of the outbox is about, in the words of the screens; `about` is the id of the alert or the record. */
export type Label = { who: string; what: string; reference: string; obligation_id?: string; about?: string };
export type Sent = { path: string; body: unknown };
/** One thing that an officer did and the server has not answered yet. `box` holds a `Held`. */
export type Item = {
  id: string; number: number; kind: 'sign_on' | 'put'; account_id: string; session_id: string; made_at: number;
  state: 'waiting' | 'refused'; tries: number; why: string; box: Box;
};
export type Held = { label: Label; payload?: string; signature?: string; phone_key_id?: string; request?: Sent; problem?: Problem };
/** An item as a screen has it. Of another officer's (`isOthers`) nothing is opened. */
export type Shown = Omit<Item, 'box'> & { label: Label; problem?: Problem; isOthers: boolean };
/** What became of an item: kept for the day, for the screens only. `box` holds its label and the answer. */
export type Done = { id: string; kind: 'sign_on' | 'put'; account_id: string; made_at: number; sent_at: number; result: string; box: Box };
export type Answered = Omit<Done, 'box'> & { label: Label; answer: any };
export type Session = { account: Account; session_id: string; expires_at: string; ends_at: string; box: Box };
/** What the screens need without a signal, and up to where it is known. */
export type Kept = {
  list: DueList | null; stations: Station[]; me: Me | null; alerts: Alert[]; cursor: string | null; heard_at: number; offset_ms: number;
};
