-- Domains that mail is sent from, what the DNS says about them, and the keys their mail is signed with. The unions of
-- src/delivery/domains/domain.ts and dkim-key.ts, said again.

create table domain (
  workspace_id     uuid        not null references workspace on delete cascade,
  id               uuid        not null,
  name             text        not null constraint domain_name_is_lower_case check (name = lower(name) and length(name) between 1 and 253),
  state            text        not null default 'pending' constraint domain_state_is_known check (state in ('pending', 'verified', 'warning', 'lapsed')),
  state_since      timestamptz not null,
  verified_at      timestamptz,                          -- the first time its keys were seen in the DNS
  return_path_host text        not null,
  tracking_host    text        not null,
  created_at       timestamptz not null,
  checked_at       timestamptz,
  next_check_at    timestamptz not null,
  revision         int         not null default 1,       -- grows with everything that changes how its mail leaves: senders keep a copy
  primary key (workspace_id, id),
  constraint domain_name_is_unique unique (workspace_id, name),
  constraint domain_pending_was_never_verified check ((state = 'pending') = (verified_at is null))
);
create index domain_due_for_a_check on domain (next_check_at);
call protect_workspace('domain');

-- Private keys are sealed with WAYBILL_SECRET, and gone once a key is revoked.
create table dkim_key (
  workspace_id uuid        not null,
  domain_id    uuid        not null,
  selector     text        not null constraint dkim_key_selector_is_a_label check (selector ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
  algorithm    text        not null constraint dkim_key_algorithm_is_known check (algorithm in ('rsa', 'ed25519')),
  private_key  bytea,
  public_key   text        not null,                     -- as it stands after p=
  state        text        not null constraint dkim_key_state_is_known check (state in ('new', 'published', 'active', 'retiring', 'revoked')),
  state_since  timestamptz not null,
  wrong_since  timestamptz,                              -- since when the DNS has been answering something else
  created_at   timestamptz not null,
  primary key (workspace_id, domain_id, selector),
  foreign key (workspace_id, domain_id) references domain on delete cascade,
  constraint dkim_key_revoked_signs_no_more check ((state = 'revoked') = (private_key is null))
);
create unique index dkim_key_one_active_of_a_kind on dkim_key (workspace_id, domain_id, algorithm) where state = 'active';
call protect_workspace('dkim_key');

-- What the DNS said last about each record that belongs to a domain.
create table domain_check (
  workspace_id    uuid        not null,
  domain_id       uuid        not null,
  subject         text        not null,                  -- 'spf', 'dmarc', 'dkim:<selector>', …
  status          text        not null constraint domain_check_status_is_known
                    check (status in ('correct', 'incorrect', 'missing', 'duplicate', 'insecure', 'incomplete', 'invalid', 'conflicting', 'error')),
  answered_status text        constraint domain_check_an_error_is_no_answer check (answered_status <> 'error'),
  sentence        text        not null,
  found           text[]      not null,
  publish         text,                                  -- what to publish, where that depends on what is there
  since           timestamptz not null,                  -- since when it has this status
  checked_at      timestamptz not null,
  last_ok_at      timestamptz,
  primary key (workspace_id, domain_id, subject),
  foreign key (workspace_id, domain_id) references domain on delete cascade,
  constraint domain_check_answer_is_the_status check (status = 'error' or answered_status = status)
);
call protect_workspace('domain_check');

-- Each change of a status: the answer to "since when, and what was it before".
create table domain_check_change (
  workspace_id uuid        not null,
  domain_id    uuid        not null,
  id           bigint      not null generated always as identity,
  at           timestamptz not null,
  subject      text        not null,
  was          text,
  status       text        not null,
  sentence     text        not null,
  found        text[]      not null,
  primary key (workspace_id, domain_id, id),
  foreign key (workspace_id, domain_id) references domain on delete cascade
);
call protect_workspace('domain_check_change');
