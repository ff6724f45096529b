-- What people do about mail that was put aside or turned away.
--
-- An act that has mail taken in (once more, as a conversation, into one) does not take it in itself: it leaves a wish on the row, and the row waits
-- again like mail that has just come. So there is one road in, with its limits, its counted tries and its one transaction, whoever set out on it.

alter table inbound_mail
  add column arrived_for  uuid,                              -- whom it was for when it came; inbox_id becomes what it was found to be for
  add column to_addresses text[] not null default '{}',      -- of its To line: what rules are tried on
  add column rule_id      uuid,                              -- of 'ignored': the rule that turned it away
  add column wish         jsonb constraint inbound_mail_wishes_are_objects check (jsonb_typeof(wish) = 'object'),
  add constraint inbound_mail_is_wished_for_only_while_it_waits check (wish is null or state = 'received');

-- What is wanted of an inbox and has not been done yet: its incident ends when neither this nor quarantined mail is left.
create index inbound_mail_wished on inbound_mail (workspace_id, inbox_id) where wish is not null;
-- "Where is my mail?": by who sent it, by inbox, and by the ends that few mails come to.
create index inbound_mail_by_sender on inbound_mail (workspace_id, lower(from_address), id desc) where from_address <> '';
create index inbound_mail_by_inbox on inbound_mail (workspace_id, inbox_id, id desc);
create index inbound_mail_by_outcome on inbound_mail (workspace_id, outcome, id desc)
  where outcome in ('note_added', 'bounce_recorded', 'complaint_recorded', 'unsubscribed', 'ignored', 'duplicate');
create index inbound_mail_by_reason on inbound_mail (workspace_id, reason, id desc) where reason is not null;

-- What was done, mail by mail, and what had become of it before. One act may be on many.
create table inbound_act (
  workspace_id uuid        not null references workspace on delete cascade,
  id           uuid        not null,
  inbound_id   uuid        not null,
  act          text        not null constraint inbound_act_is_known check (act in ('replay', 'start', 'attach', 'spam', 'ignore', 'ignore_sender', 'undo')),
  by           text        not null,
  at           timestamptz not null,
  before       jsonb       not null,                         -- {outcome, reason, stage, detail, at, by, attempts, inbox_id, rule_id}
  rule_id      uuid,                                         -- of 'ignore_sender': the rule it made
  undone_at    timestamptz,
  primary key (workspace_id, id, inbound_id),
  foreign key (workspace_id, inbound_id) references inbound_mail on delete cascade
);
create index inbound_act_of_mail on inbound_act (workspace_id, inbound_id, at);
call protect_workspace('inbound_act', 'select, insert, update');

-- How much a rule turned away, and when last.
alter table inbound_ignore
  add column turned_away bigint not null default 0,
  add column last_at     timestamptz;
create unique index inbound_ignore_is_said_once on inbound_ignore (workspace_id, inbox_id, field, lower(pattern)) nulls not distinct;
