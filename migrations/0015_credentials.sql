-- What an application signs in with over SMTP: a username that stays, a secret that can be changed while the old one still works, and what
-- mail it may send. Only hashes of secrets are kept; they are 256 random bits, so a fast hash is enough.
--
-- `paced_until` is the theoretical arrival time of a generic cell rate algorithm: how far the recipients that were accepted reach into the
-- future at the credential's pace. It moves in the transaction that accepts a mail, so that all processes share one limit.

create table credential (
  workspace_id    uuid        not null references workspace on delete cascade,
  id              uuid        not null,
  name            text        not null constraint credential_name_has_1_to_100_characters check (length(name) between 1 and 100),
  username        text        not null unique constraint credential_username_is_plain check (username ~ '^[a-z0-9-]{3,64}$'),
  secret_hash     bytea       not null constraint credential_secret_hash_is_sha256 check (octet_length(secret_hash) = 32),
  secret_prefix   text        not null,                    -- what people recognise it by
  previous_hash   bytea       constraint credential_previous_hash_is_sha256 check (octet_length(previous_hash) = 32),
  previous_until  timestamptz,
  streams         text[]      not null constraint credential_streams_are_known check (streams <@ array['transactional', 'conversation', 'bulk'] and cardinality(streams) > 0),
  from_domains    text[]      not null default '{}',       -- none: any
  networks        text[]      not null default '{}',       -- addresses and networks of clients; none: any
  rate_per_minute int         constraint credential_rate_is_positive check (rate_per_minute > 0),
  sandbox         boolean     not null default false,
  created_by      text,                                    -- the name of whoever made it
  created_at      timestamptz not null,
  rotated_at      timestamptz,
  expires_at      timestamptz,
  last_used_at    timestamptz,                             -- to the minute
  last_used_ip    text,
  revoked_at      timestamptz,
  paced_until     timestamptz,
  primary key (workspace_id, id),
  constraint credential_previous_secret_has_an_end check ((previous_hash is null) = (previous_until is null))
);

-- Guesses at credentials are counted apart: an application with an old password must not keep the people around it from signing in.
alter table sign_in_throttle drop constraint sign_in_throttle_kind_is_known;
alter table sign_in_throttle add constraint sign_in_throttle_kind_is_known check (kind in ('account', 'ip', 'setup', 'smtp'));

call protect_workspace('credential', 'insert');
grant select (workspace_id, id, name, username, secret_prefix, previous_until, streams, from_domains, networks, rate_per_minute, sandbox, created_by,
              created_at, rotated_at, expires_at, last_used_at, last_used_ip, revoked_at, paced_until),
      update (secret_hash, secret_prefix, previous_hash, previous_until, rotated_at, revoked_at, paced_until) on credential to waybill_api;
