-- Replies that no rule of src/mail/ knows, counted by what is the same in them: addresses, names, numbers and ids left out. Moved by a
-- follower of the log; what a person has looked at is marked, and stays counted. A new rule is made from these, and from nothing else.

create table reply_fingerprint (
  workspace_id  uuid        not null references workspace on delete cascade,
  fingerprint   text        not null constraint reply_fingerprint_is_hex check (fingerprint ~ '^[0-9a-f]{32}$'),
  pattern       text        not null,                       -- the words that are the same
  code          smallint    not null,
  enhanced      text,
  stage         text        not null,                       -- of the dialogue; 'report' when it was told later
  example       text        not null,                       -- one of them, as it was said
  host          text        not null,                       -- who said it first
  receiver      text        not null,
  first_seen_at timestamptz not null,
  last_seen_at  timestamptz not null,
  n             bigint      not null constraint reply_fingerprint_was_seen check (n > 0),
  reviewed_at   timestamptz,
  reviewed_by   text,
  primary key (workspace_id, fingerprint),
  constraint reply_fingerprint_review_has_somebody check ((reviewed_at is null) = (reviewed_by is null))
);
create index reply_fingerprint_by_need on reply_fingerprint (workspace_id, (reviewed_at is not null), n desc, fingerprint);
create index reply_fingerprint_by_time on reply_fingerprint (workspace_id, last_seen_at);
call protect_workspace('reply_fingerprint');
