-- Fetching from sources: how far each folder was taken, what is left to be done with a mail on its server, and what is asked of whoever runs one.

alter table inbound_source add column begin_with text not null default 'new' constraint inbound_source_begins_with_known check (begin_with in ('new', 'all'));
alter table inbound_source add column listening  text constraint inbound_source_listening_is_known check (listening in ('push', 'poll'));
alter table inbound_source add column recount_at timestamptz;        -- when server and rows are to be counted next

-- A place in a folder: UIDs grow while the generation (UIDVALIDITY, RFC 9051 §2.3.1.1) stays. When it changes, all is read anew, and what is here
-- already only gets its new number. Moved in the transaction that stores the mail, and only by who holds the source's lease.
create table inbound_place (
  workspace_id uuid        not null,
  source_id    uuid        not null,
  folder       text        not null,
  generation   bigint      not null,
  last_uid     bigint      not null,
  began_after  bigint      not null default 0,                -- what was there before the source began is not taken
  known_until  bigint      not null default 0,                -- read anew up to here
  stuck_key    text,                                          -- the mail that ended the last sessions
  stuck_times  int         not null default 0,
  updated_at   timestamptz not null,
  primary key (workspace_id, source_id, folder),
  foreign key (workspace_id, source_id) references inbound_source on delete cascade,
  constraint inbound_place_numbers_grow check (last_uid >= 0 and began_after >= 0 and known_until >= 0)
);
call protect_workspace('inbound_place', 'select');

-- What is to be done with a mail on its server once it was processed. Work of its own: a server that refuses it holds up no other mail.
create table inbound_afterwards (
  workspace_id uuid        not null,
  source_id    uuid        not null,
  folder       text        not null,
  generation   bigint,                                        -- null with POP3
  key          text        not null,                          -- UID or UIDL
  act          text        not null constraint inbound_afterwards_act_is_known check (act in ('mark_seen', 'move', 'delete')),
  move_to      text,
  due_at       timestamptz not null,
  attempts     int         not null default 0,
  problem      text,                                          -- why it was not done yet
  constraint inbound_afterwards_is_done_once unique nulls not distinct (workspace_id, source_id, folder, generation, key),
  foreign key (workspace_id, source_id) references inbound_source on delete cascade,
  constraint inbound_afterwards_moves_somewhere check ((act = 'move') = (move_to is not null))
);
call protect_workspace('inbound_afterwards', 'select');

-- For reading anew after the numbers changed: is a mail of these very bytes here? Mail that no source brought pays nothing for it.
create index inbound_mail_by_bytes on inbound_mail using hash (hash) where source_id is not null;
