-- Mail that comes in. Its bytes are stored and its row is there before anything of it is read; then one mail is one claim, one transaction,
-- one outcome. The row is the queue: what is not settled is due.

-- Where mail is fetched from. The SMTP port and the API need no row.
create table inbound_source (
  workspace_id  uuid        not null references workspace on delete cascade,
  id            uuid        not null,
  kind          text        not null constraint inbound_source_kind_is_known check (kind in ('mailbox', 'folder')),
  name          text        not null constraint inbound_source_name_has_1_to_100_characters check (length(name) between 1 and 100),
  mailbox_id    uuid,
  path          text,                                       -- of a folder of files
  folders       text[]      not null default '{INBOX}' constraint inbound_source_has_1_to_20_folders check (cardinality(folders) between 1 and 20),
  inbox_id      uuid,                                       -- where its mail goes; null: by whom it is addressed to
  afterwards    text        not null default 'leave' constraint inbound_source_afterwards_is_known check (afterwards in ('leave', 'mark_seen', 'move', 'delete')),
  move_to       text,
  is_enabled    boolean     not null default true,
  state         text        not null default 'untried' constraint inbound_source_state_is_known check (state in ('untried', 'working', 'failing', 'paused')),
  problem       jsonb,                                      -- {cause, sentence, hint}
  state_since   timestamptz not null,
  last_heard_at timestamptz,                                -- the server said anything
  last_mail_at  timestamptz,
  counted       jsonb,                                      -- {at, folders: [{path, on_server, here}]}
  leased_by     text,
  leased_until  timestamptz,
  next_at       timestamptz not null,
  failures      int         not null default 0,
  created_at    timestamptz not null,
  updated_at    timestamptz not null,
  primary key (workspace_id, id),
  foreign key (workspace_id, mailbox_id) references mailbox,
  foreign key (workspace_id, inbox_id) references inbox on delete set null (inbox_id),
  constraint inbound_source_reads_one_thing check ((kind = 'mailbox') = (mailbox_id is not null) and (kind = 'folder') = (path is not null)),
  constraint inbound_source_moves_somewhere check ((afterwards = 'move') = (move_to is not null)),
  constraint inbound_source_failing_says_why check (state <> 'failing' or problem is not null)
);
create unique index inbound_source_name_is_unique on inbound_source (workspace_id, lower(name));
create unique index inbound_source_mailbox_is_read_once on inbound_source (workspace_id, mailbox_id) where mailbox_id is not null;
create index inbound_source_due on inbound_source (next_at) where is_enabled;
call protect_workspace('inbound_source');

-- One arrival of one mail at one inbox (or, where nobody could say for which, at none).
create table inbound_mail (
  workspace_id      uuid        not null references workspace on delete cascade,
  id                uuid        not null,
  channel           text        not null constraint inbound_mail_channel_is_known check (channel in ('imap', 'pop3', 'smtp', 'http', 'folder', 'provider')),
  source_id         uuid,
  folder            text,
  uid_validity      bigint,
  uid               text,                                   -- IMAP's UID, POP3's UIDL, the name of a file
  inbox_id          uuid,                                   -- whom it is for, as far as it was known when it came
  envelope_sender   text,                                   -- null: not known; '' for none
  envelope_recipients text[]    not null default '{}',
  remote_ip         text,
  helo              text,
  hash              bytea       not null,                   -- the blob with its bytes
  size_bytes        bigint      not null,
  is_cut            boolean     not null default false,     -- larger than may be: only its beginning is kept
  received_at       timestamptz not null,
  -- The queue.
  state             text        not null default 'received' constraint inbound_mail_state_is_known check (state in ('received', 'settled', 'quarantined')),
  due_at            timestamptz,                            -- of one that somebody works on: when they are taken to have failed
  attempts          int         not null default 0,
  -- What became of it.
  outcome           text        constraint inbound_mail_outcome_is_known
    check (outcome in ('conversation_started', 'reply_added', 'note_added', 'bounce_recorded', 'complaint_recorded', 'unsubscribed', 'ignored', 'duplicate', 'quarantined')),
  reason            text,                                   -- of 'ignored' and 'quarantined': a word; pages have its sentence
  stage             text,                                   -- of 'quarantined': read, match, write, crash …
  detail            text,                                   -- what happened, in words
  conversation_id   uuid,
  item_id           uuid,
  duplicate_of      uuid,
  matched_by        text,
  message_id        uuid,                                   -- of 'bounce_recorded' and 'complaint_recorded': what it is about
  -- What it is, for lists and duplicates.
  from_address      text        not null default '',
  from_name         text        not null default '',
  subject           text        not null default '',
  rfc_message_id    text,
  content_hash      bytea,                                  -- of what the sender wrote, without what its way wrote above it
  automatic         text,
  authentication    jsonb,
  settled_at        timestamptz,
  settled_by        text,                                   -- who ended a quarantine
  primary key (workspace_id, id),
  foreign key (workspace_id, source_id) references inbound_source on delete set null (source_id),
  foreign key (workspace_id, inbox_id) references inbox on delete set null (inbox_id),
  constraint inbound_mail_waits_until_something check ((state = 'received') = (due_at is not null)),
  constraint inbound_mail_has_one_outcome check ((state = 'received') = (outcome is null)),
  constraint inbound_mail_quarantine_is_an_outcome check ((state = 'quarantined') = (outcome is not distinct from 'quarantined')),
  constraint inbound_mail_says_why check (outcome is null or outcome not in ('ignored', 'quarantined') or reason is not null),
  constraint inbound_mail_quarantine_has_a_stage check (state <> 'quarantined' or stage is not null),
  constraint inbound_mail_duplicate_names_the_first check (outcome is distinct from 'duplicate' or duplicate_of is not null),
  constraint inbound_mail_has_a_place_in_its_conversation
    check (outcome is null or outcome not in ('conversation_started', 'reply_added', 'note_added') or (conversation_id is not null and item_id is not null))
);
create unique index inbound_mail_is_fetched_once on inbound_mail (workspace_id, source_id, folder, uid_validity, uid) where uid is not null and uid_validity is not null;
create unique index inbound_mail_is_taken_once on inbound_mail (workspace_id, source_id, uid) where uid is not null and uid_validity is null;
create index inbound_mail_due on inbound_mail (due_at) where state = 'received';
create index inbound_mail_quarantined on inbound_mail (workspace_id, id desc) where state = 'quarantined';
create index inbound_mail_of_conversation on inbound_mail (workspace_id, conversation_id) where conversation_id is not null;
-- The same mail is taken in once by an inbox: what a sender gives an old Message-ID to, and writes anew, is another mail.
create unique index inbound_mail_is_no_repeat on inbound_mail (workspace_id, inbox_id, rfc_message_id, content_hash)
  where rfc_message_id is not null and outcome in ('conversation_started', 'reply_added', 'note_added');
call protect_workspace('inbound_mail');

-- Mail that nobody wants to see: by sender (`*@lists.example.org`), by inbox or everywhere.
create table inbound_ignore (
  workspace_id uuid        not null references workspace on delete cascade,
  id           uuid        not null,
  inbox_id     uuid,                                        -- null: every inbox
  field        text        not null default 'from' constraint inbound_ignore_field_is_known check (field in ('from', 'to', 'subject')),
  pattern      text        not null constraint inbound_ignore_pattern_has_1_to_300_characters check (length(pattern) between 1 and 300),
  note         text        not null default '',
  created_by   text,
  created_at   timestamptz not null,
  primary key (workspace_id, id),
  foreign key (workspace_id, inbox_id) references inbox on delete cascade
);
call protect_workspace('inbound_ignore');

-- What came in and what became of it, by day: deltas of the same transactions, folded now and then.
create table inbound_count (
  workspace_id uuid   not null references workspace on delete cascade,
  inbox_id     uuid,
  day          date   not null,
  outcome      text   not null,                             -- an outcome, with ':reason' for ignored and quarantined
  n            bigint not null
);
create index inbound_count_of_day on inbound_count (workspace_id, day);
call protect_workspace('inbound_count', 'select, insert');

-- How many automatic answers one address had lately, whatever they were: the third lock on loops, after headers and our own addresses.
create table answer_budget (
  workspace_id uuid        not null references workspace on delete cascade,
  address      text        not null,
  used         int         not null,
  since        timestamptz not null,
  primary key (workspace_id, address)
);
call protect_workspace('answer_budget');
