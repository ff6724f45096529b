-- More reasons not to mail an address, some of which end by themselves; and the evidence for them, so that a whole domain which suddenly knows
-- nobody any more is looked at by a person before its addresses are given up.

alter table suppression drop constraint suppression_reason_is_known;
alter table suppression add constraint suppression_reason_is_known
  check (reason in ('unknown_address', 'mailbox_full', 'complaint', 'unsubscribed', 'manual'));
alter table suppression add column expires_at timestamptz;                   -- null: until somebody takes it off
alter table suppression add column reply      text not null default '';      -- what the receiver said, to the letter
alter table suppression add column source     text not null default 'person'
  constraint suppression_source_is_known check (source in ('reply', 'feedback', 'recipient', 'import', 'person'));
update suppression set source = 'reply' where reason = 'unknown_address';
update suppression set source = 'feedback' where reason = 'complaint';
alter table suppression add constraint suppression_for_a_full_mailbox_ends check (reason <> 'mailbox_full' or expires_at is not null);
create index suppression_by_time  on suppression (workspace_id, created_at, address);
create index suppression_expiring on suppression (expires_at) where expires_at is not null;

-- What receivers said of addresses. 'applied': it led to a suppression. 'counted': not yet enough for one. 'held': a person decides.
create table suppression_evidence (
  workspace_id uuid        not null references workspace on delete cascade,
  id           uuid        not null,
  kind         text        not null constraint suppression_evidence_kind_is_known check (kind in ('unknown_address', 'mailbox_full')),
  address      text        not null,
  domain       text        not null,
  delivery_id  uuid        not null,
  note         text        not null default '',
  reply        text        not null default '',
  seen_at      timestamptz not null,
  state        text        not null constraint suppression_evidence_state_is_known check (state in ('counted', 'applied', 'held', 'discarded')),
  decided_by   text,
  primary key (workspace_id, id)
);
create index suppression_evidence_of_domain on suppression_evidence (workspace_id, domain, seen_at) where kind = 'unknown_address';
create index suppression_evidence_of_mailbox on suppression_evidence (workspace_id, address, seen_at) where kind = 'mailbox_full';
create index suppression_evidence_held on suppression_evidence (workspace_id, domain) where state = 'held';
create index suppression_evidence_by_age on suppression_evidence (seen_at);

-- How many verdicts a recipient domain gave, in steps of ten minutes: what a sudden number of unknown addresses is compared with. Moved by a follower
-- of the log; kept for a day.
create table domain_verdict (
  workspace_id uuid        not null references workspace on delete cascade,
  domain       text        not null,
  since        timestamptz not null,
  n            bigint      not null,
  primary key (workspace_id, domain, since)
) with (fillfactor = 60);

call protect_workspace('suppression_evidence');
call protect_workspace('domain_verdict', 'select');
