-- Who may do what: workspaces (the tenants), people, their membership and sessions, API keys. The unions of src/accounts/*.ts, said again.
--
-- People and sessions belong to the whole server, everything else to one workspace. The API role sees its own workspace, the names of its
-- members, and its keys without their hashes; it cannot read passwords, sessions or the throttle at all: signing in is the engine's work.

create table workspace (
  id         uuid        primary key,
  name       text        not null constraint workspace_name_has_1_to_100_characters check (length(name) between 1 and 100),
  created_at timestamptz not null
);

create table user_account (
  id                  uuid        primary key,
  email               text        not null constraint user_account_email_has_3_to_320_characters check (length(email) between 3 and 320),
  name                text        not null constraint user_account_name_has_1_to_100_characters check (length(name) between 1 and 100),
  password_hash       text        not null constraint user_account_password_is_argon2id check (password_hash like '$argon2id$%'),
  password_changed_at timestamptz not null,
  created_at          timestamptz not null
);
create unique index user_account_email_is_unique on user_account (lower(email));

create table membership (
  workspace_id uuid        not null references workspace on delete cascade,
  user_id      uuid        not null references user_account on delete cascade,
  role         text        not null constraint membership_role_is_known check (role in ('owner', 'admin', 'agent', 'viewer')),
  joined_at    timestamptz not null,
  last_seen_at timestamptz,                               -- to the minute
  primary key (workspace_id, user_id)
);
create index membership_of_user on membership (user_id);

-- A session is its row: to revoke it is to delete it. Only the hash of the cookie is kept, so that a stolen copy of this table opens nothing.
create table session (
  id           uuid        primary key,
  token_hash   bytea       not null unique constraint session_token_hash_is_sha256 check (octet_length(token_hash) = 32),
  workspace_id uuid        not null,
  user_id      uuid        not null,
  created_at   timestamptz not null,
  last_seen_at timestamptz not null,                      -- to the minute
  expires_at   timestamptz not null,                      -- for good, however busy it is
  user_agent   text        not null,
  ip           text        not null,
  -- Who is removed from a workspace is signed out of it in the same moment.
  foreign key (workspace_id, user_id) references membership on delete cascade,
  constraint session_ends_after_it_began check (expires_at > created_at)
);
create index session_of_user on session (user_id, created_at);
create index session_by_end on session (expires_at);

create table api_key (
  workspace_id uuid        not null references workspace on delete cascade,
  id           uuid        not null,
  name         text        not null constraint api_key_name_has_1_to_100_characters check (length(name) between 1 and 100),
  prefix       text        not null,                      -- what people recognise it by
  hash         bytea       not null unique constraint api_key_hash_is_sha256 check (octet_length(hash) = 32),
  scopes       text[]      not null constraint api_key_scopes_are_known check (scopes <@ array['full', 'send', 'read'] and cardinality(scopes) > 0),
  source       text        not null constraint api_key_source_is_known check (source in ('person', 'configuration')),
  created_by   text,                                      -- the name of whoever made it
  created_at   timestamptz not null,
  last_used_at timestamptz,                               -- to the minute
  expires_at   timestamptz,
  revoked_at   timestamptz,
  primary key (workspace_id, id)
);

-- Failed tries to prove who one is, counted before each try and forgiven by success. `subject` is a hash: people type passwords into
-- the field for their address.
create table sign_in_throttle (
  kind           text        not null constraint sign_in_throttle_kind_is_known check (kind in ('account', 'ip', 'setup')),
  subject        bytea       not null,
  failures       int         not null,
  last_failed_at timestamptz not null,
  blocked_until  timestamptz not null,
  primary key (kind, subject)
);
create index sign_in_throttle_by_age on sign_in_throttle (last_failed_at);

alter table workspace enable row level security;
create policy own_workspace_only on workspace to waybill_api using (id = (select current_workspace()));
grant select on workspace to waybill_api;

call protect_workspace('membership', 'select, update, delete');

-- The membership that this reads is itself behind row-level security: a workspace sees the people in it, and no password.
alter table user_account enable row level security;
create policy members_only on user_account for select to waybill_api
  using (exists (select from membership where membership.user_id = user_account.id));
grant select (id, email, name) on user_account to waybill_api;

call protect_workspace('api_key', 'insert');
grant select (workspace_id, id, name, prefix, scopes, source, created_by, created_at, last_used_at, expires_at, revoked_at),
      update (revoked_at) on api_key to waybill_api;
