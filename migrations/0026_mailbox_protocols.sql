-- Mailboxes by POP3 as well as by IMAP, and let in by what a person granted (OAuth 2) as well as by a password.

alter table mailbox add column protocol       text not null default 'imap' constraint mailbox_protocol_is_known check (protocol in ('imap', 'pop3'));
alter table mailbox add column oauth_provider text constraint mailbox_oauth_provider_is_known check (oauth_provider in ('microsoft', 'google'));
alter table mailbox alter column secret drop not null;
alter table mailbox add constraint mailbox_has_a_password_or_a_grant check ((secret is null) = (oauth_provider is not null));

-- What of a POP3 mailbox was taken. POP3 has neither flags nor numbers that last: only the server's unique ids tell (RFC 1939 §7).
create table mailbox_uidl (
  workspace_id uuid        not null,
  mailbox_id   uuid        not null,
  uidl         text        collate "C" not null constraint mailbox_uidl_has_1_to_255_characters check (length(uidl) between 1 and 255),
  taken_at     timestamptz not null,
  primary key (workspace_id, mailbox_id, uidl),
  foreign key (workspace_id, mailbox_id) references mailbox on delete cascade
);

-- The application that an administrator registered with a provider, so that people can let us into their mailboxes.
create table oauth_app (
  workspace_id uuid        not null references workspace on delete cascade,
  provider     text        not null constraint oauth_app_provider_is_known check (provider in ('microsoft', 'google')),
  client_id    text        not null constraint oauth_app_client_id_has_1_to_300_characters check (length(client_id) between 1 and 300),
  secret       bytea       not null,
  tenant       text        not null default 'common' constraint oauth_app_tenant_is_a_name check (tenant ~ '^[A-Za-z0-9.-]{1,100}$'),
  created_at   timestamptz not null,
  updated_at   timestamptz not null,
  primary key (workspace_id, provider)
);

-- What was granted for a mailbox: a short-lived token to show, and the one to get the next with. `refreshing` leases the asking of a new one to
-- one process: the network is not asked inside a transaction, and a refresh token must not be used twice at once.
create table mailbox_token (
  workspace_id     uuid        not null,
  mailbox_id       uuid        not null,
  access           bytea       not null,
  refresh          bytea       not null,
  expires_at       timestamptz not null,                           -- of the short-lived one
  granted_at       timestamptz not null,                           -- when a person agreed
  refreshed_at     timestamptz not null,
  problem          text,                                           -- the provider's words, when it refuses for good
  failing_since    timestamptz,                                    -- since when a new one is not to be had, for good or not
  refreshing       uuid,
  refreshing_until timestamptz,
  primary key (workspace_id, mailbox_id),
  foreign key (workspace_id, mailbox_id) references mailbox on delete cascade,
  constraint mailbox_token_refused_since          check (problem is null or failing_since is not null),
  constraint mailbox_token_lease_has_an_end       check ((refreshing is null) = (refreshing_until is null))
);

call protect_workspace('mailbox_uidl', 'select');
call protect_workspace('oauth_app');
call protect_workspace('mailbox_token');
