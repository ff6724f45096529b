-- Forms by which strangers ask to be on lists. Anybody can type anybody's address into one: what is said there is kept as a submission, and becomes
-- true of a person when the link in a mail to that address has been followed and its button pressed. Everything that limits abuse is a row.

-- `settings` is what is being written; visitors see the version that was published last. A slug is part of a public address, so it is used once on this server.
create table form (
  workspace_id   uuid        not null references workspace on delete cascade,
  id             uuid        not null,
  name           text        not null constraint form_name_has_1_to_100_characters check (length(name) between 1 and 100),
  slug           text        not null constraint form_slug_is_a_word check (slug ~ '^[a-z0-9][a-z0-9-]{0,59}$'),
  settings       jsonb       not null,
  revision       int         not null default 1,
  state          text        not null constraint form_state_is_known check (state in ('draft', 'published', 'unpublished')),
  version        int         not null default 0,
  captcha_secret bytea,
  created_at     timestamptz not null,
  updated_at     timestamptz not null,
  published_at   timestamptz,
  primary key (workspace_id, id),
  constraint form_slug_is_used_once unique (slug),
  constraint form_that_was_published_has_a_version check ((state = 'draft') = (version = 0) and (state = 'draft') = (published_at is null))
);
call protect_workspace('form');

-- What visitors saw, for as long as somebody may have to show it.
create table form_version (
  workspace_id uuid        not null,
  form_id      uuid        not null,
  version      int         not null,
  settings     jsonb       not null,
  published_at timestamptz not null,
  published_by text,
  primary key (workspace_id, form_id, version),
  foreign key (workspace_id, form_id) references form on delete cascade
);
call protect_workspace('form_version', 'select, insert');

-- The words of each consent box: another text is another version, and none is ever changed.
create table form_consent (
  workspace_id uuid        not null,
  form_id      uuid        not null,
  key          text        not null constraint form_consent_key_is_a_word check (key ~ '^[a-z][a-z0-9_]{0,39}$'),
  version      int         not null,
  text         text        not null constraint form_consent_text_has_1_to_2000_characters check (length(text) between 1 and 2000),
  hash         text        not null constraint form_consent_hash_is_sha256 check (hash ~ '^[0-9a-f]{64}$'),
  published_at timestamptz not null,
  primary key (workspace_id, form_id, key, version),
  foreign key (workspace_id, form_id) references form on delete cascade
);
call protect_workspace('form_consent', 'select, insert');

-- What somebody typed. `answers` is what is to be known of the person; `consents` the boxes, ticked or not, each with version and hash of its text.
create table form_submission (
  workspace_id uuid        not null,
  id           uuid        not null,
  form_id      uuid        not null,
  version      int         not null,
  state        text        not null constraint form_submission_state_is_known
                           check (state in ('waiting', 'confirmed', 'accepted', 'expired', 'denied', 'refused')),
  reason       text        not null default '',
  address      text        not null,
  answers      jsonb       not null,
  lists        uuid[]      not null,
  consents     jsonb       not null,
  ip           inet,                                         -- only where the form keeps it
  page         text        not null default '' constraint form_submission_page_has_at_most_500_characters check (length(page) <= 500),
  at           timestamptz not null,
  confirm_by   timestamptz,
  settled_at   timestamptz,
  settled_ip   inet,
  contact_id   uuid,
  message_id   uuid,
  primary key (workspace_id, id),
  foreign key (workspace_id, form_id) references form on delete cascade,
  constraint form_submission_waits_until_some_time check (state <> 'waiting' or confirm_by is not null),
  constraint form_submission_is_settled_when_it_does_not_wait check ((state = 'waiting') = (settled_at is null)),
  constraint form_submission_says_why_it_was_refused check (state <> 'refused' or reason <> '')
);
create index form_submission_of_form on form_submission (workspace_id, form_id, id);
create index form_submission_of_address on form_submission (workspace_id, address, at);
create index form_submission_of_contact on form_submission (workspace_id, contact_id) where contact_id is not null;
create index form_submission_waiting on form_submission (confirm_by) where state = 'waiting';
create index form_submission_by_age on form_submission (at) where state in ('refused', 'expired', 'denied');
call protect_workspace('form_submission');

-- Proofs of work that were used: each is good for one submission.
create table form_challenge (
  workspace_id uuid        not null references workspace on delete cascade,
  hash         bytea       not null,
  expires_at   timestamptz not null,
  primary key (workspace_id, hash)
);
create index form_challenge_expired on form_challenge (expires_at);
call protect_workspace('form_challenge');

-- How often somebody tried within an hour or a day. `subject` is a keyed hash: it says of nobody that they were here.
create table form_try (
  workspace_id uuid        not null references workspace on delete cascade,
  kind         text        not null constraint form_try_kind_is_known check (kind in ('ip', 'form', 'address', 'data')),
  subject      bytea       not null,
  since        timestamptz not null,
  n            int         not null,
  primary key (workspace_id, kind, subject, since)
);
create index form_try_by_age on form_try (since);
call protect_workspace('form_try');

-- What people asked for on their page of preferences, as the law lets them: to be told everything, to be erased.
create table person_request (
  workspace_id uuid        not null references workspace on delete cascade,
  id           uuid        not null,
  kind         text        not null constraint person_request_kind_is_known check (kind in ('data', 'erase')),
  contact_id   uuid        not null,
  address      text        not null,
  source_id    text        not null,                         -- the mail whose link it was asked by
  at           timestamptz not null,
  primary key (workspace_id, id),
  foreign key (workspace_id, contact_id) references contact on delete cascade
);
create index person_request_of_contact on person_request (workspace_id, contact_id, kind, at);
call protect_workspace('person_request', 'select, insert');
